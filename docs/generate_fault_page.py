"""Writes the table of which planted faults validation finds: some minutes.

python -m docs.generate_fault_page
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import polars as pl

import csc_indicators as csc
from csc_indicators.errors import UnreadableFile
from csc_indicators.extracts.cin_census import read_cin_census_xml
from csc_indicators.extracts.discovery import discover
from csc_indicators.extracts.raw_ssda903 import TABLES
from csc_indicators.extracts.ssda903 import read_ssda903_files
from csc_indicators.markdown import table
from csc_indicators.synthetic.fault_kinds import SECOND_ID
from csc_indicators.synthetic.synthesis import FAULTS, synthesise
from csc_indicators.tables import findings as shown

PAGE = Path(__file__).resolve().parent / "reference" / "fault-detection.md"
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"
HEADER = ("Return", "Fault", "Planted", "Can be found", "Found", "Of those that can be", "Told as")
AUTHORITIES, YEARS, RATE = 12, 3, 0.01
NAMES = {"cin": "CIN census", "ssda903": "Looked-after children"}
EVERY_ROW = 1 << 30

NOT_RETURNED = "open_episode_not_returned"
SINCE_RETURNED = (NOT_RETURNED, "stale_open_episode")
BETWEEN_RETURNS = (*SINCE_RETURNED, "two_open_episodes", "shared_pupil_number")
"""Rules that look at all returns together: they name a row where it was last returned, or the one it no longer fits."""
ANOTHER_REFERRAL_DATE = (
    "referral_after_census",
    "closure_before_referral",
    "activity_before_referral",
    "overlapping_episodes",
    NOT_RETURNED,
)
TOLD_AS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("cin", "closure_without_reason"): ("closure_without_reason",),
    ("cin", "missing_closure_date"): ("reason_without_closure",),
    ("cin", "closure_before_referral"): ("closure_before_referral",),
    ("cin", "stale_open_case"): (NOT_RETURNED,),
    ("cin", "overlapping_cases"): ("overlapping_episodes",),
    ("cin", "second_open_case"): ("two_open_episodes", NOT_RETURNED),
    ("cin", "year_mistyped"): ANOTHER_REFERRAL_DATE,
    ("cin", "swapped_day_and_month"): ANOTHER_REFERRAL_DATE,
    ("cin", "lower_case_code"): ("code_tidied",),
    ("cin", "unknown_code"): ("unknown_code",),
    ("cin", "code_of_another_year"): ("code_outside_its_years", "unknown_code"),
    ("cin", "missing_birth_date"): ("missing_birth_date",),
    ("cin", "birth_year_mistyped"): ("born_after_census",),
    ("cin", "child_returned_twice"): ("duplicated_child",),
    ("cin", "child_under_two_ids"): ("shared_pupil_number",),
    ("cin", "truncated_file"): ("the file is refused",),
    ("ssda903", "end_without_reason"): ("end_without_reason",),
    ("ssda903", "missing_end"): ("reason_without_end",),
    ("ssda903", "end_before_start"): ("ended_before_start",),
    ("ssda903", "stale_open_episode"): SINCE_RETURNED,
    ("ssda903", "overlapping_episodes"): ("episodes_overlap", "end_after_next_start"),
    ("ssda903", "second_open_episode"): ("stale_open_episode",),
    ("ssda903", "swapped_day_and_month"): (
        "start_after_year",
        "ended_before_start",
        "episodes_overlap",
        "end_after_next_start",
        "start_is_not_said",
        *SINCE_RETURNED,
    ),
    ("ssda903", "lower_case_code"): ("code_tidied",),
    ("ssda903", "unknown_code"): ("unknown_code",),
    ("ssda903", "impossible_score"): ("impossible_score",),
    ("ssda903", "code_of_another_year"): ("code_outside_its_years",),
    ("ssda903", "missing_birth_date"): ("missing_birth_date",),
    ("ssda903", "birth_year_mistyped"): ("born_after_year", "birth_dates_disagree"),
    ("ssda903", "child_returned_twice"): ("second_row_of_child",),
    ("ssda903", "child_under_two_ids"): ("shared_pupil_number",),
}
"""By return and fault, the rules that tell of it."""
WITH_ITS_PARENT = "parent_left_out"
OUR_NAMES = {f"ssda903.{shape.file.removesuffix('.csv')}": f"ssda903.{name}" for name, shape in TABLES.items()}
"""What findings call the tables of the return on looked-after children, by the names of their files."""


@dataclass(frozen=True)
class Score:
    """What validation makes of planted faults.

    `found` has a row for each return and fault: `planted`, `detectable` and `found`. Of the rows that were left out,
    `rejected` had a fault and were so by a rule that tells of it, `with_parent` belonged to one of those, and
    `rejected_wrongly` are all others. `told_wrongly` counts, by rule, what was told of children without any fault.
    """

    found: pl.DataFrame
    rejected: int
    with_parent: int
    rejected_wrongly: int
    told_wrongly: Mapping[str, int]


def score(folder: Path) -> Score:
    """Validate a folder of made-up returns with faults, and compare what is told with what was planted.

    A fault is found when a rule that tells of it names a row of its child in its file, for a child has one fault in a
    return at the most; or, of rules that look at all returns together, in another file. The file that is cut short is
    deleted.
    """
    planted = pl.read_parquet(folder / FAULTS).with_columns(
        collection=pl.col("table").str.split(".").list.first().fill_null("cin"),
        place=pl.col("table").replace(OUR_NAMES),
    )
    refused = _refused(folder, planted)
    told = _told(folder)
    by_file, by_child = ({*told.select(*keys, "rule").rows()} for keys in (("file", "child_id"), ("child_id",)))
    rows: list[dict[str, object]] = []
    for (collection, fault), rules in TOLD_AS.items():
        of_kind = planted.filter(collection=collection, fault=fault)
        detectable = of_kind.filter("detectable")
        found = sum(
            any(
                (file, child, rule) in by_file or (rule in BETWEEN_RETURNS and (child, rule) in by_child)
                for rule in rules
            )
            for file, child in detectable.select("file", "child_id").rows()
        )
        rows.append(
            {
                "collection": collection,
                "fault": fault,
                "planted": of_kind.height,
                "detectable": detectable.height,
                "found": refused if fault == "truncated_file" else found,
            }
        )
    left_out = told.filter(severity="rejected")
    own = left_out.filter(pl.col("rule") != WITH_ITS_PARENT)
    expected = planted.join(_rules(), on=["collection", "fault"])
    row = ["file", "place", "row"]
    faulty = own.join(expected, on=[*row, "rule"], how="semi").unique(row)
    with_parent = left_out.filter(rule=WITH_ITS_PARENT)
    of_faulty = with_parent.join(faulty, on=["file", "child_id"], how="semi")
    # The first id of a child with two is as faulty as the second, which is the one that is noted.
    ids = pl.concat([planted["child_id"], planted["child_id"].str.strip_suffix(SECOND_ID)]).drop_nulls()
    wrongly = told.filter(~pl.col("child_id").is_in(ids.implode())).group_by("rule").len().sort("rule")
    return Score(
        found=pl.DataFrame(rows),
        rejected=faulty.height,
        with_parent=of_faulty.height,
        rejected_wrongly=own.unique(row).height - faulty.height + with_parent.height - of_faulty.height,
        told_wrongly=dict(wrongly.iter_rows()),
    )


def _rules() -> pl.DataFrame:
    """`TOLD_AS` as a table: `collection, fault, rule`."""
    rows = [(*kind, rule) for kind, rules in TOLD_AS.items() for rule in rules]
    return pl.DataFrame(rows, schema=["collection", "fault", "rule"], orient="row")


def _refused(folder: Path, planted: pl.DataFrame) -> int:
    """How many of the files that are cut short are refused by name; they are deleted, and the rest can be read."""
    refused = 0
    for file in planted.filter(fault="truncated_file")["file"]:
        try:
            csc.load(folder)
        except UnreadableFile as error:
            refused += str(error).startswith(str(folder / file))
        (folder / file).unlink()
    return refused


def _told(folder: Path) -> pl.DataFrame:
    """Every row of both returns on children that a finding is about: `rule, severity, place, file, row, child_id`."""
    # Findings list twenty rows of a file; here each is looked at.
    with patch.object(shown, "ROW_NUMBERS_SHOWN", EVERY_ROW):
        extracts = csc.load(folder)
    told = [
        (finding.rule, finding.severity, place, str(Path(finding.source_file).relative_to(folder)), row)
        for finding in extracts.findings
        for place in [finding.table if "." in finding.table else f"cin.{finding.table}"]
        for row in finding.row_numbers
    ]
    schema = {"rule": pl.String, "severity": pl.String, "place": pl.String, "file": pl.String, "row": pl.UInt32}
    return pl.DataFrame(told, schema=schema, orient="row").join(rows_of_children(folder), on=["place", "file", "row"])


def rows_of_children(folder: Path) -> pl.DataFrame:
    """Of which child each row of both returns on children is: `place, file, row, child_id`."""
    files = discover([folder])
    census, care = read_cin_census_xml(files.cin_xml), read_ssda903_files(files.ssda903)
    row = pl.col("source_row").alias("row")
    ids = census.tables["children"].select("census", pl.col("source_row").alias("child_row"), "child_id")
    sources = census.censuses.select("census", file="source_file")
    parts = [
        (ids.rename({"child_row": "row"}) if name == "children" else rows.join(ids, on=["census", "child_row"]))
        .join(sources, on="census")
        .select(pl.lit(f"cin.{name}").alias("place"), "file", row if name != "children" else "row", "child_id")
        for name, rows in census.tables.items()
    ]
    parts += [
        rows.select(pl.lit(f"ssda903.{name}").alias("place"), pl.col("source_file").alias("file"), row, "child_id")
        for name, rows in care.tables.items()
    ]
    return pl.concat(parts).with_columns(pl.col("file").str.strip_prefix(f"{folder}/"))


def as_table(found: pl.DataFrame) -> str:
    """The scores as a table, one line a return and fault; shares are rounded down, so that all means all."""
    rows: list[tuple[str, ...]] = []
    for row in found.iter_rows(named=True):
        share = f"{math.floor(row['found'] / row['detectable'] * 1000) / 10:g} %" if row["detectable"] else ""
        rules = ", ".join(f"`{rule}`" if "_" in rule else rule for rule in TOLD_AS[row["collection"], row["fault"]])
        counts = (f"{row[name]:,}" for name in ("planted", "detectable", "found"))
        rows.append((NAMES[row["collection"]], f"`{row['fault']}`", *counts, share, rules))
    return table(HEADER, rows, right=HEADER[2:6])


def as_words(scored: Score) -> str:
    """What was left out, and what was told of good rows."""
    told = ", ".join(f"`{rule}` of {rows:,} rows" for rule, rows in scored.told_wrongly.items())
    return (
        f"{scored.rejected:,} rows with a fault were left out, and {scored.with_parent:,} that belonged to them; "
        f"{scored.rejected_wrongly:,} good rows were.\n\nOf children without any fault was told: {told or 'nothing'}."
    )


def main() -> None:
    """Plant faults in made-up returns, validate them, and fill the table into its page."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = synthesise(Path(temporary) / "faulty", las=AUTHORITIES, years=YEARS, faults=RATE)
        scored = score(folder)
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    filled = f"{as_table(scored.found)}\n\n{as_words(scored)}"
    PAGE.write_text(f"{before}{BEGIN}\n\n{filled}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
