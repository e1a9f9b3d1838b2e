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
    """The requests that the extracts say enough for, and a note for each reason that others are left out for.

    Args:
        requests: The requests.
        extracts: What was read.
        periods: The periods, of which a limit may allow some.
        named: Indicators that somebody asked for by name. All of them when left out.

    Raises:
        NothingComputed: the extracts say too little for a named indicator, or for all of them.
    """
    returns = [tables for tables in (extracts.cin, extracts.ssda903) if tables is not None]
    limits = {name: limit for tables in returns for name, limit in tables.limits.items()}
    refused: dict[str, str] = {}
    for name in {request.indicator: None for request in requests}:
        limit = limits.get(name)
        if limit and not all(limit.allows(period.end) for period in periods):
            refused[name] = limit.reason
    kept = tuple(request for request in requests if request.indicator not in refused)
    for name, reason in refused.items():
        if not kept or named is None or name in named:
            raise NothingComputed(f"{name} is not computed from these extracts: {reason}")
    alike: dict[str, list[str]] = {}
    for name, reason in refused.items():
        alike.setdefault(reason, []).append(name)
    return kept, tuple(f"Not computed from these extracts: {', '.join(alike[reason])}: {reason}." for reason in alike)
