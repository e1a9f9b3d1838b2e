"""A return says the same in every form it comes in: CSV, XML and a workbook of the same rows give the same tables."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

from hypothesis import given, settings
from hypothesis import strategies as st

import csc_indicators as csc
from tests.lib.care_files import EPISODE, workbook, write_return

days = st.dates(dt.date(2023, 4, 1), dt.date(2025, 3, 31))
IN_XML = {"CHILD": "CHILDID", "PLACE": "PL"}
EPISODE_CODES = {
    "RNE": ("S", "P", "L", "T", ""),
    "LS": ("C2", "V2", "V4", ""),
    "CIN": ("N1", "N5", ""),
    "PLACE": ("U4", "K2", "T1", "A5", ""),
    "REC": ("X1", "E4A", "E11", ""),
    "PL_POST": ("ZZ1 1ZZ", ""),
}


@st.composite
def children(draw):
    """A few children: what the header says, and their episodes."""
    made = []
    for name in ("A1", "A2", "A3")[: draw(st.integers(1, 3))]:
        header = {
            "CHILD": name,
            "SEX": draw(st.sampled_from(("F", "M", ""))),
            "DOB": draw(days).replace(year=2012, day=1),
            "ETHNIC": draw(st.sampled_from(("WBRI", "MWBC", ""))),
            "UPN": "UN5",
        }
        episodes = []
        for _ in range(draw(st.integers(1, 4))):
            codes = {column: draw(st.sampled_from(values)) for column, values in EPISODE_CODES.items()}
            episodes.append({"CHILD": name, "DECOM": draw(days), "DEC": draw(st.none() | days), **codes})
        made.append((header, episodes))
    return made


def day_first(row):
    return {name: cell.strftime("%d/%m/%Y") if isinstance(cell, dt.date) else cell or "" for name, cell in row.items()}


def element(name, cell):
    text = cell.isoformat() if isinstance(cell, dt.date) else cell or ""
    # An empty item is written, or left out: both say nothing.
    return f"<{IN_XML.get(name, name)}>{escape(text)}</{IN_XML.get(name, name)}>" if text else ""


def as_xml(returned):
    parts = []
    for header, episodes in returned:
        items = "".join(element(name, cell) for name, cell in header.items())
        rows = "".join(
            f"<EPISODE>{''.join(element(name, cell) for name, cell in row.items() if name != 'CHILD')}</EPISODE>"
            for row in episodes
        )
        parts.append(f"<CHILD><HEADER>{items}</HEADER>{rows}</CHILD>")
    return f'<?xml version="1.0" encoding="UTF-8"?><EXPSSDA903>{"".join(parts)}</EXPSSDA903>'


def shown(folder):
    tables = csc.read_ssda903(folder, la_code="302", year=2025)
    return [getattr(tables, name).drop("source_file", "source_row").rows() for name in ("children", "episodes")] + [
        sorted({(finding.rule, finding.column) for finding in tables.findings if finding.stage == "tables"})
    ]


@settings(max_examples=max(10, settings().max_examples // 4))
@given(returned=children())
def test_the_forms_of_a_return_give_the_same_tables(returned):
    headers = [header | {"MOTHER": None, "MC_DOB": None} for header, _ in returned]
    episodes = [dict.fromkeys(EPISODE) | row for _, rows in returned for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        flat, xml, sheets = (Path(folder) / form for form in ("flat", "xml", "sheets"))
        write_return(flat, [day_first(row) for row in episodes], [day_first(row) for row in headers])
        xml.mkdir()
        xml.joinpath("return.xml").write_text(as_xml(returned), encoding="utf-8")
        sheets.mkdir()
        plain = [[{name: cell or "" for name, cell in row.items()} for row in rows] for rows in (episodes, headers)]
        sheets.joinpath("return.xlsx").write_bytes(workbook({"Episodes": plain[0], "Children": plain[1]}))

        assert shown(flat) == shown(xml) == shown(sheets)
