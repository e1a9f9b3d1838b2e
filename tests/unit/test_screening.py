"""The screen of tidy files: every rule by a pair that breaks it and no other that it need not, and by sound pairs."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from csc_indicators.errors import UnreadableFile
from csc_indicators.outputs.screening.model import Files
from csc_indicators.outputs.screening.places import known_authorities
from csc_indicators.outputs.screening.screen import RULES, screen
from tests.lib.screening_pairs import FAULTS, SOUND, TABLE, sound

ROOT = Path(__file__).parents[2]
SEVERITY = {rule.name: rule.severity for rule in RULES}
STAGE = {rule.name: rule.stage for rule in RULES}
PAIRS = sorted(path for path in SOUND.glob("*.csv") if not path.name.endswith(".meta.csv"))
CASES = [pytest.param(rule, fault, id=f"{rule}: {fault.case}") for rule, faults in FAULTS.items() for fault in faults]


def meta_of(data: Path) -> Path | None:
    """The one metadata file of a folder, when it is not named after the data file."""
    (meta,) = data.parent.glob("*.meta.csv")
    return meta


@pytest.mark.parametrize(("rule", "fault"), CASES)
def test_a_pair_that_breaks_a_rule_is_found_by_that_rule_and_says_where_and_what_to_do(tmp_path, rule, fault):
    data = fault.pair().written(tmp_path)

    checks = screen(data, meta_of(data))

    assert {check.name for check in checks if check.result != "PASS"} == {rule, *fault.also}
    (check,) = [check for check in checks if check.name == rule]
    assert check.result == SEVERITY[rule]
    assert fault.says in check.message
    assert check.what_to_do


@pytest.mark.parametrize("data", PAIRS, ids=lambda path: path.stem)
def test_a_sound_pair_passes_every_rule(data):
    checks = screen(data)

    assert [check.name for check in checks] == [rule.name for rule in RULES]
    assert [(check.name, check.message) for check in checks if check.result != "PASS"] == []
    assert {check.what_to_do for check in checks} == {""}


def test_every_rule_has_a_pair_that_breaks_it_and_a_row_in_the_documentation():
    documented = TABLE.findall((ROOT / "docs/reference/ees.md").read_text(encoding="utf-8"))

    assert list(FAULTS) == [rule.name for rule in RULES]
    assert documented == [(rule.name, rule.severity, rule.asks) for rule in RULES]


def test_rules_are_named_once_and_stand_stage_by_stage():
    names = [rule.name for rule in RULES]
    stages = [rule.stage for rule in RULES]

    assert len(set(names)) == len(names)
    assert stages == sorted(stages, key=stages.index)


@pytest.mark.parametrize(("rule", "fault"), [case for case in CASES if SEVERITY[case.values[0]] == "FAIL"])
def test_after_a_stage_with_a_failure_nothing_more_is_asked(tmp_path, rule, fault):
    data = fault.pair().written(tmp_path)

    asked = [check.name for check in screen(data, meta_of(data))]

    last = max(place for place, each in enumerate(RULES) if each.stage == STAGE[rule])
    assert asked == [each.name for each in RULES[: last + 1]]


@pytest.mark.parametrize("name", [path.stem for path in PAIRS])
def test_no_message_holds_a_cell_of_the_data(name):
    base, marked = sound(name), "Zebedee 4711"
    for column in base.data.columns:
        data = base.data.with_columns(pl.lit(marked).alias(column))
        files = Files(f"{name}.csv", f"{name}.meta.csv", data, base.meta)

        assert [check.name for check in (rule.put_to(files) for rule in RULES) if marked in check.message] == []


def test_the_list_of_authorities_has_each_triple_once_and_names_from_former_years():
    known = known_authorities()

    assert known.height == known.unique().height == 182
    assert known.filter(old_la_code="370")["new_la_code"].to_list() == ["E08000016", "E08000038"]


def test_the_code_for_not_available_needs_no_listed_name(tmp_path):
    base = sound("years")
    authority = pl.col("geographic_level") == "Local authority"
    unknown = base.data.with_columns(
        pl.when(authority & (pl.col("la_name") == "Barnet")).then(pl.lit(text)).otherwise(pl.col(column)).alias(column)
        for column, text in {"old_la_code": "x", "new_la_code": "x", "la_name": "Somewhere"}.items()
    )

    checks = screen(base._replace(data=unknown).written(tmp_path))

    assert {check.result for check in checks} == {"PASS"}


def test_a_default_that_metadata_names_stands_for_the_total(tmp_path):
    base = sound("years")
    data = base.data.with_columns(pl.col("length_of_need").replace({"Total": "Any length"}))
    default = pl.when(pl.col("col_name") == "length_of_need").then(pl.lit("Any length")).otherwise(pl.lit(""))
    pair = base._replace(data=data, meta=base.meta.with_columns(default.alias("filter_default")))

    assert {check.result for check in screen(pair.written(tmp_path))} == {"PASS"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(None, "there is no such file", id="absent"),
        pytest.param(b"\xff\xfet\x00", "UTF-16", id="UTF-16"),
        pytest.param("time_period\nZoë\n".encode("latin-1"), "line 2: the text is not UTF-8", id="Latin-1"),
        pytest.param(b"PK\x03\x04", "not CSV", id="a workbook"),
        pytest.param(b"", "no header", id="empty"),
        pytest.param(b"time_period,geographic_level\n2025\n", "line 2: it has 1 fields", id="ragged"),
        pytest.param(b"time_period,time_period\n2025,2025\n", "given twice", id="a name twice"),
    ],
)
@pytest.mark.parametrize("which", ["figures.csv", "figures.meta.csv"])
def test_a_file_that_is_not_csv_is_unreadable(tmp_path, which, content, says):
    data = sound("years").written(tmp_path)
    if content is None:
        (tmp_path / which).unlink()
    else:
        (tmp_path / which).write_bytes(content)

    with pytest.raises(UnreadableFile, match=says) as raised:
        screen(data)

    assert which in str(raised.value)


def test_a_byte_order_mark_and_windows_lines_are_read(tmp_path):
    data = sound("years").written(tmp_path)
    data.write_bytes(b"\xef\xbb\xbf" + data.read_bytes().replace(b"\n", b"\r\n"))

    assert {check.result for check in screen(data)} == {"PASS"}


def test_files_without_rows_are_screened_without_stumbling(tmp_path):
    base = sound("years")

    checks = screen(base._replace(data=base.data.clear(), meta=base.meta.clear()).written(tmp_path))
    without_data = screen(base._replace(data=base.data.clear()).written(tmp_path))

    assert {check.result for check in checks} == {"PASS"}
    assert [check.name for check in without_data if check.result == "FAIL"] == ["filter_not_singular"]
