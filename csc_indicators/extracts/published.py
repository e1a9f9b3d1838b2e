"""Reads the figures that DfE publishes, from files as they are downloaded from Explore Education Statistics.

A file is known by its name and its columns; which of its cells hold which indicator stands in the specs. Every cell
stays text until it is told apart into a number or a symbol, and every row is accounted for: used in a figure, of no
figure that the specs name, or left out for a reason. The result has the columns of the package's own results, so that
both can be put side by side.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from csc_indicators.catalogue import catalogue
from csc_indicators.errors import Finding, UnreadableFile, UsageError
from csc_indicators.extracts.documents import Document, documents
from csc_indicators.extracts.published_areas import LEVELS, REJECTED, Place, place_of
from csc_indicators.extracts.published_figures import Entry, Found, figures_of, finding_about
from csc_indicators.extracts.text_tables import read_csv, shown_name

NEEDED = ("time_period", "time_identifier", "geographic_level")
CODES = ("region_code", "old_la_code")
YEARS = re.compile(r"(_[0-9]{4}(_to_[0-9]{4}|_?[0-9]{2})?)+$")
"""What a file's name says of its years, at its end: `_2013_to_2025`, `_2025`, `_202425`."""
COPY = re.compile(r"[ _]*\([0-9]+\)$")
"""What a browser adds to the name of a file that is downloaded again."""
REPEATED = "repeated_row"
NAMES_SUGGESTED = 3

SCHEMA = pl.Schema(
    {
        "indicator": pl.String(),
        "reading": pl.String(),
        "parameters": pl.String(),
        "period": pl.String(),
        "period_start": pl.Date(),
        "period_end": pl.Date(),
        "level": pl.String(),
        "area_code": pl.String(),
        "area_name": pl.String(),
        "breakdown": pl.String(),
        "group": pl.String(),
        "numerator": pl.Float64(),
        "denominator": pl.Float64(),
        "value": pl.Float64(),
        "lower": pl.Float64(),
        "upper": pl.Float64(),
        "status": pl.String(),
        "complete": pl.Boolean(),
        "unit": pl.String(),
        "definition_version": pl.String(),
        "authorities": pl.Int64(),
        "value_made": pl.Boolean(),
        "release": pl.String(),
        "file": pl.String(),
        "vintage": pl.String(),
        "sha256": pl.String(),
    }
)
"""The columns of the figures: those of the package's results, and where the figure comes from."""


@dataclass(frozen=True, kw_only=True)
class PublishedFile:
    """One file that was read: which release it is of, its latest year, its fingerprint, and what became of its rows.

    `rows_of_no_figure` are rows that no spec names: other items of a filter. Always
    `rows_read == rows_used + rows_of_no_figure + the sum of rows_rejected`.
    """

    file: str
    releases: tuple[str, ...]
    vintage: str
    sha256: str
    rows_read: int
    rows_used: int
    rows_of_no_figure: int
    rows_rejected: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def balances(self) -> bool:
        """Whether every row read is accounted for."""
        return self.rows_read == self.rows_used + self.rows_of_no_figure + sum(self.rows_rejected.values())

    def as_dict(self) -> dict[str, Any]:
        """The account as plain values, for JSON."""
        return {**vars(self), "releases": list(self.releases), "rows_rejected": dict(self.rows_rejected)}


@dataclass(frozen=True, kw_only=True)
class PublishedSeries:
    """Published figures over years and areas, what is worth knowing about the files, and an account of each."""

    frame: pl.DataFrame
    findings: tuple[Finding, ...]
    files: tuple[PublishedFile, ...]


