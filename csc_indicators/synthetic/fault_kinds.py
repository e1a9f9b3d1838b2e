"""The kinds of fault that made-up returns can have: in the CIN census and in the return on looked-after children."""

from __future__ import annotations

import polars as pl

from csc_indicators.codes import ASSESSMENT_FACTOR, CLOSURE_REASON
from csc_indicators.looked_after_codes import RETURNED_SEX
from csc_indicators.synthetic.days import year_end
from csc_indicators.synthetic.faults import Fault, Return

LATER_RETURN_NEEDED = "no later return shows that it is gone"
LOOKS_GOOD = "the day that came of it is as good as any other"
ANOTHER_CHILD = "nothing in a return says that the two are one child"
CUT_SHORT = "the file that would show it is cut short"
STALE_CASE = "stale_open_case"
DAYS_APART = 5
ADDED_EPISODE = 100
"""Systems number a child's cases; a case returned beside another has a number far from theirs."""
MONTHS = 12


def faults_of_cases(whose: Return) -> tuple[Fault, ...]:
    """Those of the CIN census, in the order in which they are planted."""
    closed = pl.col("closure_date").is_not_null() & pl.col("closure_reason").is_not_null()
    needs, born = pl.col("primary_need").is_not_null(), pl.col("birth_date").is_not_null()
    referred, closure = _iso("referral_date"), _iso("closure_date")
    census_day = pl.lit(year_end(whose.year)).cast(pl.Date)
    swapped = _swapped(referred)
    return (
        Fault("closure_without_reason", "episodes", "closure_reason", closed, {"closure_reason": NOTHING}),
        Fault("missing_closure_date", "episodes", "closure_date", closed, {"closure_date": NOTHING}),
        Fault(
            STALE_CASE,
            "episodes",
            "closure_date",
            closed,
            {"closure_date": NOTHING, "closure_reason": NOTHING},
            seen=pl.lit(value=not whose.is_last),
            why_not=LATER_RETURN_NEEDED,
        ),
        Fault(
            "overlapping_cases",
            "episodes",
            "referral_date",
            closed
            & (closure - referred > pl.duration(days=DAYS_APART))
            & (referred > census_day.dt.offset_by("-11mo")),
            {"referral_date": _as_iso(referred.dt.offset_by("3d")), "episode": _numbered_on("episode")},
            adds=True,
        ),
        Fault(
            "swapped_day_and_month",
            "episodes",
            "referral_date",
            _can_swap(referred),
            {"referral_date": _as_iso(swapped)},
            # The day has been changed already when this is asked.
            seen=(referred > census_day) | (referred > closure),
            why_not=LOOKS_GOOD,
        ),
        Fault(
            "year_mistyped",
            "episodes",
            "referral_date",
            referred.is_not_null(),
            {"referral_date": _as_iso(referred.dt.offset_by("10y"))},
            seen=referred > census_day,
            why_not=LOOKS_GOOD,
        ),
        Fault(
            "lower_case_code",
            "episodes",
            "primary_need",
            needs,
            {"primary_need": pl.col("primary_need").str.to_lowercase()},
        ),
        Fault(
            "unknown_code",
            "episodes",
            "primary_need",
            pl.col("primary_need").is_not_null(),
            {"primary_need": pl.lit("N77")},
        ),
        *_of_another_year(whose),
        Fault("missing_birth_date", "children", "birth_date", born, {"birth_date": NOTHING}),
        Fault("child_returned_twice", "children", "child_id", pl.lit(value=True), {}, adds=True),
    )


def _of_another_year(whose: Return) -> tuple[Fault, ...]:
    """Codes that the census of the year does not have: a factor or a reason for closure, if there are such."""
    found: list[Fault] = []
    for code_set, table, column in (
        (ASSESSMENT_FACTOR, "assessment_factors", "factor"),
        (CLOSURE_REASON, "episodes", "closure_reason"),
    ):
        codes = [code for code, first in code_set.first_year.items() if whose.year < first]
        codes += [code for code, last in code_set.last_year.items() if whose.year > last]
        if codes:
            able = pl.col(column).is_not_null()
            found.append(Fault("code_of_another_year", table, column, able, {column: pl.lit(min(codes))}))
    return tuple(found)


