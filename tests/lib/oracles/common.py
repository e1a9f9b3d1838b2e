"""What the row-by-row readings share: how clauses decide, and how days are counted."""

import calendar
import datetime as dt
from functools import cache

COUNTED = "counted"
ONE_DAY = dt.timedelta(days=1)


def months_after(day, months):
    """The same day of the month so many calendar months later; the last day of a month that has no such day."""
    year, month = day.year, day.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        if month == 13:
            year, month = year + 1, 1
        if month == 0:
            year, month = year - 1, 12
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def easter(year):
    """Easter Sunday, by the rule of the Gregorian calendar."""
    golden, century = year % 19, year // 100
    epact = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon = epact - (epact // 28) * (1 - (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    days = moon - weekday
    month = 3 + (days + 40) // 44
    return dt.date(year, month, days + 28 - 31 * (month // 4))


def monday_of(year, month, *, last):
    """The first or the last Monday of a month."""
    days = [dt.date(year, month, day) for day in range(1, calendar.monthrange(year, month)[1] + 1)]
    mondays = [day for day in days if day.weekday() == 0]
    return mondays[-1] if last else mondays[0]


@cache
def bank_holidays(year):
    """The bank holidays of England in a year from 2012 on, with those moved or added by proclamation."""
    found = {easter(year) - 2 * ONE_DAY, easter(year) + ONE_DAY}
    found.add(dt.date(2020, 5, 8) if year == 2020 else monday_of(year, 5, last=False))
    spring = {2012: dt.date(2012, 6, 4), 2022: dt.date(2022, 6, 2)}
    found.add(spring.get(year) or monday_of(year, 5, last=True))
    found.add(monday_of(year, 8, last=True))
    fixed = [dt.date(year, 1, 1), dt.date(year, 12, 25), dt.date(year, 12, 26)]
    for day in fixed:
        # A holiday at a weekend is given back on the next day that is not one.
        while day.weekday() >= 5 or day in found:
            day += ONE_DAY  # noqa: PLW2901
        found.add(day)
    added = (dt.date(2012, 6, 5), dt.date(2022, 6, 3), dt.date(2022, 9, 19), dt.date(2023, 5, 8))
    return found | {day for day in added if day.year == year}


def is_working_day(day):
    return day.weekday() < 5 and day not in bank_holidays(day.year)


def working_days(start, end):
    """Working days after one day and up to another: the day itself is day 0."""
    if end < start:
        return -working_days(end, start)
    return sum(is_working_day(start + number * ONE_DAY) for number in range(1, (end - start).days + 1))


def same_child(one, other):
    """Child identifiers hold within one authority only."""
    return one["la_code"] == other["la_code"] and one["child_id"] == other["child_id"]


def is_between(day, start, end):
    return day is not None and start <= day <= end


def is_observed(row, day):
    """The day lies in the unbroken census years around the row."""
    return row["observed_from"] is not None and row["observed_from"] <= day <= row["observed_to"]


def is_open_at(row, day, begins, ends):
    """Begun by the day, not over by then, and without an end known up to the last census that returned it."""
    if row[begins] > day:
        return False
    return row[ends] > day if row[ends] is not None else row["known_to"] is not None and row["known_to"] >= day


def is_open_during(row, start, end, begins, ends):
    """Open on any day of the period; one that ended on its first day was open until then."""
    if row[begins] > end:
        return False
    return row[ends] >= start if row[ends] is not None else row["known_to"] is not None and row["known_to"] >= start


def led_to_action(row):
    return row["no_further_action"] is not True


def turned_18_by(row, day):
    return birthday_18(row) is not None and birthday_18(row) <= day


def birthday_18(row):
    """A child of 29 February turns 18 on 1 March when there is no 29th."""
    born = row["birth_date"]
    if born is None:
        return None
    try:
        return born.replace(year=born.year + 18)
    except ValueError:
        return dt.date(born.year + 18, 3, 1)


def first_of_each(rows, counted, of, position):
    """The rows that come first among the counted ones of each child or case."""
    best = {}
    for row in rows:
        if counted(row):
            best[of(row)] = min(best.get(of(row), (position(row),)), (position(row),))
    return [row for row in rows if counted(row) and best[of(row)] == (position(row),)]


def unit(row, table, key, date, clauses, *, rate, complete, **more):
    """One unit: `clauses` are (side, name, holds) in the order of the spec; the first that does not hold decides."""
    failed = next(((side, name) for side, name, holds in clauses if not holds), (None, COUNTED))
    inside = failed[1] == COUNTED if rate else failed[0] != "denominator"
    denominator = None if rate else (1 if inside else 0)
    return {
        "la_code": row["la_code"],
        "child_id": row["child_id"],
        "unit_table": table,
        "unit_row": row[key],
        "date": date,
        "numerator": 1 if failed[1] == COUNTED else 0,
        "denominator": denominator,
        "complete": complete,
        "decided_by": failed[1],
        "listed": inside,
        **more,
    }
