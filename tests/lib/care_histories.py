"""Made-up histories of care for Hypothesis: each child's care is lived forwards, then written down as episodes.

A child starts to be looked after; then, change after change, it moves, stays with its carer elsewhere, comes under
another legal status, is away for a while and returns or does not, is placed for adoption, or care ends; after a while,
or at once, it may start again. Dates lean towards the edges of the definitions: the ends of the reporting year, 29
February, the child's birthdays, spans of twelve, twenty-four and thirty months and the days beside all of them. Some
histories are dirty, as real returns are: cells missing, an end before its start, an episode that begins before the one
before it is over, one that the later returns lost, a child whose episodes carry a reason for an end that has no day.

Tables are as `csc_indicators.examples.example_care_tables` takes them.
"""

import datetime as dt

from hypothesis import strategies as st

from csc_indicators.catalogue import catalogue
from csc_indicators.example_cells import LONG_AGO
from tests.lib import histories
from tests.lib.case_histories import CENSUS_ENDS, chances, days
from tests.lib.histories import AUTHORITIES, CHILDREN, EDGE_DAYS, months_after

INDICATORS = tuple(name for name, spec in catalogue().indicators.items() if spec.collection == "ssda903")
MISSING = "missing"
RETURNS_BEGIN = tuple(dt.date(year, 4, 1) for year in range(1990, 2100))
POSTCODES = (
    {"postcode": "AA11AA", "easting": 400000, "northing": 400000},
    {"postcode": "BB11BB", "easting": 430000, "northing": 440000},
    {"postcode": "CC11CC", "easting": 400000, "northing": 432186},
)
"""Home, a place 31.1 miles from it and one 20.0 miles from it, where 20 is the default of what is not yet far."""
WHERE = ("AA11AA", "BB11BB", "CC11CC", "DD11DD", MISSING)
LASTING = ("U1", "U2", "U3", "U4", "U4", "U5", "U6", "K1", "K2", "K3", "H5", "P1", "P2", "P3", "R3", "S1", "Z1")
FOR_ADOPTION = ("A3", "A4", "A5", "A6")
TEMPORARY = ("T0", "T1", "T2", "T3", "T4")
LEGAL = ("C1", "C2", "C2", "E1", "V2", "V2", "V4", "J1")
CEASED = ("E4A", "E4B", "E11", "E12", "E11", "E12", "E11", "E12", "E13", "E41", "E45", "E46", "E43", "E5", "E8", "E3")
CHANGES = ("move", "move", "move", "same_carer", "legal", "legal", "away", "away", "adoption", "cease", "cease", "stay")
ACTIVITIES = ("F1", "P1", "F2", "F3", "P3", "F4", "P4", "F5", "G4", "G5", "G6", "0", "0", MISSING, MISSING)
ACCOMMODATION = (
    "B1",
    "C1",
    "D2",
    "K1",
    "S2",
    "U1",
    "W2",
    "X2",
    "Y1",
    "G1",
    "G2",
    "H2",
    "R1",
    "0",
    "0",
    MISSING,
    MISSING,
)


def seldom(draw):
    """Now and then true."""
    return draw(chances((False,) * 7 + (True,)))


@st.composite
def places(draw, codes=LASTING):
    """Where a child is placed, as its episode says it."""
    return {
        "placement": draw(chances(codes)),
        "placement_postcode": draw(chances(WHERE)),
        "placement_location": draw(chances(("IN", "OUT", "OUT", MISSING))),
        "placement_distance": draw(chances((MISSING, MISSING, 0.0, 19.9, 20.0, 20.1, 35.0, 999.9))),
        "placement_provider": draw(chances(("PR1", "PR2", "PR4", MISSING))),
    }


@st.composite
def later(draw, day, birth_date):
    """A day on or after another, leaning towards the edges."""
    kind = draw(chances(("edge", "edge", "months", "months", "birthday", "few", "few", "any")))
    if kind == "edge":
        return draw(chances([edge for edge in EDGE_DAYS if edge >= day] or [day]))
    if kind == "months":
        found = months_after(day, draw(chances((3, 12, 12, 24, 24, 30)))) + draw(days(0, 0, 1, -1))
        return max(found, day)
    if kind == "birthday" and birth_date is not None:
        found = months_after(birth_date, 12 * draw(chances((10, 16, 16, 18)))) + draw(days(0, 1, -1))
        return found if day <= found <= dt.date(2027, 1, 1) else day
    if kind == "few":
        return day + draw(days(0, 1, 2, 7))
    return day + dt.timedelta(days=draw(st.integers(0, 700)))


