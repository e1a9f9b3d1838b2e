"""Health, conduct, times missing, social workers and adoption of children looked after, row by row.

`specs/indicators/convictions.toml`, `dental_checks`, `health_assessments`, `immunisations`, `substance_misuse`,
`sdq_*`, `missing_from_care`, `social_worker_changes`, `adoption_match_time`.
"""

from tests.lib.oracles.care_common import (
    EPISODES,
    ended,
    episode_unit,
    first_day_of_months,
    in_order,
    is_aged,
    is_short_break,
    is_under_18,
    latest_of_each,
    passing,
    places,
    stock_clauses,
    uasc_counted,
)
from tests.lib.oracles.common import ONE_DAY, is_open_during, same_child

ADOPTED = ("E11", "E12")
OLDEST = 200
TWELVE_MONTHS = "looked_after_twelve_months"


def last_of(rows, key):
    """The row returned last, or nothing."""
    return max(rows, key=lambda row: (row["known_to"], row[key]), default=None)


def outcome_of(tables, row, end):
    """What was returned of the child for the year that ends with the period."""
    found = [other for other in tables["ssda903.outcomes"] if same_child(other, row) and other["known_to"] == end]
    return last_of(found, "outcome_key") or {}


def twelve_months(tables, end, uasc, *, start_on_first_day):
    """Children looked after at the end, with whether they were for twelve months and whether that is known."""
    place_of, from_day = places(tables[EPISODES]), first_day_of_months(end, 12)
    for row, shared in stock_clauses(tables, end, uasc, "denominator"):
        place = place_of[row["episode_key"]]
        throughout = place.care_start < from_day or (start_on_first_day and place.care_start == from_day)
        clauses = [*shared, ("denominator", "looked_after_twelve_months", throughout)]
        yield row, clauses, throughout or place.care_start_is_known


def item_of_year(item, *, aged=False):
    """An indicator on something that is recorded once a year: `item` is true, of children in care twelve months."""

    def oracle(tables, _start, end, *, from_age=10, start_on_first_day=True, not_recorded="keep", uasc="include"):
        units = []
        for row, shared, complete in twelve_months(tables, end, uasc, start_on_first_day=start_on_first_day):
            value = outcome_of(tables, row, end).get(item)
            of_age = [("denominator", "of_age", is_aged(row, end, from_age, OLDEST))] if aged else []
            clauses = [
                *shared,
                *of_age,
                ("denominator", "item_recorded", not_recorded == "keep" or value is not None),
                ("numerator", "item_true", value is True),
            ]
            units.append(episode_unit(row, end, clauses, complete=complete, reaching_back=TWELVE_MONTHS))
        return units

    return oracle


def scored(tables, end, from_age, to_age, uasc, *, start_on_first_day):
    """Children of the ages in care for twelve months, each with its score of the year or nothing."""
    for row, shared, complete in twelve_months(tables, end, uasc, start_on_first_day=start_on_first_day):
        clauses = [*shared, ("denominator", "of_age", is_aged(row, end, from_age, to_age))]
        yield row, clauses, complete, outcome_of(tables, row, end).get("sdq_score")


def sdq_completed(tables, _start, end, *, from_age=5, to_age=16, start_on_first_day=True, uasc="include"):
    """Spec: "A score was received for the year"."""
    return [
        episode_unit(
            row,
            end,
            [*clauses, ("numerator", "scored", score is not None)],
            complete=complete,
            reaching_back=TWELVE_MONTHS,
        )
        for row, clauses, complete, score in scored(
            tables, end, from_age, to_age, uasc, start_on_first_day=start_on_first_day
        )
    ]


def sdq_cause_for_concern(
    tables, _start, end, *, concern_score=17, from_age=5, to_age=16, start_on_first_day=True, uasc="include"
):
    """Spec: "The score is `concern_score` or more"."""
    units = []
    for row, shared, complete, score in scored(
        tables, end, from_age, to_age, uasc, start_on_first_day=start_on_first_day
    ):
        clauses = [
            *shared,
            ("denominator", "scored", score is not None),
            ("numerator", "concern", score is not None and score >= concern_score),
        ]
        units.append(episode_unit(row, end, clauses, complete=complete, reaching_back=TWELVE_MONTHS))
    return units


