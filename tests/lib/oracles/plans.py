"""Child protection plans, row by row."""

from tests.lib.oracles.common import (
    first_of_each,
    is_between,
    is_observed,
    is_open_at,
    is_open_during,
    months_after,
    same_child,
    unit,
)


def whose(row):
    return row["la_code"], row["child_id"]


def in_order(row):
    return row["start_date"], row["plan_key"]


def open_in(tables, start, end):
    return [
        row for row in tables["child_protection_plans"] if is_open_during(row, start, end, "start_date", "end_date")
    ]


def is_open(row, end):
    return is_open_at(row, end, "start_date", "end_date")


def plan_unit(row, date, clauses, *, rate, complete, **more):
    return unit(row, "child_protection_plans", "plan_key", date, clauses, rate=rate, complete=complete, **more)


def child_protection_plans(tables, start, end, *, count_of="children"):
    """Spec: "Children with a child protection plan open at the end of the period"."""
    rows = open_in(tables, start, end)
    first = first_of_each(rows, lambda row: is_open(row, end), whose, in_order)
    return [
        plan_unit(
            row,
            end,
            [
                ("numerator", "open_at_period_end", is_open(row, end)),
                ("numerator", "first_of_the_child", count_of == "plans" or row in first),
            ],
            rate=True,
            complete=True,
        )
        for row in rows
    ]


def started(tables, start, end):
    return [row for row in tables["child_protection_plans"] if is_between(row["start_date"], start, end)]


def child_protection_plan_starts(tables, start, end, *, count_of="plans"):
    """Spec: "Child protection plans that started in the period"."""
    rows = started(tables, start, end)
    first = first_of_each(rows, lambda _: True, whose, in_order)
    return [
        plan_unit(
            row,
            row["start_date"],
            [("numerator", "first_of_the_child", count_of == "plans" or row in first)],
            rate=True,
            complete=is_observed(row, row["start_date"]),
        )
        for row in rows
    ]


def latest_previous_end(tables, row):
    """The latest end of a plan of the child that began on an earlier day and had ended by the start of this one."""
    ends = [
        other["end_date"]
        for other in tables["child_protection_plans"]
        if same_child(other, row)
        and other["start_date"] < row["start_date"]
        and other["end_date"] is not None
        and other["start_date"] <= other["end_date"] <= row["start_date"]
    ]
    return max(ends, default=None)


def repeat_child_protection_plans(tables, start, end, *, previous_plan_basis="reported", look_back_months=None):
    """Spec: "Plans that started in the period of children who had been on one before"."""
    units = []
    for row in started(tables, start, end):
        previous_end = latest_previous_end(tables, row)
        reported = (row["number_of_previous_plans"] or 0) >= 1
        seen = is_observed(row, row["start_date"])
        if look_back_months is not None:
            first_day = months_after(row["start_date"], -look_back_months)
            previous, within = previous_end is not None, previous_end is not None and previous_end >= first_day
            complete = seen and row["observed_from"] <= first_day
        else:
            basis = {"reported": reported, "observed": previous_end is not None}
            basis["either"] = reported or basis["observed"]
            previous, within = basis[previous_plan_basis], True
            complete = seen
            if previous_plan_basis == "observed":
                complete = seen and row["birth_date"] is not None and row["observed_from"] <= row["birth_date"]
        clauses = [("numerator", "previous_plan", previous), ("numerator", "within_look_back", within)]
        units.append(plan_unit(row, row["start_date"], clauses, rate=False, complete=complete))
    return units


def plans_open_two_years(tables, start, end, *, plans_considered="open", minimum_days=730):
    """Spec: "Plans open at the end of the period that have lasted 730 days or more"."""
    units = []
    for row in open_in(tables, start, end):
        last_day = min(row["end_date"] or end, end)
        considered = is_open(row, end) if plans_considered == "open" else is_between(row["end_date"], start, end)
        days = (last_day - row["start_date"]).days + 1
        clauses = [
            ("denominator", "plan_considered", considered),
            ("numerator", "lasted_long_enough", days >= minimum_days),
        ]
        units.append(plan_unit(row, last_day, clauses, rate=False, complete=True))
    return units


def plan_reviews_in_time(tables, start, end, *, first_review_months=3, later_review_months=6):
    """Spec: first review within three months of the start, every later one within six months of the one before."""
    units = []
    for row in open_in(tables, start, end):
        first_due = months_after(row["start_date"], first_review_months)
        held = sorted(
            {
                review["review_date"]
                for review in tables["reviews"]
                if review["plan_key"] == row["plan_key"] and row["start_date"] <= review["review_date"] <= end
            }
        )
        followed_by = [*held[1:], end]
        clauses = [
            ("denominator", "open_at_period_end", is_open(row, end)),
            ("denominator", "open_long_enough", first_due <= end),
            ("numerator", "reviewed", bool(held)),
            ("numerator", "first_review_in_time", bool(held) and held[0] <= first_due),
            (
                "numerator",
                "later_reviews_in_time",
                bool(held)
                and all(
                    following <= months_after(day, later_review_months)
                    for day, following in zip(held, followed_by, strict=True)
                ),
            ),
        ]
        units.append(plan_unit(row, end, clauses, rate=False, complete=is_observed(row, row["start_date"])))
    return units


ORACLES = {
    "child_protection_plans": child_protection_plans,
    "child_protection_plan_starts": child_protection_plan_starts,
    "repeat_child_protection_plans": repeat_child_protection_plans,
    "plans_open_two_years": plans_open_two_years,
    "plan_reviews_in_time": plan_reviews_in_time,
}
