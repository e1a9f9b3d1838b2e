"""What the shape of the code promises: one direction of imports, pure definitions, one place for each power.

Everything here is read from the source or from a fresh process, so a rule cannot be kept by accident.
"""

from __future__ import annotations

import ast
import dataclasses
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polars as pl
import pytest

import csc_indicators as csc
from csc_indicators.codes import CODE_SETS
from csc_indicators.disclosure import Published
from csc_indicators.indicators import REGISTRY
from tests.lib.command_line import ROOT, environment

PACKAGE = ROOT / "csc_indicators"
LONGEST = 400

STAGES = (
    ("extracts",),
    ("tables",),
    ("loading",),  # composes the two before it
    ("histories",),
    ("indicators",),
    ("aggregation", "breakdowns"),
    ("comparators",),
    ("suppression",),
    ("disclosure",),
    ("engines",),  # composes everything before it
    ("sensitivity",),
    ("outputs", "explanation"),
    ("arguments",),
    ("cli",),
    ("__main__",),
)
"""From left to right: a module imports from its own stage, from stages to its left and from the vocabulary."""

VOCABULARY = (
    "errors", "names", "codes", "periods", "geography", "specification", "catalogue", "lint", "linting", "examples",
    "markdown",
)  # fmt: skip
"""What any stage may import; it imports nothing but itself."""

EXCEPTIONS = {("examples", "tables"): "example tables have the columns of the real ones"}
"""Imports that break the rule, each with its reason."""

ROOT_NAME = "csc_indicators"


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package by its dotted name inside it; the package itself is the empty name."""
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(file.read_text(encoding="utf-8"), filename=str(file))
    return found


def stage_of(name: str) -> str:
    return name.partition(".")[0]


def rank_of(name: str) -> int | None:
    """How far to the right a module stands; nothing for the vocabulary."""
    stage = stage_of(name)
    if stage in VOCABULARY:
        return None
    return next(rank for rank, stages in enumerate(STAGES) if stage in stages)


def imports_of(tree: ast.AST) -> Iterator[str]:
    """The modules of the package that a tree imports, wherever in it the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports say the whole name"
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name.removeprefix(f"{ROOT_NAME}.") in modules() else str(node.module) for name in whole]
        else:
            continue
        for name in names:
            if name.partition(".")[0] == ROOT_NAME:
                yield name.partition(".")[2]


