"""Simulates authorities and writes their returns: one authority at a time, so that only the disk bounds the size."""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Literal, TypeAlias

import polars as pl

from csc_indicators import geography
from csc_indicators.errors import UsageError
from csc_indicators.synthetic.allocations import allocate, workers_of_children_in_care
from csc_indicators.synthetic.care_documents import care_document
from csc_indicators.synthetic.care_records import care_records
from csc_indicators.synthetic.care_returns import care_return
from csc_indicators.synthetic.case_documents import census_document
from csc_indicators.synthetic.case_returns import census
from csc_indicators.synthetic.cases import simulate_cases
from csc_indicators.synthetic.days import adult_on, workforce_day, year_start
from csc_indicators.synthetic.draws import Draws
from csc_indicators.synthetic.fault_kinds import CUT_SHORT, dirty_care, dirty_cases
from csc_indicators.synthetic.faults import LATER, NOTED, Return, Tables, cut_short
from csc_indicators.synthetic.people import Children, simulate_children
from csc_indicators.synthetic.placements import simulate_placements
from csc_indicators.synthetic.rates import of_authority, rates
from csc_indicators.synthetic.supplied_histories import of_authority_years, supplied_histories
from csc_indicators.synthetic.supplied_returns import supplied_tables
from csc_indicators.synthetic.truth_care import CARE_TRUTHS, with_views
from csc_indicators.synthetic.truth_cases import TRUTHS, reporting_years, true_figures
from csc_indicators.synthetic.truth_supplied import SUPPLIED_TRUTHS
from csc_indicators.synthetic.truth_workforce import WORKFORCE_TRUTHS, workforce_years
from csc_indicators.synthetic.workforce import simulate_workforce
from csc_indicators.synthetic.workforce_records import LOOKS_BACK, census_years, workforce_records
from csc_indicators.synthetic.workforce_returns import workforce_document

Form: TypeAlias = Literal["csv", "xml", "parquet"]

LAST_YEAR = 2025
"""The last year that is simulated: of the published figures that the rates are set by."""
YEARS_BEFORE = 12
"""Years simulated before the first return, so that it finds cases open, and children in care, as long as they are."""
EARLIEST_YEAR = 2012
REFERRALS_PER = 10_000
"""The children in the population that the rate of referrals is for."""
MOST_YEARS = LAST_YEAR - EARLIEST_YEAR + 1
MOST_FAULTS = 0.05
ROWS_OF_A_GROUP = 1 << 16
"""Rows of one group of a Parquet file. Left to polars, it depends on the number of threads."""
TRUTH, FAULTS = "truth.parquet", "faults.parquet"
OF_CASES, OF_CARE = "cin_census.xml", "looked_after.xml"
EVERY_TRUTH = {**TRUTHS, **CARE_TRUTHS, **WORKFORCE_TRUTHS, **SUPPLIED_TRUTHS}


@dataclass(frozen=True)
class Simulation:
    """One authority: its children and all that ever happened to them."""

    la_code: str
    children: Children
    histories: Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class _Made:
    """What is true of an authority, and the faults that were planted in its returns."""

    truth: pl.DataFrame
    faults: pl.DataFrame


_Plant: TypeAlias = Callable[[Tables, str, int, str], Tables]
"""Plants faults in the tables of a return of an authority and a year, which is written to a file of some name."""


def authorities(count: int) -> tuple[str, ...]:
    """The codes of the first so many authorities of the last simulated year, in order of their codes.

    Raises:
        UsageError: There are not so many.
    """
    known = sorted(geography.authority_names(LAST_YEAR))
    if not 1 <= count <= len(known):
        raise UsageError(
            f"{count} authorities cannot be simulated; England has {len(known)}. Ask for 1 to {len(known)}."
        )
    return tuple(known[:count])


