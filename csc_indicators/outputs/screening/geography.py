"""Rules on the columns that say of which place a row is."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from csc_indicators.outputs.screening.metadata import NAMES_THAT_MAY_FILTER
from csc_indicators.outputs.screening.model import Files, Rule, rows
from csc_indicators.outputs.screening.places import (
    NOT_AVAILABLE,
    known_authorities,
    known_countries,
    known_regions,
)
from csc_indicators.outputs.screening.vocabulary import (
    DISTRICT,
    LEVELS,
    LOCAL_AUTHORITY,
    NATIONAL,
    NOT_IN_TABLES,
    ONE_NAME_A_CODE,
    PLANNING_AREA,
    PROVIDER,
    REGIONAL,
    SCHOOL,
    Level,
)

FORM, FIT = "Form of places", "Places"
_LEVEL = pl.col("geographic_level")
_NAME_NOT_AVAILABLE = "Not available"
_BY_NAME = {level.name: level for level in LEVELS}


def geog_level(files: Files) -> Iterator[str]:
    """Levels that there are not."""
    yield from rows(files.data, ~_LEVEL.is_in(list(_BY_NAME)))


def geog_level_present(files: Files) -> Iterator[str]:
    """Columns of a level that has rows."""
    levels = [_BY_NAME[name] for name in files.levels if name in _BY_NAME]
    return (name for level in levels for name in level.columns if name not in files.data.columns)


def country_combos(files: Files) -> Iterator[str]:
    """Codes and names of countries that do not go together."""
    yield from _not_among(files, known_countries(), of="country_code")


def region_combos(files: Files) -> Iterator[str]:
    """Codes and names of regions that do not go together."""
    yield from _not_among(files, known_regions(), of="region_code")


def la_combos(files: Files) -> Iterator[str]:
    """Codes and names of authorities that do not go together."""
    yield from _not_among(files, known_authorities(), of="new_la_code")


def _not_among(files: Files, known: pl.DataFrame, *, of: str) -> list[str]:
    """The rows whose codes and name are not among those that go together, where a code is given."""
    columns = known.columns
    if not set(columns) <= set(files.data.columns):
        return []
    found = files.data.select(columns).join(
        known.unique().with_columns(pl.lit(value=True).alias("_known")), on=columns, how="left", maintain_order="left"
    )
    return rows(found, pl.col("_known").is_null() & ~pl.col(of).is_in(["", NOT_AVAILABLE]))


def level_completed(files: Files) -> Iterator[str]:
    """Columns of a row's own level that are empty."""
    for level in LEVELS:
        # Authorities of long ago may have no ONS code, and planning areas are not shown.
        columns = [name for name in level.columns if name in files.data.columns and name != "new_la_code"]
        for column in columns if level.name != PLANNING_AREA else ():
            for words in rows(files.data, _LEVEL.eq(level.name) & (pl.col(column) == "")):
                yield f"{column}: {words}"


def ignored_rows(files: Files) -> Iterator[str]:
    """Levels that no table shows, or that do not go together."""
    levels = set(files.levels)
    if levels and levels <= set(NOT_IN_TABLES):
        yield " and ".join(sorted(levels)) + " only"
    if {SCHOOL, PROVIDER} <= levels:
        yield f"{SCHOOL} and {PROVIDER} together"


def other_dupes(files: Files) -> Iterator[str]:
    """Levels without a list in which a name has several codes."""
    return _doubled(files, of_name=True)


def other_code_dupes(files: Files) -> Iterator[str]:
    """Levels without a list in which a code has several names."""
    return _doubled(files, of_name=False)


def _doubled(files: Files, *, of_name: bool) -> Iterator[str]:
    for level in _present(files, [_BY_NAME[name] for name in ONE_NAME_A_CODE]):
        code, name = str(level.code), level.label
        one, other = (name, code) if of_name else (code, name)
        pairs = files.data.filter(_LEVEL.eq(level.name), pl.col(code) != "").select(one, other).unique()
        if pairs[one].is_duplicated().any():
            yield f"{one} of {level.name}"


def la_col_present(files: Files) -> Iterator[str]:
    """Columns of authorities that are lacking beside others of them."""
    return _lacking_beside(files, LOCAL_AUTHORITY)


def region_col_present(files: Files) -> Iterator[str]:
    """A column of regions that is lacking beside the other."""
    return _lacking_beside(files, REGIONAL)


def _lacking_beside(files: Files, level: str) -> Iterator[str]:
    columns = _BY_NAME[level].columns
    some = any(name in files.data.columns for name in columns)
    return (name for name in columns if some and name not in files.data.columns)


def region_for_la(files: Files) -> Iterator[str]:
    """Authorities without their region."""
    return _without_region(files, LOCAL_AUTHORITY)


def region_for_lad(files: Files) -> Iterator[str]:
    """Districts without their region."""
    return _without_region(files, DISTRICT)


def _without_region(files: Files, level: str) -> Iterator[str]:
    if level in files.levels:
        for column in _BY_NAME[REGIONAL].columns:
            empty = pl.col(column) == "" if column in files.data.columns else pl.lit(value=True)
            for words in rows(files.data, _LEVEL.eq(level) & empty):
                yield f"{column}: {words}"


