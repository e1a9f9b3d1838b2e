"""A census says the same in every form: XML, CSV, a workbook and an archive of the same workers agree."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

import csc_indicators as csc
from tests.lib.workforce_files import TOTALS, WORKER, as_csv, as_xml, put, workbook, zipped

ITEMS = {
    "QualInst": ("University of A", "B, & Co <x>"),
    "ContractWeeks": ("4.5", "12"),
    "Absat30Sept": ("0", "1"),
    "ReasonAbsence": ("SIC", "MAT", "no such"),
}
CELLS = {
    "AgencyWorker": ("0", "1", "true", "x"),
    "FTE": ("1", "0.5", "0.333333", "37"),
    "Sex": ("F", "M", "m", "2"),
    "Ethnicity": ("WBRI", "MWBC", "WIRT"),
    "OrgRole": ("1", "5", "7"),
    "RoleStartDate": ("2019-05-10", "10/05/2019", "2025-10-01", "05/25/2019"),
    "RoleEndDate": ("", "2025-01-31", "30/09/2025"),
    "Cases30": ("0", "16", "-1", "1.5"),
    "WorkingDaysLost": ("", "2.5", "400"),
    "BaseSalary": ("41000", "40,999"),
    "QualLevel": ("1", "9"),
}


@st.composite
def workers(draw):
    """A few workers, any item of which may be wrong or missing, and what they have several of."""
    made = []
    for number in range(draw(st.integers(1, 4))):
        cells = {name: draw(st.sampled_from((*values, ""))) for name, values in CELLS.items()}
        several = {name: draw(st.lists(st.sampled_from(values), max_size=3)) for name, values in ITEMS.items()}
        made.append(WORKER | {"SWENo": f"SW{number % 3}"} | cells | several)
    return made


def in_one_cell(row):
    return {name: ";".join(cell) if isinstance(cell, list) else cell for name, cell in row.items()}


def shown(root):
    """What was read, without the names of files; rows of the files of one form are numbered alike."""
    tables = csc.read_workforce(root)
    return (
        [tables.table(name).drop("source_file").rows() for name in ("workers", "authority_totals", "worker_items")],
        [(each.table, each.read, each.kept, each.rejected, each.superseded) for each in tables.accounts],
        sorted(
            (each.rule, each.table, each.column, each.row_numbers) for each in tables.findings if each.stage == "tables"
        ),
    )


@settings(max_examples=max(10, settings().max_examples // 4))
@given(workers=workers(), vacancies=st.sampled_from(("0", "1.5", "", "-1", "x")))
def test_the_forms_of_a_census_give_the_same_tables(workers, vacancies):
    flat, of_authority = [in_one_cell(row) for row in workers], [TOTALS | {"NumberOfVacancies": vacancies}]
    xml = as_xml(workers, of_authority)
    forms = {
        "xml": {"w.xml": xml},
        "csv": {"w.csv": as_csv(flat), "a.csv": as_csv(of_authority)},
        "sheets": {"w.xlsx": workbook({"Workers": flat, "Authority": of_authority})},
        "zip of xml": {"w.zip": zipped({"w.xml": xml})},
        "zip of csv": {"w.zip": zipped({"1.csv": as_csv(flat), "2.csv": as_csv(of_authority)})},
    }
    with tempfile.TemporaryDirectory() as folder:
        for form, files in forms.items():
            for name, content in files.items():
                put(Path(folder) / form, name, content)
        first, *others = (shown(Path(folder) / form) for form in forms)
    for other in others:
        assert other == first
