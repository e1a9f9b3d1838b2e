"""Computing on one machine: requests for indicators in, published cells out.

`cells` computes and adds nothing up across authorities, so its results from several machines merge by stacking;
`compute` puts disclosure control over them and is what notebooks and the command line call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from csc_indicators.aggregation import aggregate, labelled, sums
from csc_indicators.area_membership import LOCAL_AUTHORITY, STATISTICAL_NEIGHBOURS, areas_above, joined_authorities
from csc_indicators.areas import checked_levels
from csc_indicators.breakdowns import TOTAL, breakdown
from csc_indicators.catalogue import catalogue
from csc_indicators.codes import LA_CODE
from csc_indicators.comparators import Neighbours, neighbour_values
from csc_indicators.disclosure import Published, policy, publish
from csc_indicators.engines.answerable import answerable, check_periods, coverage_for, covered_periods, refuse_overlap
from csc_indicators.engines.notes import notes_beside
from csc_indicators.engines.requests import Request, by_parameters, requests_from, shown_parameters
from csc_indicators.errors import NothingComputed, UsageError
from csc_indicators.geography import ENGLAND_CODE, local_authority
from csc_indicators.indicators.unit_records import SUBJECTS, UNIT_KEYS, UNIT_TABLE
from csc_indicators.loading import Collection, Extracts, PathLike, load
from csc_indicators.periods import Period
from csc_indicators.specification import Indicator, ParameterValue
from csc_indicators.tables.cin import CinCensus
from csc_indicators.tables.context import Context
from csc_indicators.tables.ssda903 import Ssda903
from csc_indicators.tables.workforce import Workforce

SUBJECT = "child_id"
"""Who a unit record is about, unless its table says otherwise."""


@dataclass(frozen=True)
class Computation:
    """What `compute` returns: the published cells, and what must be said beside them.

    `notes` are sentences for the reader: where figures are incomplete and from when they are not, and which rates have
    no population. `extracts` are the tables the figures came from. `levels`, `joined` and `neighbours` (in words) say
    whose figures they are.
    """

    published: Published
    notes: tuple[str, ...]
    extracts: Extracts
    periods: tuple[Period, ...]
    requests: tuple[Request, ...]
    levels: tuple[str, ...] = (LOCAL_AUTHORITY,)
    joined: bool = False
    neighbours: str | None = None

    @property
    def frame(self) -> pl.DataFrame:
        """The published cells as a table."""
        return self.published.frame


def compute(
    source: PathLike | Iterable[PathLike] | Extracts | Collection,
    indicators: str | Request | Iterable[str | Request] | None = None,
    *,
    periods: Period | Sequence[Period] | None = None,
    by: str | Sequence[str] = (),
    la_codes: str | Sequence[str] | None = None,
    internal: bool = False,
    levels: str | Sequence[str] = LOCAL_AUTHORITY,
    joined: bool = False,
    neighbours: Neighbours | None = None,
) -> Computation:
    """Compute indicators from extracts, under disclosure control.

    Args:
        source: Paths of extracts, or extracts already loaded.
        indicators: Ids or requests; all that the extracts allow when left out.
        periods: The periods; every reporting year that the extracts cover when left out.
        by: Breakdowns, each shown beside the total.
        la_codes: Authorities to show; all in the extracts when left out.
        internal: Leave disclosure control off and mark the result restricted.
        levels: Which areas to show: "Local authority", "Regional" (with Inner and Outer London) and "National" sum the
            authorities that are in the extracts; how many those are is in `authorities`, and an area that lacks one is
            not complete. "Statistical neighbours" is the median of what is published here of each authority's
            neighbours.
        joined: Show authorities that were divided or merged as one area over all years.
        neighbours: Another model of statistical neighbours than the one shipped, or their mean.

    Returns:
        Published cells (one row per indicator, reading, period, area and group), notes and the extracts.

    Raises:
        UsageError: an indicator, reading, parameter, breakdown, level or authority is not known.
        NothingComputed: the extracts hold nothing for the periods or authorities asked for, or not the collection that
            an indicator is computed from.
        UnreadableFile, FatalFindings: the extracts cannot be read.
    """
    requests = requests_from(indicators)
    extracts = _extracts(source)
    chosen = _periods(periods) if periods is not None else covered_periods(extracts)
    requests, left_out = answerable(requests, extracts, chosen, named=None if indicators is not None else ())
    if not internal:
        refuse_overlap(chosen)
    levels = checked_levels(levels)
    if neighbours and STATISTICAL_NEIGHBOURS not in levels:
        raise UsageError(f'a model of neighbours is for the level "{STATISTICAL_NEIGHBOURS}"; ask for that level too')
    beyond = [level for level in levels if level != LOCAL_AUTHORITY]
    shown = _codes(extracts, la_codes)
    # What authorities are compared with is made of all that are there, whether they are shown or not.
    computed = (LOCAL_AUTHORITY, *(level for level in beyond if level != STATISTICAL_NEIGHBOURS))
    table, awaiting = _computed(
        extracts,
        requests,
        periods=chosen,
        by=_texts(by),
        la_codes=None if beyond or joined else shown,
        levels=computed,
        joined=joined,
    )
    policies = {request.indicator: policy(catalogue().indicator(request.indicator).disclosure) for request in requests}
    published = publish(table, policies, internal=internal, above=areas_above())
    neighbours = (neighbours or Neighbours()) if STATISTICAL_NEIGHBOURS in levels else None
    if neighbours:
        published = published.beside(lambda cells: neighbour_values(cells, neighbours))
    if beyond or joined:
        published = published.only(_about(shown, levels))
    return Computation(
        published=published,
        notes=(*notes_beside(table, extracts, requests, chosen, awaiting, internal=internal), *left_out),
        extracts=extracts,
        periods=chosen,
        requests=requests,
        levels=levels,
        joined=joined,
        neighbours=neighbours.described if neighbours else None,
    )


def cells(
    source: Extracts | Collection,
    requests: Sequence[Request],
    *,
    periods: Sequence[Period],
    by: Sequence[str] = (),
    la_codes: str | Sequence[str] | None = None,
) -> pl.DataFrame:
    """The cells of several requests, before disclosure control.

    Returns:
        The long table of results, in the order of the requests, then by authority, period, breakdown and group.

    Raises:
        UsageError, NothingComputed: as `compute`.
    """
    return _computed(_extracts(source), requests, periods=periods, by=by, la_codes=la_codes)[0]


def _computed(
    extracts: Extracts,
    requests: Sequence[Request],
    *,
    periods: Sequence[Period],
    by: Sequence[str] = (),
    la_codes: str | Sequence[str] | None = None,
    levels: Sequence[str] = (LOCAL_AUTHORITY,),
    joined: bool = False,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The cells, and for each total how many units it leaves out because their outcome is not known yet."""
    by = tuple(dict.fromkeys(by))
    coverage = _shown(extracts.coverage, la_codes)
    check_periods(coverage, periods)
    requests, _ = answerable(requests, extracts, periods)
    runs = [
        (request, parameters, alike) for request in requests for parameters, alike in by_parameters(request, periods)
    ]
    plans: list[pl.LazyFrame] = []
    for request, parameters, alike in runs:
        spec = catalogue().indicator(request.indicator)
        _check_breakdowns(spec, by)
        held = coverage.filter(collection=spec.covered_by)["la_code"].unique()
        wanted = _records(extracts, request, alike, parameters).filter(pl.col("la_code").is_in(held.implode()))
        plans.append(sums(wanted, by=_lines(spec, by), on=max(period.end for period in alike)))
    counted = pl.collect_all(plans)
    parts: list[pl.DataFrame] = []
    awaiting: list[pl.DataFrame] = []
    for (request, parameters, alike), part in zip(runs, counted, strict=True):
        spec = catalogue().indicator(request.indicator)
        unit = spec.unit_under(parameters)
        spans = coverage_for(spec, coverage)
        run = {
            "reading": catalogue().reading(request.indicator, request.reading).name,
            "parameters": shown_parameters(request, parameters),
        }
        parts.append(
            labelled(
                aggregate(
                    part,
                    spec,
                    periods=alike,
                    coverage=spans,
                    by=_lines(spec, by),
                    unit=unit,
                    levels=[level for level in levels if level != STATISTICAL_NEIGHBOURS],
                    joined=joined,
                ),
                spec,
                **run,
                periods=alike,
                version=catalogue().definition_version(request.indicator),
                unit=unit,
            )
        )
        totals = part.filter(pl.col("breakdown") == TOTAL, pl.col("awaiting") > 0).sort("period", "la_code")
        awaiting.append(
            totals.select(
                pl.lit(spec.id).alias("indicator"),
                *(pl.lit(text).alias(name) for name, text in run.items()),
                pl.col("period", "la_code").cast(pl.String),
                "awaiting",
            )
        )
    return pl.concat(parts), pl.concat(awaiting)


