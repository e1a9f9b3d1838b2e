"""Rules on worked examples: enough of them, of every kind, and written so that they can be run."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import TYPE_CHECKING, Any, cast

from csc_indicators.codes import CODE_SETS, LA_CODE_PATTERN
from csc_indicators.errors import UsageError
from csc_indicators.linting.clauses import PARTS_OF_A_WHOLE, WITHOUT_DENOMINATOR
from csc_indicators.linting.issues import WARNING, Path, issue, parameters_of, specs, taken, unknown
from csc_indicators.linting.shape import LENGTHS_OF_TIME
from csc_indicators.linting.vocabulary import COUNTED
from csc_indicators.names import suggestion
from csc_indicators.periods import parse_period
from csc_indicators.spec_examples import Example, Expectation
from csc_indicators.spec_model import MISSING
from csc_indicators.specification import Indicator, Unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from csc_indicators.catalogue import Catalogue, Issue, SpecFile

FEWEST_EXAMPLES = 3
CASES = ("typical", "boundary", "exclusion")
EDGES_OF_A_WINDOW = ("on", "day_after", "leap_day")
NEVER_MISSING = ("la_code", "child_id", "worker_id", "census")
"""Cells without which an example cannot say whose record a row is."""
FLAGS = (
    "convicted",
    "health_check",
    "immunisations",
    "teeth_check",
    "health_assessment",
    "substance_misuse",
    "expected_standard",
    "offered",
    "held",
)
NUMBERS = (
    "sdq_score",
    "placement_distance",
    "easting",
    "northing",
    "full_time_equivalent",
    "full_time_equivalent_on_census_day",
    "cases",
    "days_lost",
    "base_salary",
    "recruitment_and_retention_payments",
    "other_payments",
    "vacancies",
    "agency_full_time_equivalent",
    "agency_headcount",
    "amount",
    "progress",
    "attainment_8",
    "score",
    "vacancies",
    "in_post",
)
"""Columns whose cells are flags or numbers and missing unless an example says otherwise."""


def enough_examples(catalogue: Catalogue) -> list[Issue]:
    """S040: fewer than three examples, a kind of case without one, or an example that expects nothing."""
    found: list[Issue] = []
    for spec, file in specs(catalogue):
        absent = [case for case in CASES if all(example.case != case for example in spec.example)]
        if len(spec.example) < FEWEST_EXAMPLES or absent:
            lacking = f" None is of case {' or '.join(absent)}." if absent else ""
            message = (
                f"{len(spec.example)} examples.{lacking} Give at least {FEWEST_EXAMPLES}, "
                f"and at least one of each case: {', '.join(CASES)}."
            )
            found.append(issue(file, ("example", 0), "S040", message))
        found += [
            issue(file, ("example", position), "S040", f'example "{example.name}" expects nothing. Say what it gives.')
            for position, example in enumerate(spec.example)
            if not example.expect
        ]
    return found


def window_edges(catalogue: Catalogue) -> list[Issue]:
    """S041: an indicator with a window lacks an example on, just past or around 29 February of its edge."""
    found: list[Issue] = []
    for spec, file in specs(catalogue):
        lacking = [edge for edge in EDGES_OF_A_WINDOW if all(example.edge != edge for example in spec.example)]
        found += [
            issue(
                file,
                ("parameter", position),
                "S041",
                f'parameter "{parameter.name}" is a window, and no example has edge {", ".join(lacking)}. '
                "Add an example for each.",
                WARNING,
            )
            for position, parameter in enumerate(spec.parameter)
            if parameter.type == "integer"
            and "window" in parameter.name
            and parameter.name.endswith(LENGTHS_OF_TIME)
            and lacking
        ]
    return found


def unknown_column(catalogue: Catalogue) -> list[Issue]:
    """S042: a row of an example has a column that the table has not."""
    return [
        issue(file, (*path, name), "S042", f'example "{example.name}": {unknown("column", name, columns)}')
        for file, example, columns, path, row in _rows(catalogue)
        for name in row
        if name not in columns
    ]


def cell_not_valid(catalogue: Catalogue) -> list[Issue]:
    """S043: a cell of an example holds what its column cannot."""
    return [
        issue(file, (*path, name), "S043", f'example "{example.name}": {fault}')
        for file, example, columns, path, row in _rows(catalogue)
        for name, cell in row.items()
        if name in columns and (fault := _fault_of_cell(name, cell, columns[name]))
    ]


def denominator_of_unit(catalogue: Catalogue) -> list[Issue]:
    """S044: an expectation has a denominator where the unit has none, or lacks one where it has."""
    found: list[Issue] = []
    for spec, file, what, path, expectation in _expectations(catalogue):
        unit = _unit_expected(spec, expectation)
        if unit in WITHOUT_DENOMINATOR and expectation.denominator is not None:
            message = f'{what}: an indicator of unit "{unit}" has no denominator in its records. Remove it.'
            found.append(issue(file, (*path, "denominator"), "S044", message))
        elif unit not in WITHOUT_DENOMINATOR and expectation.denominator is None:
            found.append(issue(file, path, "S044", f'{what}: unit "{unit}" needs a denominator. Add it.'))
    return found


def reading_or_set(catalogue: Catalogue) -> list[Issue]:
    """S045: an expectation has both a reading and a set of its own."""
    return [
        issue(
            file,
            path,
            "S045",
            f"{what}: an expectation has a reading or a set, not both. Keep one, or write the values of the reading.",
        )
        for _, file, what, path, expectation in _expectations(catalogue)
        if expectation.reading is not None and expectation.set
    ]


def unknown_clause(catalogue: Catalogue) -> list[Issue]:
    """S046: `decided_by` names a clause that the indicator does not have."""
    found: list[Issue] = []
    for spec, file in specs(catalogue):
        known = [COUNTED, *(clause.id for clause in spec.clause)]
        for position, example in enumerate(spec.example):
            lists: list[tuple[Path, tuple[str, ...]]] = [
                (("example", position, "decided_by"), example.decided_by or ()),
                *(
                    (("example", position, "expect", number, "decided_by"), expectation.decided_by or ())
                    for number, expectation in enumerate(example.expect)
                ),
            ]
            found += [
                issue(file, path, "S046", f'example "{example.name}": {unknown("clause", name, known)}')
                for path, names in lists
                for name in dict.fromkeys(names)
                if name not in known
            ]
    return found


def unknown_period(catalogue: Catalogue) -> list[Issue]:
    """S047: the period of an example cannot be read."""
    found: list[Issue] = []
    for spec, file in specs(catalogue):
        for position, example in enumerate(spec.example):
            try:
                parse_period(example.period)
            except UsageError as error:
                message = f'example "{example.name}": {error}'
                found.append(issue(file, ("example", position, "period"), "S047", message))
    return found


def unknown_group(catalogue: Catalogue) -> list[Issue]:
    """S048: an expectation is for a group of a breakdown that the indicator does not have."""
    return [
        issue(file, (*path, "group"), "S048", f"{what}: {unknown('breakdown', name, spec.breakdowns)}")
        for spec, file, what, path, expectation in _expectations(catalogue)
        for name in expectation.group
        if name not in (*spec.breakdowns, spec.published_groups)
    ]


def impossible_count(catalogue: Catalogue) -> list[Issue]:
    """S049: an expected numerator or denominator is below nothing, not a number, or more than the whole."""
    found: list[Issue] = []
    for spec, file, what, path, expectation in _expectations(catalogue):
        for key, count in (("numerator", expectation.numerator), ("denominator", expectation.denominator)):
            if count is not None and not (math.isfinite(count) and count >= 0):
                message = f"{what}: {key} = {count}. Write a number of 0 or more."
                found.append(issue(file, (*path, key), "S049", message))
        whole = expectation.denominator
        unit = _unit_expected(spec, expectation)
        if unit in PARTS_OF_A_WHOLE and whole is not None and expectation.numerator > whole:
            message = (
                f"{what}: the numerator ({expectation.numerator}) is above the denominator ({whole}), "
                f'which cannot be of unit "{unit}". Correct one of them.'
            )
            found.append(issue(file, (*path, "numerator"), "S049", message))
    return found


def _unit_expected(spec: Indicator, expectation: Expectation) -> Unit:
    """The unit of the figure that an expectation is for."""
    parameters = parameters_of(spec)
    readings = {reading.name: reading.set for reading in spec.reading}
    of_reading = readings.get(expectation.reading or spec.default_reading, {})
    asked = {name: parameter.default for name, parameter in parameters.items()} | of_reading | expectation.set
    values = {name: taken(parameters[name], raw) for name, raw in asked.items() if name in parameters}
    return spec.unit_under({name: value[0] for name, value in values.items() if value is not None})


def _rows(
    catalogue: Catalogue,
) -> Iterator[tuple[SpecFile, Example, Mapping[str, Any], Path, Mapping[str, Any]]]:
    """Every row of every example, with the columns that its table has in the collection of its indicator."""
    # Read when a rule runs: building tables needs libraries that reading a spec alone does not.
    from csc_indicators.examples import EXAMPLE_TABLES_OF  # noqa: PLC0415

    for spec, file in specs(catalogue):
        tables = EXAMPLE_TABLES_OF.get(spec.collection)
        if tables is None:
            continue  # another rule says that there is no such collection
        for position, example in enumerate(spec.example):
            for table, rows in example.tables.items():
                for number, row in enumerate(rows):
                    yield file, example, tables.get(table, {}), ("example", position, table, number), row


def _expectations(catalogue: Catalogue) -> Iterator[tuple[Indicator, SpecFile, str, Path, Expectation]]:
    for spec, file in specs(catalogue):
        for position, example in enumerate(spec.example):
            for number, expectation in enumerate(example.expect):
                path: Path = ("example", position, "expect", number)
                yield spec, file, f'example "{example.name}"', path, expectation


def _fault_of_cell(column: str, cell: object, default: object) -> str:
    """Why a column cannot hold a cell, in words; empty when it can."""
    if cell == MISSING:
        return f"{column} cannot be missing: it says whose record the row is" if column in NEVER_MISSING else ""
    if isinstance(default, tuple):
        several = cast("list[object]", cell) if isinstance(cell, list) else None
        fits = several is not None and all(_fits_part(column, item) for item in several)
        return "" if fits else f"{column} must be a list of {'days' if column == 'reviews' else 'codes'}"
    if column in (*FLAGS, *NUMBERS):
        kinds, what = (bool, "true, false") if column in FLAGS else ((int, float), "a number")
        fits = isinstance(cell, kinds) and isinstance(cell, bool) == (column in FLAGS)
        return "" if fits else f'{column} must be {what} or "{MISSING}"'
    if isinstance(default, int) and not isinstance(default, bool):
        return "" if isinstance(cell, int) and not isinstance(cell, bool) else f"{column} must be a whole number"
    is_date = column.endswith(("_date", "_until")) or isinstance(default, dt.date)
    if is_date or isinstance(default, bool):
        fits = _is_day(cell) if is_date else isinstance(cell, bool)
        kinds = "a day such as 2024-05-10" if is_date else "true, false"
        return "" if fits else f'{column} must be {kinds} or "{MISSING}"'
    return _fault_of_text(column, cell)


def _fault_of_text(column: str, cell: object) -> str:
    if not isinstance(cell, str):
        return f"{column} must be a text"
    if column == "la_code" and not re.fullmatch(LA_CODE_PATTERN, cell):
        return f"{column} must be the three digits of an authority"
    code_set = column.removeprefix("initial_").removeprefix("latest_")
    if code_set in CODE_SETS and cell not in CODE_SETS[code_set].codes:
        codes = CODE_SETS[code_set].codes
        return f'{column} has no code "{cell}".{suggestion(cell, codes)} Codes: {", ".join(codes)}, or "{MISSING}".'
    return ""


def _fits_part(column: str, item: object) -> bool:
    return _is_day(item) if column == "reviews" else item in CODE_SETS["assessment_factor"].codes


def _is_day(cell: object) -> bool:
    if isinstance(cell, str):
        try:
            dt.date.fromisoformat(cell)
        except ValueError:
            return False
        return True
    return isinstance(cell, dt.date) and not isinstance(cell, dt.datetime)
