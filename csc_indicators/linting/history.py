"""Rules on the history of definitions: every change of a definition is recorded, in order."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from csc_indicators.catalogue import Catalogue, Issue, spec_hash
from csc_indicators.linting.issues import is_faulty, issue, specs, unknown

if TYPE_CHECKING:
    from csc_indicators.specification import Change, Indicator

HISTORY = "history.toml"


def without_change(catalogue: Catalogue) -> list[Issue]:
    """S070: history.toml has no entry for an indicator."""
    if is_faulty(catalogue, HISTORY):
        return []
    return [
        Issue(
            HISTORY,
            1,
            "S070",
            "error",
            f'indicator "{spec.id}" has no change recorded. Add a [[change]] of kind "new" with '
            f'spec_hash = "{spec_hash(file.data)}".',
        )
        for spec, file in specs(catalogue)
        if not _changes_of(catalogue, spec)
    ]


def versions_rise(catalogue: Catalogue) -> list[Issue]:
    """S071: the versions of an indicator do not rise, or are not numbers."""
    found: list[Issue] = []
    for _, changes in _histories(catalogue):
        for position, change in changes:
            if _version(change) is None:
                message = f'version "{change.version}" of "{change.indicator}" is not a number such as "2" or "2.1".'
                found.append(issue(catalogue.files[HISTORY], ("change", position, "version"), "S071", message))
        for (_, before), (position, change) in pairwise(changes):
            earlier, later = _version(before), _version(change)
            if earlier is not None and later is not None and later <= earlier:
                message = (
                    f'version "{change.version}" of "{change.indicator}" is not above "{before.version}", '
                    "the one before it. Give each change a higher version."
                )
                found.append(issue(catalogue.files[HISTORY], ("change", position, "version"), "S071", message))
    return found


def unknown_indicator(catalogue: Catalogue) -> list[Issue]:
    """S072: a change is of an indicator that does not exist and never did."""
    # A spec that could not be loaded is reported as such; its changes are not at fault as well.
    faulty = [found.file.removeprefix("indicators/").removesuffix(".toml") for found in catalogue.issues]
    known = [*catalogue.indicators, *(name for spec in catalogue.indicators.values() for name in spec.renamed_from)]
    return [
        issue(
            catalogue.files[HISTORY],
            ("change", position, "indicator"),
            "S072",
            f"change {change.version}: {unknown('indicator', change.indicator, known)}",
        )
        for position, change in enumerate(catalogue.history)
        if change.indicator not in (*known, *faulty)
    ]


def definition_changed(catalogue: Catalogue) -> list[Issue]:
    """S073: the last change of an indicator was recorded for another text of its spec."""
    found: list[Issue] = []
    for spec, file in specs(catalogue):
        changes = _changes_of(catalogue, spec)
        actual = spec_hash(file.data)
        if changes and changes[-1][1].spec_hash != actual:
            message = (
                f'the definition of "{spec.id}" changed and history.toml does not say so. Add a [[change]] '
                f'after version {changes[-1][1].version} that says what and why, with spec_hash = "{actual}".'
            )
            path = ("change", changes[-1][0], "spec_hash")
            found.append(issue(catalogue.files[HISTORY], path, "S073", message))
    return found


def dates_in_order(catalogue: Catalogue) -> list[Issue]:
    """S074: a change is dated before the one above it."""
    return [
        issue(
            catalogue.files[HISTORY],
            ("change", position, "date"),
            "S074",
            f'change {change.version} of "{change.indicator}" is dated {change.date.isoformat()}, before '
            f"{before.date.isoformat()}, the one before it. Write the changes in order of date.",
        )
        for _, changes in _histories(catalogue)
        for (_, before), (position, change) in pairwise(changes)
        if change.date < before.date
    ]


def new_once(catalogue: Catalogue) -> list[Issue]:
    """S075: the first change of an indicator is not of kind "new", or a later one is."""
    found: list[Issue] = []
    for _, changes in _histories(catalogue):
        for number, (position, change) in enumerate(changes):
            if (change.kind == "new") == (number == 0):
                continue
            advice = 'Only the first change is "new": say what changed' if number else 'The first change must be "new"'
            message = f'change {change.version} of "{change.indicator}" is of kind "{change.kind}". {advice}.'
            found.append(issue(catalogue.files[HISTORY], ("change", position, "kind"), "S075", message))
    return found


def _changes_of(catalogue: Catalogue, spec: Indicator) -> list[tuple[int, Change]]:
    names = {spec.id, *spec.renamed_from} - (catalogue.indicators.keys() - {spec.id})
    return [(position, change) for position, change in enumerate(catalogue.history) if change.indicator in names]


def _histories(catalogue: Catalogue) -> list[tuple[Indicator, list[tuple[int, Change]]]]:
    return [(spec, _changes_of(catalogue, spec)) for spec in catalogue.indicators.values()]


def _version(change: Change) -> tuple[int, ...] | None:
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)*", change.version):
        return None
    return tuple(int(part) for part in change.version.split("."))
