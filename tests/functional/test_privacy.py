"""Nothing that a row holds is ever repeated, except in the tables and in `records --internal`.

Every faulty fixture holds the text `CANARY7Q` in its faulty row, as the child's id and where any text may stand.
It must reach no output, log, manifest, file, message, traceback or printed form of an object.
"""

from __future__ import annotations

import importlib
import io
import logging
import re
import traceback
from contextlib import redirect_stderr, redirect_stdout

import polars as pl
import pytest

import csc_indicators as csc
from csc_indicators.engines import local
from csc_indicators.errors import CscError, FatalFindings
from csc_indicators.extracts import cin_census
from csc_indicators.outputs import tidy
from csc_indicators.tables import checking, validation
from tests.lib.command_line import PARTLY, ROOT, run, run_here

CANARY = "CANARY7Q"
FOLDERS = [f"fixtures/faulty/rows/{path.name}" for path in sorted(ROOT.joinpath("fixtures/faulty/rows").iterdir())]
FILES = [f"fixtures/faulty/files/{path.name}" for path in sorted(ROOT.joinpath("fixtures/faulty/files").glob("*.xml"))]
FAULTY = [PARTLY, *FOLDERS]
CHILD_ID = re.compile(r"SYN\d{3}[A-Z0-9]+")


@pytest.fixture
def logged():
    """Everything any library logs at any level while a test runs, formatted as a log file would be."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(exc_text)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def assert_says_nothing_of_a_row(*texts):
    for text in texts:
        assert CANARY not in text
        assert not CHILD_ID.search(text)


def contents(folder):
    """The bytes of every file of a folder, as text; a compressed file as it reads back."""
    for file in folder.iterdir():
        yield pl.read_parquet(file).write_csv() if file.suffix == ".parquet" else file.read_text(encoding="utf-8")
        yield file.name


@pytest.mark.parametrize("path", FAULTY)
def test_the_fixtures_hold_the_canary(path):
    held = "".join(file.read_text(encoding="utf-8") for file in ROOT.joinpath(path).rglob("*.xml"))

    assert CANARY in held
    assert CHILD_ID.search(held)


@pytest.mark.parametrize("path", [*FAULTY, *FILES])
@pytest.mark.parametrize("options", [(), ("--format", "json")], ids=["text", "json"])
def test_validate_repeats_nothing_of_a_row(path, options, logged):
    done = run_here("validate", path, *options)

    assert done.stdout + done.stderr
    assert_says_nothing_of_a_row(done.stdout, done.stderr, logged.getvalue())


@pytest.mark.parametrize("path", [*FAULTY, *FILES])
@pytest.mark.parametrize("options", [(), ("--internal",)], ids=["published", "internal"])
def test_compute_repeats_nothing_of_a_row(path, options, logged, tmp_path):
    out = tmp_path / "out"
    done = run_here("compute", path, *options, "--by", "sex", "--by", "age_band", "--out", out, "--format", "csv")

    assert done.stdout + done.stderr
    assert out.is_dir() == (done.code == 0)
    assert_says_nothing_of_a_row(done.stdout, done.stderr, logged.getvalue())
    if out.is_dir():
        written = list(contents(out))
        assert len(written) == 6
        assert_says_nothing_of_a_row(*written)


def test_a_process_repeats_nothing_of_a_row():
    for outcome in (run("validate", PARTLY), run("compute", PARTLY, "--internal", "--format", "json")):
        assert outcome.code == 0
        assert_says_nothing_of_a_row(outcome.stdout, outcome.stderr)


def test_the_records_of_children_do_hold_their_ids():
    done = run_here(
        "records", "referrals", "fixtures/faulty/rows/closure_without_reason", "--internal", "--format", "csv"
    )

    assert f"{CANARY}01" in done.stdout
    assert_says_nothing_of_a_row(done.stderr)


def test_the_tables_do_hold_what_was_returned():
    cin = csc.read_cin_census(ROOT / "fixtures/faulty/rows/missing_birth_date")

    assert f"{CANARY}01" in cin.children["child_id"].to_list()


def shown(item):
    return [repr(item), str(item), f"{item}"]


@pytest.mark.parametrize("path", FAULTY)
def test_no_printed_form_of_an_object_holds_a_row(path):
    try:
        extracts = csc.load(ROOT / path)
    except FatalFindings as error:
        texts = [*shown(error), *map(repr, error.args), "".join(traceback.format_exception(error))]
        texts += [text for finding in error.findings for text in (*shown(finding), finding.as_line())]
        texts += [str(finding.as_dict()) for finding in error.findings]
    else:
        texts = [*shown(extracts), *shown(extracts.cin)]
        for finding in extracts.cin.findings:
            texts += [*shown(finding), finding.as_line(), str(finding.as_dict())]
        for account in extracts.cin.accounts:
            texts += [*shown(account), str(account.as_dict())]
        computation = csc.compute(extracts, "referrals", internal=True)
        texts += [*shown(computation), *shown(computation.published), *computation.notes]

    assert_says_nothing_of_a_row(*texts)


@pytest.mark.parametrize("path", [*FAULTY, *FILES])
def test_no_error_shows_a_row_even_with_its_traceback(path):
    try:
        csc.load(ROOT / path)
    except CscError as error:
        chain = traceback.TracebackException.from_exception(error)
        assert_says_nothing_of_a_row("".join(chain.format()), str(error), repr(error))
    else:
        assert path in FAULTY


def raise_with_a_row(*_, **__):
    frame = pl.DataFrame({"child_id": [f"{CANARY}01"]})
    raise ValueError(f"a row went wrong: {frame}")


WHERE = [
    pytest.param(cin_census, "_read_children", id="the reader"),
    pytest.param(validation, "parse", id="the types"),
    pytest.param(checking, "broken_rows", id="the contract"),
    pytest.param(validation, "stack", id="the stacking"),
    pytest.param(importlib.import_module("csc_indicators.indicators.referrals"), "unit_records", id="the indicator"),
    pytest.param(local, "aggregate", id="the sums"),
    pytest.param(local, "publish", id="the disclosure control"),
    pytest.param(tidy, "as_csv", id="the output"),
]


@pytest.mark.parametrize(("module", "function"), WHERE)
def test_a_fault_of_the_package_is_said_without_the_row_it_failed_on(module, function, monkeypatch, logged):
    monkeypatch.setattr(module, function, raise_with_a_row)
    done = run_here("compute", PARTLY, "--indicator", "referrals", "--format", "csv")

    assert (done.code, done.stdout) == (1, "")
    assert re.fullmatch(
        r"error: the package itself failed \(ValueError at test_privacy\.py:\d+\); nothing of the data is shown here",
        done.said[-1],
    )
    assert_says_nothing_of_a_row(done.stderr, logged.getvalue())


def test_a_cell_that_polars_cannot_convert_is_not_quoted(monkeypatch):
    """A strict cast of polars quotes the cells it could not convert: none may get through."""

    def strict_cast(raw, *_, **__):
        return raw.with_columns(pl.col("referral_date").cast(pl.Int64))

    monkeypatch.setattr(validation, "parse", strict_cast)
    raw = pl.DataFrame({"referral_date": [CANARY]})
    with pytest.raises(pl.exceptions.PolarsError, match=CANARY):
        strict_cast(raw)
    done = run_here("validate", PARTLY)

    assert done.code == 1
    assert_says_nothing_of_a_row(done.stdout, done.stderr)


def test_no_library_prints_anything_by_itself():
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        csc.read_cin_census(ROOT / PARTLY)

    assert (out.getvalue(), err.getvalue()) == ("", "")
