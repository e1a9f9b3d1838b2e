"""The true figures of the workforce, from the posts and who held them, before any census is written.

As in `truth_cases`: each function is its definition once more, in the published reading. A year is that of a census,
from 1 October to 30 September. What was not recorded is not recorded in the histories, so that the truth leaves it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from csc_indicators.synthetic.days import after_months, workforce_day
from csc_indicators.synthetic.truth_cases import Figure, Histories, Year
from csc_indicators.synthetic.workforce import FULL_TIME
from csc_indicators.synthetic.workforce_records import census_years

WORKING_DAYS, DAYS_OF_A_COMMON_YEAR = 253, 365
SERVICE_MONTHS = 24
RETAINED_AFTER = 2
WHITE = ("WBRI", "WIRI", "WIRT", "WROM", "WOTH")
NOT_KNOWN = ("REFU", "NOBT")
EMPLOYED = ~pl.col("is_agency")


def _census(h: Histories, year: Year, *, back: int = 0) -> pl.DataFrame:
    """The records of a census, with the person."""
    person = h["staff"].select("worker", "ethnicity")
    return h["staff_records"].filter(year=year.number - back).join(person, on="worker", how="left")


def _in_post(h: Histories, year: Year, *, back: int = 0) -> pl.DataFrame:
    """Social workers whom the authority employs on the day of the census."""
    return _census(h, year, back=back).filter(EMPLOYED, ~pl.col("left"))


def _posts(rows: pl.DataFrame, column: str = "share") -> float:
    """Full-time equivalents."""
    return int(rows[column].sum()) / FULL_TIME


def _totals(h: Histories, year: Year) -> pl.DataFrame:
    return h["staff_totals"].filter(year=year.number)


def social_worker_turnover(h: Histories, year: Year) -> Figure:
    """Full-time equivalents that left in the year and had begun before it, over those in post at its end."""
    began_before = (pl.col("start_date") < year.first).fill_null(value=True)
    left = _census(h, year).filter(EMPLOYED, "left", began_before)
    return _posts(left), _posts(_in_post(h, year))


def agency_rate(h: Histories, year: Year) -> Figure:
    """Full-time equivalents of agency workers, of theirs and of those in post."""
    there = _census(h, year).filter(~pl.col("left"))
    return _posts(there.filter("is_agency")), _posts(there)


def vacancy_rate(h: Histories, year: Year) -> Figure:
    """Full-time equivalents of the posts that nobody is employed in, of theirs and of those in post."""
    vacant = _posts(_totals(h, year), "vacant")
    return vacant, vacant + _posts(_in_post(h, year))


def caseload(h: Histories, year: Year) -> Figure:
    """Cases held, over the full-time equivalents on the day of those who hold any."""
    holders = _census(h, year).filter(~pl.col("left"), pl.col("cases") > 0, pl.col("share_on_day") > 0)
    return int(holders["cases"].sum()), _posts(holders, "share_on_day")


def sickness_absence(h: Histories, year: Year) -> Figure:
    """Days lost by those in post, of the working days of the year that they could have worked."""
    there = _in_post(h, year).filter(pl.col("share").is_not_null())
    # A leap year has a working day more.
    more = year.last - year.first + 1 - DAYS_OF_A_COMMON_YEAR
    return int(there["half_days_lost"].sum()) / 2, _posts(there) * (WORKING_DAYS + more)


def social_worker_tenure(h: Histories, year: Year) -> Figure:
    """Full-time equivalents in post for two years and more, of those whose start is recorded."""
    known = _in_post(h, year).filter(pl.col("start_date").is_not_null())
    anniversary = pl.Series(after_months(known["start_date"].cast(pl.Int64).to_numpy(), SERVICE_MONTHS))
    return _posts(known.filter(anniversary <= year.last)), _posts(known)


def social_worker_retention(h: Histories, year: Year) -> Figure:
    """Of the social workers in post two years before, those still in post."""
    then, now = _in_post(h, year, back=RETAINED_AFTER), _in_post(h, year)
    return then.join(now, on="worker", how="semi").height, then.height


def workforce_ethnicity(h: Histories, year: Year) -> Figure:
    """Social workers of minority ethnic groups, of those in post whose ethnicity is known."""
    known = _in_post(h, year).filter(~pl.col("ethnicity").is_in(NOT_KNOWN))
    return known.filter(~pl.col("ethnicity").is_in(WHITE)).height, known.height


def agency_assignment_length(h: Histories, year: Year) -> Figure:
    """Days since agency workers began, over those whose start is recorded."""
    known = _census(h, year).filter("is_agency", ~pl.col("left"), pl.col("start_date").is_not_null())
    return int((year.last - known["start_date"]).sum()), known.height


def agency_pay_ratio(h: Histories, year: Year) -> Figure:
    """Each agency worker's full-time pay over the mean of the authority's own in the role, added up."""
    paid = (
        _census(h, year)
        .filter(~pl.col("left"), pl.col("role").is_not_null(), pl.col("base_salary") > 0, pl.col("share") > 0)
        .with_columns(pay=pl.col("base_salary") * FULL_TIME / pl.col("share"))
    )
    own = paid.filter(EMPLOYED).group_by("role").agg(own=pl.col("pay").mean())
    compared = paid.filter("is_agency").join(own, on="role")
    return float((compared["pay"] / compared["own"]).sum()), compared.height


def workforce_years(years: range) -> list[Year]:
    """Years to their 30 September, of those that have a census."""
    numbers = census_years(years)
    return [
        Year(workforce_day(year - 1) + 1, workforce_day(year), workforce_day(numbers[-1]), year) for year in numbers
    ]


WORKFORCE_TRUTHS: Mapping[str, Callable[[Histories, Year], Figure]] = {
    truth.__name__: truth
    for truth in (
        social_worker_turnover,
        agency_rate,
        vacancy_rate,
        caseload,
        sickness_absence,
        social_worker_tenure,
        social_worker_retention,
        workforce_ethnicity,
        agency_assignment_length,
        agency_pay_ratio,
    )
}
"""What is known of the workforce, by the id of the indicator."""