@st.composite
def returned(draw, begins, *, ended):
    """The day of the last return that held a row."""
    held = [day for day in CENSUS_ENDS if day >= begins] or [CENSUS_ENDS[-1]]
    return held[0] if seldom(draw) else held[-1] if not ended or draw(st.booleans()) else held[0]


@st.composite
def episodes(draw, birth_date):
    """One child's episodes of care, in order."""
    rows, day = [], draw(histories.first_days)
    place, lasting, legal = draw(places()), None, draw(chances(LEGAL))
    reason = draw(chances(("S", "S", "S", "P", "L", MISSING)))
    if seldom(draw):
        place = draw(places(TEMPORARY))
    change = None
    for _ in range(draw(st.integers(1, 9))):
        row = {"start_date": day, "reason_for_new_episode": reason, "legal_status": legal, **place}
        row["home_postcode"] = draw(chances(("AA11AA", "AA11AA", MISSING)))
        rows.append(row)
        # Some who come back leave again soon: two ends of care in one year.
        leaves_again = change == "cease" and draw(chances((True, False)))
        change = "cease" if leaves_again else draw(chances(CHANGES))
        if change == "stay":
            row["known_to"] = draw(returned(day, ended=False))
            if not seldom(draw):
                break
            # The returns lost it, and the child is seen again later.
            day, reason = draw(later(max(day, row["known_to"]), birth_date)), draw(chances(("S", "P", MISSING)))
            continue
        day = day + draw(days(3, 30)) if leaves_again else draw(later(day, birth_date))
        row |= {"end_date": day, "reason_ceased": "X1", "known_to": draw(returned(day, ended=True))}
        if change == "cease":
            row["reason_ceased"] = draw(chances(CEASED))
            day += draw(days(0, 1, 1, 30, 400))
            reason, place, legal = draw(chances(("S", "S", "S", MISSING))), draw(places()), draw(chances(LEGAL))
        elif change == "legal":
            legal, reason = draw(chances(LEGAL)), "L"
        else:
            before = place
            reason, place = draw(moved(place, lasting, change))
            lasting = before if change == "away" else lasting
    return rows


@st.composite
def moved(draw, place, lasting, change):
    """The reason for an episode after a move, and where the child lives then; `lasting` is where it was before."""
    if place["placement"] in TEMPORARY:
        back = lasting is not None and draw(chances((True, True, False)))
        return draw(chances(("P", "P", "T", "L", MISSING))), lasting if back else draw(places())
    if change == "away":
        return draw(chances(("P", "P", "T", MISSING))), draw(places(TEMPORARY))
    if change == "adoption":
        return draw(chances(("P", "B", "T", "U", "L"))), place | {"placement": draw(chances(FOR_ADOPTION))}
    if change == "same_carer":
        return draw(chances(("T", "U"))), place | {"placement_postcode": draw(chances(WHERE))}
    return draw(chances(("P", "P", "B", MISSING))), draw(places())


@st.composite
def soiled(draw, rows):
    """The same episodes as a careless return has them."""
    for row in rows:
        fault = draw(
            chances((None, None, "cell", "early_end", "early_start", "reason", "same_day", "unended", "unended"))
        )
        if fault == "cell":
            cells = ("placement", "legal_status", "reason_for_new_episode", "reason_ceased", "placement_postcode")
            row[draw(chances(cells))] = MISSING
        elif fault == "early_end" and row.get("end_date"):
            row["end_date"] = row["start_date"] - draw(days(1, 1, 40))
        elif fault == "early_start":
            row["start_date"] -= draw(days(1, 30, 400))
        elif fault == "reason" and not row.get("end_date"):
            row["reason_ceased"] = draw(chances(CEASED))
        elif fault == "same_day" and row.get("end_date"):
            row["end_date"] = row["start_date"]
        elif fault == "unended":
            row["end_date"] = MISSING
    return rows


@st.composite
def near(draw, moments):
    """One of a child's own days, an edge of the year, or the day beside one."""
    return draw(chances((*moments, *moments, *EDGE_DAYS[::3]))) + draw(days(0, 0, 1, -1))


@st.composite
def returns_begin(draw, day):
    """The first day that the returns cover: long ago, or near the first episode, so that some began by then."""
    following = next(first for first in RETURNS_BEGIN if first >= day)
    return draw(chances((LONG_AGO, LONG_AGO, following, following, day, day - dt.timedelta(days=1))))


