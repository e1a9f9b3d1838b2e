"""Rounding is the same in whole numbers, in polars and in DuckDB; and symbols that mean different things stay apart."""

from __future__ import annotations

import csv
import json
import tempfile
from fractions import Fraction
from pathlib import Path

import duckdb
import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from csc_indicators.disclosure import Policy, publish
from csc_indicators.outputs.tidy import as_json, write_cells
from csc_indicators.rounding import rounded_ratio

bases = st.sampled_from((1, 2, 3, 5, 7, 10, 100))
counts = st.integers(0, 10**9)


def policy(threshold=0, base=1, secondary=False):
    rounding = {"Local authority": 1, "Regional": base, "National": base, "Statistical neighbours": base}
    return Policy(name="p", title="t", source="tests", threshold=threshold, rounding=rounding, secondary=secondary)


def cells(rows):
    """Rows of (level, numerator, denominator, value, status, unit), each of a period of its own."""
    named = [
        ("referrals", "default", "", f"{2000 + place}", level, "E92000001", "total", "Total", top, bottom, value, None,
         None, status, unit) for place, (level, top, bottom, value, status, unit) in enumerate(rows)
    ]  # fmt: skip
    texts = ("indicator", "reading", "parameters", "period", "level", "area_code", "breakdown", "group")
    figures = ("numerator", "denominator", "value", "lower", "upper")
    schema = {**dict.fromkeys(texts, pl.String()), **dict.fromkeys(figures, pl.Float64())}
    return pl.DataFrame(named, schema={**schema, "status": pl.String(), "unit": pl.String()}, orient="row")


def by_polars(numbers, base):
    rows = [("National", number, None, number, "ok", "count") for number in numbers]
    return publish(cells(rows), {"referrals": policy(base=base)}).frame["numerator"].to_list()


def by_duckdb(numbers, base):
    table = pl.DataFrame({"n": numbers}, schema={"n": pl.Int64})
    with duckdb.connect() as connection:
        connection.register("counts", table)
        query = f"SELECT (2 * n + {base}) // {2 * base} * {base} FROM counts"  # noqa: S608 (a number of this file)
        return [row[0] for row in connection.execute(query).fetchall()]


@given(st.lists(counts, min_size=1, max_size=30), bases)
@example([4, 5, 14, 15, 24, 25, 104, 105], 10)
@settings(deadline=None)
def test_counts_are_rounded_alike_in_polars_whole_numbers_and_duckdb(numbers, base):
    numbers = sorted(numbers)
    rounded = by_polars(numbers, base)
    assert rounded == [(2 * number + base) // (2 * base) * base for number in numbers]
    assert rounded == by_duckdb(numbers, base)
    for number, printed in zip(numbers, rounded, strict=True):
        assert printed % base == 0
        assert 2 * abs(printed - number) <= base
        assert printed > number or 2 * (number - printed) < base, "a tie goes up"
    assert rounded == sorted(rounded)


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**6)), min_size=1, max_size=20),
    st.sampled_from((1, 100, 10_000)),
    st.sampled_from((0, 1, 2)),
)
@example([(246, 480), (1, 8), (1, 16), (3, 80)], 100, 1)
@settings(deadline=None)
def test_ratios_are_rounded_alike_in_polars_fractions_and_duckdb(pairs, scale, decimals):
    frame = pl.DataFrame(pairs, schema={"n": pl.Int64, "d": pl.Int64}, orient="row")
    as_numbers = frame.cast(pl.Float64).select(rounded_ratio(pl.col("n"), pl.col("d"), float(scale), decimals))
    power = 10**decimals
    exact = [(2 * Fraction(top * scale * power, bottom) + 1) // 2 for top, bottom in pairs]
    assert as_numbers.to_series().to_list() == [float(Fraction(units, power)) for units in exact]
    with duckdb.connect() as connection:
        connection.register("ratios", frame)
        query = f"SELECT (2 * n * {scale * power} + d) // (2 * d) FROM ratios"  # noqa: S608 (as above)
        assert [row[0] for row in connection.execute(query).fetchall()] == exact


MEANINGS = {
    "suppressed": ("Local authority", 3, None, 3, "ok", "count"),
    "a true zero": ("Local authority", 0, None, 0, "ok", "count"),
    "rounds to zero": ("National", 4, None, 4, "ok", "count"),
    "no denominator": ("Local authority", 0, 0, None, "z", "percent"),
    "not available": ("Local authority", None, None, None, "x", "percent"),
    "a figure": ("Local authority", 12, 30, 40, "ok", "percent"),
}
WRITTEN = {
    "suppressed": ("c", None),
    "a true zero": ("ok", 0),
    "rounds to zero": ("k", 0),
    "no denominator": ("z", None),
    "not available": ("x", None),
    "a figure": ("ok", 40),
}


@given(st.lists(st.sampled_from(sorted(MEANINGS)), min_size=1, max_size=12))
@settings(deadline=None)
def test_symbols_are_distinct_and_kept_by_every_writer(meanings):
    frame = cells([MEANINGS[meaning] for meaning in meanings])
    # A count of four nationally is above a threshold of three, and rounds to nought.
    published = publish(frame, {"referrals": policy(threshold=3, base=10)})
    expected = [WRITTEN[meaning] for meaning in meanings]
    assert published.frame.select("status", "value").rows() == expected
    with tempfile.TemporaryDirectory() as folder:
        as_text, as_parquet = write_cells(published, Path(folder))
        with as_text.open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file))
        assert pl.read_parquet(as_parquet).equals(published.frame)
        again = pl.read_csv(as_text, schema=published.frame.schema).with_columns(pl.col("parameters").fill_null(""))
        assert again.equals(published.frame)
    assert [(line["status"], float(line["value"]) if line["value"] else None) for line in lines] == expected
    assert [(row["status"], row["value"]) for row in json.loads(as_json(published.frame))] == expected
