"""Tables on a terminal: whatever its width, no figure, status or verdict is cut off or left out."""

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import termios
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest
from rich.console import Console
from rich.table import Table

import csc_indicators as csc
from csc_indicators.outputs.column_widths import PIPE, fit
from csc_indicators.outputs.terminal import benchmark_table, cell_tables
from tests.lib.command_line import REGION, ROOT, command, environment, run_here, unpadded

WIDTHS = (80, 100, 120)
NAMES = ("Area", "Group", "Reading", "Differs in", "Source")

ONE = ("--indicator", "rereferrals", "--year", "2025")
LEVELS = ("compute", REGION, *ONE, "--level", "authority", "--level", "regional", "--level", "neighbours")
GROUPS = ("compute", REGION, *ONE, "--by", "age_band")
READINGS = ("sensitivity", "rereferrals", REGION, "--la", "390", "--year", "2025")
COMMANDS = {"levels": LEVELS, "groups": GROUPS, "readings": READINGS}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    file = tmp_path_factory.mktemp("store") / "figures.duckdb"
    assert run_here("published", "add", "fixtures/published", "--store", file).code == 0
    return file


@pytest.fixture(scope="module")
def benchmark(store):
    return ("benchmark", REGION, "--indicator", "rereferrals", "--la", "390", "--store", store)


