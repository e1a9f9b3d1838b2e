"""Unit records: the one shape in which every indicator says what it counted, and why.

An indicator puts its candidates to an ordered set of named clauses. A candidate that fails a clause of the denominator
is not in the figure; one that passes those and fails a clause of the numerator is in the denominator only. Asked
`why`, every candidate comes back with the first clause it failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import polars as pl

from csc_indicators.histories.people import age_at
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.tables import cin, context, ssda903, workforce

COUNTED = "counted"
_CONTRACTS = (
    *cin.CONTRACTS.values(),
    *ssda903.CONTRACTS.values(),
    *workforce.CONTRACTS.values(),
    *context.CONTRACTS.values(),
)
UNIT_KEYS = MappingProxyType({contract.name: contract.key for contract in _CONTRACTS if contract.key})
"""The tables whose rows may stand for a unit, and the column that numbers their rows."""
SUBJECTS = MappingProxyType({contract.name: contract.subject for contract in _CONTRACTS})
"""The column of each table that says who a row is about; None where it is about nobody."""
UNIT_TABLE = pl.Enum(list(UNIT_KEYS))
KEY_SPAN = 2**32
"""Keys that a packed number has room for."""
OF_SPAN = 2**48
"""Children, cases and factors of cases that a packed number has room for."""

Clauses = Mapping[str, pl.Expr]


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What an indicator says of one candidate row.

    `kind` is `share` (numerator 1 when every clause holds, denominator 1), `rate` (numerator 1, no denominator: the
    population supplies it) or `mean` (numerator `value`, denominator 1). `unit_row` is the row that stands for the
    unit, by the key of its table `unit_table`, so that it can be found in its file; `matched` is the row that a
    candidate was matched with, for indicators that match, by the key of `matched_table`. `weight` is what a unit counts
    for in the denominator when that is not 1. `followed_up` is the clause of
    the denominator that says whether the outcome is known by now: a unit that fails that one alone stays among the
    records, counting nothing, so that the figure is known to be incomplete and by how many. `reaching_back` is the
    clause of the denominator that needs what came before the returns: a unit that fails that one alone, and is not
    complete, stays among the records in the same way.
    """

    kind: Literal["share", "rate", "mean"]
    unit_table: str | pl.Expr = "episodes"
    unit_id: str
    unit_row: str
    date: str
    complete: pl.Expr
    denominator: Clauses = field(default_factory=dict[str, pl.Expr])
    numerator: Clauses = field(default_factory=dict[str, pl.Expr])
    value: pl.Expr | None = None
    weight: pl.Expr | None = None
    attributes: Sequence[str | pl.Expr] = ()
    matched: pl.Expr | None = None
    matched_table: str | pl.Expr = "episodes"
    followed_up: str | None = None
    reaching_back: str | None = None

    @property
    def clauses(self) -> dict[str, pl.Expr]:
        """Every clause in the order in which candidates are put to them; an unknown answer is a no."""
        both = {**self.denominator, **self.numerator}
        return {name: _surely(clause) for name, clause in both.items()}

    @property
    def deciding(self) -> tuple[pl.Expr, ...]:
        """The clauses that decide whether a candidate is in the figure at all."""
        names = [*self.denominator, *self.numerator] if self.kind == "rate" else list(self.denominator)
        return tuple(self.clauses[name] for name in names)


def _surely(clause: pl.Expr) -> pl.Expr:
    """A clause whose answer is never unknown: not known to hold is not holding."""
    return clause if clause is ALWAYS else clause.fill_null(value=False)


def every(clauses: Iterable[pl.Expr]) -> pl.Expr:
    """True where every clause holds; true when there is none."""
    holds = ALWAYS
    for clause in clauses:
        if clause is not ALWAYS:
            holds = _surely(clause) if holds is ALWAYS else holds & _surely(clause)
    return holds