def _lines(spec: Indicator, by: Sequence[str]) -> tuple[str, ...]:
    """The breakdowns to show: those asked for, and the groups that a figure is published by."""
    return tuple(dict.fromkeys((*((spec.published_groups,) if spec.published_groups else ()), *by)))


def records(
    source: Extracts | Collection,
    request: str | Request,
    *,
    periods: Period | Sequence[Period],
    why: bool = False,
    la_codes: str | Sequence[str] | None = None,
) -> pl.DataFrame:
    """The unit records behind a figure, with the row that each stands for.

    These are rows about children: show them only to people who may see them.

    Args:
        source: The validated tables of a collection, or the extracts that hold them.
        request: The indicator's id, or a request with its reading and parameters.
        periods: The periods.
        why: Also the candidates that are not in the figure, the clause that decided each, and the row it was matched
            with.
        la_codes: Authorities to show; all when left out.

    Returns:
        The unit records with `child_id` (of workers: `worker_id`), `source_file` and `source_row`, and with `why`
        `decided_by`, `matched_file` and `matched_row` (the row number in that file).
    """
    extracts = _extracts(source)
    periods = _periods(periods)
    (request,), _ = answerable(requests_from(request), extracts, periods)
    spec = catalogue().indicator(request.indicator)
    coverage = _shown(coverage_for(spec, extracts.coverage), la_codes)
    check_periods(coverage, periods)
    unit = pl.concat(
        [
            _records(extracts, request, alike, parameters, why=why)
            .with_columns(pl.col("period").cast(pl.String))
            .collect()
            for parameters, alike in by_parameters(request, periods)
        ]
    ).filter(pl.col("la_code").is_in(coverage["la_code"].unique().implode()))
    listed = unit.join(
        _rows_of(extracts, unit, "unit_table"), on=["unit_table", "unit_row"], how="left", maintain_order="left"
    )
    who = SUBJECTS[spec.tables[0].removeprefix("cin.")] or SUBJECT
    leading = ["period", "la_code", who, "date", "numerator", "denominator", "complete"]
    if why:
        matched = _rows_of(extracts, unit, "matched_table").select(
            matched_table="unit_table", matched_row="unit_row", matched_file="source_file", _number="source_row"
        )
        listed = (
            listed.join(matched, on=["matched_table", "matched_row"], how="left", maintain_order="left")
            .with_columns(matched_row=pl.col("_number"))
            .drop("_number")
        )
        leading += ["decided_by", "matched_file", "matched_row"]
    listed = (
        listed.rename({SUBJECT: who})
        .sort("period", "la_code", who, "date", "unit_table", "unit_row")
        .drop("unit_id", "unit_row", "unit_table", "matched_table", "awaiting", strict=False)
    )
    rest = [name for name in listed.columns if name not in (*leading, "source_file", "source_row")]
    return listed.select(*leading, *rest, "source_file", "source_row")


