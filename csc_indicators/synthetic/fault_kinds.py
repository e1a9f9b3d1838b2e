"""The kinds of fault that made-up returns can have: in the CIN census and in the return on looked-after children."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from csc_indicators.codes import ASSESSMENT_FACTOR, CLOSURE_REASON
from csc_indicators.looked_after_codes import RETURNED_SEX
from csc_indicators.synthetic.case_returns import EARLIER_CODES, SEX_SINCE
from csc_indicators.synthetic.days import year_end, year_start
from csc_indicators.synthetic.draws import Draws
from csc_indicators.synthetic.faults import Fault, Layout, Return, Tables, plant

LATER_RETURN_NEEDED = "no later return shows that it is gone"
LOOKS_GOOD = "the day that came of it is as good as any other"
ANOTHER_CHILD = "nothing in a return says that the two are one child"
CUT_SHORT = "the file that would show it is cut short"
DAYS_APART = 5
ADDED_EPISODE = 100
"""Systems number a child's cases; a case returned beside another has a number far from theirs."""
SECOND_ID = "Z"
"""What the second id of a child that has two ends with, after the first."""
MONTHS = 12
A_FEW_DAYS = "3d"
ACTIVITIES = ("assessments", "child_in_need_plans", "section_47_enquiries", "child_protection_plans")
"""Tables of what is done on a case."""
NO_PUPIL_NUMBER = "UN"
NOTHING, EMPTY = pl.lit(None, pl.String), pl.lit("")


def dirty_cases(draws: Draws, tables: Tables, whose: Return) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """The tables of a CIN census with faults, and notes of them (see `plant`)."""
    case = ["child_id", "episode"]
    began = pl.concat([tables[name].select(*case, _active="start_date") for name in ACTIVITIES])
    cases = tables["episodes"].join(
        began.group_by(case).agg(pl.col("_active").min()), on=case, how="left", maintain_order="left"
    )
    # A referral without further action opens no case that another could overlap.
    ended = pl.when(pl.col("no_further_action") == "0").then("closure_date")
    before = ended.forward_fill().shift(1).over("child_id")
    cases = cases.with_columns(_closed_before=before, _referred="referral_date")
    layout = Layout("cin", "child_id", "children", nested=True)
    return plant(draws, {**tables, "episodes": cases}, faults_of_cases(whose), whose, layout)


def dirty_care(
    draws: Draws, tables: Tables, whose: Return, *, one_file: bool
) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """The tables of a return on looked-after children with faults, and notes of them (see `plant`)."""
    episodes = tables["episodes"].with_columns(_ended_before=pl.col("DEC").shift(1).over("CHILD"))
    layout = Layout("ssda903", "CHILD", "header", nested=one_file)
    # The form of one file has no place for the date of birth but in the header.
    elsewhere = [table.select("CHILD") for name, table in tables.items() if name != "header" and "DOB" in table.columns]
    repeated = pl.lit(value=not one_file) & pl.col("CHILD").is_in(pl.concat(elsewhere)["CHILD"].implode())
    header = tables["header"].with_columns(_born_elsewhere=repeated)
    return plant(draws, {**tables, "episodes": episodes, "header": header}, faults_of_care(whose), whose, layout)


