"""Several censuses into one table: one row per real event, the later return winning.

A case that stays open is returned every year, each time with what happened since. An event is the same event when the
authority, the child and its dates say so, whatever its position in the file; of the rows of one event the latest
return's is kept and the others are counted as superseded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from csc_indicators.codes import NO_DISABILITY, SEX, SEX_OF_GENDER_CURRENT
from csc_indicators.extracts.raw import RAW_TABLES
from csc_indicators.tables.cin import (
    ASSESSMENT_FACTS,
    CHILD_ATTRIBUTES,
    CHILD_KEY_SPAN,
    CONTRACTS,
    EPISODE_FACTS,
)

EVENT_IDENTITY: dict[str, tuple[str, ...]] = {
    "assessments": ("episode_key", "start_date"),
    "child_in_need_plans": ("episode_key", "start_date"),
    "section_47_enquiries": ("episode_key", "start_date"),
    "child_protection_plans": ("episode_key", "start_date"),
    "pre_proceedings": ("episode_key", "start_date"),
}
"""What makes two returned events the same event, besides their number among those of the same day."""

ACTIVITIES = ("assessments", "child_in_need_plans", "section_47_enquiries", "child_protection_plans")
"""Tables whose rows are work on a case: until the first of them begins, the case awaits assessment."""

PART_IDENTITY: dict[str, tuple[str, str]] = {
    "assessment_factors": ("assessments", "factor"),
    "reviews": ("child_protection_plans", "review_date"),
}
"""Tables below an event: the event's table, and the column that identifies a part of it; a repeated part is one."""

PARENT_ROW = {
    "disabilities": "child_row",
    "episodes": "child_row",
    "assessment_factors": "assessment_row",
    "reviews": "plan_row",
} | dict.fromkeys(EVENT_IDENTITY, "episode_row")
PARENT_TABLE = {
    "child_row": "children",
    "episode_row": "episodes",
    "assessment_row": "assessments",
    "plan_row": "child_protection_plans",
}


def current_returns(censuses: pl.DataFrame) -> pl.DataFrame:
    """The censuses that stand: of the returns an authority made for one census year, the last.

    A return made again, or made for part of the year first, is replaced as a whole: what the later one no longer holds
    was corrected or removed. Files with the same reference date and time of production are parts of one return.

    Args:
        censuses: One row a census with `la_code`, `census_year`, `reference_date` and `produced_at`.
    """
    made = pl.struct("reference_date", pl.col("produced_at").fill_null(""))
    return censuses.filter(made == made.sort_by("reference_date", "produced_at").last().over("la_code", "census_year"))


def with_occurrence(
    rows: pl.DataFrame, event: Sequence[str], *, within: str, first: Sequence[pl.Expr] = ()
) -> pl.DataFrame:
    """Number the rows that share an event's identity in one place: the second of two on one day stays a second.

    Args:
        rows: The rows of a table.
        event: The columns that identify an event.
        within: The row that holds them. A child or case exported twice holds the same events, not further ones.
        first: What puts one of several before the others, so that it meets its own return in the next census.
    """
    in_order = rows.sort("census", *first, "source_row", nulls_last=False)
    return in_order.with_columns(_occurrence=pl.int_range(pl.len()).over("census", within, *event))


def latest_returns(rows: pl.DataFrame, event: Sequence[str]) -> pl.DataFrame:
    """Of the rows of each event the one of the latest return, in order of the event's identity.

    Args:
        rows: Rows with `return_order` (higher is later), `_occurrence` and the columns of `event`.
        event: The columns that identify an event.
    """
    identity = [*event, "_occurrence"]
    return rows.sort([*identity, "return_order", "source_row"]).unique(identity, keep="last", maintain_order=True)


def with_child_keys(children: pl.DataFrame) -> pl.DataFrame:
    """The distinct children of each authority with their `child_key`."""
    ordinal = pl.col("child_id").rank("dense").over("la_code").cast(pl.Int32) - 1
    return (
        children.select("la_code", "child_id")
        .unique()
        .with_columns(child_key=pl.col("la_code").to_physical().cast(pl.Int32) * CHILD_KEY_SPAN + ordinal)
    )


