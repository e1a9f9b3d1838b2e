"""Rules on names: how they are written, which are taken, what an ending promises, and that one name means one thing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from csc_indicators.linting.issues import WARNING, Path, issue, specs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from csc_indicators.catalogue import Catalogue, Issue, SpecFile
    from csc_indicators.specification import Indicator, Parameter

SNAKE_CASE = r"[a-z][a-z0-9]*(_[a-z0-9]+)*"
COUNTED = "counted"
"""What `decided_by` says of a record that every clause let through."""

RESERVED: Mapping[str, str] = {
    "unit": "it says what kind of figure an indicator is, and is a column of the results",
    "source": "it says where a rule comes from",
    "measure": "tidy files use it for what is measured",
    "count": "tidy files use it for a number of records",
    "denominator": "it is a side of every figure, and a column of the results",
    "numerator": "it is a side of every figure, and a column of the results",
    "period": "it is the time a figure is for, and a column of the results",
    "status": "it says whether a figure is shown or hidden, and is a column of the results",
    "value": "it is the figure itself, and a column of the results",
    "indicator": "it is a column of the results",
    "reading": "it is a column of the results",
    "parameters": "it is a column of the results",
    "period_start": "it is a column of the results",
    "period_end": "it is a column of the results",
    "level": "it is a column of the results",
    "area_code": "it is a column of the results",
    "area_name": "it is a column of the results",
    "breakdown": "it is a column of the results",
    "group": "it is a column of the results",
    "lower": "it is the lower end of an interval, a column of the results",
    "upper": "it is the upper end of an interval, a column of the results",
    "complete": "it says whether all that a figure needs was observed, and is a column of the results",
    "definition_version": "it is a column of the results",
    "periods": "every indicator function takes it: the periods to compute",
    "why": "every indicator function takes it: whether to say which clause decided each record",
}
"""Names that no parameter may have, and why."""

PROMISES: tuple[tuple[str, str, str], ...] = (
    (r".*_(days|months|years)", "integer", "ends in a length of time"),
    (r"(?!count_(of|by)$)(include|count)_.*", "boolean", 'begins with "include_" or "count_"'),
    (r".*_codes", "codes", 'ends in "_codes"'),
    (r".*_(from|basis|of|by)", "choice", 'ends in "_from", "_basis", "_of" or "_by"'),
)
"""The type that the form of a parameter's name promises."""


def snake_case(catalogue: Catalogue) -> list[Issue]:
    """S050: a name is not written in lower case with single underscores."""
    return [
        issue(
            file,
            path,
            "S050",
            f'{what} "{name}" is not in lower case with underscores. Write "{_as_snake_case(name)}".',
        )
        for file, path, what, name in _names(catalogue)
        if not re.fullmatch(SNAKE_CASE, name)
    ]


def reserved(catalogue: Catalogue) -> list[Issue]:
    """S051: a name is taken for something else."""
    found = [
        issue(
            file,
            ("parameter", position, "name"),
            "S051",
            f'no parameter can be called "{parameter.name}": {RESERVED[parameter.name]}. Give it another name.',
        )
        for spec, file in specs(catalogue)
        for position, parameter in enumerate(spec.parameter)
        if parameter.name in RESERVED
    ]
    found += [
        issue(
            file,
            ("clause", position, "id"),
            "S051",
            f'no clause can be called "{COUNTED}": it says that every clause let a record through. '
            "Give it another name.",
        )
        for spec, file in specs(catalogue)
        for position, clause in enumerate(spec.clause)
        if clause.id == COUNTED
    ]
    return found


def promised_type(catalogue: Catalogue) -> list[Issue]:
    """S052: the form of a parameter's name promises another type."""
    return [
        issue(
            file,
            ("parameter", position, "type"),
            "S052",
            f'parameter "{parameter.name}" {form}, so its type must be {kind}, not {parameter.type}. '
            "Change the type or the name.",
        )
        for spec, file in specs(catalogue)
        for position, parameter in enumerate(spec.parameter)
        for pattern, kind, form in PROMISES
        if re.fullmatch(pattern, parameter.name) and parameter.type != kind
    ]


def duplicates(catalogue: Catalogue) -> list[Issue]:
    """S053: two parameters, readings, clauses or examples of an indicator share a name."""
    return [
        issue(file, (part, position), "S053", f'a second {part} is called "{name}". Rename or remove one of them.')
        for spec, file in specs(catalogue)
        for part, names in _named_parts(spec)
        for position, name in enumerate(names)
        if name in names[:position]
    ]


