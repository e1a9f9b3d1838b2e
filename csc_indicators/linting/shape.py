"""Rules on an indicator as a whole: what goes with its unit, its span of time, its polarity and its caveats."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from csc_indicators.linting.clauses import WITHOUT_DENOMINATOR
from csc_indicators.linting.issues import ERROR, FUTURE, WARNING, issue, parameters_of, specs
from csc_indicators.linting.readings import PUBLISHED

if TYPE_CHECKING:
    from collections.abc import Callable

    from csc_indicators.catalogue import Catalogue, Issue
    from csc_indicators.specification import Direction, Indicator

MOST_DECIMALS = 4
LENGTHS_OF_TIME = ("_months", "_years", "_days")


@dataclass(frozen=True)
class Pair:
    """Two things in a spec that must, or must never, stand together."""

    code: str
    when: str
    holds: Callable[[Indicator], bool]
    keys: tuple[str, ...]
    must: bool
    level: str = ERROR


def _has_denominator(spec: Indicator) -> bool:
    return spec.unit not in WITHOUT_DENOMINATOR


def _has_none(spec: Indicator) -> bool:
    return spec.unit in WITHOUT_DENOMINATOR


def _is_stock(spec: Indicator) -> bool:
    return spec.over_time == "stock"


PAIRS = (
    Pair("S024", "an indicator with a denominator of its own", _has_denominator, ("columns.denominator",), must=True),
    Pair("S024", "an indicator with a denominator of its own", _has_denominator, ("columns.numerator",), must=True),
    Pair("S024", "a rate or a count", _has_none, ("columns.denominator",), must=False),
    Pair("S025", "a stock, which is counted on one day,", _is_stock, ("follow_up",), must=False),
    Pair("S025", "a stock, which is counted on one day,", _is_stock, ("conversion",), must=False),
    Pair("S025", "a conversion", lambda spec: spec.conversion is not None, ("look_back", "follow_up"), must=True),
    Pair(
        "S037",
        'an indicator of status "published"',
        lambda spec: spec.status == PUBLISHED,
        ("published_figures",),
        must=True,
        level=FUTURE,
    ),
)
"""What must stand together with what (one of `keys` at least), and what must not."""


def pairs(catalogue: Catalogue) -> list[Issue]:
    """S024, S025, S037: something is there without what it needs, or beside what it rules out."""
    found: list[Issue] = []
    for spec, file in specs(catalogue):
        for pair in PAIRS:
            present = [key for key in pair.keys if _given(spec, key)]
            if not pair.holds(spec) or bool(present) == pair.must:
                continue
            fault = f"needs {' or '.join(pair.keys)}" if pair.must else f"cannot have {present[0]}"
            later = " This will be an error from 1.0." if pair.level == FUTURE else ""
            advice = "Add it" if pair.must else "Remove it"
            path = tuple((present or pair.keys)[0].split("."))
            found.append(issue(file, path, pair.code, f"{pair.when} {fault}. {advice}.{later}", pair.level))
    return found


def spans(catalogue: Catalogue) -> list[Issue]:
    """S026: the look-back or follow-up is neither a length of time among the parameters nor a number of months."""
    found: list[Issue] = []
    for spec, file in specs(catalogue):
        lengths = [
            parameter.name
            for parameter in spec.parameter
            if parameter.type == "integer" and parameter.name.endswith(LENGTHS_OF_TIME)
        ]
        for key, span in (("look_back", spec.look_back), ("follow_up", spec.follow_up)):
            if span is None or span in lengths or re.fullmatch(r"[1-9][0-9]*", span):
                continue
            names = ", ".join(lengths or parameters_of(spec)) or "none"
            message = (
                f'{key} "{span}" is neither a parameter that is a length of time ({names}) '
                'nor a whole number of months. Write one of those, such as "12".'
            )
            found.append(issue(file, (key,), "S026", message))
    return found


def disputed_polarity(catalogue: Catalogue) -> list[Issue]:
    """S027: the spec says which way is better while a caveat says that this is disputed."""
    return [
        issue(
            file,
            ("polarity",),
            "S027",
            f'polarity "{spec.polarity}" on an indicator whose caveats say disputed. '
            'Write polarity = "none", or remove the caveat.',
            WARNING,
        )
        for spec, file in specs(catalogue)
        if spec.polarity != "none" and any("disput" in caveat.text.lower() for caveat in spec.caveat)
    ]


def caveat_direction(catalogue: Catalogue) -> list[Issue]:
    """S028: a caveat says in words that the figure under- or overstates, and its direction says something else."""
    found: list[Issue] = []
    for spec, file in specs(catalogue):
        for position, caveat in enumerate(spec.caveat):
            said = _directions(caveat.text)
            if len(said) == 1 and caveat.direction != said[0]:
                message = (
                    f'the caveat says in words that the figure {said[0]} and in its direction "{caveat.direction}". '
                    f'Write direction = "{said[0]}", or reword it.'
                )
                found.append(issue(file, ("caveat", position, "direction"), "S028", message, WARNING))
    return found


def decimals(catalogue: Catalogue) -> list[Issue]:
    """S029: the number of decimals is out of any sensible range."""
    return [
        issue(file, ("decimals",), "S029", f"decimals = {spec.decimals}: write a number from 0 to {MOST_DECIMALS}.")
        for spec, file in specs(catalogue)
        if not 0 <= spec.decimals <= MOST_DECIMALS
    ]


def _given(spec: Indicator, key: str) -> bool:
    part: object = spec
    for name in key.split("."):
        part = getattr(part, name, None)
    return part not in (None, ())


def _directions(text: str) -> list[Direction]:
    words: tuple[tuple[str, Direction], ...] = (("understate", "understates"), ("overstate", "overstates"))
    return [direction for stem, direction in words if stem in text.lower()]
