"""What the documentation shows is what happens: each Python block and command runs, and prints what stands there."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from tests.lib.fenced_blocks import blocks, commands, first_missing, python_with_output

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.joinpath("docs").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
WIDTH = 100
LANGUAGES = {"python", "text", "console", "sh", "toml", "csv", "json"}


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def stripped(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().splitlines()]


PAGES_WITH_PYTHON = [page for page in PAGES if python_with_output(text_of(page))]
PAGES_WITH_COMMANDS = [page for page in PAGES if list(commands(text_of(page)))]


@pytest.fixture
def checkout(tmp_path):
    """A folder that looks like the root of the repository, in which examples may write."""
    for entry in ("fixtures", "specs"):
        (tmp_path / entry).symlink_to(ROOT / entry, target_is_directory=True)
    return tmp_path


@pytest.mark.parametrize("page", PAGES_WITH_PYTHON, ids=name)
def test_python_blocks_run_in_order_and_print_what_the_page_shows(page, checkout, monkeypatch):
    monkeypatch.chdir(checkout)
    namespace = {"__name__": "__docs__"}

    for block, shown in python_with_output(text_of(page)):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), pl.Config(tbl_width_chars=WIDTH):
            exec(compile("\n" * (block.line - 1) + block.text, name(page), "exec"), namespace)  # noqa: S102
        if shown is not None:
            assert stripped(printed.getvalue()) == stripped(shown), f"{name(page)}, line {block.line}"


@pytest.mark.parametrize("page", PAGES_WITH_COMMANDS, ids=name)
def test_commands_run_in_order_and_print_what_the_page_shows(page, checkout):
    """In one folder, as a reader runs them: what one command writes the next may read."""
    for command in dict.fromkeys(commands(text_of(page))):
        ended = subprocess.run(
            [sys.executable, "-m", "csc_indicators", *command.arguments],
            cwd=checkout,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        printed = stripped(ended.stdout + ended.stderr)
        which = " ".join(command.arguments)

        assert ended.returncode == 0, f"{which}: {ended.stderr}"
        assert first_missing(command.shown, printed) is None, which


def test_the_pages_have_examples_of_both_kinds():
    with_commands = {name(page) for page in PAGES if list(commands(text_of(page)))}

    assert {"README.md", "docs/index.md", "docs/tutorials/first-figure.md"} <= {
        name(page) for page in PAGES_WITH_PYTHON
    }
    assert {"README.md", "docs/tutorials/command-line.md"} <= with_commands


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_block_says_its_language(page):
    assert {block.language for block in blocks(text_of(page))} <= LANGUAGES


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_to_files_of_the_repository_lead_somewhere(page):
    targets = [
        target.partition("#")[0]
        for target in re.findall(r"\]\(([^)]+)\)", (ROOT / page).read_text(encoding="utf-8"))
        if "://" not in target
    ]

    assert [target for target in targets if target and not (ROOT / target).exists()] == []


def test_a_line_that_was_not_printed_is_found():
    printed = ["a", "b", "c", "d"]

    assert first_missing(("a", "b"), printed) is None
    assert first_missing(("a", "...", "d"), printed) is None
    assert first_missing(("a", "c"), printed) == "c"
    assert first_missing(("d", "...", "a"), printed) == "a"
