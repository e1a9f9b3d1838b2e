"""Computing on one machine: requests for indicators in, published cells out.

`cells` computes and adds nothing up across authorities, so its results from several machines merge by stacking;
`compute` puts disclosure control over them and is what notebooks and the command line call.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import polars as pl

from csc_indicators.aggregation import LOCAL_AUTHORITY, aggregate, labelled, sums
from csc_indicators.breakdowns import TOTAL, breakdown
from csc_indicators.catalogue import catalogue
from csc_indicators.codes import LA_CODE
from csc_indicators.disclosure import Published, policy, publish
from csc_indicators.errors import NothingComputed, UsageError
from csc_indicators.geography import local_authority, population_mid_years
from csc_indicators.loading import Extracts, PathLike, load
from csc_indicators.periods import MONTHS_IN_YEAR, Period, PeriodKind, add_months, periods_between, reporting_year_of
from csc_indicators.specification import Indicator, ParameterValue
from csc_indicators.tables.cin import CinCensus


@dataclass(frozen=True)
class Request:
    """An indicator to compute: under which reading, and with which parameters set besides."""

    indicator: str
    reading: str | None = None
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict[str, ParameterValue])


@dataclass(frozen=True)
class Computation:
    """What `compute` returns: the published cells, and what must be said beside them.

    `notes` are sentences for the reader: where figures are incomplete and from when they are not, and which rates have
    no population. `extracts` are the tables the figures came from.
    """

    published: Published
    notes: tuple[str, ...]
    extracts: Extracts
    periods: tuple[Period, ...]
    requests: tuple[Request, ...]

    @property
    def frame(self) -> pl.DataFrame:
        """The published cells as a table."""
        return self.published.frame


def compute(
    source: PathLike | Iterable[PathLike] | Extracts,
    indicators: str | Request | Iterable[str | Request] | None = None,
    *,
    periods: Sequence[Period] | None = None,
    by: Sequence[str] = (),
    la_codes: Sequence[str] | None = None,
    internal: bool = False,
) -> Computation:
    """Compute indicators from extracts, under disclosure control.

    Args:
        source: Paths of extracts, or extracts already loaded.
        indicators: Ids or requests; all indicators when left out.
        periods: The periods; every reporting year that the extracts cover when left out.
        by: Breakdowns, each shown beside the total.
        la_codes: Authorities to show; all in the extracts when left out.
        internal: Leave disclosure control off and mark the result restricted.

    Returns:
        Published cells (one row per indicator, reading, period, area and group), notes and the extracts.

    Raises:
        UsageError: an indicator, reading, parameter, breakdown or authority is not known.
        NothingComputed: the extracts hold nothing for the periods or authorities asked for.
        UnreadableFile, FatalFindings: the extracts cannot be read.
    """
    requests = _requests(indicators)
    extracts = source if isinstance(source, Extracts) else load(source)
    chosen = tuple(periods) if periods is not None else covered_periods(extracts.cin)
    table = cells(extracts.cin, requests, periods=chosen, by=by, la_codes=la_codes)
    policies = {request.indicator: policy(catalogue().indicator(request.indicator).disclosure) for request in requests}
    return Computation(
        published=publish(table, policies, internal=internal),
        notes=_notes(table, extracts.cin, requests, chosen),
        extracts=extracts,
        periods=chosen,
        requests=requests,
    )


def cells(
    cin: CinCensus,
    requests: Sequence[Request],
    *,
    periods: Sequence[Period],
    by: Sequence[str] = (),
    la_codes: Sequence[str] | None = None,
) -> pl.DataFrame:
    """The cells of several requests, before disclosure control.

    Returns:
        The long table of results, in the order of the requests, then by authority, period, breakdown and group.

    Raises:
        UsageError, NothingComputed: as `compute`.
    """
    by = tuple(dict.fromkeys(by))
    coverage = _shown(cin.coverage, la_codes)
    _check_periods(coverage, periods)
    runs = [
        (request, parameters, alike) for request in requests for parameters, alike in _by_parameters(request, periods)
    ]
    shown = pl.col("la_code").is_in(coverage["la_code"].unique().implode())
    plans: list[pl.LazyFrame] = []
    for request, parameters, alike in runs:
        _check_breakdowns(catalogue().indicator(request.indicator), by)
        wanted = _records(cin, request, alike, parameters).filter(shown)
        plans.append(sums(wanted, by=by, on=max(period.end for period in alike)))
    # Collected together, so that what the plans share, such as each child's referrals in order, is done once.
    counted = pl.collect_all(plans)
    parts: list[pl.DataFrame] = []
    for (request, parameters, alike), part in zip(runs, counted, strict=True):
        spec = catalogue().indicator(request.indicator)
        parts.append(
            labelled(
                aggregate(part, spec, periods=alike, coverage=coverage, by=by),
                spec,
                reading=catalogue().reading(request.indicator, request.reading).name,
                parameters=shown_parameters(request, parameters),
                periods=alike,
                version=catalogue().definition_version(request.indicator),
            )
        )
    return pl.concat(parts)


def records(
    cin: CinCensus,
    request: Request,
    *,
    periods: Sequence[Period],
    why: bool = False,
    la_codes: Sequence[str] | None = None,
) -> pl.DataFrame:
    """The unit records behind a figure, with the row that each stands for.

    These are rows about children: show them only to people who may see them.

    Args:
        cin: The validated census tables.
        request: The indicator, its reading and parameters.
        periods: The periods.
        why: Also the candidates that are not in the figure, the clause that decided each, and the row it was matched
            with.
        la_codes: Authorities to show; all when left out.

    Returns:
        The unit records with `child_id`, `source_file` and `source_row`, and with `why` `decided_by`, `matched_file`
        and `matched_row` (the row number in that file).
    """
    coverage = _shown(cin.coverage, la_codes)
    _check_periods(coverage, periods)
    unit = pl.concat(
        [
            _records(cin, request, alike, parameters, why=why).with_columns(pl.col("period").cast(pl.String)).collect()
            for parameters, alike in _by_parameters(request, periods)
        ]
    ).filter(pl.col("la_code").is_in(coverage["la_code"].unique().implode()))
    rows = cin.episodes.select(
        unit_row="episode_key", child_id="child_id", source_file="source_file", source_row="source_row"
    )
    listed = unit.join(rows, on="unit_row", how="left", maintain_order="left")
    leading = ["period", "la_code", "child_id", "date", "numerator", "denominator", "complete"]
    if why:
        matched = rows.select(matched_row="unit_row", matched_file="source_file", _number="source_row")
        listed = (
            listed.join(matched, on="matched_row", how="left", maintain_order="left")
            .with_columns(matched_row=pl.col("_number"))
            .drop("_number")
        )
        leading += ["decided_by", "matched_file", "matched_row"]
    listed = listed.sort("period", "la_code", "child_id", "date", "unit_row").drop("unit_id", "unit_row")
    rest = [name for name in listed.columns if name not in (*leading, "source_file", "source_row")]
    return listed.select(*leading, *rest, "source_file", "source_row")


def covered_periods(cin: CinCensus, kind: PeriodKind = "year") -> tuple[Period, ...]:
    """Every period of a kind, in the reporting years that the extracts cover for at least one authority."""
    first: dt.date = cin.coverage["observed_from"].min()  # pyright: ignore[reportAssignmentType]
    last: dt.date = cin.coverage["observed_to"].max()  # pyright: ignore[reportAssignmentType]
    return periods_between(reporting_year_of(first), reporting_year_of(last), kind)


def shown_parameters(request: Request, parameters: Mapping[str, ParameterValue]) -> str:
    """The parameters that differ from the definition's defaults, as `--set` takes them; nothing when none does."""
    spec = catalogue().indicator(request.indicator)
    return "; ".join(
        f"{parameter.name}={parameter.shown(parameters[parameter.name])}"
        for parameter in spec.parameter
        if parameters[parameter.name] != spec.defaults[parameter.name]
    )


