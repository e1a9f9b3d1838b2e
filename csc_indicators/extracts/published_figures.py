"""From the rows of a published file to the figures of one reading of an indicator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from csc_indicators.catalogue import catalogue
from csc_indicators.errors import ROW_NUMBERS_SHOWN, Finding, Severity
from csc_indicators.extracts.published_cells import (
    first_symbol,
    is_empty,
    is_unreadable,
    number,
    summed,
    symbol,
)
from csc_indicators.rounding import NOT_APPLICABLE, NOT_AVAILABLE, OK, ROUNDS_TO_ZERO, SCALE, rounded_ratio
from csc_indicators.spec_published import PER_POPULATION, PublishedFigures
from csc_indicators.specification import Indicator, Unit

TOTAL, TOTAL_GROUP = "total", "Total"
KEY = ("period", "level", "area_code", "group")


@dataclass(frozen=True)
class Entry:
    """One reading of an indicator in a file, and what the columns it is read from are called there."""

    spec: Indicator
    figures: PublishedFigures
    names: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def reading(self) -> str:
        """The reading that the figures are of."""
        return self.figures.reading or self.spec.default_reading

    @property
    def label(self) -> str:
        """The indicator and the reading, as messages call them."""
        return f"{self.spec.id}:{self.reading}"

    @property
    def unit(self) -> Unit:
        """The unit of the figures under the reading's parameters."""
        return self.spec.unit_under(catalogue().parameters(self.spec.id, reading=self.reading))


@dataclass(frozen=True)
class Found:
    """The figures of an entry, the numbers of the rows they stand in, and of rows that cannot be told apart."""

    entry: Entry
    frame: pl.DataFrame
    rows: tuple[int, ...]
    ambiguous: tuple[int, ...]


def figures_of(entry: Entry, rows: pl.DataFrame, file: str, findings: list[Finding]) -> Found:
    """The figures of one reading.

    Args:
        entry: What to read, with the names of its columns in this file.
        rows: The rows of the file with their year and area, `_row` and `population`; every other cell is text.
        file: The file's name, for findings.
        findings: What is worth knowing is added here.

    Returns:
        One row for each year, area and group of which the file has one row; where it has several that the spec does
        not tell apart, none of them is believed.
    """
    figures = entry.figures
    picked, ambiguous = _told_apart(_grouped(entry, rows.filter(_where(entry, figures.where))))
    seen = list(picked["_row"])
    if figures.denominator_where:
        others = {**figures.where, **figures.denominator_where}
        below, more = _told_apart(_grouped(entry, rows.filter(_where(entry, others))))
        columns = [entry.names[column] for column in figures.denominator]
        below = below.select(*KEY, "_row", *(pl.col(name).alias(f"_below_{name}") for name in columns))
        whole = below.join(picked.select(KEY), on=KEY, how="semi")
        picked = picked.join(below.drop("_row"), on=KEY, how="left", maintain_order="left")
        seen += list(whole["_row"])
        ambiguous = [*ambiguous, *more]
        if whole.height < picked.height:
            unmatched = picked.join(whole.select(KEY), on=KEY, how="anti")["_row"]
            message = "the file has no row for the denominator of these rows, which therefore have none"
            findings.append(_about(entry, "no_denominator", message, "nothing needs to be done", file, unmatched))
        picked = picked.with_columns(pl.col(f"_below_{name}") for name in columns)
    if ambiguous:
        message = (
            "several rows hold the figure of one year and area, and differ in a column that the spec does not name"
        )
        advice = "name the item of that column in the spec's published_figures"
        numbers = pl.Series(sorted(set(ambiguous)), dtype=pl.UInt32)
        findings.append(_about(entry, "ambiguous_rows", message, advice, file, numbers, severity="rejected"))
    _check_cells(entry, picked, file, findings)
    return Found(entry, _measured(entry, picked, file, findings), tuple(seen), tuple(ambiguous))


def finding_about(
    rule: str,
    severity: Severity,
    message: str,
    advice: str,
    *,
    file: str,
    rows: pl.Series | Sequence[int] = (),
    column: str = "",
    indicators: tuple[str, ...] = (),
    listed: bool = True,
) -> Finding:
    """A finding about rows of a published file: how many, their numbers if listed, and never what they hold."""
    return Finding(
        stage="extracts",
        severity=severity,
        rule=rule,
        message=message,
        advice=advice,
        table="published_figures",
        column=column,
        source_file=file,
        rows=len(rows),
        row_numbers=tuple(sorted(rows)[:ROW_NUMBERS_SHOWN]) if listed else (),
        indicators=indicators,
    )


def _about(
    entry: Entry, rule: str, message: str, advice: str, file: str, rows: pl.Series, *, severity: Severity = "kept",
    column: str = "", listed: bool = True,
) -> Finding:  # fmt: skip
    return finding_about(
        rule, severity, message, advice, file=file, rows=rows, column=column, indicators=(entry.spec.id,), listed=listed
    )


def _where(entry: Entry, items: Mapping[str, Sequence[str]]) -> pl.Expr:
    """Whether a row has one of the items in each of the columns, whatever their case."""
    conditions = [
        pl.col(entry.names[column]).str.to_lowercase().is_in([item.lower() for item in several])
        for column, several in items.items()
    ]
    return pl.all_horizontal([pl.lit(value=True), *conditions]).fill_null(value=False)


