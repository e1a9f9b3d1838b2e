"""Every row of any tables, however hostile, is accounted for, and none of its values is repeated."""

from __future__ import annotations

import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from csc_indicators.codes import CODE_SETS
from csc_indicators.extracts.raw import RAW_TABLES
from csc_indicators.tables.cin import CONTRACTS, RETURNED
from csc_indicators.tables.stacking import PARENT_ROW, PARENT_TABLE
from csc_indicators.tables.validation import validate_cin_census
from tests.lib.raw_census import Census, raw

DATES = st.sampled_from(
    ["2024-04-01", "2024-05-10", "2025-03-31", "2025-04-01", "2023-12-25", "1899-01-01", "2024-02-30", "10/05/2024",
     "2024-05-10T09:00:00", "2024-05-10Z", " 2024-05-10", "0000-00-00", "9999-12-31", "CANARY7Q", "", None]
)  # fmt: skip
ODD_TEXT = st.sampled_from([None, "", " ", "A", "a", "B", "CANARY7Q", "0", "é\u0000", "-1", "99999999999999999999"])


def cell_of(column):
    if column.kind == "date":
        return DATES
    if column.kind == "code":
        return (
            st.sampled_from(
                [*CODE_SETS[column.code_set].codes[:3], *CODE_SETS[column.code_set].codes[-2:], " n1 ", "n1"]
            )
            | ODD_TEXT
        )
    if column.kind == "boolean":
        return st.sampled_from(["0", "1", "true", "FALSE", "yes"]) | ODD_TEXT
    return ODD_TEXT if column.kind == "text" else st.sampled_from(["0", "3", "2.5", "x"]) | ODD_TEXT


@st.composite
def hostile(draw):
    """Raw censuses whose cells hold anything, and whose rows may have no parent."""
    count = draw(st.integers(1, 3))
    headers = [
        Census(
            {
                "la_code": draw(st.sampled_from(["390", "391"])),
                "reference_date": draw(st.sampled_from(["2023-03-31", "2024-03-31", "2025-03-31", "2024-09-30"])),
                "source_file": f"{number}.xml",
                "produced_at": draw(st.sampled_from([None, "2025-05-20T09:00:00", "nonsense"])),
            }
        )
        for number in range(count)
    ]
    tables = raw(*headers)
    links_of: dict[tuple[str, int, int], dict[str, int]] = {}
    for name, shape in RAW_TABLES.items():
        rows = []
        for number, row in ((number, row) for number in range(count) for row in range(1, draw(st.integers(0, 4)) + 1)):
            link = PARENT_ROW.get(name)
            parent = draw(st.integers(0, 5)) if link else 0
            # A row stands in whatever its parent stands in; a parent that is not in the file stands anywhere.
            above = links_of.get((PARENT_TABLE.get(link, ""), number, parent), {})
            links = {each: draw(st.integers(0, 5)) for each in shape.links} | above | ({link: parent} if link else {})
            links_of[name, number, row] = links
            cells = {column.name: draw(cell_of(column)) for column in RETURNED[name]}
            rows.append({"census": number, "source_row": row, **links, **cells})
        tables.tables[name] = pl.DataFrame(rows, schema=shape.schema)
    return tables


UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=settings().max_examples // 4, phases=UNSHRUNK)  # an example is many rows of ten tables
@given(hostile())
def test_every_row_of_any_table_is_kept_rejected_for_one_reason_or_superseded(tables):
    cin = validate_cin_census(tables)
    rejected_in_findings = {}
    for finding in cin.findings:
        assert "CANARY7Q" not in repr(finding)
        assert finding.table == "header" or 1 <= len(finding.row_numbers) <= finding.rows
        if finding.severity == "rejected":
            rejected_in_findings.setdefault(finding.table, set()).add(finding.rule)

    assert [account.table for account in cin.accounts] == list(RAW_TABLES)
    for account in cin.accounts:
        kept = cin.table(account.table)
        assert account.read == tables.tables[account.table].height
        assert account.kept == kept.height
        assert account.balances
        assert account.superseded >= 0
        assert set(account.rejected) <= rejected_in_findings.get(account.table, set())
        assert kept.schema == CONTRACTS[account.table].schema
        key = CONTRACTS[account.table].key
        if key:
            assert kept[key].is_unique().all()
            assert kept[key].null_count() == 0
        for column in RETURNED[account.table]:
            if column.required:
                assert kept[column.name].null_count() == 0
    for name in RAW_TABLES:
        assert set(cin.table(name)["child_key"]) <= set(cin.children["child_key"])
        if "episode_key" in cin.table(name).columns:
            assert set(cin.table(name)["episode_key"]) <= set(cin.episodes["episode_key"])
