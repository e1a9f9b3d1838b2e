"""Reads the XML form of the return on looked-after children: one `CHILD` at a time, into the tables of `TABLES`.

The items of adoption, of care leavers and of unaccompanied children stand in `HEADER` without an element of their own:
a row is made of them only where one of them says something. An element that is not there is a missing cell; nothing is
taken over from another episode. The safety rules are those of every XML return: see `xml_files`.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from csc_indicators.codes import TRUE_TEXTS
from csc_indicators.errors import Finding, UnreadableFile
from csc_indicators.extracts.raw_ssda903 import CHILD, TABLES
from csc_indicators.extracts.xml_files import Faults, check_xml_prolog, explain_malformed_xml, local_name
from csc_indicators.extracts.xml_parser import XMLSyntaxError, safe_parser

ROOT = "EXPSSDA903"
CHUNK_BYTES = 1 << 18

BLOCKS: Mapping[str, str] = {
    "AMISSING": "missing",
    "AREVIEW": "reviews",
    "PERMANENCE": "previous_permanence",
    "OC2": "outcomes",
    "AD_PLACED": "placed_for_adoption",
}
"""Elements of `HEADER` that make a row each."""

LOOSE: Mapping[str, tuple[str, ...]] = {
    "adoption": ("DATE_INT", "DATE_MATCH", "FOSTER_CARE", "NB_ADOPTR", "SEX_ADOPTR", "LS_ADOPTR"),
    "care_leavers": ("IN_TOUCH", "ACTIV", "ACCOM"),
    "uasc": ("DUC",),
}
"""Tables whose items stand loose in `HEADER`; a row is made when one of them holds a text."""

RENAMED = {"CHILDID": CHILD, "PL": "PLACE"}
"""What the XML form calls differently."""

HEADER_ITEMS = {"CHILDID", "UASC", *TABLES["children"].columns, *(item for items in LOOSE.values() for item in items)}


def read_return_xml(data: bytes, label: str) -> tuple[dict[str, pl.DataFrame], list[Finding]]:
    """The tables of one XML return, their text columns named as in CSV, each row with its number in its table.

    Args:
        data: The file.
        label: What messages call it.

    Raises:
        UnreadableFile: not XML, cut short, with a DOCTYPE, or another kind of file.
    """
    place = Path(label)
    check_xml_prolog(io.BytesIO(data), place, root=ROOT)
    rows: dict[str, list[dict[str, str | None]]] = {name: [] for name in TABLES}
    faults = Faults()
    parser = safe_parser("CHILD")
    try:
        for start in range(0, len(data), CHUNK_BYTES):
            parser.feed(data[start : start + CHUNK_BYTES])
            _read_children(parser, rows, faults)
        parser.close()
    except XMLSyntaxError as error:
        line = error.lineno
    else:
        _read_children(parser, rows, faults)
        tables = {
            name: pl.DataFrame(
                {column: [row.get(column) for row in found] for column in TABLES[name].names},
                schema=dict.fromkeys(TABLES[name].names, pl.String()),
            )
            for name, found in rows.items()
            # The form has no place for these: that it holds none of them says nothing.
            if found or name not in ("social_workers", "deprivations_of_liberty")
        }
        return tables, faults.findings(label)
    explain_malformed_xml(io.BytesIO(data), place)
    raise UnreadableFile(f"{label}: line {line}: it is not well-formed XML. Export the file again.")


def _read_children(parser: Any, rows: dict[str, list[dict[str, str | None]]], faults: Faults) -> None:  # noqa: ANN401
    for _, child in parser.read_events():
        _read_child(child, rows, faults)
        child.clear()


def _read_child(child: Any, rows: dict[str, list[dict[str, str | None]]], faults: Faults) -> None:  # noqa: ANN401
    """The rows of one child; whose they are is in its header, so episodes wait for it."""
    blocks: list[tuple[str, dict[str, str | None]]] = []
    header: dict[str, str | None] = {}
    for part in child:
        name = local_name(part)
        if name == "HEADER":
            for item in part:
                inner = local_name(item)
                if inner in BLOCKS:
                    blocks.append((BLOCKS[inner], _texts(item, BLOCKS[inner], faults, f"{name}/{inner}")))
                elif inner in HEADER_ITEMS:
                    _put(header, RENAMED.get(inner, inner), item, faults, "children")
                else:
                    faults.unknown([item], f"{ROOT}/CHILD/HEADER", "ssda903.children", 0)
        elif name == "EPISODE":
            blocks.append(("episodes", _texts(part, "episodes", faults, name)))
        else:
            faults.unknown([part], f"{ROOT}/CHILD", "ssda903.children", 0)
    who = {CHILD: header.get(CHILD), "DOB": header.get("DOB"), "SEX": header.get("SEX")}
    rows["children"].append({name: header.get(name) for name in TABLES["children"].names})
    for name, items in LOOSE.items():
        flagged = name == "uasc" and (header.get("UASC") or "").lower() in TRUE_TEXTS
        if flagged or any(header.get(item) for item in items):
            rows[name].append(who | {item: header.get(item) for item in items})
    for name, found in blocks:
        rows[name].append(who | found)


def _texts(block: Any, table: str, faults: Faults, path: str) -> dict[str, str | None]:  # noqa: ANN401
    """The items of a block by the names of the CSV form."""
    found: dict[str, str | None] = {}
    for item in block:
        name = RENAMED.get(local_name(item), local_name(item))
        if name in TABLES[table].names:
            _put(found, name, item, faults, table)
        else:
            faults.unknown([item], f"{ROOT}/CHILD/{path}", f"ssda903.{table}", 0)
    return found


def _put(row: dict[str, str | None], name: str, item: Any, faults: Faults, table: str) -> None:  # noqa: ANN401
    """Write an item down, the first of several."""
    if name in row:
        faults.note("repeated_element", f"ssda903.{table}", name, 0)
    else:
        row[name] = _text(item)


def _text(element: Any) -> str | None:  # noqa: ANN401
    return (element.text or "").strip() or None
