"""One spec as text: everything a spec says is in it, and it reads as plain text."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest

from csc_indicators.catalogue import load_catalogue
from csc_indicators.explanation import explain, explain_value, values_used
from csc_indicators.markdown import WIDTH, bullet, numbered, paragraph, table
from csc_indicators.specification import Change, DatedValue, Value, specs_folder

CATALOGUE = load_catalogue(specs_folder())
SPECS = tuple(CATALOGUE.indicators.values())
every_spec = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.id)

SECTIONS = [
    "What is counted",
    "The rule, clause by clause",
    "How two events are linked",
    "Parameters",
    "Readings",
    "Dated values used",
    "Worked examples",
    "What is left out",
    "How far to trust it",
    "Where DfE's figures stand",
    "Column names",
    "Sources",
    "History of the definition",
]

EXAMPLE = """\
### A referral exactly 12 calendar months after the last is counted

A boundary (on the edge), for 2025: 1 April 2024 to 31 March 2025.

| child_id | referral_date |
|----------|---------------|
| A        | 2023-05-10    |
| A        | 2024-05-10    |

| gives, under      | numerator | denominator |
|-------------------|----------:|------------:|
| published         |         1 |           1 |
| window_months = 6 |         0 |           1 |

- Decided by, row by row in the period, under published: `counted`.
"""

WINDOW = """\
### `window_months`

Within how long of the earlier event is a referral a re-referral: 12 months, another number of
calendar months, or at any time before?

- Type: integer. It takes a whole number from 1, or "ever".
- Default: **12**, the dated value `rereferral_window_months`.
- Answers B1, asked by Kent County Council: “Re-referral: at any point in time, or within 12 months?
  From the previous referral, or from the closure of the previous case?”