def _requests(indicators: str | Request | Iterable[str | Request] | None) -> tuple[Request, ...]:
    if indicators is None:
        return tuple(Request(indicator) for indicator in catalogue().indicators)
    several = [indicators] if isinstance(indicators, (str, Request)) else list(indicators)
    requests = tuple(Request(item) if isinstance(item, str) else item for item in several)
    for request in requests:
        # Faults of a request are found before any file is read.
        catalogue().parameters(request.indicator, reading=request.reading, overrides=request.parameters)
    return tuple(request for place, request in enumerate(requests) if request not in requests[:place])


def _by_parameters(
    request: Request, periods: Sequence[Period]
) -> list[tuple[dict[str, ParameterValue], tuple[Period, ...]]]:
    """Runs of periods that share their parameters: a dated value may change between two of them."""

    def resolved(period: Period) -> dict[str, ParameterValue]:
        return catalogue().parameters(
            request.indicator, reading=request.reading, overrides=request.parameters, on=period.end
        )

    return [(parameters, tuple(alike)) for parameters, alike in groupby(periods, key=resolved)]


def _records(
    cin: CinCensus,
    request: Request,
    periods: Sequence[Period],
    parameters: Mapping[str, ParameterValue],
    **options: Any,  # noqa: ANN401 (`why`)
) -> pl.LazyFrame:
    spec = catalogue().indicator(request.indicator)
    tables = [cin.table(name.removeprefix("cin.")) for name in spec.tables]
    return catalogue().function(spec.id)(*tables, periods=periods, **parameters, **options)


