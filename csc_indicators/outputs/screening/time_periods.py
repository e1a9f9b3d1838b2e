"""Rules on the columns that say of when a row is."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from csc_indicators.outputs.screening.model import Files, Rule, rows
from csc_indicators.outputs.screening.vocabulary import OF_ONE_YEAR, TIME_FAMILIES

FORM, FIT = "Form of times", "Times"
_PERIOD, _IDENTIFIER = pl.col("time_period"), pl.col("time_identifier")
_ONE_YEAR, _TWO_YEARS = r"^[0-9]{4}$", r"^[0-9]{6}$"


def time_period_num(files: Files) -> Iterator[str]:
    """Periods that are not four or six digits."""
    yield from rows(files.data, ~_PERIOD.str.contains(r"^[0-9]{4}([0-9]{2})?$"))


def time_id_valid(files: Files) -> Iterator[str]:
    """Identifiers that there are not."""
    known = [identifier for family in TIME_FAMILIES for identifier in family]
    yield from rows(files.data, ~_IDENTIFIER.is_in(known))


def time_id_mix(files: Files) -> Iterator[str]:
    """Identifiers of more than one family."""
    used = files.items("time_identifier")
    families = [family for family in TIME_FAMILIES if any(identifier in family for identifier in used)]
    if len(families) > 1:
        yield ", ".join(identifier for family in families for identifier in family if identifier in used)


def time_period(files: Files) -> Iterator[str]:
    """Periods with a number of digits that does not go with their identifier."""
    of_one = _IDENTIFIER.is_in(OF_ONE_YEAR)
    yield from rows(
        files.data, ~pl.when(of_one).then(_PERIOD.str.contains(_ONE_YEAR)).otherwise(_PERIOD.str.contains(_TWO_YEARS))
    )


def time_period_six(files: Files) -> Iterator[str]:
    """Periods of six digits whose two years do not follow each other."""
    first, second = (_PERIOD.str.slice(start, 2).cast(pl.Int64, strict=False).fill_null(0) for start in (2, 4))
    yield from rows(files.data, _PERIOD.str.contains(_TWO_YEARS) & ((first + 1) % 100 != second))


FORM_RULES = (
    Rule(
        time_period_num,
        FORM,
        "FAIL",
        "`time_period` is four digits, or six",
        "Write 2025 for a year and 202425 for a year of two calendar years.",
    ),
    Rule(
        time_id_valid,
        FORM,
        "FAIL",
        "`time_identifier` is one that the site knows, such as `Reporting year` or `Financial year Q1`",
        "Correct `time_identifier`; capitals matter.",
    ),
    Rule(
        time_id_mix,
        FORM,
        "FAIL",
        "A file has periods of one kind",
        "Make a file for each kind of period.",
    ),
)

RULES = (
    Rule(
        time_period,
        FIT,
        "FAIL",
        "`time_period` has four digits for calendar and reporting years, weeks and months, and six for all others",
        "Correct `time_period`, or `time_identifier`.",
    ),
    Rule(
        time_period_six,
        FIT,
        "FAIL",
        "The two years of a `time_period` of six digits follow each other",
        "Correct `time_period`: 2024 to 2025 is 202425.",
    ),
)
