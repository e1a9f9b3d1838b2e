"""What every reader of an XML return needs: a look at the file before a parser gets it, and a count of its faults.

Any DOCTYPE is refused the moment it begins, so nothing a file declares is ever expanded or fetched. Messages are our
own, because a parser's messages can quote the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

from csc_indicators.errors import ROW_NUMBERS_SHOWN, Finding, UnreadableFile

CHUNK_BYTES = 1 << 16

CUT_SHORT = "the file ends before it is complete. Export or copy it again."
NOT_SUPPORTED = "the text encoding the file declares is not supported. Save the file as UTF-8."
NOT_XML = "the file is not XML. Give the XML file that was exported for the return."
NOT_WELL_FORMED = "it is not well-formed XML. Export the file again."

MALFORMED = {
    expat.errors.XML_ERROR_NO_ELEMENTS: CUT_SHORT,
    expat.errors.XML_ERROR_UNCLOSED_TOKEN: CUT_SHORT,
    expat.errors.XML_ERROR_PARTIAL_CHAR: CUT_SHORT,
    expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: (
        "something follows the end of the outermost element. If files were joined together, give each on its own."
    ),
    expat.errors.XML_ERROR_TAG_MISMATCH: (
        "an end tag does not match the element it should close. Export the file again, or undo edits made by hand."
    ),
    expat.errors.XML_ERROR_UNDEFINED_ENTITY: (
        "an entity other than the five of XML itself is used. Export the file again, or write the character itself."
    ),
    expat.errors.XML_ERROR_INVALID_TOKEN: (
        "a character is not allowed here, or is not in the text encoding the file declares. Export the file again."
    ),
    expat.errors.XML_ERROR_INCORRECT_ENCODING: (
        "the file is not in the text encoding it declares. Correct the encoding on its first line."
    ),
    expat.errors.XML_ERROR_UNKNOWN_ENCODING: NOT_SUPPORTED,
}
"""Message by kind of fault, in the parser's own words for the kind."""

ANYWHERE = (
    expat.errors.XML_ERROR_NO_ELEMENTS,
    expat.errors.XML_ERROR_INCORRECT_ENCODING,
    expat.errors.XML_ERROR_UNKNOWN_ENCODING,
)
"""Faults that say something even before the outermost element; the others mean the file is no XML at all."""

FAULTS_SHOWN = 100
"""Kinds of fault reported one by one for a file; what comes after shares a finding for each rule."""

FAULTS = {
    "unknown_element": (
        "{what} is not an element of the return and was not read",
        "Correct its name if it is misspelt; otherwise nothing needs doing.",
    ),
    "repeated_element": (
        "{what} is given more than once in one row; the first was kept",
        "Remove the others in the source system and export again.",
    ),
    "repeated_source": (
        "the header has more than one Source; the first was kept",
        "Check that the first Source names the authority the file is for.",
    ),
}
"""Rule of each finding this reader makes -> message, advice."""

ARCHIVES = {b"PK\x03\x04": "a ZIP archive or an Excel workbook", b"\x1f\x8b": "a gzip archive"}


class _RootReached(Exception):
    """The outermost element has been reached."""


def check_xml_prolog(file: BinaryIO, path: Path, *, root: str) -> None:
    """Refuse what is not an XML file whose outermost element is `root`, without expanding anything, and rewind.

    Raises:
        UnreadableFile: The file is empty, an archive, not XML, in an unsupported text encoding, declares a DOCTYPE or
            has another outermost element.
    """
    start = file.read(4)
    file.seek(0)
    if not start:
        raise UnreadableFile(f"{path}: the file is empty. Export or copy it again.")
    for magic, kind in ARCHIVES.items():
        if start.startswith(magic):
            raise UnreadableFile(f"{path}: the file is {kind}, not XML. Unpack it and give the XML file inside.")
    parser = _safe_parser(path)

    def check_root(name: str, _: object) -> None:
        if name.rpartition(":")[2] != root:
            raise UnreadableFile(
                f"{path}: line {parser.CurrentLineNumber}: the outermost element is not {root}, so this is another "
                "kind of file. Give the file that was exported for the return."
            )
        raise _RootReached

    parser.StartElementHandler = check_root
    try:
        _parse(parser, file, path, otherwise=NOT_XML, known=ANYWHERE)
    except _RootReached:
        file.seek(0)


def outermost_element(path: Path) -> str | None:
    """The name of the outermost element of an XML file; None when the file does not get that far.

    Nothing is expanded, and a DOCTYPE ends the look: the reader of the file says what is wrong with it.
    """
    parser = expat.ParserCreate()
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    found: list[str] = []

    def stop(*_: object) -> None:
        raise _RootReached

    def remember(name: str, _: object) -> None:
        found.append(name.rpartition(":")[2])
        raise _RootReached

    parser.StartDoctypeDeclHandler = stop
    parser.StartElementHandler = remember
    try:
        with path.open("rb") as file:
            while data := file.read(CHUNK_BYTES):
                parser.Parse(data)
    except (_RootReached, expat.ExpatError, OSError, ValueError, LookupError):
        pass
    return found[0] if found else None


