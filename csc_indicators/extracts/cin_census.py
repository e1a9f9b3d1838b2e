"""Reads CIN census XML into raw tables: text and row numbers, nothing believed yet.

`CENSUS_TREE` is the whole mapping from elements to tables and columns; everything below it is the machinery that
applies it. The file is read as a stream, one `Child` at a time, so memory is bounded by the tables, not the document.

What a census file may not contain is refused before anything is expanded: any DOCTYPE, and so any entity of the file's
own. Messages name the file, the line and what to do; they never quote the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import polars as pl

from csc_indicators.errors import Finding, UnreadableFile
from csc_indicators.extracts.raw import CENSUS_COLUMNS, RAW_TABLES, RawCinCensus
from csc_indicators.extracts.xml_files import (
    Faults,
    check_xml_prolog,
    explain_malformed_xml,
    local_name,
    why_not_opened,
)
from csc_indicators.extracts.xml_parser import RESOURCE_LIMIT, XMLSyntaxError, safe_parser


@dataclass(frozen=True)
class Rows:
    """An element that makes one row of `table`; `contents` says where its columns come from."""

    table: str
    contents: str | Mapping[str, Contents]


Contents: TypeAlias = "str | Rows | Mapping[str, Contents]"
"""What an element means: a text column of the row it stands in, rows of their own, or a wrapper of more elements."""

CENSUS_TREE: dict[str, Contents] = {
    "Header": {
        "CollectionDetails": {"Collection": "collection", "Year": "year", "ReferenceDate": "reference_date"},
        "Source": {
            "SourceLevel": "source_level",
            "LEA": "la_code",
            "SoftwareCode": "software_code",
            "Release": "release",
            "SerialNo": "serial_number",
            "DateTime": "produced_at",
        },
    },
    "Children": {
        "Child": Rows(
            "children",
            {
                "ChildIdentifiers": {
                    "LAchildID": "child_id",
                    "UPN": "unique_pupil_number",
                    "FormerUPN": "former_unique_pupil_number",
                    "UPNunknown": "unique_pupil_number_unknown",
                    "PersonBirthDate": "birth_date",
                    "ExpectedPersonBirthDate": "expected_birth_date",
                    "GenderCurrent": "gender_current",  # to 2023/24
                    "Sex": "sex",  # from 2024/25
                    "PersonDeathDate": "death_date",
                },
                "ChildCharacteristics": {
                    "Ethnicity": "ethnicity",
                    "Disabilities": {"Disability": Rows("disabilities", "disability")},
                },
                "CINdetails": Rows(
                    "episodes",
                    {
                        "CINreferralDate": "referral_date",
                        "ReferralSource": "referral_source",
                        "PrimaryNeedCode": "primary_need",
                        "CINclosureDate": "closure_date",
                        "ReasonForClosure": "closure_reason",
                        "DateOfInitialCPC": "initial_conference_date",
                        "ReferralNFA": "no_further_action",
                        "Assessments": Rows(
                            "assessments",
                            {
                                "AssessmentActualStartDate": "start_date",
                                "AssessmentInternalReviewDate": "internal_review_date",
                                "AssessmentAuthorisationDate": "authorisation_date",
                                "FactorsIdentifiedAtAssessment": {
                                    "AssessmentFactors": Rows("assessment_factors", "factor"),
                                },
                            },
                        ),
                        "CINPlanDates": Rows(
                            "child_in_need_plans",
                            {"CINPlanStartDate": "start_date", "CINPlanEndDate": "end_date"},
                        ),
                        "Section47": Rows(
                            "section_47_enquiries",
                            {
                                "S47ActualStartDate": "start_date",
                                "InitialCPCtarget": "conference_target_date",
                                "DateOfInitialCPC": "initial_conference_date",
                                "ICPCnotRequired": "conference_not_required",
                            },
                        ),
                        "ChildProtectionPlans": Rows(
                            "child_protection_plans",
                            {
                                "CPPstartDate": "start_date",
                                "CPPendDate": "end_date",
                                "InitialCategoryOfAbuse": "initial_category_of_abuse",
                                "LatestCategoryOfAbuse": "latest_category_of_abuse",
                                "NumberOfPreviousCPP": "number_of_previous_plans",
                                # Suppliers write one Reviews block with many dates, or a block for each date.
                                "Reviews": {"CPPreviewDate": Rows("reviews", "review_date")},
                            },
                        ),
                        "PreProceedingsandFGDM": Rows(  # from 2026/27
                            "pre_proceedings",
                            {
                                "PPStartDate": "start_date",
                                "LBPSentDate": "letter_before_proceedings_date",
                                "FGDMMeetingOffer": "family_group_meeting_offered",
                                "FGDMMeetingFac": "family_group_meeting_held",
                                "InitialPPMeetingDate": "initial_meeting_date",
                                "ReviewMeetingsCount": "review_meetings_count",
                                "StepDecisionDate": "step_decision_date",
                                "PPOutcome": "outcome",
                                "CourtAppDate": "court_application_date",
                                "LetterInitCPDate": "initial_conference_letter_date",
                            },
                        ),
                    },
                ),
            },
        ),
    },
}
"""Every element below `Message`, and the table and column it becomes."""

ROOT = "Message"
CHUNK_BYTES = 1 << 18
ROWS_HELD = 5_000
"""Rows of one table held as Python objects before they are packed into polars."""


def read_cin_census_xml(paths: Sequence[Path], *, on_progress: Callable[[int], None] | None = None) -> RawCinCensus:
    """Read CIN census XML files as text, exactly as `CENSUS_TREE` says.

    Elements may stand in any order, in any namespace and in any text encoding the file declares. Text is stripped and
    empty text is null. Unknown and repeated elements are reported as `kept` findings, never fatal. A file without a
    header, or whose header names no authority or reference date, is read with those left null.

    Args:
        paths: The files, one census each; `census` is the position in this sequence.
        on_progress: Called with the number of bytes read since the last call.

    Raises:
        UnreadableFile: A file is missing, is not XML, is cut short, declares a DOCTYPE, is not a census, or breaks a
            safety limit. The message names the file, the line where it is known, and what to do.
    """
    tables: dict[str, list[pl.DataFrame]] = {name: [shape.schema.to_frame()] for name, shape in RAW_TABLES.items()}
    censuses: list[list[Any]] = []
    findings: list[Finding] = []
    for census, path in enumerate(paths):
        stores = {name: _Store(name) for name in RAW_TABLES}
        faults = Faults()
        try:
            with path.open("rb") as file:
                check_xml_prolog(file, path, root=ROOT)
                header = _read_file(file, path, stores, faults, on_progress)
        except OSError as error:
            raise UnreadableFile(f"{path}: {why_not_opened(error)}") from None
        for name, table in _linked(census, stores).items():
            tables[name].append(table)
        censuses.append([census, str(path), *header[1:]])
        findings += faults.findings(str(path))
    schema = pl.Schema({"census": pl.UInt32(), **dict.fromkeys(CENSUS_COLUMNS, pl.String())})
    return RawCinCensus(
        censuses=pl.DataFrame(censuses, schema=schema, orient="row"),
        # One table at a time, so that only one of them is ever held twice.
        tables={name: pl.concat(tables.pop(name), rechunk=True) for name in RAW_TABLES},
        findings=tuple(findings),
    )


@dataclass
class _Store:
    """The rows of one table of one file in document order: the latest as one flat list of cells, the rest packed.

    A row is its parent's row number, then its text. It has no Python object of its own: that would cost more than the
    parsing. Its own number is its place, and its further links are its parent's, so neither is held.
    """

    table: str
    parent: str = ""
    count: int = 0
    cells: list[Any] = field(default_factory=list[Any])
    packed: list[pl.DataFrame] = field(default_factory=list[pl.DataFrame])

    def pack(self, at_least: int = 1) -> None:
        """Move the rows held into a frame, if there are `at_least` that many."""
        columns = _row_columns(self.table)
        if len(self.cells) >= at_least * len(columns):
            schema = RAW_TABLES[self.table].schema
            held = [pl.Series(name, self.cells[at :: len(columns)], schema[name]) for at, name in enumerate(columns)]
            self.packed.append(pl.DataFrame(held))
            self.cells.clear()


def _row_columns(table: str) -> tuple[str, ...]:
    """What each place of a row of this table holds while the file is read."""
    if table == "censuses":
        return CENSUS_COLUMNS
    return (*RAW_TABLES[table].links[-1:], *RAW_TABLES[table].columns) if table else ()


def _linked(census: int, stores: Mapping[str, _Store]) -> dict[str, pl.DataFrame]:
    """The tables of one file, every row with its number and all its links."""
    tables: dict[str, pl.DataFrame] = {}
    for name, store in stores.items():  # parents stand before the tables below them
        shape = RAW_TABLES[name]
        packed = pl.concat([shape.schema.to_frame().select(_row_columns(name)), *store.packed], rechunk=True)
        store.packed.clear()
        numbered = packed.with_row_index("source_row", offset=1).with_columns(pl.lit(census, pl.UInt32).alias("census"))
        for link in shape.links[:-1]:
            parent_rows = packed.get_column(shape.links[-1]) - 1
            numbered = numbered.with_columns(tables[store.parent].get_column(link).gather(parent_rows))
        tables[name] = numbered.select(shape.schema.names())
    return tables


@dataclass(frozen=True)
class _Block:
    """An element of `CENSUS_TREE` made ready for one file."""

    path: str
    table: str  # whose row its columns belong to
    columns: tuple[str, ...]  # what each place of that row holds
    parts: dict[Any, int | _Block]  # tag of each element inside -> place of its text in the row, or block
    faults: Faults
    store: _Store | None = None  # of the rows this element makes; none when it is a wrapper
    text_only: bool = False  # its own text is the only column of its row
    blank: tuple[None, ...] = ()


def _block(path: str, table: str, contents: Contents, stores: Mapping[str, _Store], faults: Faults) -> _Block:
    store = None
    if isinstance(contents, Rows):
        store = stores[contents.table]
        store.parent = table
        table, contents = contents.table, contents.contents
    if isinstance(contents, str):
        return _Block(path, table, (contents,), {}, faults, store, text_only=True)
    columns = _row_columns(table)
    parts = {
        name: columns.index(part) if isinstance(part, str) else _block(f"{path}/{name}", table, part, stores, faults)
        for name, part in contents.items()
    }
    blank = (None,) * len(RAW_TABLES[table].columns) if store else ()
    return _Block(path, table, columns, parts, faults, store, blank=blank)


def _read_file(
    file: BinaryIO, path: Path, stores: dict[str, _Store], faults: Faults, on_progress: Callable[[int], None] | None
) -> list[Any]:
    """Fill the stores from the file and return its header as a row of `CENSUS_COLUMNS`."""
    children = _block(f"{ROOT}/Children", "", CENSUS_TREE["Children"], stores, faults)
    parser = safe_parser("Child")
    try:
        while data := file.read(CHUNK_BYTES):
            parser.feed(data)
            _read_children(parser, children)
            for store in stores.values():
                store.pack(at_least=ROWS_HELD)
            if on_progress:
                on_progress(len(data))
        root = parser.close()
    except XMLSyntaxError as error:
        line, limit = error.lineno, error.code == RESOURCE_LIMIT
    else:
        _read_children(parser, children)
        for store in stores.values():
            store.pack()
        return _read_outside_children(root, children)
    explain_malformed_xml(file, path)
    why = "it is nested too deeply or holds too long a text for a census" if limit else "it is not well-formed XML"
    raise UnreadableFile(f"{path}: line {line}: {why}. Export the file again.")


def _read_children(parser: Any, children: _Block) -> None:  # noqa: ANN401 - lxml comes without types
    """Read every `Child` completed since the last call and let go of what came before it."""
    for _, child in parser.read_events():
        wrapper = child.getparent()
        if [local_name(above) for above in child.iterancestors()] != ["Children", ROOT]:
            continue  # a Child elsewhere is reported with the unknown elements of wherever it is
        # The child itself stays until the next is complete: the parser may still write after it.
        while (earlier := child.getprevious()) is not None:
            if local_name(earlier) != "Child":
                children.faults.unknown((earlier,), children.path, "", 0)
            wrapper.remove(earlier)
        _read_parts((child,), children, [], 0, 0)


def _read_parts(elements: Iterable[Any], block: _Block, cells: list[Any], start: int, row: int) -> None:
    """Read elements that stand directly in `block`.

    `row` is the number of the row they stand in (0 outside any), `cells[start]` its first cell.
    """
    parts = block.parts
    for element in elements:
        part = parts.get(element.tag)
        if part is None:
            part = _part_in_namespace(element, block, row)
        if isinstance(part, int):
            text = element.text
            if text and (text := text.strip()):
                if cells[start + part] is None:
                    cells[start + part] = text
                else:
                    block.faults.note("repeated_element", block.table, block.columns[part], row)
            if len(element):
                block.faults.unknown(element, f"{block.path}/{local_name(element)}", block.table, row)
        elif part is not None:
            if part.store is None:
                _read_parts(element, part, cells, start, row)
            else:
                _read_row(element, part, part.store, row)


def _read_row(element: Any, block: _Block, store: _Store, parent: int) -> None:  # noqa: ANN401
    """Start a row below row `parent` and read the element into it."""
    store.count = row = store.count + 1
    cells = store.cells
    start = len(cells)
    if parent:
        cells.append(parent)
    if block.text_only:
        cells.append((element.text or "").strip() or None)
        if len(element):
            block.faults.unknown(element, block.path, block.table, row)
    else:
        cells += block.blank
        _read_parts(element, block, cells, start, row)


def _part_in_namespace(element: Any, block: _Block, row: int) -> int | _Block | None:  # noqa: ANN401
    """The part with this name but for its namespace, remembered under its full name; none for an unknown element."""
    part = block.parts.get(local_name(element))
    if part is None:
        block.faults.unknown((element,), block.path, block.table, row)
    else:
        block.parts[element.tag] = part
    return part


def _read_outside_children(root: Any, children: _Block) -> list[Any]:  # noqa: ANN401
    """Read the header, wherever it stands, and report what else the file holds outside `Child`."""
    cells: list[Any] = [None] * len(CENSUS_COLUMNS)
    faults = children.faults
    header = _block(f"{ROOT}/Header", "censuses", CENSUS_TREE["Header"], {}, faults)
    sources = 0
    for element in root:
        if local_name(element) == "Header":
            for part in element:
                sources += local_name(part) == "Source"
                if local_name(part) == "Source" and sources > 1:
                    faults.note("repeated_source", "censuses", "", 0)
                else:
                    _read_parts((part,), header, cells, 0, 0)
        elif local_name(element) == "Children":
            faults.unknown((part for part in element if local_name(part) != "Child"), children.path, "", 0)
        else:
            faults.unknown((element,), ROOT, "", 0)
    return cells
