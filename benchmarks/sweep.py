"""A sensitivity sweep: many parameter values in one collection, against one value and against as many separate runs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import polars as pl

import csc_indicators as csc
from benchmarks import national
from benchmarks.measuring import Section, at_most, interleaved, timings_table
from csc_indicators.aggregation import sums
from csc_indicators.catalogue import catalogue
from csc_indicators.engines.local import Request

WINDOWS = {"window_months": list(range(1, 25))}
MIXED = {
    "window_months": [3, 6, 12, 24],
    "measured_from": ["referral", "closure"],
    "no_further_action": ["include", "exclude", "exclude_earlier"],
}


def run(*, small: bool = False) -> Section:
    referrals, rounds = (10_000, 1) if small else (national.REFERRALS // 4, 3)
    episodes = national.episodes(referrals, 10 if small else national.AUTHORITIES)
    goals, tables, shares = [], [], []
    for name, grid in (("24 windows", WINDOWS), ("mixed grid of 24", MIXED)):
        requests = csc.vary("rereferrals", grid)
        together = partial(_together, episodes, requests)
        separately = partial(_separately, episodes, requests)
        timings = interleaved({"at once": together, "one at a time": separately}, rounds)
        # One point gives another answer, so it takes its turns apart.
        one = interleaved({"one point": partial(_separately, episodes, csc.vary("rereferrals", {}))}, 2 * rounds + 1)
        goals.append(at_most(f"Sweep, {name}", timings["at once"], 2.2, one["one point"], "one point"))
        shares.append(timings["at once"].median / timings["one at a time"].median)
        tables.append(f"{name.capitalize()}:\n\n{timings_table({**one, **timings}, 'one point')}")
    size = f"{referrals:,} referrals, {'a smoke run' if small else 'a quarter of the country'}"
    text = f"""{size}; {rounds} rounds. The sums per authority and year of every point were equal,
collected at once or one at a time. The points are those of `vary`, made into plans as `compute` makes them.

{tables[0]}

{tables[1]}

Where the time goes: one `collect_all` reads the table once, but the plans in it are not merged beyond that. Each point
packs and sorts its own keys and looks back along them, though all 24 windows, and many points of the mixed grid, look
back along the same rows. Collected at once, the windows took {shares[0]:.0%} of the time of separate runs and the mixed
grid {shares[1]:.0%}. Points that differ only in the window could share one look-back; that is not done today.
"""
    return Section("Sensitivity sweep", tuple(goals), text)


def _plans(episodes: pl.DataFrame, requests: Sequence[Request]) -> list[pl.LazyFrame]:
    periods = national.periods()
    function = catalogue().function("rereferrals")
    return [
        sums(
            function(
                episodes,
                periods=periods,
                **catalogue().parameters(
                    request.indicator, reading=request.reading, overrides=request.parameters, on=periods[-1].end
                ),
            ),
            on=periods[-1].end,
        )
        for request in requests
    ]


def _together(episodes: pl.DataFrame, requests: Sequence[Request]) -> pl.DataFrame:
    return _stacked(pl.collect_all(_plans(episodes, requests)))


def _separately(episodes: pl.DataFrame, requests: Sequence[Request]) -> pl.DataFrame:
    return _stacked([plan.collect() for plan in _plans(episodes, requests)])


def _stacked(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    numbered = [part.with_columns(point=pl.lit(number)) for number, part in enumerate(parts)]
    return pl.concat(numbered).sort("point", "period", "la_code")