def _rows_of(extracts: Extracts, records: pl.DataFrame, column: str) -> pl.DataFrame:
    """Where the rows named in a column of tables stand: whose they are, in which file, at which row of it."""
    used: list[str] = records[column].drop_nulls().unique().sort().cast(pl.String).to_list()
    nothing = pl.Schema(
        {
            "unit_table": UNIT_TABLE,
            "unit_row": pl.UInt32(),
            SUBJECT: pl.String(),
            "source_file": pl.Categorical(),
            "source_row": pl.UInt32(),
        }
    )
    rows = [
        table.select(
            pl.lit(name, dtype=UNIT_TABLE).alias("unit_table"),
            pl.col(UNIT_KEYS[name]).cast(pl.UInt32).alias("unit_row"),
            (pl.col(subject) if (subject := SUBJECTS[name]) else pl.lit(None, dtype=pl.String)).alias(SUBJECT),
            "source_file",
            "source_row",
        )
        for name in used
        if (table := extracts.table(name)) is not None
    ]
    return pl.concat([nothing.to_frame(), *rows])


def _extracts(source: PathLike | Iterable[PathLike] | Extracts | Collection) -> Extracts:
    if isinstance(source, Extracts):
        return source
    if isinstance(source, Ssda903):
        return Extracts(ssda903=source)
    if isinstance(source, Workforce):
        return Extracts(workforce=source)
    if isinstance(source, Context):
        return Extracts(context=source)
    return Extracts(source) if isinstance(source, CinCensus) else load(source)


