"""The referral indicators once more, row by row, written from the words of their specs and from nothing else.

Slow, plain and meant to be read beside `specs/indicators/*.toml`. Rows are dicts with the columns of `episodes`; a
result is a list of units, one dict each:

    la_code, unit_id, unit_row, date, numerator, denominator, complete, decided_by

`decided_by` is "counted" or the id of the first clause that the unit failed. A candidate that fails a clause of the
denominator is listed too, with numerator and denominator 0 (denominator None for a rate), because the question "why is
this referral not counted" is asked of those as well; `units_of` leaves them out unless asked. Units of `rereferrals`
also have `latest_earlier`: the keys of the earlier referrals that decide, more than one when they share a day.
"""

import calendar
import datetime as dt
from dataclasses import dataclass

COUNTED = "counted"
STATED_NEEDS = ("N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8", "N9")


def months_earlier(day, months):
    """The same day of the month so many calendar months before; the last day of a month that has no such day.

    Spec: "29 February less twelve months is 28 February".
    """
    year, month = day.year, day.month
    for _ in range(months):
        month -= 1
        if month == 0:
            year, month = year - 1, 12
    last_day = calendar.monthrange(year, month)[1]
    return dt.date(year, month, min(day.day, last_day))


def in_order(rows):
    """By day; two referrals of one day in the order of their keys, so that the order of the rows decides nothing."""
    return sorted(rows, key=lambda row: (row["referral_date"], row["episode_key"]))


def referred_between(rows, start, end):
    """The candidates: "A referral in the period", "both days included"."""
    return [row for row in in_order(rows) if start <= row["referral_date"] <= end]


def is_same_child(one, other):
    """The "same child, in the same authority": "child identifiers hold within one authority only"."""
    return one["la_code"] == other["la_code"] and one["child_id"] == other["child_id"]


def comes_from(row, sources):
    """Whether "the referral came from one of the sources that are counted"; an unknown source is none of them."""
    return sources is None or row["referral_source"] in sources


def is_no_further_action(row):
    """A "referral whose flag is missing or unreadable counts as not flagged"."""
    return row["no_further_action"] is True


def observed_since(row, day):
    """Whether "the authority's census years are unbroken" from a day to the referral; an unknown span is not."""
    return row["observed_from"] is not None and day is not None and row["observed_from"] <= day


def unit(row, decided_by, *, numerator, denominator, complete, unit_id=None):
    return {
        "la_code": row["la_code"],
        "unit_id": row["episode_key"] if unit_id is None else unit_id,
        "unit_row": row["episode_key"],
        "date": row["referral_date"],
        "numerator": numerator,
        "denominator": denominator,
        "complete": complete,
        "decided_by": decided_by,
    }


def referrals(rows, start, end, *, no_further_action="include", referral_sources=None):
    """Spec: "Referrals in the period, those closed at once with no further action included".

    Both clauses are of the numerator: the denominator is a population, so a record has none.
    """
    units = []
    for row in referred_between(rows, start, end):
        if not comes_from(row, referral_sources):
            decided_by = "source_counted"
        elif no_further_action == "exclude" and is_no_further_action(row):
            decided_by = "no_further_action_counted"
        else:
            decided_by = COUNTED
        units.append(
            unit(
                row,
                decided_by,
                numerator=1 if decided_by == COUNTED else 0,
                denominator=None,
                complete=observed_since(row, row["referral_date"]),
            )
        )
    return units


def referrals_no_further_action(rows, start, end, *, referral_sources=None):
    """Spec: "Referrals in the period flagged as needing no further action" of "Referrals in the period".

    The sources are those counted "in numerator and denominator alike".
    """
    units = []
    for row in referred_between(rows, start, end):
        numerator, denominator = 0, 1
        if not comes_from(row, referral_sources):
            decided_by, denominator = "source_counted", 0
        elif not is_no_further_action(row):
            decided_by = "no_further_action"
        else:
            decided_by, numerator = COUNTED, 1
        units.append(
            unit(
                row,
                decided_by,
                numerator=numerator,
                denominator=denominator,
                complete=observed_since(row, row["referral_date"]),
            )
        )
    return units


@dataclass(frozen=True)
class RereferralChoices:
    """The parameters of `rereferrals` with the defaults that its spec gives them."""

    window_months: int | None = 12
    measured_from: str = "referral"
    same_need: str = "any"
    no_further_action: str = "include"
    referral_sources: tuple | None = None
    earlier_referral_sources: tuple | None = None
    count_of: str = "referrals"


def rereferrals(rows, start, end, **parameters):
    """Spec: "Referrals in the period with an earlier referral of the same child ..." of "Referrals in the period"."""
    choices = RereferralChoices(**parameters)
    candidates = referred_between(rows, start, end)
    counted_referrals = [row for row in candidates if failed_rereferral_denominator(row, choices) is None]
    units = []
    for row in candidates:
        decided_by = failed_rereferral_denominator(row, choices)
        counts_for = [row]
        if decided_by is None and choices.count_of == "children":
            # "A child with several referrals in the period counts once, as re-referred if any of them is", and "the
            # child's first counted referral in the period stands for the child".
            counts_for = [other for other in counted_referrals if is_same_child(other, row)]
            if counts_for[0] is not row:
                decided_by = "first_of_the_child"
        is_in_denominator = decided_by is None
        known_by = [row]
        if choices.count_of == "children":
            known_by = [other for other in counted_referrals if is_same_child(other, row)]
        if is_in_denominator:
            # A child got as far as the best of its referrals.
            outcomes = [rereferral_outcome(rows, other, choices) for other in counts_for]
            decided_by = next(each for each in (COUNTED, "within_window", "earlier_referral") if each in outcomes)
        units.append(
            unit(
                row,
                decided_by,
                numerator=1 if decided_by == COUNTED else 0,
                denominator=1 if is_in_denominator else 0,
                # "for a child, to each of its counted referrals of the period"
                complete=all(is_rereferral_known(other, choices) for other in known_by),
                unit_id=row["child_key"] if choices.count_of == "children" else row["episode_key"],
            )
            | {"latest_earlier": [earlier["episode_key"] for earlier in latest_earlier(rows, row, choices)]}
        )
    return units


