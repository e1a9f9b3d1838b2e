"""The arguments of the command line: what each option is, and what the texts given for it mean."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from csc_indicators.errors import UsageError

if TYPE_CHECKING:
    from csc_indicators.comparators import Neighbours
    from csc_indicators.engines.requests import Request
    from csc_indicators.loading import Extracts
    from csc_indicators.periods import Period
    from csc_indicators.specification import ParameterValue


class ReturnForm(StrEnum):
    """How synthetic returns are written."""

    csv = "csv"
    xml = "xml"
    parquet = "parquet"


class Format(StrEnum):
    """How results are printed."""

    table = "table"
    csv = "csv"
    json = "json"


class TextFormat(StrEnum):
    """How findings and lists are printed."""

    text = "text"
    json = "json"


class PeriodChoice(StrEnum):
    """The length of a period."""

    year = "year"
    quarter = "quarter"
    month = "month"
    rolling_year = "rolling-year"


class Level(StrEnum):
    """The areas whose figures are shown."""

    authority = "authority"
    regional = "regional"
    national = "national"
    neighbours = "neighbours"


class NeighbourStatistic(StrEnum):
    """How the values of statistical neighbours make one."""

    median = "median"
    mean = "mean"


Paths = Annotated[list[Path], typer.Argument(help="Census files, or folders that hold them.", show_default=False)]
Authorities = Annotated[
    list[str] | None, typer.Option("--la", help="Three-digit code of an authority; may be repeated.")
]
Year = Annotated[int | None, typer.Option("--year", help="The reporting year that ends on 31 March of this year.")]
FromYear = Annotated[int | None, typer.Option("--from", help="First reporting year.")]
ToYear = Annotated[int | None, typer.Option("--to", help="Last reporting year.")]
PeriodLength = Annotated[PeriodChoice, typer.Option("--period", help="Length of a period.")]
Readings = Annotated[
    list[str] | None,
    typer.Option("--reading", metavar="ID=NAME", help="A named reading of an indicator; may be repeated."),
]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="ID.PARAM=VALUE", help="A parameter of an indicator; may be repeated."),
]
Breakdowns = Annotated[list[str] | None, typer.Option("--by", help="A breakdown; may be repeated.")]
Indicators = Annotated[
    list[str] | None, typer.Option("--indicator", help="Id of an indicator; may be repeated. All when left out.")
]
Levels = Annotated[
    list[Level] | None,
    typer.Option("--level", case_sensitive=False, help="Areas to show: authorities when left out. May be repeated."),
]
Joined = Annotated[
    bool, typer.Option("--joined", help="Show authorities that were divided or merged as one area over all years.")
]
NeighbourFile = Annotated[
    Path | None,
    typer.Option("--neighbours", help="Another model of neighbours: a CSV of la_code and neighbour_la_code."),
]
NeighbourValue = Annotated[
    NeighbourStatistic, typer.Option("--neighbour-value", help="The median of neighbours' values, or their mean.")
]
StoreFile = Annotated[Path, typer.Option("--store", help="The local store of published figures and of runs.")]
Internal = Annotated[bool, typer.Option("--internal", help="Show small numbers: the result is restricted.")]


ExtractDay = Annotated[
    datetime | None,
    typer.Option(
        "--annex-a",
        metavar="YYYY-MM-DD",
        formats=["%Y-%m-%d"],
        help="Read one Annex A workbook: the extract of this day, of the authority that --la names.",
    ),
]
ExtractMonths = Annotated[int, typer.Option("--months", min=1, help="How many months an Annex A workbook covers.")]


def levels_of(levels: list[Level] | None) -> tuple[str, ...]:
    """The levels that the options ask for, as results name them."""
    from csc_indicators.area_membership import LEVELS

    named = dict(zip(Level, LEVELS, strict=True))
    return tuple(named[level] for level in levels or [Level.authority])


def neighbours_of(file: Path | None, statistic: NeighbourStatistic) -> Neighbours:
    """The model of neighbours and their statistic that the options ask for.

    Raises:
        UnreadableFile: the file is no model of neighbours.
    """
    from csc_indicators.comparators import Neighbours
    from csc_indicators.extracts.neighbours import read_neighbours

    if file is None:
        return Neighbours(statistic=statistic.value)
    return Neighbours(read_neighbours(file), statistic=statistic.value, name=file.name)


def annex_a_of(paths: list[Path], authorities: list[str] | None, day: datetime, months: int) -> Extracts:
    """The extracts that an Annex A workbook makes, whose authority and day the options say.

    Raises:
        UsageError: not one workbook, or not one authority.
        UnreadableFile: the workbook cannot be read.
    """
    from csc_indicators.annex_a import read_annex_a

    if len(paths) != 1 or authorities is None or len(authorities) != 1:
        raise UsageError("--annex-a takes one workbook, and one --la that says whose it is: the workbook does not")
    return read_annex_a(paths[0], la_code=authorities[0], extract_date=day.date(), months=months).extracts


def requests_of(indicators: list[str] | None, readings: list[str] | None, sets: list[str] | None) -> list[Request]:
    """The requests that the options ask for: an indicator once for each of its readings."""
    from csc_indicators.catalogue import catalogue
    from csc_indicators.engines.requests import Request

    ids = list(dict.fromkeys(indicators)) if indicators else list(catalogue().indicators)
    names: dict[str, list[str | None]] = {}
    for text in readings or ():
        indicator, _, name = text.partition("=")
        if not name:
            raise UsageError(f'--reading takes ID=NAME, not "{text}"')
        catalogue().reading(indicator, name)
        names.setdefault(indicator, []).append(name)
    values: dict[str, dict[str, ParameterValue]] = {}
    for text in sets or ():
        target, _, value = text.partition("=")
        indicator, _, parameter = target.partition(".")
        if not (value and parameter):
            raise UsageError(f'--set takes ID.PARAM=VALUE, not "{text}"')
        by_name = {item.name: item for item in catalogue().indicator(indicator).parameter}
        if parameter not in by_name:
            # Raises with the nearest name.
            catalogue().parameters(indicator, overrides={parameter: None})
        values.setdefault(indicator, {})[parameter] = by_name[parameter].parse(value)
    for indicator in (*names, *values):
        if indicator not in ids:
            raise UsageError(
                f"{indicator} is given a reading or a parameter but not asked for; add --indicator {indicator}"
            )
    return [
        Request(indicator, name, values.get(indicator, {}))
        for indicator in ids
        for name in dict.fromkeys(names.get(indicator, [None]))
    ]


def periods_of(
    extracts: Extracts, year: int | None, from_year: int | None, to_year: int | None, choice: PeriodChoice
) -> tuple[Period, ...]:
    """The periods that the options ask for; without any, every reporting year that the extracts cover."""
    from csc_indicators.engines.answerable import covered_periods
    from csc_indicators.periods import PeriodKind, periods_between

    kinds: dict[PeriodChoice, PeriodKind] = {
        PeriodChoice.year: "year",
        PeriodChoice.quarter: "quarter",
        PeriodChoice.month: "month",
        PeriodChoice.rolling_year: "rolling_year",
    }
    if year is not None and (from_year is not None or to_year is not None):
        raise UsageError("give --year, or --from and --to, not both")
    covered = covered_periods(extracts)
    first = next(given for given in (year, from_year, covered[0].reporting_year) if given is not None)
    last = next(given for given in (year, to_year, max(first, covered[-1].reporting_year)) if given is not None)
    return periods_between(first, last, kinds[choice])


def varied_values(indicator: str, texts: list[str] | None) -> dict[str, list[ParameterValue]]:
    """The parameters that `--vary` names, with the values each takes."""
    from csc_indicators.catalogue import catalogue

    by_name = {item.name: item for item in catalogue().indicator(indicator).parameter}
    values: dict[str, list[ParameterValue]] = {}
    for text in texts or ():
        name, _, several = text.partition("=")
        if not several:
            raise UsageError(f'--vary takes PARAM=V1,V2, not "{text}"')
        if name not in by_name:
            # Raises with the nearest name.
            catalogue().parameters(indicator, overrides={name: None})
        values[name] = [by_name[name].parse(value) for value in several.split(",")]
    return values
