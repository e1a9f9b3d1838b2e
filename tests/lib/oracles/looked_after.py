"""Children looked after: how many, where they live and how settled they are, row by row.

`specs/indicators/children_in_care.toml`, `care_starts`, `care_ceases`, `care_proceedings_home`, `family_network_*`,
`foster_care`, `residential_care`, `supported_accommodation`, `placement_*`, `long_term_stability`.
"""

from math import sqrt

from tests.lib.oracles.care_common import (
    EPISODES,
    WITH_OWN_CARER,
    Place,
    age_at,
    ended,
    episode_unit,
    first_day,
    first_day_of_months,
    in_order,
    is_lived_in,
    is_short_break,
    latest_of_each,
    passing,
    placements,
    places,
    possible_histories,
    stock_clauses,
    uasc_counted,
    whose,
)
from tests.lib.oracles.common import first_of_each, is_between

FOSTERED = ("U1", "U2", "U3", "U4", "U5", "U6")
WITH_RELATIVES = ("U1", "U2", "U3")
FOR_ADOPTION = ("A3", "A4", "A5", "A6")
WENT_HOME = ("E4A", "E4B")
NETWORK = {
    "U1": "connected_foster_long_term",
    "U2": "connected_foster_adopter",
    "U3": "connected_foster_other",
    "P1": "with_parents",
}
ADOPTED_BY_CARER = "adoption_by_connected_carer"
SETTINGS = (*NETWORK.values(), ADOPTED_BY_CARER)
ROUTES = {
    "special_guardianship": ("E43", "E44", "E45", "E46", "E47", "E48"),
    "child_arrangements": ("E41",),
    "home": WENT_HOME,
    "relatives": ("E13",),
}
METRES_IN_KILOMETRE = 1000
KILOMETRES_IN_MILE = 1.6093
NO_DISTANCE = 999.9


def children_in_care(tables, _start, end, *, uasc="include"):
    """Spec: "Children looked after at the end of the period, short breaks apart"."""
    return [
        episode_unit(row, end, clauses, rate=True) for row, clauses in stock_clauses(tables, end, uasc, "numerator")
    ]


def care_starts(tables, start, end, *, starts_counted="first", uasc="include"):
    """Spec: "Children who started to be looked after in the period, each once, short breaks apart"."""
    rows = [row for row in tables[EPISODES] if is_between(row["start_date"], start, end)]
    place_of = places(tables[EPISODES])

    def clauses_of(row):
        place = place_of[row["episode_key"]]
        return [
            ("numerator", "looked_after", not is_short_break(row)),
            ("numerator", "starts_care", place.begins_care and place.care_start_is_known),
            ("numerator", "uasc_counted", uasc_counted(row, row["start_date"], uasc)),
        ]

    first = first_of_each(rows, lambda row: all(holds for _, _, holds in clauses_of(row)), whose, in_order)
    return [
        episode_unit(
            row,
            row["start_date"],
            [*clauses_of(row), ("numerator", "first_of_the_child", starts_counted == "every" or row in first)],
            rate=True,
        )
        for row in rows
    ]


def ends_care(place):
    """For another reason than that a further one begins; without a reason, when none begins on that day."""
    reason = place.row["reason_ceased"]
    return place.next_on_the_day_of_the_end() is None if reason is None else reason != "X1"


def ceases(tables, start, end, ceases_counted, uasc, side):
    """The episodes that ended in the period, with the clauses of ceasing to be looked after."""
    rows, place_of = ended(tables, start, end), places(tables[EPISODES])

    def own(row):
        return [
            (side, "looked_after", not is_short_break(row)),
            (side, "ends_care", ends_care(place_of[row["episode_key"]])),
            (side, "uasc_counted", uasc_counted(row, row["end_date"], uasc)),
        ]

    last = latest_of_each(passing(rows, own), lambda row: (row["end_date"], *in_order(row)))
    return [
        (row, [*own(row), (side, "last_of_the_child", ceases_counted == "every" or row["episode_key"] in last)])
        for row in rows
    ]


def care_ceases(tables, start, end, *, ceases_counted="last", uasc="include"):
    """Spec: "Children who ceased to be looked after in the period, each once, short breaks apart"."""
    return [
        episode_unit(row, row["end_date"], clauses, rate=True)
        for row, clauses in ceases(tables, start, end, ceases_counted, uasc, "numerator")
    ]