def read_published(paths: str | Path | Iterable[str | Path], *, vintage: str | None = None) -> PublishedSeries:
    """The published figures of some files, in the columns of the package's results.

    Args:
        paths: CSV files as downloaded from Explore Education Statistics, the archive of a release, or folders of them.
            A file given by name must be one that the specs know; in an archive or folder others are passed over. A
            file that is there twice, under whatever names, is read once.
        vintage: Which edition the files are, such as "2025"; the latest year in each file when left out. A figure of a
            later vintage takes the place of one of an earlier.

    Returns:
        `frame`, with one row for each figure, year, area and group: the columns of the results, and `value_made` (the
        file holds no value: it was made from the counts, and for a rate from the population aged 0 to 17 at the
        mid-year before), `release`, `file`, `vintage` and `sha256`. A cell that holds a symbol has it as `status`
        and no value. `lower`, `upper`, `parameters` and `definition_version` are empty: they are not published.
        `findings` and `files` say what was left out and why.

    Raises:
        UnreadableFile: a file cannot be read, is not CSV, or lacks the columns that say year and area.
        UsageError: a file named is none that the specs know, or no file holds any figure.

    >>> from csc_indicators.extracts.published import read_published
    >>> read_published("ks9_la.csv")
    Traceback (most recent call last):
    csc_indicators.errors.UnreadableFile: ks9_la.csv: there is no such file. Check the path.
    """
    given = [Path(path) for path in ([paths] if isinstance(paths, str | Path) else paths)]
    frames: list[pl.DataFrame] = []
    findings: list[Finding] = []
    files: list[PublishedFile] = []
    read: dict[str, str] = {}
    for document in documents(_files(given), {path for path in given if not path.is_dir()}):
        entries = _entries_for(document, findings)
        if not entries:
            continue
        digest = hashlib.sha256(document.data).hexdigest()
        if digest in read:  # downloaded twice, or beside the archive that holds it
            message, advice = f"the file is the same as {read[digest]}; it counts once", "nothing needs to be done"
            findings.append(finding_about("repeated_file", "kept", message, advice, file=_name(document)))
            continue
        read[digest] = _name(document)
        frame, account = _read(document, entries, digest, vintage, findings)
        frames.append(frame)
        files.append(account)
    if not frames:
        where = ", ".join(str(path) for path in given) or "no path was given"
        raise UsageError(f"{where}: no file with published figures was found. {_names_known(_known())}")
    together = pl.concat(frames)
    keys = ["indicator", "reading", "period", "_level", "area_code", "_order", "vintage", "sha256"]
    order = {level: place for place, level in enumerate(LEVELS.values())}
    placed = together.with_columns(
        pl.col("level").replace_strict(order, return_dtype=pl.Int8).alias("_level"),
        pl.col("group").rank("dense").over("indicator").alias("_order"),
    )
    return PublishedSeries(
        frame=placed.sort(keys, maintain_order=True).select(SCHEMA.names()).cast(SCHEMA),
        findings=tuple(findings),
        files=tuple(files),
    )


def stem_of(name: str) -> str:
    """The name of a published file without its years, in lower case.

    >>> stem_of("d3_cpps_subsequent_plan_2013_to_2025.csv"), stem_of("Absence_la (1).csv")
    ('d3_cpps_subsequent_plan', 'absence_la')
    """
    return YEARS.sub("", COPY.sub("", Path(name).stem.strip()).lower())


