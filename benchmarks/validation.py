"""Validating referrals: typing, row rules and contract against the same checks written by hand in polars."""

from __future__ import annotations

from functools import partial

import polars as pl

from benchmarks import national
from benchmarks.measuring import Section, at_most, interleaved, timings_table
from csc_indicators.codes import CODE_SETS, LA_CODE
from csc_indicators.errors import ROW_NUMBERS_SHOWN
from csc_indicators.extracts.parsing import parse
from csc_indicators.tables.cin import RETURNED
from csc_indicators.tables.row_rules import rules_of
from csc_indicators.tables.rules import broken_rows

DATES = ("referral_date", "closure_date", "initial_conference_date")
CODES = {
    "referral_source": "referral_source",
    "primary_need": "primary_need",
    "closure_reason": "closure_reason",
}


def run(*, small: bool = False) -> Section:
    rows, rounds = (20_000, 1) if small else (2_000_000, 3)
    clean = _as_returned(national.episodes(rows, 10 if small else national.AUTHORITIES))
    # What is imported only when first used is not what is measured.
    _ours(clean.head(1000))
    goals, tables = [], []
    for name, raw, limit in (("clean", clean, 1.5), ("half the rows failing", _with_faults(clean), 2.0)):
        timings = interleaved({"by hand": partial(_by_hand, raw), "ours": partial(_ours, raw)}, rounds)
        goals.append(
            at_most(f"Validation, {name}", timings["ours"], limit, timings["by hand"], "the same checks by hand")
        )
        failing = int(_by_hand(raw)["rows"].sum())
        tables.append(f"{name.capitalize()} ({failing:,} findings):\n\n{timings_table(timings, 'by hand')}")
    text = f"""{rows:,} raw rows of the episodes table, everything text, {rounds} rounds. Both ways
give the typed table, and for each check the number of rows that
fail and the first {ROW_NUMBERS_SHOWN} of their row numbers; these were equal.

{tables[0]}

{tables[1]}

By hand is one polars query that types each column and puts every check to it. Where the time of ours goes beyond that:
it types first and checks second, so the typed table is written out once in between; pandera checks rule by rule, not
all in one pass; and cells that could not be read are read a second time, with allowance for how they were written,
which is why a table with faults costs more. The clean table still fails checks that depend on two columns, as real
returns do.
"""
    return Section("Validation", tuple(goals), text)


def _censuses() -> pl.DataFrame:
    periods = national.periods()
    return pl.DataFrame(
        {
            "census": pl.Series(range(len(periods)), dtype=pl.UInt32),
            "la_code": pl.Series(["302"] * len(periods), dtype=LA_CODE),
            "census_year": pl.Series([int(period.label) for period in periods], dtype=pl.Int16),
            "census_start": [period.start for period in periods],
            "reference_date": [period.end for period in periods],
        }
    )


def _as_returned(episodes: pl.DataFrame) -> pl.DataFrame:
    """The episodes as text, each in the census of the year it was closed in, or the last."""
    day = pl.col("closure_date").fill_null(national.LAST_DAY)
    census = day.dt.year() + (day.dt.month() > 3) - national.FIRST_YEAR
    closed_in_time = pl.col("closure_date") <= national.LAST_DAY
    both = pl.col("closure_date").is_not_null() & closed_in_time
    return episodes.select(
        census=census.clip(0, national.LAST_YEAR - national.FIRST_YEAR).cast(pl.UInt32),
        source_row=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32),
        child_row=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32),
        referral_date=pl.col("referral_date").cast(pl.String),
        referral_source=pl.col("referral_source").cast(pl.String),
        primary_need=pl.col("primary_need").cast(pl.String),
        closure_date=pl.when(both).then("closure_date").cast(pl.String),
        closure_reason=pl.when(both).then("closure_reason").cast(pl.String),
        initial_conference_date=pl.lit(None, dtype=pl.String),
        no_further_action=pl.when("no_further_action").then(pl.lit("1")).otherwise(pl.lit("0")),
    )


