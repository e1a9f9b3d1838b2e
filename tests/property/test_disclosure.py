"""Disclosure control against a reader who solves for what is hidden, over generated populations of children."""

from __future__ import annotations

import dataclasses
from collections import Counter

import numpy as np
import polars as pl
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from csc_indicators.disclosure import Policy, publish
from tests.lib.attacker import KEY, Knowledge, printed, work_out

POLICY = Policy(
    name="made_up",
    title="Small counts hidden",
    source="tests",
    threshold=5,
    rounding={"Local authority": 1, "Regional": 1, "National": 1, "Statistical neighbours": 1},
)
ROUNDING = dataclasses.replace(POLICY, rounding={**POLICY.rounding, "Regional": 10, "National": 10})
UNITS_POLICY = dataclasses.replace(POLICY, protects="units")
SCHEMA = dict.fromkeys(KEY, pl.String()) | dict.fromkeys(
    ("numerator", "denominator", "value", "lower", "upper"), pl.Float64()
)
INDICATORS = {"referrals": "rate_per_10000", "rereferrals": "percent", "days_open": "mean", "referral_count": "count"}
GROUPS = {"sex": ("Female", "Male", "Unknown"), "age_band": ("0", "1 to 4", "5 to 9", "10 to 15", "16 and over", "17")}
FACTORS = ("1A", "2B", "3C")
GENERATED = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


@dataclasses.dataclass(frozen=True)
class Children:
    """So many children of one kind: attributes, and whether each reading counts them."""

    area: str
    sex: str
    age_band: str
    again: tuple[bool, bool]
    factors: frozenset[str]
    days: int
    number: int


def kinds(areas):
    return st.lists(
        st.builds(
            Children,
            area=st.sampled_from(areas),
            sex=st.sampled_from(GROUPS["sex"]),
            age_band=st.sampled_from(GROUPS["age_band"]),
            again=st.tuples(st.booleans(), st.booleans()),
            factors=st.frozensets(st.sampled_from(FACTORS), max_size=2),
            days=st.integers(0, 40),
            number=st.one_of(st.integers(1, 4), st.integers(1, 30)),
        ),
        max_size=14,
    )


def tabulate(children, areas, *, upper=()):
    """Cells of four indicators, and what an attacker may know of how they hang together."""
    places = [("Local authority", area, {area}) for area in areas] + [(level, level, set(areas)) for level in upper]
    rows, counts, knowledge = [], [], Knowledge()
    for indicator, unit in INDICATORS.items():
        for reading in (0, 1) if indicator == "rereferrals" else (0,):
            for level, code, within in places:
                for breakdown, group, members in groups_of([kind for kind in children if kind.area in within]):
                    everyone = sum(kind.number for kind in members)
                    again = sum(kind.number for kind in members if kind.again[reading])
                    days = sum(kind.number * kind.days for kind in members)
                    numerator, denominator = {
                        "referrals": (everyone, 1000.0),
                        "rereferrals": (again, everyone),
                        "days_open": (days, everyone),
                        "referral_count": (everyone, None),
                    }[indicator]
                    key = (indicator, f"reading {reading}", "", "2025", level, code, breakdown, group)
                    ratio = numerator / denominator if denominator else None
                    shown = (numerator, denominator, numerator if unit == "count" else ratio, ratio, ratio)
                    rows.append(dict(zip(SCHEMA, (*key, *shown), strict=True)) | {"status": "ok", "unit": unit})
                    if unit != "mean":
                        counts.append((key, "numerator"))
                    if unit in {"percent", "mean"}:
                        counts.append((key, "denominator"))
                    if unit == "percent":
                        knowledge.limits.append((counts[-2], counts[-1]))
    frame = pl.DataFrame(rows, schema=SCHEMA | {"status": pl.String(), "unit": pl.String()})
    return frame, counts, dataclasses.replace(knowledge, **structure(counts, upper))


