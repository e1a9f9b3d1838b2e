"""Workbooks taken apart and calculated again: their cells, a choice put in, and LibreOffice to work it out."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
SOFFICE = shutil.which("soffice")
WITHOUT_SOFFICE = "LibreOffice (soffice) is not installed, and nothing else here calculates a workbook's formulas"

ALWAYS_CALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
"""LibreOffice believes the values beside the formulas of files that it takes for Excel's, unless it is told not to."""


def part(path: Path, name: str) -> Any:
    """A part of the file as XML."""
    with zipfile.ZipFile(path) as archive:
        return etree.fromstring(archive.read(name))


def sheet_parts(path: Path) -> dict[str, str]:
    """Which part of the file each sheet is, in the order of the sheets."""
    targets = {
        each.get("Id"): each.get("Target").removeprefix("/xl/") for each in part(path, "xl/_rels/workbook.xml.rels")
    }
    sheets = part(path, "xl/workbook.xml").find(f"{MAIN}sheets")
    return {sheet.get("name"): f"xl/{targets[sheet.get(RELATED)]}" for sheet in sheets}


def cells_of(path: Path, sheet: str) -> dict[str, str | float]:
    """Every cell of a sheet that holds something, by its place (`B5`): what it holds, or what its formula came to."""
    texts = [
        "".join(text.text or "" for text in each.iter(f"{MAIN}t"))
        for each in part(path, "xl/sharedStrings.xml").findall(f"{MAIN}si")
    ]
    cells: dict[str, str | float] = {}
    for cell in part(path, sheet_parts(path)[sheet]).iter(f"{MAIN}c"):
        kind, value = cell.get("t", "n"), cell.find(f"{MAIN}v")
        if kind == "inlineStr":
            cells[cell.get("r")] = "".join(text.text or "" for text in cell.iter(f"{MAIN}t"))
        elif value is not None and value.text is not None:
            cells[cell.get("r")] = (
                texts[int(value.text)] if kind == "s" else float(value.text) if kind == "n" else value.text
            )
    return {place: held for place, held in cells.items() if held != ""}


def formulas_of(path: Path, sheet: str) -> dict[str, str]:
    """Every formula of a sheet by its place."""
    found = {cell.get("r"): cell.find(f"{MAIN}f") for cell in part(path, sheet_parts(path)[sheet]).iter(f"{MAIN}c")}
    return {place: formula.text for place, formula in found.items() if formula is not None and formula.text}


def with_cells(path: Path, sheet: str, texts: dict[str, str], to: Path) -> Path:
    """A copy in which some cells hold other texts, and everything else is as it was: formulas' values are now stale."""
    name = sheet_parts(path)[sheet]
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as copy:
        for each in archive.namelist():
            content = archive.read(each)
            if each == name:
                xml = content.decode()
                for place, text in texts.items():
                    held = rf'<c r="{place}"( s="\d+")? t="s"><v>\d+</v></c>'
                    new = f' t="inlineStr"><is><t>{escape(text)}</t></is></c>'
                    xml, count = re.subn(held, lambda cell, at=place, new=new: f'<c r="{at}"{cell[1] or ""}{new}', xml)
                    assert count == 1, place
                content = xml.encode()
            copy.writestr(each, content)
    return to


def calculated(files: list[Path], folder: Path) -> list[Path]:
    """The files as LibreOffice saves them after it has calculated every formula again."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS_CALCULATE, encoding="utf-8")
    out = folder / "calculated"
    command = [str(SOFFICE), f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "xlsx",
               "--outdir", str(out), *map(str, files)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return [out / file.name for file in files]
