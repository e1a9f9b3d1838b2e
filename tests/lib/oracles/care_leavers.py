"""Care leavers: `specs/indicators/care_leavers_*.toml`, row by row.

A row is of the return of one year; the day of it is the 31 March of that return.
"""

from functools import partial

from tests.lib.oracles.care_common import is_aged
from tests.lib.oracles.common import is_between, unit

CARE_LEAVERS = "ssda903.care_leavers"
LEFT_OUT_CONTACT = ("DIED", "RHOM")
LEFT_OUT_RESIDENCE = ("G1", "G2", "H1", "H2", "R1", "R2")
NOT_KNOWN = (None, "0")
ACTIVE = ("F1", "P1", "F2", "P2", "F3", "P3", "F4", "P4", "F5", "P5")
SUITABLE, UNSUITABLE = "1", "2"


def care_leavers(tables, start, end, from_age, to_age, excluded_contact, uasc):
    """The rows of the period with the clauses that all these indicators share."""
    for row in tables[CARE_LEAVERS]:
        day = row["known_to"]
        if is_between(day, start, end):
            yield (
                row,
                [
                    ("denominator", "of_age", is_aged(row, day, from_age, to_age)),
                    ("denominator", "contact_counted", row["in_touch"] not in (excluded_contact or ())),
                    ("denominator", "uasc_counted", uasc == "include" or row["unaccompanied"] is (uasc == "only")),
                ],
            )


def leaver_unit(row, clauses):
    return unit(row, CARE_LEAVERS, "care_leaver_key", row["known_to"], clauses, rate=False, complete=True)


def in_touch(tables, start, end, *, from_age=17, to_age=21, excluded_contact=LEFT_OUT_CONTACT, uasc="include"):
    """Spec: "The authority was in touch around the birthday (YES)"."""
    return [
        leaver_unit(row, [*clauses, ("numerator", "in_contact", row["in_touch"] == "YES")])
        for row, clauses in care_leavers(tables, start, end, from_age, to_age, excluded_contact, uasc)
    ]


def by_activity(name, usual):
    """An indicator whose last clause is that the activity around the birthday is one of `activities`."""

    def oracle(
        tables,
        start,
        end,
        *,
        activities=usual,
        from_age=17,
        to_age=21,
        excluded_contact=LEFT_OUT_CONTACT,
        not_known="keep",
        uasc="include",
    ):
        return [
            leaver_unit(
                row,
                [
                    *clauses,
                    ("denominator", "activity_known", not_known == "keep" or row["activity"] not in NOT_KNOWN),
                    ("numerator", name, row["activity"] in activities),
                ],
            )
            for row, clauses in care_leavers(tables, start, end, from_age, to_age, excluded_contact, uasc)
        ]

    return oracle


def by_accommodation(
    name,
    ending,
    tables,
    start,
    end,
    *,
    from_age=17,
    to_age=21,
    excluded_contact=LEFT_OUT_CONTACT,
    excluded_accommodation=LEFT_OUT_RESIDENCE,
    not_known="keep",
    uasc="include",
):
    """Spec: "Suitable in the view of the authority: the code ends in 1", unsuitable in 2."""
    units = []
    for row, shared in care_leavers(tables, start, end, from_age, to_age, excluded_contact, uasc):
        place = row["accommodation"]
        clauses = [
            *shared,
            ("denominator", "residence_counted", place not in (excluded_accommodation or ())),
            ("denominator", "accommodation_known", not_known == "keep" or place not in NOT_KNOWN),
            ("numerator", name, place is not None and place.endswith(ending)),
        ]
        units.append(leaver_unit(row, clauses))
    return units


ORACLES = {
    "care_leavers_in_touch": in_touch,
    "care_leavers_eet": by_activity("in_education_employment_or_training", ACTIVE),
    "care_leavers_apprenticeships": by_activity("in_apprenticeship", ("F4", "P4")),
    "care_leavers_higher_education": by_activity("in_higher_education", ("F1", "P1")),
    "care_leavers_suitable_accommodation": partial(by_accommodation, "in_suitable_accommodation", SUITABLE),
    "care_leavers_unsuitable_accommodation": partial(by_accommodation, "in_unsuitable_accommodation", UNSUITABLE),
}