def structure(counts, upper):
    """Which counts are the sum of which, and which are the same children counted for another figure."""
    everyone, sums = {}, {}
    for name in counts:
        key, role = name
        (indicator, _, _, _, level, _, breakdown, _) = key
        if indicator != "rereferrals" or role == "denominator":
            everyone.setdefault(key[4:], []).append(name)
        if breakdown not in {"total", "factor"}:
            whole = ((*key[:6], "total", "Total"), role)
            sums.setdefault((whole, breakdown), []).append(name)
        for above in upper if level == "Local authority" else ():
            whole = ((*key[:4], above, above, *key[6:]), role)
            sums.setdefault((whole, "areas"), []).append(name)
    return {"same": list(everyone.values()), "sums": [(parts, whole) for (whole, _), parts in sums.items()]}


def groups_of(children):
    yield "total", "Total", children
    for breakdown, groups in GROUPS.items():
        for group in groups:
            yield breakdown, group, [kind for kind in children if getattr(kind, breakdown) == group]
    for factor in FACTORS:
        yield "factor", factor, [kind for kind in children if factor in kind.factors]


def published(frame, policy=POLICY, **choices):
    return publish(frame, dict.fromkeys(INDICATORS, policy), **choices).frame


@given(kinds(["A"]))
@GENERATED
def test_no_hidden_count_of_one_authority_can_be_worked_out(children):
    frame, counts, knowledge = tabulate(children, ["A"])
    table = printed(published(frame), counts)
    assert [
        name for name, numbers in work_out(table, knowledge, printed(frame, counts)).items() if len(numbers) < 2
    ] == []


@given(
    kinds(["A", "B", "C"]),
    st.sampled_from([("National",), ("Regional",), ("Regional", "National")]),
    st.sampled_from([POLICY, ROUNDING]),
)
@settings(GENERATED, max_examples=40)
def test_nor_from_the_areas_above(children, upper, policy):
    frame, counts, knowledge = tabulate(children, ["A", "B", "C"], upper=upper)
    knowledge.rounding = policy.rounding
    table = printed(published(frame, policy), counts)
    found = work_out(table, knowledge, printed(frame, counts))
    assert [name for name, numbers in found.items() if len(numbers) < 2] == []


@given(kinds(["A", "B", "C", "D"]))
@settings(GENERATED, max_examples=40)
def test_nor_from_several_regions(children):
    regions = {"A": ["R1"], "B": ["R1"], "C": ["R2"], "D": ["R2"]}
    frame, counts, knowledge = tabulate(children, list(regions), upper=("National",))
    north, north_counts, north_knowledge = tabulate(
        [kind for kind in children if kind.area in "AB"], ["A", "B"], upper=("R1",)
    )
    south, south_counts, south_knowledge = tabulate(
        [kind for kind in children if kind.area in "CD"], ["C", "D"], upper=("R2",)
    )
    for other, names, known in ((north, north_counts, north_knowledge), (south, south_counts, south_knowledge)):
        frame = pl.concat([frame, other.filter(pl.col("level") != "Local authority")])
        counts = counts + [name for name in names if name[0][4] != "Local authority"]
        knowledge.sums += known.sums
        knowledge.same += known.same
        knowledge.limits += known.limits
    regional = pl.col("level").is_in(["R1", "R2"])
    printable = frame.with_columns(pl.when(regional).then(pl.lit("Regional")).otherwise("level").alias("level"))
    result = published(printable, ROUNDING, above=regions).with_columns(frame["level"])
    knowledge.rounding = {"R1": 10, "R2": 10, "National": 10}
    found = work_out(printed(result, counts), knowledge, printed(frame, counts))
    assert [name for name, numbers in found.items() if len(numbers) < 2] == []


@given(kinds(["A"]))
@GENERATED
def test_what_is_hidden_and_what_stays(children):
    frame, counts, _ = tabulate(children, ["A"])
    before, after = printed(frame, counts), printed(published(frame), counts)
    assert [name for name in counts if 1 <= before[name] <= 5 and after[name] is not None] == []
    assert [name for name in counts if before[name] == 0 and after[name] != 0] == []
    assert [name for name in counts if after[name] not in {None, before[name]}] == []
    without = published(frame, dataclasses.replace(POLICY, secondary=False))
    assert {name for name, number in printed(without, counts).items() if number is None} == {
        name for name in counts if 1 <= before[name] <= 5
    }


