"""What the rules of the screen are put to, and what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import polars as pl

from csc_indicators.errors import ROW_NUMBERS_SHOWN
from csc_indicators.outputs.screening.vocabulary import FILTER, INDICATOR, PLACE_COLUMNS, TIME_COLUMNS

Result = Literal["PASS", "FAIL", "WARNING"]


@dataclass(frozen=True)
class Check:
    """What one rule says of a pair of files: PASS, or FAIL or WARNING with what breaks the rule and what to do.

    No message holds a value of a row: rows are named by their number, the first below the header being 1.
    """

    name: str
    result: Result
    message: str
    what_to_do: str = ""


@dataclass(frozen=True)
class Files:
    """A data file and its metadata file, every cell as text; a cell without a value is empty text."""

    data_name: str
    meta_name: str
    data: pl.DataFrame
    meta: pl.DataFrame

    def of_type(self, col_type: str, column: str = "col_name") -> list[str]:
        """What a column of the metadata says of filters or indicators, row by row."""
        return self.meta.filter(pl.col("col_type") == col_type)[column].to_list()

    @cached_property
    def filters(self) -> tuple[str, ...]:
        """The filters that the data has."""
        return self._held(self.of_type(FILTER))

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The columns by which filters are grouped, as the metadata has them."""
        named = self.meta["filter_grouping_column"].to_list()
        return tuple(dict.fromkeys(name for name in named if name))

    @cached_property
    def filters_and_groups(self) -> tuple[str, ...]:
        """The filters and the columns that group them, where the data has them."""
        return self._held([*self.filters, *self.groups])

    @cached_property
    def indicators(self) -> tuple[str, ...]:
        """The indicators that the data has."""
        return self._held(self.of_type(INDICATOR))

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """The geographic levels of the data."""
        return tuple(self.data["geographic_level"].unique(maintain_order=True))

    @cached_property
    def times_and_places(self) -> tuple[str, ...]:
        """The columns of the data that say when and where."""
        return self._held([*TIME_COLUMNS, *PLACE_COLUMNS])

    def items(self, column: str) -> list[str]:
        """The different values of a column."""
        return self.data[column].unique(maintain_order=True).to_list()

    def _held(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name in names if name in self.data.columns))


@dataclass(frozen=True)
class Rule:
    """One rule: what it asks, what breaks it, and how grave that is.

    `broken_by` gives what breaks the rule, as words for a message: names of columns, or rows by their number. Its name
    is that of the rule. `asks` is a sentence without its full stop; `advice` says what to do.
    """

    broken_by: Callable[[Files], Iterable[str]]
    stage: str
    severity: Literal["FAIL", "WARNING"]
    asks: str
    advice: str

    @property
    def name(self) -> str:
        """The name of the rule."""
        return self.broken_by.__name__  # pyright: ignore[reportFunctionMemberAccess]

    def put_to(self, files: Files) -> Check:
        """What the rule says of a pair of files."""
        broken = list(dict.fromkeys(self.broken_by(files)))
        if not broken:
            return Check(self.name, "PASS", f"{self.asks}.")
        return Check(self.name, self.severity, f"{self.asks}. Not so: {'; '.join(broken)}.", self.advice)


def rows(frame: pl.DataFrame, found: pl.Expr) -> list[str]:
    """The rows of a file for which something holds, in words; nothing when there are none.

    >>> rows(pl.DataFrame({"time_period": ["2025", "", ""]}), pl.col("time_period") == "")
    ['2 rows (2, 3)']
    """
    numbers = frame.select((pl.arg_where(found) + 1).alias("row"))["row"].to_list()
    if not numbers:
        return []
    more = len(numbers) - ROW_NUMBERS_SHOWN
    shown = ", ".join(str(number) for number in numbers[:ROW_NUMBERS_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return [f"{len(numbers)} row{'s' if len(numbers) > 1 else ''} ({shown})"]


def rows_in(files: Files, columns: Iterable[str], found: Callable[[pl.Expr], pl.Expr]) -> list[str]:
    """For each column of the data, the rows whose cell breaks a rule."""
    return [f"{column}: {words}" for column in columns for words in rows(files.data, found(pl.col(column)))]
