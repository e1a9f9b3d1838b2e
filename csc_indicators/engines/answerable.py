"""Which requests can be answered from which extracts, and for which periods."""

from __future__ import annotations

from collections.abc import Container, Sequence
from itertools import pairwise

import polars as pl

from csc_indicators.catalogue import catalogue
from csc_indicators.census_years import periods_in, year_holding
from csc_indicators.engines.requests import Request
from csc_indicators.errors import CscError, NothingComputed, UsageError
from csc_indicators.extracts.context_shapes import CONTEXT_TABLES
from csc_indicators.loading import Collection, Extracts
from csc_indicators.periods import Period, PeriodKind, periods_between, year
from csc_indicators.specification import CONTEXT, Indicator

COLLECTIONS = {
    "cin": "the CIN census",
    "ssda903": "the return on looked-after children (SSDA903)",
    "workforce": "the children's social work workforce census",
}
"""What the collections are called in messages."""


def covered_periods(source: Extracts | Collection, kind: PeriodKind = "year") -> tuple[Period, ...]:
    """Every period of a kind, in the years that the extracts cover for at least one authority.

    A year is a reporting year, or for workforce censuses the year of the 30 September on which one was taken.
    """
    coverage = source.coverage
    # A list may reach back to whoever was in post long ago: returns and yearly tables say for which years there are
    # figures, where there are any.
    lists = [f"{CONTEXT}.{name}" for name, table in CONTEXT_TABLES.items() if table.happened]
    yearly = coverage.filter(~pl.col("collection").is_in(lists))
    spans = (coverage if yearly.is_empty() else yearly).select("collection", "observed_from", "observed_to").iter_rows()
    covered = [(year_holding(collection, begins), year_holding(collection, ends)) for collection, begins, ends in spans]
    return periods_between(min(first for first, _ in covered), max(last for _, last in covered), kind)


def answerable(
    requests: Sequence[Request],
    extracts: Extracts,
    periods: Sequence[Period],
    *,
    named: Container[str] | None = None,
) -> tuple[tuple[Request, ...], tuple[str, ...]]:
    """The requests that can be answered, and a note for each reason that extracts say too little for others.

    Args:
        requests: The requests.
        extracts: What was read.
        periods: The periods: some indicators are known for whole years only, some of these extracts only for some.
        named: Indicators that somebody asked for by name: they must be answered. All of them when left out.

    Raises:
        NothingComputed: a table of a named indicator is not among the extracts, or they say too little for it; or for
            all of them.
        UsageError: a named indicator is not known by quarter or month, or none of them is.
    """
    held = _computable(requests, extracts, periods, named)
    return _within_limits(held, extracts, periods, named)


def _computable(
    requests: Sequence[Request], extracts: Extracts, periods: Sequence[Period], named: Container[str] | None
) -> tuple[Request, ...]:
    """The requests whose tables the extracts hold, for periods of a length that they are known for."""
    shorter = next((period for period in periods if period.kind != "year"), None)
    kept: list[Request] = []
    faults: list[tuple[str, CscError]] = []
    for request in requests:
        spec = catalogue().indicator(request.indicator)
        absent = next((name for name in spec.tables if extracts.table(name) is None), None)
        if absent is not None:
            collection = absent.partition(".")[0]
            table = absent.partition(".")[2]
            what = COLLECTIONS[collection] if collection != CONTEXT else f"a supplied table of its own, {table}"
            fault = NothingComputed(f"{spec.id} is computed from {what}, which is not among the extracts")
            faults.append((spec.id, fault))
        elif shorter is not None and spec.whole_years:
            faulty = UsageError(f"{spec.id} is known for whole years only, not for {shorter.label}; ask for years")
            faults.append((spec.id, faulty))
        else:
            kept.append(request)
    # Where nothing can be computed, what the caller can mend by asking otherwise is said before what is not there.
    faults.sort(key=lambda found: not kept and not isinstance(found[1], UsageError))
    for indicator, fault in faults:
        if not kept or named is None or indicator in named:
            raise fault
    return tuple(kept)


def _within_limits(
    requests: Sequence[Request], extracts: Extracts, periods: Sequence[Period], named: Container[str] | None
) -> tuple[tuple[Request, ...], tuple[str, ...]]:
    """The requests that the extracts say enough for: others are refused when named, else left out and said."""
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


def check_periods(coverage: pl.DataFrame, periods: Sequence[Period]) -> None:
    """Refuse periods of which the extracts hold nothing at all.

    Raises:
        UsageError: there is no period.
        NothingComputed: no authority's coverage touches any of them.
    """
    if not periods:
        raise UsageError("no period was asked for")
    touched = [
        period
        for collection, begins, ends in coverage.select("collection", "observed_from", "observed_to").iter_rows()
        for period in periods_in(collection, periods)
        if begins <= period.end and ends >= period.start
    ]
    if not touched:
        first, last = coverage["observed_from"].min(), coverage["observed_to"].max()
        raise NothingComputed(
            f"the extracts cover {first} to {last}, and nothing of {periods[0].label}"
            + (f" to {periods[-1].label}" if len(periods) > 1 else "")
        )


def refuse_overlap(periods: Sequence[Period]) -> None:
    """Periods that share days give small numbers away: a year less three of its quarters is the fourth."""
    in_order = sorted(periods, key=lambda period: (period.start, period.end))
    for earlier, later in pairwise(in_order):
        if later.start <= earlier.end:
            raise UsageError(
                f"{earlier.label} and {later.label} share days, and small numbers could be worked out from their "
                "difference; ask for periods that do not overlap, or for restricted figures (internal, --internal)"
            )


def coverage_for(spec: Indicator, coverage: pl.DataFrame) -> pl.DataFrame:
    """What returns cover of an indicator: of its collection, from the year on in which it was asked for."""
    spans = coverage.filter(collection=spec.covered_by)
    if spec.collected_since is None:
        return spans
    since = pl.lit(year(spec.collected_since).start)
    return spans.with_columns(pl.max_horizontal("observed_from", since)).filter(
        pl.col("observed_from") <= pl.col("observed_to")
    )
