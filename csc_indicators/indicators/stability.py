"""Where children in care are placed, how far from home and how steadily, and how often their social worker changes.

The definitions are those of `specs/indicators/`. Every function is pure: validated tables in, unit records out. See
`unit_records` for the shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from csc_indicators.histories.care import (
    TemporaryPlacements,
    Unaccompanied,
    care_history,
    codes_in,
    first_day_of,
    looked_after_throughout,
    of_lasting,
)
from csc_indicators.histories.placements import with_placements
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.looked_after import (
    EPISODES,
    at_period_end,
    care_attributes,
    with_placement_lived_in,
)
from csc_indicators.indicators.unit_records import Definition, unit_records
from csc_indicators.looked_after_codes import (
    OUTSIDE_THE_AUTHORITY,
    PLACED_FOR_ADOPTION,
    PLACEMENT,
    PLACEMENT_LOCATION,
)
from csc_indicators.periods import Period, period_dtype

METRES_IN_A_MILE = 1609.3
"""As the return's own validator has it."""
NOT_KNOWN_MILES = 999.9
"""How the return writes a distance that is not known, or from a home outside England."""


@checked
def placement_distance(
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    postcodes: pl.DataFrame | pl.LazyFrame | None = None,
    threshold_miles: int = 20,
    boundary: Literal["any", "outside_only"] = "any",
    unknown: Literal["keep", "drop"] = "keep",
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of children looked after at the end of each period who are placed far from home.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        periods: The periods at whose ends to count.
        postcodes: Where postcodes lie (`postcode`, `easting`, `northing` in metres), for placements whose distance the
            return does not say.
        threshold_miles: How many miles are not yet far.
        boundary: Whether a placement inside the authority can be far, or only one outside it.
        unknown: Whether children whose distance is not known stay among those looked after.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode open at the end of the period.

    Returns:
        Unit records, one a child looked after: numerator 1 when placed further than that, denominator 1; and
        `miles_begun`.

    Source: specs/indicators/placement_distance.toml.

    >>> from csc_indicators.examples import example_care
    >>> from csc_indicators.periods import year
    >>> episodes = example_care([{"start_date": "2023-05-10", "placement_distance": 20.1}])
    >>> placement_distance(episodes, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    columns = ("placement_distance", "placement_location", "home_postcode", "placement_postcode")
    history = with_placement_lived_in(care_history(episodes)).with_columns(
        pl.when(pl.col("lasting_row").is_null()).then(column).otherwise(of_lasting(column)).alias(column)
        for column in columns
    )
    candidates, clauses = at_period_end(history, periods, uasc)
    said = pl.when(pl.col("placement_distance") != NOT_KNOWN_MILES).then("placement_distance")
    if postcodes is None:
        candidates = candidates.with_columns(miles=said)
    else:
        candidates = _with_measured(candidates, postcodes.lazy()).with_columns(miles=pl.coalesce(said, "_measured"))
    outside = pl.col("placement_location") == pl.lit(OUTSIDE_THE_AUTHORITY, dtype=PLACEMENT_LOCATION.dtype)
    definition = Definition(
        kind="share",
        unit_table=EPISODES,
        unit_id="child_key",
        unit_row="episode_key",
        date="period_end",
        complete=ALWAYS,
        denominator={**clauses, "distance_known": ALWAYS if unknown == "keep" else pl.col("miles").is_not_null()},
        numerator={
            "far": pl.col("miles") > threshold_miles,
            "boundary_counted": ALWAYS if boundary == "any" else outside,
        },
        # A mile begun is a mile: 20.1 miles are over 20.
        attributes=(
            *care_attributes("period_end"),
            "placement_location",
            pl.col("miles").ceil().cast(pl.Int32, strict=False).alias("miles_begun"),
        ),
    )
    return unit_records(candidates, definition, why=why)


def _with_measured(candidates: pl.LazyFrame, postcodes: pl.LazyFrame) -> pl.LazyFrame:
    """Add the miles between the postcodes of home and placement, as the crow flies, to one decimal."""
    for end in ("home", "placement"):
        candidates = candidates.join(
            postcodes.select(
                pl.col("postcode").alias(f"{end}_postcode"),
                pl.col("easting").cast(pl.Float64).alias(f"_{end}_easting"),
                pl.col("northing").cast(pl.Float64).alias(f"_{end}_northing"),
            ),
            on=f"{end}_postcode",
            how="left",
        )
    east = pl.col("_home_easting") - pl.col("_placement_easting")
    north = pl.col("_home_northing") - pl.col("_placement_northing")
    miles = (east**2 + north**2).sqrt() / METRES_IN_A_MILE
    return candidates.with_columns(_measured=miles.round(1))


@checked
def placement_instability(
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    threshold: int = 3,
    count_same_carer_moves: bool = False,
    temporary_placements: TemporaryPlacements = "collapse",
    continuous_months: int | None = None,
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of children looked after at the end of each period who had three or more placements in it.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        periods: The periods at whose ends to count.
        threshold: From how many placements on a child counts.
        count_same_carer_moves: Whether a move with the same carer is a move.
        temporary_placements: Whether a temporary placement is part of the placement it interrupts, or one of its own.
        continuous_months: Count the placements of so many months up to the end of the period, of children looked after
            throughout them; None for the placements of the period, of all children.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode open at the end of the period.

    Returns:
        Unit records, one a child looked after: numerator 1 with so many placements, denominator 1; and `placements`.
        `complete` is false where a placement that the child was away from when the returns begin, and that none of them
        holds, would bring it to the threshold; and where months are given and the start of care is not known.

    Source: specs/indicators/placement_instability.toml.

    >>> from csc_indicators.examples import example_care
    >>> from csc_indicators.periods import year
    >>> starts = ["2024-02-01", "2024-05-10", "2024-09-01"]
    >>> rows = [
    ...     {"start_date": start, "end_date": end, "reason_for_new_episode": reason}
    ...     for start, end, reason in zip(starts, [*starts[1:], "missing"], "SPP", strict=True)
    ... ]
    >>> placement_instability(example_care(rows), periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    # Worked out once for the branches below, which polars would not see by itself.
    history = care_history(
        episodes, count_same_carer_moves=count_same_carer_moves, temporary_placements=temporary_placements
    ).cache()
    candidates, clauses = at_period_end(with_placement_lived_in(history), periods, uasc)
    candidates = with_placements(
        candidates,
        history,
        periods,
        count_same_carer_moves=count_same_carer_moves,
        temporary_placements=temporary_placements,
        continuous_months=continuous_months,
    )
    often = pl.col("placements") >= threshold
    # A placement that no return holds matters only to a child whom it would bring to the threshold.
    throughout, complete = ALWAYS, often | (pl.col("placements") + pl.col("placements_unseen") < threshold)
    if continuous_months is not None:
        throughout = looked_after_throughout(continuous_months)
        complete = pl.when(throughout).then(complete).otherwise("care_start_known")
    definition = Definition(
        kind="share",
        unit_table=EPISODES,
        unit_id="child_key",
        unit_row="episode_key",
        date="period_end",
        complete=complete,
        denominator={**clauses, "looked_after_throughout": throughout},
        numerator={"moved_often": often},
        attributes=(*care_attributes("period_end"), "placements"),
        reaching_back=None if continuous_months is None else "looked_after_throughout",
    )
    return unit_records(candidates, definition, why=why)


@checked
def long_term_stability(
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    stability_basis: Literal["same_carer", "same_placement"] = "same_carer",
    under_age: int = 16,
    care_months: int = 30,
    placement_months: int = 24,
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of children looked after for long who have lived with the same carer for two years.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        periods: The periods at whose ends to count.
        stability_basis: With the same carer, wherever, or in the same placement.
        under_age: Children of this age and over do not count.
        care_months: For how long a child must have been looked after without a break.
        placement_months: For how long a child must have lived there; a child placed for adoption, there and in the
            placement before together.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode open at the end of the period.

    Returns:
        Unit records, one a child looked after for so long: numerator 1 when settled, denominator 1.

    Source: specs/indicators/long_term_stability.toml.

    >>> from csc_indicators.examples import example_care
    >>> from csc_indicators.periods import year
    >>> episodes = example_care([{"start_date": "2022-05-10"}])
    >>> long_term_stability(episodes, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    history = care_history(episodes, count_same_carer_moves=stability_basis == "same_placement")
    for_adoption = codes_in("placement", PLACED_FOR_ADOPTION, PLACEMENT.dtype).gather(pl.col("placement_row"))
    history = with_placement_lived_in(history).with_columns(began_for_adoption=for_adoption)
    candidates, clauses = at_period_end(history, periods, uasc)
    throughout = looked_after_throughout(care_months)
    first_day = first_day_of(placement_months)
    before = pl.coalesce("previous_placement_start_date", "placement_start_date")
    definition = Definition(
        kind="share",
        unit_table=EPISODES,
        unit_id="child_key",
        unit_row="episode_key",
        date="period_end",
        complete=throughout | pl.col("care_start_known"),
        denominator={
            **clauses,
            "under_age": pl.col("age") < under_age,
            "looked_after_throughout": throughout,
        },
        numerator={
            "settled": pl.when("began_for_adoption").then(before).otherwise("placement_start_date") <= first_day
        },
        attributes=care_attributes("period_end"),
        reaching_back="looked_after_throughout",
    )
    return unit_records(candidates, definition, why=why)


@checked
def social_worker_changes(
    episodes: pl.DataFrame | pl.LazyFrame,
    social_workers: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    threshold: int = 3,
    none_recorded: Literal["keep", "drop"] = "drop",
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of children looked after at the end of each period who had three or more social workers in it.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        social_workers: The validated `Ssda903.social_workers`, one row a time for which one was responsible.
        periods: The periods at whose ends to count.
        threshold: From how many different social workers on a child counts.
        none_recorded: Whether children without any social worker recorded in the period stay in the denominator.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode open at the end of the period.

    Returns:
        Unit records, one a child looked after: numerator 1 with so many, denominator 1; and `social_workers`.

    Source: specs/indicators/social_worker_changes.toml.

    >>> from csc_indicators.examples import example_care_tables
    >>> from csc_indicators.periods import year
    >>> tables = example_care_tables(
    ...     {
    ...         "episodes": [{"start_date": "2023-05-10"}],
    ...         "social_workers": [{"social_worker_id": "SW1", "start_date": "2024-05-10"}],
    ...     }
    ... )
    >>> both = tables["episodes"], tables["social_workers"]
    >>> social_worker_changes(*both, periods=[year(2025)]).collect()["denominator"].sum()
    1.0
    """
    candidates, clauses = at_period_end(with_placement_lived_in(care_history(episodes)), periods, uasc)
    counts = pl.concat([_workers(social_workers.lazy(), period, periods) for period in periods])
    candidates = candidates.join(counts, on=["period", "child_key"], how="left").with_columns(
        pl.col("social_workers").fill_null(0)
    )
    definition = Definition(
        kind="share",
        unit_table=EPISODES,
        unit_id="child_key",
        unit_row="episode_key",
        date="period_end",
        complete=ALWAYS,
        denominator={
            **clauses,
            "worker_recorded": ALWAYS if none_recorded == "keep" else pl.col("social_workers") > 0,
        },
        numerator={"changed_often": pl.col("social_workers") >= threshold},
        attributes=(*care_attributes("period_end"), "social_workers"),
    )
    return unit_records(candidates, definition, why=why)


def _workers(social_workers: pl.LazyFrame, period: Period, periods: Sequence[Period]) -> pl.LazyFrame:
    """How many different social workers each child had in a period; the day one ended is the next one's."""
    over = pl.coalesce(pl.col("end_date"), pl.col("known_to") + pl.duration(days=1))
    return (
        social_workers.filter(
            (pl.col("start_date") <= period.end) & (over > period.start) & (over > pl.col("start_date"))
        )
        .group_by("child_key")
        .agg(social_workers=pl.col("social_worker_id").n_unique())
        .with_columns(period=pl.lit(period.label, dtype=period_dtype(periods)))
    )
