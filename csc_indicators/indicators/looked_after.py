"""Children looked after: how many, who started and ceased, and where they live.

The definitions are those of `specs/indicators/`. Every function is pure: the validated episodes of the return on
looked-after children in, unit records out. See `unit_records` for the shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from csc_indicators.histories.care import (
    Unaccompanied,
    care_history,
    ceases,
    codes_in,
    counted_by_status,
    looked_after_at_ends,
    of_lasting,
    short_break,
    unaccompanied_on,
)
from csc_indicators.histories.people import age_at
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.unit_records import KEY_SPAN, Clauses, Definition, every, unit_records, with_first
from csc_indicators.looked_after_codes import PLACEMENT
from csc_indicators.periods import ADULT_AGE, Period, in_periods

EPISODES = "ssda903.episodes"


def care_attributes(day: str) -> tuple[str | pl.Expr, ...]:
    """What every episode of care can be broken down by, age and status being those on a day."""
    return (
        "sex",
        age_at(day),
        "ethnicity",
        "primary_need",
        unaccompanied_on(day).alias("uasc"),
        "legal_status",
        "placement_lived_in",
        "placement_provider",
    )


def at_period_end(
    history: pl.LazyFrame, periods: Sequence[Period], uasc: Unaccompanied
) -> tuple[pl.LazyFrame, dict[str, pl.Expr]]:
    """The candidates and clauses of "a child looked after at the end of the period".

    Args:
        history: From `with_placement_lived_in`.
        periods: The periods.
        uasc: Whether unaccompanied children count.
    """
    candidates = looked_after_at_ends(history, periods)
    clauses: dict[str, pl.Expr] = {
        "looked_after": ~short_break(),
        "under_18": (pl.col("age") < ADULT_AGE).fill_null(value=True),
        "uasc_counted": counted_by_status("period_end", uasc),
    }
    candidates = with_last(candidates, every(clauses.values()), date="start_date", name="stands")
    return candidates, {**clauses, "stands_for_the_child": pl.col("stands")}


def with_last(candidates: pl.LazyFrame, counted: pl.Expr, *, date: str, name: str) -> pl.LazyFrame:
    """Add a column that is true for the child's last counted candidate of the period, by day, then by key."""
    position = pl.col(date).to_physical().cast(pl.Int64) * KEY_SPAN + pl.col("episode_key").cast(pl.Int64)
    return with_first(candidates, counted, of="child_key", position=-position, name=name)


def with_placement_lived_in(history: pl.LazyFrame) -> pl.LazyFrame:
    """Add `placement_lived_in`: the placement of an episode or, while in a temporary one, that which it interrupts."""
    return history.with_columns(
        placement_lived_in=pl.when(pl.col("lasting_row").is_null()).then("placement").otherwise(of_lasting("placement"))
    )


def _stock(
    episodes: pl.DataFrame | pl.LazyFrame,
    periods: Sequence[Period],
    uasc: Unaccompanied,
    numerator: Clauses | None,
    *,
    why: bool,
) -> pl.LazyFrame:
    """Unit records of children looked after at the end of each period: a rate, or a share when a numerator is given."""
    candidates, clauses = at_period_end(with_placement_lived_in(care_history(episodes)), periods, uasc)
    is_share = numerator is not None
    definition = Definition(
        kind="share" if is_share else "rate",
        unit_table=EPISODES,
        unit_id="child_key",
        unit_row="episode_key",
        date="period_end",
        complete=ALWAYS,
        denominator=clauses if is_share else {},
        numerator=numerator if numerator is not None else clauses,
        attributes=care_attributes("period_end"),
    )
    return unit_records(candidates, definition, why=why)


