"""Numbers of rows as they may be shown beside published figures."""

from __future__ import annotations

from dataclasses import dataclass

FEW = 5
"""Numbers of rows up to this are not shown exactly beside published figures: the threshold of every policy."""


@dataclass(frozen=True)
class Rows:
    """A number of rows as it is shown: exact, or between two numbers where one that it is the sum of is small."""

    least: int
    most: int

    def __add__(self, other: Rows) -> Rows:
        return Rows(self.least + other.least, self.most + other.most)

    @property
    def plain(self) -> int | str:
        """The number as a plain value: itself, or between which two it is."""
        return self.least if self.exact else str(self)

    def __str__(self) -> str:
        return f"{self.least:,}" if self.exact else f"{self.least:,} to {self.most:,}"

    @property
    def exact(self) -> bool:
        """Whether the number itself is shown."""
        return self.least == self.most


def rows_shown(rows: int, *, restricted: bool) -> Rows:
    """A number of rows as it may stand beside published figures: exact, or "1 to 5" where it is small.

    The rows of a small table can be the very children that a figure hides.

    >>> str(rows_shown(3, restricted=False) + rows_shown(20, restricted=False))
    '21 to 25'
    >>> [rows_shown(3, restricted=restricted).plain for restricted in (False, True)]
    ['1 to 5', 3]
    """
    return Rows(1, FEW) if 1 <= rows <= FEW and not restricted else Rows(rows, rows)
