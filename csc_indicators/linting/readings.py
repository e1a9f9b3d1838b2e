"""Rules on readings: the named sets of parameter values, and the examples' own sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from csc_indicators.linting.issues import Path, fault_of, issue, parameters_of, specs, taken, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from csc_indicators.catalogue import Catalogue, Issue
    from csc_indicators.specification import Indicator, ParameterValue, Reading

PUBLISHED = "published"
"""The reading, and the status, of an indicator that DfE publishes."""


def value_not_allowed(catalogue: Catalogue) -> list[Issue]:
    """S011: a reading or an example sets a parameter to a value it may not take."""
    return [
        issue(file, (*path, name), "S011", f"{what}: {fault}")
        for spec, file in specs(catalogue)
        for path, what, values in _sets(spec)
        for name, raw in values.items()
        if name in parameters_of(spec) and (fault := fault_of(parameters_of(spec)[name], raw))
    ]


def unknown_parameter(catalogue: Catalogue) -> list[Issue]:
    """S012: a reading or an example sets a parameter that the indicator does not have."""
    return [
        issue(file, (*path, name), "S012", f"{what}: {unknown('parameter', name, parameters_of(spec))}")
        for spec, file in specs(catalogue)
        for path, what, values in _sets(spec)
        for name in values
        if name not in parameters_of(spec)
    ]


def unknown_reading(catalogue: Catalogue) -> list[Issue]:
    """S013: the default reading, or the reading of an example, does not exist."""
    found: list[Issue] = []
    for spec, file in specs(catalogue):
        names = [reading.name for reading in spec.reading]
        if spec.default_reading not in names:
            message = f"default_reading: {unknown('reading', spec.default_reading, names)}"
            found.append(issue(file, ("default_reading",), "S013", message))
        found += [
            issue(
                file,
                ("example", position, "expect", number, "reading"),
                "S013",
                f'example "{example.name}": {unknown("reading", expectation.reading, names)}',
            )
            for position, example in enumerate(spec.example)
            for number, expectation in enumerate(example.expect)
            if expectation.reading is not None and expectation.reading not in names
        ]
    return found


def repeats_default(catalogue: Catalogue) -> list[Issue]:
    """S014: a reading sets a parameter to its default; it lists only what differs."""
    return [
        issue(
            file,
            ("reading", position, "set", name),
            "S014",
            f'reading "{reading.name}": {name} is set to its default. Leave it out: a reading says only what differs.',
        )
        for spec, file in specs(catalogue)
        for position, reading in enumerate(spec.reading)
        for name in reading.set
        if name in parameters_of(spec) and name not in _differing(spec, reading)
    ]


def same_readings(catalogue: Catalogue) -> list[Issue]:
    """S015: two readings of an indicator set the same."""
    found: list[Issue] = []
    for spec, file in specs(catalogue):
        earlier: list[Reading] = []
        for position, reading in enumerate(spec.reading):
            same = [other.name for other in earlier if _differing(spec, other) == _differing(spec, reading)]
            if same and not any(name not in parameters_of(spec) for name in reading.set):
                message = f'reading "{reading.name}" sets the same as reading "{same[0]}". Keep one of them.'
                found.append(issue(file, ("reading", position), "S015", message))
            earlier.append(reading)
    return found


def default_reading_sets(catalogue: Catalogue) -> list[Issue]:
    """S016: the default reading sets a parameter; the defaults are what it must give."""
    return [
        issue(
            file,
            ("reading", position, "set"),
            "S016",
            f'reading "{reading.name}" is the default reading and sets {", ".join(reading.set)}. '
            "Write set = {} and change the default of the parameter instead.",
        )
        for spec, file in specs(catalogue)
        for position, reading in enumerate(spec.reading)
        if reading.name == spec.default_reading and reading.set
    ]


def published_by_default(catalogue: Catalogue) -> list[Issue]:
    """S017: a published indicator has no reading "published", or another default.

    Where several publish figures of their own, the default reading may be called after the source whose it is.
    """
    found: list[Issue] = []
    for spec, file in specs(catalogue):
        of_source = any(reading.name == reading.source == spec.default_reading for reading in spec.reading)
        if spec.status != PUBLISHED or spec.default_reading == PUBLISHED or of_source:
            continue
        has = any(reading.name == PUBLISHED for reading in spec.reading)
        advice = f'Write default_reading = "{PUBLISHED}"' + ("." if has else " and add that reading with set = {}.")
        message = f'status "published": the default reading is "{spec.default_reading}". {advice}'
        found.append(issue(file, ("default_reading",), "S017", message))
    return found


def unit_when(catalogue: Catalogue) -> list[Issue]:
    """S038: another unit is given for a value that no parameter takes."""
    found: list[Issue] = []
    for spec, file in specs(catalogue):
        for when in spec.unit_when:
            name, _, value = when.partition("=")
            parameter = parameters_of(spec).get(name)
            known = parameter is not None
            fault = fault_of(parameter, value) if known else unknown("parameter", name, parameters_of(spec))
            if fault:
                message = f'unit_when "{when}": {fault} Write it as "parameter=value".'
                found.append(issue(file, ("unit_when", when), "S038", message))
    return found


def _sets(spec: Indicator) -> Iterator[tuple[Path, str, Mapping[str, Any]]]:
    for position, reading in enumerate(spec.reading):
        yield ("reading", position, "set"), f'reading "{reading.name}"', reading.set
    for position, example in enumerate(spec.example):
        for number, expectation in enumerate(example.expect):
            yield ("example", position, "expect", number, "set"), f'example "{example.name}"', expectation.set


def _differing(spec: Indicator, reading: Reading) -> dict[str, tuple[ParameterValue] | None]:
    """What a reading sets other than the defaults, as indicator functions take it."""
    parameters = parameters_of(spec)
    return {
        name: taken(parameters[name], raw)
        for name, raw in reading.set.items()
        if name in parameters and taken(parameters[name], raw) != taken(parameters[name], parameters[name].default)
    }
