"""How the results of an indicator are laid out in a tidy file: which columns, under which names, described how."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import polars as pl

from csc_indicators.breakdowns import TOTAL, TOTAL_GROUP, breakdown
from csc_indicators.catalogue import catalogue
from csc_indicators.errors import UsageError
from csc_indicators.outputs.screening.vocabulary import (
    FILTER,
    INDICATOR,
    META_COLUMNS,
    TOTAL_ITEM,
    is_not_harmonised,
    is_smushed,
)
from csc_indicators.specification import Columns, Indicator

TOPIC, ITEM, READING = "breakdown_topic", "breakdown", "reading"
NUMERATOR, DENOMINATOR, VALUE, LOWER, UPPER = "numerator", "denominator", "value", "lower", "upper"

PERCENTAGES = ("percent", "share", "survival")
WITH_INTERVAL = ("percent", "survival", "rate_per_10000", "per_10000")
SHOWN_PER = {
    "rate_per_10000": "rate per 10,000 children",
    "per_10000": "rate per 10,000",
    "ratio": "per 100",
    "mean": "mean",
    "months": "mean, in months",
}
"""What the label of a figure says of its unit; of percentages the unit itself does, and counts have none."""


class IndicatorColumn(NamedTuple):
    """A column of numbers: which number of the results it holds, its name, and how it is shown."""

    holds: str
    name: str
    label: str
    grouping: str
    unit: str
    decimals: int


class FilterColumn(NamedTuple):
    """A column of items: its name and label, the column that groups it, and the item shown when nothing is chosen."""

    name: str
    label: str
    hint: str
    grouped_by: str = ""
    default: str = TOTAL_ITEM


class Layout(NamedTuple):
    """The filters and indicators of a file."""

    filters: tuple[FilterColumn, ...]
    indicators: tuple[IndicatorColumn, ...]


def with_items(cells: pl.DataFrame) -> pl.DataFrame:
    """The results of one indicator with the items of the filters that they could have.

    A breakdown is an item of `breakdown` under the topic that the breakdown is; what is not broken down is the total.
    A reading goes by its label, with the parameters that were set where a reading stands there with several sets.
    """
    spec = catalogue().indicator(cells["indicator"][0])
    titles = {name: breakdown(name).title for name in cells["breakdown"].unique() if name != TOTAL}
    labels = {reading.name: reading.label for reading in spec.reading}
    label = pl.col("reading").replace_strict(labels, default=pl.col("reading"), return_dtype=pl.String)
    several = pl.col("parameters").n_unique().over("reading", "period") > 1
    set_so = several.any().over("reading") & (pl.col("parameters") != "")
    return cells.with_columns(
        pl.col("breakdown").replace_strict({TOTAL: TOTAL_ITEM, **titles}, return_dtype=pl.String).alias(TOPIC),
        pl.col("group").replace({TOTAL_GROUP: TOTAL_ITEM}).alias(ITEM),
        pl.when(set_so).then(pl.format("{} ({})", label, "parameters")).otherwise(label).alias(READING),
    )


def layout_of(cells: pl.DataFrame) -> Layout:
    """The filters and indicators of results of one indicator that have their items (`with_items`).

    A filter is there when it has two items or more. The names of the numbers are those of the definition; where one
    of them breaks a rule on names they are called `value`, `numerator` and `denominator`, and the labels say of what.

    Raises:
        UsageError: the figures have units that one column cannot hold, or are all of one group.
    """
    spec = catalogue().indicator(cells["indicator"][0])
    return Layout(_filters(cells, spec), _indicators(cells, spec))


def _filters(cells: pl.DataFrame, spec: Indicator) -> tuple[FilterColumn, ...]:
    filters: list[FilterColumn] = []
    if cells.select(TOPIC, ITEM).n_unique() > 1:
        grouped = cells[TOPIC].n_unique() > 1
        if grouped:
            filters.append(
                _filter(cells, TOPIC, "Kind of breakdown", "Choose what the figures are broken down by", TOTAL_ITEM)
            )
        shown = FilterColumn(ITEM, "Breakdown", "Choose groups of children or workers", TOPIC if grouped else "")
        filters.append(_with_default(cells, shown, TOTAL_ITEM))
    elif cells[ITEM][0] != TOTAL_ITEM:
        raise UsageError(
            f"{spec.id}: every row is of one and the same group, which a tidy file cannot say. Write the group beside "
            "its total."
        )
    if cells[READING].n_unique() > 1:
        label = "Reading of the definition"
        usual = [reading.label for reading in spec.reading if reading.name == spec.default_reading]
        filters.append(_filter(cells, READING, label, "Choose a reading of the definition", *usual))
    return tuple(filters)


def _filter(cells: pl.DataFrame, name: str, label: str, hint: str, *default: str) -> FilterColumn:
    return _with_default(cells, FilterColumn(name, label, hint), *default)


def _with_default(cells: pl.DataFrame, column: FilterColumn, *wanted: str) -> FilterColumn:
    """The column with the item that is wanted by default, or the first where that one is not there."""
    items = cells[column.name].unique(maintain_order=True).to_list()
    return column._replace(default=next((item for item in wanted if item in items), items[0]))


def _indicators(cells: pl.DataFrame, spec: Indicator) -> tuple[IndicatorColumn, ...]:
    units = sorted(cells["unit"].unique())
    shown = {(unit in PERCENTAGES, SHOWN_PER.get(unit, "")) for unit in units}
    if len(shown) > 1:
        raise UsageError(
            f"{spec.id}: its readings have figures of several units ({', '.join(units)}), which one column cannot "
            "hold. Write one reading at a time."
        )
    ((of_hundred, per),) = shown
    unit = "%" if of_hundred else ""
    title = f"{spec.title} ({per})" if per else spec.title
    readings = cells[READING].unique(maintain_order=True).to_list()
    grouping = readings[0] if len(readings) == 1 else spec.title
    names = column_names(spec.columns)
    held = {VALUE: spec.columns.value, NUMERATOR: spec.columns.numerator, DENOMINATOR: spec.columns.denominator}
    columns = [IndicatorColumn(VALUE, names[VALUE], title, grouping, unit, spec.decimals)]
    for role in (NUMERATOR, DENOMINATOR):
        name = held[role]
        # A count is its own value, and what it would be divided by is no number of its own.
        if name is None or name == held[VALUE] or (role == DENOMINATOR and units == ["count"]):
            continue
        label = name.replace("_", " ").capitalize()
        columns.append(IndicatorColumn(role, names[role], label, grouping, "", _decimals(cells[role])))
    if any(of in WITH_INTERVAL for of in units):
        for bound in (LOWER, UPPER):
            label = f"{bound.capitalize()} bound of the 95% confidence interval"
            name = f"{names[VALUE]}_{bound}"
            columns.append(IndicatorColumn(bound, name, label, "95% confidence interval", unit, spec.decimals))
    return tuple(columns)


def column_names(columns: Columns) -> dict[str, str]:
    """The names of a definition's columns by what they hold, or plain names where one of them breaks a rule.

    >>> column_names(Columns(value="referral_rate", numerator="referral_count"))
    {'value': 'referral_rate', 'numerator': 'referral_count'}
    >>> column_names(Columns(value="comparable_rate"))
    {'value': 'value'}
    """
    named = {VALUE: columns.value, NUMERATOR: columns.numerator, DENOMINATOR: columns.denominator}
    given = {role: name for role, name in named.items() if name is not None}
    if any(is_smushed(name) or is_not_harmonised(name) for name in given.values()):
        return {role: role for role in given}
    return given


def _decimals(numbers: pl.Series) -> int:
    """None for whole numbers; full-time equivalents, days and pounds that are not whole are shown with one."""
    known = numbers.drop_nulls()
    return 0 if (known == known.floor()).all() else 1


def metadata_of(layout: Layout) -> pl.DataFrame:
    """The metadata file: a row for each filter and each indicator, every cell as text."""
    rows: list[dict[str, str]] = [
        {
            "col_name": column.name,
            "col_type": FILTER,
            "label": column.label,
            "filter_hint": column.hint,
            "filter_grouping_column": column.grouped_by,
            "filter_default": column.default,
        }
        for column in layout.filters
    ]
    rows += [
        {
            "col_name": column.name,
            "col_type": INDICATOR,
            "label": column.label,
            "indicator_grouping": column.grouping,
            "indicator_unit": column.unit,
            "indicator_dp": str(column.decimals),
        }
        for column in layout.indicators
    ]
    # A column for defaults is needed only where one is not the total.
    needed = any(column.default != TOTAL_ITEM for column in layout.filters)
    columns: Iterable[str] = (*META_COLUMNS, "filter_default") if needed else META_COLUMNS
    return pl.DataFrame(rows, schema=dict.fromkeys((*META_COLUMNS, "filter_default"), pl.String)).select(columns)
