"""Initial child protection conferences: one row per conference, and which enquiry each belongs to.

The census records a conference inside the enquiry that led to it; one held because a child on a plan moved in from
another authority stands on the episode. One conference may be returned more than once, inside two enquiries that it
concluded or inside an enquiry and on the episode: a child has one initial conference on a day.
"""

from __future__ import annotations

import polars as pl

KEY_SPAN = 2**32
DAY_SPAN = 2**20
"""Keys and days that a packed number has room for."""

# Which record stands for a conference that is recorded twice: an enquiry that began by then, the latest to begin,
# before one that began later, before the episode.
OF_AN_ENQUIRY = 0
OF_A_LATER_ENQUIRY = 1
OF_THE_EPISODE = 2

COMMON = (
    "la_code",
    "child_key",
    "birth_date",
    "sex",
    "ethnicity",
    "disabled",
    "primary_need",
    "referral_source",
    "known_to",
    "observed_from",
    "observed_to",
)


def conference_records(enquiries: pl.DataFrame | pl.LazyFrame, episodes: pl.DataFrame | pl.LazyFrame) -> pl.LazyFrame:
    """Every record of an initial conference.

    Args:
        enquiries: The validated `CinCensus.section_47_enquiries`.
        episodes: The validated `CinCensus.episodes`, for conferences at a transfer in.

    Returns:
        One row a record: `conference_date`, `start_date` of the enquiry (null on an episode), `transfer_in`,
        `unit_table`, `unit_row`, `record` (a number for the record), the child's and the episode's attributes, and
        `stands`: true for the one record of several of the same child and day that stands for the conference.
    """
    held = pl.col("initial_conference_date").is_not_null()
    of_enquiries = (
        enquiries.lazy()
        .filter(held)
        .select(
            *COMMON,
            "start_date",
            unit_table=pl.lit("section_47_enquiries"),
            unit_row="enquiry_key",
            conference_date="initial_conference_date",
            transfer_in=pl.lit(value=False),
        )
    )
    of_episodes = (
        episodes.lazy()
        .filter(held)
        .select(
            *COMMON,
            pl.lit(None, dtype=pl.Date).alias("start_date"),
            unit_table=pl.lit("episodes"),
            unit_row="episode_key",
            conference_date="initial_conference_date",
            transfer_in=pl.lit(value=True),
        )
    )
    return pl.concat([of_enquiries, of_episodes]).with_columns(
        record=pl.col("unit_row").cast(pl.Int64) * 2 + pl.col("transfer_in").cast(pl.Int64), stands=_stands()
    )


def _stands() -> pl.Expr:
    days = (pl.col("conference_date") - pl.col("start_date")).dt.total_days()
    kind = (
        pl.when("transfer_in")
        .then(OF_THE_EPISODE)
        .when(days >= 0)
        .then(OF_AN_ENQUIRY)
        .otherwise(OF_A_LATER_ENQUIRY)
        .cast(pl.Int64)
    )
    order = (kind * DAY_SPAN + days.abs().fill_null(0)) * KEY_SPAN + pl.col("unit_row").cast(pl.Int64)
    return order == order.min().over("child_key", "conference_date")


def with_own_conference(enquiries: pl.DataFrame | pl.LazyFrame, episodes: pl.DataFrame | pl.LazyFrame) -> pl.LazyFrame:
    """Each enquiry with the conference recorded inside it, if it is this enquiry's record that stands for it.

    Returns:
        The enquiries with `credited_date`, null where none is recorded or another enquiry has it.
    """
    own = (
        conference_records(enquiries, episodes)
        .filter("stands", ~pl.col("transfer_in"))
        .select(enquiry_key="unit_row", credited_date="conference_date")
    )
    return enquiries.lazy().join(own, on="enquiry_key", how="left")


def with_latest_preceding(
    enquiries: pl.DataFrame | pl.LazyFrame, episodes: pl.DataFrame | pl.LazyFrame, *, include_transfer_in: bool
) -> pl.LazyFrame:
    """Each enquiry with the conference credited to it, wherever that is recorded.

    Conferences are taken in order of date. Each is credited to the latest enquiry of the child that began on or before
    its day and has none yet, so that a conference counts once and so does an enquiry. That is how brackets are
    matched: an enquiry opens one, a conference closes the one opened last. Two opened and closed at the same depth of
    brackets with nothing of that depth between them belong together.

    Returns:
        The enquiries with `credited_date`, null where none is credited.
    """
    conferences = conference_records(enquiries, episodes).filter("stands")
    if not include_transfer_in:
        conferences = conferences.filter(~pl.col("transfer_in"))
    opening, step = pl.col("opens"), pl.col("step")
    events = pl.concat(
        [
            enquiries.lazy().select("child_key", "enquiry_key", on="start_date", opens=pl.lit(value=True)),
            conferences.select(
                "child_key",
                pl.lit(None, dtype=pl.UInt32).alias("enquiry_key"),
                on="conference_date",
                opens=pl.lit(value=False),
            ),
        ]
    )
    # On one day enquiries open before conferences close: one held on the day of its enquiry belongs to it.
    in_order = events.sort("child_key", "on", ~opening, "enquiry_key").with_columns(
        step=pl.when("opens").then(1).otherwise(-1).cast(pl.Int32).cum_sum().over("child_key")
    )
    # A conference with nothing open to close sinks the ground that depth is measured from, and belongs to no enquiry.
    ground = pl.col("ground")
    levelled = in_order.with_columns(ground=pl.min_horizontal(step.cum_min().over("child_key"), 0)).with_columns(
        depth=step - ground + (~opening).cast(pl.Int32),
        matched=opening | (ground == ground.shift(1, fill_value=0).over("child_key")),
    )
    closed = (
        levelled.filter("matched")
        .sort("child_key", "depth", maintain_order=True)
        .with_columns(
            _next_closes=(~opening).shift(-1).over("child_key", "depth"),
            _next_on=pl.col("on").shift(-1).over("child_key", "depth"),
        )
        .filter("opens", "_next_closes")
        .select("enquiry_key", credited_date="_next_on")
    )
    return enquiries.lazy().join(closed, on="enquiry_key", how="left")
