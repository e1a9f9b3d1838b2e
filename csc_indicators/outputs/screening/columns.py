"""Rules on the columns of the two files, and on what each has of the other."""

from __future__ import annotations

import re
from collections.abc import Iterator

from csc_indicators.outputs.screening.model import Files, Rule
from csc_indicators.outputs.screening.vocabulary import (
    DATA_COLUMNS,
    INDICATOR,
    META_COLUMNS,
    OPTIONAL_META_COLUMNS,
    is_smushed,
)

PRESENT, CROSS, NAMES = "Columns that must be there", "One file beside the other", "Names of columns"
NO_ROWS_OF_META = len(DATA_COLUMNS)


def col_req_meta(files: Files) -> Iterator[str]:
    """Columns that the metadata lacks."""
    return (name for name in META_COLUMNS if name not in files.meta.columns)


def col_invalid_meta(files: Files) -> Iterator[str]:
    """Columns that the metadata may not have."""
    return (name for name in files.meta.columns if name not in (*META_COLUMNS, *OPTIONAL_META_COLUMNS))


def col_req_data(files: Files) -> Iterator[str]:
    """Columns that the data lacks."""
    return (name for name in DATA_COLUMNS if name not in files.data.columns)


def col_to_rows(files: Files) -> Iterator[str]:
    """More rows of metadata than columns that it could describe."""
    if files.meta.height > files.data.width - NO_ROWS_OF_META:
        yield f"{files.meta.height} rows beside {files.data.width} columns"


def cross_meta_to_data(files: Files) -> Iterator[str]:
    """Filters and indicators of the metadata that are not in the data."""
    # A space around a name has a rule of its own, which could not be reached otherwise; so has a name left blank.
    named = (name.strip() for name in files.meta["col_name"])
    return (name for name in named if name and name not in files.data.columns)


def cross_data_to_meta(files: Files) -> Iterator[str]:
    """Columns of the data that differ from row to row and that nothing describes."""
    described = {*(name.strip() for name in files.meta["col_name"]), *files.groups, *files.times_and_places}
    return (name for name in files.data.columns if name not in described and files.data[name].n_unique() > 1)


def col_names_spaces(files: Files) -> Iterator[str]:
    """Columns of the data with a space in their name."""
    return (name for name in files.data.columns if " " in name)


def col_snake_case(files: Files) -> Iterator[str]:
    """Columns of the data with other characters than small letters, digits and underscores."""
    return (name for name in files.data.columns if not re.fullmatch(r"[a-z0-9_]+", name))


def col_var_start(files: Files) -> Iterator[str]:
    """Columns of the data whose name does not start with a small letter."""
    return (name for name in files.data.columns if not re.match(r"[a-z]", name))


def col_ind_smushed(files: Files) -> Iterator[str]:
    """Indicators with an item of a filter in their name."""
    return (name for name in files.of_type(INDICATOR) if is_smushed(name))


def col_var_characteristic(files: Files) -> Iterator[str]:
    """Filters that are called characteristic, as in files of former years."""
    named = (*files.meta["col_name"], *files.groups)
    return (name for name in named if name in ("characteristic", "characteristic_group"))


RULES = (
    Rule(
        col_req_meta,
        PRESENT,
        "FAIL",
        "The metadata has the columns " + ", ".join(f"`{name}`" for name in META_COLUMNS),
        "Add the columns to the metadata; their cells may be empty.",
    ),
    Rule(
        col_invalid_meta,
        PRESENT,
        "FAIL",
        "The metadata has no other columns but " + " and ".join(f"`{name}`" for name in OPTIONAL_META_COLUMNS),
        "Take the columns out of the metadata.",
    ),
    Rule(
        col_req_data,
        PRESENT,
        "FAIL",
        "The data has the columns " + ", ".join(f"`{name}`" for name in DATA_COLUMNS),
        "Add the columns to the data and fill them.",
    ),
    Rule(
        col_to_rows,
        PRESENT,
        "FAIL",
        f"The metadata has at least {NO_ROWS_OF_META} fewer rows than the data has columns",
        "Describe filters and indicators only, each in one row.",
    ),
    Rule(
        cross_meta_to_data,
        CROSS,
        "FAIL",
        "Every filter and indicator of the metadata is a column of the data",
        "Correct the names, or take the rows out of the metadata.",
    ),
    Rule(
        cross_data_to_meta,
        CROSS,
        "WARNING",
        "Every column of the data that differs from row to row, but for times and places, is in the metadata",
        "Describe the columns in the metadata, or take them out of the data.",
    ),
    Rule(
        col_names_spaces,
        NAMES,
        "FAIL",
        "No column of the data has a space in its name",
        "Put an underscore in place of each space, in both files.",
    ),
    Rule(
        col_snake_case,
        NAMES,
        "WARNING",
        "Columns of the data have only small letters, digits and underscores in their names",
        "Rename the columns in both files.",
    ),
    Rule(
        col_var_start,
        NAMES,
        "WARNING",
        "Columns of the data have names that start with a small letter",
        "Rename the columns in both files.",
    ),
    Rule(
        col_ind_smushed,
        NAMES,
        "FAIL",
        "No indicator has the item of a filter in its name, such as `male` or `asian`, not even inside another word",
        "Make the groups rows with a filter, or rename the indicator when the word only happens to be in its name.",
    ),
    Rule(
        col_var_characteristic,
        NAMES,
        "WARNING",
        "No filter is called `characteristic` or `characteristic_group`",
        "Name the filter for what it says, or use `breakdown` and `breakdown_topic`.",
    ),
)
