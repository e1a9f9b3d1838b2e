"""Indicators that extracts say too little for: refused where they were asked for by name, else left out and said."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from csc_indicators.engines.requests import Request
from csc_indicators.errors import NothingComputed
from csc_indicators.loading import Extracts
from csc_indicators.periods import Period


def within_limits(
    requests: Sequence[Request],
    extracts: Extracts,
    periods: Sequence[Period],
    *,
    named: Collection[str] | None = None,
) -> tuple[tuple[Request, ...], tuple[str, ...]]:
    """The requests that the extracts say enough for, and a note for each other.

    Args:
        requests: The requests.
        extracts: What was read.
        periods: The periods, of which a limit may allow some.
        named: Indicators that somebody asked for by name. All of them when left out.

    Raises:
        NothingComputed: the extracts say too little for a named indicator, or for all of them.
    """
    limits = {name: limit for tables in extracts.collections.values() for name, limit in tables.limits.items()}
    refused = {
        request.indicator: f"{request.indicator} is not computed from these extracts: {limits[request.indicator].reason}"
        for request in requests
        if request.indicator in limits and not all(limits[request.indicator].allows(period.end) for period in periods)
    }
    kept = tuple(request for request in requests if request.indicator not in refused)
    for name, why in refused.items():
        if not kept or named is None or name in named:
            raise NothingComputed(why)
    return kept, tuple(f"{why}." for why in refused.values())
