"""What is spent on what: the definitions of the shares of spending in `specs/`, from the supplied table of finance.

Every function is pure: supplied tables in, unit records out. See `unit_records` for the shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import polars as pl

from csc_indicators.context_codes import (
    ALL_SERVICES_LINE,
    CARE_LINE,
    FINANCE_LINE,
    FUNDING,
    PERMANENT_GRANT,
    SOCIAL_CARE_LINE,
)
from csc_indicators.geography import populations
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.histories.supplied import of_years
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.unit_records import Definition, unit_records
from csc_indicators.periods import Period

FINANCE = "context.finance"
NOTHING = pl.lit(0.0)
OF_YEAR = ("period", "la_code")

ShareOf = Literal["childrens_social_care", "family_help"]
Line = Literal["children_looked_after", "childrens_social_care", "family_help", "all_services"]


def _is_line(line: str) -> pl.Expr:
    return pl.col("line") == pl.lit(line, dtype=FINANCE_LINE.dtype)


def _lines(finance: pl.DataFrame | pl.LazyFrame, periods: Sequence[Period]) -> pl.LazyFrame:
    """The rows of each year, with whether they stand for their line: the line in all, or else all of its parts."""
    in_all = pl.col("funding").is_null()
    return of_years(finance, periods).with_columns(
        stands_for_line=in_all | ~in_all.any().over(*OF_YEAR, "line"),
    )


def _definition(
    denominator: Mapping[str, pl.Expr], numerator: Mapping[str, pl.Expr], value: pl.Expr, weight: pl.Expr
) -> Definition:
    return Definition(
        kind="mean",
        unit_table=FINANCE,
        unit_id="finance_key",
        unit_row="finance_key",
        date="period_end",
        complete=ALWAYS,
        denominator=denominator,
        numerator=numerator,
        value=value,
        weight=weight,
    )


def _part_of_whole(
    finance: pl.DataFrame | pl.LazyFrame,
    periods: Sequence[Period],
    part: str,
    whole: str,
    *,
    name: str,
    rest: bool = False,
    why: bool,
) -> pl.LazyFrame:
    """A line, or what is left of another without it, as a share of the other; only where both were supplied."""
    rows = _lines(finance, periods).with_columns(
        both=_is_line(part).any().over(OF_YEAR) & _is_line(whole).any().over(OF_YEAR)
    )
    amount = pl.col("amount")
    of_part = pl.when(_is_line(part)).then(amount).otherwise(NOTHING)
    of_whole = pl.when(_is_line(whole)).then(amount).otherwise(NOTHING)
    definition = _definition(
        {
            "line_asked_for": _is_line(part) | _is_line(whole),
            "stands_for_line": pl.col("stands_for_line"),
            "both_lines_supplied": pl.col("both"),
        },
        {name: _is_line(whole) if rest else _is_line(part)},
        of_whole - of_part if rest else of_part,
        of_whole,
    )
    return unit_records(rows, definition, why=why)


@checked
def spend_on_care_share(
    finance: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    share_of_spend: ShareOf = "childrens_social_care",
    why: bool = False,
) -> pl.LazyFrame:
    """Spending on children looked after as a share of that on children's social care, or on Family Help.

    Args:
        finance: The supplied `finance`, one row a line of spending (or a part of it by funding) and year.
        periods: Reporting years, which are financial years.
        share_of_spend: The whole that the spending is a share of.
        why: Also say which clause decided each row of the year.

    Returns:
        Unit records, one a row of either line: numerator the pounds on children looked after, denominator the pounds
        of the whole.

    Source: specs/indicators/spend_on_care_share.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> tables = example_context_tables(
    ...     {"finance": [{"line": "children_looked_after", "amount": 30}, {"amount": 50}]}
    ... )
    >>> records = spend_on_care_share(tables["context.finance"], periods=[year(2025)]).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (30.0, 50.0)
    """
    return _part_of_whole(finance, periods, CARE_LINE, share_of_spend, name="on_children_looked_after", why=why)


@checked
def spend_not_on_care_share(
    finance: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    share_of_spend: ShareOf = "childrens_social_care",
    why: bool = False,
) -> pl.LazyFrame:
    """Spending that is not on children looked after, as a share of that on children's social care or on Family Help.

    Args:
        finance: The supplied `finance`, one row a line of spending (or a part of it by funding) and year.
        periods: Reporting years, which are financial years.
        share_of_spend: The whole that the spending is a share of.
        why: Also say which clause decided each row of the year.

    Returns:
        Unit records, one a row of either line: the whole counts in numerator and denominator, what is spent on
        children looked after is taken off the numerator.

    Source: specs/indicators/spend_not_on_care_share.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> tables = example_context_tables(
    ...     {"finance": [{"line": "children_looked_after", "amount": 30}, {"amount": 50}]}
    ... )
    >>> spend_not_on_care_share(tables["context.finance"], periods=[year(2025)]).collect()["numerator"].sum()
    20.0
    """
    return _part_of_whole(finance, periods, CARE_LINE, share_of_spend, name="in_the_whole", rest=True, why=why)


@checked
def childrens_spend_share(
    finance: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    why: bool = False,
) -> pl.LazyFrame:
    """Spending on children's social care as a share of that on all services of the authority.

    Args:
        finance: The supplied `finance`, one row a line of spending (or a part of it by funding) and year.
        periods: Reporting years, which are financial years.
        why: Also say which clause decided each row of the year.

    Returns:
        Unit records, one a row of either line: numerator the pounds on children's social care, denominator the pounds
        on all services.

    Source: specs/indicators/childrens_spend_share.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> tables = example_context_tables({"finance": [{"amount": 50}, {"line": "all_services", "amount": 200}]})
    >>> records = childrens_spend_share(tables["context.finance"], periods=[year(2025)]).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (50.0, 200.0)
    """
    part, whole = SOCIAL_CARE_LINE, ALL_SERVICES_LINE
    return _part_of_whole(finance, periods, part, whole, name="on_childrens_social_care", why=why)


@checked
def spend_per_child(
    finance: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    population: pl.DataFrame | pl.LazyFrame | None = None,
    line: Line = "childrens_social_care",
    why: bool = False,
) -> pl.LazyFrame:
    """Pounds spent on children's social care for each child in the population.

    Args:
        finance: The supplied `finance`, one row a line of spending (or a part of it by funding) and year.
        periods: Reporting years, which are financial years.
        population: The supplied `population`; without it the published mid-year estimates of the year before.
        line: The line of spending.
        why: Also say which clause decided each row of the year.

    Returns:
        Unit records, one a row of the line: numerator its pounds, denominator (once a year) the children.

    Source: specs/indicators/spend_per_child.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> tables = example_context_tables({"finance": [{"amount": 5000}], "population": [{"population": 10}]})
    >>> records = spend_per_child(
    ...     tables["context.finance"], periods=[year(2025)], population=tables["population"]
    ... ).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (5000.0, 10.0)
    """
    if population is None:
        estimates = populations().select(
            "la_code", (pl.col("mid_year").cast(pl.Int32) + 1).alias("year"), children="population"
        )
    else:
        estimates = population.lazy().select("la_code", pl.col("year").cast(pl.Int32), children="population")
    rows = _lines(finance, periods).join(estimates.lazy(), on=["la_code", "year"], how="left")
    counted = _is_line(line) & pl.col("stands_for_line")
    first = pl.col("finance_key") == pl.when(counted).then("finance_key").min().over(OF_YEAR)
    definition = _definition(
        {
            "line_asked_for": _is_line(line),
            "stands_for_line": pl.col("stands_for_line"),
            "population_known": pl.col("children") > 0,
        },
        {},
        pl.col("amount"),
        pl.when(first).then("children").otherwise(NOTHING),
    )
    return unit_records(rows, definition, why=why)


@checked
def permanent_grant_share(
    finance: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    line: Line = "family_help",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of spending on Family Help that is paid from grants without an end.

    Args:
        finance: The supplied `finance`, its line split by funding.
        periods: Reporting years, which are financial years.
        line: The line of spending.
        why: Also say which clause decided each row of the year.

    Returns:
        Unit records, one a part of the line: denominator its pounds, numerator the same where they are of a permanent
        grant.

    Source: specs/indicators/permanent_grant_share.toml.

    >>> from csc_indicators.examples import example_context_tables
    >>> from csc_indicators.periods import year
    >>> rows = [{"line": "family_help", "funding": funding, "amount": 10} for funding in ("core", "permanent_grant")]
    >>> tables = example_context_tables({"finance": rows})
    >>> records = permanent_grant_share(tables["context.finance"], periods=[year(2025)]).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (10.0, 20.0)
    """
    permanent = pl.col("funding") == pl.lit(PERMANENT_GRANT, dtype=FUNDING.dtype)
    definition = _definition(
        {"line_asked_for": _is_line(line), "funding_known": pl.col("funding").is_not_null()},
        {"permanent_grant": permanent},
        pl.when(permanent).then("amount").otherwise(NOTHING),
        pl.col("amount"),
    )
    return unit_records(_lines(finance, periods), definition, why=why)
