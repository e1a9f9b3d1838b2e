"""What the workforce census must satisfy: rules about one row, and rules across the rows of an authority."""

from __future__ import annotations

import polars as pl

from csc_indicators.codes import FALSE_TEXTS, TRUE_TEXTS
from csc_indicators.extracts.raw_workforce import ITEMS, TOTALS, WORKER_PAY, WORKERS
from csc_indicators.tables.rules import CrossRule, RowRule, Tables, code_rules, is_before, is_given, is_missing
from csc_indicators.tables.workforce import RETURNED
from csc_indicators.workforce_codes import ABSENCE_REASON, EARLY_CAREER_STATUS

REGISTRATION_NUMBER = r"^[A-Z]{2}[0-9]{1,10}$"
MOST_DAYS_LOST = 366
MOST_WEEKS = 53


def _outside(column: str, least: float, most: float) -> pl.Expr:
    return (~pl.col(column).is_between(least, most)).fill_null(value=False)


def _full_time_equivalent(column: str) -> RowRule:
    return RowRule(
        "full_time_equivalent_out_of_range",
        WORKERS,
        column,
        "blank",
        _outside(column, 0, 1),
        "a full-time equivalent that is not between 0 and 1; it is set to missing",
        "give the share of a full-time post, such as 0.6, and not hours",
    )


def _negative(table: str, column: str, what: str) -> RowRule:
    return RowRule(
        "negative_number",
        table,
        column,
        "blank",
        (pl.col(column) < 0).fill_null(value=False),
        f"{what} below nothing; it is set to missing",
        "correct the number",
    )


CODED_ITEMS = {"absence_reason": ABSENCE_REASON, "early_career_status": EARLY_CAREER_STATUS}
"""The items that a worker may have several of and that are codes."""


def _is_of_its_item() -> pl.Expr:
    """True for a repeated item that its list, or its kind, has; one without a value is told of elsewhere."""
    item, value = pl.col("item"), pl.col("value")
    tests = {
        "contract_weeks": value.cast(pl.Float64, strict=False).is_between(0, MOST_WEEKS),
        "absent_on_census_day": value.str.to_lowercase().is_in([*TRUE_TEXTS, *FALSE_TEXTS]),
        **{name: value.is_in(codes.codes) for name, codes in CODED_ITEMS.items()},
    }
    passes = [(item != name) | test.fill_null(value=False) for name, test in tests.items()]
    return pl.all_horizontal(passes) | value.is_null()


def _item_outside_its_years() -> pl.Expr:
    broken = [
        (pl.col("item") == name) & (pl.col("value") == code) & (pl.col("census_year") > last)
        for name, codes in CODED_ITEMS.items()
        for code, last in codes.last_year.items()
    ]
    return pl.any_horizontal(broken).fill_null(value=False)