def on_a_terminal(width, *arguments):
    """What a run shows on a terminal of a width, as lines without colours."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    with subprocess.Popen(
        command(*arguments), cwd=ROOT, env=environment(),
        stdin=subprocess.DEVNULL, stdout=terminal, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        os.close(terminal)
        shown = b""
        with os.fdopen(controller, "rb", buffering=0) as screen:
            try:
                while part := screen.read(1 << 16):
                    shown += part
            except OSError:  # how Linux says that the other end has closed
                pass
    assert process.returncode == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", shown.decode()).replace("\r", "").splitlines()


def rows_of(lines, whole):
    """The rows of a table, by heading. A row begins where the column `whole` has a cell; only names go on below it."""
    headings, rows = [], []
    for line in lines:
        parts = [part.strip() for part in re.split("[│┃]", line.strip("│┃") if line[0] in "│┃" else line)]
        if "┃" in line:
            headings = [f"{above} {part}".strip() for above, part in zip(headings or [""] * 20, parts, strict=False)]
        elif "│" in line:
            row = dict(zip(headings, parts, strict=True))
            if row[whole]:
                rows.append(row)
            else:
                assert {heading for heading, part in row.items() if part} <= set(NAMES)
                rows[-1] = {heading: f"{part} {row[heading]}".strip() for heading, part in rows[-1].items()}
    return [{heading: squeezed(part) if heading in NAMES else part for heading, part in row.items()} for row in rows]


def squeezed(name):
    """A name without spaces, as it may be folded within an identifier."""
    return "".join(name.split())


def figure(text, decimals, status="", *, signed=False):
    """A figure of a CSV file as a table shows it: rounded half away from zero; or why there is none."""
    if text is None:
        return "" if status == "ok" else status
    rounded = Decimal(text).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{rounded:{'+' if signed else ''},f}"


def interval(lower, upper):
    return "" if lower is None else f"{figure(lower, 1)} to {figure(upper, 1)}"


def records(*arguments):
    outcome = run_here(*arguments, "--format", "csv")
    assert outcome.code == 0, outcome.stderr
    return pl.read_csv(outcome.stdout.encode(), infer_schema=False).to_dicts()


def expected_cells(record):
    return {
        "Period": record["period"],
        "Numerator": figure(record["numerator"], 0, record["status"]),
        "Denominator": figure(record["denominator"], 0, record["status"]),
        "Value": figure(record["value"], 1, record["status"]),
        "95 % interval": interval(record["lower"], record["upper"]),
        "Status": record["status"],
        "Complete": "yes" if record["complete"] == "true" else "no",
    }


def without(row, names):
    return {heading: part for heading, part in row.items() if heading not in names}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("which", COMMANDS)
def test_every_figure_is_there_at_every_width(which, width):
    lines = on_a_terminal(width, *COMMANDS[which])
    found = rows_of(lines, "Complete")
    expected = records(*COMMANDS[which])

    assert "…" not in "".join(lines)
    assert [without(row, NAMES) for row in found] == [expected_cells(record) for record in expected]
    if which == "groups":
        assert [row["Group"] for row in found] == [squeezed(record["group"]) for record in expected]
    if which == "readings":
        for heading, column in (("Reading", "reading"), ("Differs in", "parameters")):
            assert [row[heading] for row in found] == [squeezed(record[column] or "") for record in expected]
    if which == "levels":
        assert squeezed("North East (3 of 12 authorities) (E12000001)") in [row["Area"] for row in found]


@pytest.mark.parametrize("width", WIDTHS)
def test_every_comparison_is_there_at_every_width(benchmark, width):
    lines = on_a_terminal(width, *benchmark)
    found = rows_of(lines, "Value")
    expected = records(*benchmark)

    assert "…" not in "".join(lines)
    assert max(len(line) for line in lines if "│" in line) <= width
    assert [without(row, ("Area",)) for row in found] == [
        {
            "Value": figure(record["value"], 1, record["status"]),
            "95 % interval": interval(record["lower"], record["upper"]),
            "Difference": "" if record["difference"] is None else figure(record["difference"], 1, signed=True),
            "95 % of difference": interval(record["difference_lower"], record["difference_upper"]),
            "Own is": record["differs"] or "",
            "Source": squeezed(record["source"]),
        }
        for record in expected
    ]
    assert {"lower", "higher", "within chance"} <= {row["Own is"] for row in found}


def test_a_table_is_as_wide_as_the_terminal_where_it_can_be():
    for width, arguments in ((80, LEVELS), (100, LEVELS), (100, GROUPS), (120, GROUPS), (100, READINGS)):
        lines = on_a_terminal(width, *arguments)
        assert max(map(len, lines)) == width


def test_a_table_that_does_not_fit_is_printed_as_into_a_pipe():
    lines = on_a_terminal(80, *GROUPS)

    assert max(map(len, lines)) > 80
    assert [line.rstrip() for line in lines] == unpadded(run_here(*GROUPS).stdout)


def test_into_a_pipe_figures_do_not_fold_however_wide():
    outcome = run_here("sensitivity", "deescalation_sustained", REGION, "--la", "840", "--year", "2023", "--internal")

    assert max(map(len, outcome.stdout.splitlines())) > PIPE
    assert " re_presentation=child_protection_plan,section_47,referral,care_entry " in outcome.stdout
    assert "…" not in outcome.stdout


# Widths


def table_of(rows, **names):
    table = Table()
    table.add_column("Area", overflow="fold", **names)
    table.add_column("Final value", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


@pytest.mark.parametrize(
    ("width", "needed", "columns"),
    [
        (60, 60, [None, None]),
        (40, 40, [23, 10]),
        (30, 30, [13, 10]),
        (26, 26, [15, 10]),
        (23, 23, [12, 10]),
        (22, 44, [26, 11]),
    ],
)
def test_headings_fold_before_names_and_names_before_a_table_is_too_wide(width, needed, columns):
    table = table_of([("Bournemouth_Christchurch_a", "12,345,678")], no_wrap=True)

    assert fit(table, width) == needed
    assert [column.width for column in table.columns] == columns


def test_prose_folds_into_a_pipe_and_figures_widen_it():
    long = ("long " * 60, "1")

    assert fit(table_of([long]), None) == PIPE
    assert fit(table_of([long], no_wrap=True), None) > PIPE


def test_what_does_not_fit_is_not_cut_off():
    table = table_of([("Newcastle upon Tyne", "12,345,678")], no_wrap=True)
    console = Console(width=fit(table, 12), file=io.StringIO())
    console.print(table)

    assert "│ Newcastle upon Tyne │ 12,345,678  │" in console.file.getvalue()


# Rounding


def test_figures_are_rounded_half_away_from_zero_as_they_are_written(store):
    own = csc.compute(ROOT / REGION, "rereferrals", periods=csc.year(2025), la_codes="390").frame
    (table,) = cell_tables(
        own.with_columns(numerator=pl.lit(1234.25), value=pl.lit(25.95), lower=pl.lit(24.05), upper=pl.lit(1026.35))
    )
    cells = {column.header: next(iter(column.cells)) for column in table.columns}
    made = csc.benchmark(
        csc.published_figures(store, indicator="rereferrals"), indicator="rereferrals", la_code="390", own=own
    )
    far = benchmark_table(replace(made, table=made.table.with_columns(difference=pl.lit(-1007.85))))
    differences = {column.header: list(column.cells) for column in far.columns}["Difference"]

    assert (cells["Numerator"], cells["Value"], cells["95 % interval"]) == ("1,234.3", "26.0", "24.1 to 1,026.4")
    assert set(differences) == {"-1,007.9"}
