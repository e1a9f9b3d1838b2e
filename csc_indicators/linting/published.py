"""Rules on where DfE's own figures are said to stand: what could never be found so."""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from csc_indicators.linting.issues import Path, issue, specs, unknown

if TYPE_CHECKING:
    from csc_indicators.catalogue import Catalogue, Issue
    from csc_indicators.spec_published import PublishedFigures
    from csc_indicators.specification import Indicator

KEY = "published_figures"
ON_A_DAY = dt.date(2025, 3, 31)
"""A day on which the groups of every breakdown are known; their names do not change with the day."""


def reading_of_figures(catalogue: Catalogue) -> list[Issue]:
    """S057: published figures are of a reading that the indicator does not have, or two are of one reading."""
    found: list[Issue] = []
    for spec, file in specs(catalogue):
        names = [reading.name for reading in spec.reading]
        taken: list[tuple[str, str]] = []
        for position, figures in enumerate(spec.published_figures):
            reading = figures.reading or spec.default_reading
            where = (KEY, position, "reading") if figures.reading else (KEY, position)
            if reading not in names and figures.reading:
                found.append(issue(file, where, "S057", f"{KEY}: {unknown('reading', reading, names)}"))
            if (figures.file, reading) in taken:
                message = (
                    f'{KEY}: two entries say where reading "{reading}" stands in "{figures.file}". Keep one, or give '
                    "the other its own reading."
                )
                found.append(issue(file, where, "S057", message))
            taken.append((figures.file, reading))
    return found


def cells_of_figures(catalogue: Catalogue) -> list[Issue]:
    """S058: published figures are described so that no cell can hold them."""
    return [
        issue(file, (KEY, position, *path), "S058", f'{KEY}, "{figures.file}": {fault}')
        for spec, file in specs(catalogue)
        for position, figures in enumerate(spec.published_figures)
        for path, fault in (*_columns(spec, figures), *_groups(catalogue, spec, figures))
    ]


def _columns(spec: Indicator, figures: PublishedFigures) -> Iterator[tuple[Path, str]]:
    if not figures.established and figures.columns:
        yield (), "rows are picked and no column of them is named. Give value or numerator."
    if figures.established and not figures.value and not figures.denominator and spec.unit != "rate_per_10000":
        yield (), f'the file gives no value, and of unit "{spec.unit}" none can be made without a denominator. Add one.'
    if figures.denominator_where and not figures.denominator:
        yield ("denominator_where",), "the row of the denominator is picked and no column of it named. Add denominator."
    same = [name for name, items in figures.denominator_where.items() if set(items) & set(figures.where.get(name, ()))]
    for name in same:
        yield ("denominator_where", name), f"{name} is the same on the row of the numerator. Write what is different."
    known = set(figures.columns)
    for number, names in enumerate(figures.earlier_columns):
        for name in names:
            if name not in known:
                yield ("earlier_columns", number, name), unknown("column", name, figures.columns)


def _groups(catalogue: Catalogue, spec: Indicator, figures: PublishedFigures) -> Iterator[tuple[Path, str]]:
    if bool(figures.group_column) != bool(figures.groups):
        yield (), "group_column and groups go together: one names the column, the other its items. Give both or none."
    if not figures.groups:
        return
    if spec.published_groups is None:
        yield ("groups",), "the indicator has no published_groups that these could be groups of. Remove them."
        return
    groups = _group_names(catalogue, spec.published_groups)
    for name in figures.groups:
        if groups and name not in groups:
            yield ("groups", name), unknown("group", name, groups)


def _group_names(catalogue: Catalogue, breakdown: str) -> list[str]:
    """The groups of a breakdown: of a dated value those it ever had, otherwise the breakdown's own."""
    if breakdown in catalogue.values:
        return [name for dated in catalogue.values[breakdown].value for name in dated.value]
    # Read when the rule runs: the breakdowns are computed with polars, which reading a spec alone does not need.
    breakdowns: Any = importlib.import_module("csc_indicators.breakdowns")
    return list(breakdowns.breakdown(breakdown).groups(ON_A_DAY)) if breakdown in breakdowns.BREAKDOWNS else []
