"""Generated workforces: the cells of censuses as they are returned, of people who stay, leave, return and change.

Rows are sound, in that nothing about them is repaired on the way in, and hostile in every other way: halves and thirds
of posts, none at all, two roles, leaving on the days that decide, and cells that are empty.
"""

from __future__ import annotations

import datetime as dt

import polars as pl
from hypothesis import strategies as st

from csc_indicators.extracts.raw_workforce import (
    ITEMS,
    ITEMS_SCHEMA,
    RETURNS_SCHEMA,
    TABLES,
    TOTALS,
    WORKERS,
    RawWorkforce,
)
from csc_indicators.tables.workforce_validation import validate_workforce

AUTHORITIES = ("302", "303")
YEARS = (2022, 2023, 2024, 2025)
SHARES = ("1", "1", "0.5", "0.6", "0.333333", "0.25", "0", "")
ROLES = ("1", "2", "3", "4", "5", "5", "5", "6", "")
ETHNICITIES = ("WBRI", "WBRI", "WOTH", "AIND", "BCRB", "MOTH", "REFU", "NOBT", "")
PAYS = ("", "38000", "41500.5", "52000")


@st.composite
def people(draw):
    """What does not change of a person, and is the same in all rows of one."""
    return {
        "SWENo": f"SW{draw(st.integers(1, 6))}",
        "PersonBirthDate": draw(st.sampled_from(("1985-06-01", "1990-02-28", ""))),
        "Sex": draw(st.sampled_from(("F", "M"))),
        "Ethnicity": draw(st.sampled_from(ETHNICITIES)),
    }


@st.composite
def posts(draw, person, year):
    """A row of a person in the census of a year."""
    begins, day = dt.date(year - 1, 10, 1), dt.date(year, 9, 30)
    around = (begins - dt.timedelta(1), begins, day, day + dt.timedelta(1))
    decisive = (*around, dt.date(year, 2, 28), dt.date(2024, 2, 29))
    began = (*decisive, day.replace(year=year - 2), day.replace(year=year - 5))
    start = draw(
        st.one_of(
            st.none(),
            st.sampled_from([when for when in began if when <= day]),
            st.dates(dt.date(2010, 1, 1), day),
        )
    )
    end = draw(st.one_of(st.none(), st.none(), st.sampled_from(decisive), st.dates(begins, day)))
    if end is not None and start is not None and end < start:
        end = None
    agency = draw(st.sampled_from(("0", "0", "0", "1")))
    return person | {
        "AgencyWorker": agency,
        "FTE": draw(st.sampled_from(SHARES)),
        "FTE30": draw(st.sampled_from(SHARES)),
        "OrgRole": draw(st.sampled_from(ROLES)),
        "RoleStartDate": str(start or ""),
        "RoleEndDate": str(end or ""),
        "Cases30": draw(st.sampled_from(("", "0", "1", "12", "17"))),
        "WorkingDaysLost": draw(st.sampled_from(("", "0", "2.5", "31", "200"))),
        "BaseSalary": draw(st.sampled_from(PAYS)),
        "RRPayments": draw(st.sampled_from(PAYS[:2])),
        "OtherPayments": draw(st.sampled_from(PAYS[:2])),
    }


@st.composite
def workforces(draw):
    """Censuses by authority and year: rows of workers, and what the authority says of itself."""
    staff = draw(st.lists(people(), min_size=1, max_size=5))
    made = {}
    for la_code in AUTHORITIES:
        for year in YEARS:
            if draw(st.integers(0, 3)) == 0:
                continue
            rows = [draw(posts(draw(st.sampled_from(staff)), year)) for _ in range(draw(st.integers(1, 7)))]
            totals = {
                "NumberOfVacancies": draw(st.sampled_from(("", "0", "1.5", "3"))),
                "NoAgencyFTE": draw(st.sampled_from(("", "0", "2.25"))),
                "NoAgencyHeadcount": draw(st.sampled_from(("", "0", "3"))),
            }
            made[la_code, year] = (rows, totals)
    return made


def named_as_ours(row, columns, place):
    """The cells of a returned row by the names of the raw table."""
    cells = {name.upper(): text for name, text in row.items()}
    return place | {ours: cells.get(theirs) or None for theirs, ours in columns.items()}


def tables_of(made):
    """The validated tables of generated censuses, given as the reader would give them."""
    parts = {WORKERS: [TABLES[WORKERS].schema.to_frame()], TOTALS: [TABLES[TOTALS].schema.to_frame()]}
    returns = []
    for number, ((la_code, year), (rows, totals)) in enumerate(made.items()):
        returns.append((number, la_code, f"{year}-09-30", "generated"))
        for table, held in ((WORKERS, rows), (TOTALS, [totals])):
            columns = TABLES[table].columns
            parts[table].append(
                pl.DataFrame(
                    [
                        named_as_ours(row, columns, {"return": number, "source_file": "generated", "source_row": place})
                        for place, row in enumerate(held, 1)
                    ],
                    schema=TABLES[table].schema,
                )
            )
    raw = RawWorkforce(
        pl.DataFrame(returns, schema=RETURNS_SCHEMA, orient="row"),
        {name: pl.concat(frames) for name, frames in parts.items()} | {ITEMS: ITEMS_SCHEMA.to_frame()},
    )
    return validate_workforce(raw)
