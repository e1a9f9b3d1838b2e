"""Section 47 enquiries and initial conferences, row by row."""

import datetime as dt

from tests.lib.oracles.common import first_of_each, is_between, is_observed, same_child, unit, working_days


def whose(row):
    return row["la_code"], row["child_id"]


def section_47_enquiries(tables, start, end, *, count_of="enquiries"):
    """Spec: "Section 47 enquiries that started in the period"."""
    rows = [row for row in tables["section_47_enquiries"] if is_between(row["start_date"], start, end)]
    first = first_of_each(rows, lambda _: True, whose, lambda row: (row["start_date"], row["enquiry_key"]))
    return [
        unit(
            row,
            "section_47_enquiries",
            "enquiry_key",
            row["start_date"],
            [("numerator", "first_of_the_child", count_of == "enquiries" or row in first)],
            rate=True,
            complete=is_observed(row, row["start_date"]),
        )
        for row in rows
    ]


def conference_records(tables):
    """Every record of a conference: inside an enquiry, or on an episode at a transfer in."""
    of_enquiries = [
        {**row, "table": "section_47_enquiries", "number": row["enquiry_key"], "began": row["start_date"]}
        for row in tables["section_47_enquiries"]
        if row["initial_conference_date"]
    ]
    of_episodes = [
        {**row, "table": "episodes", "number": row["episode_key"], "began": None}
        for row in tables["episodes"]
        if row["initial_conference_date"]
    ]
    return of_enquiries + of_episodes


def preference(record):
    """Which of several records stands: the enquiry that began last by that day, one that began later, the episode."""
    day, began = record["initial_conference_date"], record["began"]
    if began is None:
        return 2, 0, record["number"]
    return (0 if began <= day else 1), abs((day - began).days), record["number"]


def stands(record, records):
    """A child has one initial conference on a day."""
    same = [
        other
        for other in records
        if same_child(other, record) and other["initial_conference_date"] == record["initial_conference_date"]
    ]
    return record is min(same, key=preference)


def conference_unit(record, clauses, *, rate, **more):
    day = record["initial_conference_date"]
    return unit(record, record["table"], "number", day, clauses, rate=rate, complete=is_observed(record, day), **more)


def initial_conferences(tables, start, end, *, include_transfer_in=True, count_of="conferences"):
    """Spec: "Initial conferences held in the period, those at a transfer in included"."""
    records = conference_records(tables)
    held = [record for record in records if is_between(record["initial_conference_date"], start, end)]

    def counted(record):
        return stands(record, records) and (include_transfer_in or record["began"] is not None)

    units = []
    for record in held:
        earlier = [
            other
            for other in held
            if same_child(other, record)
            and counted(other)
            and other["initial_conference_date"] < record["initial_conference_date"]
        ]
        clauses = [
            ("numerator", "stands_for_conference", stands(record, records)),
            ("numerator", "transfer_in_counted", include_transfer_in or record["began"] is not None),
            ("numerator", "first_of_the_child", count_of == "conferences" or not earlier),
        ]
        units.append(conference_unit(record, clauses, rate=True))
    return units


def conferences_within_15_days(tables, start, end, *, transfer_in="exclude", **parameters):
    """Spec: "Initial conferences held no more than 15 working days after their enquiry started"."""
    allowed = parameters.get("working_days", 15)
    records = conference_records(tables)
    units = []
    for record in records:
        day, began = record["initial_conference_date"], record["began"]
        if not is_between(day, start, end):
            continue
        clauses = [
            ("denominator", "stands_for_conference", stands(record, records)),
            ("denominator", "transfer_in_considered", began is not None or transfer_in == "include_as_late"),
            ("denominator", "not_before_enquiry", began is None or began <= day),
            ("numerator", "within_working_days", began is not None and working_days(began, day) <= allowed),
        ]
        units.append(conference_unit(record, clauses, rate=False))
    return units


def credits_by_own_record(tables):
    """{enquiry: day}: the conference that its own record holds, if that record stands for the conference."""
    records = conference_records(tables)
    return {
        record["number"]: record["initial_conference_date"]
        for record in records
        if record["began"] is not None and stands(record, records)
    }


def credits_by_latest_preceding(tables, include_transfer_in):
    """Conferences in order of date: each to the latest enquiry that began by its day and has none yet."""
    records = conference_records(tables)
    conferences = [
        record for record in records if stands(record, records) and (include_transfer_in or record["began"] is not None)
    ]
    credited = {}
    for conference in sorted(conferences, key=lambda record: record["initial_conference_date"]):
        open_enquiries = [
            enquiry
            for enquiry in tables["section_47_enquiries"]
            if same_child(enquiry, conference)
            and enquiry["start_date"] <= conference["initial_conference_date"]
            and enquiry["enquiry_key"] not in credited
        ]
        if open_enquiries:
            latest = max(open_enquiries, key=lambda enquiry: (enquiry["start_date"], enquiry["enquiry_key"]))
            credited[latest["enquiry_key"]] = conference["initial_conference_date"]
    return credited


def section_47_to_conference(
    tables,
    start,
    end,
    *,
    method="ratio",
    follow_up_days=60,
    credit="own_record",
    include_transfer_in=True,
    conference_not_required="include",
):
    """Spec: conferences of the period over its enquiries, or the enquiries of the period credited with one in time."""
    enquiries = [row for row in tables["section_47_enquiries"] if is_between(row["start_date"], start, end)]
    cohort = method == "cohort"
    credited = {}
    if cohort:
        credited = (
            credits_by_own_record(tables)
            if credit == "own_record"
            else credits_by_latest_preceding(tables, include_transfer_in)
        )
    units = []
    for row in enquiries:
        required = conference_not_required == "include" or row["conference_not_required"] is not True
        last_day = row["start_date"] + dt.timedelta(days=follow_up_days)
        followed = row["observed_to"] is not None and last_day <= row["observed_to"]
        day = credited.get(row["enquiry_key"])
        clauses = [
            ("denominator", "conference_required", required),
            ("denominator", "stands_for_conference", True),
            ("denominator", "transfer_in_counted", True),
            ("denominator", "followed_up", not cohort or followed),
            ("numerator", "conference", cohort and day is not None),
            ("numerator", "not_before_enquiry", not cohort or day >= row["start_date"] if day else False),
            ("numerator", "within_follow_up", not cohort or day <= last_day if day else False),
        ]
        judged = unit(
            row,
            "section_47_enquiries",
            "enquiry_key",
            row["start_date"],
            clauses,
            rate=False,
            complete=is_observed(row, row["start_date"]) and (followed or not cohort),
        )
        if cohort:
            judged["awaiting"] = required and not followed
            judged["listed"] = required
        units.append(judged)
    if not cohort:
        records = conference_records(tables)
        for record in records:
            if is_between(record["initial_conference_date"], start, end):
                clauses = [
                    ("denominator", "stands_for_conference", stands(record, records)),
                    ("denominator", "transfer_in_counted", include_transfer_in or record["began"] is not None),
                ]
                units.append(conference_unit(record, clauses, rate=False) | {"denominator": 0})
    return units


ORACLES = {
    "section_47_enquiries": section_47_enquiries,
    "section_47_to_conference": section_47_to_conference,
    "initial_conferences": initial_conferences,
    "conferences_within_15_days": conferences_within_15_days,
}
