"""A closed list of codes, with labels and the years in which a return may hold each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl


@dataclass(frozen=True)
class CodeSet:
    """A closed list of codes: `labels` in order, and for some the first and last census year they are valid in."""

    name: str
    labels: Mapping[str, str]
    first_year: Mapping[str, int] = field(default_factory=dict[str, int])
    last_year: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes in published order."""
        return tuple(self.labels)

    @property
    def dtype(self) -> pl.Enum:
        """The polars type of a column of these codes."""
        return pl.Enum(self.codes)

    def valid_in(self, year: int) -> tuple[str, ...]:
        """The codes a census of this year may hold.

        >>> reasons = CodeSet("reason", {"1": "One", "2": "Two"}, first_year={"2": 2023})
        >>> reasons.valid_in(2022), reasons.valid_in(2023)
        (('1',), ('1', '2'))
        """
        return tuple(
            code for code in self.codes if self.first_year.get(code, year) <= year <= self.last_year.get(code, year)
        )