@given(kinds(["A"]))
@GENERATED
def test_a_hidden_number_takes_the_value_and_both_ends_of_the_interval(children):
    frame, _, _ = tabulate(children, ["A"])
    result = published(frame)
    hidden = (result["numerator"].is_null() & frame["numerator"].is_not_null()) | (
        result["denominator"].is_null() & frame["denominator"].is_not_null()
    )
    assert result["status"].to_list() == ["c" if each else "ok" for each in hidden]
    for column in ("value", "lower", "upper"):
        assert result.filter(hidden)[column].null_count() == hidden.sum()
        assert result.filter(~hidden)[column].equals(frame.filter(~hidden)[column])
    of_means = result.filter(hidden, pl.col("unit") == "mean")
    assert of_means["numerator"].null_count() == of_means.height
    visible = result.filter(pl.col("denominator").is_null(), pl.col("unit") == "percent")["numerator"].drop_nulls()
    assert set(visible) <= {0.0}


@given(kinds(["A", "B"]), st.integers(0, 12), st.integers(0, 12))
@GENERATED
def test_a_higher_threshold_publishes_none_of_the_counts_a_lower_one_must_hide(children, one, other):
    low, high = sorted((one, other))
    frame, counts, _ = tabulate(children, ["A", "B"], upper=("National",))
    before = printed(frame, counts)
    after = printed(published(frame, dataclasses.replace(POLICY, threshold=high)), counts)
    assert [name for name in counts if 1 <= before[name] <= low and after[name] is not None] == []


@given(kinds(["A", "B"]))
@GENERATED
def test_publishing_again_changes_nothing(children):
    frame, _, _ = tabulate(children, ["A", "B"], upper=("National",))
    once = published(frame, ROUNDING)
    assert published(once, ROUNDING).equals(once)


@given(kinds(["A", "B"]), st.randoms(use_true_random=False))
@GENERATED
def test_the_order_of_rows_does_not_matter(children, random):
    frame, _, _ = tabulate(children, ["A", "B"], upper=("Regional",))
    order = list(range(frame.height))
    random.shuffle(order)
    assert published(frame[order], ROUNDING).equals(published(frame, ROUNDING)[order])


@given(kinds(["A", "B"]))
@GENERATED
def test_internal_leaves_every_number(children):
    frame, _, _ = tabulate(children, ["A", "B"], upper=("National",))
    result = publish(frame, dict.fromkeys(INDICATORS, ROUNDING), internal=True)
    assert result.restricted
    assert result.frame.equals(frame)


@given(kinds(["A"]))
@GENERATED
def test_copies_of_one_count_are_all_hidden_or_all_printed(children):
    frame, counts, knowledge = tabulate(children, ["A"])
    table = printed(published(frame), counts)
    assert [copies for copies in knowledge.same if len({table[copy] for copy in copies}) > 1] == []


@given(st.integers(0, 10**9), st.sampled_from([2, 3, 5, 10, 100]))
@settings(deadline=None)
def test_rounding_is_half_up_to_a_multiple(count, base):
    policy = dataclasses.replace(POLICY, threshold=0, rounding={**POLICY.rounding, "National": base})
    key = ("referral_count", "default", "", "2025", "National", "E92000001", "total", "Total")
    row = dict(zip(SCHEMA, (*key, count, None, count, None, None), strict=True)) | {"status": "ok", "unit": "count"}
    frame = pl.DataFrame([row], schema=SCHEMA | {"status": pl.String(), "unit": pl.String()})
    result = published(frame, policy).row(0, named=True)
    quotient, rest = divmod(count, base)
    assert result["numerator"] == result["value"] == base * (quotient + (1 if 2 * rest >= base else 0))
    assert result["status"] == ("k" if count and not result["numerator"] else "ok")


@given(kinds(["A", "B"]))
@GENERATED
def test_rounding_comes_after_hiding_and_leaves_ratios(children):
    frame, counts, _ = tabulate(children, ["A", "B"], upper=("National",))
    result = published(frame, ROUNDING)
    ratios = pl.col("unit").is_in(["percent", "rate_per_10000", "mean"]) & (result["status"] != "c")
    columns = ("value", "lower", "upper")
    assert result.filter(ratios).select(columns).equals(frame.filter(ratios).select(columns))
    before, after = printed(frame, counts), printed(result, counts)
    for (key, role), number in before.items():
        expected = (number + 5) // 10 * 10 if key[4] == "National" else number
        assert after[key, role] in {None, expected}


