"""The CIN census as one CSV or Parquet file a table: read, linked and refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from csc_indicators.errors import UnreadableFile
from csc_indicators.extracts.raw import CENSUS_COLUMNS, RAW_TABLES, RawCinCensus
from csc_indicators.extracts.tabular import key_columns, read_cin_census_tables

CHILDREN = "la_code,reference_date,child_id,sex\n301,2026-03-31,A1,F\n301,2026-03-31,B2,M\n302,2026-03-31,A1,U\n"
EPISODES = (
    "la_code,reference_date,child_id,episode,referral_date\n"
    "302,2026-03-31,A1,1,2025-04-01\n301,2026-03-31,B2,1,2025-05-01\n301,2026-03-31,A1,2,2025-06-01\n"
    "301,2026-03-31,A1,1,2025-07-01\n301,2026-03-31,C3,1,2025-08-01\n"
)


def write(folder: Path, **texts: str | bytes) -> list[Path]:
    """Files named after their keywords (`children=...` is children.csv) in the order given."""
    paths = [folder / f"{name}.csv" for name in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return paths


def read(folder: Path, **texts: str | bytes) -> RawCinCensus:
    return read_cin_census_tables(write(folder, **texts))


def found(raw: RawCinCensus, rule: str) -> list[tuple[str, str]]:
    return [(finding.table, finding.column) for finding in raw.findings if finding.rule == rule]


def refusal(paths: list[Path]) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_cin_census_tables(paths)
    assert caught.value.exit_code == 3
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value).removeprefix(f"{paths[-1]}: ")


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        ("children", ["child_id"]),
        ("disabilities", ["child_id"]),
        ("episodes", ["child_id", "episode"]),
        ("assessments", ["child_id", "episode", "assessment"]),
        ("assessment_factors", ["child_id", "episode", "assessment"]),
        ("child_in_need_plans", ["child_id", "episode"]),
        ("section_47_enquiries", ["child_id", "episode"]),
        ("child_protection_plans", ["child_id", "episode", "plan"]),
        ("reviews", ["child_id", "episode", "plan"]),
        ("pre_proceedings", ["child_id", "episode"]),
    ],
)
def test_each_table_has_its_keys(table, keys):
    assert key_columns(table) == ("la_code", "reference_date", *keys)


def test_rows_are_linked_to_their_parents_by_row_number(tmp_path):
    raw = read(tmp_path, episodes=EPISODES, children=CHILDREN)
    assert raw.censuses.select("census", "source_file", "la_code", "reference_date").rows() == [
        (0, str(tmp_path), "301", "2026-03-31"),
        (1, str(tmp_path), "302", "2026-03-31"),
    ]
    assert raw.censuses.columns == ["census", *CENSUS_COLUMNS]
    assert raw.censuses.drop("census", "source_file", "la_code", "reference_date").null_count().row(0) == (2,) * 7
    assert raw.tables["children"].select("census", "source_row", "child_id", "sex").rows() == [
        (0, 1, "A1", "F"),
        (0, 2, "B2", "M"),
        (1, 3, "A1", "U"),
    ]
    assert raw.tables["episodes"].select("census", "source_row", "child_row", "referral_date").rows() == [
        (1, 1, 3, "2025-04-01"),
        (0, 2, 2, "2025-05-01"),
        (0, 3, 1, "2025-06-01"),
        (0, 4, 1, "2025-07-01"),
        (0, 5, None, "2025-08-01"),
    ]


def test_links_go_down_to_assessments_and_plans(tmp_path):
    key = "la_code,reference_date,child_id,episode"
    raw = read(
        tmp_path,
        children=CHILDREN,
        episodes=EPISODES,
        assessments=f"{key},assessment,start_date\n301,2026-03-31,A1,1,1,x\n301,2026-03-31,A1,2,1,y\n301,2026-03-31,A1,9,1,z\n",
        assessment_factors=f"{key},assessment,factor\n301,2026-03-31,A1,2,1,3B\n301,2026-03-31,A1,2,2,4B\n301,2026-03-31,A1,1,1,5A\n",
        child_protection_plans=f"{key},plan,start_date\n301,2026-03-31,B2,1,1,x\n301,2026-03-31,B2,1,2,y\n",
        reviews=f"{key},plan,review_date\n301,2026-03-31,B2,1,2,x\n301,2026-03-31,B2,1,1,y\n302,2026-03-31,B2,1,1,z\n",
    )
    assert raw.tables["assessments"].select("child_row", "episode_row").rows() == [(1, 4), (1, 3), (1, None)]
    links = ("child_row", "episode_row", "assessment_row")
    assert raw.tables["assessment_factors"].select(links).rows() == [(1, 3, 2), (1, 3, None), (1, 4, 1)]
    links = ("child_row", "episode_row", "plan_row")
    assert raw.tables["reviews"].select(links).rows() == [(2, 2, 2), (2, 2, 1), (None, None, None)]
    assert {name: table.schema for name, table in raw.tables.items()} == {n: s.schema for n, s in RAW_TABLES.items()}


def test_folders_are_extracts_of_their_own(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first = write(tmp_path / "one", children=CHILDREN, episodes=EPISODES)
    second = write(tmp_path / "two", children=CHILDREN)
    raw = read_cin_census_tables([first[0], second[0], first[1]])
    assert raw.censuses.select("census", "source_file", "la_code").rows() == [
        (0, str(tmp_path / "one"), "301"),
        (1, str(tmp_path / "one"), "302"),
        (2, str(tmp_path / "two"), "301"),
        (3, str(tmp_path / "two"), "302"),
    ]
    assert raw.tables["children"].select("census", "source_row").rows() == [
        (0, 1),
        (0, 2),
        (1, 3),
        (2, 1),
        (2, 2),
        (3, 3),
    ]


def test_missing_authority_or_date_is_a_census_with_it_null(tmp_path):
    raw = read(tmp_path, children="la_code,reference_date,child_id\n,2026-03-31,A1\n301,,B2\n")
    assert raw.censuses.select("la_code", "reference_date").rows() == [(None, "2026-03-31"), ("301", None)]
    assert raw.tables["children"].select("census", "child_id").rows() == [(0, "A1"), (1, "B2")]


def test_a_repeated_key_links_to_the_first_row_and_is_reported(tmp_path):
    lines = [
        "la_code,reference_date,child_id,sex",
        *(f"301,2026-03-31,{rest}" for rest in ("A1,F", "A1,M", ",M", ",F")),
    ]
    text = "\n".join(lines)
    raw = read(tmp_path, children=text, episodes=EPISODES)
    assert raw.tables["children"].height == 4
    assert raw.tables["episodes"]["child_row"].to_list() == [None, None, 1, 1, None]
    (finding,) = [finding for finding in raw.findings if finding.rule == "repeated_key"]
    assert (finding.table, finding.column, finding.rows, finding.row_numbers) == ("children", "child_id", 1, (2,))
    assert (finding.severity, finding.source_file) == ("kept", str(tmp_path / "children.csv"))


def test_ordinals_written_with_decimals_still_link(tmp_path):
    raw = read(
        tmp_path,
        children=CHILDREN,
        episodes=EPISODES.replace("A1,2,", "A1,2.0,"),
        assessments=(
            "la_code,reference_date,child_id,episode,assessment\n301,2026-03-31,A1,2,1\n301,2026-03-31,A1,1.0,1\n"
        ),
    )
    assert raw.tables["assessments"]["episode_row"].to_list() == [3, 4]


def test_csv_is_text_and_nothing_is_inferred(tmp_path):
    raw = read(
        tmp_path,
        children=(
            "la_code,reference_date,child_id,unique_pupil_number,sex,ethnicity,birth_date\n"
            '001,2026-03-31,007, A1 ,true,"MW,BC",\n001,2026-03-31,1e5,"say ""x""",,   ,NA\n'
        ),
    )
    columns = ("child_id", "unique_pupil_number", "sex", "ethnicity", "birth_date")
    assert raw.tables["children"].select(columns).rows() == [
        ("007", "A1", "true", "MW,BC", None),
        ("1e5", 'say "x"', None, None, "NA"),
    ]
    assert raw.censuses["la_code"].to_list() == ["001"]


