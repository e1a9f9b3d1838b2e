"""Faults as real returns have them, planted in the tables of a made-up return before it is written.

Which rows get one is drawn, at a rate for each kind of fault; no row gets two. Each fault is noted with where it is and
whether it can be found out at all: what looks like a good row to every reader is no reader's failure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import polars as pl
import polars.selectors as cs

from csc_indicators.synthetic.draws import Draws

PARTS = 1_000_000
"""Draws are out of so many."""
YEARS = 64
NONE = -1
HELPS = "_"
"""How columns begin that a table is given only so that a fault can look at them: they are in no return."""

Tables: TypeAlias = Mapping[str, pl.DataFrame]

NOTED = pl.Schema(
    {
        "fault": pl.String(),
        "la_code": pl.String(),
        "year": pl.Int32(),
        "file": pl.String(),
        "table": pl.String(),
        "row": pl.UInt32(),
        "column": pl.String(),
        "child_id": pl.String(),
        "detectable": pl.Boolean(),
        "why_not": pl.String(),
    }
)
"""What is noted of each fault. A child has one fault in a return at the most.

`row` counts as findings do: the rows of data of a CSV file, or the elements of one kind from the top of an XML file.
"""
LATER = "shown_later"
"""Noted besides, until the returns are written: whether only a later return shows the fault."""

ALWAYS, NEVER = pl.lit(value=True), pl.lit(value=False)


@dataclass(frozen=True)
class Return:
    """The return that is dirtied: whose and of which year, whether others precede or follow, the rate of each fault."""

    la_code: str
    year: int
    is_first: bool
    is_last: bool
    rate: float


@dataclass(frozen=True)
class Fault:
    """One kind of fault in one table.

    `able` says which rows can have it, `changes` what becomes of their cells. `seen` is true of a changed row that
    shows it, `seen_later` of one that a later return shows to be wrong, and `why_not` says why another does not.
    `adds` makes rows beside the good ones instead of changing them; `copies` gives the child that is added a copy of
    every row that the other has in other tables.
    """

    name: str
    table: str
    column: str
    able: pl.Expr
    changes: Mapping[str, pl.Expr]
    seen: pl.Expr = ALWAYS
    seen_later: pl.Expr = NEVER
    why_not: str = ""
    adds: bool = False
    copies: bool = False


@dataclass(frozen=True)
class Layout:
    """How a return is written: which collection it is, the column of the child's id, and the table of children.

    `nested` says whether a child's rows stand within the child, in the order of the children, as in XML.
    """

    collection: str
    who: str
    children: str
    nested: bool


def plant(
    draws: Draws, tables: Tables, kinds: Sequence[Fault], whose: Return, layout: Layout
) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """Plant faults in the tables of a return.

    Args:
        draws: The draws of the authority.
        tables: The tables, as text; columns that begin with `_` are for faults to look at.
        kinds: The faults that rows of these tables can have, those of the children last.
        whose: The return, and the share of rows that get each.
        layout: How it is written.

    Returns:
        The tables with the faults, and for each of them a row of `NOTED` with `LATER`, `file` not yet said.
    """
    dirty = {name: table.select(~cs.starts_with(HELPS)) for name, table in tables.items()}
    noted = pl.DataFrame(schema={**NOTED, LATER: pl.Boolean()})
    for name in dict.fromkeys(kind.table for kind in kinds):
        of_table = [kind for kind in kinds if kind.table == name]
        place = f"{layout.collection}.{name}"
        rows = _drawn_for(draws, tables[name], place, of_table, whose, layout.who, noted["child_id"])
        parts = [rows.filter(_fault=NONE)]
        for number, kind in enumerate(of_table):
            good = rows.filter(_fault=number)
            changed = good.with_columns(**kind.changes)
            # What a changed row shows can only be asked once it is changed.
            parts.append(changed.with_columns(pl.col("_at") + int(kind.adds), _seen=kind.seen, _later=kind.seen_later))
            if kind.adds:
                parts.append(good.with_columns(_fault=NONE))
            if kind.copies:
                dirty = _with_copies(dirty, name, layout.who, good, changed)
        whole = pl.concat(parts, how="diagonal").sort("_at")
        dirty[name] = whole.select(dirty[name].columns)
        notes = _notes(whole, of_table, whose, place, layout.who)
        noted = pl.concat([noted, notes.select(noted.columns).cast({**noted.schema})])
    return dirty, _numbered(noted, dirty, layout)


def _drawn_for(
    draws: Draws, table: pl.DataFrame, place: str, kinds: list[Fault], whose: Return, who: str, spoken_for: pl.Series
) -> pl.DataFrame:
    """The rows with `_fault`, the number of the fault that each gets or -1, and `_at`, where each stands."""
    key = np.arange(table.height, dtype=np.int64) * YEARS + whose.year - 2000
    # Each kind has a stretch of what is drawn to itself, so that no row is drawn for two.
    drawn = draws.below(f"fault in {place}", key, PARTS) // max(int(whose.rate * PARTS), 1)
    number = pl.lit(NONE)
    for position, kind in enumerate(kinds):
        number = pl.when((pl.col("_drawn") == position) & kind.able).then(position).otherwise(number)
    rows = table.with_columns(_drawn=pl.Series(drawn), _at=pl.int_range(pl.len()) * 2).with_columns(_fault=number)
    others = pl.col(who).is_in(spoken_for.implode()) | ((pl.col("_fault") != NONE).cum_sum().over(who) > 1)
    return rows.with_columns(_fault=pl.when(others).then(NONE).otherwise("_fault")).drop("_drawn")


def _with_copies(
    tables: Mapping[str, pl.DataFrame], name: str, who: str, good: pl.DataFrame, added: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """The tables with all rows of some children a second time, after the others, under the ids that were added."""
    ids = pl.DataFrame({who: good[who], "_id": added[who]})
    copied = {
        other: table.join(ids, on=who, maintain_order="left").with_columns(pl.col("_id").alias(who))
        for other, table in tables.items()
        if other != name
    }
    return {**tables, **{other: pl.concat([tables[other], rows.drop("_id")]) for other, rows in copied.items()}}


def _notes(rows: pl.DataFrame, kinds: list[Fault], whose: Return, place: str, who: str) -> pl.DataFrame:
    """A note of each fault, `row` being the place in its table from 1."""
    of_kind = pl.DataFrame(
        {
            "_fault": range(len(kinds)),
            "fault": [kind.name for kind in kinds],
            "column": [kind.column for kind in kinds],
            "_why": [kind.why_not for kind in kinds],
        },
        schema_overrides={"_fault": rows.schema["_fault"]},
    )
    at_once = pl.col("_seen").fill_null(value=False)
    later = pl.col("_later").fill_null(value=False) & pl.lit(value=not whose.is_last)
    return (
        rows.with_row_index("row", offset=1)
        .filter(pl.col("_fault") != NONE)
        .join(of_kind, on="_fault", maintain_order="left")
        .with_columns(
            la_code=pl.lit(whose.la_code),
            year=pl.lit(whose.year),
            file=pl.lit(None),
            table=pl.lit(place),
            child_id=who,
            detectable=at_once | later,
            why_not=pl.when(~(at_once | later)).then("_why"),
        )
        .with_columns((later & ~at_once).alias(LATER))
    )


def _numbered(noted: pl.DataFrame, tables: Tables, layout: Layout) -> pl.DataFrame:
    """The notes with rows counted as the file has them; within children, where their rows stand there."""
    if not layout.nested:
        return noted
    children = tables[layout.children].select(layout.who).with_row_index("_child")
    parts = [noted.clear()]
    for (place,), notes in noted.group_by("table", maintain_order=True):
        name = str(place).partition(".")[2]
        if name == layout.children:
            parts.append(notes)
            continue
        at = tables[name].select(layout.who).with_row_index("row", offset=1)
        # A child that is returned twice is so with all its rows.
        order = at.join(children, on=layout.who).sort("_child", "row").with_row_index("_row", offset=1)
        found = notes.join(order.unique("row", keep="first").select("row", "_row"), on="row", maintain_order="left")
        parts.append(found.with_columns(row="_row").drop("_row"))
    return pl.concat(parts)


def cut_short(data: bytes) -> bytes:
    """The first half of a file, as after a transfer that broke off."""
    return data[: len(data) // 2]
