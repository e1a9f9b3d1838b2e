"""Small CIN census files for the reader's tests."""

from __future__ import annotations

from pathlib import Path

from csc_indicators.extracts.cin_census import read_cin_census_xml
from csc_indicators.extracts.raw import RawCinCensus

HEADER = (
    "<Header><CollectionDetails><Collection>CIN</Collection><Year>2026</Year><ReferenceDate>2026-03-31</ReferenceDate>"
    "</CollectionDetails><Source><SourceLevel>L</SourceLevel><LEA>999</LEA><SoftwareCode>demo</SoftwareCode>"
    "<Release>1</Release><SerialNo>001</SerialNo><DateTime>2026-05-01T09:00:00</DateTime></Source></Header>"
)


def child(number: int = 1, inside: str = "") -> str:
    return f"<Child><ChildIdentifiers><LAchildID>DEMO{number}</LAchildID></ChildIdentifiers>{inside}</Child>"


def message(*children: str, header: str = HEADER) -> str:
    return f"<Message>{header}<Children>{''.join(children)}</Children></Message>"


def write(folder: Path, text: str | bytes, name: str = "census.xml") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def read(folder: Path, text: str | bytes) -> RawCinCensus:
    return read_cin_census_xml([write(folder, text)])


def rows(raw: RawCinCensus, table: str, *columns: str) -> list[tuple[object, ...]]:
    return raw.tables[table].select(*columns).rows()
