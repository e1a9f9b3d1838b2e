"""Random draws that are the same on every machine: each is a function of the seed, its name and who it is drawn for.

There is no stream of numbers to keep in step. A draw mixes the bits of `(seed, authority, name, key)` in whole numbers
of 64 bits, so that adding a draw, or simulating authorities in another order or side by side, moves no other draw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Whole: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Spans: TypeAlias = Sequence[Sequence[int]]
"""Spans of whole numbers, each a weight, a least and a greatest number."""

# The constants of the SplitMix64 generator (Steele, Lea and Flood 2014), whose finisher spreads every bit of the key.
GAMMA = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
BITS_KEPT = 31


class Draws:
    """The draws of one authority.

    >>> draws = Draws(seed=1, la_code="302")
    >>> keys = np.arange(4)
    >>> draws.integers("age", keys, 0, 17).tolist() == draws.integers("age", keys, 0, 17).tolist()
    True
    >>> draws.chosen("way", keys, [0, 1]).tolist()
    [1, 1, 1, 1]
    """

    def __init__(self, seed: int, la_code: str) -> None:
        """Draws that depend on nothing but these two, the name of the draw and its key."""
        self._of = f"{seed}|{la_code}|"

    def below(self, name: str, key: Whole, bound: int | Whole) -> Whole:
        """For each key a whole number from 0 to `bound` less 1; a bound is at most 2**31."""
        salt = np.uint64(int.from_bytes(hashlib.blake2b(f"{self._of}{name}".encode(), digest_size=8).digest(), "big"))
        mixed = _mixed(_mixed(key.astype(np.uint64) * GAMMA + salt))
        kept = mixed >> np.uint64(64 - BITS_KEPT)
        return ((kept * np.asarray(bound, dtype=np.uint64)) >> np.uint64(BITS_KEPT)).astype(np.int64)

    def integers(self, name: str, key: Whole, low: int | Whole, high: int | Whole) -> Whole:
        """For each key a whole number from `low` to `high`, both included."""
        return low + self.below(name, key, np.asarray(high) - np.asarray(low) + 1)

    def happens(self, name: str, key: Whole, per_thousand: int | Whole) -> Flags:
        """Whether something happens that happens to so many in a thousand."""
        return self.below(name, key, 1000) < per_thousand

    def chosen(self, name: str, key: Whole, weights: Sequence[int]) -> Whole:
        """For each key the position of one of `weights`, each as likely as it is heavy."""
        ends = np.cumsum(np.asarray(weights, dtype=np.int64))
        return np.searchsorted(ends, self.below(name, key, int(ends[-1])), side="right").astype(np.int64)

    def of_spans(self, name: str, key: Whole, spans: Spans) -> Whole:
        """For each key a whole number from one of `spans`."""
        weight, low, high = np.asarray(spans, dtype=np.int64).T
        span = self.chosen(f"{name} span", key, weight.tolist())
        return self.integers(name, key, low[span], high[span])


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    bits = (bits ^ (bits >> np.uint64(30))) * FIRST
    bits = (bits ^ (bits >> np.uint64(27))) * SECOND
    return bits ^ (bits >> np.uint64(31))
