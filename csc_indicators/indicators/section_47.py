"""Section 47 enquiries and initial conferences: the definitions of `specs/indicators/section_47*.toml` and others.

Every function is pure: validated tables in, unit records out. See `unit_records` for the shape.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

import polars as pl

from csc_indicators.histories.conferences import conference_records, with_latest_preceding, with_own_conference
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.indicators.keywords import checked
from csc_indicators.indicators.unit_records import (
    Definition,
    attributes_at,
    observed,
    unit_records,
    with_first_of_the_child,
)
from csc_indicators.periods import Period, in_periods
from csc_indicators.working_days import working_days_expr

NEVER = pl.lit(value=False)


@checked
def section_47_enquiries(
    section_47_enquiries: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    count_of: Literal["enquiries", "children"] = "enquiries",
    why: bool = False,
) -> pl.LazyFrame:
    """Section 47 enquiries that started in each period: the numerator of a rate per 10,000 children.

    Args:
        section_47_enquiries: The validated `CinCensus.section_47_enquiries`, one row an enquiry.
        periods: The periods to count in.
        count_of: Enquiries, or children: a child counts once in a period.
        why: Also say which clause decided each enquiry, with those that are not counted.

    Returns:
        Unit records, one an enquiry (or a child): numerator 1, denominator null (the population supplies it).

    Source: specs/indicators/section_47_enquiries.toml.

    >>> from csc_indicators.examples import example_tables
    >>> from csc_indicators.periods import year
    >>> tables = example_tables({"section_47_enquiries": [{"start_date": "2024-05-10"}]})
    >>> section_47_enquiries(tables["section_47_enquiries"], periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    of_children = count_of == "children"
    candidates = in_periods(section_47_enquiries.lazy(), "start_date", periods)
    if of_children:
        candidates = with_first_of_the_child(candidates, ALWAYS, date="start_date", key="enquiry_key")
    definition = Definition(
        kind="rate",
        unit_table="section_47_enquiries",
        unit_id="child_key" if of_children else "enquiry_key",
        unit_row="enquiry_key",
        date="start_date",
        complete=observed("start_date"),
        numerator={"first_of_the_child": pl.col("first_of_the_child") if of_children else ALWAYS},
        attributes=attributes_at("start_date"),
    )
    return unit_records(candidates, definition, why=why)


@checked
def section_47_to_conference(
    section_47_enquiries: pl.DataFrame | pl.LazyFrame,
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    method: Literal["ratio", "cohort"] = "ratio",
    follow_up_days: int = 60,
    credit: Literal["own_record", "latest_preceding"] = "own_record",
    include_transfer_in: bool = True,
    conference_not_required: Literal["include", "exclude"] = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """How many section 47 enquiries lead to an initial conference: a ratio of counts, or the outcome of a cohort.

    Args:
        section_47_enquiries: The validated `CinCensus.section_47_enquiries`, one row an enquiry.
        episodes: The validated `CinCensus.episodes`, for conferences held at a transfer in.
        periods: The periods to count in.
        method: `ratio` is the conferences of the period per 100 enquiries of the period; `cohort` follows each enquiry
            that started in it.
        follow_up_days: For the cohort, the most days from an enquiry's start to its conference.
        credit: For the cohort, whether a conference belongs to the enquiry that records it, or to the latest enquiry
            that began by its day and has none yet.
        include_transfer_in: Whether conferences recorded on an episode, at a transfer in, count (and may be credited
            to an enquiry under `latest_preceding`).
        conference_not_required: Whether enquiries recorded as needing no conference stay in the denominator.
        why: Also say which clause decided each enquiry and conference.

    Returns:
        Unit records. With `ratio` one an enquiry (denominator 1) and one a conference (numerator 1); with `cohort` one
        an enquiry: numerator 1 when it led to a conference, denominator 1 when its follow-up is complete, else 0.

    Source: specs/indicators/section_47_to_conference.toml.

    >>> from csc_indicators.examples import example_tables
    >>> from csc_indicators.periods import year
    >>> rows = [
    ...     {"start_date": "2024-05-10", "initial_conference_date": "2024-05-23"},
    ...     {"child_id": "B", "start_date": "2024-05-10"},
    ... ]
    >>> tables = example_tables({"section_47_enquiries": rows})
    >>> held = tables["section_47_enquiries"], tables["episodes"]
    >>> records = section_47_to_conference(*held, periods=[year(2025)], method="cohort").collect()
    >>> records["numerator"].sum(), records["denominator"].sum()
    (1.0, 2.0)
    """
    not_required = pl.col("conference_not_required").fill_null(value=False)
    required = ALWAYS if conference_not_required == "include" else ~not_required
    if method == "cohort":
        with_credit = (
            with_own_conference(section_47_enquiries, episodes)
            if credit == "own_record"
            else with_latest_preceding(section_47_enquiries, episodes, include_transfer_in=include_transfer_in)
        )
        credited, start = pl.col("credited_date"), pl.col("start_date")
        last_day = start + dt.timedelta(days=follow_up_days)
        return unit_records(
            in_periods(with_credit, "start_date", periods),
            Definition(
                kind="share",
                unit_table="section_47_enquiries",
                unit_id="enquiry_key",
                unit_row="enquiry_key",
                date="start_date",
                complete=observed("start_date"),
                denominator=_denominator(required, followed_up=last_day <= pl.col("observed_to")),
                numerator={
                    "conference": credited.is_not_null(),
                    "not_before_enquiry": credited >= start,
                    "within_follow_up": credited <= last_day,
                },
                attributes=attributes_at("start_date"),
                followed_up="followed_up",
            ),
            why=why,
        )
    # An enquiry and the conference recorded in it are two units: their numbers lie on either side of nought.
    numbered = section_47_enquiries.lazy().with_columns(_unit=-1 - pl.col("enquiry_key").cast(pl.Int64))
    enquiries = unit_records(
        in_periods(numbered, "start_date", periods),
        Definition(
            kind="share",
            unit_table="section_47_enquiries",
            unit_id="_unit",
            unit_row="enquiry_key",
            date="start_date",
            complete=observed("start_date"),
            denominator=_denominator(required),
            numerator={"conference": NEVER, "not_before_enquiry": ALWAYS, "within_follow_up": ALWAYS},
            attributes=attributes_at("start_date"),
        ),
        why=why,
    )
    conferences = unit_records(
        in_periods(conference_records(section_47_enquiries, episodes), "conference_date", periods),
        Definition(
            kind="share",
            unit_table=pl.col("unit_table"),
            unit_id="record",
            unit_row="unit_row",
            date="conference_date",
            complete=observed("conference_date"),
            denominator=_denominator(
                ALWAYS, stands=pl.col("stands"), transfer_in=_transfer_in_counted(include=include_transfer_in)
            ),
            numerator={"conference": ALWAYS, "not_before_enquiry": ALWAYS, "within_follow_up": ALWAYS},
            attributes=attributes_at("conference_date"),
            weight=pl.lit(0.0),
        ),
        why=why,
    )
    return pl.concat([enquiries, conferences])


@checked
def initial_conferences(
    section_47_enquiries: pl.DataFrame | pl.LazyFrame,
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    include_transfer_in: bool = True,
    count_of: Literal["conferences", "children"] = "conferences",
    why: bool = False,
) -> pl.LazyFrame:
    """Initial child protection conferences held in each period: the numerator of a rate per 10,000 children.

    Args:
        section_47_enquiries: The validated `CinCensus.section_47_enquiries`: conferences recorded in an enquiry.
        episodes: The validated `CinCensus.episodes`: conferences held at a transfer in.
        periods: The periods to count in.
        include_transfer_in: Whether conferences recorded on an episode, at a transfer in, count.
        count_of: Conferences, or children: a child counts once in a period.
        why: Also say which clause decided each record of a conference.

    Returns:
        Unit records, one a conference (or a child): numerator 1, denominator null (the population supplies it).

    Source: specs/indicators/initial_conferences.toml.

    >>> from csc_indicators.examples import example_tables
    >>> from csc_indicators.periods import year
    >>> rows = [{"start_date": "2024-05-10", "initial_conference_date": "2024-05-23"}]
    >>> tables = example_tables({"section_47_enquiries": rows})
    >>> held = tables["section_47_enquiries"], tables["episodes"]
    >>> initial_conferences(*held, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    counted = _transfer_in_counted(include=include_transfer_in)
    stands = pl.col("stands")
    of_children = count_of == "children"
    candidates = in_periods(conference_records(section_47_enquiries, episodes), "conference_date", periods)
    if of_children:
        candidates = with_first_of_the_child(candidates, stands & counted, date="conference_date", key="record")
    definition = Definition(
        kind="rate",
        unit_table=pl.col("unit_table"),
        unit_id="child_key" if of_children else "record",
        unit_row="unit_row",
        date="conference_date",
        complete=observed("conference_date"),
        numerator={
            "stands_for_conference": stands,
            "transfer_in_counted": counted,
            "first_of_the_child": pl.col("first_of_the_child") if of_children else ALWAYS,
        },
        attributes=attributes_at("conference_date"),
    )
    return unit_records(candidates, definition, why=why)


@checked
def conferences_within_15_days(
    section_47_enquiries: pl.DataFrame | pl.LazyFrame,
    episodes: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    working_days: int = 15,
    transfer_in: Literal["exclude", "include_as_late"] = "exclude",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of the initial conferences in each period held within 15 working days of the start of their enquiry.

    Args:
        section_47_enquiries: The validated `CinCensus.section_47_enquiries`: conferences recorded in an enquiry.
        episodes: The validated `CinCensus.episodes`: conferences held at a transfer in.
        periods: The periods to count in.
        working_days: The most working days a conference in time takes; the day the enquiry starts is day 0.
        transfer_in: Whether a conference at a transfer in, which has no enquiry, is left out or counts as late.
        why: Also say which clause decided each record of a conference.

    Returns:
        Unit records, one a conference: numerator 1 when it was in time, denominator 1, and
        `conference_working_days`, the working days it took (null at a transfer in).

    Source: specs/indicators/conferences_within_15_days.toml; bank holidays of England.

    >>> from csc_indicators.examples import example_tables
    >>> from csc_indicators.periods import year
    >>> rows = [{"start_date": "2024-05-10", "initial_conference_date": "2024-06-03"}]
    >>> tables = example_tables({"section_47_enquiries": rows})
    >>> held = tables["section_47_enquiries"], tables["episodes"]
    >>> conferences_within_15_days(*held, periods=[year(2025)]).collect()["conference_working_days"].to_list()
    [15]
    """
    started, held = pl.col("start_date"), pl.col("conference_date")
    transferred = pl.col("transfer_in")
    taken = pl.col("conference_working_days")
    definition = Definition(
        kind="share",
        unit_table=pl.col("unit_table"),
        unit_id="record",
        unit_row="unit_row",
        date="conference_date",
        complete=observed("conference_date"),
        denominator={
            "stands_for_conference": pl.col("stands"),
            "transfer_in_considered": ~transferred if transfer_in == "exclude" else ALWAYS,
            "not_before_enquiry": transferred | (held >= started),
        },
        numerator={"within_working_days": taken <= working_days},
        attributes=(*attributes_at("conference_date"), "conference_working_days"),
    )
    records = in_periods(conference_records(section_47_enquiries, episodes), "conference_date", periods)
    return unit_records(
        records.with_columns(conference_working_days=working_days_expr(started, held)), definition, why=why
    )


def _transfer_in_counted(*, include: bool) -> pl.Expr:
    return ALWAYS if include else ~pl.col("transfer_in")


def _denominator(
    required: pl.Expr,
    *,
    stands: pl.Expr = ALWAYS,
    transfer_in: pl.Expr = ALWAYS,
    followed_up: pl.Expr = ALWAYS,
) -> dict[str, pl.Expr]:
    """The clauses of the denominator: an enquiry is put to some, a conference to others."""
    return {
        "conference_required": required,
        "stands_for_conference": stands,
        "transfer_in_counted": transfer_in,
        "followed_up": followed_up,
    }