def _shown(coverage: pl.DataFrame, la_codes: Sequence[str] | None) -> pl.DataFrame:
    if la_codes is None:
        return coverage
    held = set(coverage["la_code"].cast(pl.String))
    for code in la_codes:
        if code not in held:
            name = local_authority(code).name
            raise NothingComputed(
                f"the extracts hold no census of {name} ({code}); they hold {', '.join(sorted(held))}"
            )
    return coverage.filter(pl.col("la_code").is_in(pl.Series(la_codes, dtype=LA_CODE).implode()))


def _check_periods(coverage: pl.DataFrame, periods: Sequence[Period]) -> None:
    if not periods:
        raise UsageError("no period was asked for")
    touched = [
        period
        for period in periods
        for begins, ends in coverage.select("observed_from", "observed_to").iter_rows()
        if begins <= period.end and ends >= period.start
    ]
    if not touched:
        first, last = coverage["observed_from"].min(), coverage["observed_to"].max()
        raise NothingComputed(
            f"the extracts cover {first} to {last}, and nothing of {periods[0].label}"
            + (f" to {periods[-1].label}" if len(periods) > 1 else "")
        )


def _check_breakdowns(spec: Indicator, by: Sequence[str]) -> None:
    for name in by:
        breakdown(name)
        if name not in spec.breakdowns:
            raise UsageError(
                f"{spec.id} is not broken down by {name}. Its breakdowns: {', '.join(spec.breakdowns) or 'none'}."
            )


def _notes(
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
    for parameters, alike in _by_parameters(request, periods):
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
        for begins, codes in _beginnings(coverage, totals):
            if isinstance(looked_back, int):
                months = looked_back * (MONTHS_IN_YEAR if (spec.look_back or "").endswith("_years") else 1)
                since = f"it would be complete from {add_months(begins, months)}"
            else:
                since = "it would be complete only for children born since"
            notes.append(
                f"{which} is incomplete in some periods for {', '.join(codes)}: "
                f"their censuses begin on {begins}; {since}."
            )
    return notes


def _beginnings(coverage: pl.DataFrame, totals: pl.DataFrame) -> list[tuple[dt.date, list[str]]]:
    """The authorities of some cells by the day on which their censuses begin."""
    held = coverage.with_columns(area_code=pl.col("la_code").cast(pl.String))
    incomplete = held.join(totals.select("area_code").unique(), on="area_code", how="semi", maintain_order="left")
    by_day = incomplete.group_by("observed_from", maintain_order=True).agg("area_code").sort("observed_from")
    return list(by_day.iter_rows())
