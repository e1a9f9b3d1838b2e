"""Rules on filters and their items."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from csc_indicators.outputs.screening.metadata import NAMES_THAT_MAY_FILTER
from csc_indicators.outputs.screening.model import Files, Rule, rows_in
from csc_indicators.outputs.screening.vocabulary import FILTER, LIKE_A_PLACE, MOST_ITEMS, NAME_COLUMNS, TOTAL_ITEM

SINGLE, ITEMS = "Filters", "Items of filters"
_TWO = 2


def filter_not_singular(files: Files) -> Iterator[str]:
    """Filters that have the same item in every row."""
    return (name for name in files.filters if files.data[name].n_unique() < _TWO)


def filter_defaults(files: Files) -> Iterator[str]:
    """Filters and groups without the item that is shown when nothing is chosen."""
    named = files.of_type(FILTER)
    chosen = files.of_type(FILTER, "filter_default") if "filter_default" in files.meta.columns else [""] * len(named)
    defaults = dict.fromkeys(files.filters_and_groups, TOTAL_ITEM)
    defaults |= {name: default for name, default in zip(named, chosen, strict=True) if default and name in defaults}
    return (name for name, default in defaults.items() if default not in files.items(name))


def filter_group_level(files: Files) -> Iterator[str]:
    """Filters that have fewer items than their column has groups."""
    pairs = zip(files.of_type(FILTER), files.of_type(FILTER, "filter_grouping_column"), strict=True)
    return (
        name
        for name, group in pairs
        if group in files.data.columns and files.data[group].n_unique() > files.data[name].n_unique()
    )


def filter_item_limit(files: Files) -> Iterator[str]:
    """Filters with more items than the site can show."""
    return (name for name in files.filters if files.data[name].n_unique() > MOST_ITEMS)


def filter_whitespace(files: Files) -> Iterator[str]:
    """Items and names of places with a space before or after them."""
    places = [name for name in NAME_COLUMNS if name in files.data.columns]
    columns = dict.fromkeys([*files.filters_and_groups, *places])
    yield from rows_in(files, columns, lambda cell: cell != cell.str.strip_chars())


def filter_ob_total(files: Files) -> Iterator[str]:
    """Times and places that say total, where they should say nothing."""
    spared = NAMES_THAT_MAY_FILTER if len(files.filters) == 1 else ()
    alike = [name for name in files.data.columns if LIKE_A_PLACE.search(name)]
    columns = [name for name in dict.fromkeys([*files.times_and_places, *alike]) if name not in spared]
    yield from rows_in(files, columns, lambda cell: cell.is_in(["Total", "total", "All", "all"]))


def filter_blanks(files: Files) -> Iterator[str]:
    """Filters and groups with an empty cell."""
    yield from rows_in(files, files.filters_and_groups, lambda cell: cell.str.strip_chars() == pl.lit(""))


FORM_RULES = (
    Rule(
        filter_not_singular,
        SINGLE,
        "FAIL",
        "Every filter has at least two items",
        "Take the filter out of the metadata, and say what it says in the title.",
    ),
)

RULES = (
    Rule(
        filter_defaults,
        ITEMS,
        "WARNING",
        f"Every filter and group has the item `{TOTAL_ITEM}`, or the one that `filter_default` names",
        "Add rows for all items together, or name an item that is there in `filter_default`.",
    ),
    Rule(
        filter_group_level,
        ITEMS,
        "FAIL",
        "A filter has at least as many items as groups",
        "Exchange the filter and its grouping column.",
    ),
    Rule(
        filter_item_limit,
        ITEMS,
        "FAIL",
        f"A filter has no more than {MOST_ITEMS:,} items",
        "Put items together, or make several files.",
    ),
    Rule(
        filter_whitespace,
        ITEMS,
        "FAIL",
        "No item, group or name of a place has a space before or after it",
        "Take the spaces out.",
    ),
    Rule(
        filter_ob_total,
        ITEMS,
        "FAIL",
        "No column of times and places says `Total` or `All`",
        "Leave the cells of a finer level empty in the rows of a coarser one.",
    ),
    Rule(
        filter_blanks,
        ITEMS,
        "FAIL",
        "No filter or group has an empty cell",
        f"Write `{TOTAL_ITEM}` where all items are together.",
    ),
)
