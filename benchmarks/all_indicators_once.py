"""One process that computes every indicator, for `all_indicators`: times and memory as JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence

from benchmarks import national, national_events
from benchmarks.measuring import interleaved, peak_memory
from csc_indicators.catalogue import catalogue
from csc_indicators.engines.local import cells
from csc_indicators.engines.requests import requests_from
from csc_indicators.tables.cin import CONTRACTS, CinCensus

EVENTS = ("assessments", "section_47_enquiries", "child_protection_plans")


def main(referrals: int, rounds: int) -> None:
    small = referrals < national.REFERRALS
    census = national_events.census(referrals, 10 if small else national.AUTHORITIES)
    tables = {name: census.table(name) for name in CONTRACTS}
    ids = [name for name, spec in catalogue().indicators.items() if spec.collection == "cin"]
    timings = interleaved(
        {
            "rereferrals alone": lambda: _compute(census, ["rereferrals"]),
            "all indicators": lambda: _compute(census, ids),
        },
        rounds,
    )
    print(
        json.dumps(
            {
                "seconds": {name: timing.seconds for name, timing in timings.items()},
                "each": {name: _seconds(census, name) for name in ids},
                "peak": peak_memory(),
                "tables": sum(frame.estimated_size() for frame in tables.values()),
                "rows": {name: frame.height for name, frame in tables.items()},
                "events": sum(tables[name].height for name in EVENTS),
                "authorities": census.coverage.height,
            }
        )
    )


def _compute(census: CinCensus, ids: Sequence[str]) -> None:
    cells(census, requests_from(ids), periods=national.periods())


def _seconds(census: CinCensus, indicator: str) -> float:
    begun = time.perf_counter()
    _compute(census, [indicator])
    return time.perf_counter() - begun


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
