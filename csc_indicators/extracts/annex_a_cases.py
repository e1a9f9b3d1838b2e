"""From the lists of referrals, assessments, enquiries, cases and plans to the raw tables of the CIN census.

A census says which case an event belongs to; the lists of Annex A do not. Here it is worked out from the child and the
days, by few rules: `docs/reference/annex-a.md` says them. Rows for which a rule had to be used that could be wrong are
reported.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from csc_indicators.codes import NO_DISABILITY
from csc_indicators.extracts.annex_a_labels import CASE_CLOSED, NO, YES
from csc_indicators.extracts.annex_a_lists import (
    ASSESSMENTS,
    CHILDREN_IN_NEED,
    LISTS,
    PROTECTION_PLANS,
    REFERRALS,
    SECTION_47_ENQUIRIES,
)
from csc_indicators.extracts.annex_a_sheets import Sheets
from csc_indicators.extracts.raw import RAW_TABLES

SHEET_ROWS = 1 << 20
"""Rows a sheet can have: a row's number in the raw tables is its list's number times this, plus its number there."""

ASSESSED_WITHIN = "63d"
"""45 working days, which an assessment may take: a case that begins so long after a referral comes of it."""

SOME_DISABILITY = "DDA"
"""What a plain yes is recorded as: Annex A asks whether a child has a disability, and not which."""

EVENT_LISTS = {
    "assessments": ASSESSMENTS,
    "section_47_enquiries": SECTION_47_ENQUIRIES,
    "child_protection_plans": PROTECTION_PLANS,
}
DESCRIBED_BY = (REFERRALS, ASSESSMENTS, SECTION_47_ENQUIRIES, CHILDREN_IN_NEED, PROTECTION_PLANS)
DESCRIPTION = ("sex", "ethnicity", "birth_date")


@dataclass(frozen=True)
class Span:
    """The days that an extract covers, both ends included."""

    first_day: dt.date
    last_day: dt.date


def census_tables(sheets: Sheets, span: Span) -> dict[str, pl.DataFrame]:
    """The raw tables of the CIN census that the lists hold, each row with its own `source_file`.

    Args:
        sheets: The lists as text; findings about cases are added to it.
        span: The days that the extract covers.
    """
    lists = {item.number: _rows(sheets, item.number) for item in DESCRIBED_BY}
    children = _children(lists, sheets, span)
    cases = _with_needs(lists, sheets, span)
    events = {table: _in_cases(lists[item.number], cases) for table, item in EVENT_LISTS.items()}
    cases, events = _with_cases_of_activity(cases, events, sheets, span)
    if CHILDREN_IN_NEED.number in sheets.lists:
        cases = _closed_with_activity(cases, events, span)
    tables = {
        "children": children,
        "disabilities": _disabilities(lists),
        "episodes": cases.rename({"_case": "_row"}),
        **{table: frame.with_columns(episode_row="_case") for table, frame in events.items()},
    }
    child_rows = children.select("_child", child_row="_row")
    return {name: _shaped(name, tables.get(name), child_rows) for name in RAW_TABLES}


def _rows(sheets: Sheets, number: int) -> pl.DataFrame:
    """A list with numbers for its rows and names for its children; a row without a child's id is a child of its own."""
    nothing = pl.Schema(
        {
            "source_file": pl.String(),
            "source_row": pl.UInt32(),
            **{column.name: pl.String() for column in LISTS[number].columns},
        }
    )
    rows = sheets.lists.get(number, nothing.to_frame())
    return rows.with_columns(_row=(pl.col("source_row") + number * SHEET_ROWS).cast(pl.UInt32)).with_columns(
        _child=pl.coalesce("child_id", pl.format("row {}", "_row")), _list=pl.lit(number)
    )


def _day(column: str) -> pl.Expr:
    return pl.col(column).str.to_date("%Y-%m-%d", strict=False)