def family_network_leavers(tables, start, end, *, routes=tuple(ROUTES), ceases_counted="last", uasc="include"):
    """Spec: "Care ended by one of the `routes`", of the children who ceased to be looked after in the period."""
    reasons = [reason for route in routes for reason in ROUTES[route]]
    return [
        episode_unit(row, row["end_date"], [*clauses, ("numerator", "to_the_network", row["reason_ceased"] in reasons)])
        for row, clauses in ceases(tables, start, end, ceases_counted, uasc, "denominator")
    ]


def lives_in(row, place_of):
    return place_of[row["episode_key"]].lasting()["placement"]


def care_proceedings_home(tables, start, end, *, orders=("C1", "C2"), uasc="include"):
    """Spec: "Care orders of children looked after that ended in the period, not followed by another"."""
    place_of = places(tables[EPISODES])
    units = []
    for row in ended(tables, start, end):
        following = place_of[row["episode_key"]].next_on_the_day_of_the_end()
        with_parents = following is not None and lives_in(following, place_of) == "P1"
        clauses = [
            ("denominator", "looked_after", not is_short_break(row)),
            ("denominator", "under_order", row["legal_status"] in orders),
            ("denominator", "order_ended", following is None or following["legal_status"] not in orders),
            ("denominator", "uasc_counted", uasc_counted(row, row["end_date"], uasc)),
            ("numerator", "with_parents", row["reason_ceased"] in WENT_HOME or with_parents),
        ]
        units.append(episode_unit(row, row["end_date"], clauses))
    return units


def living_in(tables, end, uasc, name, codes):
    """Children looked after whose placement, or the one they are away from, is one of the codes."""
    place_of = places(tables[EPISODES])
    return [
        episode_unit(row, end, [*clauses, ("numerator", name, lives_in(row, place_of) in codes)])
        for row, clauses in stock_clauses(tables, end, uasc, "denominator")
    ]


def foster_care(tables, _start, end, *, foster_codes=FOSTERED, uasc="include"):
    """Spec: "The child's placement, or the one it is away from, is foster care"."""
    return living_in(tables, end, uasc, "fostered", foster_codes)


def residential_care(tables, _start, end, *, residential_codes=("K1", "K2"), uasc="include"):
    """Spec: "The child's placement, or the one it is away from, is residential care"."""
    return living_in(tables, end, uasc, "in_residential_care", residential_codes)


def supported_accommodation(tables, _start, end, *, supported_codes=("K3", "H5", "P2"), uasc="include"):
    """Spec: "The child's placement, or the one it is away from, is of this kind"."""
    return living_in(tables, end, uasc, "in_supported_accommodation", supported_codes)


def setting_of(place):
    """The setting of the family network in which the child lives, or nothing."""
    lasting = place.lasting()["placement"]
    if lasting not in WITH_OWN_CARER:
        return NETWORK.get(lasting)
    for index in range(place.index - 1, place.first - 1, -1):
        before = Place(place.history, index, place.first).lasting()["placement"]
        if before not in WITH_OWN_CARER:
            return ADOPTED_BY_CARER if before in WITH_RELATIVES else None
    return None


def family_network_care(
    tables,
    _start,
    end,
    *,
    include=SETTINGS,
    section_20="include",
    share_of="all",
    uasc="include",
):
    """Spec: "U1, U2, U3, P1, or A3 or A5 when it was U1, U2 or U3 before"."""
    place_of = places(tables[EPISODES])
    units = []
    for row, shared in stock_clauses(tables, end, uasc, "denominator"):
        under_section_20 = row["legal_status"] == "V2"
        legal = {"include": True, "exclude": not under_section_20, "only": under_section_20}[section_20]
        clauses = [
            *shared,
            ("denominator", "in_the_share", share_of == "all" or lives_in(row, place_of) in FOSTERED),
            ("numerator", "in_the_network", setting_of(place_of[row["episode_key"]]) in include),
            ("numerator", "legal_status_counted", legal),
        ]
        units.append(episode_unit(row, end, clauses))
    return units


def miles_between(tables, home, placement):
    """The distance of two postcodes to one decimal of a mile, when both are known."""
    known = {row["postcode"]: row for row in tables.get("postcodes") or ()}
    if home not in known or placement not in known:
        return None
    east = known[home]["easting"] - known[placement]["easting"]
    north = known[home]["northing"] - known[placement]["northing"]
    return round(sqrt(east**2 + north**2) / METRES_IN_KILOMETRE / KILOMETRES_IN_MILE, 1)


