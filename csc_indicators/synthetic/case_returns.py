"""What a CIN census of one year holds of the histories: the tables of a return, as text, in the census's own terms.

A return knows only what had happened by its 31 March, and holds the cases that were open on any day of its year with
what was done on them in that year. Everything here is what a case system does with what it knows: the reader of returns
shares no code with it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
import polars.selectors as cs

from csc_indicators.synthetic.days import after_working_days, year_end, year_start
from csc_indicators.synthetic.people import Children

SEX_SINCE = 2025
"""The year from which returns say sex; before they said gender, in other codes."""
EARLIER_CODES = {"M": "1", "F": "2", "U": "0"}
CONFERENCE_DUE = 15
"""Working days from an enquiry to the day by which its conference is due."""
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "children": (
        "unique_pupil_number",
        "unique_pupil_number_unknown",
        "birth_date",
        "expected_birth_date",
        "gender_current",
        "sex",
        "death_date",
        "ethnicity",
    ),
    "disabilities": ("disability",),
    "episodes": (
        "episode",
        "referral_date",
        "referral_source",
        "primary_need",
        "closure_date",
        "closure_reason",
        "initial_conference_date",
        "no_further_action",
    ),
    "assessments": ("episode", "assessment", "start_date", "authorisation_date"),
    "assessment_factors": ("episode", "assessment", "factor"),
    "child_in_need_plans": ("episode", "start_date", "end_date"),
    "section_47_enquiries": (
        "episode",
        "start_date",
        "conference_target_date",
        "initial_conference_date",
        "conference_not_required",
    ),
    "child_protection_plans": (
        "episode",
        "plan",
        "start_date",
        "end_date",
        "initial_category_of_abuse",
        "latest_category_of_abuse",
        "number_of_previous_plans",
    ),
    "reviews": ("episode", "plan", "review_date"),
}
"""The columns of each table, after those that say whose a row is."""


def census(
    children: Children, histories: Mapping[str, pl.DataFrame], la_code: str, year: int
) -> dict[str, pl.DataFrame]:
    """The tables of one return. Each row says by `la_code, reference_date, child_id, episode, ...` whose it is."""
    first, last = year_start(year), year_end(year)
    cases = histories["cases"].filter(pl.col("referral_date") <= last, pl.col("closure_date") >= first)
    # Systems number a child's cases of a return from 1.
    cases = cases.with_columns(episode=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("child"))
    numbers = cases.select("child", "case", "episode")

    def of_year(table: str, ends: str, *more: str) -> pl.DataFrame:
        """What began by the end of the year and did not end before it."""
        rows = histories[table].filter(pl.col("start_date") <= last, pl.col(ends) >= first)
        return rows.join(numbers, on=["child", "case"], maintain_order="left").sort(
            "child", "episode", "start_date", *more
        )

    assessments = of_year("assessments", "authorisation_date")
    numbered = pl.int_range(1, pl.len() + 1).over("child", "episode")
    assessments = assessments.with_columns(assessment=numbered)
    plans = of_year("plans", "end_date").with_columns(plan=numbered)
    reviews = histories["reviews"].filter(pl.col("review_date").is_between(first, last))
    reviewed = histories["reviews"].filter(pl.col("review_date") <= last).select("child", "start_date").unique()
    factors = histories["assessment_factors"].filter(pl.col("authorisation_date") <= last)
    enquiries = histories["enquiries"].with_columns(done=pl.coalesce("conference_date", "start_date"))
    enquiries = enquiries.filter(pl.col("start_date") <= last, pl.col("done") >= first)
    tables = {
        "children": _children(children, cases, year),
        "disabilities": children.disabilities.join(cases.select("child").unique(), on="child", how="semi"),
        "episodes": cases.with_columns(
            initial_conference_date=pl.col("transfer_conference_date").pipe(_between, first, last),
            closure_reason=pl.when(~pl.col("no_further_action"), pl.col("closure_date") <= last).then("closure_reason"),
            closure_date=pl.when(~pl.col("no_further_action")).then("closure_date").pipe(_by, last),
        ),
        "assessments": assessments.with_columns(pl.col("authorisation_date").pipe(_by, last)),
        "assessment_factors": factors.join(
            assessments.select("child", "case", "start_date", "episode", "assessment"),
            on=["child", "case", "start_date"],
        ).sort("child", "episode", "assessment", "factor"),
        "child_in_need_plans": of_year("child_in_need_plans", "end_date").with_columns(
            pl.col("end_date").pipe(_by, last)
        ),
        "section_47_enquiries": _enquiries(enquiries.join(numbers, on=["child", "case"]), last),
        "child_protection_plans": plans.join(
            reviewed.with_columns(reviewed=pl.lit(value=True)),
            on=["child", "start_date"],
            how="left",
            maintain_order="left",
        ).with_columns(
            pl.col("end_date").pipe(_by, last),
            initial_category_of_abuse="initial_category",
            latest_category_of_abuse=pl.when("reviewed").then("latest_category").otherwise("initial_category"),
            number_of_previous_plans="previous_plans",
        ),
        "reviews": reviews.join(
            plans.select("child", "case", "start_date", "episode", "plan"), on=["child", "case", "start_date"]
        ).sort("child", "episode", "plan", "review_date"),
    }
    ids = children.described.select(pl.col("child").cast(pl.Int32), "child_id")
    return {
        name: _text(rows.select(pl.exclude("child_id")), ids, la_code, last, COLUMNS[name])
        for name, rows in tables.items()
    }


def _children(children: Children, cases: pl.DataFrame, year: int) -> pl.DataFrame:
    """Whose cases are in the return; one not yet born, or never heard of after its birth, has an expected date."""
    last = year_end(year)
    heard = cases.group_by("child").agg(
        heard_of=pl.min_horizontal(pl.col("closure_date").max(), last),
        without_action=pl.col("no_further_action").all(),
        death_date=pl.col("closure_date").filter(pl.col("closure_reason") == "RC2").first(),
    )
    unborn = pl.col("expected_birth_date").is_not_null() & (pl.col("birth_date") > pl.col("heard_of"))
    sex = pl.when(unborn).then(pl.lit("U")).otherwise("sex")
    described = children.described.with_columns(pl.col("child").cast(pl.Int32))
    return (
        described.join(heard, on="child")
        .sort("child")
        .select(
            "child",
            "child_id",
            "unique_pupil_number",
            unique_pupil_number_unknown=pl.when(pl.col("unique_pupil_number").is_null()).then(
                pl.when("without_action").then(pl.lit("UN7")).otherwise(pl.lit("UN1"))
            ),
            birth_date=pl.when(~unborn).then("birth_date"),
            expected_birth_date=pl.when(unborn).then("expected_birth_date"),
            gender_current=sex.replace_strict(EARLIER_CODES) if year < SEX_SINCE else None,
            sex=sex if year >= SEX_SINCE else None,
            death_date=pl.col("death_date").pipe(_by, last),
            ethnicity=pl.when(unborn).then(pl.lit("NOBT")).otherwise("ethnicity"),
        )
    )


def _enquiries(enquiries: pl.DataFrame, last: int) -> pl.DataFrame:
    """With the day by which a conference is due, where there will be one; else a conference was not required."""
    enquiries = enquiries.sort("child", "episode", "start_date")
    starts = enquiries["start_date"].to_numpy().astype(np.int64)
    due = pl.Series(after_working_days(starts, np.full(starts.size, CONFERENCE_DUE)), dtype=pl.Int32)
    held = pl.col("conference_date").is_not_null()
    return enquiries.with_columns(
        conference_target_date=pl.when(held).then(due),
        initial_conference_date=pl.col("conference_date").pipe(_by, last),
        conference_not_required=~held,
    )


def _by(date: pl.Expr, last: int) -> pl.Expr:
    """The date of what had happened by then."""
    return pl.when(date <= last).then(date)


def _between(date: pl.Expr, first: int, last: int) -> pl.Expr:
    return pl.when(date.is_between(first, last)).then(date)


def _text(rows: pl.DataFrame, ids: pl.DataFrame, la_code: str, last: int, columns: tuple[str, ...]) -> pl.DataFrame:
    """The columns of a table as text: dates as the census writes them, flags as 1 and 0."""
    dates = [column for column in columns if column.endswith("_date") and column in rows.columns]
    return (
        rows.join(ids, on="child", maintain_order="left")
        .with_columns(pl.col(dates).cast(pl.Date).dt.strftime("%Y-%m-%d"))
        .with_columns(cs.boolean().cast(pl.Int8))
        .select(
            pl.lit(la_code).alias("la_code"),
            pl.lit(last).cast(pl.Date).dt.strftime("%Y-%m-%d").alias("reference_date"),
            "child_id",
            pl.col(columns).cast(pl.String),
        )
    )
