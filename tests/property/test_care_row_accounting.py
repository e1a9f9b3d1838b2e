"""Hostile returns on looked-after children: no row is lost, no error is raised, and nothing of a row is told."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import Counter
from pathlib import Path

import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import csc_indicators as csc
from csc_indicators.catalogue import catalogue
from csc_indicators.codes import CODE_SETS
from csc_indicators.extracts.raw_ssda903 import TABLES
from csc_indicators.indicators import REGISTRY
from csc_indicators.periods import years
from csc_indicators.tables.ssda903 import CONTRACTS, RETURNED
from tests.lib.care_files import write_return

CANARY = "ZQ81CANARY"
YEARS = (2023, 2024, 2025)
INDICATORS = [name for name in REGISTRY if catalogue().indicators[name].collection == "ssda903"]

IDS = st.sampled_from(("A1", "A1", "a1 ", "A2", "A3", "007", "", " ", CANARY))
FEW_DAYS = (
    "10/05/2023", "11/05/2023", "31/03/2024", "01/04/2024", "10/05/2024", "11/05/2024", "31/03/2025", "01/04/2025"
)  # fmt: skip
"""So few that episodes of a child often begin, end and overlap on the same ones."""
DAYS = st.one_of(
    st.sampled_from(FEW_DAYS),
    st.sampled_from(FEW_DAYS),
    st.dates(dt.date(2005, 1, 1), dt.date(2026, 12, 31)).map(lambda day: day.strftime("%d/%m/%Y")),
    st.dates(dt.date(2023, 3, 29), dt.date(2025, 4, 2)).map(dt.date.isoformat),
    st.sampled_from(("", "", "", "29/02/2023", "31/03/24", "05/25/2024", "00/00/0000", "zz/05/2020", CANARY, "=1+1")),
)
ODD = st.sampled_from(
    ("", " ", CANARY, "0", "1", "-1", "41", "1e9", "nan", "99.9", "true", "\u00e9", 'a "b", c', "a\nb")
)


def cells_of(column):
    """Anything that a column may be found to hold, and what it should hold rather more often."""
    if column.kind in ("day_first_date", "partial_date"):
        return DAYS
    if column.kind == "code":
        codes = CODE_SETS[column.code_set].codes
        return st.sampled_from((*codes, *codes, *(f" {code.lower()}" for code in codes))) | st.sampled_from(
            ("", CANARY, "E99", "LIIAF")
        )
    if column.name == "child_id":
        return IDS
    return ODD


def rows_of(table, *, fewest=0, most=3):
    """Rows of a table with all its columns and one more, some of them twice."""
    theirs = {ours: name for name, ours in TABLES[table].names.items()}
    cells = {theirs[column.name]: cells_of(column) for column in RETURNED[table]}
    row = st.fixed_dictionaries(cells | {"NOTE": st.just(CANARY)})
    rows = st.lists(row, min_size=fewest, max_size=most)
    return rows.flatmap(lambda made: st.sampled_from((made, made, made + made[:1], made[::-1])))


RETURN = st.fixed_dictionaries(
    {table: rows_of(table, fewest=1, most=12) if table == "episodes" else rows_of(table) for table in TABLES}
)
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
"""An example is many rows of twelve tables: to make a failing one smaller takes hours, and its rows say enough."""


def written(folder, returned):
    """A folder with a return of each year."""
    for year, tables in returned.items():
        files = {f"table of {table}": rows for table, rows in tables.items() if table not in ("episodes", "children")}
        write_return(Path(folder) / "302" / str(year), tables["episodes"], tables["children"], **files)
    return folder


def loaded(returned):
    with tempfile.TemporaryDirectory() as folder:
        return csc.load(written(folder, returned))


def is_known(column, cell):
    """Whether a cell holds a code of its column, or nothing."""
    return not cell.strip() or cell.strip().upper() in CODE_SETS[column.code_set].codes


@settings(max_examples=max(20, settings().max_examples // 2), phases=UNSHRUNK)
@given(returned=st.fixed_dictionaries(dict.fromkeys(YEARS, RETURN)))
def test_every_row_is_accounted_for_and_what_is_wrong_with_it_is_said_without_quoting_it(returned):
    tables = loaded(returned).ssda903
    told = Counter()
    for finding in tables.findings:
        assert finding.table == "" or len(finding.row_numbers) <= finding.rows
        told[finding.severity, finding.rule, finding.table.removeprefix("ssda903."), finding.column] += finding.rows
    assert CANARY not in repr((tables, tables.findings, tables.accounts))
    assert CANARY not in "".join(finding.as_line() for finding in tables.findings)

    assert [account.table for account in tables.accounts] == [f"ssda903.{table}" for table in TABLES]
    for table, account in zip(TABLES, tables.accounts, strict=True):
        rows = [row for tables_of in returned.values() for row in tables_of[table]]
        kept = tables.table(table)
        assert account.read == len(rows)
        assert account.kept == (kept["described"].sum() if table == "children" else kept.height)
        assert account.balances
        assert account.superseded >= 0
        for rule, count in account.rejected.items():
            assert count <= sum(
                rows
                for (how, which, where, _), rows in told.items()
                if (how, which, where) == ("rejected", rule, table)
            )
        assert told["rejected", "missing_child_id", table, "child_id"] == sum(not row["CHILD"].strip() for row in rows)
        theirs = {ours: name for name, ours in TABLES[table].names.items()}
        for column in RETURNED[table]:
            if column.kind == "code":
                how = "rejected" if column.required else "kept"
                unknown = sum(not is_known(column, row[theirs[column.name]]) for row in rows)
                assert told[how, "unknown_code", table, column.name] == unknown, column.name


@settings(max_examples=max(20, settings().max_examples // 2), phases=UNSHRUNK)
@given(returned=st.fixed_dictionaries(dict.fromkeys(YEARS, RETURN)))
def test_what_is_kept_is_whole_and_of_episodes_only_the_last_can_be_open_without_a_word(returned):
    tables = loaded(returned).ssda903
    for table, contract in CONTRACTS.items():
        kept = tables.table(table)
        assert kept.schema == contract.schema
        assert kept[contract.key].is_sorted()
        assert kept[contract.key].is_unique().all()
        assert set(kept["child_key"]) <= set(tables.children["child_key"])
        for column in RETURNED[table]:
            if column.required:
                assert kept[column.name].null_count() == 0
    episodes = tables.episodes
    assert episodes.filter(pl.col("end_date") < pl.col("start_date")).is_empty()
    assert episodes.filter(pl.col("known_to") > pl.col("observed_to")).is_empty()
    repairs = sum(each.rows for each in tables.findings if each.rule in ("stale_open_episode", "end_after_next_start"))
    assert repairs == episodes["end_repaired"].sum()
    lost = sum(each.rows for each in tables.findings if each.rule == "open_episode_not_returned")
    latest = episodes.filter(pl.col("census_year") < max(YEARS), pl.col("end_date").is_null())
    assert lost == latest.height


@settings(max_examples=max(10, settings().max_examples // 4), phases=UNSHRUNK)
@given(returned=st.fixed_dictionaries(dict.fromkeys((2024, 2025), RETURN)))
def test_every_indicator_is_computed_on_a_hostile_return(returned):
    figures = csc.compute(loaded(returned), INDICATORS, periods=years(2024, 2025), internal=True).frame

    assert set(figures["indicator"].unique()) == set(INDICATORS)
    assert figures.filter(pl.any_horizontal(pl.col("numerator", "denominator").is_nan())).is_empty()
    shares = figures.filter(pl.col("denominator").is_not_null())
    assert (shares["numerator"] >= 0).all()
    assert CANARY not in str(figures.to_dicts())
