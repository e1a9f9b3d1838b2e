"""The children of one simulated authority: families that are first referred together, and who the children are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from csc_indicators.synthetic.days import after_months
from csc_indicators.synthetic.draws import Draws, Flags, Whole
from csc_indicators.synthetic.rates import rates, weights

MONDAY_FIRST = 3
"""1 January 1970, day 0, was a Thursday: the third day after a Monday."""
PUPILS_FROM_MONTHS = 5 * 12


@dataclass(frozen=True)
class Children:
    """Children in the order of their numbers: when each is first referred, and what their course depends on."""

    number: Whole
    family: Whole
    first_referral: Whole
    birth: Whole
    disabled: Flags
    alone: Flags
    """Seeking asylum without a parent."""
    described: pl.DataFrame
    """`child, child_id, birth_date, expected_birth_date, sex, ethnicity, unique_pupil_number`, dates as days."""
    disabilities: pl.DataFrame
    """`child, disability`."""


def families_referred(draws: Draws, families: int, first_day: int, last_day: int) -> Whole:
    """The day on which each family is first referred: fewer in August and on weekends."""
    season = rates()["season"]
    days = np.arange(first_day, last_day + 1, dtype=np.int64)
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    weekdays = (days + MONDAY_FIRST) % 7
    heavy = np.asarray(season["months"])[months] * np.asarray(season["weekdays"])[weekdays]
    ends = np.cumsum(heavy, dtype=np.int64)
    at = draws.below("first referral", np.arange(families), int(ends[-1]))
    return days[np.searchsorted(ends, at, side="right")]


def simulate_children(draws: Draws, la_code: str, children: int, first_day: int, last_day: int) -> Children:
    """About so many children, in families that are first referred between the two days."""
    rate = rates()
    sizes = draws.of_spans("family size", np.arange(children), rate["family"]["size"])
    families = int(np.searchsorted(np.cumsum(sizes), children, side="left")) + 1 if children else 0
    sizes = sizes[:families]
    family = np.repeat(np.arange(sizes.size), sizes)
    number = np.arange(family.size)
    first = families_referred(draws, sizes.size, first_day, last_day)[family]
    alone = draws.happens("alone", family, rate["child"]["alone"]) & (sizes[family] == 1)
    birth, expected = _born(draws, number, first, alone)
    disabled = (birth <= first) & draws.happens("disabled", number, rate["child"]["disabled"])
    return Children(
        number,
        family,
        first,
        birth,
        disabled,
        alone,
        _described(draws, la_code, number, family, birth, expected, first),
        _disabilities(draws, number[disabled]),
    )


def _born(draws: Draws, number: Whole, first: Whole, alone: Flags) -> tuple[Whole, pl.Series]:
    """Birth, and for children known before it the day on which it was expected."""
    age = draws.of_spans("age at referral", number, rates()["child"]["age_at_referral"])
    age = np.where(alone, draws.of_spans("age of alone", number, rates()["child"]["age_of_alone"]), age)
    after = draws.of_spans("born after expected", number, rates()["child"]["born_after_expected"])
    unborn = age < 0
    # Known before birth for at least a day, however early the child came.
    birth = np.where(unborn, np.maximum(first - age + after, first + 1), first - age)
    return birth, pl.Series("expected_birth_date", first - age).set(pl.Series(~unborn), None)


def _described(
    draws: Draws, la_code: str, number: Whole, family: Whole, birth: Whole, expected: pl.Series, first: Whole
) -> pl.DataFrame:
    sexes, sex_weights = weights("child", "sex")
    ethnicities, ethnicity_weights = weights("child", "ethnicity")
    digits = draws.below("pupil number", number, 10**9)
    pupil = (after_months(birth, PUPILS_FROM_MONTHS) <= first) & draws.happens(
        "has a pupil number", number, rates()["child"]["pupil_number"]
    )
    return pl.DataFrame(
        {
            "child": number,
            "birth_date": birth,
            "expected_birth_date": expected,
            "sex": np.asarray(sexes)[draws.chosen("sex", number, sex_weights)],
            "ethnicity": np.asarray(ethnicities)[draws.chosen("ethnicity", family, ethnicity_weights)],
            "digits": digits,
            "pupil": pupil,
        }
    ).select(
        "child",
        (pl.lit(f"SYN{la_code}") + pl.col("child").cast(pl.String).str.zfill(7)).alias("child_id"),
        "birth_date",
        "expected_birth_date",
        "sex",
        "ethnicity",
        # In the right form, and no pupil's: S is never a check letter, and 000 is no authority.
        pl.when("pupil").then("S000" + pl.col("digits").cast(pl.String).str.zfill(9)).alias("unique_pupil_number"),
    )


def _disabilities(draws: Draws, number: Whole) -> pl.DataFrame:
    """One to three different disabilities of each of these children."""
    codes, heavy = weights("child", "disability")
    several = draws.integers("number of disabilities", number, 1, 3)
    repeated = np.repeat(number, several)
    turn = np.arange(repeated.size) - np.repeat(np.cumsum(several) - several, several)
    drawn = draws.chosen("disability", repeated * 4 + turn, heavy)
    return (
        pl.DataFrame({"child": repeated, "disability": np.asarray(codes)[drawn]}).unique().sort("child", "disability")
    )
