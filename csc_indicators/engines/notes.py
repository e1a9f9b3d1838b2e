"""What must be said beside the figures: where they are incomplete, and which rates have no population."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from csc_indicators.aggregation import LOCAL_AUTHORITY
from csc_indicators.breakdowns import TOTAL
from csc_indicators.catalogue import catalogue
from csc_indicators.engines.requests import Request, by_parameters, shown_parameters
from csc_indicators.geography import population_mid_years
from csc_indicators.periods import MONTHS_IN_YEAR, Period, add_months
from csc_indicators.tables.cin import CinCensus


def notes_beside(
    table: pl.DataFrame, cin: CinCensus, requests: Sequence[Request], periods: Sequence[Period]
) -> tuple[str, ...]:
    """What a reader must know beside the cells."""
    notes: list[str] = []
    for request in requests:
        notes += _incomplete(table, cin.coverage, request, periods)
    known = population_mid_years()
    lacking = sorted({period.mid_year for period in periods if period.mid_year not in known})
    if lacking and (table["unit"] == "rate_per_10000").any():
        years = ", ".join(f"mid-{mid_year}" for mid_year in lacking)
        notes.append(f"Rates are not available where there is no population estimate: {years}.")
    return tuple(dict.fromkeys(notes))


def _incomplete(table: pl.DataFrame, coverage: pl.DataFrame, request: Request, periods: Sequence[Period]) -> list[str]:
    """For one request, which authorities' totals are incomplete, and from which day they would not be."""
    spec = catalogue().indicator(request.indicator)
    reading = catalogue().reading(request.indicator, request.reading).name
    notes: list[str] = []
    for parameters, alike in by_parameters(request, periods):
        shown = shown_parameters(request, parameters)
        totals = table.filter(
            pl.col("indicator") == request.indicator,
            pl.col("reading") == reading,
            pl.col("parameters") == shown,
            pl.col("period").is_in([period.label for period in alike]),
            pl.col("level") == LOCAL_AUTHORITY,
            pl.col("breakdown") == TOTAL,
            ~pl.col("complete"),
        )
        which = f"{spec.id} ({'; '.join(filter(None, (reading, shown)))})"
        looked_back = parameters.get(spec.look_back) if spec.look_back else 0
        by_label = {period.label: period for period in alike}
        for begins, ends, codes, labels in _incomplete_spans(coverage, totals):
            who = f"{which} is incomplete for {', '.join(codes)}"
            uncovered = [
                label for label in labels if not begins <= by_label[label].start <= by_label[label].end <= ends
            ]
            if uncovered:
                notes.append(f"{who} in {', '.join(uncovered)}: their censuses cover {begins} to {ends}.")
            if len(uncovered) == len(labels):
                continue
            if isinstance(looked_back, int):
                months = looked_back * (MONTHS_IN_YEAR if (spec.look_back or "").endswith("_years") else 1)
                since = f"it would be complete from {add_months(begins, months)}"
            else:
                since = "it would be complete only for children born since"
            within = ", ".join(label for label in labels if label not in uncovered)
            notes.append(f"{who} in {within}: their censuses begin on {begins}; {since}.")
    return notes


def _incomplete_spans(
    coverage: pl.DataFrame, totals: pl.DataFrame
) -> list[tuple[dt.date, dt.date, list[str], list[str]]]:
    """Incomplete totals by the span that ends last before or in their period: its ends, authorities and periods."""
    held = coverage.with_columns(area_code=pl.col("la_code").cast(pl.String))
    spans = (
        totals.join(held, on="area_code", how="inner", maintain_order="left_right")
        .filter(pl.col("observed_from") <= pl.col("period_end"))
        .sort("observed_from", maintain_order=True)
        .unique(["area_code", "period"], keep="last", maintain_order=True)
    )
    earlier = totals.join(spans, on=["area_code", "period"], how="anti", maintain_order="left").join(
        held.sort("observed_from").unique("area_code", keep="first", maintain_order=True), on="area_code"
    )
    by_span = pl.concat(
        [
            spans.select("observed_from", "observed_to", "area_code", "period"),
            earlier.select("observed_from", "observed_to", "area_code", "period"),
        ]
    )
    grouped = (
        by_span.sort("area_code", "period")
        .group_by("observed_from", "observed_to", maintain_order=True)
        .agg(pl.col("area_code").unique(maintain_order=True), pl.col("period").unique(maintain_order=True))
        .sort("observed_from", "observed_to")
    )
    return list(grouped.iter_rows())
