"""The documentation is current: generated pages are as generated, and nothing that has a page is without one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import csc_indicators
from csc_indicators.catalogue import load_catalogue
from csc_indicators.specification import specs_folder
from docs.generate_indicator_pages import DOCS, filled, generated

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = load_catalogue(specs_folder())
AGAIN = "Run `python -m docs.generate_indicator_pages` and commit what it writes."


@pytest.fixture(scope="module")
def pages():
    return generated()


def test_generated_pages_are_as_the_specs_and_the_code_have_them(pages):
    stale = [
        path.as_posix()
        for path, text in pages.items()
        if not (DOCS / path).exists() or (DOCS / path).read_text(encoding="utf-8") != text
    ]

    assert stale == [], AGAIN


def test_every_indicator_has_a_page_and_every_page_an_indicator(pages):
    named = {path.stem for path in pages if path.parent == Path("indicators")} - {"index"}

    assert named == set(CATALOGUE.indicators)
    assert {path.stem for path in DOCS.joinpath("indicators").glob("*.md")} == named | {"index"}, AGAIN


def test_every_page_is_in_the_navigation():
    navigation = ROOT.joinpath("mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    listed = re.findall(r"[\w/-]+\.md", navigation)

    assert sorted(listed) == sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))


def test_the_reference_has_the_public_names_and_no_others():
    page = DOCS.joinpath("reference/api.md").read_text(encoding="utf-8")
    named = re.findall(r"^::: csc_indicators\.(?:\w+\.)*(\w+)$", page, flags=re.MULTILINE)

    assert sorted(named) == sorted(set(csc_indicators.__all__) - {"__version__"})


def test_every_question_is_in_the_register_with_an_answer(pages):
    register = pages[Path("questions.md")]

    assert re.findall(r"^## (\w+)$", register, flags=re.MULTILINE) == list(CATALOGUE.questions)
    assert "Not answered yet." not in register


def test_a_missing_marker_is_a_fault_and_not_a_silent_gap():
    page = "before\n<!-- rules: begin -->\nold\n<!-- rules: end -->\nafter"

    assert filled(page, {"rules": "new"}) == "before\n<!-- rules: begin -->\n\nnew\n\n<!-- rules: end -->\nafter"
    with pytest.raises(ValueError, match="codes: begin"):
        filled(page, {"codes": "new"})