@pytest.mark.parametrize(
    "text", [CHILDREN, "\ufeff" + CHILDREN, CHILDREN.replace("\n", "\r\n"), CHILDREN.rstrip("\n"), CHILDREN + "\r\n\n"]
)
def test_byte_order_mark_and_line_ends_do_not_matter(tmp_path, text):
    assert read(tmp_path, children=text).tables["children"]["sex"].to_list() == ["F", "M", "U"]


def test_columns_may_stand_in_any_order(tmp_path):
    raw = read(tmp_path, children="sex, child_id ,reference_date,la_code\nF,A1,2026-03-31,301\n")
    assert raw.tables["children"].select("child_id", "sex").rows() == [("A1", "F")]


def test_missing_and_unknown_columns_and_absent_tables_are_reported(tmp_path):
    text = "la_code,reference_date,child_id,episode,referral_date,worker name\n"
    raw = read(tmp_path, children=CHILDREN, episodes=text)
    optional = [column for column in RAW_TABLES["children"].columns if column not in ("child_id", "sex")]
    expected = [("children", column) for column in optional]
    expected += [("episodes", column) for column in RAW_TABLES["episodes"].columns if column != "referral_date"]
    assert found(raw, "missing_column") == expected
    assert found(raw, "unknown_column") == [("episodes", "workername")]
    assert found(raw, "absent_table") == [(name, "") for name in RAW_TABLES if name not in ("children", "episodes")]
    assert {finding.severity for finding in raw.findings} == {"kept"}
    assert raw.tables["children"]["ethnicity"].to_list() == [None, None, None]


