"""Assessments: `specs/indicators/assessment*.toml` and `privately_fostered.toml`, row by row."""

from tests.lib.oracles.common import first_of_each, is_between, is_observed, same_child, unit, working_days


def authorised(rows, start, end):
    return [row for row in rows if is_between(row["authorisation_date"], start, end)]


def whose(row):
    return row["la_code"], row["child_id"]


def assessments_completed(tables, start, end, *, count_of="assessments"):
    """Spec: "Continuous assessments authorised in the period"."""
    rows = authorised(tables["assessments"], start, end)
    first = first_of_each(rows, lambda _: True, whose, lambda row: (row["authorisation_date"], row["assessment_key"]))
    return [
        unit(
            row,
            "assessments",
            "assessment_key",
            row["authorisation_date"],
            [("numerator", "first_of_the_child", count_of != "children" or row in first)],
            rate=True,
            complete=is_observed(row, row["authorisation_date"]),
        )
        for row in rows
    ]


def assessments_within_45_days(tables, start, end, *, working_days_allowed=45, clock_starts="assessment_start"):
    """Spec: "Assessments authorised in the period no more than 45 working days after they started"."""
    units = []
    for row in authorised(tables["assessments"], start, end):
        clock = row["start_date"] if clock_starts == "assessment_start" else row["referral_date"]
        ended = row["authorisation_date"]
        units.append(
            unit(
                row,
                "assessments",
                "assessment_key",
                ended,
                [
                    ("numerator", "clock_started_before", clock is not None and clock <= ended),
                    (
                        "numerator",
                        "within_working_days",
                        clock is not None and working_days(clock, ended) <= working_days_allowed,
                    ),
                ],
                rate=False,
                complete=is_observed(row, ended),
            )
        )
    return units


def within_45(tables, start, end, **parameters):
    allowed = parameters.pop("working_days", 45)
    return assessments_within_45_days(tables, start, end, working_days_allowed=allowed, **parameters)


def is_latest(tables, row, start, end):
    """The episode's latest assessment authorised in the period, of two on one day the one returned last."""
    own = [
        other for other in authorised(tables["assessments"], start, end) if other["episode_key"] == row["episode_key"]
    ]
    latest = max(own, key=lambda other: (other["authorisation_date"], other["assessment_key"]))
    return latest["assessment_key"] == row["assessment_key"]


def in_time(row):
    return row["authorisation_date"], row["assessment_key"], FACTOR_ORDER[row["factor"]]


FACTORS = """
    1A 1B 1C 2A 2B 2C 3A 3B 3C 4A 4B 4C 5A 5B 5C 6A 6B 6C 7A 8B 8C 8D 8E 8F 9A 10A 11A 12A 13A 14A 15A 16A 17A
    18A 18B 18C 19A 19B 19C 20 21 22A 23A 24A
"""
FACTOR_ORDER = {code: number for number, code in enumerate(FACTORS.split())}


def assessment_factors(
    tables, start, end, *, assessments_considered="latest", excluded_factor_codes=("21",), rate_basis="population"
):
    """Spec: "Factors found at the latest assessment of each episode ..., each once for an episode"."""
    rows = authorised(tables["assessment_factors"], start, end)
    excluded = excluded_factor_codes or ()

    def counted(row):
        return row["factor"] not in excluded and (assessments_considered == "all" or is_latest(tables, row, start, end))

    once = first_of_each(rows, counted, lambda row: (row["episode_key"], row["factor"]), in_time)
    first_of_case = first_of_each(rows, counted, lambda row: row["episode_key"], in_time)
    units = []
    for row in rows:
        clauses = [
            ("numerator", "factor_counted", row["factor"] not in excluded),
            (
                "numerator",
                "assessment_considered",
                assessments_considered == "all" or is_latest(tables, row, start, end),
            ),
            ("numerator", "first_of_the_episode", row in once),
        ]
        judged = unit(
            row,
            "assessments",
            "assessment_key",
            row["authorisation_date"],
            clauses,
            rate=True,
            complete=is_observed(row, row["authorisation_date"]),
            assessment_factor=row["factor"],
        )
        if rate_basis == "episodes_with_factor":
            judged["denominator"] = 1 if row in first_of_case else 0
        units.append(judged)
    return units


def privately_fostered(
    tables, start, end, *, assessments_considered="latest", private_fostering_codes=("8B", "8C", "8D", "8E", "8F")
):
    """Spec: "Children whose latest assessment of an episode ... records a private fostering factor"."""
    rows = authorised(tables["assessment_factors"], start, end)

    def considered(row):
        return assessments_considered == "all" or is_latest(tables, row, start, end)

    def counted(row):
        return row["factor"] in private_fostering_codes and considered(row)

    units = []
    for row in rows:
        of_child = [other for other in rows if same_child(other, row) and counted(other)]
        clauses = [
            ("numerator", "private_fostering_factor", row["factor"] in private_fostering_codes),
            ("numerator", "assessment_considered", considered(row)),
            ("numerator", "first_of_the_child", bool(of_child) and row is min(of_child, key=in_time)),
        ]
        units.append(
            unit(
                row,
                "assessments",
                "assessment_key",
                row["authorisation_date"],
                clauses,
                rate=True,
                complete=is_observed(row, row["authorisation_date"]),
                assessment_factor=row["factor"],
            )
        )
    return units


ORACLES = {
    "assessments_completed": assessments_completed,
    "assessments_within_45_days": within_45,
    "assessment_factors": assessment_factors,
    "privately_fostered": privately_fostered,
}
