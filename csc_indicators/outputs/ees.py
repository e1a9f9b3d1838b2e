"""Published cells as the tidy files of Explore Education Statistics: a data file and a metadata file an indicator.

The files have the shape of the Department for Education's own: a row for each time, place and item of a filter, a
column for each number, and a symbol where there is none. What the site has no place for is left out and counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from csc_indicators.area_membership import LOCAL_AUTHORITY, NATIONAL, REGIONAL, STATISTICAL_NEIGHBOURS, area_names
from csc_indicators.disclosure import Published
from csc_indicators.errors import NothingComputed, UsageError
from csc_indicators.geography import ENGLAND_CODE, ENGLAND_NAME, local_authorities, regions
from csc_indicators.outputs.ees_layout import (
    DENOMINATOR,
    ITEM,
    NUMERATOR,
    READING,
    TOPIC,
    VALUE,
    IndicatorColumn,
    Layout,
    layout_of,
    metadata_of,
    with_items,
)
from csc_indicators.outputs.screening.vocabulary import MONTHS, QUARTERS, REPORTING_YEAR
from csc_indicators.periods import parse_period, reporting_year_of
from csc_indicators.rounding import OK, ROUNDS_TO_ZERO, SUM_DECIMALS

ROUNDED_TO_ZERO, NOT_APPLICABLE = "low", "z"
ENDINGS = {"year": "", "quarter": "_quarters", "month": "_months"}
"""What is added to the name of a file for each kind of period: a file has periods of one kind."""

ORDER_OF_LEVELS = (NATIONAL, REGIONAL, LOCAL_AUTHORITY)
PLACE_COLUMNS = (
    *("country_code", "country_name", "region_code", "region_name", "old_la_code", "new_la_code", "la_name"),
)
FIRST_COLUMNS = ("time_period", "time_identifier", "geographic_level", *PLACE_COLUMNS)


@dataclass(frozen=True)
class EesFiles:
    """What `write_ees` wrote, and what the files leave out or do not say.

    `files` are the paths, each data file before its metadata file. `partial_areas` counts the rows of regions and of
    England that lack some of their authorities, `neighbours` those of statistical neighbours: both are left out.
    `incomplete` counts the rows that are there and whose figure is not complete.
    """

    files: tuple[Path, ...]
    partial_areas: int
    neighbours: int
    incomplete: int

    @property
    def notes(self) -> tuple[str, ...]:
        """The same as sentences for the reader; none where there is nothing to say."""
        said = {
            "of regions or England left out: not all of their authorities are in the figures": self.partial_areas,
            "of statistical neighbours left out: they are no place of the site": self.neighbours,
            "that are not complete, which the files cannot say: say so beside them": self.incomplete,
        }
        return tuple(f"{rows:,} row{'s' if rows > 1 else ''} {what}." for what, rows in said.items() if rows)


def write_ees(published: Published, folder: Path) -> EesFiles:
    """Write published cells as tidy files: `<indicator>.csv` and `<indicator>.meta.csv`.

    Quarters and months go to files of their own, `<indicator>_quarters.csv` and `<indicator>_months.csv`, because a
    file has periods of one kind. A year is a reporting year, of four digits: the one that ends on 31 March of it, and
    for workforce figures the one of the census of 30 September. Breakdowns are items of one filter, `breakdown`, under
    its topics; several readings are items of another. Where readings have different groups, those that a reading
    lacks are not applicable (`z`), so each time and place has every item.

    A number that is hidden or missing is the row's status: `c`, `x`, `z`, `u` or `low`. What rounds to zero without
    being it (status `k`) is `low`, and only a true zero is `0`.

    Returns:
        The files, and what they leave out.

    Raises:
        UsageError: the results are restricted, of twelve months that end within a year, of authorities joined into
            one area, of units that one column cannot hold, or of one group without its total.
        NothingComputed: no row is left to write.
    """
    if published.restricted:
        raise UsageError(
            "restricted results are not for publication, and tidy files are made to be published. Compute without "
            "`internal`, or write them by another way."
        )
    level = pl.col("level")
    placed = published.frame.filter(level != STATISTICAL_NEIGHBOURS)
    cells = placed.filter(~_lacks_authorities())
    if cells.is_empty():
        raise NothingComputed(
            "no row is of an authority, or of a region or England with all of its authorities: there is nothing for a "
            "tidy file. Compute authorities too, or give the extracts of all of them."
        )
    pairs = {name: pair for part in cells.partition_by("indicator") for name, pair in _pairs(part).items()}
    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    for name, (data, meta) in pairs.items():
        for frame, file in ((data, folder / f"{name}.csv"), (meta, folder / f"{name}.meta.csv")):
            # Empty text would be written as a pair of quotation marks.
            emptied = frame.with_columns(pl.when(pl.all() != "").then(pl.all()))
            file.write_text(emptied.write_csv(), encoding="utf-8", newline="\n")
            files.append(file)
    return EesFiles(
        files=tuple(files),
        partial_areas=placed.height - cells.height,
        neighbours=published.frame.height - placed.height,
        incomplete=cells.filter(~pl.col("complete")).height,
    )


def _lacks_authorities() -> pl.Expr:
    """Whether a row is of a region or England without all of its authorities: under the area's name it would be false.

    Their names say so (see `aggregation.labelled`).
    """
    whole = pl.col("area_code").replace_strict(area_names(), default=pl.col("area_name"), return_dtype=pl.String)
    return pl.col("level").is_in([REGIONAL, NATIONAL]) & (pl.col("area_name") != whole)


def _pairs(cells: pl.DataFrame) -> dict[str, tuple[pl.DataFrame, pl.DataFrame]]:
    """The data and metadata of one indicator by the name of their file: a pair for each kind of period."""
    name = str(cells["indicator"][0])
    times = {period: _time(name, period) for period in cells["period"].unique(maintain_order=True)}
    pairs: dict[str, tuple[pl.DataFrame, pl.DataFrame]] = {}
    for kind, ending in ENDINGS.items():
        of_kind = [period for period, time in times.items() if time[0] == kind]
        part = cells.filter(pl.col("period").is_in(of_kind))
        if part.height:
            items = with_items(part)
            layout = layout_of(items)
            pairs[name + ending] = _data(items, layout, times), metadata_of(layout)
    return pairs


def _time(indicator: str, label: str) -> tuple[str, str, str]:
    """The kind of a period, its digits and its identifier."""
    period = parse_period(label)
    if period.kind == "year":
        return "year", label, REPORTING_YEAR
    if period.kind == "quarter":
        return "quarter", f"{period.reporting_year - 1}{period.reporting_year % 100:02d}", QUARTERS[int(label[-1]) - 1]
    if period.kind == "month":
        return "month", str(period.end.year), MONTHS[period.end.month - 1]
    raise UsageError(
        f"{indicator}: {label} cannot be in a tidy file, which has no twelve months but years. Write years, quarters "
        "or months."
    )


def _data(items: pl.DataFrame, layout: Layout, times: dict[str, tuple[str, str, str]]) -> pl.DataFrame:
    """The data file: times and places in order, each with every reading and every group."""
    moments = items.select("period", "period_start", "period_end").unique().sort("period_start")
    places = items.select("level", "area_code", "period").unique().join(moments, on="period")
    rank = pl.col("level").replace_strict({name: place for place, name in enumerate(ORDER_OF_LEVELS)})
    places = places.sort("period_start", rank, "area_code")
    readings = items.select(READING).unique(maintain_order=True)
    groups = items.select(TOPIC, ITEM).unique(maintain_order=True)
    every = places.join(readings, how="cross", maintain_order="left_right").join(
        groups, how="cross", maintain_order="left_right"
    )
    keys = ["period", "level", "area_code", READING, TOPIC, ITEM]
    found = every.join(
        items.select(*keys, "status", *dict.fromkeys(column.holds for column in layout.indicators)),
        on=keys,
        how="left",
        maintain_order="left",
    ).with_columns(pl.col("status").fill_null(NOT_APPLICABLE))
    return found.join(_named(places), on=["level", "area_code", "period"], how="left", maintain_order="left").select(
        pl.col("period").replace_strict({label: time[1] for label, time in times.items()}).alias("time_period"),
        pl.col("period").replace_strict({label: time[2] for label, time in times.items()}).alias("time_identifier"),
        pl.col("level").alias("geographic_level"),
        *PLACE_COLUMNS,
        *(column.name for column in layout.filters),
        *(_cell(column) for column in layout.indicators),
    )


def _cell(column: IndicatorColumn) -> pl.Expr:
    """A number as text, or the symbol for why there is none."""
    number, status = pl.col(column.holds), pl.col("status")
    text = number.map_batches(_texts, return_dtype=pl.String)
    # Of what rounds to zero some number is above it, so a zero beside it is no true one.
    rounded = (status == ROUNDS_TO_ZERO) & (number == 0) & pl.lit(column.holds in (VALUE, NUMERATOR, DENOMINATOR))
    return (
        pl.when(rounded)
        .then(pl.lit(ROUNDED_TO_ZERO))
        .when(number.is_not_null())
        .then(text)
        # An interval that the unit has and this reading does not.
        .when(status.is_in([OK, ROUNDS_TO_ZERO]))
        .then(pl.lit(NOT_APPLICABLE))
        .otherwise(status)
        .alias(column.name)
    )


def _texts(numbers: pl.Series) -> pl.Series:
    return pl.Series([None if number is None else number_text(number) for number in numbers], dtype=pl.String)


def number_text(number: float) -> str:
    """A number without a trace of how it is held: no more decimals than it has, and six at most.

    >>> number_text(0.1 + 0.2), number_text(1234.0), number_text(-0.0)
    ('0.3', '1234', '0')
    """
    text = f"{number:.{SUM_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _named(places: pl.DataFrame) -> pl.DataFrame:
    """The codes and names of places, each authority as it was in the year that holds the period's end."""
    rows = [
        (level, code, period, *_place(level, code, reporting_year_of(end)))
        for level, code, period, end in places.select("level", "area_code", "period", "period_end").iter_rows()
    ]
    columns = ("level", "area_code", "period", *PLACE_COLUMNS)
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def _place(level: str, code: str, year: int) -> tuple[str, ...]:
    """A place by the columns of places; those of finer levels are empty."""
    country = (ENGLAND_CODE, ENGLAND_NAME)
    if level == NATIONAL and code == ENGLAND_CODE:
        return (*country, "", "", "", "", "")
    if level == REGIONAL and (named := dict(regions().select("region_code", "region_name").iter_rows()).get(code)):
        return (*country, code, named, "", "", "")
    spans = local_authorities().filter(pl.col("la_code").cast(pl.String) == code).rows(named=True)
    if level != LOCAL_AUTHORITY or not spans:
        raise UsageError(
            f"{code} is no place of the site: it knows England, regions and authorities as they were in a year. "
            "Compute without joining authorities."
        )
    span = [span for span in spans if span["first_year"] <= year][-1:] or spans[:1]
    authority = span[0]
    region = (authority["region_code"], authority["region_name"])
    return (*country, *region, code, authority["ons_code"], authority["name"])
