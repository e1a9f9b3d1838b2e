"""Rules on parameters: their type, the values they may take and the dated value behind a default."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from csc_indicators.codes import CODE_SETS
from csc_indicators.linting.issues import fault_of, is_faulty, issue, specs, taken, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from csc_indicators.catalogue import Catalogue, Issue


class _Keys(NamedTuple):
    """The keys that a type of parameter must have and those that mean nothing for it."""

    must: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


KEYS_OF_TYPE: Mapping[str, _Keys] = {
    "integer": _Keys(must=("minimum",), never=("allowed", "code_set")),
    "boolean": _Keys(never=("allowed", "minimum", "code_set", "none", "value")),
    "choice": _Keys(must=("allowed",), never=("minimum", "code_set")),
    "choices": _Keys(must=("allowed",), never=("minimum", "code_set")),
    "codes": _Keys(must=("code_set",), never=("minimum", "allowed")),
}
"""What goes with each type of parameter."""


def default_not_allowed(catalogue: Catalogue) -> list[Issue]:
    """S010: a parameter's default is a value it may not take."""
    return [
        issue(file, ("parameter", position, "default"), "S010", f'parameter "{parameter.name}": the default: {fault}')
        for spec, file in specs(catalogue)
        for position, parameter in enumerate(spec.parameter)
        if (fault := fault_of(parameter, parameter.default))
    ]


def keys_of_type(catalogue: Catalogue) -> list[Issue]:
    """S018: a parameter lacks a key its type needs, has one that means nothing for it, or leaves no choice."""
    found: list[Issue] = []
    for spec, file in specs(catalogue):
        for position, parameter in enumerate(spec.parameter):
            keys, given = KEYS_OF_TYPE[parameter.type], set(parameter.model_fields_set)
            faults = [f'needs "{key}"' for key in keys.must if key not in given]
            faults += [f'has no use for "{key}"' for key in keys.never if key in given]
            if (
                "allowed" in keys.must
                and "allowed" in given
                and len(set(parameter.allowed)) < max(2, len(parameter.allowed))
            ):
                faults.append('needs at least two different values in "allowed"')
            found += [
                issue(
                    file,
                    ("parameter", position),
                    "S018",
                    f'parameter "{parameter.name}": a parameter of type {parameter.type} {fault}. Change one of them.',
                )
                for fault in faults
            ]
    return found


def default_against_dated_value(catalogue: Catalogue) -> list[Issue]:
    """S019: a default differs from the dated value it stands for, as last in force."""
    found: list[Issue] = []
    for spec, file in specs(catalogue):
        for position, parameter in enumerate(spec.parameter):
            dated = catalogue.values.get(parameter.value or "")
            in_force = [entry for entry in dated.value if entry.status == "in_force"] if dated else []
            if not in_force or taken(parameter, parameter.default) == (held := taken(parameter, in_force[-1].value)):
                continue
            shown = parameter.shown(held[0]) if held else in_force[-1].value
            found.append(
                issue(
                    file,
                    ("parameter", position, "default"),
                    "S019",
                    f'parameter "{parameter.name}": the default differs from the value of "{parameter.value}" in force '
                    f"from {in_force[-1].from_.isoformat()}, which is {shown}. Write the same in both.",
                )
            )
    return found


def unknown_code_set(catalogue: Catalogue) -> list[Issue]:
    """S035: a parameter or dated value refers to a code set that does not exist."""
    found = [
        issue(
            file,
            ("parameter", position, "code_set"),
            "S035",
            f'parameter "{parameter.name}": {unknown("code set", parameter.code_set, CODE_SETS)}',
        )
        for spec, file in specs(catalogue)
        for position, parameter in enumerate(spec.parameter)
        if parameter.code_set is not None and parameter.code_set not in CODE_SETS
    ]
    found += [
        issue(
            catalogue.files["values.toml"],
            (name, "code_set"),
            "S035",
            f'value "{name}": {unknown("code set", value.code_set, CODE_SETS)}',
        )
        for name, value in catalogue.values.items()
        if value.code_set is not None and value.code_set not in CODE_SETS
    ]
    return found


def unknown_dated_value(catalogue: Catalogue) -> list[Issue]:
    """S036: a parameter stands for a dated value that does not exist."""
    if is_faulty(catalogue, "values.toml"):
        return []
    return [
        issue(
            file,
            ("parameter", position, "value"),
            "S036",
            f'parameter "{parameter.name}": {unknown("dated value", parameter.value, catalogue.values)}',
        )
        for spec, file in specs(catalogue)
        for position, parameter in enumerate(spec.parameter)
        if parameter.value is not None and parameter.value not in catalogue.values
    ]
