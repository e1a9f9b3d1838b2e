"""Made-up case histories for Hypothesis: a child's cases and what happens in them, written down as rows.

Cases are those of `tests/lib/histories.py`. Around each of them assessments, enquiries, conferences, plans and reviews
are laid, mostly within it and now and then outside, with dates that lean towards the edges of the definitions: the day
itself and the day beside it, three, six and twenty-four months, forty-five and fifteen working days over a holiday,
seven hundred and thirty days, the ends of the reporting year. Tables are as `csc_indicators.examples.example_tables`
takes them; None is a missing cell.
"""

import datetime as dt
import tomllib

from hypothesis import strategies as st

from csc_indicators.periods import year
from tests.lib import histories
from tests.lib.command_line import ROOT
from tests.lib.histories import AUTHORITIES, CHILDREN, children, coverages, months_after, observed

SPECS = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted(ROOT.joinpath("specs", "indicators").glob("*.toml"))
}
FACTORS = ("3A", "4B", "8B", "8D", "21")
CATEGORIES = ("NEG", "EMO", None)
CLOSURES = ("RC7", "RC8", "RC9", "RC5", "RC5", "RC2")
CENSUS_ENDS = tuple(dt.date(ends, 3, 31) for ends in range(2021, 2028))

chances = st.sampled_from


def days(*numbers):
    return st.sampled_from([dt.timedelta(days=number) for number in numbers])


@st.composite
def days_around(draw, day, *, numbers, months=()):
    """A day so many days or months after another, or beside one of those."""
    if months and draw(st.booleans()):
        return months_after(day, draw(chances(months))) + draw(days(0, 1, -1))
    return day + draw(days(*numbers))


@st.composite
def mostly(draw, strategy):
    """Something, and now and then nothing: a date that is missing, or has not come yet."""
    return draw(strategy) if draw(chances((True, True, True, False))) else None


@st.composite
def known(draw, begins, spans):
    """Until when a row is known: the day of a census at or after its beginning, and the span around that day."""
    later = [ends for ends in CENSUS_ENDS if ends >= begins] or [CENSUS_ENDS[-1]]
    known_to = draw(chances((later[0], later[-1], later[min(1, len(later) - 1)], later[-1])))
    return {"known_to": known_to, **observed(known_to, spans)}


@st.composite
def assessments(draw, where, referred, spans):
    begins = draw(days_around(referred, numbers=(0, 1, 5, 40, -3)))
    ends = draw(mostly(days_around(begins, numbers=(0, 1, 14, 61, 62, 63, 64, 65, 66, 67, 68, 90, -1))))
    factors = draw(st.lists(chances(FACTORS), unique=True, max_size=3))
    return {
        **where,
        "start_date": begins,
        "authorisation_date": ends,
        "factors": factors,
        **draw(known(begins, spans)),
    }


@st.composite
def enquiries(draw, where, referred, spans, conferences):
    begins = draw(days_around(referred, numbers=(0, 1, 10, 20, 45, 200)))
    conference = draw(mostly(days_around(begins, numbers=(-1, 0, 9, 14, 20, 21, 22, 23, 24, 25, 59, 60, 61, 61, -1))))
    if conferences and draw(chances((False, False, True))):
        conference = draw(chances(conferences))
    return {
        **where,
        "start_date": begins,
        "initial_conference_date": conference,
        "conference_not_required": draw(chances((None, False, True))) if conference is None else False,
        **draw(known(begins, spans)),
    }


@st.composite
def plans(draw, where, begins, spans, *, protection):
    numbers = (0, 1, 30, 91, 92, 365, 728, 729, 730, 731, -1)
    ends = draw(mostly(days_around(begins, numbers=numbers, months=(3, 6, 12, 24))))
    row = {**where, "start_date": begins, "end_date": ends, **draw(known(begins, spans))}
    if protection:
        reviews, last = [], begins
        for months in draw(st.lists(chances((3, 3, 6, 6, 7, 2)), max_size=3)):
            last = months_after(last, months) + draw(days(0, 0, 1, -1))
            reviews.append(last)
        if draw(chances((False, False, False, True))):
            reviews.append(begins - dt.timedelta(days=5))
        row |= {
            "reviews": reviews,
            "number_of_previous_plans": draw(chances((None, 0, 0, 1, 2))),
            "initial_category_of_abuse": draw(chances(CATEGORIES)),
            "latest_category_of_abuse": draw(chances(CATEGORIES)),
        }
    return row


