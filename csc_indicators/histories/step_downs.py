"""What follows the end of a plan: the state on the following day, when the child presents again, what ends the wait."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import polars as pl

from csc_indicators.codes import CLOSED_DIED, CLOSED_TO_EARLY_HELP, CLOSED_TRANSFERRED, CLOSURE_REASON
from csc_indicators.histories.moments import nearest
from csc_indicators.histories.referrals import led_to_action
from csc_indicators.histories.spells import with_open_spell
from csc_indicators.periods import ADULT_AGE, LATEST_DATE, MONTHS_IN_YEAR, add_months_expr

PlanKind = Literal["child_protection", "child_in_need"]
RePresentation = Literal["child_protection_plan", "section_47", "referral", "care_entry"]
Ending = Literal["died", "turned_18", "entered_care", "transferred_out"]

PLAN_KIND = pl.Enum(["child_protection", "child_in_need"])
DESTINATION = pl.Enum(["child_in_need", "early_help", "closed"])
RE_PRESENTATION = pl.Enum(["child_protection_plan", "section_47", "referral", "care_entry"])

ONE_DAY = pl.duration(days=1)


@dataclass(frozen=True, kw_only=True)
class Histories:
    """The tables that say what happens to a child besides the plan; `care_episodes` where they are known."""

    child_protection_plans: pl.LazyFrame
    child_in_need_plans: pl.LazyFrame
    section_47_enquiries: pl.LazyFrame
    episodes: pl.LazyFrame
    children: pl.LazyFrame
    care_episodes: pl.LazyFrame | None = None

    def of_children(self, rows: pl.LazyFrame) -> Histories:
        """The histories of the children of some rows alone: a country's plans are of few of its children."""
        wanted = rows.select("child_key").unique()

        def own(table: pl.LazyFrame) -> pl.LazyFrame:
            return table.join(wanted, on="child_key", how="semi")

        return Histories(
            child_protection_plans=own(self.child_protection_plans),
            child_in_need_plans=own(self.child_in_need_plans),
            section_47_enquiries=own(self.section_47_enquiries),
            episodes=own(self.episodes),
            children=own(self.children),
            care_episodes=None if self.care_episodes is None else own(self.care_episodes),
        )


def with_following_day(ended: pl.LazyFrame, histories: Histories) -> pl.LazyFrame:
    """Add to each ended plan the state of the child on the day after its end.

    Returns:
        The plans with `following_day`; `on_protection_plan`, `on_need_plan` and `in_care` (a plan of that kind, or a
        period of care, is open that day); `destination`: the child still has an open case that led to action, or the
        plan's case was closed to early help, or otherwise; null where its end is not known; and the days of
        `closure_date` and `closure_reason` of the plan's case, `death_date` and `eighteenth_birthday`.
    """
    rows = ended.with_columns(following_day=pl.col("end_date") + ONE_DAY)
    for name, plans in (
        ("on_protection_plan", histories.child_protection_plans),
        ("on_need_plan", histories.child_in_need_plans),
    ):
        rows = with_open_spell(rows, plans, day="following_day", begins="start_date", ends="end_date", name=name)
    cases = histories.episodes.filter(led_to_action())
    rows = with_open_spell(
        rows, cases, day="following_day", begins="referral_date", ends="closure_date", name="has_open_case"
    )
    if histories.care_episodes is None:
        rows = rows.with_columns(in_care=pl.lit(value=False))
    else:
        rows = with_open_spell(
            rows,
            histories.care_episodes,
            day="following_day",
            begins="start_date",
            ends="end_date",
            name="in_care",
        )
    own_case = histories.episodes.select("episode_key", "closure_date", "closure_reason")
    deaths = histories.children.select("child_key", "death_date")
    is_closed = pl.col("closure_date") <= pl.col("following_day")
    return (
        rows.join(own_case, on="episode_key", how="left")
        .join(deaths, on="child_key", how="left")
        .with_columns(
            destination=pl.when("has_open_case")
            .then(pl.lit("child_in_need"))
            .when(is_closed & _closed_as(CLOSED_TO_EARLY_HELP))
            .then(pl.lit("early_help"))
            .when(is_closed)
            .then(pl.lit("closed"))
            .cast(DESTINATION),
            eighteenth_birthday=_eighteenth_birthday(),
        )
    )


