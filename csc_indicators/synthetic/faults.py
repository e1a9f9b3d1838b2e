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

from csc_indicators.synthetic.draws import Draws

PARTS = 1_000_000
"""Draws are out of so many."""
YEARS = 64
NONE = -1

Tables: TypeAlias = Mapping[str, pl.DataFrame]

NOTED = pl.Schema(
    {
        "fault": pl.String(),
        "la_code": pl.String(),
        "year": pl.Int32(),
        "file": pl.String(),
        "table": pl.String(),
        "column": pl.String(),
        "child_id": pl.String(),
        "detectable": pl.Boolean(),
        "why_not": pl.String(),
    }
)
"""What is noted of each fault. A child has one fault in a return at the most, so that its id says which row it is."""


ALWAYS = pl.lit(value=True)


@dataclass(frozen=True)
class Return:
    """The return that is dirtied: whose and of which year, whether a later one follows, and the rate of each fault."""

    la_code: str
    year: int
    is_last: bool
    rate: float


@dataclass(frozen=True)
class Fault:
    """One kind of fault in one table.

    `able` says which rows can have it, `changes` what becomes of their cells. `seen` is true of a changed row that
    shows it, and `why_not` says why another does not. `adds` makes rows beside the good ones instead of changing them.
    """

    name: str
    table: str
    column: str
    able: pl.Expr
    changes: Mapping[str, pl.Expr]
    seen: pl.Expr = ALWAYS
    why_not: str = ""
    adds: bool = False


def plant(
    draws: Draws, tables: Tables, kinds: Sequence[Fault], whose: Return, collection: str, who: str
) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """Plant faults in the tables of a return.

    Args:
        draws: The draws of the authority.
        tables: The tables, as text.
        kinds: The faults that rows of these tables can have.
        whose: The return, and the share of rows that get each.
        collection: Which return it is, `cin` or `ssda903`.
        who: The column of the child's id.

    Returns:
        The tables with the faults, and a row of `NOTED` for each of them, `file` not yet said.
    """
    dirty = dict(tables)
    noted = pl.DataFrame(schema=NOTED)
    for name in dict.fromkeys(kind.table for kind in kinds):
        of_table = [kind for kind in kinds if kind.table == name]
        place = f"{collection}.{name}"
        rows = _drawn_for(draws, dirty[name], place, of_table, whose, who, noted["child_id"])
        parts = [rows]
        for number, kind in enumerate(of_table):
            hit = rows["_fault"] == number
            changed = rows.filter(hit).with_columns(**kind.changes)
            said = changed.select(
                fault=pl.lit(kind.name),
                la_code=pl.lit(whose.la_code),
                year=pl.lit(whose.year),
                file=pl.lit(None),
                table=pl.lit(place),
                column=pl.lit(kind.column),
                child_id=who,
                detectable=kind.seen.fill_null(value=False),
            ).with_columns(why_not=pl.when(~pl.col("detectable")).then(pl.lit(kind.why_not)))
            noted = pl.concat([noted, said.cast({**NOTED})])
            if kind.adds:
                parts.append(changed.with_columns(pl.col("_at") + 1))
            else:
                parts = [pl.concat([parts[0].filter(pl.col("_fault") != number), changed]), *parts[1:]]
        dirty[name] = pl.concat(parts).sort("_at").select(dirty[name].columns)
    return dirty, noted


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


def cut_short(data: bytes) -> bytes:
    """The first half of a file, as after a transfer that broke off."""
    return data[: len(data) // 2]