def _grouped(entry: Entry, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with their group; those of other items of the group's column are left out."""
    figures = entry.figures
    if figures.group_column is None:
        return rows.with_columns(pl.lit(TOTAL).alias("breakdown"), pl.lit(TOTAL_GROUP).alias("group"))
    names = {item.lower(): group for group, items in figures.groups.items() for item in items}
    item = pl.col(entry.names[figures.group_column]).str.to_lowercase()
    return rows.with_columns(
        pl.lit(entry.spec.published_groups).alias("breakdown"),
        item.replace_strict(names, default=None, return_dtype=pl.String).alias("group"),
    ).drop_nulls("group")


def _told_apart(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[int]]:
    """The rows of which there is one for each year, area and group, and the numbers of all others."""
    alone = pl.len().over(KEY) == 1
    told = rows.with_columns(alone.alias("_alone"))
    return told.filter("_alone").drop("_alone"), list(told.filter(~pl.col("_alone"))["_row"])


def _columns(entry: Entry) -> tuple[list[str], list[str], str | None]:
    """The columns of numerator, denominator and value, as the rows have them."""
    figures, names = entry.figures, entry.names
    prefix = "_below_" if figures.denominator_where else ""
    denominator = [f"{prefix}{names[column]}" for column in figures.denominator]
    return [names[column] for column in figures.numerator], denominator, figures.value and names[figures.value]


def _check_cells(entry: Entry, rows: pl.DataFrame, file: str, findings: list[Finding]) -> None:
    numerator, denominator, value = _columns(entry)
    columns: list[str] = [*numerator, *denominator, *([value] if value else [])]
    for column in dict.fromkeys(columns):
        shown = column.removeprefix("_below_")
        unreadable = rows.filter(is_unreadable(column), ~is_empty(column))["_row"]
        if len(unreadable):
            message = "the cell is neither a number nor a symbol of official statistics; it is taken as not available"
            advice = "look at these rows in the file, and download it again"
            findings.append(_about(entry, "unreadable_cell", message, advice, file, unreadable, column=shown))
        empty = rows.filter(is_empty(column))["_row"]
        if len(empty) and not column.startswith("_below_"):
            message = "the cell is empty; it is taken as not available"
            findings.append(_about(entry, "empty_cell", message, "nothing needs to be done", file, empty, column=shown))


def _measured(entry: Entry, rows: pl.DataFrame, file: str, findings: list[Finding]) -> pl.DataFrame:
    numerator, denominator, value = _columns(entry)
    nothing = pl.lit(None, pl.Float64)
    counts = rows.with_columns(
        (summed(numerator) if numerator else nothing).alias("_numerator"),
        (summed(denominator) if denominator else nothing).alias("_denominator"),
    )
    if value is None:
        measured = _made(entry, counts, numerator, denominator, file, findings)
    else:
        status = symbol(value).fill_null(OK)
        measured = counts.with_columns(number(value).alias("value"), status.alias("status"))
    return measured.select(
        pl.lit(entry.spec.id).alias("indicator"),
        pl.lit(entry.reading).alias("reading"),
        pl.lit("").alias("parameters"),
        "period",
        "period_start",
        "period_end",
        "level",
        "area_code",
        "area_name",
        "breakdown",
        "group",
        pl.col("_numerator").alias("numerator"),
        pl.col("_denominator").alias("denominator"),
        "value",
        nothing.alias("lower"),
        nothing.alias("upper"),
        "status",
        pl.lit(None, pl.Boolean).alias("complete"),
        pl.lit(entry.unit).alias("unit"),
        pl.lit(None, pl.String).alias("definition_version"),
        "authorities",
        pl.lit(value is None).alias("value_made"),
    )


def _made(
    entry: Entry, counts: pl.DataFrame, numerator: list[str], denominator: list[str], file: str, findings: list[Finding]
) -> pl.DataFrame:
    """Values that a file does not hold, from its counts; those of a rate from the population."""
    of_population = entry.unit == PER_POPULATION and not denominator
    made = counts.with_columns(pl.col("population").alias("_denominator")) if of_population else counts
    below = pl.col("_denominator")
    told = [first_symbol(numerator), *([first_symbol(denominator)] if denominator else [])]
    status = pl.coalesce(
        *told,
        pl.when(below == 0).then(pl.lit(NOT_APPLICABLE)),
        pl.when(below.is_null() | pl.col("_numerator").is_null()).then(pl.lit(NOT_AVAILABLE)),
        pl.lit(OK),
    )
    value = rounded_ratio(pl.col("_numerator"), below, SCALE[entry.unit], entry.spec.decimals)
    made = made.with_columns(status.alias("status")).with_columns(pl.when(status=OK).then(value).alias("value"))
    to_zero = (pl.col("status") == OK) & (pl.col("value") == 0) & (pl.col("_numerator") != 0)
    made = made.with_columns(pl.when(to_zero).then(pl.lit(ROUNDS_TO_ZERO)).otherwise("status").alias("status"))
    if made.height:
        source = "the population aged 0 to 17 at the mid-year before" if of_population else "the counts in the file"
        message = f"the file holds no value of {entry.label}; it was made from {source}"
        advice = "counts of regions and England are rounded to 10, so their values can differ in the last decimal"
        # Nothing is wrong with these rows, so there is nothing to look up in them.
        findings.append(_about(entry, "value_made", message, advice, file, made["_row"], listed=False))
    unknown = made.filter(below.is_null())["_row"] if of_population else made["_row"].clear()
    if len(unknown):
        message = "no population is known for the area and year, so there is no rate"
        findings.append(_about(entry, "no_population", message, "nothing needs to be done", file, unknown))
    return made
