"""Rules on the variables that the Department has harmonised, above all ethnicity."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from csc_indicators.outputs.screening.model import Files, Rule, rows
from csc_indicators.outputs.screening.vocabulary import HARMONISED, HARMONISED_NAMES, TOTAL_ITEM, is_not_harmonised

STAGE = "Harmonised variables"
MAJOR, MINOR = "ethnicity_major", "ethnicity_minor"
GROUP, ITEM = "characteristic_group", "characteristic"
GROUPS_OF_ETHNICITY = ("Ethnicity Major", "Ethnicity Minor", "Ethnicity Detailed", "Minority Ethnic")
ETHNICITIES = {
    TOTAL_ITEM: (),
    "White": (
        "English/Welsh/Scottish/Northern Irish/British",
        "Irish",
        "Gypsy or Irish Traveller",
        "Any other White background",
    ),
    "Mixed/Multiple ethnic groups": (
        "White and Black Caribbean",
        "White and Black African",
        "White and Asian",
        "Any other Mixed/Multiple ethnic background",
    ),
    "Asian/Asian British": ("Indian", "Pakistani", "Bangladeshi", "Chinese", "Any other Asian background"),
    "Black/African/Caribbean/Black British": (
        "African",
        "Caribbean",
        "Any other Black/African/Caribbean background",
    ),
    "Other ethnic group": ("Arab", "Any other ethnic group"),
}
"""Major groups of the Government Statistical Service with their minor ones; slashes may have spaces around them."""
UNKNOWN = "Unknown"

_MAJORS = (*ETHNICITIES, UNKNOWN)
_PAIRS = (*((major, minor) for major, few in ETHNICITIES.items() for minor in (TOTAL_ITEM, *few)), (UNKNOWN, UNKNOWN))
_MINORS = tuple(dict.fromkeys(minor for _, minor in _PAIRS))


def harmonised_variables(files: Files) -> Iterator[str]:
    """Columns of the metadata that are of a harmonised kind and have another name."""
    return (name for name in (*files.meta["col_name"], *files.groups) if is_not_harmonised(name))


def eth_vals(files: Files) -> Iterator[str]:
    """Ethnic groups that are not of the standard, or not together as there."""
    columns = [name for name in (MAJOR, MINOR) if name in files.data.columns]
    if len(columns) > 1:
        pair = pl.concat_str(_unspaced(MAJOR), pl.lit("\n"), _unspaced(MINOR))
        found = ~pair.is_in(["\n".join(known) for known in _PAIRS])
    else:
        found = pl.any_horizontal(
            pl.lit(value=False), *(~_unspaced(name).is_in(_MAJORS if name == MAJOR else _MINORS) for name in columns)
        )
    return (f"{' and '.join(columns)}: {words}" for words in rows(files.data, found))


def eth_char_grp(files: Files) -> Iterator[str]:
    """Groups of ethnicity among characteristics that are called otherwise than the standard."""
    if GROUP in files.data.columns:
        standard = pl.col(GROUP).str.contains_any(list(GROUPS_OF_ETHNICITY))
        yield from (f"{GROUP}: {words}" for words in rows(files.data, _is_ethnic() & ~standard))


def eth_char_vals(files: Files) -> Iterator[str]:
    """Ethnic groups among characteristics that are not of the standard."""
    if {GROUP, ITEM} <= set(files.data.columns):
        standard = _unspaced(ITEM).is_in([*_MAJORS, *_MINORS])
        yield from (f"{ITEM}: {words}" for words in rows(files.data, _is_ethnic() & ~standard))


def _is_ethnic() -> pl.Expr:
    return pl.col(GROUP).str.to_lowercase().str.contains("ethnic", literal=True)


def _unspaced(column: str) -> pl.Expr:
    return pl.col(column).str.replace_all(" / ", "/", literal=True)


RULES = (
    Rule(
        harmonised_variables,
        STAGE,
        "FAIL",
        "A column with " + ", ".join(f"`{part}`" for part in HARMONISED) + " in its name has one of the names "
        "that are harmonised: " + ", ".join(f"`{name}`" for name in HARMONISED_NAMES),
        "Take the harmonised name when the column is the same variable, and a name without that word when it is not.",
    ),
    Rule(
        eth_vals,
        STAGE,
        "WARNING",
        f"`{MAJOR}` and `{MINOR}` hold the ethnic groups of the Government Statistical Service",
        "Spell the groups as the standard does.",
    ),
    Rule(
        eth_char_grp,
        STAGE,
        "FAIL",
        f"A group of ethnicity in `{GROUP}` is called " + ", ".join(f"`{name}`" for name in GROUPS_OF_ETHNICITY),
        "Spell the group as the standard does.",
    ),
    Rule(
        eth_char_vals,
        STAGE,
        "WARNING",
        f"`{ITEM}` holds the ethnic groups of the Government Statistical Service where its group is of ethnicity",
        "Spell the groups as the standard does.",
    ),
)
