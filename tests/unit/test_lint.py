"""The linter of the specs: every code by a spec that has the fault and by one that nearly has.

`tests/lint_fixtures/<code>.toml` holds the cases of a code, each a change of the sound specs in `good`: in `file`, the
text `replace` gives way to `by` (`edit` lists further changes). A case in `[[fails]]` says on which line the issue
stands (the `nth` line of the file that holds the text `at`), at which `level`, what its message `says`, and which
other codes the change cannot but raise (`also`). A case in `[[passes]]` raises nothing, or `also` only.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import csc_indicators.lint
from csc_indicators.aggregation import MEASURES
from csc_indicators.catalogue import Catalogue, Issue, load_catalogue, spec_hash
from csc_indicators.disclosure import CELL_KEY
from csc_indicators.lint import RULES, lint
from csc_indicators.linting.vocabulary import RESERVED
from csc_indicators.specification import specs_folder
from tests.lib.spec_folders import FIXTURES, Edit, written

PACKAGE = Path(csc_indicators.lint.__file__).parent
TABLE = re.compile(r"^\| (S\d{3}) \| (.+) \| (error|warning|future) \|$", re.MULTILINE)
DOCUMENTED = {code: level for code, _, level in TABLE.findall(csc_indicators.lint.__doc__ or "")}
FIXTURE_OF = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(FIXTURES.glob("S*.toml"))}


def cases(kind: str) -> list[Any]:
    return [
        pytest.param(code, case, id=f"{code} {case['case']}")
        for code, fixture in FIXTURE_OF.items()
        for case in fixture[kind]
    ]


def edits(case: dict[str, Any]) -> list[Edit]:
    return [Edit(part["file"], part["replace"], part["by"]) for part in (case, *case.get("edit", ()))]


def line_holding(path: Path, text: str, nth: int) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [number for number, line in enumerate(lines, start=1) if text in line][nth - 1]


@pytest.mark.parametrize(("code", "case"), cases("fails"))
def test_a_fault_is_reported_with_its_code_its_line_and_what_to_do(tmp_path, code, case):
    folder = written(tmp_path, edits(case))

    found = lint(load_catalogue(folder))

    assert {issue.code for issue in found} == {code, *case.get("also", ())}
    issues = [issue for issue in found if issue.code == code and all(words in str(issue) for words in case["says"])]
    assert len(issues) == 1, "\n".join(str(issue) for issue in found)
    assert issues[0].level == case.get("level", "error") == DOCUMENTED[code]
    # The issue stands in the file that was changed first.
    assert issues[0].file == case["file"]
    if "at" in case:
        assert issues[0].line == line_holding(folder / issues[0].file, case["at"], case.get("nth", 1))


@pytest.mark.parametrize(("code", "case"), cases("passes"))
def test_what_only_nearly_is_a_fault_is_not_reported(tmp_path, code, case):
    found = lint(load_catalogue(written(tmp_path, edits(case))))

    assert {issue.code for issue in found} == set(case.get("also", ())), "\n".join(str(issue) for issue in found)
    assert code not in case.get("also", ())


def test_the_sound_specs_that_the_cases_change_have_no_issue(tmp_path):
    assert lint(load_catalogue(written(tmp_path))) == []


def test_the_installed_specs_have_no_error():
    found = lint(load_catalogue(specs_folder()))

    assert [str(issue) for issue in found if issue.level == "error"] == []


def test_every_documented_code_has_a_failing_and_a_passing_case():
    # S000 is raised by a rule that stops, which no spec should be able to bring about; it has a test of its own.
    assert set(FIXTURE_OF) | {"S000"} == set(DOCUMENTED)
    assert [code for code, fixture in FIXTURE_OF.items() if not (fixture["fails"] and fixture["passes"])] == []


def test_every_code_that_can_be_raised_is_documented():
    sources = [PACKAGE / "lint.py", PACKAGE / "catalogue.py", *(PACKAGE / "linting").glob("*.py")]

    raised = {code for path in sources for code in re.findall(r'"(S\d{3})"', path.read_text(encoding="utf-8"))}

    assert raised == set(DOCUMENTED)


def test_every_rule_says_its_codes_first():
    codes = [code for rule in RULES for code in re.findall(r"S\d{3}", (rule.__doc__ or "").split(":")[0])]

    assert len(codes) == len(set(codes))
    # What the form of a file gives away is found on loading it, by no rule.
    assert set(codes) == set(DOCUMENTED) - {"S000", "S001", "S002", "S003", "S004", "S006"}


def test_a_rule_that_stops_becomes_an_issue_and_the_others_still_run(tmp_path, monkeypatch):
    def reads_beyond_the_end(catalogue: Catalogue) -> list[Issue]:
        raise IndexError(catalogue.history[0].why)

    monkeypatch.setattr(csc_indicators.lint, "RULES", (reads_beyond_the_end, *RULES))
    folder = written(tmp_path, [Edit("indicators/referrals.toml", "decimals = 1", "decimals = 12")])

    found = lint(load_catalogue(folder))

    assert [issue.code for issue in found] == ["S029", "S000"]
    assert found[1].level == "error"
    assert found[1].line == reads_beyond_the_end.__code__.co_firstlineno
    assert found[1].message == (
        'the rule "reads_beyond_the_end" stopped (IndexError). The other rules ran; correct this one.'
    )


def test_every_fault_is_reported_at_once_in_order_of_file_and_line(tmp_path):
    folder = written(
        tmp_path,
        [
            Edit("values.toml", '"6"', '"66"'),
            Edit("indicators/rereferrals.toml", "default = 12", "default = 0"),
            Edit("indicators/rereferrals.toml", "decimals = 1", "decimals = 12"),
            Edit("indicators/referrals.toml", 'title = "Referrals"', ""),
            Edit("questions.toml", 'by = "An authority"\n\n[B2]', "[B2]"),
        ],
    )

    found = lint(load_catalogue(folder))

    assert [(issue.file, issue.code) for issue in found] == [
        ("indicators/referrals.toml", "S002"),
        ("indicators/rereferrals.toml", "S029"),
        ("indicators/rereferrals.toml", "S010"),
        ("indicators/rereferrals.toml", "S019"),
        ("questions.toml", "S002"),
        ("values.toml", "S064"),
    ]
    assert found == sorted(found)


@pytest.mark.parametrize("name", ["sources.toml", "questions.toml", "values.toml", "history.toml"])
def test_a_file_that_cannot_be_loaded_is_one_issue_and_not_one_for_everything_that_names_it(tmp_path, name):
    folder = written(tmp_path)
    (folder / name).write_text("[broken", encoding="utf-8")

    assert [(issue.file, issue.code) for issue in lint(load_catalogue(folder))] == [(name, "S001")]


def test_the_hash_that_an_issue_gives_is_the_one_that_settles_it(tmp_path):
    folder = written(tmp_path)
    spec, history = folder / "indicators" / "referrals.toml", folder / "history.toml"
    recorded = spec_hash(tomllib.loads(spec.read_text(encoding="utf-8")))
    spec.write_text(spec.read_text(encoding="utf-8").replace("decimals = 1", "decimals = 2"), encoding="utf-8")

    (changed,) = lint(load_catalogue(folder))
    told = re.search(r'spec_hash = "([0-9a-f]{16})"', changed.message)
    assert changed.code == "S073"
    assert told is not None
    history.write_text(history.read_text(encoding="utf-8").replace(recorded, told[1]), encoding="utf-8")

    assert lint(load_catalogue(folder)) == []


@pytest.mark.parametrize("name", RESERVED)
def test_a_reserved_name_is_refused_with_the_reason(tmp_path, name):
    edit = Edit("indicators/referrals_per_child.toml", 'name = "history_years"', f'name = "{name}"')

    refused = [issue.message for issue in lint(load_catalogue(written(tmp_path, [edit]))) if issue.code == "S051"]

    assert refused == [f'no parameter can be called "{name}": {RESERVED[name]}. Give it another name.']


def test_every_column_of_the_results_is_reserved():
    assert {*CELL_KEY, *MEASURES, "unit", "definition_version"} <= set(RESERVED)


def test_an_issue_is_shown_on_one_line_with_its_place():
    issue = Issue("indicators/rereferrals.toml", 41, "S012", "error", 'reading "ever": unknown parameter "window".')

    assert str(issue) == 'S012 error indicators/rereferrals.toml:41 reading "ever": unknown parameter "window".'


def test_linting_changes_nothing_in_the_catalogue(tmp_path):
    loaded = load_catalogue(written(tmp_path))
    before = dataclasses.replace(loaded)

    assert lint(loaded) == lint(loaded)
    assert loaded == before