def failed_rereferral_denominator(row, choices):
    """The first clause that keeps a referral out of the denominator, or None."""
    if not comes_from(row, choices.referral_sources):
        return "source_counted"
    if choices.no_further_action in ("exclude", "exclude_later") and is_no_further_action(row):
        return "no_further_action_counted"  # counted "on neither" side, or "only as the earlier one"
    return None


def may_count_as_earlier(earlier, later, choices):
    """Clause earlier_referral: "an earlier referral in the authority, on an earlier day, that may count"."""
    return (
        is_same_child(earlier, later)
        and earlier["referral_date"] < later["referral_date"]  # "a referral on the same day is not an earlier one"
        and comes_from(earlier, choices.earlier_referral_sources)
        and not (
            # counted "on neither" side, or "only as the later one"
            choices.no_further_action in ("exclude", "exclude_earlier") and is_no_further_action(earlier)
        )
        and has_need_asked_for(earlier, later, choices)
        and (
            choices.measured_from == "referral"
            # "measured from closure, its case having ended by the day of this referral"
            or (earlier["closure_date"] is not None and earlier["closure_date"] <= later["referral_date"])
        )
    )


def has_need_asked_for(earlier, later, choices):
    """Spec: "A need that is missing or not stated is neither the same nor different."."""
    if choices.same_need == "any":
        return True
    if earlier["primary_need"] not in STATED_NEEDS or later["primary_need"] not in STATED_NEEDS:
        return False
    return (earlier["primary_need"] == later["primary_need"]) == (choices.same_need == "same")


def event_date(earlier, choices):
    """The clock starts "when the earlier referral was made, or when its case was closed"."""
    return earlier["closure_date"] if choices.measured_from == "closure" else earlier["referral_date"]


def latest_earlier(rows, later, choices):
    """Clause within_window: "The latest such earlier event"; several when they share a day."""
    earlier = [row for row in rows if may_count_as_earlier(row, later, choices)]
    return [row for row in earlier if event_date(row, choices) == max(event_date(other, choices) for other in earlier)]


def rereferral_outcome(rows, later, choices):
    """The two clauses of the numerator, for one referral."""
    latest = latest_earlier(rows, later, choices)
    if not latest:
        return "earlier_referral"
    if choices.window_months is None:
        return COUNTED
    # "on or after the same day of the month `window_months` calendar months before the base"
    first_day = months_earlier(later["referral_date"], choices.window_months)
    return COUNTED if event_date(latest[0], choices) >= first_day else "within_window"


def is_rereferral_known(row, choices):
    """Spec: "unbroken from the start of the window to the referral"; with no window, from the child's birth."""
    if choices.window_months is None:
        return observed_since(row, row["birth_date"])
    return observed_since(row, months_earlier(row["referral_date"], choices.window_months))


def referrals_per_child(rows, start, end, *, history_years=None):
    """Spec: "Referrals of the child over the observed history, up to the end of the period", per child referred."""
    history_start = None
    if history_years is not None:
        # "Three years up to 31 March 2025 begin on 1 April 2022": the day after the end, so many years before.
        history_start = months_earlier(end + dt.timedelta(days=1), 12 * history_years)

    def is_in_history(row):
        return row["referral_date"] <= end and (history_start is None or history_start <= row["referral_date"])

    candidates = referred_between(rows, start, end)
    units = []
    for row in candidates:
        first = next(other for other in candidates if is_same_child(other, row))
        # The censuses must "reach back unbroken over the whole history asked for: with `all`, to the child's birth".
        complete = observed_since(row, row["birth_date"] if history_start is None else history_start)
        if first is row:
            history = [other for other in rows if is_same_child(other, row) and is_in_history(other)]
            decided_by, numerator, denominator = COUNTED, len(history), 1
        else:
            decided_by, numerator, denominator = "first_of_the_child", 0, 0
        units.append(
            unit(
                row,
                decided_by,
                numerator=numerator,
                denominator=denominator,
                complete=complete,
                unit_id=row["child_key"],
            )
        )
    return units


ORACLES = {
    "referrals": referrals,
    "referrals_no_further_action": referrals_no_further_action,
    "rereferrals": rereferrals,
    "referrals_per_child": referrals_per_child,
}
OUTSIDE = {
    "referrals": ("source_counted", "no_further_action_counted"),
    "referrals_no_further_action": ("source_counted",),
    "rereferrals": ("source_counted", "no_further_action_counted", "first_of_the_child"),
    "referrals_per_child": ("first_of_the_child",),
}
"""A candidate that one of these decides is listed when `why` is asked and is no unit record otherwise.

These are the clauses of the denominator; a rate has none, and only what it counts is a record of it.
"""


def is_unit_record(indicator, decided):
    return decided["decided_by"] not in OUTSIDE[indicator]


def units_of(indicator, rows, period, *, why=False, **parameters):
    """The unit records of an indicator in a period; with `why`, also the candidates that are none."""
    units = ORACLES[indicator](rows, period.start, period.end, **parameters)
    return [each for each in units if why or is_unit_record(indicator, each)]
