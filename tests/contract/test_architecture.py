"""What the shape of the code promises: one direction of imports, and one place for each power.

Everything here is read from the source, so a rule cannot be kept by accident.
"""

from __future__ import annotations

import ast
import dataclasses

import polars as pl
import pytest

import csc_indicators as csc
from csc_indicators.disclosure import Published
from tests.lib.command_line import ROOT
from tests.lib.package_source import calls_in, dotted, imports_of, modules, outside_imports_of, stage_of

STAGES = (
    ("synthetic",),  # before all others: what checks them shares no code with them
    ("extracts",),
    ("tables",),
    ("histories",),
    ("loading",),  # composes the first two, and works out the periods of care that other returns ask for
    ("annex_a",),  # composes the first two for the workbook that holds parts of both returns
    ("indicators",),
    ("survival",),
    ("areas",),
    ("aggregation", "breakdowns"),
    ("comparators",),
    ("benchmarking",),
    ("nested_groups",),
    ("suppression", "linked_counts"),
    ("disclosure",),
    ("engines",),  # composes everything before it
    ("sensitivity",),
    ("outputs", "explanation"),
    ("arguments",),
    ("progress", "standard_streams"),
    ("answering",),
    ("cli_comparison",),
    ("cli",),
    ("__main__",),
)
"""From left to right: a module imports from its own stage, from stages to its left and from the vocabulary."""

VOCABULARY = (
    "errors", "names", "codes", "periods", "working_days", "geography", "specification", "catalogue", "lint", "linting",
    "examples", "care_examples", "example_cells", "markdown", "code_set", "looked_after_codes", "workforce_codes",
    "workforce_examples", "census_years", "area_membership", "rounding", "spec_model", "spec_examples",
    "spec_published", "context_codes", "context_examples",
)  # fmt: skip
"""What any stage may import; it imports nothing but itself."""

EXCEPTIONS = {
    ("examples", "tables"): "example tables have the columns of the real ones",
    ("care_examples", "tables"): "as above",
    ("care_examples", "extracts"): "a table of postcodes comes from no return, so its columns stand with its reader",
    ("workforce_examples", "tables"): "as above",
    ("context_examples", "tables"): "as above",
    ("example_cells", "tables"): "a child's key is made as in the real tables",
}
"""Imports that break the rule, each with its reason."""


def rank_of(name: str) -> int | None:
    """How far to the right a module stands; nothing for the vocabulary."""
    stage = stage_of(name)
    if stage in VOCABULARY:
        return None
    return next(rank for rank, stages in enumerate(STAGES) if stage in stages)


def test_every_module_has_its_place():
    places = {*VOCABULARY, *(stage for stages in STAGES for stage in stages), ""}

    assert {stage_of(name) for name in modules()} <= places


@pytest.mark.parametrize("name", [name for name in modules() if name])
def test_imports_go_from_right_to_left(name):
    own = rank_of(name)
    for imported in imports_of(modules()[name]):
        if imported == "":  # the package itself, for its version
            assert stage_of(name) in ("cli", "outputs"), name
            continue
        rank = rank_of(imported)
        if (stage_of(name), stage_of(imported)) in EXCEPTIONS:
            continue
        assert rank is None or (own is not None and rank <= own), f"{name} imports {imported}"


def test_every_exception_is_needed():
    used = {(stage_of(name), stage_of(imported)) for name, tree in modules().items() for imported in imports_of(tree)}

    assert set(EXCEPTIONS) <= used


def test_no_module_needs_itself_to_be_imported():
    """Imports inside functions and for type checkers do not count: they run later, or never."""

    def at_once(tree: ast.Module) -> set[str]:
        statements = ast.Module([node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)], [])
        return set(imports_of(statements))

    needs = {name: at_once(tree) for name, tree in modules().items()}
    reached: dict[str, set[str]] = {}
    for name in needs:
        seen, waiting = set(), [name]
        while waiting:
            for imported in needs.get(waiting.pop(), ()):
                if imported not in seen:
                    seen.add(imported)
                    waiting.append(imported)
        reached[name] = seen

    assert [name for name, seen in reached.items() if name in seen and name] == []