def simulate(la_code: str, years: range, seed: int) -> Simulation:
    """Simulate one authority forward, up to the census of its workforce on the 30 September after the last year."""
    draws = Draws(seed, la_code)
    authority = of_authority(draws)
    population = geography.population(la_code, LAST_YEAR - 1) or 0
    first, last = year_start(years[0] - YEARS_BEFORE), workforce_day(years[-1])
    simulated_days = last - first + 1
    # Of the referrals of a year a share is of children who come back in time; the others are the children's first.
    first_referrals = 1000 - authority["comes_back"] * rates()["closure"]["share_in_time"] // 1000
    number = population * authority["referrals"] * simulated_days * first_referrals // (REFERRALS_PER * 365_250)
    children = simulate_children(draws, la_code, number, first, last)
    histories = simulate_cases(draws, children, authority, last)
    periods = histories["periods_of_care"]
    episodes = simulate_placements(draws, children, authority, _with_need(periods, histories["cases"]))
    grown = pl.Series("adult_date", adult_on(children.birth))
    described = children.described.with_columns(grown, alone=pl.Series(children.alone))
    tables = {**histories, "care_episodes": episodes, "children": described}
    tables |= care_records(draws, children, authority, periods, episodes, years)
    tables |= _workforce(draws, authority, histories, years)
    tables |= supplied_histories(draws, tables, years)
    tables |= of_authority_years(draws, tables, _populations(la_code, years), years)
    tables = {
        name: table.cast({"child": pl.Int32}) if "child" in table.columns else table for name, table in tables.items()
    }
    return Simulation(la_code, children, tables)


def _populations(la_code: str, years: range) -> dict[int, int]:
    """By year the children of an authority: by the estimate of the mid-year before, or the nearest that there is."""
    known = geography.population(la_code, LAST_YEAR - 1) or 0
    return {year: geography.population(la_code, year - 1) or known for year in years}


def _workforce(
    draws: Draws, authority: Mapping[str, int], histories: Mapping[str, pl.DataFrame], years: range
) -> dict[str, pl.DataFrame]:
    """The social workers, who of them was responsible for a child in care, and what their censuses record."""
    cases, periods = histories["cases"], histories["periods_of_care"]
    since = workforce_day(years[0] - LOOKS_BACK - 1)
    workforce = simulate_workforce(draws, authority, cases, years, since)
    allocations = allocate(draws, workforce["posts"], cases, periods, since)
    responsible = workers_of_children_in_care(allocations, workforce["staff"], periods, since)
    return {
        **workforce,
        **workforce_records(draws, workforce, allocations, years),
        "social_workers": responsible,
    }


def true_of(simulation: Simulation, years: range) -> pl.DataFrame:
    """What is true of an authority in some years: `indicator, la_code, period, numerator, denominator`."""
    of = with_views(simulation.histories), simulation.la_code
    return pl.concat(
        [
            true_figures(*of, reporting_years(years), {**TRUTHS, **CARE_TRUTHS, **SUPPLIED_TRUTHS}),
            true_figures(*of, workforce_years(years), WORKFORCE_TRUTHS),
        ]
    )


