"""The CIN census written as one file a table, and read back."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csc_indicators.extracts.raw import CENSUS_COLUMNS, RAW_TABLES, RawCinCensus
from csc_indicators.extracts.tabular import read_cin_census_tables, write_cin_census_tables

LINKED = {
    "child_row": "children",
    "episode_row": "episodes",
    "assessment_row": "assessments",
    "plan_row": "child_protection_plans",
}
TEXT = st.one_of(st.none(), st.sampled_from(["2025-04-01", "N1", "a,b", 'say "x"', "1", "01", "\u00e9", "true"]))


@st.composite
def raw_censuses(draw) -> RawCinCensus:
    """Any raw census of one or two authorities: links name rows that exist, children have names of their own."""
    count = draw(st.integers(1, 2))
    index = pl.DataFrame(
        {"census": range(count), "la_code": ["301", "302"][:count], "reference_date": ["2026-03-31"] * count}
    )
    censuses = index.select(
        pl.col("census").cast(pl.UInt32),
        *(pl.col(name) if name in index.columns else pl.lit(None, pl.String).alias(name) for name in CENSUS_COLUMNS),
    )
    tables: dict[str, pl.DataFrame] = {}
    for name, shape in RAW_TABLES.items():
        rows = []
        above = tables[LINKED[shape.links[-1]]].rows(named=True) if shape.links else []
        for number in range(
            1, (draw(st.integers(count, 5)) if not shape.links else draw(st.integers(0, 5)) if above else 0) + 1
        ):
            row = {column: draw(TEXT) for column in shape.columns}
            if above:
                parent = draw(st.sampled_from(above))
                row |= {link: parent.get(link) for link in shape.links[:-1]}
                row |= {shape.links[-1]: parent["source_row"], "census": parent["census"]}
            else:
                # Every authority has a child, in the order of the authorities.
                row |= {"census": min(number, count) - 1, "child_id": f"C{number}"}
            rows.append(row | {"source_row": number})
        tables[name] = pl.DataFrame(rows, schema=shape.schema)
    return RawCinCensus(censuses, tables)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(raw=raw_censuses(), file_type=st.sampled_from(["csv", "parquet"]))
def test_what_is_written_is_read_back_the_same(tmp_path, raw, file_type):
    paths = write_cin_census_tables(raw, tmp_path / "tables", file_type)
    back = read_cin_census_tables(paths)
    assert {name: table.rows() for name, table in back.tables.items()} == {n: t.rows() for n, t in raw.tables.items()}
    assert back.censuses.select("census", "la_code", "reference_date").rows() == (
        raw.censuses.select("census", "la_code", "reference_date").rows()
    )
    assert back.findings == ()


@pytest.mark.parametrize("file_type", ["csv", "parquet"])
def test_an_empty_census_writes_templates(tmp_path, file_type):
    empty = read_cin_census_tables([])
    paths = write_cin_census_tables(empty, tmp_path / "new" / "folder", file_type)
    assert [path.name for path in paths] == [f"{name}.{file_type}" for name in RAW_TABLES]
    back = read_cin_census_tables(paths)
    assert [table.height for table in back.tables.values()] == [0] * len(RAW_TABLES)
    assert back.findings == ()
    if file_type == "csv":
        assert (tmp_path / "new" / "folder" / "reviews.csv").read_text(encoding="utf-8") == (
            "la_code,reference_date,child_id,episode,plan,review_date\n"
        )


def test_episodes_are_numbered_within_the_child_even_when_its_key_is_repeated(tmp_path):
    text = "la_code,reference_date,child_id\n301,2026-03-31,A1\n301,2026-03-31,A1\n"
    (tmp_path / "children.csv").write_text(text, encoding="utf-8")
    raw = read_cin_census_tables([tmp_path / "children.csv"])
    episodes = pl.DataFrame({"census": [0, 0, 0], "source_row": [1, 2, 3], "child_row": [1, 1, 2]})
    blank = [pl.lit(None, pl.String).alias(column) for column in RAW_TABLES["episodes"].columns]
    shape = RAW_TABLES["episodes"].schema
    raw.tables["episodes"] = episodes.with_columns(blank).cast(dict(shape))
    write_cin_census_tables(raw, tmp_path / "out", "csv")
    written = pl.read_csv(tmp_path / "out" / "episodes.csv", infer_schema=False)
    assert written.select("child_id", "episode").rows() == [("A1", "1"), ("A1", "2"), ("A1", "3")]