def na(files: Files) -> Iterator[str]:
    """Places with the code for not available under another name."""
    return _one_without_the_other(files, code_stands=True)


def na_code(files: Files) -> Iterator[str]:
    """Places called not available under another code."""
    return _one_without_the_other(files, code_stands=False)


def _one_without_the_other(files: Files, *, code_stands: bool) -> Iterator[str]:
    for level in _present(files, [level for level in LEVELS if not level.listed]):
        coded, named = pl.col(str(level.code)) == NOT_AVAILABLE, pl.col(level.label) == _NAME_NOT_AVAILABLE
        found = coded & ~named if code_stands else named & ~coded
        for words in rows(files.data, found):
            yield f"{level.code}: {words}"


def _present(files: Files, levels: list[Level]) -> list[Level]:
    """Those of the levels that have rows in the data, with a code and a name."""
    held = [level for level in levels if level.name in files.levels]
    return [level for level in held if {level.code, level.label} <= set(files.data.columns)]


def overcompleted_cols(files: Files) -> Iterator[str]:
    """Columns of a level that are filled in rows of a coarser one, or of one that does not lie inside it."""
    spared = NAMES_THAT_MAY_FILTER if len(files.filters) == 1 and files.filters[0] in NAMES_THAT_MAY_FILTER else ()
    for level in LEVELS:
        columns = [name for name in level.columns if name in files.data.columns and name not in spared]
        for column in columns if level.name != NATIONAL else ():
            inside = _LEVEL.is_in([level.name, *level.with_rows_of])
            for words in rows(files.data, ~inside & (pl.col(column) != "")):
                yield f"{column}: {words}"


_SPELT_AS_LISTED = "Spell codes and names as the Department's list of places does; capitals matter."

FORM_RULES = (
    Rule(
        geog_level,
        FORM,
        "FAIL",
        "`geographic_level` is one of " + ", ".join(f"`{level.name}`" for level in LEVELS),
        "Correct `geographic_level`; capitals matter.",
    ),
    Rule(
        geog_level_present,
        FORM,
        "FAIL",
        "The columns of every level that has rows are in the data",
        "Add the columns and fill them in the rows of the level.",
    ),
)

RULES = (
    Rule(country_combos, FIT, "FAIL", "`country_code` and `country_name` go together", _SPELT_AS_LISTED),
    Rule(region_combos, FIT, "FAIL", "`region_code` and `region_name` go together", _SPELT_AS_LISTED),
    Rule(
        la_combos,
        FIT,
        "FAIL",
        "`old_la_code`, `new_la_code` and `la_name` go together, as they are or once were",
        _SPELT_AS_LISTED,
    ),
    Rule(
        level_completed,
        FIT,
        "FAIL",
        "The columns of a row's own level are filled, but for `new_la_code`",
        "Fill the cells.",
    ),
    Rule(
        ignored_rows,
        FIT,
        "FAIL",
        f"A file has rows of other levels than `{NOT_IN_TABLES[0]}` and `{NOT_IN_TABLES[1]}`, and not both `{SCHOOL}` "
        f"and `{PROVIDER}`",
        "Make a file for each of these levels, or publish the file without metadata.",
    ),
    Rule(
        other_dupes,
        FIT,
        "FAIL",
        "The name of an opportunity area, trust or sponsor has one code",
        "Give each place one code in all rows.",
    ),
    Rule(
        other_code_dupes,
        FIT,
        "FAIL",
        "The code of an opportunity area, trust or sponsor has one name",
        "Give each place one name in all rows.",
    ),
    Rule(
        la_col_present,
        FIT,
        "FAIL",
        "Where there is a column of authorities, there are all three",
        "Add the columns `old_la_code`, `new_la_code` and `la_name`.",
    ),
    Rule(
        region_col_present,
        FIT,
        "FAIL",
        "Where there is a column of regions, there are both",
        "Add the columns `region_code` and `region_name`.",
    ),
    Rule(
        region_for_la,
        FIT,
        "WARNING",
        "Rows of authorities say their region",
        "Fill `region_code` and `region_name`.",
    ),
    Rule(
        region_for_lad,
        FIT,
        "WARNING",
        "Rows of districts say their region",
        "Fill `region_code` and `region_name`.",
    ),
    Rule(
        na,
        FIT,
        "FAIL",
        f"A place with the code `{NOT_AVAILABLE}` is called `{_NAME_NOT_AVAILABLE}`, at levels without a list",
        f"Write `{_NAME_NOT_AVAILABLE}`, or the code of the place.",
    ),
    Rule(
        na_code,
        FIT,
        "FAIL",
        f"A place called `{_NAME_NOT_AVAILABLE}` has the code `{NOT_AVAILABLE}`, at levels without a list",
        f"Write the code `{NOT_AVAILABLE}`, or the name of the place.",
    ),
    Rule(
        overcompleted_cols,
        FIT,
        "FAIL",
        "The columns of a level are empty in the rows of coarser levels, and of those that do not lie inside it",
        "Empty the cells: a region has no authority, and England no region.",
    ),
)
