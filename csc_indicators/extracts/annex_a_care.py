"""From the list of children looked after to the raw tables of the return (SSDA903).

The return has an episode for every change; the list has one row a period of care, with its start, the placement and
legal status of today, and its end. So a child has one episode, or two where the placement of today began later: what
lies before it is an episode without a placement, because the list does not say which ones there were.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from csc_indicators.extracts.annex_a_labels import YES
from csc_indicators.extracts.annex_a_lists import LOOKED_AFTER
from csc_indicators.extracts.annex_a_sheets import Sheets
from csc_indicators.extracts.raw_ssda903 import TABLES
from csc_indicators.looked_after_codes import (
    ANOTHER_EPISODE_FOLLOWS,
    CHANGES_OF_CARER,
    RETURNED_SEX,
    SEX_OF_RETURNED,
    SHORT_BREAKS,
    STARTED_TO_BE_LOOKED_AFTER,
)

LIST = LOOKED_AFTER.number
MOVED = CHANGES_OF_CARER[0]


def care_tables(sheets: Sheets, year: int) -> dict[str, pl.DataFrame]:
    """The raw tables of the return that the list holds, each row with its own `source_file`.

    Args:
        sheets: The lists as text; findings about periods of care are added to it.
        year: The reporting year of the extract, which says how the return writes a child's sex.
    """
    rows = sheets.lists.get(LIST)
    if rows is None:
        return {name: shape.schema.to_frame() for name, shape in TABLES.items()}
    valid = RETURNED_SEX.valid_in(year)
    sex = {ours: code for code, ours in SEX_OF_RETURNED.items() if code in valid}
    rows = rows.with_columns(returned_sex=pl.col("sex").replace_strict(sex, default=None, return_dtype=pl.String))
    found: Mapping[str, pl.DataFrame] = {
        "children": rows,
        "episodes": _episodes(rows, sheets),
        "uasc": rows.filter(pl.col("unaccompanied") == YES),
    }
    return {name: _shaped(name, found.get(name)) for name in TABLES}


def _day(column: str) -> pl.Expr:
    return pl.col(column).str.to_date("%Y-%m-%d", strict=False)


def _episodes(rows: pl.DataFrame, sheets: Sheets) -> pl.DataFrame:
    """The episodes of each period of care: one, or two where today's placement began after care did."""
    started, placed, ended = _day("start_date"), _day("placement_start"), _day("end_date")
    beyond = ((placed >= ended) & (placed > started)).fill_null(value=False)
    for rule, broken, column, what, advice in (
        (
            "placement_after_care",
            beyond,
            "placement_start",
            "the placement begins when care has ceased; it is taken to be the placement since care began",
            "correct the date",
        ),
        (
            "missing_placement_start",
            placed.is_null(),
            "placement_start",
            "no day on which the placement began can be used; it is taken to be the placement since care began",
            "record the day",
        ),
        (
            "earlier_period_not_listed",
            (pl.col("second_period") == YES).fill_null(value=False) & (pl.len().over("child_id") == 1),
            "second_period",
            "the child was looked after before in the last twelve months, and the list does not say when: not counted",
            "list every period of care of the last twelve months",
        ),
    ):
        sheets.report(rows.filter(broken), rule, (LIST, column), what, advice)
    moved = ((placed > started) & ~beyond).fill_null(value=False)
    # Series of short breaks are a history of their own: what is one now was one from its start.
    since_start = pl.col("legal_status").is_in(SHORT_BREAKS) | (_day("legal_status_start") <= started)
    rows = rows.with_columns(_moved=moved, _since_start=since_start.fill_null(value=False))
    until_moved = {
        "placement": pl.lit(None, pl.String),
        "placement_provider": pl.lit(None, pl.String),
        "legal_status": pl.when("_since_start").then("legal_status"),
        "end_date": pl.col("placement_start"),
        "reason_ceased": pl.lit(ANOTHER_EPISODE_FOLLOWS),
    }
    first = rows.with_columns(
        reason_for_new_episode=pl.lit(STARTED_TO_BE_LOOKED_AFTER),
        **{name: pl.when("_moved").then(value).otherwise(name) for name, value in until_moved.items()},
    )
    second = rows.filter("_moved").with_columns(
        start_date=pl.col("placement_start"), reason_for_new_episode=pl.lit(MOVED)
    )
    return pl.concat([first, second])


def _shaped(name: str, frame: pl.DataFrame | None) -> pl.DataFrame:
    """Exactly the raw table's columns, what the list does not say as missing."""
    schema = TABLES[name].schema
    if frame is None:
        return schema.to_frame()
    frame = frame.with_columns(pl.lit(0, pl.UInt32).alias("return"))
    return frame.select(
        pl.col(column).cast(dtype) if column in frame.columns else pl.lit(None, dtype).alias(column)
        for column, dtype in schema.items()
    )
