"""What can be chosen in the workbook, and under which key each figure is found.

A figure's key is made of short numbers and codes, because a spreadsheet looks up no text of more than 255 characters
and reads some signs in it as wildcards; what is chosen is text for people, each distinct and free of those signs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from csc_indicators.area_membership import (
    LOCAL_AUTHORITY,
    NATIONAL,
    REGIONAL,
    STATISTICAL_NEIGHBOURS,
    area_names,
    areas_above,
)
from csc_indicators.breakdowns import BREAKDOWNS, TOTAL
from csc_indicators.catalogue import catalogue
from csc_indicators.outputs.terminal import UNITS
from csc_indicators.periods import Period

ITS_REGION, NO_COMPARATOR = "Its region", "No comparator"
LONGEST_CHOICE = 200
COMPARATORS_TRIED = 5
"""How many comparators are tried for the choice that a workbook is opened with; the widest used come first."""

OF_NEIGHBOURS = "N"
"""What the key of an authority's neighbours begins with."""

BETTER = {
    "higher": "Higher is better",
    "lower": "Lower is better",
    "none": "Neither higher nor lower is better as such",
}


@dataclass(frozen=True, kw_only=True)
class Measure:
    """An indicator under one reading and set of parameters; `label` is what is chosen."""

    label: str
    indicator: str
    reading: str
    parameters: str
    unit: str
    decimals: int

    @property
    def facts(self) -> dict[str, str]:
        """What the sheet Compare says of it, by the name that the formulas use."""
        spec, loaded = catalogue().indicator(self.indicator), catalogue()
        return {
            "Measure_title": spec.title,
            "Measure_reading": loaded.reading(self.indicator, self.reading).label,
            "Measure_unit": UNITS.get(self.unit, self.unit),
            "Measure_better": BETTER[spec.polarity],
            "Measure_status": spec.status,
            "Measure_numerator": spec.numerator,
            "Measure_denominator": spec.denominator,
        }


@dataclass(frozen=True, kw_only=True)
class Area:
    """An authority, region or England; `region` is the code of the region that it is compared with, if any.

    `label` says how many of its authorities an area is of where that is not all of them.
    """

    label: str
    code: str
    level: str
    region: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One choice of everything, each as it is chosen."""

    measure: str
    area: str
    group: str
    comparator: str
    period: str


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Everything that can be chosen, in the order in which it is shown.

    `groups` are all groups; `groups_of` are the numbers of those that each measure has. `previous` gives the period
    before each, where there is one of the same kind.
    """

    measures: tuple[Measure, ...]
    areas: tuple[Area, ...]
    groups: tuple[str, ...]
    groups_of: tuple[tuple[int, ...], ...]
    comparators: tuple[str, ...]
    periods: tuple[str, ...]
    previous: Mapping[str, str]
    keys: pl.DataFrame
    """The columns that a row of the results is known by, with its `key`, `measure` and `group_number`."""

    @property
    def authorities(self) -> tuple[Area, ...]:
        """The areas that are authorities."""
        return tuple(area for area in self.areas if area.level == LOCAL_AUTHORITY)

    def area_key(self, label: str) -> str:
        """The code of an area by its label; nothing for a label that is none's."""
        return next((area.code for area in self.areas if area.label == label), "")

    def comparator_key(self, choice: Choice) -> str:
        """The code under which the figures of the comparator are found; nothing where there is none."""
        if choice.comparator == STATISTICAL_NEIGHBOURS:
            return OF_NEIGHBOURS + self.area_key(choice.area)
        if choice.comparator == ITS_REGION:
            return next((area.region for area in self.areas if area.label == choice.area), "")
        return self.area_key(choice.comparator)

    def key(self, choice: Choice, period: str, area_key: str) -> str:
        """The key of a figure of the chosen measure and group."""
        labels = [measure.label for measure in self.measures]
        return key_of(labels.index(choice.measure) + 1, period, self.groups.index(choice.group) + 1, area_key)


def key_of(measure: int, period: str, group: int, area_key: str) -> str:
    """The key of a figure, as the formulas put it together.

    >>> key_of(3, "2025", 1, "302")
    '3|2025|1|302'
    """
    return f"{measure}|{period}|{group}|{area_key}"


MEASURE = ("indicator", "reading", "parameters")


def choices_of(cells: pl.DataFrame, periods: Sequence[Period]) -> Choices:
    """Everything that can be chosen from these cells.

    Args:
        cells: Published cells.
        periods: The periods they are of.
    """
    measures = _measures(cells)
    kinds = cells.select("breakdown", "group").unique(maintain_order=True).rows()
    kinds.sort(key=lambda kind: kind[0] != TOTAL)  # the total is what is looked at first
    groups = _distinct([_group_label(*kind) for kind in kinds])
    numbers = pl.DataFrame(
        [(*kind, number) for number, kind in enumerate(kinds, start=1)],
        schema={"breakdown": pl.String, "group": pl.String, "group_number": pl.Int64},
        orient="row",
    )
    measured = pl.DataFrame(
        [(m.indicator, m.reading, m.parameters, number) for number, m in enumerate(measures, start=1)],
        schema=dict.fromkeys(MEASURE, pl.String) | {"measure": pl.Int64},
        orient="row",
    )
    own_key = pl.when(pl.col("level") == STATISTICAL_NEIGHBOURS).then(pl.lit(OF_NEIGHBOURS)).otherwise(pl.lit(""))
    keys = (
        cells.select(*MEASURE, "period", "level", "area_code", "breakdown", "group")
        .join(measured, on=MEASURE, how="left", maintain_order="left")
        .join(numbers, on=["breakdown", "group"], how="left", maintain_order="left")
        .with_columns(
            pl.format("{}|{}|{}|{}{}", "measure", "period", "group_number", own_key, "area_code").alias("key")
        )
    )
    held = keys.group_by("measure").agg(pl.col("group_number").unique().sort()).sort("measure")["group_number"]
    areas = _areas(cells.sort("period_end", descending=True, maintain_order=True))
    spans = sorted(periods, key=lambda period: (period.start, period.end))
    return Choices(
        measures=measures,
        areas=areas,
        groups=groups,
        groups_of=tuple(tuple(numbers) for numbers in held.to_list()),
        comparators=_comparators(cells, areas),
        periods=tuple(period.label for period in spans),
        previous={
            later.label: earlier.label
            for later in spans
            for earlier in spans
            if earlier.kind == later.kind and earlier.end + dt.timedelta(days=1) == later.start
        },
        keys=keys,
    )


