"""Pre-proceedings in the CIN census as the table of family group decision making that may also be supplied."""

from __future__ import annotations

import polars as pl


def family_group_decisions(pre_proceedings: pl.DataFrame) -> pl.DataFrame:
    """The pre-proceedings of a CIN census, one row each, in the shape of the supplied table.

    Args:
        pre_proceedings: The validated `CinCensus.pre_proceedings`.

    Returns:
        `la_code`, `child_id`, `start_date`, `offered`, `held`, `known_to`, the coverage and the place of each row.
    """
    rows = pre_proceedings.sort("la_code", "child_id", "start_date", "source_row")
    return rows.with_row_index("family_group_decisions_key").select(
        "la_code",
        pl.col("family_group_decisions_key").cast(pl.UInt32),
        "child_id",
        "start_date",
        pl.col("family_group_meeting_offered").alias("offered"),
        pl.col("family_group_meeting_held").alias("held"),
        "known_to",
        "observed_from",
        "observed_to",
        "source_file",
        "source_row",
    )