def coverage_of(censuses: pl.DataFrame, collection: str = "cin") -> pl.DataFrame:
    """The unbroken spans over which each authority's events are completely observed.

    A census holds everything that happened from the 1 April before it to its reference date; consecutive years join.

    Args:
        censuses: One row a census with `la_code`, `census_start` and `reference_date`.
        collection: Which collection's.

    Returns:
        `la_code, collection, observed_from, observed_to`, one row a span.
    """
    latest_end = pl.col("reference_date").cum_max().shift(1).over("la_code")
    begins = latest_end.is_null() | (pl.col("census_start") > latest_end + pl.duration(days=1))
    return (
        censuses.sort("la_code", "census_start", "reference_date")
        .with_columns(_begins=begins)
        .with_columns(_span=pl.col("_begins").cum_sum().over("la_code"))
        .group_by("la_code", "_span", maintain_order=True)
        .agg(observed_from=pl.col("census_start").min(), observed_to=pl.col("reference_date").max())
        .select("la_code", pl.lit(collection).alias("collection"), "observed_from", "observed_to")
    )


def with_coverage(rows: pl.DataFrame, coverage: pl.DataFrame, day: str) -> pl.DataFrame:
    """Add the span of coverage that a row's day lies in; null outside every span."""
    spans = coverage.select("la_code", "observed_from", "observed_to").sort("observed_from")
    joined = rows.sort(day).join_asof(
        spans, left_on=day, right_on="observed_from", by="la_code", check_sortedness=False, coalesce=False
    )
    inside = pl.col(day) <= pl.col("observed_to")
    return joined.with_columns(
        pl.when(inside).then(column).alias(column) for column in ("observed_from", "observed_to")
    )