def test_parquet_columns_of_any_type_become_text(tmp_path):
    frame = pl.DataFrame(
        {
            "la_code": pl.Series([301, 301], dtype=pl.Int64),
            "reference_date": [dt.date(2026, 3, 31)] * 2,
            "child_id": pl.Series(["A1", None], dtype=pl.Categorical),
            "episode": pl.Series([1.0, 2.0]),
            "referral_date": [dt.datetime(2025, 4, 1), dt.datetime(2025, 4, 2, 13, 5)],  # noqa: DTZ001
            "referral_source": pl.Series([None, float("nan")]),
            "primary_need": pl.Series([Decimal("1.00"), Decimal("2.50")]),
            "closure_date": pl.Series([None, None], dtype=pl.Null),
            "closure_reason": pl.Series(["RC1", "RC2"], dtype=pl.Enum(["RC1", "RC2"])),
            "no_further_action": [True, False],
        }
    )
    path = tmp_path / "episodes.parquet"
    frame.write_parquet(path)
    frame.select("la_code", "reference_date", "child_id").write_parquet(tmp_path / "children.parquet")
    raw = read_cin_census_tables([path, tmp_path / "children.parquet"])
    assert raw.censuses.select("la_code", "reference_date").rows() == [("301", "2026-03-31")]
    assert raw.tables["episodes"].drop("census", "source_row").rows() == [
        (1, "2025-04-01", None, "1", None, "RC1", None, "true"),
        (None, "2025-04-02T13:05:00", None, "2.50", None, "RC2", None, "false"),
    ]


def test_a_parquet_column_of_lists_is_refused(tmp_path):
    path = tmp_path / "children.parquet"
    pl.DataFrame({"la_code": ["301"], "reference_date": [None], "child_id": [["A1"]]}).write_parquet(path)
    assert refusal([path]) == "the column child_id holds neither text, numbers, dates nor flags."


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            "la_code,reference_date,Child ID,sex",
            "the column child_id is missing; the nearest is ChildID. Give every row its child_id.",
        ),
        (
            "lacode,reference_date,child_id,sex",
            "the column la_code is missing; the nearest is lacode. Give every row its la_code.",
        ),
        ("la_code,reference_date,name,sex", "the column child_id is missing. Give every row its child_id."),
        ("301,2026-03-31,child_1d,F", "the column la_code is missing. Give every row its la_code."),
    ],
)
def test_a_missing_key_column_is_named_with_the_nearest_there_is(tmp_path, header, expected):
    assert refusal(write(tmp_path, children=f"{header}\n301,2026-03-31,A1,F\n")) == expected


def test_each_key_of_each_table_is_required(tmp_path):
    for table in RAW_TABLES:
        for key in key_columns(table):
            others = [column for column in key_columns(table) if column != key]
            texts = {parent: ",".join(key_columns(parent)) + "\n" for parent in RAW_TABLES}
            texts[table] = ",".join([*others, "other"]) + "\n"
            with pytest.raises(UnreadableFile, match=rf"{table}\.csv: the column {key} is missing\. Give"):
                read(tmp_path, **texts)