def _files(paths: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        wanted = [file for file in inside if file.suffix.lower() in (".csv", ".zip") and not file.name.startswith(".")]
        files += wanted if path.is_dir() else inside
    return list(dict.fromkeys(files))


def _known() -> dict[str, list[Entry]]:
    """The entries of the specs that say which cells hold a figure, by the name of their file."""
    known: dict[str, list[Entry]] = {}
    for spec in catalogue().indicators.values():
        for figures in spec.published_figures:
            if figures.established:
                known.setdefault(figures.file.lower(), []).append(Entry(spec, figures))
    return known


def _entries_for(document: Document, findings: list[Finding]) -> list[Entry]:
    """What the specs know of a file by its name; nothing for one that may be passed over."""
    name = document.label.rpartition("!")[2]
    known = _known()
    entries = known.get(stem_of(name), []) if document.suffix == ".csv" else []
    if entries:
        return entries
    if document.named:
        if document.suffix != ".csv":
            raise UnreadableFile(f"{document.label}: not a CSV file. Give the data file of the release, as CSV.")
        raise UsageError(
            f"{document.label}: no indicator is known to be in a file of that name."
            f"{_nearest(document, stem_of(name), known)} Keep the name that the file has when it is downloaded. "
            f"{_names_known(known)}"
        )
    if not name.lower().endswith(".meta.csv"):
        message = "no indicator is known to be in a file of that name; it was passed over"
        findings.append(finding_about("passed_over", "kept", message, "nothing needs to be done", file=_name(document)))
    return []


def _name(document: Document) -> str:
    """The name of a file, without the folder or archive that it is in."""
    return Path(document.label.rpartition("!")[2]).name


def _names_known(known: Iterable[str]) -> str:
    return f"The names known are, each as CSV: {', '.join(sorted(known))}."


def _nearest(document: Document, stem: str, known: Mapping[str, Sequence[Entry]]) -> str:
    """What to try instead: the names most like this one, or the file whose columns these are."""
    if near := difflib.get_close_matches(stem, list(known), n=NAMES_SUGGESTED):
        names = '" or "'.join(near)
        return f' Did you mean "{names}"?'
    try:
        header = read_csv(document.data, document.label).columns
    except UnreadableFile:
        return ""
    alike = [name for name, entries in known.items() if any(entry.figures.named_in(header) for entry in entries)]
    return f" Its columns are those of {' or '.join(sorted(alike))}." if alike else ""


def _read(
    document: Document, entries: Sequence[Entry], digest: str, vintage: str | None, findings: list[Finding]
) -> tuple[pl.DataFrame, PublishedFile]:
    name = _name(document)
    raw = _as_plain_text(read_csv(document.data, document.label), document.label)
    used, missing = _with_columns(entries, raw.columns)
    if not used:
        lacking = sorted({column for entry in entries for column in entry.figures.columns} - set(raw.columns))
        raise UsageError(
            f"{document.label}: a published file of this name has other columns. Missing: "
            f"{', '.join(lacking)}. Give the file of another year, or say in the spec what the columns are called now."
        )
    if missing:
        message = f"the file has no columns for {', '.join(sorted(missing))}"
        advice = "nothing needs to be done: they are not in this edition of the file"
        indicators = tuple(sorted({name.partition(":")[0] for name in missing}))
        findings.append(finding_about("missing_columns", "kept", message, advice, file=name, indicators=indicators))
    placed, rejected = _placed(raw, used[0].spec.collection, name, findings)
    edition = vintage or _latest(placed)
    held = [figures_of(entry, placed, name, findings) for entry in used]
    taken = pl.Series([row for found in held for row in found.rows], dtype=pl.UInt32).n_unique() if held else 0
    ambiguous = {row for found in held for row in found.ambiguous} - {row for found in held for row in found.rows}
    if ambiguous:
        rejected = {**rejected, "ambiguous_rows": len(ambiguous)}
    account = PublishedFile(
        file=name,
        releases=tuple(dict.fromkeys(entry.figures.release for entry in used)),
        vintage=edition,
        sha256=digest,
        rows_read=raw.height,
        rows_used=taken,
        rows_of_no_figure=raw.height - taken - sum(rejected.values()),
        rows_rejected=rejected,
    )
    return _with_source([found for found in held if found.frame.height], name, edition, digest), account


def _with_source(held: Sequence[Found], name: str, edition: str, digest: str) -> pl.DataFrame:
    frames = [found.frame.with_columns(pl.lit(found.entry.figures.release).alias("release")) for found in held]
    nothing = SCHEMA.to_frame().drop("file", "vintage", "sha256")
    return pl.concat([nothing, *(frame.select(nothing.columns) for frame in frames)]).with_columns(
        pl.lit(name).alias("file"), pl.lit(edition).alias("vintage"), pl.lit(digest).alias("sha256")
    )


def _as_plain_text(frame: pl.DataFrame, label: str) -> pl.DataFrame:
    """A file with its columns in lower case, cells without spaces around them, and the number of each row."""
    names = [column.strip().lower() for column in frame.columns]
    if len(set(names)) < len(names):
        raise UnreadableFile(f"{label}: a column name is given twice. Give each column a name of its own.")
    lacking = [name for name in NEEDED if name not in names]
    if lacking:
        raise UnreadableFile(
            f"{label}: the column {shown_name(lacking[0])} is missing, so this is no data file of Explore Education "
            "Statistics. Download the file as CSV (data), not as a table."
        )
    text = pl.all().str.strip_chars()
    plain = frame.rename(dict(zip(frame.columns, names, strict=True))).with_columns(
        pl.when(text != "").then(text).name.keep()
    )
    absent = [pl.lit(None, pl.String).alias(name) for name in CODES if name not in names]
    return plain.with_columns(absent).with_row_index("_row", offset=1)


def _with_columns(entries: Sequence[Entry], header: Sequence[str]) -> tuple[list[Entry], list[str]]:
    """The entries whose columns a file has, under the names it has them by, and what it has no columns for."""
    used: list[Entry] = []
    missing: list[str] = []
    for entry in entries:
        names = entry.figures.named_in(header)
        if names is None:
            missing.append(entry.label)
        else:
            used.append(Entry(entry.spec, entry.figures, names))
    return used, missing


def _placed(
    raw: pl.DataFrame, collection: str, name: str, findings: list[Finding]
) -> tuple[pl.DataFrame, dict[str, int]]:
    """The rows with their year and area, without those that are left out, and how many are left out by which rule."""
    asked = ["time_period", "time_identifier", "geographic_level", "_code"]
    regional = pl.col("geographic_level").str.to_lowercase() == "regional"
    rows = raw.with_columns(pl.when(regional).then("region_code").otherwise("old_la_code").alias("_code"))
    places = {key: place_of(collection, *key) for key in rows.select(asked).unique(maintain_order=True).iter_rows()}
    table = pl.DataFrame(
        [(*key, *_as_row(place)) for key, place in places.items()],
        schema={**dict.fromkeys(asked, pl.String), **PLACED},
        orient="row",
    )
    rows = rows.join(table, on=asked, how="left", nulls_equal=True, maintain_order="left")
    same = pl.struct(pl.exclude("_row", "_code", *PLACED)).is_first_distinct()
    rows = rows.with_columns(
        pl.when(~same & pl.col("_rule").is_null()).then(pl.lit(REPEATED)).otherwise("_rule").alias("_rule")
    )
    told = {**REJECTED, REPEATED: ("the row is the same as one above it", "it counts once; nothing needs to be done")}
    rejected: dict[str, int] = {}
    for rule, (message, advice) in told.items():
        left_out = rows.filter(_rule=rule)["_row"]
        if len(left_out):
            rejected[rule] = len(left_out)
            findings.append(finding_about(rule, "rejected", message, advice, file=name, rows=left_out))
    joint = rows.filter(pl.col("_rule").is_null(), pl.col("authorities") > 1)["_row"]
    if len(joint):
        message = "authorities that return together stand in one row; they are one area, coded with a plus"
        advice = "compare them with each other's figures only where they return together"
        findings.append(finding_about("joint_return", "kept", message, advice, file=name, rows=joint))
    return rows.filter(pl.col("_rule").is_null()).drop("_rule", "_code"), rejected


PLACED: Mapping[str, Any] = {
    "_rule": pl.String,
    "period": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "level": pl.String,
    "area_code": pl.String,
    "area_name": pl.String,
    "authorities": pl.Int64,
    "population": pl.Float64,
}


def _as_row(place: Place) -> tuple[Any, ...]:
    period = place.period
    when = (period.label, period.start, period.end) if period else (None, None, None)
    return (place.rule, *when, place.level, place.area_code, place.area_name, place.authorities, place.population)


def _latest(placed: pl.DataFrame) -> str:
    latest = placed["period"].max()
    return str(latest) if latest is not None else ""