@st.composite
def cases(draw, la_code, child_id, spans):
    """The rows of one child, by table."""
    episodes = draw(children(la_code, child_id, spans, most=3))
    tables = {name: [] for name in ("assessments", "section_47_enquiries", "child_protection_plans")}
    tables |= {"child_in_need_plans": [], "care_episodes": []}
    child = {
        "la_code": la_code,
        "child_id": child_id,
        "birth_date": draw(chances((episodes[0]["birth_date"],) * 3 + (dt.date(2005, 9, 3), dt.date(2008, 2, 29)))),
        "death_date": draw(chances((None, None, None, None, dt.date(2024, 3, 31), dt.date(2024, 9, 3)))),
    }
    for number, episode in enumerate(episodes, start=1):
        referred = episode["referral_date"]
        where = {"la_code": la_code, "child_id": child_id, "episode": number}
        conferences = []
        for _ in range(draw(chances((0, 1, 2, 3)))):
            tables["assessments"].append(draw(assessments(where, referred, spans)))
        for _ in range(draw(chances((0, 1, 2, 2)))):
            enquiry = draw(enquiries(where, referred, spans, conferences))
            conferences += [enquiry["initial_conference_date"]] * (enquiry["initial_conference_date"] is not None)
            tables["section_47_enquiries"].append(enquiry)
        begins = draw(chances((*conferences, referred, referred + dt.timedelta(days=15))))
        for _ in range(draw(chances((0, 1, 2, 2)))):
            row = draw(plans(where, begins, spans, protection=True))
            tables["child_protection_plans"].append(row)
            begins = draw(days_around(row["end_date"] or begins, numbers=(0, 1, 2, 30, -10), months=(12, 24, 25)))
        begins = draw(chances((begins, referred + dt.timedelta(days=30))))
        for _ in range(draw(chances((0, 1, 1)))):
            tables["child_in_need_plans"].append(draw(plans(where, begins, spans, protection=False)))
        closed = episode["closure_date"]
        last = max((row["end_date"] for row in tables["child_protection_plans"] if row["end_date"]), default=None)
        if last is not None and last >= referred and draw(chances((True, True, False))):
            closed = last + draw(days(0, 1, 1, 2, 100))
        episode |= {
            "closure_date": closed,
            "closure_reason": draw(chances(CLOSURES)) if closed else None,
            "initial_conference_date": draw(chances((None, None, None, *conferences, begins))),
            "birth_date": child["birth_date"],
            **draw(known(referred, spans)),
            **observed(referred, spans),
        }
    tables |= {"episodes": episodes, "children": [child]}
    for plan in tables["child_protection_plans"][: draw(chances((0, 1, 2)))]:
        begins = draw(days_around(plan["end_date"] or plan["start_date"], numbers=(-5, 0, 1, 1, 2, 90), months=(24,)))
        ends = draw(chances((None, begins + dt.timedelta(days=100))))
        tables["care_episodes"].append(
            {"la_code": la_code, "child_id": child_id, "start_date": begins, "end_date": ends}
        )
    return tables


TABLES = (
    "children",
    "episodes",
    "assessments",
    "section_47_enquiries",
    "child_protection_plans",
    "child_in_need_plans",
    "care_episodes",
)


@st.composite
def case_histories(draw):
    """The tables of up to two authorities that give their children the same ids; now and then empty."""
    la_codes = draw(chances(AUTHORITIES))
    tables = {name: [] for name in TABLES}
    for la_code in la_codes[: draw(chances((1, 2, 2, 2, 2, 0)))]:
        spans = draw(coverages())
        for child_id in CHILDREN[: draw(chances((1, 2, 3)))]:
            for name, rows in draw(cases(la_code, child_id, spans)).items():
                tables[name] += rows
    if draw(chances((False, False, True))):
        del tables["care_episodes"]
    return tables


def alternatives(parameter):
    """Values of a parameter, its default more often than the others."""
    default, none = parameter["default"], parameter.get("none")
    kind = parameter["type"]
    if kind == "boolean":
        return st.booleans()
    if kind == "choice":
        return st.one_of(st.just(default), st.sampled_from(parameter["allowed"]))
    if kind == "integer":
        tried = {3: (2, 3, 4), 6: (5, 6, 7), 24: (12, 23, 24, 25), 60: (59, 60, 61, 30), 730: (729, 730, 731, 365)}
        numbers = [default, *tried.get(default, ()), *((default - 1, default + 1) if default != none else (12, 24))]
        return st.sampled_from([None if number == none else number for number in (*numbers, *([none] * bool(none)))])
    choices = parameter.get("allowed") or (default if isinstance(default, list) else [])
    some = st.lists(st.sampled_from(choices), unique=True, min_size=1).map(tuple)
    usual = st.just(None if default == none else tuple(default))
    return st.one_of(usual, usual, some, st.none()) if none else st.one_of(usual, usual, some)


def period_lists():
    """Every year, more often than not; or quarters, months or rolling years, which overlap."""
    all_years = tuple(year(ends) for ends in range(2022, 2027))
    return st.one_of(st.just(all_years), st.just(all_years), histories.period_lists())


def parameters_of(indicator):
    """Every combination of an indicator's parameters, as its function takes them."""
    return st.fixed_dictionaries(
        {parameter["name"]: alternatives(parameter) for parameter in SPECS[indicator].get("parameter", ())}
    )