def first_choice(choices: Choices, values: Mapping[str, object]) -> Choice:
    """What is chosen when the workbook is opened: the first of everything with a value to compare.

    Args:
        choices: What can be chosen.
        values: The value by key; keys of figures without one may be missing.
    """
    tried = [
        Choice(measure=measure.label, area=area.label, group=choices.groups[groups[0] - 1],
               comparator=NO_COMPARATOR, period=choices.periods[-1])
        for measure, groups in zip(choices.measures, choices.groups_of, strict=True)
        for area in choices.areas
    ]  # fmt: skip

    def known(choice: Choice, area_key: str) -> bool:
        return any(values.get(choices.key(choice, period, area_key)) is not None for period in choices.periods)

    own = [each for each in tried if known(each, choices.area_key(each.area))]
    compared = (
        replace(each, comparator=name)
        for each in own
        for name in choices.comparators[:COMPARATORS_TRIED]
        if name != each.area
    )
    best = (each for each in compared if known(each, choices.comparator_key(each)))
    return next(best, own[0] if own else tried[0])


def _measures(cells: pl.DataFrame) -> tuple[Measure, ...]:
    rows = cells.select(*MEASURE, "unit").unique(subset=MEASURE, keep="first", maintain_order=True).rows(named=True)
    readings = {
        row["indicator"]: len({r["reading"] for r in rows if r["indicator"] == row["indicator"]}) for row in rows
    }
    rows.sort(key=lambda row: catalogue().indicator(row["indicator"]).title.casefold())
    labels: list[str] = []
    for row in rows:
        reading = catalogue().reading(row["indicator"], row["reading"])
        named = f": {reading.label}" if readings[row["indicator"]] > 1 else ""
        given = f" ({row['parameters']})" if row["parameters"] and row["parameters"] != _set_by(reading.set) else ""
        labels.append(catalogue().indicator(row["indicator"]).title + named + given)
    return tuple(
        Measure(label=label, decimals=catalogue().indicator(row["indicator"]).decimals, **row)
        for label, row in zip(_distinct(labels), rows, strict=True)
    )


def _set_by(values: Mapping[str, object]) -> str:
    """The parameters of a reading that sets one, as results show them: its label says that already."""
    return "; ".join(f"{name}={value}" for name, value in values.items()) if len(values) == 1 else ""


def _areas(cells: pl.DataFrame) -> tuple[Area, ...]:
    """The areas by name, each called as it is in the latest period that has it: cells come from the latest on."""
    rows = cells.filter(pl.col("level") != STATISTICAL_NEIGHBOURS).select("level", "area_code", "area_name")
    rows = rows.unique(subset=["level", "area_code"], keep="first", maintain_order=True).rows(named=True)
    names, above = area_names(), areas_above()
    regions = {row["area_code"] for row in rows if row["level"] == REGIONAL}
    levels = (LOCAL_AUTHORITY, REGIONAL, NATIONAL)

    def order(row: Mapping[str, str]) -> tuple[int, str, str]:
        name = names.get(row["area_code"]) or row["area_name"]
        return levels.index(row["level"]), name.casefold(), row["area_code"]

    rows.sort(key=order)
    labels = _distinct([row["area_name"] for row in rows])
    return tuple(
        Area(
            label=label,
            code=row["area_code"],
            level=row["level"],
            region=next((code for code in above.get(row["area_code"], ()) if code in regions), ""),
        )
        for label, row in zip(labels, rows, strict=True)
    )


def _comparators(cells: pl.DataFrame, areas: Sequence[Area]) -> tuple[str, ...]:
    """Only what there is, the widest used first; always the choice of none."""
    of_areas = [area.label for level in (NATIONAL, LOCAL_AUTHORITY, REGIONAL) for area in areas if area.level == level]
    neighbours = [STATISTICAL_NEIGHBOURS] if (cells["level"] == STATISTICAL_NEIGHBOURS).any() else []
    region = [ITS_REGION] if any(area.region for area in areas) else []
    return (*neighbours, *region, *of_areas, NO_COMPARATOR)


def _group_label(breakdown: str, group: str) -> str:
    title = BREAKDOWNS[breakdown].title if breakdown in BREAKDOWNS else breakdown
    return group if breakdown == TOTAL else f"{title}: {group}"


def _distinct(labels: Sequence[str]) -> tuple[str, ...]:
    """Labels without the signs that look-ups read as wildcards, short enough, and each different from the others."""
    clean = [label.translate({ord("*"): "x", ord("~"): "-", ord("?"): ""})[:LONGEST_CHOICE] for label in labels]
    seen: dict[str, int] = {}
    distinct: list[str] = []
    for label in clean:
        seen[label.casefold()] = count = seen.get(label.casefold(), 0) + 1
        distinct.append(label if count == 1 else f"{label} [{count}]")
    return tuple(distinct)