def outside_imports_of(tree: ast.AST) -> set[str]:
    """The top-level names of everything else that a tree imports."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(str(node.module).partition(".")[0])
    return names - {ROOT_NAME}


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an attribute of an attribute of a name; what is not one is left out."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def calls_in(tree: ast.AST) -> list[str]:
    return [dotted(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]


def docstrings_of(tree: ast.AST) -> set[int]:
    """The nodes that are docstrings, of modules, functions, classes and assignments."""
    found: set[int] = set()
    for node in ast.walk(tree):
        for statement in getattr(node, "body", ()) if not isinstance(node, ast.Lambda | ast.IfExp) else ():
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                found.add(id(statement.value))
    return found


# One direction


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


# Pure definitions

PURE = [name for name in modules() if stage_of(name) in ("histories", "indicators")]
IMPURE_IMPORTS = {
    "os", "sys", "io", "pathlib", "shutil", "tempfile", "logging", "time", "random", "secrets", "uuid", "socket", "json",
    "urllib", "http", "requests", "subprocess", "threading", "warnings", "importlib", "duckdb", "rich", "typer", "lxml",
}  # fmt: skip
IMPURE_CALLS = {
    "open",
    "print",
    "input",
    "eval",
    "exec",
    "compile",
    "globals",
    "vars",
    "setattr",
    "delattr",
    "__import__",
}
IMPURE_ENDINGS = ("now", "today", "utcnow", "sample", "shuffle", "collect", "collect_all", "write_csv", "write_parquet")


@pytest.mark.parametrize("name", PURE)
def test_a_definition_reads_writes_and_remembers_nothing(name):
    tree = modules()[name]
    calls = calls_in(tree)

    assert not outside_imports_of(tree) & IMPURE_IMPORTS
    assert not IMPURE_CALLS & set(calls)
    assert not [call for call in calls if call.rpartition(".")[2] in IMPURE_ENDINGS]
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Global | ast.Nonlocal)]


@pytest.mark.parametrize("name", PURE)
def test_a_definition_has_no_state_that_could_change(name):
    mutable = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
    for statement in modules()[name].body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            assert not isinstance(statement.value, mutable), f"{name}:{statement.lineno}"
            assert dotted(getattr(statement.value, "func", ast.Pass())) not in ("list", "dict", "set"), name
        assert not isinstance(statement, ast.AugAssign | ast.For | ast.While | ast.With), f"{name}:{statement.lineno}"
    for node in ast.walk(modules()[name]):
        if isinstance(node, ast.FunctionDef):
            defaults = [*node.args.defaults, *node.args.kw_defaults]
            assert not [default for default in defaults if isinstance(default, mutable)], node.name


CODES = {code for code_set in CODE_SETS.values() for code in code_set.codes if not code.isdigit()}
SMALL = 4


@pytest.mark.parametrize("name", PURE)
def test_a_definition_spells_out_no_code_and_no_count_of_days_or_months(name):
    tree = modules()[name]
    documentation = docstrings_of(tree)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    for function in functions:
        # Defaults of keywords are those of the spec, which another test compares.
        defaults = {id(inner) for default in getattr(function, "args", ast.arguments([], [], None, [], [], None, [])).kw_defaults
                    if default is not None for inner in ast.walk(default)}  # fmt: skip
        for node in ast.walk(function):
            if not isinstance(node, ast.Constant) or id(node) in documentation | defaults:
                continue
            where = f"{name}:{node.lineno}"
            if isinstance(node.value, str):
                assert node.value not in CODES, f"{where}: a code belongs in codes.py or in the specs"
            elif isinstance(node.value, int) and not isinstance(node.value, bool):
                assert abs(node.value) <= SMALL, f"{where}: a number belongs in the specs, or is a constant with a name"


@pytest.mark.parametrize("name", PURE)
def test_a_number_with_a_name_is_a_room_in_a_packed_key_and_no_length_of_time(name):
    for statement in modules()[name].body:
        for node in ast.walk(statement) if isinstance(statement, ast.Assign | ast.AnnAssign) else ():
            if isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool):
                power_of_two = node.value & (node.value - 1) == 0
                exponent = any(
                    isinstance(power, ast.BinOp) and isinstance(power.op, ast.Pow) and power.right is node
                    for power in ast.walk(statement)
                )
                assert node.value <= SMALL or power_of_two or exponent, f"{name}:{node.lineno}"


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
    "cli": "opens the null device",
}
MAY_WRITE = {"outputs": "writes results", "extracts": "writes the census as one file a table"}


@pytest.mark.parametrize(("names", "allowed"), [(READS, MAY_READ), (WRITES, MAY_WRITE)], ids=["reads", "writes"])
def test_only_some_modules_touch_files(names, allowed):
    found = {
        stage_of(module) for module, tree in modules().items()
        if names & {call.rpartition(".")[2] for call in calls_in(tree)}
    }  # fmt: skip

    assert found == set(allowed)


OUTSIDE_WORLD = {"time", "socket", "ssl", "urllib", "http", "ftplib", "smtplib", "requests", "httpx", "aiohttp", "random",
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


@pytest.mark.parametrize("name", [name for name in modules() if stage_of(name) not in ("cli", "__main__")])
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
    with pytest.raises(TypeError, match="only csc_indicators.disclosure.publish"):
        Published(pl.DataFrame(), restricted=False, policies=())
    with pytest.raises(TypeError, match="only csc_indicators.disclosure.publish"):
        Published(pl.DataFrame(), False, (), object())
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(published, frame=pl.DataFrame())
    with pytest.raises(dataclasses.FrozenInstanceError):
        published.restricted = False  # pyright: ignore[reportAttributeAccessIssue]


# Documented, named, of a readable size


def public_definitions(tree: ast.Module) -> Iterator[ast.AST]:
    yield tree
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (
                    inner
                    for inner in node.body
                    if isinstance(inner, ast.FunctionDef) and not inner.name.startswith("_")
                )


@pytest.mark.parametrize("name", [name for name in modules() if name != "__main__"])
def test_everything_public_has_a_docstring(name):
    undocumented = [
        getattr(node, "name", name) for node in public_definitions(modules()[name]) if not ast.get_docstring(node)
    ]

    assert undocumented == []


def test_the_public_names_are_few_resolve_and_hide_no_module():
    names = [name for name in csc.__all__ if name != "__version__"]
    submodules = {name for name in modules() if name and "." not in name}

    assert len(set(names)) == len(names)
    assert 20 <= len([name for name in names if name not in REGISTRY]) <= 32
    assert not set(names) & submodules
    for name in names:
        value = getattr(csc, name)
        assert value.__name__ == name
        assert value.__doc__, name
    assert dir(csc) == sorted(csc.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'rereferal'"):
        csc.rereferal  # noqa: B018


def test_the_public_names_are_those_that_type_checkers_see():
    checked = next(node for node in modules()[""].body if isinstance(node, ast.If))
    seen = {alias.asname for node in checked.body if isinstance(node, ast.ImportFrom) for alias in node.names}

    assert seen == set(csc.__all__) - {"__version__"}


def test_every_indicator_is_public_and_has_its_spec_function_page_and_golden_results():
    functions = set(REGISTRY)
    specs = {path.stem for path in ROOT.joinpath("specs", "indicators").glob("*.toml")}
    pages = {path.stem for path in ROOT.joinpath("docs", "indicators").glob("*.md")} - {"index"}
    golden = {path.stem for path in ROOT.joinpath("fixtures", "golden").glob("*.json")}

    assert specs == functions == pages == golden
    assert functions <= set(csc.__all__)
    assert all(getattr(csc, name) is function for name, function in REGISTRY.items())


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_no_module_is_too_long_to_read(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST
    assert "utils" not in file.stem


# Quick to start


def imported_by(code: str) -> set[str]:
    """The top-level modules that a fresh process has imported after some code."""
    ending = (
        "\nimport sys\nsys.stderr.write('\\n' + ' '.join(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code + ending], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
    )
    return set(done.stderr.splitlines()[-1].split())


SLOW = {"pandera", "pandas", "duckdb", "altair", "pyarrow", "xlsxwriter", "jinja2", "hypothesis"}


def test_importing_the_package_imports_nothing_slow():
    assert not imported_by("import csc_indicators") & (SLOW | {"polars", "lxml", "typer", "rich", "pydantic"})


def test_help_imports_nothing_slow():
    code = """
import sys
from csc_indicators.cli import main
for arguments in (["--help"], ["compute", "--help"], ["--version"]):
    sys.argv = ["csc-indicators", *arguments]
    try:
        main()
    except SystemExit as ended:
        assert not ended.code, ended.code
"""
    assert not imported_by(code) & (SLOW | {"polars", "lxml"})


def test_computing_from_tables_needs_no_pandera():
    code = """
import csc_indicators as csc
from csc_indicators.examples import example_episodes
csc.rereferrals(example_episodes([{}]), periods=csc.years(2025, 2025)).collect()
"""
    assert not imported_by(code) & SLOW


def test_every_import_of_the_package_is_a_declared_dependency():
    declared = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    names = {text.partition(">")[0].partition("[")[0] for text in declared}
    used = {name for tree in modules().values() for name in outside_imports_of(tree)} - set(sys.stdlib_module_names)

    assert used <= names
    assert PACKAGE.joinpath("py.typed").read_bytes() == b""
    assert Path(csc.__file__).parent == PACKAGE