ROW_RULES: tuple[RowRule, ...] = (
    RowRule(
        "registration_number_form",
        WORKERS,
        "worker_id",
        "keep",
        ~pl.col("worker_id").str.contains(REGISTRATION_NUMBER).fill_null(value=True),
        "not two letters and up to ten digits, as a registration number is written; the worker counts, and is matched "
        "with other years by what is written",
        "give the number under which the worker is registered",
    ),
    _full_time_equivalent("full_time_equivalent"),
    _full_time_equivalent("full_time_equivalent_on_census_day"),
    RowRule(
        "missing_full_time_equivalent",
        WORKERS,
        "full_time_equivalent",
        "keep",
        is_missing("full_time_equivalent") & is_missing("end_date"),
        "no full-time equivalent; the worker is in no figure that is counted in them",
        "give the share of a full-time post",
    ),
    RowRule(
        "missing_role",
        WORKERS,
        "role",
        "keep",
        is_missing("role"),
        "no role; the worker is in the total and in no figure by role",
        "give the role of the worker",
    ),
    RowRule(
        "ended_before_start",
        WORKERS,
        "end_date",
        "reject",
        is_before("end_date", "start_date"),
        "the role ends before it starts; the row is left out",
        "correct the start or the end date",
    ),
    RowRule(
        "start_after_census",
        WORKERS,
        "start_date",
        "reject",
        is_before("reference_date", "start_date"),
        "the role starts after the day of the census; the row is left out",
        "correct the date, check the year of the census, or leave the worker for the next one",
    ),
    RowRule(
        "end_after_census",
        WORKERS,
        "end_date",
        "keep",
        is_before("reference_date", "end_date"),
        "the role ends after the day of the census; the worker counts as in post",
        "leave the end for the next census",
    ),
    RowRule(
        "end_before_year",
        WORKERS,
        "end_date",
        "keep",
        is_before("end_date", "census_start"),
        "the role ended before the year of the census began; the worker counts neither as in post nor as a leaver",
        "leave out who left in an earlier year",
    ),
    RowRule(
        "reason_without_end",
        WORKERS,
        "leaving_reason",
        "keep",
        is_given("leaving_reason") & is_missing("end_date"),
        "a reason for leaving without an end of the role; the worker counts as in post",
        "give the end of the role, or no reason",
    ),
    _negative(WORKERS, "cases", "a number of cases"),
    RowRule(
        "days_lost_out_of_range",
        WORKERS,
        "days_lost",
        "blank",
        _outside("days_lost", 0, MOST_DAYS_LOST),
        "days lost that are not those of a year; they are set to missing",
        "give the working days of the year that were lost to sickness",
    ),
    *(_negative(WORKERS, column, "a payment") for column in WORKER_PAY.values()),
    _negative(TOTALS, "vacancies", "a number of vacancies"),
    _negative(TOTALS, "agency_full_time_equivalent", "a full-time equivalent"),
    _negative(TOTALS, "agency_headcount", "a number of workers"),
    RowRule(
        "unknown_item",
        ITEMS,
        "value",
        "reject",
        ~_is_of_its_item(),
        "not a code of its item, a share of a year's weeks or a flag; it is left out",
        "correct the item in the case system and export again",
    ),
    RowRule(
        "code_outside_its_years",
        ITEMS,
        "value",
        "keep",
        _item_outside_its_years(),
        "a code that the census of this year does not have; it is used as it stands",
        "check that the year's code list was used",
    ),
    *code_rules(RETURNED),
)


def rules_of(table: str) -> tuple[RowRule, ...]:
    """The row rules of a table."""
    return tuple(rule for rule in ROW_RULES if rule.table == table)


IN_POST = pl.col("end_date").is_null() | (pl.col("end_date") > pl.col("reference_date"))
"""True for a row whose role had not ended by the day of the census."""


def _posts_of_more_than_one(tables: Tables) -> pl.DataFrame:
    in_post = tables[WORKERS].filter(~pl.col("is_agency") & IN_POST)
    together = pl.col("full_time_equivalent").sum().over("la_code", "census_year", "worker_id")
    # Halves and thirds add up to a hair more than one.
    return in_post.filter(together.round(6) > 1)


def _agency_totals_that_differ(tables: Tables) -> pl.DataFrame:
    agency = (
        tables[WORKERS]
        .filter(pl.col("is_agency") & IN_POST)
        .group_by("la_code", "census_year")
        .agg(_rows=pl.col("full_time_equivalent").sum())
    )
    totals = tables[TOTALS].join(agency, on=["la_code", "census_year"], how="left", maintain_order="left")
    apart = (pl.col("agency_full_time_equivalent") - pl.col("_rows").fill_null(0.0)).abs().round(6)
    return totals.filter(apart > TOTALS_AGREE_WITHIN)


TOTALS_AGREE_WITHIN = 1.0
"""Full-time equivalents by which an authority's total of agency workers may differ from their rows without a word."""

ACROSS_RULES: tuple[CrossRule, ...] = (
    CrossRule(
        "posts_of_more_than_one",
        WORKERS,
        "full_time_equivalent",
        _posts_of_more_than_one,
        "the posts of one worker add up to more than one full-time equivalent; all of them count",
        "check that the worker is not returned twice",
    ),
    CrossRule(
        "agency_total_differs",
        TOTALS,
        "agency_full_time_equivalent",
        _agency_totals_that_differ,
        "the authority's total of agency workers is not that of their rows; the rows are counted, never both",
        "return a row for each agency worker, or correct the total",
    ),
)
"""Rules across rows: nothing is changed, each finding says what it means for the figures."""