def days_lost(children, areas):
    """Days of workers by area and group with England above, and which numbers are the sum of which."""
    places = [("Local authority", area, {area}) for area in areas] + [("National", "England", set(areas))]
    rows = []
    for level, code, within in places:
        members = [kind for kind in children if kind.area in within]
        groups = [("total", "Total", members)]
        for breakdown, of_all in GROUPS.items():
            groups += [(breakdown, each, [k for k in members if getattr(k, breakdown) == each]) for each in of_all]
        for breakdown, group, found in groups:
            days = float(sum(kind.number * kind.days for kind in found))
            posts = sum(kind.number * 0.5 for kind in found)
            key = ("days_open", "default", "", "2025", level, code, breakdown, group)
            shown = (days, posts, days / posts if posts else None, None, None, "ok", "mean")
            rows.append((*key, *shown, sum(kind.number for kind in found)))
    frame = pl.DataFrame(
        rows, schema=SCHEMA | {"status": pl.String(), "unit": pl.String(), "units": pl.Int64()}, orient="row"
    )
    where = {row[5:8]: place for place, row in enumerate(rows)}
    sums = [
        (where[area, "total", "Total"], [where[area, breakdown, each] for each in of_all])
        for area in [*areas, "England"]
        for breakdown, of_all in GROUPS.items()
    ]
    for breakdown, of_all in (("total", ["Total"]), *GROUPS.items()):
        sums += [(where["England", breakdown, each], [where[a, breakdown, each] for a in areas]) for each in of_all]
    return frame, sums


def worked_out(shown, sums):
    """The hidden rows whose numbers the sums of the table leave one answer for."""
    unknown = [row for row, status in enumerate(shown["status"]) if status == "c"]
    if not unknown:
        return []
    system = np.zeros((len(sums), shown.height))
    for line, (whole, parts) in enumerate(sums):
        system[line, whole] = -1
        system[line, parts] = 1
    system = system[:, unknown]
    rank = np.linalg.matrix_rank(system)
    # A number is settled where asking for it as well adds no equation: its unit row lies in the space of the sums.
    return [
        row
        for at, row in enumerate(unknown)
        if np.linalg.matrix_rank(np.vstack([system, np.eye(len(unknown))[at]])) == rank
    ]


@given(kinds(["A", "B", "C"]))
@GENERATED
def test_no_sum_of_few_units_is_shown_or_can_be_worked_out(children):
    frame, sums = days_lost(children, ["A", "B", "C"])
    shown = publish(frame, {"days_open": UNITS_POLICY}).frame
    assert shown.filter(frame["units"].is_between(1, 5))["status"].unique().to_list() in ([], ["c"])
    assert shown.filter(frame["units"] == 0)["status"].unique().to_list() in ([], ["ok"])
    assert (
        shown.filter(status="c").select("numerator", "denominator", "value").null_count().row(0)
        == (shown.filter(status="c").height,) * 3
    )
    assert worked_out(shown, sums) == []


def test_a_sum_of_few_units_is_worked_out_where_nothing_else_is_hidden():
    workers = [Children("A", "Female", "0", (False, False), frozenset(), 9, 20)]
    workers.append(dataclasses.replace(workers[0], sex="Male", number=1))
    frame, sums = days_lost(workers, ["A", "B", "C"])
    shown = publish(frame, {"days_open": dataclasses.replace(UNITS_POLICY, secondary=False)}).frame
    assert worked_out(shown, sums)


def test_the_attacker_wins_when_secondary_suppression_is_off():
    won = Counter()

    @given(kinds(["A"]))
    @settings(deadline=None, max_examples=100, database=None, derandomize=True)
    def attack(children):
        assume(children)
        frame, counts, knowledge = tabulate(children, ["A"])
        table = printed(published(frame, dataclasses.replace(POLICY, secondary=False)), counts)
        won[any(len(numbers) == 1 for numbers in work_out(table, knowledge, printed(frame, counts)).values())] += 1

    attack()
    assert won[True] > 20