def with_re_presentation(
    ended: pl.LazyFrame, histories: Histories, re_presentation: Collection[RePresentation]
) -> pl.LazyFrame:
    """Add to each ended plan when and how the child first presents again after the day of its end.

    Returns:
        The plans with `re_presented_on`, `re_presented_by` (of two on one day the first in the order of the kinds) and
        `re_presented_row` (its key; null for an entry to care); null where it never does.
    """
    after = ended.with_columns(_after=pl.col("end_date") + ONE_DAY)
    no_key = pl.lit(None, dtype=pl.UInt32)
    sources: dict[RePresentation, tuple[pl.LazyFrame | None, str, pl.Expr]] = {
        "child_protection_plan": (histories.child_protection_plans, "start_date", pl.col("plan_key")),
        "section_47": (histories.section_47_enquiries, "start_date", pl.col("enquiry_key")),
        "referral": (histories.episodes, "referral_date", pl.col("episode_key")),
        "care_entry": (histories.care_episodes, "start_date", no_key),
    }
    looked_for = {
        kind: (table, day, key)
        for kind, (table, day, key) in sources.items()
        if kind in re_presentation and table is not None
    }
    for kind, (table, day, key) in looked_for.items():
        events = table.select("child_key", _day=pl.col(day), _row=key)
        columns = {"_day": f"{kind}_day", "_row": f"{kind}_row"}
        after = nearest(after, events, day="_after", of="_day", strategy="forward", columns=columns)
    first = pl.min_horizontal(*(f"{kind}_day" for kind in looked_for))
    by, row = pl.lit(None, dtype=pl.String), no_key
    for kind in reversed(looked_for):
        is_first = pl.col(f"{kind}_day") == pl.col("re_presented_on")
        by = pl.when(is_first).then(pl.lit(kind)).otherwise(by)
        row = pl.when(is_first).then(pl.col(f"{kind}_row")).otherwise(row)
    return (
        after.with_columns(re_presented_on=first)
        .with_columns(re_presented_by=by.cast(RE_PRESENTATION), re_presented_row=row)
        .drop("_after", *(f"{kind}_{part}" for kind in looked_for for part in ("day", "row")))
    )


def with_end_of_follow_up(
    ended: pl.LazyFrame, histories: Histories, endings: Collection[Ending], *, window_months: int | None
) -> pl.LazyFrame:
    """Add to each ended plan the last day of its window and the day on which it can be followed no further.

    Args:
        ended: The plans, as `with_following_day` gives them.
        histories: The tables.
        endings: What ends the follow-up besides the end of the censuses.
        window_months: The length of the window in calendar months; None for ever.

    Returns:
        The plans with `window_end`, `cut_short_on` (the first day of any of the endings, null where none comes) and
        `followed_to` (the first of the window's end, the endings and the end of the censuses).
    """
    days: list[pl.Expr] = []
    if "died" in endings:
        days += [pl.col("death_date"), pl.when(_closed_as(CLOSED_DIED)).then("closure_date")]
    if "turned_18" in endings:
        days.append(pl.col("eighteenth_birthday"))
    if "transferred_out" in endings:
        days.append(pl.when(_closed_as(CLOSED_TRANSFERRED)).then("closure_date"))
    if "entered_care" in endings and histories.care_episodes is not None:
        care = histories.care_episodes.select("child_key", _care="start_date")
        ended = nearest(
            ended, care, day="following_day", of="_care", strategy="forward", columns={"_care": "entered_care_on"}
        )
        days.append(pl.col("entered_care_on"))
    cut_short = pl.min_horizontal(*days) if days else pl.lit(None, dtype=pl.Date)
    window_end = pl.lit(LATEST_DATE) if window_months is None else add_months_expr(pl.col("end_date"), window_months)
    return ended.with_columns(cut_short_on=cut_short, window_end=window_end).with_columns(
        followed_to=pl.min_horizontal("window_end", "cut_short_on", "observed_to")
    )


def had_ended(ending: Ending) -> pl.Expr:
    """True where an ending had already come by the day after the plan's end."""
    day = pl.col("following_day")
    return {
        "died": (pl.col("death_date") <= day).fill_null(value=False)
        | (_closed_as(CLOSED_DIED) & (pl.col("closure_date") <= day)),
        "turned_18": pl.col("eighteenth_birthday") <= day,
        "entered_care": pl.col("in_care"),
        "transferred_out": _closed_as(CLOSED_TRANSFERRED) & (pl.col("closure_date") <= day),
    }[ending].fill_null(value=False)


def _closed_as(reason: str) -> pl.Expr:
    return (pl.col("closure_reason") == pl.lit(reason, dtype=CLOSURE_REASON.dtype)).fill_null(value=False)


def _eighteenth_birthday() -> pl.Expr:
    """The day on which a child turns 18; one born on 29 February does so on 1 March of a common year."""
    born = pl.col("birth_date")
    same_day = add_months_expr(born, ADULT_AGE * MONTHS_IN_YEAR)
    return pl.when(same_day.dt.day() == born.dt.day()).then(same_day).otherwise(same_day + ONE_DAY)
