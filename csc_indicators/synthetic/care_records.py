"""What is recorded of children looked after beside where they live, and of young people who left care."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import polars as pl

from csc_indicators.synthetic.codes_of_their_time import activity_of_its_time
from csc_indicators.synthetic.days import after_months, year_end, year_start
from csc_indicators.synthetic.draws import Draws, Whole
from csc_indicators.synthetic.people import Children
from csc_indicators.synthetic.placements import ADOPTED, period_key
from csc_indicators.synthetic.rates import rates, weights

LEAVER_AGES = range(17, 22)
ACTIVE = ("F", "P")
"""How the codes of activities begin that are education, training or employment."""
WEEKS_IN_CARE = 13 * 7
TURNS = 64


def care_records(
    draws: Draws,
    children: Children,
    authority: Mapping[str, int],
    periods: pl.DataFrame,
    episodes: pl.DataFrame,
    years: range,
) -> dict[str, pl.DataFrame]:
    """By table: `outcomes` and `care_leavers` by year, `missing`, `adoption` and `care_reviews`."""
    birth = pl.DataFrame({"child": children.number.astype(np.int32), "birth_date": children.birth})
    child, start = (periods[name].to_numpy().astype(np.int64) for name in ("child", "start_date"))
    periods = periods.join(birth, on="child", maintain_order="left").with_columns(
        period=pl.Series(period_key(child, start))
    )
    return {
        "outcomes": pl.concat([_outcomes(draws, periods, year) for year in years]),
        "care_leavers": pl.concat([_care_leavers(draws, authority, periods, year) for year in years]),
        "missing": _missing(draws, periods),
        "adoption": _adoption(draws, periods, episodes),
        "care_reviews": _reviews(draws, periods),
    }


def _outcomes(draws: Draws, periods: pl.DataFrame, year: int) -> pl.DataFrame:
    """Of children looked after throughout the year to its 31 March."""
    first, last = year_start(year), year_end(year)
    here = periods.filter(pl.col("start_date") <= first, pl.col("end_date") > last)
    key, rate = here["period"].to_numpy() * TURNS + year - 2000, rates()["records"]
    born = here["birth_date"].to_numpy()

    def aged(low: int, high: int) -> np.ndarray:
        """From one age up to another, at the end of the year."""
        at_end = np.full(born.size, last)
        return (after_months(born, low * 12) <= at_end) & (after_months(born, (high + 1) * 12) > at_end)

    def item(name: str, of: np.ndarray) -> pl.Series:
        known = of & ~draws.happens(f"{name} not recorded", key, rate["not_recorded"])
        return pl.Series(draws.happens(name, key, rate[name]).astype(np.int8)).set(pl.Series(~known), None)

    everyone = np.ones(born.size, dtype=bool)
    asked = aged(4, 16)
    scored = asked & draws.happens("scored", key, rate["scored"])
    return pl.DataFrame(
        {
            "child": here["child"],
            "year": np.full(born.size, year, dtype=np.int32),
            "sdq_score": pl.Series(draws.of_spans("sdq", key, rate["sdq"])).set(pl.Series(~scored), None),
            "sdq_reason": pl.Series(np.where(asked & ~scored, "SDQ2", "")).replace("", None),
            "convicted": item("convicted", aged(10, 17)),
            "health_check": item("health_check", aged(0, 4)),
            "immunisations": item("immunisations", everyone),
            "teeth_check": item("teeth_check", everyone),
            "health_assessment": item("health_assessment", everyone),
            "substance_misuse": item("substance_misuse", everyone),
        }
    )


def _care_leavers(draws: Draws, authority: Mapping[str, int], periods: pl.DataFrame, year: int) -> pl.DataFrame:
    """Of those with a birthday from 17 to 21 in the year, out of care by then, after thirteen weeks in it past 14.

    Some of those weeks must lie past 16.
    """
    first, last = year_start(year), year_end(year)
    born = periods["birth_date"].to_numpy()
    birthday = np.full(born.size, -1)
    for age in LEAVER_AGES:
        day = after_months(born, age * 12)
        birthday = np.where((day >= first) & (day <= last), day, birthday)
    spent = periods.with_columns(
        birthday=pl.Series(birthday),
        fourteen=pl.Series(after_months(born, 14 * 12)),
        sixteen=pl.Series(after_months(born, 16 * 12)),
    ).filter(pl.col("birthday") >= 0, pl.col("start_date") < pl.col("birthday"))
    until = pl.min_horizontal("end_date", "birthday")
    found = (
        spent.group_by("child", maintain_order=True)
        .agg(
            weeks=pl.max_horizontal(until - pl.max_horizontal("start_date", "fourteen"), 0).sum(),
            past_sixteen=(until > pl.col("sixteen")).any(),
            in_care=(pl.col("end_date") > pl.col("birthday")).any(),
        )
        .filter(pl.col("weeks") >= WEEKS_IN_CARE, "past_sixteen", ~pl.col("in_care"))
        .sort("child")
    )
    key = found["child"].to_numpy().astype(np.int64) * TURNS + year - 2000
    contact = _coded(draws, "contact", key)
    known = np.isin(contact, ("YES", "NREQ", "REFU"))
    active = {code: authority["active"] for code in rates()["records"]["activity"] if code.startswith(ACTIVE)}
    return pl.DataFrame(
        {
            "child": found["child"],
            "year": np.full(key.size, year, dtype=np.int32),
            "in_touch": contact,
            "activity": np.where(known, _coded(draws, "activity", key, active), "0"),
            "accommodation": np.where(known, _coded(draws, "accommodation", key), "0"),
        }
    ).with_columns(activity_of_its_time(pl.col("activity"), year))


def _missing(draws: Draws, periods: pl.DataFrame) -> pl.DataFrame:
    """Times missing, of some of those over ten, for each year of a period anew."""
    rate = rates()["records"]
    key, row = _years_of(periods)
    start, end = (periods[name].to_numpy().astype(np.int64)[row] for name in ("start_date", "end_date"))
    begins = start + (key % TURNS) * 365 + draws.integers("missing from", key, 0, 364)
    ends = begins + draws.of_spans("missing days", key, rate["missing_days"])
    old = after_months(periods["birth_date"].to_numpy()[row], 10 * 12) <= begins
    found = old & (ends < end) & draws.happens("goes missing", key, rate["goes_missing"])
    kind = np.where(draws.happens("away", key, rate["away"]), "A", "M")
    return pl.DataFrame(
        {"child": periods["child"].to_numpy()[row], "missing_kind": kind, "start_date": begins, "end_date": ends}
    ).filter(pl.Series(found))


def _adoption(draws: Draws, periods: pl.DataFrame, episodes: pl.DataFrame) -> pl.DataFrame:
    """When it was decided that a child be adopted, and by whom: before it was placed with the adopters."""
    rate = rates()["records"]
    adopted = periods.filter(pl.col("reason_ceased").is_in(ADOPTED))
    placed = (
        episodes.filter(pl.col("placement").str.starts_with("A"))
        .group_by("child", "end_date")
        .agg(placed=pl.col("start_date").min())
    )
    found = adopted.join(placed, on=["child", "end_date"], maintain_order="left")
    # A child can be away until the very end of its care, and then never lived with the adopters in it.
    day = found.select(pl.coalesce("placed", "end_date")).to_series().to_numpy().astype(np.int64)
    key = found["period"].to_numpy()
    match = day - draws.of_spans("match", key, rate["match_before_placement"])
    decision = np.minimum(day - draws.of_spans("decision", key, rate["decision_before_placement"]), match)
    decision = np.maximum(decision, found["start_date"].to_numpy())
    return pl.DataFrame(
        {
            "child": found["child"],
            "end_date": found["end_date"],
            "decision_date": decision,
            "match_date": np.maximum(match, decision),
        }
    )


def _reviews(draws: Draws, periods: pl.DataFrame) -> pl.DataFrame:
    row, day, turn = np.arange(periods.height), periods["start_date"].to_numpy().astype(np.int64), 0
    ends, who = periods["end_date"].to_numpy(), periods["child"].to_numpy()
    found = [pl.DataFrame(schema={"child": pl.Int32, "review_date": pl.Int64})]
    while row.size:
        key = periods["period"].to_numpy()[row] * TURNS + turn
        day = day + draws.of_spans("care review", key, rates()["records"]["review_days"])
        held = day < ends[row]
        row, day, turn = row[held], day[held], turn + 1
        found.append(pl.DataFrame({"child": who[row], "review_date": day}))
    return pl.concat(found).sort("child", "review_date")


def _years_of(periods: pl.DataFrame) -> tuple[Whole, Whole]:
    """A key for each year that a period lasts, and the row of its period."""
    lasts = (periods["end_date"] - periods["start_date"]).to_numpy().astype(np.int64) // 365 + 1
    row = np.repeat(np.arange(lasts.size), lasts)
    turn = np.arange(row.size) - np.repeat(np.cumsum(lasts) - lasts, lasts)
    return periods["period"].to_numpy()[row] * TURNS + turn, row


def _coded(draws: Draws, name: str, key: Whole, scaled: Mapping[str, int] = MappingProxyType({})) -> np.ndarray:
    codes, heavy = weights("records", name, scaled)
    return np.asarray(codes)[draws.chosen(f"record {name}", key, heavy)]
