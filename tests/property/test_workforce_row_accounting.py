"""Hostile workforce censuses: no row is lost, no error of the package is raised, and nothing of a row is told."""

from __future__ import annotations

import tempfile
import traceback
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

import csc_indicators as csc
from csc_indicators.catalogue import catalogue
from csc_indicators.errors import CscError, NothingComputed
from csc_indicators.extracts.raw_workforce import ITEMS, TOTALS, WORKERS
from tests.lib.workforce_files import WORKER, as_csv, as_xml, put, totals

CANARY = "ZQ81CANARY"
INDICATORS = [name for name, spec in catalogue().indicators.items() if spec.collection == "workforce"]
YEARS = (2023, 2024, 2025)
SEVERAL = ("QualInst", "ContractWeeks", "Absat30Sept", "ReasonAbsence", "CFKSSstatus")
NUMBERS = ("FTE", "FTE30", "Cases30", "BaseSalary", "RRPayments", "OtherPayments")
DATED = ("PersonBirthDate", "RoleStartDate", "RoleEndDate")

ids = st.sampled_from(("SW1", "SW2", "SW3", " sw 1", "S\u00e9 4", "", CANARY))
flags = st.sampled_from(("0", "0", "0", "1", "1", "true", "FALSE", "", "2", CANARY))
days = st.sampled_from(
    ("", "", "", "2019-05-10", "10/05/2020", "2024-09-30", "2024-10-01", "30/09/2025", "2025-10-01", "29/02/2024",
     "29/02/2023", "05/25/2021", "05/06/2021", "31/03/24", "00/00/0000", "9999-99-99", "1899-12-31", "=1+1", CANARY)
)  # fmt: skip
numbers = st.sampled_from(
    ("", "0", "1", "0.5", "0.333333", "1.000001", "37", "16", "-1", "-0", "1e308", "1e999", "nan", "inf", "2147483648",
     "0,5", "1 000", "\u0661", CANARY)
)  # fmt: skip
# More days lost than could be worked is a share above one, which nothing is computed with: not tried here.
days_lost = st.sampled_from(("", "0", "-1", "366.01", "nan", "0,5", CANARY))
codes = st.sampled_from(
    ("", "0", "1", "2", "5", "6", "10", "F", "m", "WBRI", "mwbc ", "NOBT", "SIC", ";", "1;;2", CANARY)
)


def cells_of(names):
    """Any cell holding anything, by heading."""
    kinds = {"SWENo": ids, "AgencyWorker": flags, "WorkingDaysLost": days_lost}
    kinds |= dict.fromkeys(NUMBERS, numbers) | dict.fromkeys(DATED, days)
    return st.fixed_dictionaries({name: kinds.get(name, codes) for name in names})


censuses = st.tuples(
    st.lists(cells_of((*WORKER, *SEVERAL)), min_size=1, max_size=6),
    st.lists(st.fixed_dictionaries(dict.fromkeys(totals(), numbers)), max_size=2),
    st.booleans(),
)


def several_of(row):
    """What CSV has in one cell as elements of their own."""
    return {name: [part.strip() for part in cell.split(";")] if name in SEVERAL else cell for name, cell in row.items()}


def write(root, year, workers, of_authority, *, is_xml):
    """A census as XML or CSV, and how many items of workers it holds."""
    if is_xml:
        rows = [several_of(row) for row in workers]
        put(root, "census.xml", as_xml(rows, of_authority, year), f"302/{year}")
        return sum(bool(text) for row in rows for name in SEVERAL for text in row[name])
    put(root, "workers.csv", as_csv(workers), f"302/{year}")
    if of_authority:
        put(root, "authority.csv", as_csv(of_authority), f"302/{year}")
    return sum(row[name].count(";") + 1 for row in workers for name in SEVERAL if row[name].strip())


def assert_nothing_is_told(*objects):
    for each in objects:
        assert CANARY not in f"{each}{each!r}"


@settings(max_examples=max(10, settings().max_examples // 2))
@given(given_censuses=st.lists(censuses, min_size=1, max_size=len(YEARS)))
def test_a_hostile_census_is_accounted_for_and_every_indicator_computed(given_censuses):
    written = {WORKERS: 0, TOTALS: 0, ITEMS: 0}
    with tempfile.TemporaryDirectory() as folder:
        for year, (workers, of_authority, is_xml) in zip(YEARS, given_censuses, strict=False):
            written[WORKERS] += len(workers)
            written[TOTALS] += len(of_authority)
            written[ITEMS] += write(Path(folder), year, workers, of_authority, is_xml=is_xml)
        extracts = csc.load(folder)
    accounts = {account.table.removeprefix("workforce."): account for account in extracts.accounts}
    for table, count in written.items():
        account = accounts[table]
        assert account.read == count
        assert account.balances
        assert account.kept == extracts.workforce.table(table).height
        if account.rejected:
            assert any(each.severity == "rejected" and each.table == account.table for each in extracts.findings)
    assert_nothing_is_told(extracts, extracts.workforce, *extracts.findings, *extracts.accounts)
    assert_nothing_is_told(*(each.as_line() for each in extracts.findings))
    try:
        computation = csc.compute(extracts, INDICATORS, periods=csc.years(2023, 2025), internal=True)
    except NothingComputed as error:
        assert extracts.workforce.workers.is_empty()
        assert_nothing_is_told(error)
        return
    figures = computation.frame
    assert set(figures["indicator"].unique()) == set(INDICATORS)
    assert (figures["numerator"] >= 0).all()
    assert figures["numerator"].is_finite().all()
    assert_nothing_is_told(computation, *computation.notes)


NAMING = ("unknown_element", "repeated_element")
"""Rules whose findings name an element."""

hostile_text = st.one_of(
    st.sampled_from(
        (CANARY, f"<{CANARY}>", f"&{CANARY};", "\0", "]]>", '"', f'"{CANARY}', "\n", "<!--", "\ufffe", "a,b")
    ),
    st.text(max_size=8),
)


@settings(max_examples=max(10, settings().max_examples // 2))
@given(text=hostile_text, at=st.integers(0, 10_000), is_xml=st.booleans())
def test_any_text_put_anywhere_in_a_file_is_read_or_refused_without_being_told(text, at, is_xml):
    row = WORKER | dict.fromkeys(("SWENo", "Ethnicity", "OrgRole"), CANARY)
    whole = as_xml([row, WORKER]) if is_xml else as_csv([row, WORKER])
    begins = whole.index("<CSWWWorker>") if is_xml else whole.index("\n") + 1
    place = begins + at % (len(whole) - begins)
    content = (whole[:place] + text + whole[place:]).encode("utf-8", errors="replace")
    with tempfile.TemporaryDirectory() as folder:
        path = put(Path(folder), f"census.{'xml' if is_xml else 'csv'}", content)
        try:
            tables = csc.read_workforce(path)
        except CscError as error:
            assert_nothing_is_told(error, *error.args)
            chain = traceback.TracebackException.from_exception(error)
            assert CANARY not in "".join(chain.format())
            return
    assert all(account.balances for account in tables.accounts)
    # What is put in can make an element of the file another, whose name is told without what no name holds.
    told = "".join(
        each.as_line() for each in tables.findings if each.rule not in ("unknown_element", "repeated_element")
    )
    assert_nothing_is_told(tables, told)