def _with_faults(raw: pl.DataFrame) -> pl.DataFrame:
    """The same rows, a quarter closed before they began, a quarter from no known source, one in 20 with an odd date."""
    row = pl.int_range(pl.len())
    return raw.with_columns(
        closure_date=pl.when(row % 4 == 0)
        .then(pl.lit("1990-01-01"))
        .when(row % 20 == 1)
        .then(pl.lit("31/12/2020"))
        .otherwise("closure_date"),
        referral_source=pl.when(row % 4 == 2).then(pl.lit("ZZ")).otherwise("referral_source"),
    )


def _ours(raw: pl.DataFrame) -> pl.DataFrame:
    parsed = parse(raw, RETURNED["episodes"])
    frame = parsed.table.join(_censuses(), on="census", how="left", maintain_order="left")
    missing, broken = broken_rows("episodes", frame, RETURNED["episodes"], rules_of("episodes"))
    masks = {f"unreadable.{name}": mask for name, mask in parsed.unreadable.items()}
    masks |= {f"missing.{name}": mask for name, mask in missing.items()} | broken
    return _reported(frame["source_row"], masks)


def _by_hand(raw: pl.DataFrame) -> pl.DataFrame:
    as_date = {name: pl.col(name).str.to_date("%Y-%m-%d", strict=False) for name in DATES}
    as_code = {name: pl.col(name).cast(CODE_SETS[code].dtype, strict=False) for name, code in CODES.items()}
    flag = pl.col("no_further_action")
    typed = {**as_date, **as_code}
    typed["no_further_action"] = (
        pl.when(flag.is_in(["1", "true"])).then(statement=True).when(flag.is_in(["0", "false"])).then(statement=False)
    )
    unreadable = {f"unreadable.{name}": pl.col(name).is_not_null() & value.is_null() for name, value in typed.items()}
    referred, closed, ends = pl.col("referral_date"), pl.col("closure_date"), pl.col("reference_date")
    source, need, reason = pl.col("referral_source"), pl.col("primary_need"), pl.col("closure_reason")
    rules = {
        "missing.referral_date": referred.is_null(),
        "referral_after_census.referral_date": ends < referred,
        "closure_before_referral.closure_date": closed < referred,
        "closure_outside_census.closure_date": (closed < pl.col("census_start")) | (ends < closed),
        "closure_without_reason.closure_reason": closed.is_not_null() & reason.is_null(),
        "reason_without_closure.closure_date": reason.is_not_null() & closed.is_null(),
        "missing_referral_source.referral_source": source.is_null(),
        "missing_primary_need.primary_need": need.is_null() & ~flag.fill_null(value=False),
        "missing_no_further_action.no_further_action": flag.is_null(),
        **{
            f"code_outside_its_years.{name}": _outside_its_years(name)
            for name in CODES
            if _outside_its_years(name) is not None
        },
    }
    rules = {name: rule.fill_null(value=False) for name, rule in rules.items()}
    frame = (
        raw.lazy()
        .with_columns(**typed, **unreadable)
        .join(_censuses().lazy(), on="census", how="left", maintain_order="left")
        .with_columns(**rules)
        .collect()
    )
    return _reported(frame["source_row"], {name: frame[name] for name in (*unreadable, *rules)})


def _outside_its_years(column: str) -> pl.Expr | None:
    codes, year = CODE_SETS[CODES[column]], pl.col("census_year")
    outside = [(pl.col(column) == code) & (year < first) for code, first in codes.first_year.items()]
    outside += [(pl.col(column) == code) & (year > last) for code, last in codes.last_year.items()]
    return pl.any_horizontal(outside) if outside else None


def _reported(source_row: pl.Series, masks: dict[str, pl.Series]) -> pl.DataFrame:
    """For each check that a row fails: how many rows, and the first row numbers."""
    failed = {name: source_row.filter(mask) for name, mask in masks.items()}
    return pl.DataFrame(
        [
            (name, len(rows), rows.head(ROW_NUMBERS_SHOWN).to_list())
            for name, rows in sorted(failed.items())
            if len(rows)
        ],
        schema={"check": pl.String, "rows": pl.Int64, "row_numbers": pl.List(pl.UInt32)},
        orient="row",
    )
