"""Rules on the metadata file."""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

from csc_indicators.outputs.screening.model import Files, Rule, rows
from csc_indicators.outputs.screening.vocabulary import (
    FILTER,
    INDICATOR,
    LEVELS,
    LIKE_A_PLACE,
    PLACE_COLUMNS,
    PROVIDER,
    SCHOOL,
    TIME_COLUMNS,
    UNITS,
)

ROWS, CELLS = "Rows of the metadata", "Cells of the metadata"
NAMES_THAT_MAY_FILTER = tuple(level.label for level in LEVELS if level.name in (SCHOOL, PROVIDER))


def meta_col_type(files: Files) -> Iterator[str]:
    """Rows that are neither of a filter nor of an indicator."""
    yield from rows(files.meta, ~pl.col("col_type").is_in([FILTER, INDICATOR]))


def meta_ob_unit(files: Files) -> Iterator[str]:
    """Columns of times and places that are described."""
    described = (name for name in files.meta["col_name"] if name not in NAMES_THAT_MAY_FILTER)
    return (name for name in described if name in (*TIME_COLUMNS, *PLACE_COLUMNS))


def meta_col_name(files: Files) -> Iterator[str]:
    """Rows without a name."""
    yield from rows(files.meta, pl.col("col_name").str.strip_chars() == "")


def meta_dupe_label(files: Files) -> Iterator[str]:
    """Labels that stand more than once."""
    labels = files.meta.filter(pl.col("label") != "")["label"]
    yield from labels.filter(labels.is_duplicated()).unique(maintain_order=True)


def meta_fil_grp(files: Files) -> Iterator[str]:
    """Indicators that are grouped as filters are."""
    yield from _with(files, INDICATOR, "filter_grouping_column")


def meta_fil_grp_dupe(files: Files) -> Iterator[str]:
    """Columns that group more than one filter."""
    named = files.meta["filter_grouping_column"].to_list()
    return (name for name in files.groups if named.count(name) > 1)


def meta_fil_grp_is_fil(files: Files) -> Iterator[str]:
    """Columns that group a filter and have no row of their own."""
    return (name for name in files.groups if name not in files.of_type(FILTER))


def meta_fil_grp_match(files: Files) -> Iterator[str]:
    """Columns that group a filter and are not in the data."""
    return (name for name in files.groups if name not in files.data.columns)


def meta_fil_grp_stripped(files: Files) -> Iterator[str]:
    """Columns with groups that differ in nothing but signs."""
    for name in files.groups:
        groups = files.items(name) if name in files.data.columns else []
        if len({re.sub(r"[\W_]", "", group) for group in groups}) < len(groups):
            yield name


def meta_label(files: Files) -> Iterator[str]:
    """Columns without a label."""
    yield from files.meta.filter(pl.col("label").str.strip_chars() == "")["col_name"]


def meta_filter_hint(files: Files) -> Iterator[str]:
    """Indicators with a hint, which only filters have."""
    yield from _with(files, INDICATOR, "filter_hint")


def meta_geog_catch(files: Files) -> Iterator[str]:
    """Filters that would be taken for places."""
    named = [*files.of_type(FILTER), *files.groups]
    spared = NAMES_THAT_MAY_FILTER if len(files.filters) == 1 else ()
    return (name for name in named if LIKE_A_PLACE.search(name) and name not in spared)


def meta_indicator_dp(files: Files) -> Iterator[str]:
    """Filters with a number of decimals."""
    yield from _with(files, FILTER, "indicator_dp")


def meta_col_name_spaces(files: Files) -> Iterator[str]:
    """Names with a space."""
    return (name for name in files.meta["col_name"] if " " in name)


def meta_col_name_dupe(files: Files) -> Iterator[str]:
    """Names that stand more than once."""
    yield from files.meta.filter(pl.col("col_name").is_duplicated())["col_name"]


def meta_ind_dp_set(files: Files) -> Iterator[str]:
    """Indicators without a number of decimals."""
    numbers = zip(files.of_type(INDICATOR), files.of_type(INDICATOR, "indicator_dp"), strict=True)
    return (name for name, decimals in numbers if decimals == "")


def meta_ind_dp_values(files: Files) -> Iterator[str]:
    """Columns whose number of decimals is no whole number."""
    numbers = files.meta.select("col_name", "indicator_dp").iter_rows()
    return (name for name, decimals in numbers if not re.fullmatch(r"[0-9]*", decimals))