def with_child_ids(returned: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The returned tables, each row with its child's `child_id` and `child_key`."""
    children = returned["children"]
    keys = with_child_keys(children)
    ids = children.select("census", pl.col("source_row").alias("child_row"), "la_code", "child_id").join(
        keys, on=["la_code", "child_id"], how="left"
    )
    identified = {
        table: frame.join(ids.drop("la_code"), on=["census", "child_row"], how="left", maintain_order="left")
        for table, frame in returned.items()
        if table != "children"
    }
    return {
        "children": children.join(keys, on=["la_code", "child_id"], how="left", maintain_order="left"),
        **identified,
    }


def stack(returned: Mapping[str, pl.DataFrame], coverage: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The validated tables: one row per real child and event over all censuses.

    Args:
        returned: The typed rows that can be used, by table, with the facts of their census and their child's ids.
        coverage: The spans from `coverage_of`.
    """
    tables: dict[str, pl.DataFrame] = {}
    # What the latest description of a child does not mention is no longer so.
    last_return = returned["children"].group_by("child_key").agg(pl.col("return_order").max())
    disabilities = (
        returned["disabilities"]
        .join(last_return, on=["child_key", "return_order"], how="semi", maintain_order="left")
        .unique(["child_key", "disability"], keep="first", maintain_order=True)
    )
    tables["disabilities"] = _shaped("disabilities", disabilities.sort("child_key", "disability"))
    tables["children"] = _shaped("children", _stack_children(returned["children"], tables["disabilities"]))
    numbers: dict[str, pl.DataFrame] = {}
    # Of two cases on one day the one still open comes first: the next census returns that one.
    flagged = pl.col("no_further_action").fill_null(value=False)
    open_first = (flagged, pl.col("closure_date").is_not_null(), -pl.col("closure_date").to_physical())
    identity = ["la_code", "child_id", "referral_date"]
    episodes = returned["episodes"].sort("census", "source_row")
    episodes = episodes.with_columns(episode=pl.int_range(1, pl.len() + 1).over("census", "child_id"))
    episodes = with_occurrence(episodes, identity, within="child_row", first=open_first)
    # A return says only what was done in its year: that a later one says nothing of a conference does not undo it.
    episodes = episodes.sort("return_order", "source_row").with_columns(
        pl.col("initial_conference_date").forward_fill().over(*identity, "_occurrence")
    )
    in_order = latest_returns(episodes, identity).sort(*identity, "episode", "return_order")
    stacked = in_order.with_row_index("episode_key")
    numbers["episode_row"] = _numbers(episodes, stacked, identity, "episode_key", "episode_row")
    attributes = tables["children"].select("child_key", *CHILD_ATTRIBUTES)
    stacked = with_coverage(
        stacked.with_columns(known_to="reference_date").join(attributes, on="child_key", how="left"),
        coverage,
        "referral_date",
    )
    around = stacked.select("episode_key", *EPISODE_FACTS, *CHILD_ATTRIBUTES)
    for table, identity in EVENT_IDENTITY.items():
        events = returned[table].join(numbers["episode_row"], on=["census", "episode_row"], how="left")
        events = with_occurrence(events, identity, within="episode_row")
        key = CONTRACTS[table].key or ""
        kept = latest_returns(events, identity).with_row_index(key)
        if table == "assessments":
            kept = _with_next_authorisation(kept)
        tables[table] = _shaped(table, _with_context(kept, around, coverage).sort(key))
        row = {"assessments": "assessment_row", "child_protection_plans": "plan_row"}.get(table)
        if row:
            numbers[row] = _numbers(events, kept, list(identity), key, row).join(
                events.select("census", pl.col("source_row").alias(row), "episode_key"), on=["census", row], how="left"
            )
    activity = pl.concat([tables[table].select("episode_key", "start_date") for table in ACTIVITIES])
    first = activity.group_by("episode_key").agg(first_activity_date=pl.col("start_date").min())
    stacked = stacked.join(first, on="episode_key", how="left")
    tables["episodes"] = _shaped("episodes", stacked.sort("episode_key"))
    for table, (parent, part) in PART_IDENTITY.items():
        link, key = PARENT_ROW[table], CONTRACTS[parent].key or ""
        parts = returned[table].join(numbers[link], on=["census", link], how="left")
        parts = parts.sort(key, part, "return_order").unique([key, part], keep="last", maintain_order=True)
        if table == "assessment_factors":
            parts = parts.join(tables[parent].select(key, *ASSESSMENT_FACTS), on=key, how="left")
        tables[table] = _shaped(table, _with_context(parts, around, coverage).sort(key, part))
    return {table: tables[table] for table in RAW_TABLES}


def _with_next_authorisation(assessments: pl.DataFrame) -> pl.DataFrame:
    """Add the day on which the episode's next assessment was authorised; of two on one day the one returned last is."""
    authorised = pl.col("authorisation_date").is_not_null()
    following = (
        assessments.filter(authorised)
        .sort("episode_key", "authorisation_date", "assessment_key")
        .select("assessment_key", next_authorisation_date=pl.col("authorisation_date").shift(-1).over("episode_key"))
    )
    return assessments.join(following, on="assessment_key", how="left")


def _with_context(rows: pl.DataFrame, around: pl.DataFrame, coverage: pl.DataFrame) -> pl.DataFrame:
    """Events with what their episode and child say, and until when and in which span each is known."""
    known = rows.with_columns(known_to="reference_date").join(around, on="episode_key", how="left")
    return with_coverage(known, coverage, "known_to")


def _stack_children(children: pl.DataFrame, disabilities: pl.DataFrame) -> pl.DataFrame:
    """One row a child as last described, with the sex, date of birth and disability used to break figures down by."""
    gender = pl.col("gender_current").cast(pl.String).replace_strict(SEX_OF_GENDER_CURRENT, default=None)
    disabled = disabilities.group_by("child_key").agg(disabled=(pl.col("disability") != NO_DISABILITY).any())
    described = ("sex", "ethnicity", "birth_date", "expected_birth_date", "death_date")
    return (
        children.with_columns(sex=pl.coalesce("sex", gender.cast(SEX.dtype)))
        .sort("child_key", "return_order")
        # A later return that leaves a cell empty does not take back what an earlier one said.
        .with_columns(pl.col(described).forward_fill().over("child_key"))
        .unique("child_key", keep="last", maintain_order=True)
        .with_columns(
            unborn=pl.col("birth_date").is_null() & pl.col("expected_birth_date").is_not_null(),
            birth_date=pl.coalesce("birth_date", "expected_birth_date"),
        )
        .join(disabled, on="child_key", how="left")
        .sort("child_key")
    )


def _numbers(rows: pl.DataFrame, kept: pl.DataFrame, identity: Sequence[str], key: str, row: str) -> pl.DataFrame:
    """For each returned row, superseded ones too, the key of the event it is a return of."""
    event = [*identity, "_occurrence"]
    return rows.join(kept.select(*event, key), on=event, how="left").select(
        "census", pl.col("source_row").alias(row), key
    )


def _shaped(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Exactly the contract's columns, in order and type."""
    schema = CONTRACTS[table].schema
    return frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items())
