"""The command line: reads arguments, calls the library, and turns errors into exit codes.

Results go to standard output and everything else to standard error. Exit codes: 0 done, 2 usage, 3 a file cannot be
read, 4 fatal findings, 5 nothing could be computed; 1 is a fault of the package itself, said without a traceback,
because a traceback could show a row.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

import csc_indicators
from csc_indicators.answering import Question, answer, say_beside
from csc_indicators.arguments import (
    Authorities,
    Breakdowns,
    ExtractDay,
    ExtractMonths,
    Format,
    FromYear,
    Indicators,
    Internal,
    Joined,
    Levels,
    NeighbourFile,
    NeighbourStatistic,
    NeighbourValue,
    Paths,
    PeriodChoice,
    PeriodLength,
    Readings,
    ReturnForm,
    Sets,
    TextFormat,
    ToYear,
    Year,
    periods_of,
    requests_of,
    varied_values,
)
from csc_indicators.cli_comparison import comparison
from csc_indicators.errors import CscError, FatalFindings, UsageError
from csc_indicators.progress import counting, loading
from csc_indicators.standard_streams import plain_json, print_cells, print_frame, print_rich, print_text, say

app = typer.Typer(
    name="csc-indicators",
    help="Children's social care indicators for England, from the returns an authority already has.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(comparison)


@app.command()
def compute(
    paths: Paths,
    la: Authorities = None,
    year: Year = None,
    from_year: FromYear = None,
    to_year: ToYear = None,
    period: PeriodLength = PeriodChoice.year,
    indicator: Indicators = None,
    reading: Readings = None,
    set_: Sets = None,
    by: Breakdowns = None,
    level: Levels = None,
    joined: Joined = False,
    neighbours: NeighbourFile = None,
    neighbour_value: NeighbourValue = NeighbourStatistic.median,
    internal: Internal = False,
    out: Annotated[Path | None, typer.Option(help="Write cells and a manifest to this folder.")] = None,
    ees: Annotated[
        bool, typer.Option("--ees", help="Also write tidy files for Explore Education Statistics to --out.")
    ] = False,
    store: Annotated[Path | None, typer.Option(help="Add the cells to this store of runs.")] = None,
    output: Annotated[Format, typer.Option("--format", help="How to print the results.")] = Format.table,
    annex_a: ExtractDay = None,
    months: ExtractMonths = 12,
) -> None:
    """Compute indicators from census extracts."""
    from csc_indicators.outputs.ees import write_ees
    from csc_indicators.outputs.manifest import write_manifest
    from csc_indicators.outputs.store import add_results
    from csc_indicators.outputs.tidy import cells_of, write_cells

    if out is not None and out.exists() and not out.is_dir():
        raise UsageError(f"--out {out}: that is a file; name a folder")
    if ees and (out is None or internal or joined):
        raise UsageError(
            "--ees writes files to be published, of authorities as they are, to the folder of --out: "
            "add --out, without --internal and --joined"
        )
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
            level=level,
            joined=joined,
            neighbours=neighbours,
            neighbour_value=neighbour_value,
            internal=internal,
            annex_a=annex_a,
            months=months,
        ),
    )
    result = answered.computation
    print_cells(cells_of(result.published), output)
    say_beside(answered)
    if out is not None:
        try:
            written = [*write_cells(result.published, out), write_manifest(result, out)]
            if ees:
                tidy_files = write_ees(result.published, out / "ees")
                written += tidy_files.files
                for note in tidy_files.notes:
                    say(f"note: {note}")
        except OSError as error:
            raise UsageError(f"--out {out}: cannot be written to ({error.strerror}); name another folder") from None
        for file in written:
            say(f"wrote {file}")
    if store is not None:
        stored = add_results(store, result)
        say(f"{store}: run {stored.run_id} {'added' if stored.added else 'is there already, nothing added'}")


@app.command()
def validate(
    paths: Paths,
    output: Annotated[TextFormat, typer.Option("--format", help="How to print the findings.")] = TextFormat.text,
) -> None:
    """Say what is wrong with extracts, which rows are lost, and which indicators that touches."""
    from csc_indicators.outputs.terminal import account_table, finding_lines

    try:
        with loading(paths) as load:
            extracts = load()
    except FatalFindings as error:
        if output is TextFormat.json:
            print_text(
                plain_json({"findings": [finding.as_dict() for finding in error.findings], "rows": [], "coverage": []})
            )
        raise
    if output is TextFormat.json:
        coverage = [
            {"la_code": code, "collection": collection, "observed_from": str(begins), "observed_to": str(ends)}
            for code, collection, begins, ends in extracts.coverage.iter_rows()
        ]
        rows = [account.as_dict() for account in extracts.accounts]
        print_text(
            plain_json(
                {"findings": [finding.as_dict() for finding in extracts.findings], "rows": rows, "coverage": coverage}
            )
        )
        return
    for line in finding_lines(extracts.findings):
        print_text(line)
    print_text(f"{len(extracts.findings)} finding{'s' if len(extracts.findings) != 1 else ''}")
    print_rich(account_table(extracts.accounts))
    for code, collection, begins, ends in extracts.coverage.iter_rows():
        print_text(f"{code}: {collection} events are completely observed from {begins} to {ends}")


@app.command("list")
def list_indicators(
    output: Annotated[TextFormat, typer.Option("--format", help="How to print the list.")] = TextFormat.text,
) -> None:
    """List every indicator with its readings and breakdowns."""
    from csc_indicators.catalogue import catalogue

    specs = list(catalogue().indicators.values())
    if output is TextFormat.json:
        print_text(
            plain_json(
                [
                    {
                        "id": spec.id,
                        "title": spec.title,
                        "status": spec.status,
                        "unit": spec.unit,
                        "readings": [reading.name for reading in spec.reading],
                        "parameters": [parameter.name for parameter in spec.parameter],
                        "breakdowns": list(spec.breakdowns),
                    }
                    for spec in specs
                ]
            )
        )
        return
    for spec in specs:
        print_text(f"{spec.id}: {spec.title} ({spec.status}, {spec.unit})")
        print_text(f"    readings: {', '.join(reading.name for reading in spec.reading)}")
        print_text(f"    by: {', '.join(spec.breakdowns)}")


@app.command()
def explain(indicator: Annotated[str, typer.Argument(help="Id of an indicator.")]) -> None:
    """Print the definition of an indicator: its rule, parameters, readings, caveats and worked examples."""
    from csc_indicators.catalogue import catalogue
    from csc_indicators.explanation import explain as explanation

    text = explanation(catalogue().indicator(indicator), catalogue())
    if sys.stdout.isatty():
        from rich.markdown import Markdown

        print_rich(Markdown(text))
    else:
        print_text(text.rstrip("\n"))


@app.command()
def records(
    indicator: Annotated[str, typer.Argument(help="Id of an indicator.")],
    paths: Paths,
    why: Annotated[
        bool, typer.Option("--why", help="Also the clause that decided each, with those not counted.")
    ] = False,
    la: Authorities = None,
    year: Year = None,
    from_year: FromYear = None,
    to_year: ToYear = None,
    period: PeriodLength = PeriodChoice.year,
    reading: Readings = None,
    set_: Sets = None,
    internal: Internal = False,
    output: Annotated[Format, typer.Option("--format", help="How to print the records.")] = Format.table,
) -> None:
    """List the unit records behind a figure. They are about real children: --internal is required."""
    from csc_indicators.engines.local import records as unit_records
    from csc_indicators.outputs.terminal import record_table

    if not internal:
        raise UsageError("records are about single children; add --internal if you may see them")
    requests = requests_of([indicator], reading, set_)
    if len(requests) > 1:
        raise UsageError("records are listed for one reading at a time; give --reading once")
    with loading(paths) as load:
        extracts = load()
    periods = periods_of(extracts, year, from_year, to_year, period)
    listed = unit_records(extracts, requests[0], periods=periods, why=why, la_codes=la)
    if output is Format.table:
        print_rich(record_table(listed))
    else:
        print_frame(listed, output)
    say(f"RESTRICTED: {listed.height} records of single children; not for publication")


@app.command()
def sensitivity(
    indicator: Annotated[str, typer.Argument(help="Id of an indicator.")],
    paths: Paths,
    vary: Annotated[
        list[str] | None,
        typer.Option(metavar="PARAM=V1,V2", help="A parameter and the values it takes; may be repeated."),
    ] = None,
    la: Authorities = None,
    year: Year = None,
    from_year: FromYear = None,
    to_year: ToYear = None,
    period: PeriodLength = PeriodChoice.year,
    internal: Internal = False,
    output: Annotated[Format, typer.Option("--format", help="How to print the results.")] = Format.table,
) -> None:
    """Show how far a figure depends on its reading: every reading, or every combination of varied parameters."""
    from csc_indicators.engines.local import compute as compute_cells
    from csc_indicators.outputs.terminal import comparison_table
    from csc_indicators.outputs.tidy import cells_of
    from csc_indicators.sensitivity import every_reading
    from csc_indicators.sensitivity import vary as varied

    values = varied_values(indicator, vary)
    requests = varied(indicator, values) if values else every_reading(indicator)
    with loading(paths) as load:
        extracts = load()
    periods = periods_of(extracts, year, from_year, to_year, period)
    result = compute_cells(extracts, requests, periods=periods, la_codes=la, internal=internal)
    if output is Format.table:
        print_rich(comparison_table(cells_of(result.published)))
    else:
        print_frame(cells_of(result.published), output)
    for note in result.notes:
        say(f"note: {note}")
    if internal:
        say("RESTRICTED: small numbers are shown; not for publication")


@app.command()
def synthesise(
    out: Annotated[Path, typer.Option(help="A new or empty folder.")],
    las: Annotated[int, typer.Option(help="How many authorities, the first by code.")] = 33,
    years: Annotated[int, typer.Option(help="How many years, up to 2025.")] = 3,
    seed: Annotated[int, typer.Option(help="Which of many possible worlds.")] = 1,
    form: Annotated[
        ReturnForm,
        typer.Option(help="Looked-after children as CSV or XML (the other censuses are XML), or tables as Parquet."),
    ] = ReturnForm.csv,
    faults: Annotated[
        float, typer.Option(help="Plant faults of each kind in this share of the rows, up to 0.05.")
    ] = 0.0,
    processes: Annotated[int, typer.Option(help="How many authorities are made at a time.", min=1)] = 1,
) -> None:
    """Make up the returns on children of whole authorities, with what is true of them. Nobody in them is real."""
    from csc_indicators.synthetic.synthesis import synthesise as synthesise_returns

    with counting("Simulating", las) as on_authority:
        folder = synthesise_returns(
            out,
            las=las,
            years=years,
            seed=seed,
            form=form.value,
            faults=faults,
            processes=processes,
            on_authority=on_authority,
        )
    say(f"wrote the returns of {las:,} x {years} authorities and years to {folder}; all of it is made up")


@app.command()
def lint() -> None:
    """Report every fault in the specs, with its code, file and line."""
    from csc_indicators.catalogue import load_catalogue
    from csc_indicators.lint import lint as find_issues
    from csc_indicators.specification import specs_folder

    loaded = load_catalogue(specs_folder())
    issues = find_issues(loaded)
    for issue in issues:
        print_text(str(issue))
    errors = sum(issue.level == "error" for issue in issues)
    print_text(f"{len(loaded.indicators)} specs: {errors} errors, {len(issues) - errors} warnings")
    if errors:
        raise typer.Exit(FatalFindings.exit_code)


@app.command()
def template(
    table: Annotated[
        str | None, typer.Argument(help="Name of a supplied table; all of them are listed when left out.")
    ] = None,
    example: Annotated[bool, typer.Option("--example", help="Add a row that shows what a cell holds.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write to this CSV file; print when left out.")] = None,
) -> None:
    """Write a supplied table, such as finance, as a CSV file to fill in."""
    from csc_indicators.extracts.context import context_template, write_context_template
    from csc_indicators.outputs.terminal import context_table_list

    if table is None:
        print_rich(context_table_list())
    elif out is None:
        print_text(context_template(table, example=example).rstrip("\n"))
    else:
        write_context_template(table, out, example=example)
        say(f"wrote {out}: fill it in, keep its name or its columns, and give it with the other extracts")


def _version(asked: bool) -> None:
    if asked:
        print_text(f"csc_indicators {csc_indicators.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; every error ends in one clear message and its exit code."""
    try:
        app(standalone_mode=True)
    except CscError as error:
        say(f"error: {error}")
        sys.exit(error.exit_code)
    except Exception as error:  # noqa: BLE001 (a traceback could show a row)
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else "unknown place"
        say(f"error: the package itself failed ({type(error).__name__} at {where}); nothing of the data is shown here")
        sys.exit(1)