@st.composite
def spell(draw, moments):
    """A first and a last day, the last one perhaps missing, and until when it was returned."""
    begins = draw(near(moments))
    ends = begins + draw(days(0, 1, 5, 90, 400)) if draw(chances((True, True, False))) else MISSING
    return {"start_date": begins, "end_date": ends, "known_to": draw(returned(begins, ended=ends != MISSING))}


@st.composite
def children(draw, la_code, child_id):
    """The rows of one child, by table."""
    birth_date = draw(
        st.one_of(
            st.none(), st.just(dt.date(2012, 2, 29)), st.just(dt.date(2007, 4, 1)), st.just(dt.date(2007, 3, 31)),
            st.dates(dt.date(2004, 1, 1), dt.date(2021, 12, 31)), st.dates(dt.date(2006, 1, 1), dt.date(2010, 12, 31)),
        )
    )  # fmt: skip
    lived = draw(episodes(birth_date))
    rows = draw(soiled(lived)) if draw(st.booleans()) else lived
    moments = [row["start_date"] for row in rows]
    alone = draw(st.booleans())
    who = {
        "la_code": la_code,
        "child_id": child_id,
        "birth_date": birth_date or MISSING,
        "unaccompanied": alone,
        "unaccompanied_until": draw(near(moments)) if alone and draw(st.booleans()) else MISSING,
        "observed_from": draw(returns_begin(moments[0])),
    }
    truth = chances((True, True, False, MISSING))
    tables = {"episodes": rows, "outcomes": [], "missing": [], "adoption": [], "social_workers": [], "care_leavers": []}
    for returned_on in CENSUS_ENDS[:-1]:
        if draw(chances((True, True, False))):
            items = ("convicted", "immunisations", "teeth_check", "health_assessment", "substance_misuse")
            outcome = {item: draw(truth) for item in items}
            outcome["sdq_score"] = draw(chances((MISSING, 0, 13, 16, 17, 18, 40)))
            tables["outcomes"].append({"year": returned_on, **outcome})
        if draw(chances((True, True, False))):
            tables["care_leavers"].append(
                {
                    "year": returned_on,
                    "in_touch": draw(chances(("YES", "YES", "YES", "NO", "DIED", "RHOM", "REFU", MISSING))),
                    "activity": draw(chances(ACTIVITIES)),
                    "accommodation": draw(chances(ACCOMMODATION)),
                }
            )
    for _ in range(draw(chances((0, 1, 2)))):
        tables["missing"].append({**draw(spell(moments)), "missing_kind": draw(chances(("M", "M", "A", MISSING)))})
    for _ in range(draw(chances((0, 2, 4, 6)))):
        worker = draw(chances(("1", "2", "3", "4")))
        tables["social_workers"].append({**draw(spell(moments)), "social_worker_id": worker})
    adopted = any(row.get("reason_ceased") in ("E11", "E12") for row in rows)
    if adopted or draw(st.booleans()):
        decided = draw(near(moments))
        tables["adoption"].append(
            {
                "year": draw(chances(CENSUS_ENDS)),
                "decision_date": draw(chances((decided, decided, MISSING))),
                "match_date": draw(chances((decided + draw(days(0, 1, 120, -1)), decided, MISSING))),
            }
        )
    if tables["care_leavers"]:
        # Care leavers of an age that is asked about are rare among children: most of these get one.
        for row in tables["care_leavers"]:
            ages = (16, 17, 18, 19, 20, 21, 22)
            born = months_after(row["year"], -12 * draw(chances(ages))) + draw(days(0, 1, -1, 100))
            row["birth_date"] = draw(chances((born, born, born, who["birth_date"])))
    return {name: [who | row for row in rows_of] for name, rows_of in tables.items()}


TABLES = ("episodes", "outcomes", "missing", "adoption", "social_workers", "care_leavers")


@st.composite
def care_histories(draw):
    """The tables of up to two authorities that give their children the same ids; now and then empty."""
    la_codes = draw(chances(AUTHORITIES))
    tables = {name: [] for name in TABLES}
    for la_code in la_codes[: draw(chances((1, 2, 2, 2, 2, 0)))]:
        for child_id in CHILDREN[: draw(chances((1, 2, 3)))]:
            for name, rows in draw(children(la_code, child_id)).items():
                tables[name] += rows
    if draw(chances((True, True, False))):
        tables["postcodes"] = list(POSTCODES)
    return tables
