"""What must be said beside the figures: where they are incomplete, and which rates have no population."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl

from csc_indicators.area_membership import LOCAL_AUTHORITY, joined_authorities
from csc_indicators.breakdowns import TOTAL
from csc_indicators.catalogue import catalogue
from csc_indicators.engines.answerable import coverage_for
from csc_indicators.engines.requests import Request, by_parameters, shown_parameters
from csc_indicators.geography import population_mid_years
from csc_indicators.loading import Extracts
from csc_indicators.periods import MONTHS_IN_YEAR, Period, add_months
from csc_indicators.specification import Indicator, ParameterValue

WITHOUT = {
    "care_episodes": "no periods of care (SSDA903) are among the extracts, so entries to care are not seen",
    "population": "the published mid-year estimates are used, because no table of the population was supplied",
    "social_care_groups": "the social care groups of children are only those that the table says, because not both of "
    "the returns on children are among the extracts",
    "periods_of_care": "no return on looked-after children is among the extracts, so nobody is known to be in care",
    "postcodes": "no table of postcodes is among the extracts, so distances are only those that the returns say",
}
"""What it means that an optional table is not there."""


def notes_beside(
    table: pl.DataFrame,
    extracts: Extracts,
    requests: Sequence[Request],
    periods: Sequence[Period],
    awaiting: pl.DataFrame,
    *,
    internal: bool,
) -> tuple[str, ...]:
    """What a reader must know beside the cells.

    Args:
        table: The cells.
        extracts: What they were computed from.
        requests: What was asked for.
        periods: For which periods.
        awaiting: For each total the units it leaves out because their outcome is not known yet.
        internal: Also say how many those are: beside published figures they would give small denominators away.
    """
    notes: list[str] = []
    for request in requests:
        notes += _without_tables(extracts, request)
        covered = coverage_for(catalogue().indicator(request.indicator), extracts.coverage)
        notes += _incomplete(table, covered, request, periods)
        notes += _awaiting(awaiting, request, internal=internal)
    known = population_mid_years()
    lacking = sorted({period.mid_year for period in periods if period.mid_year not in known})
    if lacking and (table["unit"] == "rate_per_10000").any():
        years = ", ".join(f"mid-{mid_year}" for mid_year in lacking)
        notes.append(f"Rates are not available where there is no population estimate: {years}.")
    return tuple(dict.fromkeys(notes))


def _without_tables(extracts: Extracts, request: Request) -> list[str]:
    spec = catalogue().indicator(request.indicator)
    absent = [name for name in spec.optional_tables if extracts.table(name) is None]
    return [f"{spec.id}: {WITHOUT[name]}." for name in absent]


def _awaiting(awaiting: pl.DataFrame, request: Request, *, internal: bool) -> list[str]:
    """Whose totals leave units out, and for internal use how many."""
    spec = catalogue().indicator(request.indicator)
    reading = catalogue().reading(request.indicator, request.reading).name
    of_request = awaiting.filter(pl.col("indicator") == request.indicator, pl.col("reading") == reading)
    notes: list[str] = []
    for (shown, period), rows in of_request.group_by("parameters", "period", maintain_order=True):
        which = f"{spec.id} ({'; '.join(filter(None, (reading, str(shown))))})"
        whose = [
            f"{count} in {code}" if internal else code for code, count in rows.select("la_code", "awaiting").rows()
        ]
        where = ": " if internal else " in "
        notes.append(f"{which} leaves out of {period} what is not yet followed up{where}{', '.join(whose)}.")
    return notes


def _incomplete(table: pl.DataFrame, coverage: pl.DataFrame, request: Request, periods: Sequence[Period]) -> list[str]:
    """For one request, which authorities' totals are incomplete, and from or up to which day they would not be."""
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
        by_label = {period.label: period for period in alike}
        for begins, ends, codes, labels in _incomplete_spans(coverage, totals):
            who = f"{which} is incomplete for {', '.join(codes)}"
            uncovered = [
                label for label in labels if not begins <= by_label[label].start <= by_label[label].end <= ends
            ]
            if uncovered:
                notes.append(f"{who} in {', '.join(uncovered)}: their returns cover {begins} to {ends}.")
            if len(uncovered) == len(labels):
                continue
            within = ", ".join(label for label in labels if label not in uncovered)
            notes.append(f"{who} in {within}: {_why_incomplete(spec, parameters, begins, ends)}.")
    return notes


def _why_incomplete(spec: Indicator, parameters: Mapping[str, ParameterValue], begins: dt.date, ends: dt.date) -> str:
    """Which end of the censuses is too near, and from or up to when they would reach far enough."""
    parts: list[str] = []
    if spec.look_back:
        since = _moved(begins, spec.look_back, parameters, 1)
        whom = f"from {since}" if since else "only for children born since"
        parts.append(f"their returns begin on {begins}; it would be complete {whom}")
    if spec.follow_up:
        until = _moved(ends, spec.follow_up, parameters, -1)
        late = (
            f"what began after {until} is not followed up yet" if until else "follow-up without end is never complete"
        )
        parts.append(f"their returns end on {ends}; {late}")
    return "; ".join(parts) or f"some records hang on what their returns ({begins} to {ends}) do not hold"


def _moved(day: dt.date, span: str, parameters: Mapping[str, ParameterValue], direction: int) -> dt.date | None:
    """The day so long after (or before) another as a spec's span says: a parameter, or months; None for ever."""
    length = int(span) if span.isdigit() else parameters.get(span)
    if not isinstance(length, int):
        return None
    if span.endswith("_days"):
        return day + dt.timedelta(days=direction * length)
    return add_months(day, direction * length * (MONTHS_IN_YEAR if span.endswith("_years") else 1))


def _incomplete_spans(
    coverage: pl.DataFrame, totals: pl.DataFrame
) -> list[tuple[dt.date, dt.date, list[str], list[str]]]:
    """Incomplete totals by the span that ends last before or in their period: its ends, authorities and periods."""
    held = _with_joined(coverage.with_columns(area_code=pl.col("la_code").cast(pl.String)))
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


def _with_joined(coverage: pl.DataFrame) -> pl.DataFrame:
    """Coverage by area code, of joined areas too: each has the spans of its authorities."""
    members = joined_authorities().select("la_code", joined="area_code").unique(maintain_order=True)
    of_joined = coverage.join(members, left_on="area_code", right_on="la_code", maintain_order="left")
    return pl.concat([coverage, of_joined.with_columns(pl.col("joined").alias("area_code")).select(coverage.columns)])