def _with_need(periods: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """Periods of care with the primary need of the case that they are part of."""
    needs = cases.select("child", "case", "primary_need")
    return periods.join(needs, on=["child", "case"], how="left", maintain_order="left")


def synthesise(
    out: str | Path,
    *,
    las: int | Sequence[str] = 33,
    years: int = 3,
    seed: int = 1,
    form: Form = "csv",
    faults: float = 0.0,
    processes: int = 1,
    on_authority: Callable[[str], None] | None = None,
) -> Path:
    """Simulate authorities and write their returns on children and on social workers, and what is true of them.

    Children, cases, assessments, enquiries, conferences, plans, periods of care, placements and what is recorded of
    children in care and of care leavers, and the social workers who hold the cases, are simulated forward, at rates
    like those of England in 2025; authorities lie about as far apart as real ones. Each return holds what its case
    system would have known on its 31 March, the workforce census on its 30 September. The same seed gives the same
    bytes on every machine. Nobody in them is real: child ids begin with `SYN`, pupil numbers with `S000`, as none does.

    Args:
        out: A folder that is new or empty. It gets `<authority>/<year>/cin_census.xml` and `workforce_census.xml`,
            the return on looked-after children as `<authority>/<year>/<table>.csv`, and `truth.parquet`, counted from
            the simulation itself: `indicator, la_code, period, numerator, denominator`.
        las: How many authorities, the first by code, or their codes.
        years: How many years, the last of which ends on 31 March 2025.
        seed: Which of many possible worlds.
        form: The return on looked-after children as `csv` or as `xml`, one file (`looked_after.xml`), which has no
            place for social workers; or, for size, `parquet`: that return as Parquet, and the CIN censuses of all years
            as `<authority>/<table>.parquet`.
        faults: The share of rows that get a fault of each kind, such as 0.01, up to 0.05: what was planted where is in
            `faults.parquet`, and whether it can be found out at all. One file is cut short. The truth is that of the
            returns without faults.
        processes: How many authorities are made at a time, each in a process of its own. The files are the same.
        on_authority: Called with the code of each authority that is done.

    Returns:
        The folder.

    Raises:
        UsageError: The folder is not empty, an authority is not known, or the years reach too far back.

    Example:
        >>> import tempfile
        >>> folder = synthesise(tempfile.mkdtemp(), las=["839"], years=1)
        >>> sorted(file.name for file in folder.rglob("*.xml"))
        ['cin_census.xml', 'workforce_census.xml']
    """
    codes = authorities(las) if isinstance(las, int) else tuple(las)
    for code in codes:
        geography.local_authority(code, LAST_YEAR)
    if not 0 <= faults <= MOST_FAULTS:
        raise UsageError(f"faults in a share of {faults} of the rows cannot be planted. Ask for 0 to {MOST_FAULTS}.")
    if faults and form == "parquet":
        raise UsageError("faults are those of the files that systems return. Ask for the form csv or xml.")
    if processes < 1:
        raise UsageError(f"{processes} processes cannot make anything. Ask for 1 or more.")
    if not 1 <= years <= MOST_YEARS:
        raise UsageError(f"{years} years cannot be simulated. Ask for 1 to {MOST_YEARS}: the last is {LAST_YEAR}.")
    folder = Path(out)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not an empty folder. Give a new one, so that nothing in it is mixed up.")
    span = range(LAST_YEAR - years + 1, LAST_YEAR + 1)
    make = functools.partial(_make_authority, years=span, seed=seed, form=form, faults=faults, folder=folder)
    made: dict[str, _Made] = {}
    for code, found in _each(make, codes, processes):
        made[code] = found
        if on_authority:
            on_authority(code)
    in_order = [made[code] for code in codes]
    pl.concat(each.truth for each in in_order).write_parquet(folder / TRUTH)
    if faults:
        planted = pl.concat([each.faults for each in in_order])
        _with_one_cut_short(planted, folder, codes[0], span[-1]).write_parquet(folder / FAULTS)
    return folder


def _with_one_cut_short(planted: pl.DataFrame, folder: Path, la_code: str, year: int) -> pl.DataFrame:
    """Cut the last census of an authority short: what else is wrong in it, or it alone would show, is not found."""
    file = f"{la_code}/{year}/{OF_CASES}"
    path = folder / file
    path.write_bytes(cut_short(path.read_bytes()))
    cut = pl.DataFrame(
        [{"fault": "truncated_file", "la_code": la_code, "year": year, "file": file, "detectable": True}], schema=NOTED
    )
    of_cases = pl.col("file") == f"{la_code}/{year - 1}/{OF_CASES}"
    hidden = (pl.col("file") == file) | (pl.col(LATER) & of_cases)
    return pl.concat(
        [
            planted.with_columns(
                detectable=pl.col("detectable") & ~hidden,
                why_not=pl.when(hidden).then(pl.lit(CUT_SHORT)).otherwise("why_not"),
            ).drop(LATER),
            cut,
        ]
    )


def _each(make: Callable[[str], _Made], codes: Sequence[str], processes: int) -> Generator[tuple[str, _Made]]:
    """The authorities as they are done, one after another or several at a time."""
    if processes == 1:
        for code in codes:
            yield code, make(code)
        return
    # A fresh process: polars does not survive a fork.
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        running = {pool.submit(make, code): code for code in codes}
        try:
            for done in as_completed(running):
                yield running[done], done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _make_authority(la_code: str, *, years: range, seed: int, form: Form, faults: float, folder: Path) -> _Made:
    """Simulate an authority and write its files; what is true of it, and what is wrong with them."""
    simulation = simulate(la_code, years, seed)
    planted = [pl.DataFrame(schema={**NOTED, LATER: pl.Boolean()})]
    for file, data in _files(simulation, years, form, _planting(Draws(seed, la_code), years, faults, planted)):
        path = folder / la_code / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(data, bytes):
            path.write_bytes(data)
        else:
            write_table(data, path)
    return _Made(true_of(simulation, years), pl.concat(planted))


def write_table(table: pl.DataFrame, path: Path) -> None:
    """Write a table as Parquet, the same bytes however many threads polars has: it would share rows out by them."""
    table.rechunk().write_parquet(path, row_group_size=ROWS_OF_A_GROUP)


def _planting(draws: Draws, years: range, rate: float, planted: list[pl.DataFrame]) -> _Plant:
    """What plants faults in the tables of a return, and notes them; nothing at a rate of nought."""

    def plant_faults(tables: Tables, la_code: str, year: int, name: str) -> Tables:
        if not rate:
            return tables
        whose = Return(la_code, year, is_first=year == years[0], is_last=year == years[-1], rate=rate)
        if name == OF_CASES:
            dirty, noted = dirty_cases(draws, tables, whose)
        else:
            dirty, noted = dirty_care(draws, tables, whose, one_file=name == OF_CARE)
        # A return on looked-after children is a file for each table, and its XML form one for all.
        folder = f"{la_code}/{year}/"
        file = (
            pl.lit(f"{folder}{name}")
            if name.endswith(".xml")
            else pl.format(folder + "{}.csv", pl.col("table").str.split(".").list.last())
        )
        planted.append(noted.with_columns(file=file))
        return dirty

    return plant_faults


def _files(
    simulation: Simulation, years: range, form: Form, plant_faults: _Plant
) -> Generator[tuple[str, bytes | pl.DataFrame]]:
    """The files of one authority, by their place in its folder."""
    histories, la_code = simulation.histories, simulation.la_code
    of_cases: list[Tables] = []
    for year in years:
        tables = plant_faults(census(simulation.children, histories, la_code, year), la_code, year, OF_CASES)
        if form == "parquet":
            of_cases.append(tables)
        else:
            yield f"{year}/{OF_CASES}", census_document(tables, la_code, year)
        of_care = plant_faults(care_return(histories, la_code, year), la_code, year, OF_CARE if form == "xml" else "")
        if form == "xml":
            yield f"{year}/{OF_CARE}", care_document(of_care)
        for name, table in of_care.items() if form != "xml" else ():
            yield f"{year}/{name}.{form}", table if form == "parquet" else table.write_csv().encode()
    for name in of_cases[0] if of_cases else ():
        yield f"{name}.parquet", pl.concat([tables[name] for tables in of_cases])
    for name, table in supplied_tables(histories, la_code, years).items():
        yield (f"{name}.parquet", table) if form == "parquet" else (f"{name}.csv", table.write_csv().encode())
    for year in census_years(years):
        yield f"{year}/workforce_census.xml", workforce_document(histories, la_code, year)
