"""Writes the table of which planted faults validation finds: some minutes.

python -m docs.generate_fault_page
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

import csc_indicators as csc
from csc_indicators.errors import UnreadableFile
from csc_indicators.markdown import table
from csc_indicators.synthetic.synthesis import FAULTS, synthesise

PAGE = Path(__file__).resolve().parent / "reference" / "fault-detection.md"
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"
HEADER = ("Return", "Fault", "Planted", "Can be found", "Found", "Of those that can be", "Told as")
AUTHORITIES, YEARS, RATE = 12, 3, 0.01
NAMES = {"cin": "CIN census", "ssda903": "Looked-after children"}

TOLD_AS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("cin", "closure_without_reason"): ("closure_without_reason",),
    ("cin", "missing_closure_date"): ("reason_without_closure",),
    ("cin", "stale_open_case"): ("open_episode_not_returned",),
    ("cin", "overlapping_cases"): ("overlapping_episodes",),
    ("cin", "year_mistyped"): ("referral_after_census",),
    ("cin", "swapped_day_and_month"): ("referral_after_census", "closure_before_referral"),
    ("cin", "lower_case_code"): ("code_tidied",),
    ("cin", "unknown_code"): ("unknown_code",),
    ("cin", "code_of_another_year"): ("code_outside_its_years",),
    ("cin", "missing_birth_date"): ("missing_birth_date",),
    ("cin", "child_returned_twice"): ("duplicated_child",),
    ("cin", "truncated_file"): ("the file is refused",),
    ("ssda903", "end_without_reason"): ("end_without_reason",),
    ("ssda903", "missing_end"): ("reason_without_end",),
    ("ssda903", "stale_open_episode"): ("open_episode_not_returned", "stale_open_episode"),
    ("ssda903", "overlapping_episodes"): ("episodes_overlap", "end_after_next_start"),
    ("ssda903", "swapped_day_and_month"): ("start_after_year", "ended_before_start"),
    ("ssda903", "lower_case_code"): ("code_tidied",),
    ("ssda903", "unknown_code"): ("unknown_code",),
    ("ssda903", "impossible_score"): ("impossible_score",),
    ("ssda903", "code_of_another_year"): ("code_outside_its_years",),
    ("ssda903", "missing_birth_date"): ("missing_birth_date",),
    ("ssda903", "child_returned_twice"): ("second_row_of_child",),
}
"""By return and fault, the rules that tell of it."""
REJECTS = ("referral_after_census", "duplicated_child", "start_after_year", "ended_before_start")
"""Rules by which the faulty row itself is left out."""
WITH_ITS_PARENT = "parent_left_out"


@dataclass(frozen=True)
class Score:
    """What validation makes of planted faults.

    `found` has a row for each return and fault: `planted`, `detectable` and `found`. `rejected` rows were left out,
    `rejected_wrongly` more than had a fault for which they are; `with_parent` went with a row that was left out.
    """

    found: pl.DataFrame
    rejected: int
    rejected_wrongly: int
    with_parent: int


def score(folder: Path) -> Score:
    """Validate a folder of made-up returns with faults, and compare what is told with what was planted."""
    planted = pl.read_parquet(folder / FAULTS).with_columns(
        collection=pl.col("table").str.split(".").list.first().fill_null("cin")
    )
    refused = 0
    for file in planted.filter(fault="truncated_file")["file"]:
        try:
            csc.load(folder)
        except UnreadableFile as error:
            refused += str(error).startswith(str(folder / file))
        (folder / file).unlink()
    extracts = csc.load(folder)
    told: Counter[tuple[str, str, str]] = Counter()
    for finding in extracts.findings:
        collection = finding.table.partition(".")[0] if "." in finding.table else "cin"
        told[collection, finding.rule, _place(finding.source_file, folder)] += finding.rows
    rows: list[dict[str, object]] = []
    explained = 0
    for collection, fault in TOLD_AS:
        of_kind = planted.filter(collection=collection, fault=fault)
        found = refused if fault == "truncated_file" else 0
        detectable = of_kind.filter("detectable")
        for (file,), here in detectable.group_by("file"):
            left = here.height
            for rule in TOLD_AS[collection, fault]:
                seen = min(left, told[collection, rule, str(file)])
                told[collection, rule, str(file)] -= seen
                explained += seen if rule in REJECTS else 0
                left -= seen
            found += here.height - left if fault != "truncated_file" else 0
        rows.append(
            {
                "collection": collection,
                "fault": fault,
                "planted": of_kind.height,
                "detectable": detectable.height,
                "found": found,
            }
        )
    # Accounts count a row once, however many rules it breaks.
    rejected: Counter[str] = Counter()
    for account in extracts.accounts:
        rejected.update(account.rejected)
    with_parent = rejected.pop(WITH_ITS_PARENT, 0)
    return Score(pl.DataFrame(rows), rejected.total(), max(0, rejected.total() - explained), with_parent)


def _place(source: str, folder: Path) -> str:
    """A file by its place in the folder."""
    return str(Path(source).relative_to(folder)) if source else ""


def as_table(found: pl.DataFrame) -> str:
    """The scores as a table, one line a return and fault."""
    rows: list[tuple[str, ...]] = []
    for row in found.iter_rows(named=True):
        share = f"{row['found'] / row['detectable'] * 100:.0f} %" if row["detectable"] else ""
        rules = ", ".join(f"`{rule}`" if "_" in rule else rule for rule in TOLD_AS[row["collection"], row["fault"]])
        counts = (f"{row[name]:,}" for name in ("planted", "detectable", "found"))
        rows.append((NAMES[row["collection"]], f"`{row['fault']}`", *counts, share, rules))
    return table(HEADER, rows, right=HEADER[2:6])


def main() -> None:
    """Plant faults in made-up returns, validate them, and fill the table into its page."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = synthesise(Path(temporary) / "faulty", las=AUTHORITIES, years=YEARS, faults=RATE)
        scored = score(folder)
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    rejected = (
        f"{scored.rejected:,} rows were left out, {scored.rejected_wrongly:,} of them without a fault for which they "
        f"are; {scored.with_parent:,} more belonged to a row that was left out."
    )
    PAGE.write_text(f"{before}{BEGIN}\n\n{as_table(scored.found)}\n\n{rejected}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