def _children(lists: Mapping[int, pl.DataFrame], sheets: Sheets, span: Span) -> pl.DataFrame:
    """One row a child: what the first list that says it says."""
    rows = pl.concat(
        [
            frame.select("_child", "_row", "_list", "source_file", "source_row", "child_id", *DESCRIPTION)
            for frame in lists.values()
        ]
    )
    first = (pl.col(name).drop_nulls().first() for name in DESCRIPTION)
    children = rows.group_by("_child", maintain_order=True).agg(
        pl.col("_row", "source_file", "child_id").first(), *first
    )
    said = rows.join(
        children.select("_child", *DESCRIPTION), on="_child", how="left", suffix="_first", maintain_order="left"
    )
    for name in DESCRIPTION:
        differing = said.filter(pl.col(name) != pl.col(f"{name}_first"))
        what = "the lists say different things of the child; what the first of them says is used"
        for (number,), part in differing.group_by("_list", maintain_order=True):
            sheets.report(part, "described_differently", (_number(number), name), what, "correct the child's record")
    unborn = (_day("birth_date") > span.last_day).fill_null(value=False)
    return children.with_columns(
        birth_date=pl.when(~unborn).then("birth_date"), expected_birth_date=pl.when(unborn).then("birth_date")
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _disabilities(lists: Mapping[int, pl.DataFrame]) -> pl.DataFrame:
    rows = pl.concat(
        [
            frame.select("_child", "_row", "source_file", "disabled")
            for frame in lists.values()
            if "disabled" in frame.columns
        ]
    ).drop_nulls("disabled")
    # Of several answers a yes stands.
    rows = rows.sort(pl.col("disabled") != YES, "_row").unique("_child", keep="first", maintain_order=True)
    code = pl.when(pl.col("disabled") == YES).then(pl.lit(SOME_DISABILITY)).otherwise(pl.lit(NO_DISABILITY))
    return rows.with_columns(disability=code).sort("_row")


def _with_needs(lists: Mapping[int, pl.DataFrame], sheets: Sheets, span: Span) -> pl.DataFrame:
    """The cases: every referral with what is said of its need, then the needs that no referral led to."""
    needs = lists[CHILDREN_IN_NEED.number].with_columns(_day=_day("start_date"))
    referrals = lists[REFERRALS.number].with_columns(_begins=_day("referral_date"))
    led_on = (pl.col("no_further_action") != YES).fill_null(value=True)
    led = referrals.filter(led_on, pl.col("_begins").is_not_null()).select("_child", "_begins", _case="_row")
    followed = (
        needs.drop_nulls("_day")
        .sort("_day", "_row")
        .join_asof(
            led.sort("_begins", "_case"),
            left_on="_day",
            right_on="_begins",
            by="_child",
            tolerance=ASSESSED_WITHIN,
            check_sortedness=False,
        )
        .filter(pl.col("_case").is_not_null())
        .unique("_case", keep="first", maintain_order=True)  # a referral leads to one case: the first
    )
    said = ("primary_need", "closure_date", "closure_reason")
    with_need = referrals.rename({"_row": "_case"}).join(
        followed.select("_case", *said, _listed=pl.lit(value=True)), on="_case", how="left", maintain_order="left"
    )
    alone = needs.join(followed.select("_row"), on="_row", how="anti", maintain_order="left")
    sheets.joined = dict(followed.select("_row", "_case").iter_rows())
    if REFERRALS.number in sheets.lists:
        within = alone.filter(pl.col("_day").is_between(span.first_day, span.last_day))
        what = (
            "no referral of the child leads to the case, which begins in the days that the list of referrals covers; "
            "its beginning is taken as a referral, and counts as one"
        )
        where, advice = (CHILDREN_IN_NEED.number, "start_date"), "check the list of referrals"
        sheets.report(within, "case_without_referral", where, what, advice)
    if CHILDREN_IN_NEED.number in sheets.lists:
        can_be_used = pl.col("child_id").is_not_null() & (pl.col("_begins") <= span.last_day)
        lone = with_need.filter(pl.col("_listed").is_null() & led_on & can_be_used)
        what = (
            "no case of the child in the list of children in need begins with the referral; it counts as a referral, "
            "and the child as in need only as long as its assessments and plans last"
        )
        where, advice = (REFERRALS.number, "referral_date"), "check the list of children in need"
        sheets.report(lone, "referral_without_case", where, what, advice)
    unclosed = needs.filter((pl.col("case_status") == CASE_CLOSED) & pl.col("closure_date").is_null())
    where = (CHILDREN_IN_NEED.number, "closure_date")
    what = "the case is said to be closed and has no day of closure; it counts as open"
    sheets.report(unclosed, "closed_without_date", where, what, "record the day on which the case closed")
    alone = alone.rename({"_row": "_case", "start_date": "referral_date", "_day": "_begins"}).with_columns(
        _listed=pl.lit(value=True), no_further_action=pl.lit(NO)
    )
    return pl.concat([_as_cases(with_need), _as_cases(alone)])


def _as_cases(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of an episode, those that no list has as missing, and what tells when it begins and whose it is."""
    return frame.select(
        "_child",
        "_case",
        "_begins",
        "_listed",
        "source_file",
        "source_row",
        *(
            pl.col(name) if name in frame.columns else pl.lit(None, pl.String).alias(name)
            for name in RAW_TABLES["episodes"].columns
        ),
    )


def _in_cases(events: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """Events with the case each belongs to: the child's latest begun by then, else its first; null without any."""
    begun = cases.drop_nulls("_begins").select("_child", "_begins", "_case").sort("_begins", "_case")
    first = begun.group_by("_child", maintain_order=True).agg(_first=pl.col("_case").first())
    return (
        events.with_columns(_day=_day("start_date"))
        .with_columns(_moment=pl.col("_day").fill_null(dt.date.min))
        .sort("_moment", "_row")
        .join_asof(begun, left_on="_moment", right_on="_begins", by="_child", check_sortedness=False)
        .join(first, on="_child", how="left", maintain_order="left")
        .with_columns(_case=pl.coalesce("_case", "_first"))
        .sort("_row")
    )


def _with_cases_of_activity(
    cases: pl.DataFrame, events: dict[str, pl.DataFrame], sheets: Sheets, span: Span
) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """A case for each child who has activity and no case.

    The list of referrals holds those of the whole span, so the referral of a child who is not on it was before.
    """
    caseless = pl.concat(
        [
            frame.filter(pl.col("_case").is_null() & pl.col("_day").is_not_null()).select(
                "_child", "_day", "_list", "_row", "source_file", "source_row"
            )
            for frame in events.values()
        ]
    )
    what = (
        "the child is in neither the list of referrals nor that of children in need; a case is made for what the row "
        "says, referred before the days that the extract covers"
    )
    for (number,), part in caseless.group_by("_list", maintain_order=True):
        sheets.report(part, "activity_without_case", (_number(number), "child_id"), what, "check those two lists")
    before = span.first_day - dt.timedelta(days=1)
    made = (
        caseless.sort("_day", "_row")
        .group_by("_child", maintain_order=True)
        .agg(pl.col("_day", "_row", "source_file", "source_row").first())
        .with_columns(_begins=pl.min_horizontal("_day", pl.lit(before)))
        .with_columns(referral_date=pl.col("_begins").cast(pl.String), no_further_action=pl.lit(NO))
        .with_columns(_listed=pl.lit(None, pl.Boolean))
        .rename({"_row": "_case"})
    )
    own = made.select("_child", _made="_case")
    linked = {
        table: frame.join(own, on="_child", how="left", maintain_order="left").with_columns(
            _case=pl.coalesce("_case", "_made")
        )
        for table, frame in events.items()
    }
    return pl.concat([cases, _as_cases(made)]), linked


def _closed_with_activity(cases: pl.DataFrame, events: Mapping[str, pl.DataFrame], span: Span) -> pl.DataFrame:
    """Cases that the list of children in need does not hold last as long as their assessments and plans."""
    ends = {
        "assessments": "authorisation_date",
        "section_47_enquiries": "initial_conference_date",
        "child_protection_plans": "end_date",
    }
    activity = pl.concat(
        [
            frame.select(
                "_case",
                _goes_on=_day(ends[table]).is_null() & (pl.lit(table) != "section_47_enquiries"),
                _last=pl.max_horizontal("_day", _day(ends[table])),
            )
            for table, frame in events.items()
        ]
    )
    lasting = activity.group_by("_case").agg(pl.col("_goes_on").any(), pl.col("_last").max())
    over = pl.max_horizontal("_begins", "_last").cast(pl.String)
    unlisted = pl.col("_listed").is_null() & (pl.col("no_further_action") != YES).fill_null(value=True)
    ended = unlisted & ~pl.col("_goes_on").fill_null(value=False) & (pl.col("_begins") <= span.last_day)
    return cases.join(lasting, on="_case", how="left", maintain_order="left").with_columns(
        closure_date=pl.when(ended).then(over).otherwise("closure_date")
    )


def _shaped(name: str, frame: pl.DataFrame | None, child_rows: pl.DataFrame) -> pl.DataFrame:
    """Exactly the raw table's columns and the file of each row."""
    shape = RAW_TABLES[name]
    if frame is None:
        return pl.Schema({**shape.schema, "source_file": pl.String()}).to_frame()
    if "child_row" in shape.links:
        frame = frame.join(child_rows, on="_child", how="left", maintain_order="left")
    frame = (
        frame.with_columns(census=pl.lit(0, pl.UInt32)).drop("source_row", strict=False).rename({"_row": "source_row"})
    )
    return frame.select(
        *(
            pl.col(column).cast(dtype) if column in frame.columns else pl.lit(None, dtype).alias(column)
            for column, dtype in shape.schema.items()
        ),
        "source_file",
    )
