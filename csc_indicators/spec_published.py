"""Where DfE's own figures stand: the part of a spec that says which cells of a published file hold an indicator.

A file is as it is downloaded from Explore Education Statistics: one row for each year, area and item of each filter.
Column names and items are kept as published, because they are what the file is recognised by; what a release called
otherwise stands beside them, so that files of earlier years are read too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, Field, StrictStr

from csc_indicators.spec_model import SpecModel

PER_POPULATION = "rate_per_10000"
"""The unit of figures that a file without rates gets from its counts and the population."""


def _as_several(value: Any) -> Any:  # noqa: ANN401 (whatever TOML holds; pydantic checks it after this)
    if isinstance(value, str):
        return (value,)
    return tuple(cast("list[Any]", value)) if isinstance(value, list) else value


OneOrSeveral = Annotated[tuple[StrictStr, ...], BeforeValidator(_as_several)]
"""A text, or a list of texts where a figure is the sum of several columns or an item had several names."""

Filter = dict[StrictStr, OneOrSeveral]
"""Columns and the item that a row must have in each; of several items, one."""


class PublishedFigures(SpecModel):
    """The cells of one file that hold one reading of an indicator.

    A file holds the figure in `value`, or the counts it is made of, in `numerator` and `denominator`: columns of the
    row that `where` picks, summed where there are several. Where the denominator stands on another row of the same
    year and area, `denominator_where` says what is different there. An entry without columns names the file only: which
    cells hold the figure is not established.
    """

    release: StrictStr
    file: StrictStr
    reading: StrictStr | None = None
    numerator: OneOrSeveral = ()
    denominator: OneOrSeveral = ()
    value: StrictStr | None = None
    where: Filter = Field(default_factory=dict[str, tuple[str, ...]])
    denominator_where: Filter = Field(default_factory=dict[str, tuple[str, ...]])
    group_column: StrictStr | None = None
    groups: Filter = Field(default_factory=dict[str, tuple[str, ...]])
    earlier_columns: tuple[dict[StrictStr, StrictStr], ...] = ()
    note: StrictStr | None = None

    @property
    def established(self) -> bool:
        """Whether the entry says which cells hold the figure."""
        return bool(self.value or self.numerator)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the figure is read from, as the latest release calls it."""
        filters = (*self.where, *self.denominator_where, *((self.group_column,) if self.group_column else ()))
        measures = (*self.numerator, *self.denominator, *((self.value,) if self.value else ()))
        return tuple(dict.fromkeys((*filters, *measures)))

    def named_in(self, header: Iterable[str]) -> dict[str, str] | None:
        """What each of the columns is called in a file with this header; None when the file lacks one.

        Names are compared whatever their case. The latest names are tried first, then those of earlier releases.

        >>> figures = PublishedFigures(
        ...     release="r", file="f", numerator="children_count", earlier_columns=({"children_count": "number"},)
        ... )
        >>> figures.named_in(["time_period", "Number"])
        {'children_count': 'Number'}
        """
        held = {name.lower(): name for name in header}
        for names in self._names():
            if all(name.lower() in held for name in names.values()):
                return {column: held[name.lower()] for column, name in names.items()}
        return None

    def in_words(self, default_reading: str) -> str:
        """Where the figures stand, as a few sentences of Markdown.

        >>> figures = PublishedFigures(release="Release", file="f", value="percent", where={"item": "Total"})
        >>> figures.in_words("published")
        'Release “Release”, file `f`, reading `published`: value in `percent`, where `item` is “Total”.'
        """
        parts = {"numerator": self.numerator, "denominator": self.denominator, "value": (self.value,)}
        named = ", ".join(
            f"{part} in {' + '.join(f'`{column}`' for column in columns)}"
            for part, columns in parts.items()
            if any(columns)
        )
        said = f"Release “{self.release}”, file `{self.file}`"
        said += f", reading `{self.reading or default_reading}`: {named}" if named else ""
        said += f", where {_picked(self.where)}" if self.where else ""
        said += f"; the denominator where {_picked(self.denominator_where)}" if self.denominator_where else ""
        said += f"; a row for each `{self.group_column}`" if self.group_column else ""
        earlier = [f"`{name}` for `{column}`" for column, name in _earlier(self.earlier_columns)]
        said += f". Earlier releases have {', '.join(earlier)}" if earlier else ""
        return f"{said}." + (f" {self.note}" if self.note else "")

    def _names(self) -> Iterator[dict[str, str]]:
        for renamed in ({}, *self.earlier_columns):
            yield {column: renamed.get(column, column) for column in self.columns}


def _picked(items: Filter) -> str:
    return " and ".join(
        f"`{column}` is {' or '.join(f'“{item}”' for item in several)}" for column, several in items.items()
    )


def _earlier(renamed: Iterable[dict[str, str]]) -> list[tuple[str, str]]:
    """Every column and what it was called, each once."""
    return list(dict.fromkeys(pair for names in renamed for pair in names.items()))