"""


def in_one_line(text: str) -> str:
    return " ".join(text.split())


def section(text: str, title: str) -> str:
    """The text under a heading, without the sections after it."""
    return re.split(r"^## ", text.partition(f"\n## {title}\n")[2], flags=re.MULTILINE)[0]


def rereferrals():
    return CATALOGUE.indicator("rereferrals")


@every_spec
def test_every_part_of_a_spec_is_in_its_text(spec):
    text = in_one_line(explain(spec, CATALOGUE))

    said = [spec.title, spec.numerator, spec.denominator, spec.statistical_unit]
    said += [f"### `{parameter.name}` {parameter.question}" for parameter in spec.parameter]
    said += [f"`{reading.name}`: {reading.label}" for reading in spec.reading]
    said += [f"`{clause.id}`: {clause.text}" for clause in spec.clause]
    said += [caveat.text for caveat in spec.caveat]
    said += [exclusion.text for exclusion in spec.exclusion]
    said += [f"### {example.name}" for example in spec.example]
    said += [f"`{column}`" for column in spec.columns.model_dump().values() if column]
    said += [CATALOGUE.sources[source].title for source in spec.sources]
    said += [CATALOGUE.questions[name].asked for parameter in spec.parameter for name in parameter.asked_by]
    assert [part for part in said if part not in text] == []


@every_spec
def test_sections_stand_in_order(spec):
    titles = re.findall(r"^## (.+)$", explain(spec, CATALOGUE), flags=re.MULTILINE)

    assert titles == [title for title in SECTIONS if title in titles]
    optional = {
        "How two events are linked": spec.conversion,
        "Dated values used": values_used(spec, CATALOGUE),
        "What is left out": spec.exclusion,
        "How far to trust it": spec.caveat,
    }
    assert {title for title, given in optional.items() if given} == optional.keys() & set(titles)
    assert set(SECTIONS) - set(titles) <= optional.keys()


@every_spec
def test_clauses_are_numbered_through_and_examples_give_what_the_spec_expects(spec):
    text = explain(spec, CATALOGUE)

    rule = section(text, "The rule, clause by clause")
    assert re.findall(r"^(\d+)\. `(\w+)`", rule, flags=re.MULTILINE) == [
        (str(number), clause.id) for number, clause in enumerate(spec.clause, start=1)
    ]
    examples = section(text, "Worked examples")
    given = "\n".join(re.findall(r"^\| gives, under.*\n(?:\|.*\n?)+", examples, flags=re.MULTILINE))
    rows = re.findall(r"^\| .*?\|\s+([\d.]+) \|(?:\s+([\d.]+)? \|)?$", given, flags=re.MULTILINE)
    assert [(float(numerator), float(denominator) if denominator else None) for numerator, denominator in rows] == [
        (expectation.numerator, expectation.denominator) for example in spec.example for expectation in example.expect
    ]


@every_spec
def test_it_reads_as_plain_text(spec):
    text = explain(spec, CATALOGUE)

    assert re.findall(r"</?\w+[^>]*>", text) == []
    lines = [line for line in text.splitlines() if not line.startswith(("|", "#"))]
    assert [line for line in lines if len(line) > WIDTH] == []
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "\n\n\n" not in text


def test_one_example_and_one_parameter_to_the_letter():
    text = explain(rereferrals(), CATALOGUE)

    assert f"\n\n{EXAMPLE}\n###" in text
    assert f"\n\n{WINDOW}\n###" in text


def test_a_rate_has_no_denominator_clauses_and_no_denominator_in_its_examples():
    text = explain(CATALOGUE.indicator("referrals"), CATALOGUE)

    assert "To be counted:\n\n1. `source_counted`" in text
    assert "To be in the denominator" not in text
    assert "| gives, under | numerator |\n" in text


def test_a_group_and_a_missing_cell_are_named():
    assert "| observed_history, times_referred: 3 |         3 |           1 |" in explain(
        CATALOGUE.indicator("referrals_per_child"), CATALOGUE
    )
    assert "| C        | 2024-05-10    | missing           |" in explain(CATALOGUE.indicator("referrals"), CATALOGUE)


def test_caveats_say_how_sure_we_are_and_which_way_they_pull():
    text = in_one_line(section(explain(rereferrals(), CATALOGUE), "How far to trust it"))

    assert "hold within one authority only. *(Certain; makes the figure too low.)*" in text
    assert "is not an earlier one. *(Unsure; may pull either way.)*" in text


def test_history_is_that_of_the_indicator_under_all_its_names():
    def change(indicator, version):
        return Change(
            date=dt.date(2026, 4, 1), indicator=indicator, version=version, kind="new", periods="all",
            why="First.", source="lait", effect="none", spec_hash="0" * 16,
        )  # fmt: skip

    spec = rereferrals().model_copy(update={"renamed_from": ("repeat_referrals",)})
    history = (change("repeat_referrals", "1"), change("rereferrals", "2"), change("referrals", "9"))
    found = section(explain(spec, replace(CATALOGUE, history=history)), "History of the definition")

    assert found.strip().splitlines() == [
        "- **1**, 1 April 2026 (new; periods: all; source: `lait`): First. Effect: none.",
        "- **2**, 1 April 2026 (new; periods: all; source: `lait`): First. Effect: none.",
    ]
    assert "No change is recorded." in explain(spec, replace(CATALOGUE, history=()))


def test_an_announced_value_is_shown_as_announced():
    entries = (
        DatedValue.model_validate({"from": dt.date(2012, 4, 1), "value": 12, "source": "lait", "status": "in_force"}),
        DatedValue.model_validate({"from": dt.date(2027, 4, 1), "value": 24, "source": "lait", "status": "announced"}),
    )
    value = Value(kind="integer", title="Months", value=entries, selected_by="event_date")

    assert explain_value("window", value).splitlines() == [
        "- `window`: Months. The entry in force on the day of each event is used.",
        "    - from 1 April 2012: **12** (in force; source: `lait`)",
        "    - from 1 April 2027: **24** (announced; source: `lait`)",
    ]


@pytest.mark.parametrize("marker", ["-", "*", "+", "2.", "2)", "#", ">"])
def test_a_wrapped_line_never_begins_as_an_item_of_a_list_would(marker):
    # Among words of these lengths is one after which the line is full, so that a plain wrap would break at the marker.
    for length in range(WIDTH - 8, WIDTH + 1):
        text = f"{'x' * length} {marker} and more"
        for wrapped in (paragraph(text), bullet(text), numbered(3, text)):
            assert not re.search(r"\n\s*([-*+#>]|\d+[.)])\s", wrapped), wrapped
            assert in_one_line(wrapped).endswith(f"x {marker} and more")


def test_a_table_keeps_its_columns_when_a_cell_holds_a_bar():
    assert table(["a"], [["x|y"]]).splitlines() == ["| a    |", "|------|", "| x\\|y |"]
