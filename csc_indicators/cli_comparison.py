"""The commands that compare and publish: benchmark, published, screen and workbook. `cli` takes them in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from csc_indicators.answering import Answer, Question, answer, say_beside
from csc_indicators.arguments import (
    Authorities,
    Breakdowns,
    Format,
    FromYear,
    Indicators,
    Internal,
    Joined,
    Level,
    NeighbourFile,
    NeighbourStatistic,
    NeighbourValue,
    Paths,
    PeriodChoice,
    PeriodLength,
    Readings,
    Sets,
    StoreFile,
    TextFormat,
    ToYear,
    Year,
    neighbours_of,
)
from csc_indicators.errors import FatalFindings, UsageError
from csc_indicators.standard_streams import plain_json, print_frame, print_rich, print_text, say

STORE = Path("csc_indicators.duckdb")

comparison = typer.Typer()
published = typer.Typer(help="DfE's published figures, in a store on this machine.", no_args_is_help=True)
comparison.add_typer(published, name="published")


@comparison.command()
def benchmark(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="The authority's own extracts; its published figure is used when left out."),
    ] = None,
    *,
    indicator: Annotated[str, typer.Option("--indicator", help="Id of an indicator.")],
    la: Annotated[str, typer.Option("--la", help="Three-digit code of the authority.")],
    year: Year = None,
    reading: Annotated[str | None, typer.Option("--reading", help="A named reading for the own figure.")] = None,
    set_: Sets = None,
    neighbours: NeighbourFile = None,
    neighbour_value: NeighbourValue = NeighbourStatistic.median,
    store: StoreFile = STORE,
    output: Annotated[Format, typer.Option("--format", help="How to print the results.")] = Format.table,
) -> None:
    """Set an authority's figure beside the published ones of its neighbours, region and England."""
    from csc_indicators.benchmarking import benchmark as set_beside
    from csc_indicators.geography import local_authority
    from csc_indicators.outputs.store import published_figures
    from csc_indicators.outputs.terminal import benchmark_table, position_lines

    local_authority(la)
    figures = published_figures(store, indicator=indicator)
    own: Answer | None = None
    if paths:
        named = [f"{indicator}={reading.removeprefix(f'{indicator}=')}"] if reading else None
        own = answer(paths, Question(la=[la], year=year, indicator=[indicator], reading=named, set_=set_))
    elif reading or set_:
        raise UsageError("a reading or a parameter is for the own figure; name the extracts it is computed from")
    made = set_beside(
        figures,
        indicator=indicator,
        la_code=la,
        own=own.computation.frame if own else None,
        period=str(year) if year else None,
        neighbours=neighbours_of(neighbours, neighbour_value),
    )
    if output is Format.table:
        print_rich(benchmark_table(made))
        for line in position_lines(made):
            print_text(line)
    elif output is Format.json:
        parts = {name: made_of.to_dicts() for name, made_of in (("table", made.table), ("positions", made.positions))}
        print_text(plain_json({"period": made.period, **parts, "notes": list(made.notes)}))
    else:
        print_frame(made.table, output)
    if own:
        say_beside(own)
    for note in made.notes:
        say(f"note: {note}")


@published.command("add")
def add(
    files: Annotated[
        list[Path],
        typer.Argument(help="CSV files as downloaded from Explore Education Statistics, or folders or zips of them."),
    ],
    store: StoreFile = STORE,
    vintage: Annotated[
        str | None, typer.Option("--vintage", help="Which edition the files are; their latest year when left out.")
    ] = None,
) -> None:
    """Read published figures into the store. A file that is there already adds nothing; a newer edition does."""
    from csc_indicators.extracts.published import read_published
    from csc_indicators.outputs.store import add_published
    from csc_indicators.outputs.terminal import finding_lines

    series = read_published(files, vintage=vintage)
    for line in finding_lines(series.findings):
        say(line)
    for stored in add_published(store, series):
        what = (
            f"{stored.rows:,} figures, to {stored.vintage}" if stored.added else "in the store already, nothing added"
        )
        print_text(f"{stored.file}: {what}")


@published.command("list")
def list_published(store: StoreFile = STORE) -> None:
    """List what published figures the store holds."""
    from csc_indicators.outputs.store import stored_files
    from csc_indicators.outputs.terminal import frame_table

    held = stored_files(store).drop("sha256")
    if held.is_empty():
        say(f"{store}: no published figures yet; `published add` reads them from DfE's files")
    print_rich(frame_table(held, title=f"Published figures in {store}"))


@comparison.command()
def screen(
    file: Annotated[Path, typer.Argument(help="A tidy data file; its metadata file is beside it.")],
    meta: Annotated[Path | None, typer.Option("--meta", help="The metadata file, where it has another name.")] = None,
    output: Annotated[TextFormat, typer.Option("--format", help="How to print the checks.")] = TextFormat.text,
) -> None:
    """Check a tidy file and its metadata against the rules of Explore Education Statistics."""
    from dataclasses import asdict

    from csc_indicators.outputs.screening.screen import screen as checks_of

    beside = file.with_name(file.name.removesuffix(".csv") + ".meta.csv") if meta is None else meta
    if file.exists() and not beside.exists():
        raise UsageError(
            f"{file}: its metadata is not there ({beside.name}). Tidy files have one each, as `compute --out DIR "
            "--ees` writes them; name it with --meta where it stands elsewhere"
        )
    checks = checks_of(file, meta)
    failed = [check for check in checks if check.result == "FAIL"]
    warned = [check for check in checks if check.result == "WARNING"]
    if output is TextFormat.json:
        print_text(plain_json([asdict(check) for check in checks]))
    else:
        for check in (*failed, *warned):
            print_text(
                f"{check.result} {check.name}: {check.message}" + (f" {check.what_to_do}" * bool(check.what_to_do))
            )
        print_text(f"{len(checks)} checks: {len(failed)} failed, {len(warned)} warnings")
    if failed:
        raise typer.Exit(FatalFindings.exit_code)


@comparison.command()
def workbook(
    paths: Paths,
    out: Annotated[Path, typer.Option("--out", help="The workbook to write, a file ending in .xlsx.")],
    la: Authorities = None,
    year: Year = None,
    from_year: FromYear = None,
    to_year: ToYear = None,
    period: PeriodLength = PeriodChoice.year,
    indicator: Indicators = None,
    reading: Readings = None,
    set_: Sets = None,
    by: Breakdowns = None,
    level: Annotated[
        list[Level] | None,
        typer.Option("--level", case_sensitive=False, help="Areas to show: all when left out. May be repeated."),
    ] = None,
    joined: Joined = False,
    neighbours: NeighbourFile = None,
    neighbour_value: NeighbourValue = NeighbourStatistic.median,
    internal: Internal = False,
) -> None:
    """Write an Excel workbook of figures, with comparators to choose, definitions and the quality of the data."""
    from csc_indicators.outputs.workbook import write_workbook

    if out.suffix.lower() != ".xlsx":
        raise UsageError(f"--out {out}: a workbook's name ends in .xlsx")
    if not out.parent.is_dir():
        raise UsageError(f"--out {out}: there is no folder {out.parent}; make it, or name another")
    answered = answer(
        paths,
        Question(
            la=la,
            year=year,
            from_year=from_year,
            to_year=to_year,
            period=period,
            indicator=indicator,
            reading=reading,
            set_=set_,
            by=by,
            level=level or list(Level),
            joined=joined,
            neighbours=neighbours,
            neighbour_value=neighbour_value,
            internal=internal,
        ),
    )
    say_beside(answered)
    say(f"wrote {write_workbook(answered.computation, out)}")
