"""Text to types, cell by cell: what is read as what, and that every cell that could not be read is known."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csc_indicators.codes import CLOSURE_REASON, CODE_SETS
from csc_indicators.extracts.parsing import UNREADABLE, Column, parse

DATE, FLAG, NUMBER = Column("cell", "date"), Column("cell", "boolean"), Column("cell", "integer")
REASON = Column("cell", "code", "closure_reason")


def parsed(column, *texts):
    return parse(pl.DataFrame({"cell": texts}, schema={"cell": pl.String}), [column])


def read(column, text):
    """The cell, and whether it was reported as unreadable."""
    result = parsed(column, text)
    return result.table["cell"][0], result.unreadable["cell"][0] if "cell" in result.unreadable else False


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-05-10", dt.date(2024, 5, 10)),
        ("2024-02-29", dt.date(2024, 2, 29)),
        ("1900-01-01", dt.date(1900, 1, 1)),
        ("2099-12-31", dt.date(2099, 12, 31)),
        ("2024-05-10T09:00:00", dt.date(2024, 5, 10)),
        ("2024-05-10T00:00:00.000", dt.date(2024, 5, 10)),
        ("2024-05-10T23:59:59Z", dt.date(2024, 5, 10)),
        ("2024-05-10Z", dt.date(2024, 5, 10)),
        ("2024-05-10+01:00", dt.date(2024, 5, 10)),
    ],
)
def test_dates_are_read_by_their_day(text, date):
    assert read(DATE, text) == (date, False)


@pytest.mark.parametrize(
    "text",
    ["2023-02-29", "2024-13-01", "2024-05-32", "10/05/2024", "10-05-2024", "20240510", "2024-5-10", "24-05-10",
     "1899-12-31", "2100-01-01", "0001-01-01", "2024-05-10 ", "2024-05-10 09:00", "2024-05-10T", "2024-05-10TZ+01",
     "May 2024", "45422", "", "9999-99-99", "+2024-05-10", "\uff12\uff10\uff12\uff14-05-10"],
)  # fmt: skip
def test_what_is_no_date_is_missing_and_reported(text):
    assert read(DATE, text) == (None, True)


@pytest.mark.parametrize("text", ["0", "1", "true", "false", "True", "FALSE"])
def test_flags_are_written_as_digits_or_words(text):
    assert read(FLAG, text) == (text.lower() in ("1", "true"), False)


@pytest.mark.parametrize("text", ["yes", "no", "Y", "N", "2", "01", "-1", "t", "", "1.0", "true "])
def test_what_is_no_flag_is_missing_and_reported(text):
    assert read(FLAG, text) == (None, True)


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("12", 12), ("007", 7), ("-3", -3), ("2147483647", 2**31 - 1)])
def test_whole_numbers_are_read(text, number):
    assert read(NUMBER, text) == (number, False)


@pytest.mark.parametrize("text", ["1.5", "1.0", "two", "2147483648", "1e3", "", "1 2", "0x10", "\u0663"])
def test_what_is_no_whole_number_is_missing_and_reported(text):
    assert read(NUMBER, text) == (None, True)


@pytest.mark.parametrize("name", CODE_SETS)
def test_every_code_is_read_as_itself(name):
    codes = CODE_SETS[name].codes
    result = parsed(Column("cell", "code", name), *codes)

    assert result.table["cell"].to_list() == list(codes)
    assert (result.unreadable, result.tidied) == ({}, {})


def test_a_code_in_another_case_or_with_spaces_is_read_and_said_to_be_tidied():
    result = parsed(REASON, "RC8", "rc8", " RC8", "Rc9 ", "RC99", None)

    assert result.table["cell"].to_list() == ["RC8", "RC8", "RC8", "RC9", None, None]
    assert result.tidied["cell"].to_list() == [False, True, True, True, False, False]
    assert result.unreadable["cell"].to_list() == [False, False, False, False, True, False]


@pytest.mark.parametrize("text", ["RC0", "RC", "8", "RC8;RC9", "", "RC 8", "\uff32\uff23\uff18"])
def test_what_is_no_code_is_missing_and_reported(text):
    assert read(REASON, text) == (None, True)


def test_an_empty_cell_is_missing_and_nothing_to_report():
    for column in (DATE, FLAG, NUMBER, REASON, Column("cell")):
        result = parsed(column, None, None)
        assert result.table["cell"].to_list() == [None, None]
        assert (result.unreadable, result.tidied) == ({}, {})


def test_text_stays_as_it_is():
    assert parsed(Column("cell"), " a ", "0012").table["cell"].to_list() == [" a ", "0012"]


def test_other_columns_stay_and_absent_ones_are_added_as_missing():
    raw = pl.DataFrame({"source_row": [1, 2], "start": ["2024-05-10", None]})
    result = parse(raw, [Column("start", "date"), Column("reason", "code", "closure_reason"), Column("note")])

    assert result.table.rows() == [(1, dt.date(2024, 5, 10), None, None), (2, None, None, None)]
    assert result.table.schema["reason"] == CLOSURE_REASON.dtype
    assert (result.unreadable, result.tidied) == ({}, {})


def test_every_kind_that_can_fail_says_how():
    assert {kind: rule for kind, (rule, _) in UNREADABLE.items()} == {
        "date": "unreadable_date",
        "day_first_date": "unreadable_date",
        "partial_date": "unreadable_date",
        "code": "unknown_code",
        "boolean": "unreadable_flag",
        "integer": "unreadable_number",
        "number": "unreadable_number",
    }


@given(st.lists(st.text(max_size=12) | st.none(), max_size=20), st.sampled_from([DATE, FLAG, NUMBER, REASON]))
def test_any_text_is_read_or_reported_and_never_an_error(texts, column):
    result = parsed(column, *texts)
    cells, unreadable = result.table["cell"], result.unreadable.get("cell", [False] * len(texts))

    assert result.table.schema["cell"] == column.dtype
    for text, cell, reported in zip(texts, cells, unreadable, strict=True):
        assert reported == (text is not None and cell is None)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31)))
def test_every_day_of_two_centuries_is_read_back(day):
    assert read(DATE, day.isoformat()) == (day, False)
