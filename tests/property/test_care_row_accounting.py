"""Hostile returns on looked-after children: no row is lost, no error is raised, and nothing of a row is told."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import csc_indicators as csc
from csc_indicators.catalogue import catalogue
from csc_indicators.errors import NothingComputed, UnreadableFile
from csc_indicators.periods import years
from tests.lib.care_files import EPISODE, HEADER, write_return

CANARY = "ZQ81CANARY"
INDICATORS = [name for name, spec in catalogue().indicators.items() if spec.collection == "ssda903"]

ids = st.sampled_from(("A1", "A2", "A3", "", " ", CANARY))
days = st.one_of(
    st.dates(dt.date(2019, 1, 1), dt.date(2026, 12, 31)).map(lambda day: day.strftime("%d/%m/%Y")),
    st.dates(dt.date(2023, 3, 29), dt.date(2025, 4, 2)).map(dt.date.isoformat),
    st.sampled_from(("", "", "29/02/2023", "31/03/24", "00/00/0000", "zz/05/2020", CANARY, "9999999999", "=1+1")),
)
codes = st.sampled_from(
    ("", "S", "P", "L", "T", "U", "B", "C1", "c2 ", "V2", "V3", "V4", "E1", "U1", "U4", "A5", "K2", "T1", "P1",
     "H5", "Z1", "X1", "E4A", "E11", "E45", "N1", "PR1", "IN", "OUT", "0", "1", "2", "F", "M", "999.9", "-1",
     "1e9", "nan", CANARY)
)  # fmt: skip
DATED = ("DECOM", "DEC", "DOB", "MC_DOB", "DUC", "MIS_START", "MIS_END", "SW_DECOM", "SW_DEC", "DATE_INT", "DATE_MATCH")


def cells_of(names):
    """Any cell holding anything, by heading."""
    return {name: ids if name == "CHILD" else days if name in DATED else codes for name in names}


def rows_of(names, most):
    return st.lists(st.fixed_dictionaries(cells_of(names)), max_size=most)


returns = st.fixed_dictionaries(
    {
        "episodes": st.lists(
            st.fixed_dictionaries(
                {name: ids if name == "CHILD" else days if name in DATED else codes for name in EPISODE}
            ),
            min_size=1,
            max_size=12,
        ),
        "headers": rows_of((*HEADER, CANARY), 4),
        "uasc": rows_of(("CHILD", "SEX", "DOB", "DUC"), 3),
        "oc2": rows_of(("CHILD", "DOB", "SDQ_SCORE", "CONVICTED", "IMMUNISATIONS", "TEETH_CHECK"), 3),
        "oc3": rows_of(("CHILD", "DOB", "IN_TOUCH", "ACTIV", "ACCOM"), 4),
        "missing": rows_of(("CHILD", "DOB", "MISSING", "MIS_START", "MIS_END"), 3),
        "ad1": rows_of(("CHILD", "DOB", "DATE_INT", "DATE_MATCH", "FOSTER_CARE"), 2),
        "sw": rows_of(("CHILD", "DOB", "SW_ID", "SW_DECOM", "SW_DEC"), 3),
    }
)


@settings(max_examples=max(10, settings().max_examples // 4))
@given(one=returns, two=returns)
def test_a_hostile_return_is_read_accounted_for_and_computed(one, two):
    with tempfile.TemporaryDirectory() as folder:
        for year, tables in ((2024, one), (2025, two)):
            write_return(Path(folder) / "302" / str(year), **tables)
        try:
            extracts = csc.load(folder)
        except UnreadableFile as refused:
            pytest.fail(f"refused: {refused}")
        written = {
            name: sum(len(tables[name]) for tables in (one, two))
            for name in ("episodes", "oc2", "oc3", "missing", "sw")
        }
    known = {"oc2": "outcomes", "oc3": "care_leavers", "sw": "social_workers"}
    accounts = {account.table.removeprefix("ssda903."): account for account in extracts.accounts}
    for name, count in written.items():
        account = accounts[known.get(name, name)]
        assert account.read == count
        assert account.kept + sum(account.rejected.values()) + account.superseded == count
    if sum(accounts["episodes"].rejected.values()):
        assert any(finding.severity == "rejected" for finding in extracts.findings)
    told = " ".join(str(finding) for finding in extracts.findings)
    # A heading is no cell of a row; it is shown without what no heading has.
    assert CANARY not in told.replace(f"column='{CANARY}'", "")
    if extracts.ssda903 is None or extracts.ssda903.coverage.is_empty():
        return
    try:
        figures = csc.compute(extracts, INDICATORS, periods=years(2024, 2025), internal=True).frame
    except NothingComputed:
        return
    assert set(figures["indicator"].unique()) == set(INDICATORS)
    shares = figures.filter(figures["denominator"].is_not_null())
    assert (shares["numerator"] >= 0).all()