RAGGED = (
    "it has {} fields where the header has 4. Look for a comma or a quotation mark inside a field, or an empty line, "
    "and save the file as CSV again."
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("301,d,A1,F\n301,d,A1\n", "line 3: " + RAGGED.format(3)),
        ("301,d,A1,F\n301,d,A1,F,SECRET\n", "line 3: " + RAGGED.format(5)),
        ("301,d,A1\n301,d,A1,F,SECRET\n", "line 2: " + RAGGED.format(3)),
        ("301,d,A1,F,SECRET\n301,d,A1\n", "line 2: " + RAGGED.format(5)),
        ('301,d,"A\n1",F\n301,d,A1\n', "line 4: " + RAGGED.format(3)),
        ("301,d,A1,F\n\n301,d,A1,F\n", "line 3: " + RAGGED.format(0)),
        ('301,d,"SEC"RET,F\n', "line 2: a quotation mark is out of place. Save the file as CSV again."),
        ('301,d,A1,F\n301,d,"SECRET,F\n', "line 3: a quotation mark is out of place. Save the file as CSV again."),
    ],
)
def test_ragged_lines_are_refused_with_their_number(tmp_path, body, expected):
    assert refusal(write(tmp_path, children=f"la_code,reference_date,child_id,sex\n{body}")) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (CHILDREN.encode("utf-16"), "the file is UTF-16 text. Save it as CSV in UTF-8."),
        (
            CHILDREN.replace("B2", "B\u00e9").encode("cp1252"),
            "line 3: the text is not UTF-8. Save the file as CSV in UTF-8.",
        ),
        (
            b"PK\x03\x04rest",
            "the file is a ZIP archive or an Excel workbook, not CSV. Save it as CSV in UTF-8, or correct its ending.",
        ),
        (b"\x1f\x8brest", "the file is a gzip archive, not CSV. Save it as CSV in UTF-8, or correct its ending."),
        (b"PAR1rest", "the file is a Parquet file, not CSV. Save it as CSV in UTF-8, or correct its ending."),
        (b"", "the file has no header. Its first line must name the columns."),
        (b"\n\n", "the file has no header. Its first line must name the columns."),
        (
            b"la_code,reference_date,child_id,child_id\n",
            "line 1: a column name is given twice. Give each column a name of its own.",
        ),
    ],
)
def test_what_is_not_utf_8_csv_is_refused(tmp_path, data, expected):
    assert refusal(write(tmp_path, children=data)) == expected


def test_what_is_not_parquet_is_refused(tmp_path):
    path = tmp_path / "children.parquet"
    for data in (b"", b"SECRET", b"PAR1SECRETPAR1"):
        path.write_bytes(data)
        assert refusal([path]) == "the file is not Parquet, or is damaged. Write or copy it again."


def test_files_must_be_named_after_tables(tmp_path):
    names = ", ".join(RAW_TABLES)
    assert refusal(write(tmp_path, referrals="x\n")) == (
        f"no table has this file's name. Name each file after its table: {names}."
    )
    (tmp_path / "children.xlsx").touch()
    assert refusal([tmp_path / "children.xlsx"]) == (
        "the file is neither CSV nor Parquet by its ending. Save it as one of them."
    )
    (tmp_path / "Children.CSV").write_text(CHILDREN, encoding="utf-8")
    assert read_cin_census_tables([tmp_path / "Children.CSV"]).tables["children"].height == 3


def test_one_table_twice_and_a_table_without_its_parent_are_refused(tmp_path):
    paths = write(tmp_path, children=CHILDREN)
    assert refusal([*paths, tmp_path / "children.parquet"]) == (
        "children.csv in the same folder is the same table. Give one of them."
    )
    assert refusal(write(tmp_path, episodes=EPISODES)) == (
        "its rows belong to rows of children, which was not given. Give children.csv of the same folder too."
    )


def test_a_missing_file_is_named(tmp_path):
    assert refusal([tmp_path / "children.csv"]) == "there is no such file. Check the path."


def test_progress_adds_up_to_the_size_of_the_files(tmp_path):
    steps: list[int] = []
    paths = write(tmp_path, children=CHILDREN, episodes=EPISODES)
    read_cin_census_tables(paths, on_progress=steps.append)
    assert steps == [len(CHILDREN), len(EPISODES)]


def test_no_files_make_empty_tables():
    raw = read_cin_census_tables([])
    assert raw.censuses.height == 0
    assert {name: table.schema for name, table in raw.tables.items()} == {n: s.schema for n, s in RAW_TABLES.items()}
    assert raw.findings == ()