def unit_records(candidates: pl.LazyFrame, definition: Definition, *, why: bool = False) -> pl.LazyFrame:
    """The unit records of candidates that carry `period` and `la_code`.

    Returns:
        One row a unit: `period, la_code, unit_table, unit_id, unit_row, date, numerator, denominator, complete`, then
        the attributes. With `why`, candidates outside the figure too (numerator and denominator 0), and `decided_by`
        (the first clause that failed, or `counted`), `matched_table` and `matched_row` (the row found for it, by the
        key of that table, or null). With a clause `followed_up`, also `awaiting`: the unit is left out only because its
        outcome is not known yet.
    """
    inside = every(definition.deciding)
    counted = every(definition.clauses.values())
    numerator = counted if definition.value is None else definition.value
    outside, denominator = pl.lit(0.0), pl.lit(1.0)
    if definition.weight is not None:
        denominator = definition.weight.cast(pl.Float64)
    elif definition.kind == "rate":
        outside = denominator = pl.lit(None, dtype=pl.Float64)
    complete, listed = _surely(definition.complete), inside
    reasons: dict[str, pl.Expr] = {}
    if definition.followed_up:
        followed_up = definition.clauses[definition.followed_up]
        complete = complete & followed_up
        listed = every(clause for name, clause in definition.denominator.items() if name != definition.followed_up)
        reasons["awaiting"] = listed & ~followed_up
    if definition.reaching_back:
        others = every(clause for name, clause in definition.denominator.items() if name != definition.reaching_back)
        listed = inside | (others & ~complete)
    if why or definition.followed_up or definition.reaching_back:
        numerator = pl.when(inside).then(numerator).otherwise(0)
        denominator = pl.when(inside).then(denominator).otherwise(outside)
    if why:
        matched = pl.lit(None, dtype=pl.UInt32) if definition.matched is None else definition.matched
        reasons |= {
            "decided_by": decided_by(definition.clauses),
            "matched_table": _table_named(definition.matched_table),
            "matched_row": matched,
        }
    records = candidates.select(
        "period",
        "la_code",
        *definition.attributes,
        unit_table=_table_named(definition.unit_table),
        unit_id=pl.col(definition.unit_id).cast(pl.Int64),
        unit_row=pl.col(definition.unit_row),
        date=pl.col(definition.date),
        numerator=numerator.cast(pl.Float64),
        denominator=denominator,
        complete=complete,
        _listed=listed,
        **reasons,
    )
    # Filtered last: a clause may look at the child's other candidates.
    return records.drop("_listed") if why or listed is ALWAYS else records.filter("_listed").drop("_listed")


def _table_named(table: str | pl.Expr) -> pl.Expr:
    return pl.lit(table, dtype=UNIT_TABLE) if isinstance(table, str) else table.cast(UNIT_TABLE)


def observed(day: str) -> pl.Expr:
    """True where a day lies in the unbroken span of the authority's censuses around the row."""
    return pl.col(day).is_between("observed_from", "observed_to")


def attributes_at(day: str) -> tuple[str | pl.Expr, ...]:
    """What every event of the CIN census can be broken down by, the age being that on a day."""
    return ("sex", age_at(day), "ethnicity", "disabled", "primary_need", "referral_source")


def with_first_of_the_child(candidates: pl.LazyFrame, counted: pl.Expr, *, date: str, key: str) -> pl.LazyFrame:
    """Add `first_of_the_child`: true for the child's first counted candidate of the period, by day, then by key."""
    position = pl.col(date).to_physical().cast(pl.Int64) * KEY_SPAN + pl.col(key).cast(pl.Int64)
    return with_first(candidates, counted, of="child_key", position=position, name="first_of_the_child")


def with_first(candidates: pl.LazyFrame, counted: pl.Expr, *, of: str, position: pl.Expr, name: str) -> pl.LazyFrame:
    """Add a column that is true for the first counted candidate of each child, case or other thing in a period.

    Args:
        candidates: The candidates, with `period`.
        counted: Which of them count.
        of: The column, a whole number, of the thing of which there is to be a first.
        position: What comes first, as a whole number.
        name: The name of the new column; `name_of` holds the period and the thing as one number.

    What is asked of each row is answered as a plain column first: inside a window function a look-up in the calendar
    would be repeated for every group, and a window over one number is several times faster than over two columns.
    """
    group, place = f"{name}_of", f"{name}_position"
    in_period = pl.col("period").to_physical().cast(pl.Int64) * OF_SPAN + pl.col(of).cast(pl.Int64)
    return (
        candidates.with_columns(
            in_period.alias(group), (position if counted is ALWAYS else pl.when(counted).then(position)).alias(place)
        )
        .with_columns((pl.col(place) == pl.col(place).min().over(group)).fill_null(value=False).alias(name))
        .drop(place)
    )


def decided_by(clauses: Clauses) -> pl.Expr:
    """The first clause that a candidate fails, or `counted`, as an Enum of the clauses in order."""
    verdict = pl.lit(COUNTED)
    for name, clause in reversed(list(clauses.items())):
        verdict = pl.when(clause).then(verdict).otherwise(pl.lit(name))
    return verdict.cast(pl.Enum([*clauses, COUNTED]))