def _texts(texts: str | Sequence[str]) -> tuple[str, ...]:
    """One text or several as several; numbers in their place are refused before they are taken for codes."""
    several = (texts,) if isinstance(texts, str) else tuple(texts)
    if not all(isinstance(text, str) for text in several):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageError('codes and names are texts: write la_codes=["390"], by=["sex"]')
    return several


def _periods(periods: Period | Sequence[Period]) -> tuple[Period, ...]:
    several = (periods,) if isinstance(periods, Period) else tuple(periods)
    if not several or not all(isinstance(period, Period) for period in several):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageError(
            "periods are made by csc.year(2025), csc.years(2023, 2025), csc.quarters(2025) or csc.months(2025)"
        )
    return several


def _records(
    extracts: Extracts,
    request: Request,
    periods: Sequence[Period],
    parameters: Mapping[str, ParameterValue],
    **options: Any,  # noqa: ANN401 (`why`)
) -> pl.LazyFrame:
    spec = catalogue().indicator(request.indicator)
    tables = [extracts.table(name) for name in spec.tables]
    held = {name: table for name in spec.optional_tables if (table := extracts.table(name)) is not None}
    return catalogue().function(spec.id)(*tables, periods=periods, **held, **parameters, **options)


def _shown(coverage: pl.DataFrame, la_codes: str | Sequence[str] | None) -> pl.DataFrame:
    if la_codes is None:
        return coverage
    la_codes = _texts(la_codes)
    if not la_codes:
        raise UsageError("no authority was asked for; leave la_codes out for all of them")
    held = set(coverage["la_code"].cast(pl.String))
    for code in la_codes:
        if code not in held:
            name = local_authority(code).name
            raise NothingComputed(
                f"the extracts hold no return of {name} ({code}); they hold {', '.join(sorted(held))}"
            )
    return coverage.filter(pl.col("la_code").is_in(pl.Series(la_codes, dtype=LA_CODE).implode()))


def _codes(extracts: Extracts, la_codes: str | Sequence[str] | None) -> tuple[str, ...]:
    """The authorities to show, in order; all in the extracts for None."""
    return tuple(_shown(extracts.coverage, la_codes)["la_code"].cast(pl.String).unique().sort())


def _about(codes: Sequence[str], levels: Sequence[str]) -> pl.Expr:
    """The rows of these levels that are about these authorities or the areas they are in."""
    areas = areas_above()
    wanted = {*codes, ENGLAND_CODE, *(area for code in codes for area in areas.get(code, ()))}
    wanted |= {area for area, code in joined_authorities().select("area_code", "la_code").iter_rows() if code in codes}
    return pl.col("level").is_in(list(levels)) & pl.col("area_code").is_in(sorted(wanted))


def _check_breakdowns(spec: Indicator, by: Sequence[str]) -> None:
    for name in by:
        breakdown(name)
        if name not in (*spec.breakdowns, spec.published_groups):
            raise UsageError(
                f"{spec.id} is not broken down by {name}. Its breakdowns: {', '.join(spec.breakdowns) or 'none'}."
            )