def faults_of_cases(whose: Return) -> tuple[Fault, ...]:
    """Those of the CIN census, in the order in which they are planted."""
    closed = pl.col("closure_date").is_not_null() & pl.col("closure_reason").is_not_null()
    is_case = pl.col("no_further_action") == "0"
    still_open = is_case & pl.col("closure_date").is_null() & pl.col("closure_reason").is_null()
    needs, born = pl.col("primary_need").is_not_null(), _iso("birth_date")
    referred, closure = _iso("referral_date"), _iso("closure_date")
    census_day, first_day = _days(whose)
    # Asked of the changed row: what else in the return, or what an earlier one, says that its referral was another day.
    contradicted = (
        (referred > census_day)
        | (referred > closure)
        | (referred > _iso("_active"))
        | (is_case & (referred < _iso("_closed_before")))
        | (is_case & (_iso("_referred") < first_day) & pl.lit(value=not whose.is_first))
    )
    return (
        Fault("closure_without_reason", "episodes", "closure_reason", closed, {"closure_reason": NOTHING}),
        Fault("missing_closure_date", "episodes", "closure_date", closed, {"closure_date": NOTHING}),
        Fault(
            "stale_open_case",
            "episodes",
            "closure_date",
            closed,
            {"closure_date": NOTHING, "closure_reason": NOTHING},
            seen=pl.lit(value=False),
            seen_later=pl.lit(value=True),
            why_not=LATER_RETURN_NEEDED,
        ),
        Fault(
            "overlapping_cases",
            "episodes",
            "referral_date",
            closed
            & (closure - referred > pl.duration(days=DAYS_APART))
            & (referred > census_day.dt.offset_by("-11mo")),
            {"referral_date": _as_iso(referred.dt.offset_by(A_FEW_DAYS)), "episode": _numbered_on("episode")},
            adds=True,
        ),
        Fault(
            "swapped_day_and_month",
            "episodes",
            "referral_date",
            _can_swap(referred),
            {"referral_date": _as_iso(_swapped(referred))},
            seen=contradicted,
            seen_later=still_open,
            why_not=LOOKS_GOOD,
        ),
        Fault(
            "year_mistyped",
            "episodes",
            "referral_date",
            referred.is_not_null(),
            {"referral_date": _as_iso(referred.dt.offset_by("10y"))},
            seen=contradicted,
            seen_later=still_open,
            why_not=LOOKS_GOOD,
        ),
        Fault("lower_case_code", "episodes", "primary_need", needs, {"primary_need": _lower("primary_need")}),
        Fault("unknown_code", "episodes", "primary_need", needs, {"primary_need": pl.lit("N77")}),
        Fault(
            "second_open_case",
            "episodes",
            "referral_date",
            still_open,
            {"referral_date": _as_iso(referred.dt.offset_by(f"-{A_FEW_DAYS}")), "episode": _numbered_on("episode")},
            adds=True,
        ),
        Fault(
            "closure_before_referral",
            "episodes",
            "closure_date",
            closed,
            {"closure_date": _as_iso(referred.dt.offset_by("-7d"))},
        ),
        *_of_another_year(whose),
        Fault("missing_birth_date", "children", "birth_date", born.is_not_null(), {"birth_date": NOTHING}),
        Fault("child_returned_twice", "children", "child_id", pl.lit(value=True), {}, adds=True),
        Fault(
            "birth_year_mistyped",
            "children",
            "birth_date",
            born.is_not_null(),
            {"birth_date": _as_iso(born.dt.offset_by("20y"))},
            seen=born > census_day,
            why_not=LOOKS_GOOD,
        ),
        Fault(
            "child_under_two_ids",
            "children",
            "child_id",
            pl.lit(value=True),
            {"child_id": pl.col("child_id") + SECOND_ID},
            seen=pl.col("unique_pupil_number").is_not_null(),
            why_not=ANOTHER_CHILD,
            adds=True,
            copies=True,
        ),
    )


def _of_another_year(whose: Return) -> tuple[Fault, ...]:
    """Codes that the census of the year does not have: factors, reasons for closure and sex, if there are such."""
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
    later_codes = {earlier: code for code, earlier in EARLIER_CODES.items()}
    column, codes_of = ("gender_current", later_codes) if whose.year < SEX_SINCE else ("sex", EARLIER_CODES)
    return (*found, _sex_of_another_year("children", column, codes_of))


def _sex_of_another_year(table: str, column: str, codes: Mapping[str, str]) -> Fault:
    able = pl.col(column).is_in([*codes])
    return Fault("code_of_another_year", table, column, able, {column: pl.col(column).replace(codes)})


