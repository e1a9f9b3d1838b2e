"""Rules about one row: how they are written, and how rows that break them are found.

A rule is an expression that is true of a broken row. `contract` hands the rules of a table to pandera together with its
column types, so one eager pass checks both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from csc_indicators.codes import CODE_SETS
from csc_indicators.extracts.parsing import Column

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


Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class CrossRule:
    """A rule across rows: `rows` gives the rows that break it, with `source_file` and `source_row`.

    Such rules change nothing: the rows stay in the figures, and each finding says how many there are and what it means
    for them.
    """

    id: str
    table: str
    column: str
    rows: Callable[[Tables], pl.DataFrame]
    message: str
    advice: str


def is_missing(column: str) -> pl.Expr:
    """True where a cell is missing."""
    return pl.col(column).is_null()


def is_given(column: str) -> pl.Expr:
    """True where a cell is given."""
    return pl.col(column).is_not_null()


def is_before(first: str, second: str) -> pl.Expr:
    """True where one day is known to lie before another."""
    return (pl.col(first) < pl.col(second)).fill_null(value=False)


def code_rules(
    returned: Mapping[str, Sequence[Column]], *, what: str = "a code that the census of this year does not have"
) -> tuple[RowRule, ...]:
    """For every code that a return holds only in some years: kept outside them, and said.

    Args:
        returned: What each returned column holds, by table.
        what: What is wrong with such a code, in words.
    """
    rules: list[RowRule] = []
    for table, columns in returned.items():
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
                    f"{what}; it is used as it stands",
                    "check that the year's code list was used",
                )
            )
    return tuple(rules)


def contract(columns: Sequence[Column], rules: Sequence[RowRule]) -> DataFrameSchema:
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
        {column.name: pa.Column(column.dtype, nullable=not column.required) for column in columns},
        checks=[check(rule) for rule in rules],
    )


def broken_rows(
    table: str, frame: pl.DataFrame, columns: Sequence[Column], rules: Sequence[RowRule]
) -> tuple[dict[str, pl.Series], dict[str, pl.Series]]:
    """The rows of a typed table that break its contract.

    Args:
        table: The table's name.
        frame: The typed table with `reference_date`, `census_start` and `census_year` of each row's return.
        columns: What each column holds, and which are required.
        rules: The rules about its rows.

    Returns:
        Masks of rows without a required cell by column, and masks of rows that break a row rule by its key.
    """
    from pandera.errors import SchemaErrorReason, SchemaErrors  # noqa: PLC0415 (as above)

    try:
        contract(columns, rules).validate(frame, lazy=True)
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
