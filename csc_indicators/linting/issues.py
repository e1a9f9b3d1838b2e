"""What every rule of the linter shares: where an issue stands, and how an unknown name is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from csc_indicators.catalogue import Catalogue, Issue, SpecFile
from csc_indicators.errors import UsageError
from csc_indicators.names import suggestion

if TYPE_CHECKING:
    from csc_indicators.specification import Indicator, Parameter, ParameterValue

Rule = Callable[[Catalogue], list[Issue]]
"""A rule reads the whole catalogue and returns what it finds."""

Path = tuple[str | int, ...]
"""Where something stands in a file: keys, and positions in arrays."""

ERROR = "error"
WARNING = "warning"
FUTURE = "future"
"""The levels: an error stops the specs from being used, a warning does not, and a future issue will be an error."""


def specs(catalogue: Catalogue) -> Iterator[tuple[Indicator, SpecFile]]:
    """Every indicator that could be loaded, with its file."""
    for indicator in catalogue.indicators.values():
        yield indicator, catalogue.files[f"indicators/{indicator.id}.toml"]


def issue(file: SpecFile, path: Path, code: str, message: str, level: str = ERROR) -> Issue:
    """An issue at the line of a path in a file."""
    return Issue(file.name, file.line_of(*path), code, level, message)


def is_faulty(catalogue: Catalogue, name: str) -> bool:
    """Whether a file could not be loaded: what it would have said is not known, so nothing can be missing from it."""
    return any(found.file == name for found in catalogue.issues)


def unknown(what: str, name: str, known: Iterable[str], *, plural: str | None = None) -> str:
    """What to say of a name that does not exist: the name, the nearest, and all there are.

    >>> unknown("reading", "publishd", ["published", "ever"])
    'unknown reading "publishd". Did you mean "published"? Readings: published, ever.'
    """
    names = list(known)
    listed = f"{(plural or what + 's').capitalize()}: {', '.join(names) or 'none'}."
    return f'unknown {what} "{name}".{suggestion(name, names)} {listed}'


def parameters_of(indicator: Indicator) -> dict[str, Parameter]:
    """The parameters of an indicator by name."""
    return {parameter.name: parameter for parameter in indicator.parameter}


def fault_of(parameter: Parameter, raw: object) -> str:
    """Why a parameter may not take a value, in words; empty when it may."""
    if parameter.type not in ("integer", "boolean") and not parameter.choices:
        # Without the list of what it may take, every value would be refused and the one cause named many times.
        return ""
    try:
        parameter.python_value(raw)
    except UsageError as error:
        return str(error)
    return ""


def taken(parameter: Parameter, raw: object) -> tuple[ParameterValue] | None:
    """The value a parameter takes, in a tuple because it may itself be None; None when it may not take it."""
    try:
        return (parameter.python_value(raw),)
    except UsageError:
        return None
