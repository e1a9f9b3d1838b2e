"""Made-up referral histories for Hypothesis: each child's timeline is lived forwards, then written down as rows.

A child is referred; the referral leads to no further action or opens a case; the case closes or stays open; some time
passes; the child is referred again. Dates lean towards the edges of the definitions: the ends of the reporting year,
the last days of February, anniversaries and the days beside them, two referrals on one day. Some histories are dirty,
as real returns are: referred again while a case is open, closed after the next referral, or with cells missing.

Rows are as `csc_indicators.examples.example_episodes` takes them; None is a missing cell.
"""

import calendar
import datetime as dt

from hypothesis import strategies as st

from csc_indicators.periods import months, quarters, rolling_years, year

AUTHORITIES = (("201", "202"), ("000", "999"))
"""Neighbours in the list of codes, and its two ends."""
CHILDREN = ("A", "B", "C")
MOST_REFERRALS = 8

WINDOWS = (1, 6, 12, 13, 24, None)
SOURCES = ("6", "2A", "1A")
NEEDS = ("N1", "N4", "N0")
CENSUS_YEARS = range(2021, 2027)
LATEST = dt.date(2026, 12, 31)

EDGE_DAYS = (
    *(
        dt.date(in_year, month, day)
        for in_year in range(2022, 2027)
        for month, day in ((2, 28), (3, 1), (3, 30), (3, 31), (3, 31), (4, 1), (4, 1), (6, 30), (7, 1))
    ),
    *(dt.date(2024, 2, 29),) * 5,
)


def months_after(day, count):
    """The same day of the month so many months later, or the last day of a shorter month."""
    ahead, month = divmod(day.month - 1 + count, 12)
    in_year, month = day.year + ahead, month + 1
    return dt.date(in_year, month, min(day.day, calendar.monthrange(in_year, month)[1]))


first_days = st.one_of(
    st.sampled_from([day for day in EDGE_DAYS if day.year < 2025]), st.dates(dt.date(2021, 1, 1), dt.date(2024, 12, 31))
)


@st.composite
def days_after(draw, day):
    """A day on or after another: the same, the next, an anniversary of some window or a day beside it, or any."""
    kind = draw(st.sampled_from(("window", "window", "same", "edge", "any", "near", "window")))
    if kind == "same":
        return day
    if kind == "near":
        return day + dt.timedelta(days=draw(st.integers(1, 3)))
    if kind == "window":
        anniversary = months_after(day, draw(st.sampled_from((12, 12, 24, 13, 6, 1, 12, 12))))
        return anniversary + dt.timedelta(days=draw(st.sampled_from((0, 1, -1, 0))))
    later_edges = [edge for edge in EDGE_DAYS if edge >= day]
    if kind == "edge" and later_edges:
        return draw(st.sampled_from(later_edges))
    return day + dt.timedelta(days=draw(st.integers(0, 900)))


@st.composite
def children(draw, la_code, child_id, spans, most=MOST_REFERRALS):
    """The rows of one child of an authority whose census years form these unbroken spans."""
    referred = draw(first_days)
    birth_date = draw(
        st.one_of(
            st.none(),
            st.just(months_after(referred, 3)),  # referred before birth
            st.just(referred),
            st.dates(dt.date(2004, 1, 1), dt.date(2023, 12, 31)),
        )
    )
    is_dirty = draw(st.booleans())
    rows = []
    for _ in range(draw(st.integers(1, most))):
        no_further_action = draw(st.sampled_from((False, False, True, None)))
        if no_further_action and not is_dirty:
            closed = referred
        else:
            closed = draw(st.one_of(days_after(referred), st.none()) if is_dirty else days_after(referred))
        # A clean case is over when the child is referred again; a dirty one may not be, or closes on a later day.
        again = draw(days_after(referred)) if is_dirty or closed is None else draw(days_after(closed))
        rows.append(
            {
                "la_code": la_code,
                "child_id": child_id,
                "referral_date": referred,
                "referral_source": draw(st.sampled_from((*SOURCES, None))),
                "primary_need": draw(st.sampled_from((*NEEDS, None))),
                "closure_date": closed,
                "no_further_action": no_further_action,
                "birth_date": birth_date,
                **observed(referred, spans),
            }
        )
        if again > LATEST:
            break
        referred = again
    if draw(st.booleans()):  # the last case is still open
        rows[-1]["closure_date"] = None
    return rows


