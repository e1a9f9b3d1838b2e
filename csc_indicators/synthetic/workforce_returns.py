"""The workforce census of an authority as the XML file that is returned for a 30 September."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from csc_indicators.synthetic.case_documents import Elements, around, leaves
from csc_indicators.synthetic.workforce_records import PAY_SINCE

SEX_SINCE = 2024
GENDER = {"F": "2", "M": "1"}
NOBODY_IS_PAID = "0"

WORKER: Elements = (
    ("AgencyWorker", "agency"),
    ("SWENo", "number"),
    ("FTE", "share"),
    ("PersonBirthDate", "birth_date"),
    ("GenderCurrent", "gender_current"),
    ("Sex", "sex"),
    ("Ethnicity", "ethnicity"),
    ("QualLevel", "qualification_level"),
    ("StepUpGrad", "step_up"),
    ("FrontlineGrad", "frontline"),
    ("OrgRole", "role"),
    ("RoleStartDate", "start_date"),
    ("RoleEndDate", "end_date"),
    ("StartOrigin", "worker_origin"),
    ("LeaverDestination", "worker_destination"),
    ("ReasonLeave", "leaving_reason"),
    ("FTE30", "share_on_day"),
    ("Cases30", "cases"),
    ("WorkingDaysLost", "days_lost"),
    ("ContractWeeks", "weeks"),
    ("Absat30Sept", "is_absent"),
    ("ReasonAbsence", "absence_reason"),
    ("BaseSalary", "base_salary"),
    ("RRPayments", "retention"),
)
TOTALS: Elements = (
    ("NumberOfVacancies", "vacant"),
    ("NoAgencyFTE", "agency_share"),
    ("NoAgencyHeadcount", "agency_number"),
)
PAID_BY_AUTHORITY = (
    "RecruitmentBonus", "RetentionBonus", "PerformanceAward", "CarAllowance", "RelocationPackage", "RegionalWeighting",
    "CostSWE", "CostDBS",
)  # fmt: skip


def registration_number(la_code: str) -> pl.Expr:
    """The number of a made-up social worker: two letters and digits, those of the authority first."""
    return pl.lit(f"SW{la_code}") + pl.col("worker").cast(pl.String).str.zfill(6)


def workforce_document(histories: Mapping[str, pl.DataFrame], la_code: str, year: int) -> bytes:
    """The file of one authority's census of one year: an item that is not recorded is left out."""
    records = histories["staff_records"].filter(year=year)
    person = histories["staff"].drop("post", "is_agency", "start_date", "end_date")
    rows = records.join(person, on="worker", how="left", maintain_order="left")
    own_sex = pl.col("sex") if year >= SEX_SINCE else pl.lit(None, pl.String)
    gender = pl.lit(None, pl.String) if year >= SEX_SINCE else pl.col("sex").replace_strict(GENDER)
    left = pl.col("left")
    cells = rows.select(
        *(column for column in ("role", "ethnicity", "qualification_level", "worker_origin", "absence_reason")),
        *(pl.when(left).then(column).alias(column) for column in ("worker_destination", "leaving_reason")),
        *(pl.col(column).cast(pl.String) for column in ("cases", "weeks", "base_salary", "retention")),
        number=registration_number(la_code),
        agency=_flag("is_agency"),
        share=_hundredths("share"),
        share_on_day=_hundredths("share_on_day"),
        birth_date=_date("birth_date"),
        start_date=_date("start_date"),
        end_date=pl.when(left).then(_date("end_date")),
        sex=own_sex,
        gender_current=gender,
        step_up=_flag("is_step_up_graduate"),
        frontline=_flag("is_frontline_graduate"),
        days_lost=pl.format("{}.{}", pl.col("half_days_lost") // 2, pl.col("half_days_lost") % 2 * 5),
        is_absent=_flag("is_absent"),
    )
    totals = histories["staff_totals"].filter(year=year).select(
        vacant=_hundredths("vacant"),
        agency_share=_hundredths("agency_share"),
        agency_number=pl.col("agency_number").cast(pl.String),
    )  # fmt: skip
    asks_for_pay = year >= PAY_SINCE
    paid = "".join(f"<{item}>{NOBODY_IS_PAID}</{item}>" for item in PAID_BY_AUTHORITY) if asks_for_pay else ""
    level = around("LALevel" if asks_for_pay else "LALevelVacancies", *leaves(TOTALS), pl.lit(paid))
    lines = [
        _header(la_code, year),
        totals.select(level.alias("line"))["line"].item(),
        *cells.select(around("CSWWWorker", *leaves(WORKER)).alias("line"))["line"],
        "</Message>",
        "",
    ]
    return "\n".join(lines).encode()


def _header(la_code: str, year: int) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Message>\n<Header><CollectionDetails><Collection>CSWW</Collection>'
        f"<Year>{year}</Year><ReferenceDate>{year}-09-30</ReferenceDate></CollectionDetails>"
        f"<Source><SourceLevel>L</SourceLevel><LEA>{la_code}</LEA><SoftwareCode>Synthetic</SoftwareCode>"
        f"<Release>1</Release><SerialNo>001</SerialNo><DateTime>{year}-11-20T09:00:00</DateTime></Source></Header>"
    )


def _flag(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Int8).cast(pl.String)


def _hundredths(column: str) -> pl.Expr:
    """A number of hundredths as it is written, such as 0.80."""
    whole, rest = pl.col(column) // 100, pl.col(column) % 100
    return pl.format("{}.{}", whole, rest.cast(pl.String).str.zfill(2))


def _date(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Int32).cast(pl.Date).dt.strftime("%Y-%m-%d")
