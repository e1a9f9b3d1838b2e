"""Referrals of a whole country, made up: the `episodes` table of 150 authorities over ten years, in no order.

Every child is a chain of referrals. After each one another follows within a year for about 22 in 100, later for some,
and never for the rest, so the share re-referred within 12 months is near the published one for England. Seeded: the
same arguments give the same table.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from csc_indicators.codes import CLOSURE_REASON, ETHNICITY, LA_CODE, PRIMARY_NEED, REFERRAL_SOURCE, SEX
from csc_indicators.periods import Period, years
from csc_indicators.tables.cin import CHILD_KEY_SPAN, EPISODES

REFERRALS = 6_570_000
AUTHORITIES = 150
FIRST_YEAR, LAST_YEAR = 2016, 2025
FIRST_DAY, LAST_DAY = dt.date(2015, 4, 1), dt.date(2025, 3, 31)
EPOCH = dt.date(1970, 1, 1)
SEED = 20250331

SHARE_SOON, SHARE_LATER = 0.225, 0.20
"""Of referrals, how many are followed by another of the same child within a year, and how many after that."""
REFERRALS_A_CHILD = 1.55
"""Referrals a child has within the ten years, about: how many children to start with."""
SHARE_SAME_DAY = 0.002
SHARE_NO_FURTHER_ACTION = 0.06
SHARE_OVERLAPPING = 0.015


def periods() -> tuple[Period, ...]:
    """The ten reporting years of the table."""
    return years(FIRST_YEAR, LAST_YEAR)


def day_number(day: dt.date) -> int:
    return (day - EPOCH).days


def episodes(referrals: int = REFERRALS, authorities: int = AUTHORITIES, seed: int = SEED) -> pl.DataFrame:
    """A table shaped as `CinCensus.episodes`, exactly `referrals` rows long, its rows shuffled."""
    random = np.random.default_rng(seed)
    child, day = _chains(random, int(referrals / REFERRALS_A_CHILD) + 100, referrals)
    la = _authority_of_child(random, int(child.max()) + 1, authorities)
    # A child's number within its authority, counted in order of appearance.
    order = np.argsort(la, kind="stable")
    starts = np.searchsorted(la[order], np.arange(1000))
    ordinal = np.empty(len(la), dtype=np.int64)
    ordinal[order] = np.arange(len(la)) - starts[la[order]]
    child_key = (la.astype(np.int64) * CHILD_KEY_SPAN + ordinal).astype(np.int32)
    return _with_attributes(random, child, child_key[child], la[child], day)


def of_authorities(table: pl.DataFrame, count: int) -> list[pl.DataFrame]:
    """The same rows split by authority, the first `count` of them."""
    parts = table.partition_by("la_code", maintain_order=True)
    return sorted(parts, key=lambda part: str(part["la_code"][0]))[:count]


def _chains(random: np.random.Generator, children: int, referrals: int) -> tuple[np.ndarray, np.ndarray]:
    """The child and day of every referral, in random order and cut to the number asked for."""
    first, last = day_number(FIRST_DAY), day_number(LAST_DAY)
    # Chains begin up to six years before the table does, as real ones do.
    who = np.arange(children, dtype=np.int32)
    when = random.integers(first - 6 * 365, last + 1, children, dtype=np.int32)
    all_children, all_days = [], []
    while len(who):
        seen = when >= first
        all_children.append(who[seen])
        all_days.append(when[seen])
        again = random.random(len(who))
        soon, later = again < SHARE_SOON, (again >= SHARE_SOON) & (again < SHARE_SOON + SHARE_LATER)
        gap = np.where(
            soon, 1 + np.minimum(random.exponential(150, len(who)), 364), 366 + random.exponential(700, len(who))
        ).astype(np.int32)
        gap[random.random(len(who)) < SHARE_SAME_DAY] = 0
        when = when + gap
        kept = (soon | later) & (when <= last)
        who, when = who[kept], when[kept]
    child, day = np.concatenate(all_children), np.concatenate(all_days)
    if len(child) < referrals:
        return _chains(random, int(children * 1.05 * referrals / len(child)) + 1, referrals)
    # Whole children are dropped to reach the number, but for the last one.
    order = np.argsort(child, kind="stable")[:referrals]
    order = random.permutation(order)
    return child[order], day[order]


def _authority_of_child(random: np.random.Generator, children: int, authorities: int) -> np.ndarray:
    """Authorities of very different sizes, with DfE-like codes."""
    codes = np.sort(random.choice(np.arange(200, 939), authorities, replace=False))
    sizes = random.lognormal(0.0, 0.6, authorities)
    return random.choice(codes.astype(np.int16), children, p=sizes / sizes.sum())


def _with_attributes(
    random: np.random.Generator, child: np.ndarray, child_key: np.ndarray, la: np.ndarray, day: np.ndarray
) -> pl.DataFrame:
    rows, children = len(child), int(child.max()) + 1
    no_further_action = random.random(rows) < SHARE_NO_FURTHER_ACTION
    length = np.where(no_further_action, 0, random.gamma(1.1, 90, rows)).astype(np.int32)
    length[random.random(rows) < SHARE_OVERLAPPING] += 700
    closure = day + length
    is_open = closure > day_number(LAST_DAY)
    birth = (day_number(FIRST_DAY) - random.integers(-2500, 17 * 365, children)).astype(np.int32)

    def codes(dtype: pl.Enum, count: int, null_share: float = 0.0) -> pl.Series:
        values = pl.Series(random.integers(0, len(dtype.categories), count, dtype=np.uint8)).cat.to(dtype)
        return (
            values
            if not null_share
            else pl.select(pl.when(pl.Series(random.random(count) >= null_share)).then(values)).to_series()
        )

    def of_child(values: pl.Series) -> pl.Series:
        return values.gather(child)

    columns = {
        "la_code": pl.Series(la.astype(np.uint16)).cat.to(LA_CODE),
        "child_key": pl.Series(child_key),
        "child_id": (pl.Series(child).cast(pl.String) + "-SYN"),
        "episode_key": pl.Series(np.arange(rows, dtype=np.uint32)),
        "episode": pl.Series(np.ones(rows, dtype=np.uint16)),
        "referral_date": pl.Series(day).cast(pl.Date),
        "referral_source": codes(REFERRAL_SOURCE.dtype, rows, 0.01),
        "primary_need": codes(PRIMARY_NEED.dtype, rows, 0.02),
        "closure_date": pl.select(pl.when(~pl.Series(is_open)).then(pl.Series(closure).cast(pl.Date))).to_series(),
        "closure_reason": pl.select(pl.when(~pl.Series(is_open)).then(codes(CLOSURE_REASON.dtype, rows))).to_series(),
        "initial_conference_date": pl.Series([None], dtype=pl.Date).new_from_index(0, rows),
        "no_further_action": pl.Series(no_further_action),
        "birth_date": of_child(pl.Series(birth).cast(pl.Date)),
        "sex": of_child(codes(SEX.dtype, children)),
        "ethnicity": of_child(codes(ETHNICITY.dtype, children)),
        "disabled": of_child(pl.Series(random.random(children) < 0.12)),
        "first_activity_date": pl.select(
            pl.when(~pl.Series(no_further_action)).then(pl.Series(day + 1).cast(pl.Date))
        ).to_series(),
        "known_to": pl.Series([LAST_DAY]).new_from_index(0, rows),
        "observed_from": pl.Series([FIRST_DAY]).new_from_index(0, rows),
        "observed_to": pl.Series([LAST_DAY]).new_from_index(0, rows),
        "census_year": pl.Series(np.full(rows, LAST_YEAR, dtype=np.int16)),
        "source_file": pl.Series(["synthetic"], dtype=pl.Categorical()).new_from_index(0, rows),
        "source_row": pl.Series(np.arange(1, rows + 1, dtype=np.uint32)),
    }
    return pl.DataFrame(columns).select(pl.col(name).cast(dtype) for name, dtype in EPISODES.schema.items())
