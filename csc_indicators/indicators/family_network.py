"""Care within the family network, leaving care to it, and proceedings that end there.

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
    of_next,
    short_break,
)
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.looked_after import (
    EPISODES,
    at_period_end,
    care_attributes,
    ceased_in,
    lives_in,
    with_placement_lived_in,
)
from csc_indicators.indicators.unit_records import Definition, unit_records
from csc_indicators.looked_after_codes import (
    CEASED_ROUTES,
    CONNECTED_FOSTER_CARE,
    FOSTER_CARE,
    LEGAL_STATUS,
    PLACED_FOR_ADOPTION_WITH_CURRENT_CARER,
    PLACEMENT,
    REASON_CEASED,
    RETURNED_HOME,
    SECTION_20,
    WITH_PARENTS,
)
from csc_indicators.periods import Period, in_periods

Setting = Literal[
    "connected_foster_long_term",
    "connected_foster_adopter",
    "connected_foster_other",
    "with_parents",
    "adoption_by_connected_carer",
]
Route = Literal["special_guardianship", "child_arrangements", "home", "relatives"]


@checked
def family_network_care(
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    include: Sequence[Setting] = (
        "connected_foster_long_term",
        "connected_foster_adopter",
        "connected_foster_other",
        "with_parents",
        "adoption_by_connected_carer",
    ),
    section_20: Literal["include", "exclude", "only"] = "include",
    share_of: Literal["all", "fostered"] = "all",
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of children looked after at the end of each period who live within their family network.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        periods: The periods at whose ends to count.
        include: The settings that are the family network: fostered by a relative or friend (long term, who may adopt,
            other), with parents, or placed for adoption with the relative or friend who fostered the child.
        section_20: Whether children accommodated under section 20 count as within the network, count not, or are the
            only ones who do.
        share_of: Of all children looked after, or of those in foster care.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode open at the end of the period.

    Returns:
        Unit records, one a child looked after: numerator 1 within the network, denominator 1.

    Source: specs/indicators/family_network_care.toml.

    >>> from csc_indicators.examples import example_care
    >>> from csc_indicators.periods import year
    >>> episodes = example_care([{"start_date": "2023-05-10", "placement": "U3"}])
    >>> family_network_care(episodes, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    history = with_placement_lived_in(care_history(episodes))
    with_current_carer = lives_in(PLACED_FOR_ADOPTION_WITH_CURRENT_CARER)
    with_relative = lives_in(list(CONNECTED_FOSTER_CARE.values()))
    history = history.with_columns(_was_with_relative=pl.when(~with_current_carer).then(with_relative))
    # A child placed for adoption with its carer is with whoever cared for it before that.
    history = history.with_columns(
        _was_with_relative=pl.when(pl.col("begins_care") & pl.col("_was_with_relative").is_null())
        .then(pl.lit(value=False))
        .otherwise("_was_with_relative")
        .forward_fill()
    )
    candidates, clauses = at_period_end(history, periods, uasc)
    settings: dict[str, pl.Expr] = {
        **{name: lives_in([code]) for name, code in CONNECTED_FOSTER_CARE.items()},
        "with_parents": lives_in([WITH_PARENTS]),
        "adoption_by_connected_carer": with_current_carer & pl.col("_was_with_relative"),
    }
    under_section_20 = codes_in("legal_status", [SECTION_20], LEGAL_STATUS.dtype)
    by_section_20 = {"include": ALWAYS, "exclude": ~under_section_20, "only": under_section_20}
    definition = Definition(
        kind="share",
        unit_table=EPISODES,
        unit_id="child_key",
        unit_row="episode_key",
        date="period_end",
        complete=ALWAYS,
        denominator={**clauses, "in_the_share": ALWAYS if share_of == "all" else lives_in(FOSTER_CARE)},
        numerator={
            "in_the_network": pl.any_horizontal([settings[name] for name in include]),
            "legal_status_counted": by_section_20[section_20],
        },
        attributes=care_attributes("period_end"),
    )
    return unit_records(candidates, definition, why=why)


@checked
def family_network_leavers(
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    routes: Sequence[Route] = ("special_guardianship", "child_arrangements", "home", "relatives"),
    ceases_counted: Literal["last", "every"] = "last",
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of children who ceased to be looked after in each period who went to their family network.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        periods: The periods to count in.
        routes: The ways to the family network: a special guardianship order, a child arrangements order, a return home,
            or to relatives or friends without parental responsibility.
        ceases_counted: A child's last cease of the period, or every one.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode that ended in the period.

    Returns:
        Unit records, one a child who ceased: numerator 1 by such a route, denominator 1.

    Source: specs/indicators/family_network_leavers.toml.

    >>> from csc_indicators.examples import example_care
    >>> from csc_indicators.periods import year
    >>> episodes = example_care([{"start_date": "2023-05-10", "end_date": "2024-06-01", "reason_ceased": "E45"}])
    >>> family_network_leavers(episodes, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    candidates, clauses = ceased_in(with_placement_lived_in(care_history(episodes)), periods, ceases_counted, uasc)
    reasons = [code for route in routes for code in CEASED_ROUTES[route]]
    definition = Definition(
        kind="share",
        unit_table=EPISODES,
        unit_id="episode_key",
        unit_row="episode_key",
        date="end_date",
        complete=ALWAYS,
        denominator=clauses,
        numerator={"to_the_network": codes_in("reason_ceased", reasons, REASON_CEASED.dtype)},
        attributes=care_attributes("end_date"),
    )
    return unit_records(candidates, definition, why=why)


@checked
def care_proceedings_home(
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    orders: Sequence[str] = ("C1", "C2"),
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of care orders that ended in each period with the child living with its parents.

    An approximation of how proceedings under section 31 end, from the return on looked-after children: an order ends
    when an episode under one of the `orders` is followed by none under one of them.

    Args:
        episodes: The validated `Ssda903.episodes`, one row an episode.
        periods: The periods to count in.
        orders: The legal statuses whose end is the end of proceedings.
        uasc: Whether unaccompanied asylum-seeking children count, count not, or are the only ones to count.
        why: Also say which clause decided each episode that ended in the period.

    Returns:
        Unit records, one an order that ended: numerator 1 when the child is then with its parents, denominator 1.

    Source: specs/indicators/care_proceedings_home.toml.

    >>> from csc_indicators.examples import example_care
    >>> from csc_indicators.periods import year
    >>> row = {"start_date": "2023-05-10", "end_date": "2024-06-01", "legal_status": "C1", "reason_ceased": "E4A"}
    >>> care_proceedings_home(example_care([row]), periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    history = with_placement_lived_in(care_history(episodes))
    under_order = codes_in("legal_status", orders, LEGAL_STATUS.dtype)
    history = history.with_columns(
        order_goes_on=under_order.gather(pl.col("next_row")).fill_null(value=False),
        home_next=(of_next("placement_lived_in") == pl.lit(WITH_PARENTS, dtype=PLACEMENT.dtype)).fill_null(value=False),
        ends_care=ceases(),
    )
    went_home = pl.col("ends_care") & codes_in("reason_ceased", RETURNED_HOME, REASON_CEASED.dtype)
    definition = Definition(
        kind="share",
        unit_table=EPISODES,
        unit_id="episode_key",
        unit_row="episode_key",
        date="end_date",
        complete=ALWAYS,
        denominator={
            "looked_after": ~short_break(),
            "under_order": under_order,
            "order_ended": ~pl.col("order_goes_on"),
            "uasc_counted": counted_by_status("end_date", uasc),
        },
        numerator={"with_parents": went_home | pl.col("home_next")},
        attributes=care_attributes("end_date"),
    )
    return unit_records(in_periods(history, "end_date", periods), definition, why=why)