def one_meaning(catalogue: Catalogue) -> list[Issue]:
    """S054: a parameter means one thing here and another in another indicator."""
    found: list[Issue] = []
    for first_id, first, file, position, parameter in _shared_parameters(catalogue):
        for key in ("type", "none", "code_set"):
            here, there = getattr(parameter, key), getattr(first, key)
            if here != there:
                message = (
                    f'parameter "{parameter.name}": {key} is {_shown(here)} here and {_shown(there)} in "{first_id}". '
                    "A name means one thing in all indicators: make them alike, or rename one."
                )
                found.append(issue(file, ("parameter", position), "S054", message))
    return found


def one_list(catalogue: Catalogue) -> list[Issue]:
    """S055: a parameter may take values here that do not fit those it may take in another indicator."""
    found: list[Issue] = []
    for first_id, first, file, position, parameter in _shared_parameters(catalogue):
        here, there = set(parameter.allowed), set(first.allowed)
        # `count_of` and its like name the indicator's own units, and share with others what those count too.
        fits = here & there if parameter.name.endswith("_of") else here <= there or there <= here
        if not fits:
            message = (
                f'parameter "{parameter.name}" may be {", ".join(sorted(here - there))} only here and '
                f'{", ".join(sorted(there - here))} only in "{first_id}". Use the same words for the same choices.'
            )
            found.append(issue(file, ("parameter", position, "allowed"), "S055", message, WARNING))
    return found


def renamed(catalogue: Catalogue) -> list[Issue]:
    """S056: an old name is in use again, or is the old name of two things."""
    found: list[Issue] = []
    claimed: set[str] = set()
    for spec, file in specs(catalogue):
        found += [
            issue(file, ("renamed_from",), "S056", message)
            for message in _clashes(spec.renamed_from, catalogue.indicators, claimed, "indicator")
        ]
        claimed |= set(spec.renamed_from)
        names = [parameter.name for parameter in spec.parameter]
        before: set[str] = set()
        for position, parameter in enumerate(spec.parameter):
            found += [
                issue(file, ("parameter", position, "renamed_from"), "S056", message)
                for message in _clashes(parameter.renamed_from, names, before, "parameter")
            ]
            before |= set(parameter.renamed_from)
    return found


def _clashes(old_names: Iterable[str], live: Iterable[str], claimed: Iterable[str], what: str) -> Iterator[str]:
    for name in old_names:
        if name in live:
            yield f'renamed_from "{name}": {what} "{name}" exists. An old name must not be in use: remove it.'
        elif name in claimed:
            yield f'renamed_from "{name}": it is the old name of another {what} too. Keep it for one of them.'


def _shared_parameters(catalogue: Catalogue) -> Iterator[tuple[str, Parameter, SpecFile, int, Parameter]]:
    """Every parameter that an earlier indicator has too, with the earlier one."""
    first: dict[str, tuple[str, Parameter]] = {}
    for spec, file in specs(catalogue):
        for position, parameter in enumerate(spec.parameter):
            first_id, other = first.setdefault(parameter.name, (spec.id, parameter))
            if first_id != spec.id:
                yield first_id, other, file, position, parameter


def _named_parts(spec: Indicator) -> tuple[tuple[str, list[str]], ...]:
    return (
        ("parameter", [parameter.name for parameter in spec.parameter]),
        ("reading", [reading.name for reading in spec.reading]),
        ("clause", [clause.id for clause in spec.clause]),
        ("example", [example.name for example in spec.example]),
    )


def _names(catalogue: Catalogue) -> Iterator[tuple[SpecFile, Path, str, str]]:
    for spec, file in specs(catalogue):
        yield file, ("id",), "indicator", spec.id
        for part, names in _named_parts(spec):
            for position, name in enumerate(names):
                if part != "example":
                    yield file, (part, position, "id" if part == "clause" else "name"), part, name
        for key in ("numerator", "denominator", "value"):
            if name := getattr(spec.columns, key):
                yield file, ("columns", key), "column", name
    for name in catalogue.values:
        yield catalogue.files["values.toml"], (name,), "value", name


def _as_snake_case(name: str) -> str:
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def _shown(setting: str | None) -> str:
    return f'"{setting}"' if setting is not None else "not given"
