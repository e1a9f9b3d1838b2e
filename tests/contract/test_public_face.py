"""What a newcomer meets: documented names, modules of a readable size, a quick start, every indicator complete."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import csc_indicators as csc
from csc_indicators.indicators import REGISTRY
from tests.lib.command_line import ROOT, environment
from tests.lib.package_source import PACKAGE, modules, outside_imports_of

LONGEST = 400


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
    assert 20 <= len([name for name in names if name not in REGISTRY]) <= 50
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
