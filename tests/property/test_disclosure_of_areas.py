"""Disclosure control over authorities, regions, the parts of London and England at once, under two policies."""

from __future__ import annotations

import dataclasses

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from csc_indicators.disclosure import Policy, publish
from tests.lib.attacker import KEY, Knowledge, counts_in, given_back, printed, read, settled, sums_over, work_out

EXACT = Policy(
    name="exact",
    title="Small counts hidden",
    source="tests",
    threshold=5,
    rounding={"Local authority": 1, "Regional": 1, "National": 1, "Statistical neighbours": 1},
)
ROUNDED = dataclasses.replace(EXACT, name="rounded", rounding={**EXACT.rounding, "Regional": 10, "National": 10})
POLICIES = {"referrals": ROUNDED, "in_time": ROUNDED, "days_open": ROUNDED, "number": ROUNDED, "number_again": EXACT}
UNITS = {
    "referrals": "rate_per_10000",
    "in_time": "percent",
    "days_open": "mean",
    "number": "count",
    "number_again": "count",
}
SCHEMA = {
    **dict.fromkeys(KEY, pl.String()),
    **dict.fromkeys(("numerator", "denominator", "value", "lower", "upper"), pl.Float64()),
    **dict.fromkeys(("status", "unit"), pl.String()),
}
ABOVE = {"A": ("London", "Inner"), "B": ("London", "Outer"), "C": ("London", "Outer"), "D": ("North",), "E": ("North",),
         "F": ("West",), "Inner": ("London",), "Outer": ("London",)}  # fmt: skip
AUTHORITIES = "ABCDEF"
REGIONS = ("London", "Inner", "Outer", "North", "West")
INSIDE = {
    **{
        each: [*(("Regional", area, "authorities") for area in ABOVE[each]), ("National", "England", "authorities")]
        for each in AUTHORITIES
    },
    **{part: [("Regional", "London", "parts")] for part in ("Inner", "Outer")},
    **{region: [("National", "England", "regions")] for region in ("London", "North", "West")},
}
GROUPS = {"sex": ("Female", "Male"), "band": ("1 to 10", "11 to 45", "46 or more")}
IN_TIME = ("1 to 10", "11 to 45")


@dataclasses.dataclass(frozen=True)
class Children:
    """So many children of one kind, in a period."""

    area: str
    period: str
    sex: str
    band: str
    days: int
    number: int


kinds = st.lists(
    st.builds(
        Children,
        area=st.sampled_from(AUTHORITIES),
        period=st.sampled_from(("2024", "2025", "2025")),
        sex=st.sampled_from(GROUPS["sex"]),
        band=st.sampled_from(GROUPS["band"]),
        days=st.integers(0, 40),
        number=st.one_of(st.integers(1, 4), st.integers(1, 60)),
    ),
    min_size=1,
    max_size=24,
)


def tabulated(children, levels=("Local authority", "Regional", "National")):
    """The cells of five figures for every area that has children, before anything is hidden."""
    areas = [("Local authority", code, {code}) for code in AUTHORITIES]
    areas += [("Regional", area, {code for code in AUTHORITIES if area in ABOVE[code]}) for area in REGIONS]
    areas += [("National", "England", set(AUTHORITIES))]
    rows = []
    for period in sorted({kind.period for kind in children}):
        for level, code, within in areas:
            there = [kind for kind in children if kind.area in within and kind.period == period]
            if level not in levels or not there:
                continue
            groups = [("total", "Total", there)]
            for breakdown, names in GROUPS.items():
                groups += [(breakdown, name, [k for k in there if getattr(k, breakdown) == name]) for name in names]
            for breakdown, group, members in groups:
                everyone = sum(kind.number for kind in members)
                in_time = sum(kind.number for kind in members if kind.band in IN_TIME)
                days = sum(kind.number * kind.days for kind in members)
                shown = {
                    "referrals": (everyone, 1000 * len({kind.area for kind in there}) if group == "Total" else None),
                    "in_time": (in_time, everyone),
                    "days_open": (days, everyone),
                    "number": (everyone, None),
                    "number_again": (everyone, None),
                }
                for indicator, (numerator, denominator) in shown.items():
                    unit = UNITS[indicator]
                    value = numerator / denominator if denominator else numerator if unit == "count" else None
                    key = (indicator, "default", "", period, level, code, breakdown, group)
                    rows.append((*key, numerator, denominator, value, None, None, "ok", unit))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def one_number(counts):
    """Counts of the same children: everybody, under each indicator; and those in time, in a band that is in time."""
    same = {}
    for name in counts:
        (indicator, *_, breakdown, group), role = name
        in_time = (indicator, role) == ("in_time", "numerator")
        if not in_time or (breakdown == "band" and group in IN_TIME):
            same.setdefault(name[0][3:], []).append(name)
    return list(same.values())


def recovered(cells, shown):
    """The counts, and the sums behind means, that what is shown leaves one number for."""
    counts, limits = counts_in(cells)
    knowledge = Knowledge(
        sums=sums_over(counts, set(GROUPS), INSIDE),
        same=one_number(counts),
        limits=limits,
        given_back=given_back(shown, counts),
    )
    truth = printed(cells, counts)
    # A count that an exact policy prints is known wherever else it stands rounded.
    for copies in knowledge.same:
        knowledge.given_back.update(copies if any(name[0][0] == "number_again" for name in copies) else ())
    table = read(shown, cells, counts)
    told = {
        name: truth[name] if name in knowledge.given_back and table[name] is not None else table[name] for name in table
    }
    found = work_out(told, knowledge, truth)
    means = [(key, "numerator") for key, role in counts if key[0] == "days_open" and role == "denominator"]
    unknown = [name for name, number in printed(shown, means).items() if number is None]
    return [
        *(name for name, numbers in found.items() if len(numbers) < 2),
        *settled(unknown, sums_over(means, set(GROUPS), INSIDE)),
    ]


LONELY = Children("D", "2025", "Female", "1 to 10", 9, 40)
"""Where one authority of a region has few and the region's ratio is shown, rounding its count hides nothing."""


@given(kinds)
@example(
    [
        LONELY,
        dataclasses.replace(LONELY, sex="Male", number=30),
        dataclasses.replace(LONELY, area="E", number=2),
        dataclasses.replace(LONELY, area="E", sex="Male", number=9),
    ]
)
@settings(max_examples=30)
def test_no_hidden_count_can_be_worked_out_over_areas(children):
    cells = tabulated(children)
    shown = publish(cells, POLICIES, above=ABOVE).frame
    for period in cells["period"].unique(maintain_order=True):
        assert recovered(cells.filter(period=period), shown.filter(period=period)) == []


@given(kinds, st.sampled_from((("Regional",), ("Local authority", "Regional"), ("Regional", "National"))))
@settings(max_examples=60)
def test_nor_where_only_some_levels_are_shown(children, levels):
    cells = tabulated(children, levels)
    shown = publish(cells, POLICIES, above=ABOVE).frame
    for period in cells["period"].unique(maintain_order=True):
        assert recovered(cells.filter(period=period), shown.filter(period=period)) == []
