"""The rates that a simulation runs on: those of England from `rates.toml`, and one authority's place among others."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Any, cast

import numpy as np

from csc_indicators.synthetic.draws import Draws

FILES = ("rates.toml", "workforce_rates.toml", "supplied_rates.toml")
AS_IS = 1000
"""A scale in per mille that changes nothing."""
PLACES = (0, 50, 250, 500, 750, 950, 1000)
"""Where, in a thousand authorities, the percentiles of a spread and its two ends stand."""


@functools.cache
def rates() -> Mapping[str, Any]:
    """The rates as they are written, by the names of their tables: no table stands in two files."""
    return {name: table for file in FILES for name, table in _read(file).items()}


@functools.cache
def targets() -> Mapping[str, Mapping[str, Any]]:
    """By indicator the published figure of England that the rates are set by, and how near to it is near enough."""
    return _read("targets.toml")


def _read(name: str) -> Mapping[str, Any]:
    return tomllib.loads(files("csc_indicators.synthetic").joinpath(name).read_text(encoding="utf-8"))


def weights(
    table: str, name: str, scaled: Mapping[str, int] = MappingProxyType({})
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Codes and how likely each is beside the others; of some, scaled in per mille, more or less than that."""
    held = cast("Mapping[str, int]", rates()[table][name] if name else rates()[table])
    return tuple(held), tuple(weight * scaled.get(code, AS_IS) for code, weight in held.items())


def of_authority(draws: Draws) -> dict[str, int]:
    """What one authority is like: a place in each spread, in a straight line between percentiles.

    >>> sorted(of_authority(Draws(seed=1, la_code="302")))[:4]
    ['active', 'agency_cover', 'caseload', 'comes_back']
    """
    found: dict[str, int] = {}
    for name, given in rates()["authority"].items():
        spread = [int(each) for each in given["spread"]]
        ends = [max(0, 2 * spread[0] - spread[1]), *spread, 2 * spread[-1] - spread[-2]]
        place = int(draws.below(f"authority {name}", np.zeros(1, dtype=np.int64), PLACES[-1])[0])
        at = max(position for position, start in enumerate(PLACES[:-1]) if start <= place)
        into, width = place - PLACES[at], PLACES[at + 1] - PLACES[at]
        found[name] = ends[at] + (ends[at + 1] - ends[at]) * into // width
    return found