def faults_of_care(whose: Return) -> tuple[Fault, ...]:
    """Those of the return on looked-after children, in the order in which they are planted."""
    starts, ends, before = _day_first("DECOM"), _day_first("DEC"), _day_first("_ended_before")
    born, ended, moved = _day_first("DOB"), pl.col("DEC") != "", pl.col("REC") == "X1"
    last_day, first_day = _days(whose)
    sex = {"1": "M", "2": "F"} if whose.year < min(RETURNED_SEX.first_year.values()) else {"M": "1", "F": "2"}
    returned_before = (_swapped(starts) < first_day) & pl.lit(value=not whose.is_first)
    return (
        Fault("end_without_reason", "episodes", "REC", ended, {"REC": EMPTY}),
        Fault("missing_end", "episodes", "DEC", ended, {"DEC": EMPTY}),
        Fault(
            "stale_open_episode",
            "episodes",
            "DEC",
            ended & ~moved,
            {"DEC": EMPTY, "REC": EMPTY, "REASON_PLACE_CHANGE": EMPTY},
            seen=pl.lit(value=False),
            seen_later=pl.lit(value=True),
            why_not=LATER_RETURN_NEEDED,
        ),
        Fault(
            "overlapping_episodes",
            "episodes",
            "DECOM",
            (ends - starts > pl.duration(days=DAYS_APART)) & ~moved,
            {"DECOM": _as_day_first(starts.dt.offset_by(A_FEW_DAYS)), "PLACE": pl.lit("U6")},
            adds=True,
        ),
        Fault(
            "swapped_day_and_month",
            "episodes",
            "DECOM",
            _can_swap(starts),
            {"DECOM": _as_day_first(_swapped(starts))},
            seen=(starts > last_day)
            | (starts > ends)
            | (starts < before)
            | ((starts > before) & (pl.col("RNE") != "S"))
            | returned_before,
            seen_later=~ended,
            why_not=LOOKS_GOOD,
        ),
        Fault("lower_case_code", "episodes", "LS", pl.col("LS") != "", {"LS": _lower("LS")}),
        Fault("unknown_code", "episodes", "PLACE", pl.col("PLACE") != "", {"PLACE": pl.lit("Q9")}),
        Fault(
            "second_open_episode",
            "episodes",
            "DECOM",
            ~ended,
            {"DECOM": _as_day_first(starts.dt.offset_by(f"-{A_FEW_DAYS}")), "PLACE": pl.lit("U6")},
            adds=True,
        ),
        Fault("end_before_start", "episodes", "DEC", ended, {"DEC": _as_day_first(starts.dt.offset_by("-7d"))}),
        Fault("impossible_score", "oc2", "SDQ_SCORE", pl.col("SDQ_SCORE") != "", {"SDQ_SCORE": pl.lit("95")}),
        _sex_of_another_year("header", "SEX", sex),
        Fault("missing_birth_date", "header", "DOB", pl.col("DOB") != "", {"DOB": EMPTY}),
        Fault("child_returned_twice", "header", "CHILD", pl.lit(value=True), {}, adds=True),
        Fault(
            "birth_year_mistyped",
            "header",
            "DOB",
            pl.col("DOB") != "",
            {"DOB": _as_day_first(born.dt.offset_by("20y"))},
            seen=(born > last_day) | pl.col("_born_elsewhere"),
            why_not=LOOKS_GOOD,
        ),
        Fault(
            "child_under_two_ids",
            "header",
            "CHILD",
            pl.lit(value=True),
            {"CHILD": pl.col("CHILD") + SECOND_ID},
            seen=~pl.col("UPN").str.starts_with(NO_PUPIL_NUMBER),
            why_not=ANOTHER_CHILD,
            adds=True,
            copies=True,
        ),
    )


def _days(whose: Return) -> tuple[pl.Expr, pl.Expr]:
    """The last and the first day of a return's year."""
    return pl.lit(year_end(whose.year)).cast(pl.Date), pl.lit(year_start(whose.year)).cast(pl.Date)


def _lower(column: str) -> pl.Expr:
    return pl.col(column).str.to_lowercase()


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
