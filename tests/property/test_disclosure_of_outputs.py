"""Disclosure control against a reader of what is written: from made-up censuses through `compute` to cells.csv."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path

import polars as pl
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import csc_indicators as csc
from csc_indicators.comparators import Neighbours, differences, positions
from csc_indicators.engines import local
from csc_indicators.outputs.tidy import write_cells
from tests.lib.attacker import KEY, Knowledge, counts_in, given_back, read, settled, sums_over, work_out
from tests.lib.raw_census import census, child, episode, event, validated

INNER, OUTER, NORTH_EAST, LONDON = "E13000001", "E13000002", "E12000001", "E12000007"
PARTS_OF = {"202": INNER, "302": OUTER, "303": OUTER, "390": NORTH_EAST, "391": NORTH_EAST, "330": "E12000005"}
ENGLAND = "E92000001"
INSIDE = {
    **{
        code: [("Regional", part, "authorities"), ("National", ENGLAND, "authorities")]
        for code, part in PARTS_OF.items()
    },
    **{area: [("National", ENGLAND, "regions")] for area in (NORTH_EAST, LONDON, "E12000005")},
    **{part: [("Regional", LONDON, "parts")] for part in (INNER, OUTER)},
}
for borough in ("202", "302", "303"):
    INSIDE[borough].append(("Regional", LONDON, "authorities"))
LEVELS = ("Local authority", "Regional", "National", "Statistical neighbours")
INDICATORS = ("referrals", "rereferrals", "assessments_within_45_days", "referrals_per_child")
YEARS = (2024, 2025)
"""Two years that share no days. Children of the second are not those of the first, so no count depends on both."""

ONE_NUMBER = (("referrals", "numerator"), ("rereferrals", "denominator"))
"""Counts that the definitions say are the same."""

kinds = st.tuples(
    st.sampled_from(("F", "M", "U")),
    st.booleans(),  # referred again within the year
    st.booleans(),  # assessed in time
)
groups_of_children = st.dictionaries(kinds, st.one_of(st.integers(1, 5), st.integers(1, 14)), max_size=5)
populations = st.fixed_dictionaries(
    {}, optional={code: st.lists(groups_of_children, min_size=2, max_size=2) for code in PARTS_OF}
).filter(bool)


def children_of(year, groups):
    number = 0
    for (sex, again, in_time), count in groups.items():
        for _ in range(count):
            number += 1
            assessed = event(
                "assessments", f"{year - 1}-05-13", authorisation_date=f"{year - 1}-{'06-10' if in_time else '09-10'}"
            )
            episodes = [episode(f"{year - 1}-05-10", assessed, closure_date=f"{year - 1}-10-01", closure_reason="RC8")]
            if again:
                episodes.append(episode(f"{year - 1}-11-10", closure_date=f"{year - 1}-12-01", closure_reason="RC8"))
            yield child(f"{year}-{number}", *episodes, sex=sex)


def censuses(population):
    return validated(
        *(
            census(*children_of(year, groups), la_code=code, ends=f"{year}-03-31")
            for code, of_years in population.items()
            for year, groups in zip(YEARS, of_years, strict=True)
        )
    )


def computed(population, **choices):
    return csc.compute(
        censuses(population), INDICATORS, periods=csc.years(*YEARS), levels=LEVELS, by=["sex"], **choices
    )


def written(published):
    with tempfile.TemporaryDirectory() as folder:
        csv, parquet = write_cells(published, Path(folder))
        return pl.read_csv(csv, schema=published.frame.schema), pl.read_parquet(parquet)


def attacked(shown, true):
    """The counts that are recovered from the written cells of one period, and the sums behind means that are."""
    counts, limits = counts_in(true)
    partitions = {"sex"}
    same = {}
    for name in counts:
        if (name[0][0], name[1]) in ONE_NUMBER:
            same.setdefault(name[0][3:], []).append(name)
    knowledge = Knowledge(
        sums=sums_over(counts, partitions, INSIDE),
        same=list(same.values()),
        limits=limits,
        rounding={"Regional": 10, "National": 10},
        given_back=given_back(shown, counts),
    )
    found = work_out(
        read(shown, true, counts), knowledge, {name: int(number) for name, number in numbers(true, counts)}
    )
    means = [(tuple(row[name] for name in KEY), "numerator") for row in true.filter(unit="mean").iter_rows(named=True)]
    unknown = [name for name, number in numbers(shown, means) if number is None]
    return [
        *(name for name, possible in found.items() if len(possible) < 2),
        *settled(unknown, sums_over(means, partitions, INSIDE)),
    ]


def numbers(frame, names):
    rows = {tuple(row[name] for name in KEY): row for row in frame.iter_rows(named=True)}
    return [((key, role), rows[key][role]) for key, role in names]


LEAKY = {
    "302": [{("F", False, True): 3, ("M", False, True): 20}, {}],
    "303": [{("F", False, True): 30, ("M", False, True): 20}, {("U", False, True): 7}],
    "390": [{("F", False, True): 3, ("M", True, False): 9}, {("U", False, True): 7}],
}
"""Each small group of 2024 stands in a total that is shown, beside one other group."""


def recovered_from(population):
    true = computed(population, internal=True).frame.filter(pl.col("level") != "Statistical neighbours")
    shown, parquet = written(computed(population).published)
    assert parquet.equals(shown.with_columns(pl.col("parameters").fill_null("")))
    return [name for year in YEARS for name in attacked(*(each.filter(period=str(year)) for each in (shown, true)))]


@given(populations)
@example(LEAKY)
@settings(max_examples=8)
def test_no_hidden_count_can_be_worked_out_from_what_is_written(population):
    assert recovered_from(population) == []


def test_the_attacker_wins_where_secondary_suppression_is_off(monkeypatch):
    shipped = local.policy
    monkeypatch.setattr(local, "policy", lambda name: dataclasses.replace(shipped(name), secondary=False))
    assert recovered_from(LEAKY) != []


OF_EACH_OTHER = Neighbours(
    pl.DataFrame([(one, other) for one in PARTS_OF for other in PARTS_OF if one != other],
                 schema=["la_code", "neighbour_la_code"], orient="row")
)  # fmt: skip


def compared(numbers):
    """What is published of authorities with so many children, and every comparison that is made of it."""
    population = {code: [{("F", False, True): number}, {}] for code, number in zip(PARTS_OF, numbers, strict=True)}
    frame = csc.compute(
        censuses(population),
        ("referrals", "assessments_within_45_days"),
        periods=csc.year(2024),
        levels=("Local authority", "Statistical neighbours"),
        neighbours=OF_EACH_OTHER,
    ).frame
    return frame, positions(frame), differences(frame)


@given(
    st.lists(st.integers(6, 25), min_size=4, max_size=4),
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
    st.tuples(st.integers(1, 5), st.integers(1, 5)),
)
@settings(max_examples=6)
def test_medians_positions_and_differences_do_not_depend_on_what_is_hidden(seen, hidden, otherwise):
    assume(hidden != otherwise)
    one, other = compared([*seen, *hidden]), compared([*seen, *otherwise])
    assert one[0].filter(level="Local authority", status="c").height == 4
    assert one[0].filter(level="Statistical neighbours")["value"].null_count() == 0
    for table, same in zip(one, other, strict=True):
        assert table.equals(same)


def test_a_change_of_policy_moves_what_is_published_of_its_indicators_alone(monkeypatch):
    before = computed(LEAKY).frame
    shipped = local.policy
    stricter = {"dfe_cin": dataclasses.replace(shipped("dfe_cin"), threshold=25)}
    monkeypatch.setattr(local, "policy", lambda name: stricter.get(name) or shipped(name))
    after = computed(LEAKY).frame
    assert (after["status"] == "c").sum() > (before["status"] == "c").sum()
    assert after.select(KEY).equals(before.select(KEY))
    monkeypatch.setattr(local, "policy", shipped)
    assert computed(LEAKY).frame.equals(before)
