"""Small workforce censuses, written as files: XML of each year, CSV and workbooks."""

from __future__ import annotations

from xml.sax.saxutils import escape

import csc_indicators as csc
from tests.lib.care_files import as_csv, rules, workbook, zipped

__all__ = ["TOTALS", "WORKER", "as_csv", "as_xml", "put", "read", "rules", "totals", "workbook", "worker", "zipped"]

PAY = {"BaseSalary": "41000", "RRPayments": "500", "OtherPayments": "0"}
PAID_BY_AUTHORITY = {
    "RecruitmentBonus": "0",
    "RetentionBonus": "1",
    "PerformanceAward": "0",
    "CarAllowance": "2",
    "RelocationPackage": "0",
    "RegionalWeighting": "0",
    "CostSWE": "1",
    "CostDBS": "1",
    "OtherAllowances": "",
}
WORKER = {
    "AgencyWorker": "0",
    "SWENo": "SW0000000001",
    "FTE": "0.8",
    "PersonBirthDate": "1985-06-01",
    "Sex": "F",
    "Ethnicity": "WBRI",
    "QualLevel": "2",
    "StepUpGrad": "0",
    "FrontlineGrad": "1",
    "OrgRole": "5",
    "RoleStartDate": "2019-05-10",
    "RoleEndDate": "",
    "StartOrigin": "1",
    "LeaverDestination": "",
    "ReasonLeave": "",
    "FTE30": "0.8",
    "Cases30": "16",
    "WorkingDaysLost": "2.5",
    **PAY,
}
"""A sound worker in post, with every item of 2025."""
TOTALS = {"NumberOfVacancies": "1.5", "NoAgencyFTE": "0", "NoAgencyHeadcount": "0", **PAID_BY_AUTHORITY}


def of_year(row, year):
    """A row with the items, and the codes, that the census of a year has."""
    if year < 2025:
        row = {name: cell for name, cell in row.items() if name not in PAY and name not in PAID_BY_AUTHORITY}
    if year < 2024 and "Sex" in row:
        sex = {"F": "2", "M": "1"}.get(row["Sex"], row["Sex"])
        row = {("GenderCurrent" if name == "Sex" else name): (sex if name == "Sex" else c) for name, c in row.items()}
    return row


def worker(year=2025, **cells):
    return of_year(WORKER, year) | cells


def totals(year=2025, **cells):
    return of_year(TOTALS, year) | cells


def element(name, cell):
    """An item, several of a list, and none of an empty one."""
    cells = cell if isinstance(cell, list) else [cell]
    return "".join(f"<{name}>{escape(text)}</{name}>" for text in cells if text)


def as_xml(workers, of_authority=(TOTALS,), year=2025, la_code="302", **header):
    """A census: items of `header` take the place of those of its head, None leaves one out."""
    said = {"Collection": "CSWW", "Year": str(year), "ReferenceDate": f"{year}-09-30", "LEA": la_code} | header
    head = {name: "" if text is None else f"<{name}>{escape(text)}</{name}>" for name, text in said.items()}
    level = "LALevel" if year > 2024 else "LALevelVacancies"
    rows = [f"<{level}>{''.join(element(*item) for item in row.items())}</{level}>" for row in of_authority]
    rows += [f"<CSWWWorker>{''.join(element(*item) for item in row.items())}</CSWWWorker>" for row in workers]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Message>\n<Header>'
        f"<CollectionDetails>{head['Collection']}{head['Year']}{head['ReferenceDate']}</CollectionDetails>"
        f"<Source><SourceLevel>L</SourceLevel>{head['LEA']}<SoftwareCode>x</SoftwareCode></Source></Header>\n"
        + "\n".join(rows)
        + "\n</Message>\n"
    )


def put(root, name, content, folder="302/2025"):
    """A file of a census under a root."""
    file = root / folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def read(root, workers, of_authority=None, year=2025):
    """The validated tables of a census of 302 in CSV."""
    folder = f"302/{year}"
    put(root, "workers.csv", as_csv(list(workers)), folder)
    put(root, "authority.csv", as_csv([totals(year)] if of_authority is None else list(of_authority)), folder)
    return csc.read_workforce(root)