def distance_of(tables, row):
    """That of the return where it says one, otherwise that between the postcodes."""
    returned = row["placement_distance"]
    if returned is not None and returned != NO_DISTANCE:
        return returned
    return miles_between(tables, row["home_postcode"], row["placement_postcode"])


def placement_distance(tables, _start, end, *, threshold_miles=20, boundary="any", unknown="keep", uasc="include"):
    """Spec: "Of those, children placed more than 20 miles from home"."""
    place_of = places(tables[EPISODES])
    units = []
    for row, shared in stock_clauses(tables, end, uasc, "denominator"):
        lasting = place_of[row["episode_key"]].lasting()
        distance = distance_of(tables, lasting)
        clauses = [
            *shared,
            ("denominator", "distance_known", unknown == "keep" or distance is not None),
            ("numerator", "far", distance is not None and distance > threshold_miles),
            ("numerator", "boundary_counted", boundary == "any" or lasting["placement_location"] == "OUT"),
        ]
        units.append(episode_unit(row, end, clauses))
    return units


def placement_instability(
    tables,
    start,
    end,
    *,
    threshold=3,
    count_same_carer_moves=False,
    temporary_placements="collapse",
    continuous_months=None,
    uasc="include",
):
    """Spec: "The child lived in at least `threshold` placements on days of the period (or of the months given)".

    Complete where no placement before the returns, whichever it was, would make it another answer.
    """
    place_of, collapse = places(tables[EPISODES]), temporary_placements == "collapse"
    from_day = start if continuous_months is None else first_day_of_months(end, continuous_months)

    def number_lived_in(history):
        runs = placements(Place(history, 0, 0), same_carer_moves=count_same_carer_moves, collapse=collapse)
        return sum(is_lived_in(run, from_day, end, collapse=collapse) for run in runs)

    units = []
    for row, shared in stock_clauses(tables, end, uasc, "denominator"):
        place = place_of[row["episode_key"]]
        throughout = continuous_months is None or place.care_start <= from_day
        lived_in = number_lived_in(place.history)
        could_be = {number_lived_in(history) >= threshold for history in possible_histories(place.history, from_day)}
        clauses = [
            *shared,
            ("denominator", "looked_after_throughout", throughout),
            ("numerator", "moved_often", lived_in >= threshold),
        ]
        units.append(
            episode_unit(
                row,
                end,
                clauses,
                complete=len(could_be) == 1 if throughout else place.care_start_is_known,
                reaching_back=None if continuous_months is None else "looked_after_throughout",
            )
        )
    return units


def settled_since(place, *, same_carer_moves):
    """The day since which the child has lived there; of one that began as placed for adoption, there and before."""
    runs = placements(place, same_carer_moves=same_carer_moves)
    if not runs:
        return None
    number = next(number for number, run in enumerate(runs) if place.index in [each.index for each in run])
    follows = number > 0 and runs[number - 1][0].first == place.first
    if runs[number][0].row["placement"] in FOR_ADOPTION and follows:
        number -= 1
    return first_day(runs[number])


def long_term_stability(
    tables,
    _start,
    end,
    *,
    stability_basis="same_carer",
    under_age=16,
    care_months=30,
    placement_months=24,
    uasc="include",
):
    """Spec: "Children who have lived with the same carer for two years", of those throughout in care."""
    place_of = places(tables[EPISODES])
    units = []
    for row, shared in stock_clauses(tables, end, uasc, "denominator"):
        place = place_of[row["episode_key"]]
        throughout = place.care_start <= first_day_of_months(end, care_months)
        since = settled_since(place, same_carer_moves=stability_basis == "same_placement")
        clauses = [
            *shared,
            ("denominator", "under_age", row["birth_date"] is not None and age_at(row, end) < under_age),
            ("denominator", "looked_after_throughout", throughout),
            ("numerator", "settled", since is not None and since <= first_day_of_months(end, placement_months)),
        ]
        units.append(
            episode_unit(
                row,
                end,
                clauses,
                complete=throughout or place.care_start_is_known,
                reaching_back="looked_after_throughout",
            )
        )
    return units


ORACLES = {
    "children_in_care": children_in_care,
    "care_starts": care_starts,
    "care_ceases": care_ceases,
    "family_network_leavers": family_network_leavers,
    "care_proceedings_home": care_proceedings_home,
    "foster_care": foster_care,
    "residential_care": residential_care,
    "supported_accommodation": supported_accommodation,
    "family_network_care": family_network_care,
    "placement_distance": placement_distance,
    "placement_instability": placement_instability,
    "long_term_stability": long_term_stability,
}
