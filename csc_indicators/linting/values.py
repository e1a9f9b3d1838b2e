"""Rules on dated values: one value at any time, each of the kind it says it is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from csc_indicators.code_set import CodeSet
from csc_indicators.codes import CODE_SETS
from csc_indicators.linting.issues import Path, issue
from csc_indicators.names import suggestion
from csc_indicators.periods import LAST_REPORTING_YEAR, reporting_year_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from csc_indicators.catalogue import Catalogue, Issue
    from csc_indicators.specification import DatedValue, Value

YEAR_STARTS = (4, 1)
BEFORE_BIRTH = "before_birth"
OF_CODES = ("code_set", "grouping")
"""Kinds of value that hold codes, and so say of which code set."""


def starts_ascend(catalogue: Catalogue) -> list[Issue]:
    """S060: a start is not later than the one before it."""
    return _issues(
        catalogue,
        "S060",
        lambda value: (
            (
                ("value", position, "from"),
                (
                    f"the start {dated.from_.isoformat()} is not after {before.from_.isoformat()}, the one before it. "
                    "Write the entries in order of their starts."
                ),
            )
            for position, (before, dated) in enumerate(zip(value.value, value.value[1:], strict=False), start=1)
            if dated.from_ <= before.from_
        ),
    )


def first_in_force(catalogue: Catalogue) -> list[Issue]:
    """S061: there is no first value that is in force."""
    message = 'the first entry must be in force. Add an entry with a start and status = "in_force".'
    return _issues(
        catalogue,
        "S061",
        lambda value: [] if value.value and value.value[0].status == "in_force" else [(("value", 0), message)],
    )


def mid_year(catalogue: Catalogue) -> list[Issue]:
    """S062: a value starts within a reporting year and does not say so, or says so and does not."""
    return _issues(
        catalogue,
        "S062",
        lambda value: (
            (
                ("value", position, "from"),
                f"the start {dated.from_.isoformat()} is not a 1 April. Write mid_year = true if that is meant."
                if not dated.mid_year
                else f"the start {dated.from_.isoformat()} is a 1 April. Remove mid_year.",
            )
            for position, dated in enumerate(value.value)
            if ((dated.from_.month, dated.from_.day) != YEAR_STARTS) != dated.mid_year
        ),
    )


def right_shape(catalogue: Catalogue) -> list[Issue]:
    """S063: a value is not of the shape that its kind says, or its kind lacks a code set."""

    def faults(value: Value) -> Iterator[tuple[Path, str]]:
        if (value.kind in OF_CODES) != (value.code_set is not None):
            needs = "needs" if value.kind in OF_CODES else "has no use for"
            yield (), f"kind {value.kind} {needs} code_set. Change one of them."
        for position, dated in enumerate(value.value):
            # What a retired value was is of no account.
            if dated.status != "retired" and (fault := _fault_of_shape(value.kind, dated.value)):
                yield ("value", position, "value"), f"kind {value.kind}: {fault}"

    return _issues(catalogue, "S063", faults)


def codes_valid(catalogue: Catalogue) -> list[Issue]:
    """S064: a value holds a code that its code set does not have, or that no return of its years may hold."""

    def faults(value: Value) -> Iterator[tuple[Path, str]]:
        code_set = CODE_SETS.get(value.code_set or "")
        if code_set is None:
            return
        for position, dated in enumerate(value.value):
            for path, code in _codes_of(dated.value):
                if code not in code_set.codes:
                    advice = suggestion(code, code_set.codes) or f" Codes: {', '.join(code_set.codes)}."
                    yield ("value", position, "value", *path), f'{code_set.name} has no code "{code}".{advice}'
                elif not _collected(code_set, code, value.value, position):
                    yield (
                        ("value", position, "value", *path),
                        f'no return of the years from {dated.from_.isoformat()} holds the code "{code}". Remove it.',
                    )

    return _issues(catalogue, "S064", faults)


def one_group(catalogue: Catalogue) -> list[Issue]:
    """S065: a code is in two groups of a grouping, or twice in one."""

    def faults(value: Value) -> Iterator[tuple[Path, str]]:
        for position, dated in enumerate(value.value):
            seen: set[str] = set()
            for path, code in _codes_of(dated.value):
                if code in seen:
                    yield ("value", position, "value", *path), f'the code "{code}" stands twice. Keep it in one place.'
                seen.add(code)

    return _issues(catalogue, "S065", faults)


def bands_ascend(catalogue: Catalogue) -> list[Issue]:
    """S066: the lower ends of bands do not rise."""

    def faults(value: Value) -> Iterator[tuple[Path, str]]:
        for position, dated in enumerate(value.value):
            if value.kind != "bands" or _fault_of_shape("bands", dated.value):
                continue
            ends = [-1 if end == BEFORE_BIRTH else end for end in dated.value.values()]
            for number, label in enumerate(dated.value):
                if number and ends[number] <= ends[number - 1]:
                    message = f'band "{label}" does not begin above the band before it. Write the bands in order.'
                    yield ("value", position, "value", label), message

    return _issues(catalogue, "S066", faults)


def announced_last(catalogue: Catalogue) -> list[Issue]:
    """S067: a value that is only announced stands before one that is in force or retired."""
    return _issues(
        catalogue,
        "S067",
        lambda value: (
            (
                ("value", position, "status"),
                'an announced value stands before one that is not. Write status = "in_force", or move it to the end.',
            )
            for position, dated in enumerate(value.value)
            if dated.status == "announced" and any(later.status != "announced" for later in value.value[position:])
        ),
    )


def _issues(catalogue: Catalogue, code: str, faults: Callable[[Value], Iterable[tuple[Path, str]]]) -> list[Issue]:
    return [
        issue(catalogue.files["values.toml"], (name, *path), code, f'value "{name}": {message}')
        for name, value in catalogue.values.items()
        for path, message in faults(value)
    ]


def _fault_of_shape(kind: str, held: object) -> str:
    """What a value of this kind must be, when it is not."""
    if kind == "integer":
        return "" if _is_count(held) else "write a whole number of 0 or more."
    if kind == "code_set":
        return "" if _is_texts(held) else 'write a list of codes, such as ["N1", "N2"].'
    groups = _table(held)
    if not groups:
        return "write a table with an entry for each group."
    if kind == "grouping":
        wrong = [label for label, codes in groups.items() if not _is_texts(codes)]
        return f'group "{wrong[0]}" must be a list of codes.' if wrong else ""
    wrong = [label for label, end in groups.items() if end != BEFORE_BIRTH and not _is_count(end)]
    return f'band "{wrong[0]}" must be its lower end, a whole number, or "{BEFORE_BIRTH}".' if wrong else ""


def _is_count(held: object) -> bool:
    return isinstance(held, int) and not isinstance(held, bool) and held >= 0


def _is_texts(held: object) -> bool:
    return bool(_texts(held)) and _texts(held) == held


def _texts(held: object) -> list[str]:
    """The texts in a list; nothing when it is no list."""
    return [item for item in cast("list[object]", held) if isinstance(item, str)] if isinstance(held, list) else []


def _table(held: object) -> dict[str, object]:
    """A table's entries; none when it is no table."""
    return cast("dict[str, object]", held) if isinstance(held, dict) else {}


def _codes_of(held: object) -> list[tuple[Path, str]]:
    """Every code that a code set or a grouping holds, with its place."""
    in_groups = [((label,), code) for label, codes in _table(held).items() for code in _texts(codes)]
    return [*(((), code) for code in _texts(held)), *in_groups]


def _collected(code_set: CodeSet, code: str, entries: tuple[DatedValue, ...], position: int) -> bool:
    """Whether any census of the years in which an entry holds may contain a code."""
    first = reporting_year_of(entries[position].from_)
    later = entries[position + 1 :]
    last = reporting_year_of(later[0].from_ - timedelta(days=1)) if later else LAST_REPORTING_YEAR
    return code_set.first_year.get(code, first) <= last and first <= code_set.last_year.get(code, last)