def meta_ind_unit(files: Files) -> Iterator[str]:
    """Filters with a unit."""
    yield from _with(files, FILTER, "indicator_unit")


def meta_ind_unit_validation(files: Files) -> Iterator[str]:
    """Columns with a unit that there is not."""
    yield from files.meta.filter(~pl.col("indicator_unit").is_in(UNITS))["col_name"]


def meta_indicator_grouping(files: Files) -> Iterator[str]:
    """Filters that are grouped as indicators are."""
    yield from _with(files, FILTER, "indicator_grouping")


def _with(files: Files, col_type: str, column: str) -> Iterator[str]:
    """The filters or indicators with something in a column that is for the others."""
    cells = zip(files.of_type(col_type), files.of_type(col_type, column), strict=True)
    return (name for name, cell in cells if cell != "")


_SET_FOR_INDICATORS = "Empty the cells of filters: they are for indicators."
_SET_FOR_FILTERS = "Empty the cells of indicators: they are for filters."

RULES = (
    Rule(
        meta_col_type,
        ROWS,
        "FAIL",
        f"Every row of the metadata is of the type `{FILTER}` or `{INDICATOR}`",
        "Correct `col_type`; capitals matter.",
    ),
    Rule(
        meta_ob_unit,
        ROWS,
        "FAIL",
        "Columns of times and places are not in the metadata",
        "Take the rows out of the metadata.",
    ),
    Rule(meta_col_name, ROWS, "FAIL", "Every row of the metadata names a column", "Fill `col_name`."),
    Rule(
        meta_dupe_label, CELLS, "FAIL", "Every label stands once", "Give each filter and indicator a label of its own."
    ),
    Rule(meta_fil_grp, CELLS, "FAIL", "No indicator has a `filter_grouping_column`", _SET_FOR_FILTERS),
    Rule(
        meta_fil_grp_dupe,
        CELLS,
        "FAIL",
        "A column groups one filter only",
        "Give each filter a grouping column of its own.",
    ),
    Rule(
        meta_fil_grp_is_fil,
        CELLS,
        "WARNING",
        "A column that groups a filter has a row of its own in the metadata",
        "Add a row of the type `Filter` for the column.",
    ),
    Rule(
        meta_fil_grp_match,
        CELLS,
        "FAIL",
        "A column that groups a filter is in the data",
        "Correct `filter_grouping_column`, or add the column to the data.",
    ),
    Rule(
        meta_fil_grp_stripped,
        CELLS,
        "FAIL",
        "The groups of a filter differ in letters or digits, not in signs and spaces alone",
        "Spell each group in one way.",
    ),
    Rule(meta_label, CELLS, "FAIL", "Every filter and indicator has a label", "Fill `label`."),
    Rule(meta_filter_hint, CELLS, "FAIL", "No indicator has a `filter_hint`", _SET_FOR_FILTERS),
    Rule(
        meta_geog_catch,
        CELLS,
        "FAIL",
        "No filter has a name that would be taken for a place, such as one that starts with `la` and ends with `code`",
        "Rename the filter in both files, or take it out of the metadata when it is a place.",
    ),
    Rule(meta_indicator_dp, CELLS, "FAIL", "No filter has an `indicator_dp`", _SET_FOR_INDICATORS),
    Rule(
        meta_col_name_spaces,
        CELLS,
        "FAIL",
        "No `col_name` has a space in it or around it",
        "Take the spaces out of `col_name`.",
    ),
    Rule(meta_col_name_dupe, CELLS, "FAIL", "Every `col_name` stands once", "Take out one of the rows."),
    Rule(
        meta_ind_dp_set,
        CELLS,
        "WARNING",
        "Every indicator says to how many decimals it is shown",
        "Fill `indicator_dp`: 0 for counts.",
    ),
    Rule(
        meta_ind_dp_values,
        CELLS,
        "FAIL",
        "`indicator_dp` is empty or a whole number, 0 or more",
        "Correct `indicator_dp`.",
    ),
    Rule(meta_ind_unit, CELLS, "FAIL", "No filter has an `indicator_unit`", _SET_FOR_INDICATORS),
    Rule(
        meta_ind_unit_validation,
        CELLS,
        "FAIL",
        "`indicator_unit` is empty or one of " + ", ".join(f"`{unit}`" for unit in UNITS if unit),
        "Correct `indicator_unit`, and say any other unit in the label.",
    ),
    Rule(meta_indicator_grouping, CELLS, "FAIL", "No filter has an `indicator_grouping`", _SET_FOR_INDICATORS),
)