@checked
def children_in_care(
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """Children looked after at the end of each period: the numerator of a rate per 10,000 children.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        periods: The periods at whose ends to count.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode open at the end of the period.

    Returns:
        Unit records, one a child: numerator 1, denominator null (the population supplies it).

    Source: specs/indicators/children_in_care.toml.

    >>> from csc_indicators.examples import example_care
    >>> from csc_indicators.periods import year
    >>> episodes = example_care([{"start_date": "2023-05-10"}])
    >>> children_in_care(episodes, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    return _stock(episodes, periods, uasc, None, why=why)


@checked
def foster_care(
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    foster_codes: Sequence[str] = ("U1", "U2", "U3", "U4", "U5", "U6"),
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of children looked after at the end of each period who live in foster care.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        periods: The periods at whose ends to count.
        foster_codes: The placements that are foster care.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode open at the end of the period.

    Returns:
        Unit records, one a child looked after: numerator 1 when fostered, denominator 1.

    Source: specs/indicators/foster_care.toml.

    >>> from csc_indicators.examples import example_care
    >>> from csc_indicators.periods import year
    >>> episodes = example_care([{"start_date": "2023-05-10", "placement": "U4"}])
    >>> foster_care(episodes, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    return _stock(episodes, periods, uasc, {"fostered": lives_in(foster_codes)}, why=why)


@checked
def residential_care(
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    residential_codes: Sequence[str] = ("K1", "K2"),
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of children looked after at the end of each period who live in residential care.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        periods: The periods at whose ends to count.
        residential_codes: The placements that are residential care: secure and other children's homes as published, or
            also care homes, hospitals, family centres, custody and residential schools.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode open at the end of the period.

    Returns:
        Unit records, one a child looked after: numerator 1 when in residential care, denominator 1.

    Source: specs/indicators/residential_care.toml.

    >>> from csc_indicators.examples import example_care
    >>> from csc_indicators.periods import year
    >>> episodes = example_care([{"start_date": "2023-05-10", "placement": "K2"}])
    >>> residential_care(episodes, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    return _stock(episodes, periods, uasc, {"in_residential_care": lives_in(residential_codes)}, why=why)


@checked
def supported_accommodation(
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    supported_codes: Sequence[str] = ("K3", "H5", "P2"),
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of children looked after at period end who live independently, semi-independently or supported.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        periods: The periods at whose ends to count.
        supported_codes: The placements that count: registered supported accommodation, and independent and
            semi-independent living as they were called before.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode open at the end of the period.

    Returns:
        Unit records, one a child looked after: numerator 1 when living so, denominator 1.

    Source: specs/indicators/supported_accommodation.toml.

    >>> from csc_indicators.examples import example_care
    >>> from csc_indicators.periods import year
    >>> episodes = example_care([{"start_date": "2023-05-10", "placement": "K3"}])
    >>> supported_accommodation(episodes, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    return _stock(episodes, periods, uasc, {"in_supported_accommodation": lives_in(supported_codes)}, why=why)


def lives_in(placements: Sequence[str]) -> pl.Expr:
    """True for a child who lives in one of these placements, or is away from it for a while."""
    return codes_in("placement_lived_in", placements, PLACEMENT.dtype)


@checked
def care_starts(
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    starts_counted: Literal["first", "every"] = "first",
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """Children who started to be looked after in each period: the numerator of a rate per 10,000 children.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        periods: The periods to count in.
        starts_counted: A child's first start of the period, or every start.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode that began in the period.

    Returns:
        Unit records, one a child (or a start): numerator 1, denominator null (the population supplies it).

    Source: specs/indicators/care_starts.toml.

    >>> from csc_indicators.examples import example_care
    >>> from csc_indicators.periods import year
    >>> episodes = example_care([{"start_date": "2024-05-10"}])
    >>> care_starts(episodes, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    history = with_placement_lived_in(care_history(episodes))
    clauses: dict[str, pl.Expr] = {
        "looked_after": ~short_break(),
        "starts_care": pl.col("begins_care") & pl.col("care_start_known"),
        "uasc_counted": counted_by_status("start_date", uasc),
    }
    candidates = in_periods(history, "start_date", periods)
    first = ALWAYS
    if starts_counted == "first":
        position = pl.col("start_date").to_physical().cast(pl.Int64) * KEY_SPAN + pl.col("episode_key").cast(pl.Int64)
        counted = every(clauses.values())
        candidates = with_first(candidates, counted, of="child_key", position=position, name="is_first")
        first = pl.col("is_first")
    return _flow(candidates, {**clauses, "first_of_the_child": first}, "start_date", why=why)


@checked
def care_ceases(
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    ceases_counted: Literal["last", "every"] = "last",
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """Children who ceased to be looked after in each period: the numerator of a rate per 10,000 children.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        periods: The periods to count in.
        ceases_counted: A child's last cease of the period, or every one.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode that ended in the period.

    Returns:
        Unit records, one a child (or a cease): numerator 1, denominator null (the population supplies it).

    Source: specs/indicators/care_ceases.toml.

    >>> from csc_indicators.examples import example_care
    >>> from csc_indicators.periods import year
    >>> episodes = example_care([{"start_date": "2023-05-10", "end_date": "2024-06-01", "reason_ceased": "E4A"}])
    >>> care_ceases(episodes, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    candidates, clauses = ceased_in(with_placement_lived_in(care_history(episodes)), periods, ceases_counted, uasc)
    return _flow(candidates, clauses, "end_date", why=why)


def ceased_in(
    history: pl.LazyFrame, periods: Sequence[Period], ceases_counted: Literal["last", "every"], uasc: Unaccompanied
) -> tuple[pl.LazyFrame, dict[str, pl.Expr]]:
    """The candidates and clauses of "a child who ceased to be looked after in the period"."""
    clauses: dict[str, pl.Expr] = {
        "looked_after": ~short_break(),
        "ends_care": pl.col("ends_care"),
        "uasc_counted": counted_by_status("end_date", uasc),
    }
    candidates = in_periods(history.with_columns(ends_care=ceases()), "end_date", periods)
    if ceases_counted == "every":
        return candidates, {**clauses, "last_of_the_child": ALWAYS}
    candidates = with_last(candidates, every(clauses.values()), date="end_date", name="is_last")
    return candidates, {**clauses, "last_of_the_child": pl.col("is_last")}


def _flow(candidates: pl.LazyFrame, clauses: Clauses, date: str, *, why: bool) -> pl.LazyFrame:
    definition = Definition(
        kind="rate",
        unit_table=EPISODES,
        unit_id="episode_key",
        unit_row="episode_key",
        date=date,
        complete=ALWAYS,
        numerator=clauses,
        attributes=care_attributes(date),
    )
    return unit_records(candidates, definition, why=why)