def collection_named(path: Path) -> str | None:
    """What the header of a file calls its collection, such as `CIN`; None when it does not get that far."""
    try:
        with path.open("rb") as file:
            return collection_within(file)
    except OSError:
        return None


def collection_within(file: BinaryIO) -> str | None:
    """What the header of a return calls its collection; None when it does not get that far.

    The safety rules are those of `outermost_element`: nothing is expanded, and a DOCTYPE ends the look.
    """
    parser = expat.ParserCreate()
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    inside: list[bool] = []
    text: list[str] = []

    def stop(*_: object) -> None:
        raise _RootReached

    def start(name: str, _: object) -> None:
        if name.rpartition(":")[2] == "Collection":
            inside.append(True)

    def end(name: str) -> None:
        # The collection stands in the header: what follows it need not be looked at.
        if inside or name.rpartition(":")[2] == "Header":
            raise _RootReached

    def take(data: str) -> None:
        if inside:
            text.append(data)

    parser.StartDoctypeDeclHandler = stop
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = take
    try:
        while data := file.read(CHUNK_BYTES):
            parser.Parse(data)
    except (_RootReached, expat.ExpatError, OSError, ValueError, LookupError):
        pass
    return "".join(text).strip().upper() or None


def explain_malformed_xml(file: BinaryIO, path: Path) -> None:
    """Say what is wrong with a file whose prolog was sound but which could not be read; return if nothing is found.

    Raises:
        UnreadableFile: With the line and the kind of the first fault.
    """
    file.seek(0)
    _parse(_safe_parser(path), file, path, otherwise=NOT_WELL_FORMED, known=tuple(MALFORMED))


def _safe_parser(path: Path) -> expat.XMLParserType:
    parser = expat.ParserCreate()

    def refuse_doctype(*_: object) -> None:
        raise UnreadableFile(
            f"{path}: line {parser.CurrentLineNumber}: the file declares a document type (DOCTYPE), which no return "
            "needs and which can carry an attack, so it was not read. Export the file again."
        )

    parser.StartDoctypeDeclHandler = refuse_doctype
    return parser


def _parse(parser: expat.XMLParserType, file: BinaryIO, path: Path, *, otherwise: str, known: tuple[str, ...]) -> None:
    try:
        while data := file.read(CHUNK_BYTES):
            parser.Parse(data, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        kind = expat.ErrorString(error.code)
        why = MALFORMED[kind] if kind in known else otherwise
        raise UnreadableFile(f"{path}: line {error.lineno}: {why}") from None
    except (LookupError, ValueError):  # an encoding Python does not know, or one that expat cannot be taught
        raise UnreadableFile(f"{path}: line 1: {NOT_SUPPORTED}") from None


def why_not_opened(error: OSError) -> str:
    """What kept a file from being read, and what to do, without the operating system's own words."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file. Check the path."
    if isinstance(error, IsADirectoryError):
        return "this is a folder. Give the files in it."
    if isinstance(error, PermissionError):
        return "you have no permission to read this file. Ask for it, or copy the file to where you have."
    return "the file could not be read from its disk. Copy it to another and try again."


@dataclass
class Faults:
    """What a file holds that the tables cannot: (rule, table, what) -> occurrences and the first rows concerned."""

    seen: dict[tuple[str, str, str], list[Any]] = field(default_factory=dict[tuple[str, str, str], list[Any]])

    def note(self, rule: str, table: str, what: str, row: int) -> None:
        """Count one occurrence; `row` is 0 outside any row."""
        key = (rule, table, what)
        if key not in self.seen and len(self.seen) >= FAULTS_SHOWN:
            key = (rule, "", "each of the others")
        entry = self.seen.setdefault(key, [0, []])
        entry[0] += 1
        if row and len(entry[1]) < ROW_NUMBERS_SHOWN and row not in entry[1]:
            entry[1].append(row)

    def unknown(self, elements: Iterable[Any], path: str, table: str, row: int) -> None:
        """Count elements found in the element at `path` that the census does not have there."""
        for element in elements:
            name = re.sub(r"[^A-Za-z0-9_.-]", "", local_name(element))[:60]
            self.note("unknown_element", table, f"{path}/{name}", row)

    def findings(self, source_file: str) -> list[Finding]:
        """One `kept` finding for each fault seen."""
        return [
            Finding(
                stage="extracts",
                severity="kept",
                rule=rule,
                message=FAULTS[rule][0].format(what=what),
                advice=FAULTS[rule][1],
                table=table,
                column=what if rule == "repeated_element" and table else "",
                source_file=source_file,
                rows=count,
                row_numbers=tuple(rows),
            )
            for (rule, table, what), (count, rows) in self.seen.items()
        ]


def local_name(element: Any) -> str:  # noqa: ANN401 - lxml comes without types
    """The element's name without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
