"""Episodes of care of a whole country, made up: the `episodes` table of 150 authorities over ten years, in no order.

Every child is a chain of periods of care, each a chain of episodes: changes of legal status alone, moves to another
carer, moves with the same carer, short times away and the return from them. Seeded: the same arguments give the same
table.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from benchmarks.national import SEED, day_number
from csc_indicators.codes import LA_CODE
from csc_indicators.periods import Period, years
from csc_indicators.tables.cin import CHILD_KEY_SPAN
from csc_indicators.tables.ssda903 import CONTRACTS

EPISODES = 3_500_000
AUTHORITIES = 150
FIRST_DAY, LAST_DAY = dt.date(2015, 4, 1), dt.date(2025, 3, 31)
EPISODES_A_CHILD = 7
KINDS = ("legal", "move", "same carer", "away")
SHARES = (0.35, 0.40, 0.10, 0.15)
REASON_OF = {"legal": "L", "move": "P", "same carer": "T", "away": "P"}
LIVED_IN = ("U1", "U4", "U6", "K2", "P1", "R1")
AWAY = "T1"
SHARE_CEASING = 0.12
SHARE_RETURNING = 0.25


def periods() -> tuple[Period, ...]:
    """The ten reporting years of the table."""
    return years(2016, 2025)


def episodes(count: int = EPISODES, authorities: int = AUTHORITIES, seed: int = SEED) -> pl.DataFrame:
    """A table shaped as `Ssda903.episodes`, exactly `count` rows long, its rows shuffled."""
    random, wanted = np.random.default_rng(seed), count
    # Some of a child's episodes would start after the last day and are left out.
    count = int(count * 1.15)
    child = np.sort(random.integers(0, count // EPISODES_A_CHILD, count)).astype(np.int64)
    place = np.arange(count) - np.searchsorted(child, child)
    first = place == 0
    kind = random.choice(len(KINDS), count, p=SHARES)
    gap = random.exponential(220, count).astype(np.int64) + 1
    # After a time away comes the return, some days later.
    was_away = np.roll(kind == KINDS.index("away"), 1) & ~first
    gap[np.roll(was_away, -1)] = random.integers(1, 20, int(was_away.sum()))
    starts_again = (random.random(count) < SHARE_CEASING * SHARE_RETURNING) & ~first & ~was_away
    began = day_number(FIRST_DAY) + random.integers(-3 * 365, 9 * 365, count // EPISODES_A_CHILD)
    before = np.concatenate([[0], np.cumsum(gap)[:-1]])
    elapsed = before - before[np.searchsorted(child, child)]
    start = began[child] + elapsed + np.where(starts_again, 1, 0)
    end = np.concatenate([start[1:], [0]])
    last = np.roll(first, -1)
    end[last] = start[last] + gap[last]
    ceased_before = np.roll(starts_again, -1) & ~last
    end[ceased_before] -= 1
    postcode = random.integers(0, 5000, count)
    lived_in = random.integers(0, len(LIVED_IN), count)
    held = pl.DataFrame({"child": child, "kind": kind, "was_away": was_away, "first": first, "again": starts_again})
    stays = (pl.col("kind") == KINDS.index("legal")) & ~pl.col("first") & ~pl.col("again") & ~pl.col("was_away")
    away = (pl.col("kind") == KINDS.index("away")) & ~pl.col("first") & ~pl.col("was_away") & ~pl.col("again")
    placed = held.with_columns(
        _stays=stays,
        _away=away,
        _code=pl.Series(lived_in),
        _post=pl.Series(postcode),
    ).with_columns(
        # A change of legal status, and most returns from a time away, leave the child where it lived.
        pl.when(~pl.col("_stays") & ~pl.col("_away") & ~(pl.col("was_away") & (pl.col("_post") % 5 != 0)))
        .then(column)
        .forward_fill()
        .over("child")
        .alias(column)
        for column in ("_code", "_post")
    )
    born = began - random.integers(0, 8 * 365, len(began))
    codes = pl.Series(LIVED_IN)
    reasons = [REASON_OF[name] for name in KINDS]
    open_at_end = end > day_number(LAST_DAY)
    la = np.sort(random.choice(np.arange(200, 939), authorities, replace=False))[child % authorities]
    columns = {
        "la_code": pl.Series(la.astype(np.uint16)).cat.to(LA_CODE),
        "child_key": pl.Series((la.astype(np.int64) * CHILD_KEY_SPAN + child // authorities).astype(np.int32)),
        "child_id": pl.Series(child).cast(pl.String),
        "episode_key": pl.Series(np.arange(count, dtype=np.uint32)),
        "start_date": pl.Series(start.astype(np.int32)).cast(pl.Date),
        "end_date": pl.select(
            pl.when(~pl.Series(open_at_end)).then(pl.Series(end.astype(np.int32)).cast(pl.Date))
        ).to_series(),
        "reason_for_new_episode": placed.select(
            pl.when(pl.col("first") | pl.col("again"))
            .then(pl.lit("S"))
            .when("was_away")
            .then(pl.lit("P"))
            .otherwise(pl.Series(reasons).gather(pl.Series(kind)))
        ).to_series(),
        "legal_status": pl.Series(["C2"]).new_from_index(0, count),
        "placement": placed.select(
            pl.when("_away").then(pl.lit(AWAY)).otherwise(codes.gather(placed["_code"]))
        ).to_series(),
        "placement_postcode": placed.select(
            pl.format("AA{} 1AA", pl.when("_away").then(0).otherwise("_post"))
        ).to_series(),
        "reason_ceased": pl.select(
            pl.when(pl.Series(open_at_end))
            .then(None)
            .when(pl.Series(last | ceased_before))
            .then(pl.lit("E4A"))
            .otherwise(pl.lit("X1"))
        ).to_series(),
        "birth_date": pl.Series(born.astype(np.int32)).cast(pl.Date).gather(child),
        "unaccompanied": pl.Series([False]).new_from_index(0, count),
        "known_to": pl.Series([LAST_DAY]).new_from_index(0, count),
        "observed_from": pl.Series([FIRST_DAY]).new_from_index(0, count),
        "observed_to": pl.Series([LAST_DAY]).new_from_index(0, count),
        "census_year": pl.Series(np.full(count, LAST_DAY.year, dtype=np.int16)),
        "end_repaired": pl.Series([False]).new_from_index(0, count),
    }
    kept = pl.DataFrame(columns).filter(pl.col("start_date") <= LAST_DAY).head(wanted)
    return kept.select(
        (pl.col(name) if name in columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in CONTRACTS["episodes"].schema.items()
    ).sample(fraction=1, shuffle=True, seed=seed)