# One place for each power

READS = {"open", "read_text", "read_bytes", "read_csv", "read_parquet", "scan_csv", "scan_parquet", "read_excel"}
WRITES = {
    "write_text",
    "write_bytes",
    "write_csv",
    "write_parquet",
    "sink_parquet",
    "sink_csv",
    "mkdir",
    "unlink",
    "touch",
}
MAY_READ = {
    "extracts": "reads what users give",
    "outputs": "reads inputs again for their fingerprints",
    "catalogue": "reads the specs",
    "linting": "reads the specs",
    "disclosure": "reads the policies",
    "geography": "reads the reference files",
    "standard_streams": "opens the null device",
    "synthetic": "reads its rates",
}
MAY_WRITE = {"outputs": "writes results", "extracts": "writes the census as one file a table",
             "synthetic": "writes made-up returns"}  # fmt: skip


@pytest.mark.parametrize(("names", "allowed"), [(READS, MAY_READ), (WRITES, MAY_WRITE)], ids=["reads", "writes"])
def test_only_some_modules_touch_files(names, allowed):
    found = {
        stage_of(module) for module, tree in modules().items()
        if names & {call.rpartition(".")[2] for call in calls_in(tree)}
    }  # fmt: skip

    assert found == set(allowed)


OUTSIDE_WORLD = {"time", "socket", "ssl", "urllib", "http", "ftplib", "smtplib", "requests", "httpx", "random",
                 "secrets", "uuid", "getpass", "platform", "locale", "tempfile", "subprocess", "pickle"}  # fmt: skip


@pytest.mark.parametrize("name", list(modules()))
def test_nothing_reads_the_clock_the_network_or_the_environment(name):
    tree = modules()[name]
    attributes = {dotted(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    imported = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    assert not outside_imports_of(tree) & OUTSIDE_WORLD
    assert not {
        use
        for use in attributes
        if use.rpartition(".")[2] in ("environ", "environb", "getenv", "now", "today", "utcnow")
    }
    assert not imported & {"os.environ", "os.getenv"}
    assert "print" not in calls_in(tree)


@pytest.mark.parametrize(
    "name", [name for name in modules() if stage_of(name) not in ("cli", "progress", "standard_streams", "__main__")]
)
def test_only_the_command_line_ends_the_process_or_writes_to_its_streams(name):
    attributes = {dotted(node) for node in ast.walk(modules()[name]) if isinstance(node, ast.Attribute)}

    assert not attributes & {"sys.exit", "sys.stdout", "sys.stderr", "sys.argv", "os._exit"}
    assert not {"exit", "quit"} & set(calls_in(modules()[name]))


def test_cells_are_published_at_exactly_one_place():
    calls = {name: [call.rpartition(".")[2] for call in calls_in(tree)] for name, tree in modules().items()}

    assert [name for name, of_module in calls.items() for call in of_module if call == "publish"] == ["engines.local"]
    assert {name for name, of_module in calls.items() if "Published" in of_module} == {"disclosure"}


def test_nothing_else_can_make_a_published_result():
    published = csc.compute(ROOT / "fixtures" / "faulty" / "partly", "referrals").published
    with pytest.raises(TypeError, match=r"only csc_indicators\.disclosure\.publish"):
        Published(pl.DataFrame(), restricted=False, policies=())
    with pytest.raises(TypeError, match=r"only csc_indicators\.disclosure\.publish"):
        Published(pl.DataFrame(), False, (), object())
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(published, frame=pl.DataFrame())
    with pytest.raises(dataclasses.FrozenInstanceError):
        published.restricted = False  # pyright: ignore[reportAttributeAccessIssue]
