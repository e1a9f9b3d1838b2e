"""What a return on looked-after children (SSDA903) of one year holds of the histories: its tables, as text.

A return knows only what had happened by its 31 March. It holds the episodes that were open on any day of its year, and
beside them what was recorded of their children, and of young people who left care, in the year.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import polars.selectors as cs

from csc_indicators.synthetic.case_returns import SEX_SINCE
from csc_indicators.synthetic.days import year_end, year_start
from csc_indicators.synthetic.placements import UNKNOWN_MILES
from csc_indicators.synthetic.workforce_returns import registration_number

EARLIER_CODES = {"M": "1", "F": "2", "U": "1"}
WORKERS_SINCE = 2024
NOT_COLLECTED_NEEDS = ("N9", "N0")

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "header": ("CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB"),
    "episodes": ("CHILD", "DECOM", "RNE", "LS", "CIN", "PLACE", "PLACE_PROVIDER", "DEC", "REC", "REASON_PLACE_CHANGE",
                 "HOME_POST", "PL_POST", "URN", "PL_LOCATION", "PL_DISTANCE"),
    "uasc": ("CHILD", "SEX", "DOB", "DUC"),
    "oc2": ("CHILD", "DOB", "SDQ_SCORE", "SDQ_REASON", "CONVICTED", "HEALTH_CHECK", "IMMUNISATIONS", "TEETH_CHECK",
            "HEALTH_ASSESSMENT", "SUBSTANCE_MISUSE", "INTERVENTION_RECEIVED", "INTERVENTION_OFFERED"),
    "oc3": ("CHILD", "DOB", "IN_TOUCH", "ACTIV", "ACCOM"),
    "missing": ("CHILD", "DOB", "MISSING", "MIS_START", "MIS_END"),
    "ad1": ("CHILD", "DOB", "DATE_INT", "DATE_MATCH", "FOSTER_CARE", "NB_ADOPTR", "SEX_ADOPTR", "LS_ADOPTR"),
    "reviews": ("CHILD", "DOB", "REVIEW", "REVIEW_CODE"),
    "sw_episodes": ("CHILD", "DOB", "SW_ID", "SW_DECOM", "SW_DEC", "SW_REASON"),
}  # fmt: skip
"""The tables of the return and their columns, by the names of their files."""


def care_return(histories: Mapping[str, pl.DataFrame], la_code: str, year: int) -> dict[str, pl.DataFrame]:
    """The tables of one authority's return; `histories` holds those of cases and of care."""
    first, last = year_start(year), year_end(year)
    in_year = pl.col("start_date") <= last, pl.col("end_date") >= first
    episodes = histories["care_episodes"].filter(*in_year)
    leavers = histories["care_leavers"].filter(year=year)
    sex = pl.col("sex") if year >= SEX_SINCE else pl.col("sex").replace_strict(EARLIER_CODES)
    who = pl.concat([episodes.select("child"), leavers.select("child")]).unique()
    children = histories["children"].join(who, on="child").sort("child").select(
        "child", "adult_date", "alone", CHILD="child_id", DOB=_date("birth_date"), SEX=sex, ETHNIC="ethnicity",
        UPN=pl.col("unique_pupil_number").fill_null("UN1"),
    )  # fmt: skip
    over = pl.col("end_date") <= last
    number = pl.col("postcode")
    known = pl.col("miles") != UNKNOWN_MILES
    tables = {
        "header": children,
        "episodes": episodes.select(
            "child",
            DECOM=_date("start_date"),
            RNE="reason_for_new_episode",
            LS="legal_status",
            CIN=pl.when(pl.col("primary_need").is_in(NOT_COLLECTED_NEEDS)).then(pl.lit("N8")).otherwise("primary_need"),
            PLACE="placement",
            PLACE_PROVIDER="placement_provider",
            DEC=pl.when(over).then(_date("end_date")),
            REC=pl.when(over).then("reason_ceased"),
            REASON_PLACE_CHANGE=pl.when(over).then("reason_place_change"),
            # Made-up postcodes: no postcode area is called AA or ZZ.
            HOME_POST=pl.format("AA{} 1AA", pl.col("child") % 9 + 1),
            PL_POST=pl.when(known).then(pl.format("ZZ{} {}ZZ", number % 90 + 1, number // 90 + 1)),
            PL_LOCATION=pl.when(known).then(pl.when("outside").then(pl.lit("OUT")).otherwise(pl.lit("IN"))),
            PL_DISTANCE=pl.format("{}.{}", pl.col("miles") // 10, pl.col("miles") % 10),
        ),
        "uasc": children.filter("alone").select(
            "child", DUC=pl.when(pl.col("adult_date") <= last).then(_date("adult_date"))
        ),
        "oc2": histories["outcomes"].filter(year=year).rename(
            {name: name.upper() for name in ("sdq_score", "sdq_reason", "convicted", "health_check", "immunisations",
                                             "teeth_check", "health_assessment", "substance_misuse")}
        ),
        "oc3": leavers.select("child", IN_TOUCH="in_touch", ACTIV="activity", ACCOM="accommodation"),
        "missing": histories["missing"].filter(*in_year).select(
            "child", MISSING="missing_kind", MIS_START=_date("start_date"),
            MIS_END=pl.when(over).then(_date("end_date")),
        ),
        "ad1": histories["adoption"].filter(pl.col("end_date").is_between(first, last)).select(
            "child", DATE_INT=_date("decision_date"), DATE_MATCH=_date("match_date"), FOSTER_CARE=pl.lit(0),
            NB_ADOPTR=pl.lit(2), SEX_ADOPTR=pl.lit("MF"), LS_ADOPTR=pl.lit("L11"),
        ),
        "reviews": histories["care_reviews"].filter(pl.col("review_date").is_between(first, last)).select(
            "child", REVIEW=_date("review_date"), REVIEW_CODE=pl.lit("PN1")
        ),
    }  # fmt: skip
    if year >= WORKERS_SINCE:
        tables["sw_episodes"] = histories["social_workers"].filter(*in_year).select(
            "child",
            SW_ID=registration_number(la_code),
            SW_DECOM=_date("start_date"),
            SW_DEC=pl.when(over).then(_date("end_date")),
            SW_REASON=pl.when(pl.col("start_date") >= year_start(WORKERS_SINCE)).then("reason"),
        )  # fmt: skip
    described = children.select("child", "CHILD", "DOB", "SEX")
    return {name: _text(table, described, COLUMNS[name]) for name, table in tables.items()}


def _date(column: str) -> pl.Expr:
    """Day first, as the return has it."""
    return pl.col(column).cast(pl.Int32).cast(pl.Date).dt.strftime("%d/%m/%Y")


def _text(table: pl.DataFrame, described: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
    held = [column for column in described.columns if column not in table.columns]
    joined = table.join(described.select("child", *held), on="child", maintain_order="left")
    absent = [pl.lit(None, pl.String).alias(column) for column in columns if column not in joined.columns]
    return joined.with_columns(*absent).select(pl.col(columns).cast(pl.String)).with_columns(cs.string().fill_null(""))
