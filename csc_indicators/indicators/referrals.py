"""Referrals and re-referrals: the definitions of `specs/indicators/referrals*.toml` and `rereferrals.toml`.

Every function is pure: the validated episodes in, unit records out, one row a referral (or a child referred), with the
authority's code, the period, the numerator and the denominator. See `unit_records` for the shape.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import polars as pl

from csc_indicators.codes import REFERRAL_SOURCE
from csc_indicators.histories.moments import nearest
from csc_indicators.histories.referrals import (
    ALWAYS,
    MeasuredFrom,
    SameNeed,
    led_to_action,
    with_latest_earlier,
    with_ordinal,
)
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.unit_records import (
    Definition,
    attributes_at,
    every,
    unit_records,
    with_first_of_the_child,
)
from csc_indicators.periods import (
    MONTHS_IN_YEAR,
    Period,
    add_months,
    in_periods,
    months_before,
    overlapping,
)

ATTRIBUTES = attributes_at("referral_date")
"""What a referral can be broken down by."""

ONE_DAY = dt.timedelta(days=1)


@checked
def referrals(
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    no_further_action: Literal["include", "exclude"] = "include",
    referral_sources: Sequence[str] | None = None,
    why: bool = False,
) -> pl.LazyFrame:
    """Referrals made in each period: the numerator of a rate per 10,000 children.

    Args:
        episodes: The validated `CinCensus.episodes`, one row a referral.
        periods: The periods to count in.
        no_further_action: Whether referrals closed at once with no further action count.
        referral_sources: Codes of the sources that count; None for all.
        why: Also say which clause decided each referral, with those that are not counted.

    Returns:
        Unit records, one a referral: numerator 1, denominator null (the population supplies it).

    Source: specs/indicators/referrals.toml.

    >>> from csc_indicators.examples import example_episodes
    >>> from csc_indicators.periods import year
    >>> episodes = example_episodes([{"child_id": "A", "referral_date": "2024-05-10"}])
    >>> referrals(episodes, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    definition = Definition(
        kind="rate",
        unit_id="episode_key",
        unit_row="episode_key",
        date="referral_date",
        complete=_observed(),
        numerator={
            "source_counted": _from_sources(referral_sources),
            "no_further_action_counted": led_to_action() if no_further_action == "exclude" else ALWAYS,
        },
        attributes=ATTRIBUTES,
    )
    return unit_records(in_periods(episodes.lazy(), "referral_date", periods), definition, why=why)


@checked
def referrals_no_further_action(
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    referral_sources: Sequence[str] | None = None,
    why: bool = False,
) -> pl.LazyFrame:
    """The share of referrals in each period that led to no further action.

    Args:
        episodes: The validated `CinCensus.episodes`, one row a referral.
        periods: The periods to count in.
        referral_sources: Codes of the sources that count; None for all.
        why: Also say which clause decided each referral, with those that are not counted.

    Returns:
        Unit records, one a referral: numerator 1 when it is flagged as needing no further action, denominator 1.

    Source: specs/indicators/referrals_no_further_action.toml.

    >>> from csc_indicators.examples import example_episodes
    >>> from csc_indicators.periods import year
    >>> episodes = example_episodes(
    ...     [{"referral_date": "2024-05-10", "no_further_action": True}, {"referral_date": "2024-05-10"}]
    ... )
    >>> records = referrals_no_further_action(episodes, periods=[year(2025)]).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (1.0, 2.0)
    """
    definition = Definition(
        kind="share",
        unit_id="episode_key",
        unit_row="episode_key",
        date="referral_date",
        complete=_observed(),
        denominator={"source_counted": _from_sources(referral_sources)},
        numerator={"no_further_action": pl.col("no_further_action")},
        attributes=ATTRIBUTES,
    )
    return unit_records(in_periods(episodes.lazy(), "referral_date", periods), definition, why=why)


@checked
def rereferrals(
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    window_months: int | None = 12,
    measured_from: MeasuredFrom = "referral",
    same_need: SameNeed = "any",
    no_further_action: Literal["include", "exclude", "exclude_earlier", "exclude_later"] = "include",
    referral_sources: Sequence[str] | None = None,
    earlier_referral_sources: Sequence[str] | None = None,
    count_of: Literal["referrals", "children"] = "referrals",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of referrals in each period that follow an earlier referral of the same child within the window.

    Args:
        episodes: The validated `CinCensus.episodes`, one row a referral, of the period and of the window before it.
        periods: The periods to count in.
        window_months: The window in calendar months, its first day included; None for any time before.
        measured_from: Whether the clock starts at the earlier referral or at the closure of its case.
        same_need: Whether the two must share a stated primary need, differ in it, or neither.
        no_further_action: Whether referrals with no further action count: on both sides (`include`), on neither
            (`exclude`), not as the earlier one, or not as the later one.
        referral_sources: Codes of the sources from which the later referral may come; None for all.
        earlier_referral_sources: Codes of the sources from which the earlier referral may come; None for all.
        count_of: Referrals, or children referred: a child counts once, as re-referred if any of its referrals is.
        why: Also say which clause decided each referral, and which latest earlier one was found for it.

    Returns:
        Unit records, one a referral (or a child): numerator 1 when re-referred, denominator 1. `complete` is false
        where the authority's censuses do not reach back over the whole window (with None: to the child's birth).

    Source: specs/indicators/rereferrals.toml.

    >>> from csc_indicators.examples import example_episodes
    >>> from csc_indicators.periods import year
    >>> episodes = example_episodes(
    ...     [{"child_id": "A", "referral_date": "2023-05-10"}, {"child_id": "A", "referral_date": "2024-05-10"}]
    ... )
    >>> records = rereferrals(episodes, periods=[year(2025)]).collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (1.0, 1.0)
    """
    may_be_earlier = _from_sources(earlier_referral_sources)
    if no_further_action in ("exclude", "exclude_earlier"):
        may_be_earlier = every([may_be_earlier, led_to_action()])
    later_counted = led_to_action() if no_further_action in ("exclude", "exclude_later") else ALWAYS
    earlier_date = pl.col("earlier_date")
    if window_months is None:
        within_window = earlier_date.is_not_null()
        complete = pl.col("observed_from") <= pl.col("birth_date")
    else:
        window_start = months_before(pl.col("referral_date"), window_months)
        within_window = earlier_date >= window_start
        complete = pl.col("observed_from") <= window_start
    candidates = in_periods(
        with_latest_earlier(
            episodes.lazy(), may_be_earlier=may_be_earlier, measured_from=measured_from, same_need=same_need
        ),
        "referral_date",
        periods,
    )
    definition = Definition(
        kind="share",
        unit_id="episode_key",
        unit_row="episode_key",
        date="referral_date",
        complete=complete,
        denominator={
            "source_counted": _from_sources(referral_sources),
            "no_further_action_counted": later_counted,
            "first_of_the_child": ALWAYS,
        },
        numerator={"earlier_referral": earlier_date.is_not_null(), "within_window": within_window},
        attributes=ATTRIBUTES,
        matched=pl.col("earlier_unit"),
    )
    if count_of == "children":
        candidates, definition = _of_children(candidates, definition)
    return unit_records(candidates, definition, why=why)


@checked
def referrals_per_child(
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    history_years: int | None = None,
    why: bool = False,
) -> pl.LazyFrame:
    """How many referrals the children referred in each period have had, over the observed history to its end.

    Args:
        episodes: The validated `CinCensus.episodes`, one row a referral, as far back as there are censuses.
        periods: The periods in which a child must be referred to count.
        history_years: Count referrals of this many years up to the end of the period; None for all there are.
        why: Also say which clause decided each referral.

    Returns:
        Unit records, one a child referred in the period: numerator the child's referrals, denominator 1, and
        `times_referred`, the same number to break down by. `complete` is false where the authority's censuses do not
        reach back over the whole history (with None: to the child's birth).

    Source: specs/indicators/referrals_per_child.toml.

    >>> from csc_indicators.examples import example_episodes
    >>> from csc_indicators.periods import year
    >>> episodes = example_episodes(
    ...     [{"child_id": "A", "referral_date": "2021-05-10"}, {"child_id": "A", "referral_date": "2024-05-10"}]
    ... )
    >>> referrals_per_child(episodes, periods=[year(2025)]).collect()["numerator"].sum()
    2.0
    """
    rows = with_ordinal(episodes.lazy())
    candidates = in_periods(rows, "referral_date", periods)
    if overlapping(periods):  # a referral comes once for each period that holds it, so that they must be sorted anew
        candidates = candidates.sort("period", "child_key", "ordinal")
    # The rows of a child in a period stand together, so its first and its last are told by the rows beside them.
    child, period = pl.col("child_key"), pl.col("period").to_physical()
    is_first = (child != child.shift(1)) | (period != period.shift(1))
    is_last = (child != child.shift(-1)) | (period != period.shift(-1))
    candidates = candidates.with_columns(
        first_of_the_child=is_first.fill_null(value=True),
        times_referred=pl.when(is_last.fill_null(value=True)).then("ordinal").backward_fill(),
    )
    begins = pl.col("birth_date")
    if history_years is not None:
        months = -history_years * MONTHS_IN_YEAR
        first_days = pl.Series([add_months(period.end + ONE_DAY, months) for period in periods])
        begins = pl.lit(first_days).gather(pl.col("period").to_physical())
        candidates = nearest(
            candidates.with_columns(_before=begins - pl.duration(days=1)),
            rows,
            day="_before",
            of="referral_date",
            strategy="backward",
            columns={"ordinal": "times_before"},
        ).with_columns(times_referred=pl.col("times_referred") - pl.col("times_before").fill_null(0))
    definition = Definition(
        kind="mean",
        unit_id="child_key",
        unit_row="episode_key",
        date="referral_date",
        complete=pl.col("observed_from") <= begins,
        denominator={"first_of_the_child": pl.col("first_of_the_child")},
        value=pl.col("times_referred"),
        attributes=(*ATTRIBUTES, "times_referred"),
    )
    return unit_records(candidates, definition, why=why)


def _from_sources(sources: Sequence[str] | None) -> pl.Expr:
    if sources is None:
        return ALWAYS
    return pl.col("referral_source").is_in(pl.Series(sources, dtype=REFERRAL_SOURCE.dtype).implode())


def _observed() -> pl.Expr:
    """The referral's day lies in an unbroken span of the authority's censuses."""
    return pl.col("observed_from").is_not_null()


def _with_first(candidates: pl.LazyFrame, counted: pl.Expr) -> pl.LazyFrame:
    return with_first_of_the_child(candidates, counted, date="referral_date", key="episode_key")


def _of_children(candidates: pl.LazyFrame, definition: Definition) -> tuple[pl.LazyFrame, Definition]:
    """The same definition with the child as the unit, represented by its first counted referral of the period.

    The child meets a clause of the numerator when any of its counted referrals does, and is completely observed when
    all of them are. What is asked of each referral is answered as a plain column first: inside a window function a
    look-up in the calendar would be repeated for every child.
    """
    counted, complete, matched = pl.col("_counted"), pl.col("_complete"), pl.col("_matched")
    child = "first_of_the_child_of"
    candidates = candidates.with_columns(
        _counted=every(definition.denominator.values()),
        _complete=definition.complete,
        _matched=definition.matched,
        **{f"_{name}": clause.fill_null(value=False) for name, clause in definition.numerator.items()},
    )
    return _with_first(candidates, counted), replace(
        definition,
        unit_id="child_key",
        complete=(complete.fill_null(value=False) | ~counted).all().over(child),
        denominator={**definition.denominator, "first_of_the_child": pl.col("first_of_the_child")},
        numerator={name: (counted & pl.col(f"_{name}")).any().over(child) for name in definition.numerator},
        matched=pl.when(counted).then(matched).min().over(child),
    )
