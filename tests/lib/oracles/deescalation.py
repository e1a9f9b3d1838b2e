"""Plans stepped down from and not returned to: `specs/indicators/deescalation_sustained.toml`, row by row."""

import datetime as dt

from tests.lib.oracles.common import (
    ONE_DAY,
    birthday_18,
    is_between,
    is_observed,
    is_open_at,
    led_to_action,
    months_after,
    same_child,
    unit,
)

ENDINGS = ("died", "turned_18", "entered_care", "transferred_out")
KINDS = ("child_protection_plan", "section_47", "referral", "care_entry")
FOR_EVER = dt.date(2099, 12, 31)


def ended_plans(tables, plan_type, start, end):
    """The plans of the kinds that are followed that ended in the period; one that ended before it began is none."""
    kinds = {
        "child_protection": [("child_protection_plans", "plan_key")],
        "child_in_need": [("child_in_need_plans", "child_in_need_plan_key")],
    }
    kinds["either"] = kinds["child_protection"] + kinds["child_in_need"]
    return [
        (table, key, row)
        for table, key in kinds[plan_type]
        for row in tables[table]
        if is_between(row["end_date"], start, end) and row["start_date"] <= row["end_date"]
    ]


def any_open(rows, plan, day, begins="start_date", ends="end_date"):
    return any(same_child(row, plan) and is_open_at(row, day, begins, ends) for row in rows)


def in_care(tables, plan, day):
    return any(
        same_child(row, plan) and row["start_date"] <= day and (row["end_date"] is None or row["end_date"] > day)
        for row in tables.get("care_episodes") or ()
    )


def own_case(tables, plan):
    found = [row for row in tables["episodes"] if row["episode_key"] == plan["episode_key"]]
    return found[0] if found else {"closure_date": None, "closure_reason": None}


def destination_of(tables, plan, day):
    """Where the child is on the day after the end."""
    cases = [row for row in tables["episodes"] if led_to_action(row)]
    if any_open(cases, plan, day, "referral_date", "closure_date"):
        return "child_in_need"
    case = own_case(tables, plan)
    if case["closure_date"] is not None and case["closure_date"] <= day:
        return "early_help" if case["closure_reason"] == "RC9" else "closed"
    return None


def days_of(tables, plan):
    """When each of the endings comes, for those that come: several days for one of them, none for another."""
    case = own_case(tables, plan)
    deaths = [child["death_date"] for child in tables["children"] if same_child(child, plan)]
    died = [day for day in deaths if day]
    if case["closure_reason"] == "RC2" and case["closure_date"]:
        died.append(case["closure_date"])
    moved = [case["closure_date"]] if case["closure_reason"] == "RC5" and case["closure_date"] else []
    birthday = birthday_18(plan)
    next_day = plan["end_date"] + ONE_DAY
    care = [
        row["start_date"]
        for row in tables.get("care_episodes") or ()
        if same_child(row, plan) and row["start_date"] >= next_day
    ]
    return {
        "died": died,
        "turned_18": [birthday] if birthday else [],
        "entered_care": care,
        "transferred_out": moved,
    }


def presentations(tables, plan, kinds):
    """Every presentation of these kinds after the day of the end."""
    events = {
        "child_protection_plan": (tables["child_protection_plans"], "start_date"),
        "section_47": (tables["section_47_enquiries"], "start_date"),
        "referral": (tables["episodes"], "referral_date"),
        "care_entry": (tables.get("care_episodes") or (), "start_date"),
    }
    return [
        row[day]
        for kind in kinds
        for rows, day in [events[kind]]
        for row in rows
        if same_child(row, plan) and row[day] > plan["end_date"]
    ]


def deescalation_sustained(
    tables,
    start,
    end,
    *,
    plan_type="child_protection",
    destination="any",
    re_presentation=("child_protection_plan", "referral"),
    window_months=24,
    follow_up="complete_only",
    excluded_at_end=ENDINGS,
    follow_up_ends_with=ENDINGS,
):
    """Spec: plans that ended by step-down, after which the child did not present again within the window."""
    knows_care = tables.get("care_episodes") is not None
    kinds = [kind for kind in re_presentation if kind != "care_entry" or knows_care]
    endings = [
        ending for ending in follow_up_ends_with or () if not (ending == "entered_care" and "care_entry" in kinds)
    ]
    censored = follow_up == "censored"
    units = []
    for table, key, plan in ended_plans(tables, plan_type, start, end):
        next_day = plan["end_date"] + ONE_DAY
        days = days_of(tables, plan)
        protected = any_open(tables["child_protection_plans"], plan, next_day)
        still_planned = any_open(tables["child_in_need_plans"], plan, next_day)
        at_end = {ending: any(day <= next_day for day in days[ending]) for ending in ENDINGS}
        at_end["entered_care"] = in_care(tables, plan, next_day)
        window_end = FOR_EVER if window_months is None else months_after(plan["end_date"], window_months)
        cut_short = min((day for ending in endings for day in days[ending]), default=None)
        observed_to = plan["observed_to"]
        followed_to = min(day for day in (window_end, cut_short, observed_to) if day is not None)
        again = min(presentations(tables, plan, kinds), default=None)
        until = followed_to if censored else window_end
        clauses = [
            (
                "denominator",
                "stepped_down",
                not protected and (table == "child_protection_plans" or not still_planned),
            ),
            (
                "denominator",
                "destination_counted",
                destination in ("any", destination_of(tables, plan, next_day)),
            ),
            *(
                ("denominator", clause, ending not in (excluded_at_end or ()) or not at_end[ending])
                for clause, ending in zip(
                    ("alive_at_end", "under_18_at_end", "not_in_care_at_end", "not_transferred_at_end"),
                    ENDINGS,
                    strict=True,
                )
            ),
            ("denominator", "not_cut_short", censored or cut_short is None or cut_short > window_end),
            ("denominator", "followed_up", censored or (observed_to is not None and window_end <= observed_to)),
            ("numerator", "not_presented_again", again is None or again > until),
        ]
        judged = unit(
            plan,
            table,
            key,
            plan["end_date"],
            clauses,
            rate=False,
            complete=is_observed(plan, plan["end_date"])
            and (censored or (observed_to is not None and window_end <= observed_to)),
        )
        if censored:
            last_day = again if again is not None and again <= until else followed_to
            judged["followed_days"] = (last_day - plan["end_date"]).days
        else:
            others_hold = all(holds for side, name, holds in clauses if side == "denominator" and name != "followed_up")
            judged["listed"] = others_hold
            judged["awaiting"] = judged["decided_by"] == "followed_up"
        units.append(judged)
    return units


ORACLES = {"deescalation_sustained": deescalation_sustained}