def observed(day, spans):
    """The span of census years that contains a day, as the validated table has it; None when there is none."""
    for first_day, last_day in spans:
        if first_day <= day <= last_day:
            return {"observed_from": first_day, "observed_to": last_day}
    return {"observed_from": None, "observed_to": None}


@st.composite
def coverages(draw):
    """The unbroken spans of census years of one authority, in order; there may be none, or a gap between two."""
    held = sorted(draw(st.sets(st.sampled_from(CENSUS_YEARS), max_size=len(CENSUS_YEARS))))
    if draw(st.booleans()):
        held = list(CENSUS_YEARS)
    spans = []
    for census_year in held:
        first_day, last_day = dt.date(census_year - 1, 4, 1), dt.date(census_year, 3, 31)
        if spans and spans[-1][1] + dt.timedelta(days=1) == first_day:
            spans[-1] = (spans[-1][0], last_day)
        else:
            spans.append((first_day, last_day))
    if spans and draw(st.sampled_from((False, False, True))):
        spans[0] = (dt.date(1990, 1, 1), spans[0][1])  # so long ago that a childhood is covered
    return spans


@st.composite
def histories(draw):
    """The rows of up to two authorities that give their children the same ids, in any order; now and then none."""
    la_codes = draw(st.sampled_from(AUTHORITIES))
    rows = []
    for la_code in la_codes[: draw(st.sampled_from((1, 1, 2, 2, 2, 2, 2, 0)))]:
        spans = draw(coverages())
        for child_id in CHILDREN[: draw(st.integers(1, len(CHILDREN)))]:
            rows += draw(children(la_code, child_id, spans))
    return draw(st.permutations(rows))


source_sets = st.sampled_from((None, None, None, None, ("6",), ("6", "2A"), ("2A", "1A"), SOURCES))
"""None for every source, or some of them."""


PARAMETERS = {
    "referrals": st.fixed_dictionaries(
        {"no_further_action": st.sampled_from(("include", "exclude")), "referral_sources": source_sets}
    ),
    "referrals_no_further_action": st.fixed_dictionaries({"referral_sources": source_sets}),
    "rereferrals": st.fixed_dictionaries(
        {
            "window_months": st.sampled_from((12, None, 24, 13, 6, 1, 12, 12)),
            "measured_from": st.sampled_from(("referral", "closure")),
            "same_need": st.sampled_from(("any", "any", "same", "different")),
            "no_further_action": st.sampled_from(("include", "include", "exclude", "exclude_earlier", "exclude_later")),
            "referral_sources": source_sets,
            "earlier_referral_sources": source_sets,
            "count_of": st.sampled_from(("referrals", "children")),
        }
    ),
    "referrals_per_child": st.fixed_dictionaries({"history_years": st.sampled_from((1, 2, 3, None))}),
}
"""The parameters of each indicator, in every combination."""


def period_lists():
    """A year, several years, quarters, months, or twelve overlapping years, one to the end of each month."""
    reporting_year = st.sampled_from((2025, 2024, 2023))
    all_years = tuple(year(ends) for ends in (2022, 2023, 2024, 2025, 2026))
    return st.one_of(
        reporting_year.map(lambda ends: (year(ends),)),
        st.just(all_years),
        st.just(all_years),
        st.just((*quarters(2024), *quarters(2025))),
        st.just((*months(2024), *months(2025))),
        reporting_year.map(lambda ends: tuple(rolling_years(ends))),
    )
