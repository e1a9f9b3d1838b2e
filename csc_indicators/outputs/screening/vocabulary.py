"""What files of Explore Education Statistics may say: their columns, levels, periods, units and symbols.

Facts of the Department for Education's standard, spelt once for the rules of the screen and for what writes such files.
"""

from __future__ import annotations

import re
from typing import NamedTuple

META_COLUMNS = (
    "col_name",
    "col_type",
    "label",
    "indicator_grouping",
    "indicator_unit",
    "indicator_dp",
    "filter_hint",
    "filter_grouping_column",
)
OPTIONAL_META_COLUMNS = ("filter_default", "parent_filter")
DATA_COLUMNS = ("geographic_level", "time_period", "time_identifier", "country_code", "country_name")
FILTER, INDICATOR = "Filter", "Indicator"
TOTAL_ITEM = "Total"

SYMBOLS = ("c", "low", "u", "x", "z")
"""What stands in a cell that has no number: confidential, rounds to zero but is not, of low reliability, not available,
not applicable."""

UNITS = ("", "%", "pp", "£", "£m", "numberstring")


class Level(NamedTuple):
    """A geographic level: its columns, and whether codes and names of it are held in a list of the Department's.

    `with_rows_of` are the levels, besides its own, whose rows may fill its columns, because they lie inside it.
    """

    name: str
    code: str | None
    label: str
    second_code: str | None = None
    listed: bool = True
    with_rows_of: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the level."""
        return tuple(column for column in (self.code, self.label, self.second_code) if column is not None)


NATIONAL, REGIONAL, LOCAL_AUTHORITY = "National", "Regional", "Local authority"
DISTRICT = "Local authority district"
PLANNING_AREA, INSTITUTION, SCHOOL, PROVIDER = "Planning area", "Institution", "School", "Provider"
NOT_IN_TABLES = (INSTITUTION, PLANNING_AREA)
"""Levels whose rows a reader of the site never sees."""
_SMALL = (SCHOOL, PROVIDER, INSTITUTION)
_CONSTITUENCY, _POLICE, _WARD = "Parliamentary constituency", "Police force area", "Ward"
_SKILLS, _ENTERPRISE = "Local skills improvement plan area", "Local enterprise partnership"
_OPPORTUNITY, _DEVOLVED = "Opportunity area", "English devolved area"

LEVELS = (
    Level(NATIONAL, "country_code", "country_name"),
    Level(
        REGIONAL,
        "region_code",
        "region_name",
        with_rows_of=(
            *(_SKILLS, LOCAL_AUTHORITY, _ENTERPRISE, _OPPORTUNITY, DISTRICT, _CONSTITUENCY, _DEVOLVED, _WARD),
            *(*_SMALL, PLANNING_AREA, _POLICE),
        ),
    ),
    Level(
        LOCAL_AUTHORITY,
        "new_la_code",
        "la_name",
        "old_la_code",
        with_rows_of=(_CONSTITUENCY, DISTRICT, _WARD, *_SMALL, PLANNING_AREA, _POLICE),
    ),
    Level(DISTRICT, "lad_code", "lad_name", with_rows_of=(_WARD, *_SMALL, _POLICE)),
    Level("RSC region", None, "rsc_region_lead_name", with_rows_of=_SMALL),
    Level(_CONSTITUENCY, "pcon_code", "pcon_name", with_rows_of=_SMALL),
    Level(_SKILLS, "lsip_code", "lsip_name", with_rows_of=(DISTRICT, *_SMALL, PLANNING_AREA)),
    Level(
        _ENTERPRISE,
        "local_enterprise_partnership_code",
        "local_enterprise_partnership_name",
        with_rows_of=_SMALL,
    ),
    Level(_DEVOLVED, "english_devolved_area_code", "english_devolved_area_name", with_rows_of=_SMALL),
    Level(_OPPORTUNITY, "opportunity_area_code", "opportunity_area_name", listed=False, with_rows_of=_SMALL),
    Level(_WARD, "ward_code", "ward_name", with_rows_of=_SMALL),
    Level("MAT", "trust_id", "trust_name", listed=False, with_rows_of=_SMALL),
    Level("Sponsor", "sponsor_id", "sponsor_name", listed=False, with_rows_of=_SMALL),
    Level(SCHOOL, "school_urn", "school_name", "school_laestab", listed=False),
    Level(PROVIDER, "provider_ukprn", "provider_name", listed=False),
    Level(INSTITUTION, "institution_id", "institution_name"),
    Level(PLANNING_AREA, "planning_area_code", "planning_area_name", with_rows_of=_SMALL),
    Level(_POLICE, "pfa_code", "pfa_name", listed=False, with_rows_of=_SMALL),
)
ONE_NAME_A_CODE = (_OPPORTUNITY, "MAT", "Sponsor")
"""Levels of which no list is held, and whose codes and names must at least go together."""

TIME_COLUMNS = ("time_period", "time_identifier")
PLACE_COLUMNS = ("geographic_level", *(column for level in LEVELS for column in level.columns))
NAME_COLUMNS = tuple(level.label for level in LEVELS)
CODE_COLUMNS = tuple(column for level in LEVELS for column in level.columns if column != level.label)

_PLACES = "country|sch|prov|inst|estab|reg|la|local|rsc|pfa|pcon|lep|mca|oa|ward|mat"
_CODES = "name|code|urn|ukprn|number|upin|id"
LIKE_A_PLACE = re.compile(
    rf"^({_PLACES}).*({_CODES})$|^(laestab|estab|schools?|sch|providers?|prov|institutions?|inst|{_CODES}"
    r"|region|la|lad|rsc|pcon|lep|mca|oa|ward|mat)$",
    re.IGNORECASE,
)
"""A name that the site would take for a place."""

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKS = tuple(f"Week {number}" for number in range(1, 53))
TERMS = ("Spring term", "Autumn term", "Summer term")
QUARTERS = tuple(f"Financial year Q{number}" for number in range(1, 5))
HALVES = ("Part 1 (April to September)", "Part 2 (October to March)")
REPORTING_YEAR = "Reporting year"
TIME_FAMILIES = (
    *((name,) for name in ("Autumn and spring term", "Calendar year", "Financial year", "Academic year", "Tax year")),
    (REPORTING_YEAR,),
    TERMS,
    WEEKS,
    MONTHS,
    QUARTERS,
    HALVES,
)
"""Identifiers of periods; a file has those of one family."""
OF_ONE_YEAR = ("Calendar year", REPORTING_YEAR, *WEEKS, *MONTHS)
"""Identifiers that go with a year of four digits; the others go with two consecutive years in six."""

ITEMS_OF_FILTERS = (
    *("male", "female", "asian", "chinese", "indian", "pakistani", "bangladeshi", "black", "african", "caribbean"),
    *("white", "roma", "irish", "english", "british", "scottish", "welsh", "northern irish", "arab"),
)
"""What the name of an indicator may not hold, not even inside a word: a filter should say it."""

HARMONISED = (
    *("sen_", "primary_need", "secondary_need", "establishment_type", "provider_type", "school_type", "ethnic"),
)
"""What makes the name of a column one of those that the Department has harmonised."""
HARMONISED_NAMES = (
    *("sen_status", "sen_primary_need", "sen_secondary_need", "sen_provision"),
    *("establishment_type", "establishment_type_group", "provider_type"),
    *("ethnicity_major", "ethnicity_minor", "ethnicity_detailed", "minority_ethnic"),
)
MOST_ITEMS = 25_000


def is_smushed(name: str) -> bool:
    """Whether the name of an indicator holds an item of a filter.

    >>> is_smushed("comparable_rate"), is_smushed("referral_count")
    (True, False)
    """
    return any(item in name.lower() for item in ITEMS_OF_FILTERS)


def is_not_harmonised(name: str) -> bool:
    """Whether a column is of a kind that has harmonised names, and has none of them.

    >>> is_not_harmonised("ethnicity_known"), is_not_harmonised("ethnicity_major")
    (True, False)
    """
    return name not in HARMONISED_NAMES and any(part in name.lower() for part in HARMONISED)
