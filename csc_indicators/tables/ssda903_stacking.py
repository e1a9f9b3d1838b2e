"""Several years of returns into one table each: one row per real event, the later return winning.

An episode open on 31 March comes back next year with what happened to it since. It is the same episode when the
authority, the child and its start say so.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from csc_indicators.codes import SEX
from csc_indicators.looked_after_codes import SEX_OF_RETURNED, SHORT_BREAKS, STARTED_TO_BE_LOOKED_AFTER
from csc_indicators.tables.ssda903 import CONTRACTS, EVENT_IDENTITY, KEYS
from csc_indicators.tables.stacking import latest_returns, with_child_keys, with_coverage, with_occurrence

ONCE_A_RETURN = ("children", "uasc", "previous_permanence", "outcomes", "care_leavers", "adoption")
"""Tables that hold a child once in a return: a second row is not used."""


def stack(returned: Mapping[str, pl.DataFrame], coverage: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The validated tables, before episodes that contradict each other are repaired.

    Args:
        returned: The typed rows that can be used, by table, with the facts of their return.
        coverage: The unbroken spans of each authority's returns.
    """
    keys = with_child_keys(pl.concat([frame.select("la_code", "child_id") for frame in returned.values()]))
    keyed = {
        table: frame.join(keys, on=["la_code", "child_id"], how="left", maintain_order="left").with_columns(
            return_order=pl.col("census_year").cast(pl.UInt32), census=pl.col("return")
        )
        for table, frame in returned.items()
    }
    children = _children(keyed)
    attributes = children.select("child_key", "birth_date", "sex", "ethnicity", "unaccompanied", "unaccompanied_until")
    tables: dict[str, pl.DataFrame] = {}
    for table, frame in keyed.items():
        if table == "children":
            rows = children
        else:
            rows = _one_a_event(table, frame).drop("birth_date", "returned_sex", strict=False)
            rows = rows.join(attributes, on="child_key", how="left", maintain_order="left")
        known = with_coverage(rows.with_columns(known_to="reference_date"), coverage, "known_to")
        if table == "episodes":
            known = known.with_columns(end_repaired=pl.lit(value=False))
        tables[table] = _shaped(table, known)
    return tables


def _one_a_event(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """One row an event, numbered in order of child and day."""
    identity = list(EVENT_IDENTITY[table])
    if table in ONCE_A_RETURN:
        # Of what can be only once the first in a return stands; a second is superseded by it.
        numbered = frame.sort("return", "source_row", descending=[False, True]).with_columns(_occurrence=pl.lit(0))
        numbered = numbered.with_columns(source_order=pl.int_range(pl.len(), dtype=pl.UInt32))
        kept = numbered.sort(*identity, "return_order", "source_order").unique(
            identity, keep="last", maintain_order=True
        )
    else:
        # Of two that begin on one day the next return holds the one still open.
        ended = (pl.col("end_date").is_not_null(), -pl.col("end_date").to_physical())
        first = ended if table == "episodes" else ()
        kept = latest_returns(with_occurrence(frame, identity, within="child_key", first=first), identity)
    if table == "episodes":
        # Of two that begin on one day the one that ends first was the first, whatever their order in the file.
        kept = kept.sort("child_key", "start_date", "end_date", "_occurrence", nulls_last=True)
    return kept.with_row_index(KEYS[table])


def _children(keyed: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """One row a child as last described, with those that only other tables know of."""
    described = ("returned_sex", "birth_date", "ethnicity", "unique_pupil_number", "is_mother", "child_birth_date")
    header = (
        keyed["children"]
        .sort("child_key", "return_order", "source_row", descending=[False, False, True])
        # A later return that leaves a cell empty does not take back what an earlier one said.
        .with_columns(pl.col(described).forward_fill().over("child_key"))
        .unique("child_key", keep="last", maintain_order=True)
        .with_columns(described=pl.lit(value=True))
    )
    shared = ["la_code", "child_id", "child_key", "census_year", "reference_date", "source_file", "source_row"]
    others = pl.concat(
        [
            frame.select(*shared, *(["birth_date"] if "birth_date" in frame.columns else []))
            for table, frame in keyed.items()
            if table != "children"
        ],
        how="diagonal",
    ).sort("child_key", "census_year", "source_row")
    born = others.group_by("child_key").agg(_born=pl.col("birth_date").drop_nulls().last())
    only_elsewhere = others.unique("child_key", keep="last", maintain_order=True).join(
        header, on="child_key", how="anti", maintain_order="left"
    )
    everyone = pl.concat([header, only_elsewhere.with_columns(described=pl.lit(value=False))], how="diagonal")
    alone = keyed["uasc"].sort("child_key", "return_order", "source_row", descending=[False, False, True])
    alone = alone.group_by("child_key").agg(unaccompanied_until=pl.col("ceased_date").last())
    sex = pl.col("returned_sex").cast(pl.String).replace_strict(SEX_OF_RETURNED, default=None)
    return (
        everyone.join(born, on="child_key", how="left")
        .join(alone.with_columns(unaccompanied=pl.lit(value=True)), on="child_key", how="left")
        .with_columns(
            sex=sex.cast(SEX.dtype),
            birth_date=pl.coalesce("birth_date", "_born"),
            unaccompanied=pl.col("unaccompanied").fill_null(value=False),
        )
        .sort("child_key")
    )


def repaired(episodes: pl.DataFrame) -> pl.DataFrame:
    """Episodes whose end later ones of the child contradict, ended where the next one begins, with `end_repaired`.

    Two faults have one repair: an open episode that is not the child's last, and one that ends after the next began
    without lasting longer than it. Short breaks and other care are looked at apart. An episode within another one is
    left as it is, and so is an open one that the returns lost before the next began, unless that one says what changed:
    nobody knows when it ended, and it counts up to the last return that held it.
    """
    short = pl.col("legal_status").cast(pl.String).is_in(SHORT_BREAKS).fill_null(value=False)
    ordered = episodes.with_columns(_short=short)
    group = ["child_key", "_short"]
    ordered = ordered.sort(*group, "start_date", "episode_key").with_columns(
        _next=pl.col("start_date").shift(-1).over(group),
        _next_end=pl.col("end_date").shift(-1).over(group),
        _next_reason=pl.col("reason_for_new_episode").cast(pl.String).shift(-1).over(group),
    )
    end, following = pl.col("end_date"), pl.col("_next")
    stale = end.is_null() & (
        (following <= pl.col("known_to") + pl.duration(days=1)) | (pl.col("_next_reason") != STARTED_TO_BE_LOOKED_AFTER)
    )
    reaches_over = (end > following) & (pl.col("_next_end").is_null() | (pl.col("_next_end") >= end))
    wrong = (stale | reaches_over).fill_null(value=False)
    return (
        ordered.with_columns(end_date=pl.when(wrong).then(following).otherwise(end), end_repaired=wrong)
        .sort("episode_key")
        .select(episodes.columns)
    )


def _shaped(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Exactly the contract's columns, in order and type, and its rows in order of their key."""
    columns = [pl.col(name).cast(dtype) for name, dtype in CONTRACTS[table].schema.items()]
    return frame.select(columns).sort(KEYS.get(table, "child_key"))