def faults_of_care(whose: Return) -> tuple[Fault, ...]:
    """Those of the return on looked-after children, in the order in which they are planted."""
    starts, ends = _day_first("DECOM"), _day_first("DEC")
    ended, last_day = pl.col("DEC") != "", pl.lit(year_end(whose.year)).cast(pl.Date)
    moved = pl.col("REC") == "X1"
    sex = {"1": "M", "2": "F"} if whose.year < min(RETURNED_SEX.first_year.values()) else {"M": "1", "F": "2"}
    return (
        Fault("end_without_reason", "episodes", "REC", ended, {"REC": EMPTY}),
        Fault("missing_end", "episodes", "DEC", ended, {"DEC": EMPTY}),
        Fault(
            "stale_open_episode",
            "episodes",
            "DEC",
            ended & ~moved,
            {"DEC": EMPTY, "REC": EMPTY, "REASON_PLACE_CHANGE": EMPTY},
            seen=pl.lit(value=not whose.is_last),
            why_not=LATER_RETURN_NEEDED,
        ),
        Fault(
            "overlapping_episodes",
            "episodes",
            "DECOM",
            (ends - starts > pl.duration(days=DAYS_APART)) & ~moved,
            {"DECOM": _as_day_first(starts.dt.offset_by("3d")), "PLACE": pl.lit("U6")},
            adds=True,
        ),
        Fault(
            "swapped_day_and_month",
            "episodes",
            "DECOM",
            _can_swap(starts),
            {"DECOM": _as_day_first(_swapped(starts))},
            seen=(starts > last_day) | (starts > ends),
            why_not=LOOKS_GOOD,
        ),
        Fault("lower_case_code", "episodes", "LS", pl.col("LS") != "", {"LS": pl.col("LS").str.to_lowercase()}),
        Fault("unknown_code", "episodes", "PLACE", pl.col("PLACE") != "", {"PLACE": pl.lit("Q9")}),
        Fault("impossible_score", "oc2", "SDQ_SCORE", pl.col("SDQ_SCORE") != "", {"SDQ_SCORE": pl.lit("95")}),
        Fault(
            "code_of_another_year", "header", "SEX", pl.col("SEX").is_in([*sex]), {"SEX": pl.col("SEX").replace(sex)}
        ),
        Fault("missing_birth_date", "header", "DOB", pl.col("DOB") != "", {"DOB": EMPTY}),
        Fault("child_returned_twice", "header", "CHILD", pl.lit(value=True), {}, adds=True),
    )


NOTHING, EMPTY = pl.lit(None, pl.String), pl.lit("")


def _numbered_on(column: str) -> pl.Expr:
    return (pl.col(column).cast(pl.Int32) + ADDED_EPISODE).cast(pl.String)


def _iso(column: str) -> pl.Expr:
    return pl.col(column).str.to_date("%Y-%m-%d", strict=False)


def _as_iso(day: pl.Expr) -> pl.Expr:
    return day.dt.strftime("%Y-%m-%d")


def _day_first(column: str) -> pl.Expr:
    return pl.col(column).str.to_date("%d/%m/%Y", strict=False)


def _as_day_first(day: pl.Expr) -> pl.Expr:
    return day.dt.strftime("%d/%m/%Y")


def _can_swap(day: pl.Expr) -> pl.Expr:
    """Whether day and month can change places: another day comes of it."""
    return (day.dt.day() <= MONTHS) & (day.dt.day() != day.dt.month())


def _swapped(day: pl.Expr) -> pl.Expr:
    """The day with its day and month in each other's place."""
    return pl.date(day.dt.year(), day.dt.day(), day.dt.month())