def sdq_score(tables, _start, end, *, from_age=5, to_age=16, start_on_first_day=True, uasc="include"):
    """Spec: "Scores of those children"."""
    units = []
    for row, shared, complete, score in scored(
        tables, end, from_age, to_age, uasc, start_on_first_day=start_on_first_day
    ):
        made = episode_unit(
            row,
            end,
            [*shared, ("denominator", "scored", score is not None)],
            complete=complete,
            reaching_back=TWELVE_MONTHS,
        )
        units.append(with_value(made, score))
    return units


def with_value(made, value):
    """The unit of a mean: what is counted is its value."""
    return made | {"numerator": value if made["numerator"] else 0}


def missing_from_care(tables, start, end, *, include_away=False, uasc="include"):
    """Spec: "Children looked after on any day of the period", and who of them were missing on one."""
    rows = [row for row in tables[EPISODES] if is_open_during(row, start, end, "start_date", "end_date")]
    kinds = ("M", "A") if include_away else ("M",)

    def last_day(row):
        return min(row["known_to"] if row["end_date"] is None else row["end_date"] - ONE_DAY, end)

    def own(row):
        return [
            ("denominator", "looked_after", not is_short_break(row)),
            ("denominator", "covers_a_day", last_day(row) >= max(start, row["start_date"])),
            ("denominator", "under_18", is_under_18(row, last_day(row))),
            ("denominator", "uasc_counted", uasc_counted(row, last_day(row), uasc)),
        ]

    def went_missing(row):
        return any(
            same_child(time, row)
            and time["missing_kind"] in kinds
            and max(time["start_date"], start) <= min(time["end_date"] or time["known_to"], end)
            for time in tables["ssda903.missing"]
        )

    standing = latest_of_each(passing(rows, own), in_order)
    return [
        episode_unit(
            row,
            last_day(row),
            [
                *own(row),
                ("denominator", "stands_for_the_child", row["episode_key"] in standing),
                ("numerator", "went_missing", went_missing(row)),
            ],
        )
        for row in rows
    ]


def was_responsible(worker, start, end):
    """Responsible on a day of the period: up to, and not on, the day of the end."""
    last = worker["known_to"] if worker["end_date"] is None else worker["end_date"] - ONE_DAY
    return max(worker["start_date"], start) <= min(last, end)


def social_worker_changes(tables, start, end, *, threshold=3, none_recorded="drop", uasc="include"):
    """Spec: "At least `threshold` different social workers were responsible for the child on days of the period"."""
    units = []
    for row, shared in stock_clauses(tables, end, uasc, "denominator"):
        workers = {
            worker["social_worker_id"]
            for worker in tables["ssda903.social_workers"]
            if same_child(worker, row) and was_responsible(worker, start, end)
        }
        clauses = [
            *shared,
            ("denominator", "worker_recorded", none_recorded == "keep" or bool(workers)),
            ("numerator", "changed_often", len(workers) >= threshold),
        ]
        units.append(episode_unit(row, end, clauses))
    return units


def adoption_match_time(tables, start, end, *, uasc="include"):
    """Spec: "Days from the decision that the child should be placed for adoption to the match with adopters"."""
    units = []
    for row in ended(tables, start, end):
        found = [other for other in tables["ssda903.adoption"] if same_child(other, row)]
        decided, matched = (
            (last_of([other for other in found if other[date] is not None], "adoption_key") or {}).get(date)
            for date in ("decision_date", "match_date")
        )
        known = decided is not None and matched is not None and matched >= decided
        clauses = [
            ("denominator", "looked_after", not is_short_break(row)),
            ("denominator", "adopted", row["reason_ceased"] in ADOPTED),
            ("denominator", "uasc_counted", uasc_counted(row, row["end_date"], uasc)),
            ("denominator", "time_known", known),
        ]
        days = (matched - decided).days if known else 0
        units.append(with_value(episode_unit(row, row["end_date"], clauses), days))
    return units


ORACLES = {
    "convictions": item_of_year("convicted", aged=True),
    "dental_checks": item_of_year("teeth_check"),
    "health_assessments": item_of_year("health_assessment"),
    "immunisations": item_of_year("immunisations"),
    "substance_misuse": item_of_year("substance_misuse"),
    "sdq_completed": sdq_completed,
    "sdq_cause_for_concern": sdq_cause_for_concern,
    "sdq_score": sdq_score,
    "missing_from_care": missing_from_care,
    "social_worker_changes": social_worker_changes,
    "adoption_match_time": adoption_match_time,
}
