"""What is recorded of each social worker for the census of a year, on its 30 September."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from csc_indicators.synthetic.allocations import cases_held
from csc_indicators.synthetic.days import workforce_day
from csc_indicators.synthetic.draws import Draws, Whole
from csc_indicators.synthetic.rates import rates, weights
from csc_indicators.synthetic.workforce import FULL_TIME

FIRST_CENSUS, PAY_SINCE = 2021, 2025
"""The first census whose items the package knows, and the first that asks for pay."""
LOOKS_BACK = 2
YEARS_OF_A_WORKER = 64


def census_years(years: range) -> range:
    """Those of some years that have a census."""
    return range(max(years.start, FIRST_CENSUS), max(years.stop, FIRST_CENSUS))


def recorded_years(years: range) -> range:
    """The years of which records are made: those with a census, and so many before as retention looks back."""
    with_census = census_years(years)
    return range(with_census.start - LOOKS_BACK, with_census.stop) if with_census else with_census


def workforce_records(
    draws: Draws, workforce: Mapping[str, pl.DataFrame], allocations: pl.DataFrame, years: range
) -> dict[str, pl.DataFrame]:
    """By table: `staff_records`, a row for each worker of a census, and `staff_totals`, a row for each census.

    What is null is not recorded: `share`, the full-time equivalent in hundredths, that on the day of the census, the
    role, its start, the cases held, the half days lost, and the pay.
    """
    records: list[pl.DataFrame] = []
    totals: list[pl.DataFrame] = []
    for year in recorded_years(years):
        record = _records(draws, workforce, allocations, year)
        records.append(record)
        totals.append(_totals(workforce, record, year))
    return {"staff_records": pl.concat(records), "staff_totals": pl.concat(totals)} if records else {}


def _records(draws: Draws, workforce: Mapping[str, pl.DataFrame], allocations: pl.DataFrame, year: int) -> pl.DataFrame:
    """Who was in post on the day, or left in the year to it."""
    rate, day, first = rates()["staff"], workforce_day(year), workforce_day(year - 1) + 1
    staff = workforce["staff"].filter(pl.col("start_date") <= day, pl.col("end_date") >= first)
    held = cases_held(allocations, workforce["staff"], day)
    rows = staff.join(workforce["posts"], on="post", how="left", maintain_order="left").join(
        held, on="worker", how="left", maintain_order="left"
    )
    key = rows["worker"].to_numpy().astype(np.int64) * YEARS_OF_A_WORKER + year - 2000
    left = (pl.col("end_date") <= day).alias("left")
    rows = rows.with_columns(left, cases=pl.when(~left).then(pl.col("cases").fill_null(0)))
    shares = rows["share"].to_numpy()
    nothing = rows["left"].to_numpy() & draws.happens("leaves with nothing", key, rate["leaves_with_nothing"])
    employed = ~rows["is_agency"].to_numpy()
    absent = ~rows["left"].to_numpy() & employed & draws.happens("absent", key, rate["absent"])
    reasons, of_reason = weights("staff", "absence")
    days = draws.of_spans("days lost", key, rate["days_lost"]) * shares // FULL_TIME
    counted = employed & ~draws.happens("days lost not recorded", key, rate["days_lost_not_recorded"])
    weeks = draws.of_spans("assignment weeks", key, rate["assignment_weeks"])

    def recorded(name: str, values: pl.Series | Whole) -> pl.Series:
        """A column of which a few cells are not recorded."""
        known = ~draws.happens(f"{name} not recorded", key, rate["not_recorded"])
        return pl.Series(name, values).set(pl.Series(~known), None)

    return rows.select("worker", "post", "is_agency", "left", "end_date", "cases").with_columns(
        recorded("share", np.where(nothing, 0, shares)),
        recorded("share_on_day", shares).set(rows["left"], None),
        recorded("role", rows["role"]),
        recorded("start_date", rows["start_date"]),
        half_days_lost=pl.Series(days).set(pl.Series(~counted), None),
        is_absent=pl.Series(absent).set(rows["left"], None),
        absence_reason=pl.Series(np.asarray(reasons)[draws.chosen("absence", key, of_reason)]).set(
            pl.Series(~absent), None
        ),
        weeks=pl.Series(weeks).set(pl.Series(employed), None),
        year=pl.lit(year, pl.Int32),
        **_pay(draws, rows, key, year),
    )


def _pay(draws: Draws, rows: pl.DataFrame, key: Whole, year: int) -> dict[str, pl.Series]:
    """Base salary and other payments, for the part of a post that is worked; asked for from some census on."""
    rate = rates()["staff"]
    agency = rows["is_agency"].to_numpy()
    varies = draws.of_spans("pay", key, rate["pay_varies"]) * int(rate["pay_step"])
    of_role = pl.col("role").replace_strict(rate["pay"], return_dtype=pl.Int64) + pl.Series(varies)
    full = pl.when("is_agency").then(of_role * int(rate["agency_pay"]) // 1000).otherwise(of_role)
    base = rows.select(base_salary=full * pl.col("share") // FULL_TIME)["base_salary"]
    forgets = draws.happens("pay not recorded", key, int(rate["not_recorded"]))
    unknown = agency & draws.happens("agency pay not recorded", key, int(rate["agency_pay_not_recorded"]))
    not_told = pl.Series(forgets | unknown | (year < PAY_SINCE))
    paid = ~agency & draws.happens("retention paid", key, rate["retention_paid"])
    payment = draws.of_spans("retention", key, rate["retention_payment"]) * int(rate["pay_step"])
    return {
        "base_salary": base.set(not_told, None),
        "retention": pl.Series(np.where(paid, payment, 0)).set(not_told, None),
    }


def _totals(workforce: Mapping[str, pl.DataFrame], records: pl.DataFrame, year: int) -> pl.DataFrame:
    """What the authority says of itself: its vacancies, and its agency workers, in hundredths of a post."""
    day = workforce_day(year)
    on_the_day = (pl.col("start_date") <= day) & (pl.col("end_date") > day)
    filled = workforce["staff"].filter(on_the_day, ~pl.col("is_agency"))
    vacant = workforce["posts"].join(filled, on="post", how="anti")["share"].sum()
    agency = records.filter("is_agency", ~pl.col("left")).join(
        workforce["posts"].select("post", whole="share"), on="post"
    )
    return pl.DataFrame(
        {"year": [year], "vacant": [vacant], "agency_share": [agency["whole"].sum()], "agency_number": [agency.height]}
    ).cast(pl.Int32)
