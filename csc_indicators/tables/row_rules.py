"""What a single row of the CIN census must satisfy, and what becomes of it when it does not.

Each rule is an expression that is true of a broken row. `contract` hands the rules of a table to pandera together with
its column types, so one eager pass checks both. The numbers in brackets are DfE's own validation rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from csc_indicators.codes import CODE_SETS
from csc_indicators.tables.cin import RETURNED

if TYPE_CHECKING:
    from pandera.polars import DataFrameSchema

Action = Literal["reject", "blank", "keep"]


@dataclass(frozen=True)
class RowRule:
    """A rule about one row: `broken` is true where it does not hold; `blank` sets `column` to missing."""

    id: str
    table: str
    column: str
    action: Action
    broken: pl.Expr
    message: str
    advice: str

    @property
    def key(self) -> str:
        """What tells the rule apart within its table: one id may be a rule about several columns."""
        return f"{self.id}.{self.column}"


def _missing(column: str) -> pl.Expr:
    return pl.col(column).is_null()


def _given(column: str) -> pl.Expr:
    return pl.col(column).is_not_null()


def _before(first: str, second: str) -> pl.Expr:
    return (pl.col(first) < pl.col(second)).fill_null(value=False)


CHILD_RULES = (
    RowRule(
        "both_birth_dates",
        "children",
        "birth_date",
        "keep",
        _given("birth_date") & _given("expected_birth_date"),
        "a date of birth and an expected one (8525); the date of birth is used",
        "return the expected date only for a child not yet born",
    ),
    RowRule(
        "missing_birth_date",
        "children",
        "birth_date",
        "keep",
        _missing("birth_date") & _missing("expected_birth_date"),
        "no date of birth and no expected one (8525); the child is in no age group",
        "record the date of birth, or the expected date for a child not yet born",
    ),
)

EPISODE_RULES = (
    RowRule(
        "referral_after_census",
        "episodes",
        "referral_date",
        "reject",
        _before("reference_date", "referral_date"),
        "the referral is dated after the end of the census (8600)",
        "correct the referral date, or leave the episode for the next census",
    ),
    RowRule(
        "closure_before_referral",
        "episodes",
        "closure_date",
        "blank",
        _before("closure_date", "referral_date"),
        "the case closed before it was referred (8630); the closure date is set to missing",
        "correct the closure or the referral date",
    ),
    RowRule(
        "closure_outside_census",
        "episodes",
        "closure_date",
        "keep",
        _before("closure_date", "census_start") | _before("reference_date", "closure_date"),
        "the case closed outside the census year (8620)",
        "return a case only in the years in which it was open, with a closure date within the year",
    ),
    RowRule(
        "closure_without_reason",
        "episodes",
        "closure_reason",
        "keep",
        _given("closure_date") & _missing("closure_reason"),
        "a closure date without a reason (8805)",
        "record the reason for closure",
    ),
    RowRule(
        "reason_without_closure",
        "episodes",
        "closure_date",
        "keep",
        _given("closure_reason") & _missing("closure_date"),
        "a reason for closure without a date (8810); the case counts as open",
        "record the closure date, or remove the reason",
    ),
    RowRule(
        "missing_referral_source",
        "episodes",
        "referral_source",
        "keep",
        _missing("referral_source"),
        "no referral source that can be used (8866); the referral is in no source group",
        "record the source of the referral",
    ),
    RowRule(
        "missing_primary_need",
        "episodes",
        "primary_need",
        "keep",
        _missing("primary_need") & ~pl.col("no_further_action").fill_null(value=False),
        "no primary need that can be used, although further action followed (8650)",
        "record the primary need",
    ),
    RowRule(
        "missing_no_further_action",
        "episodes",
        "no_further_action",
        "keep",
        _missing("no_further_action"),
        "no usable answer to whether further action followed (8568); the referral counts as having led to action",
        "record whether the referral led to no further action",
    ),
)

EVENT_RULES = (
    RowRule(
        "authorised_before_start",
        "assessments",
        "authorisation_date",
        "keep",
        _before("authorisation_date", "start_date"),
        "the assessment was authorised before it started (8608)",
        "correct the start or the authorisation date",
    ),
    RowRule(
        "conference_before_enquiry",
        "section_47_enquiries",
        "initial_conference_date",
        "keep",
        _before("initial_conference_date", "start_date"),
        "the initial conference is dated before the enquiry (8615)",
        "correct the conference or the enquiry date",
    ),
    RowRule(
        "ended_before_start",
        "child_protection_plans",
        "end_date",
        "keep",
        _before("end_date", "start_date"),
        "the child protection plan ended before it started (8925)",
        "correct the start or the end date",
    ),
    RowRule(
        "ended_before_start",
        "child_in_need_plans",
        "end_date",
        "keep",
        _before("end_date", "start_date"),
        "the child in need plan ended before it started (4011)",
        "correct the start or the end date",
    ),
)


def _code_rules() -> tuple[RowRule, ...]:
    """For every code that a return holds only in some years: kept outside them, and said."""
    rules: list[RowRule] = []
    for table, columns in RETURNED.items():
        for column in columns:
            code_set = CODE_SETS.get(column.code_set)
            if code_set is None or not (code_set.first_year or code_set.last_year):
                continue
            code, year = pl.col(column.name), pl.col("census_year")
            outside = [
                (code == pl.lit(value, dtype=code_set.dtype)) & (year < first)
                for value, first in code_set.first_year.items()
            ] + [
                (code == pl.lit(value, dtype=code_set.dtype)) & (year > last)
                for value, last in code_set.last_year.items()
            ]
            rules.append(
                RowRule(
                    "code_outside_its_years",
                    table,
                    column.name,
                    "keep",
                    pl.any_horizontal(outside).fill_null(value=False),
                    "a code that the census of this year does not have; it is used as it stands",
                    "check that the year's code list was used",
                )
            )
    return tuple(rules)


ROW_RULES: tuple[RowRule, ...] = (*CHILD_RULES, *EPISODE_RULES, *EVENT_RULES, *_code_rules())
"""Every rule about a single row."""


def rules_of(table: str) -> tuple[RowRule, ...]:
    """The row rules of a table."""
    return tuple(rule for rule in ROW_RULES if rule.table == table)


def contract(table: str) -> DataFrameSchema:
    """The pandera contract of a table as returned: column types, required cells, and its row rules.

    Failing rows are read from each check's own result, never from pandera's report of failure cases, which would quote
    the rows; and the report is cut to one case, so that a bad extract costs no more than a good one.
    """
    import pandera.polars as pa  # noqa: PLC0415 (slow to import, and needed only here)

    def check(rule: RowRule) -> pa.Check:
        def holds(data: pa.PolarsData) -> pl.LazyFrame:
            return data.lazyframe.select(~rule.broken)

        return pa.Check(holds, name=rule.key, n_failure_cases=1)

    return pa.DataFrameSchema(
        {column.name: pa.Column(column.dtype, nullable=not column.required) for column in RETURNED[table]},
        checks=[check(rule) for rule in rules_of(table)],
    )


def broken_rows(table: str, frame: pl.DataFrame) -> tuple[dict[str, pl.Series], dict[str, pl.Series]]:
    """The rows of a typed table that break its contract.

    Args:
        table: The table's name.
        frame: The typed table with `reference_date`, `census_start` and `census_year` of each row's census.

    Returns:
        Masks of rows without a required cell by column, and masks of rows that break a row rule by its key.
    """
    from pandera.errors import SchemaErrorReason, SchemaErrors  # noqa: PLC0415 (as above)

    try:
        contract(table).validate(frame, lazy=True)
    except SchemaErrors as errors:
        faults: list[Any] = list(errors.schema_errors)
    else:
        return {}, {}
    missing: dict[str, pl.Series] = {}
    broken: dict[str, pl.Series] = {}
    for fault in faults:
        if fault.reason_code is SchemaErrorReason.SERIES_CONTAINS_NULLS:
            missing[fault.schema.name] = frame[fault.schema.name].is_null()
        elif fault.reason_code is SchemaErrorReason.DATAFRAME_CHECK:
            broken[fault.check.name] = ~fault.check_output.to_series()
        else:
            raise AssertionError(
                f"{table}: the typed table does not match its contract ({fault.reason_code})"
            ) from None
    return missing, broken
