"""The true figures of the indicators of care, from the histories themselves, before any return is written.

As in `truth_cases`: each function is its definition once more, in the published reading. Children in these histories
have no series of short breaks, and leave care on their eighteenth birthday at the latest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl

from csc_indicators.synthetic.days import after_months
from csc_indicators.synthetic.draws import Whole
from csc_indicators.synthetic.truth_cases import Figure, Histories, Year

FOSTER = ("U1", "U2", "U3", "U4", "U5", "U6")
FAMILY_NETWORK = ("U1", "U2", "U3", "P1")
RESIDENTIAL = ("K1", "K2")
SUPPORTED = ("K3", "H5", "P2")
LEFT_TO_FAMILY = ("E43", "E44", "E45", "E46", "E47", "E48", "E41", "E4A", "E4B", "E13")
ADOPTED = ("E11", "E12")
WENT_HOME = ("E4A", "E4B")
ORDERS = ("C1", "C2")
FAR, UNKNOWN = 200, 9999
"""Tenths of a mile."""
SAME_CARER = ("L", "T", "U")
MANY_PLACEMENTS, MANY_WORKERS = 3, 3
CONCERN = 17
UNDER_AGE, IN_CARE_MONTHS, PLACED_MONTHS = 16, 30, 24
NOT_COUNTED_CONTACT = ("DIED", "RHOM")
NO_RESIDENCE = ("G1", "G2", "H1", "H2", "R1", "R2")


def with_views(h: Histories) -> Histories:
    """The histories with two more tables that many figures look at: `lived_in` and `placements`."""
    return {**h, "lived_in": _lived_in(h), "placements": _placements(h)}


def _lived_in(h: Histories) -> pl.DataFrame:
    """Episodes with where the child lives; one away for a while lives where it is away from."""
    episodes = h["care_episodes"].sort("child", "start_date")
    away = pl.col("placement").str.starts_with("T")
    lived_in = [
        pl.when(away).then(pl.col(column).shift().over("child")).otherwise(pl.col(column)).alias(column)
        for column in ("placement", "miles")
    ]
    return episodes.with_columns(lived_in)


def _at_end(h: Histories, year: Year) -> pl.DataFrame:
    """Where children looked after at the end of the year live."""
    return h["lived_in"].filter(pl.col("start_date") <= year.last, pl.col("end_date") > year.last)


def children_in_care(h: Histories, year: Year) -> Figure:
    """Children looked after at the end of the year."""
    return _at_end(h, year).height, None


def care_starts(h: Histories, year: Year) -> Figure:
    """Children who came into care in the year."""
    return h["periods_of_care"].filter(year.holds("start_date"))["child"].n_unique(), None


def care_ceases(h: Histories, year: Year) -> Figure:
    """Children who left care in the year."""
    return h["periods_of_care"].filter(year.holds("end_date"))["child"].n_unique(), None


def _living(codes: tuple[str, ...]) -> Callable[[Histories, Year], Figure]:
    def figure(h: Histories, year: Year) -> Figure:
        there = _at_end(h, year)
        return int(there["placement"].is_in(codes).sum()), there.height

    return figure


def family_network_leavers(h: Histories, year: Year) -> Figure:
    """Of the children who left care in the year, by the last time, those who left to their family network."""
    left = h["periods_of_care"].filter(year.holds("end_date")).sort("end_date").unique("child", keep="last")
    return int(left["reason_ceased"].is_in(LEFT_TO_FAMILY).sum()), left.height


def care_proceedings_home(h: Histories, year: Year) -> Figure:
    """Care orders that ended in the year, and those after which the child went home or lives with parents."""
    # An episode of the year, and what follows it on the day on which it ends.
    near = (pl.col("start_date") <= year.last) & (pl.col("end_date") >= year.first)
    episodes = (
        h["lived_in"]
        .filter(near)
        .with_columns(
            follows=pl.col("start_date").shift(-1).over("child") == pl.col("end_date"),
            next_status=pl.col("legal_status").shift(-1).over("child"),
            next_place=pl.col("placement").shift(-1).over("child"),
        )
    )
    follows = pl.col("follows").fill_null(value=False)
    ended = episodes.filter(
        year.holds("end_date"),
        pl.col("legal_status").is_in(ORDERS),
        ~(follows & pl.col("next_status").is_in(ORDERS)),
    )
    home = pl.col("reason_ceased").is_in(WENT_HOME) | (follows & (pl.col("next_place") == "P1"))
    return ended.filter(home).height, ended.height


def _placements(h: Histories) -> pl.DataFrame:
    """Placements as a child lives through them: `child, period_start, start_date, end_date, placement`.

    Changes of legal status and moves with the carer do not end one. A temporary placement is none of its own: it
    belongs to the one that it interrupts, and only what follows it, when that is another place, is another placement.
    """
    columns = ("child", "period_start", "start_date", "end_date", "reason_for_new_episode", "placement", "postcode")
    lived: list[list[int | str]] = []
    before: tuple[int, int] | None = None
    place, postcode, returning = "", -1, False
    for child, period, start, end, new, to, at in h["care_episodes"].sort("child", "start_date").select(columns).rows():
        same_period = before == (child, period)
        temporary = str(to).startswith("T")
        goes_on = same_period and (new in SAME_CARER or temporary or (returning and (place, postcode) == (to, at)))
        if goes_on:
            lived[-1][3] = end
        else:
            lived.append([child, period, start, end, to])
        if not temporary:
            place, postcode = to, at
        before, returning = (child, period), temporary
    schema = {
        "child": pl.Int32,
        "period_start": pl.Int64,
        "start_date": pl.Int64,
        "end_date": pl.Int64,
        "placement": pl.String,
    }
    return pl.DataFrame(lived, schema=schema, orient="row")


def placement_instability(h: Histories, year: Year) -> Figure:
    """Children looked after at the end of the year who lived in three or more placements in it."""
    there = _at_end(h, year)
    # On the day on which a placement ends the child lives in the next one.
    lived = h["placements"].filter(pl.col("start_date") <= year.last, pl.col("end_date") > year.first)
    many = lived.join(there.select("child"), on="child", how="semi").group_by("child").len()
    return many.filter(pl.col("len") >= MANY_PLACEMENTS).height, there.height


def long_term_stability(h: Histories, year: Year) -> Figure:
    """Children under 16 in care for thirty months who have lived in one placement for twenty-four."""
    since = {
        months: int(after_months(np.array([year.last + 1]), -months)[0]) for months in (PLACED_MONTHS, IN_CARE_MONTHS)
    }
    placements = (
        h["placements"]
        .filter(pl.col("start_date") <= year.last)
        .sort("child", "start_date")
        .with_columns(before=pl.col("start_date").shift().over("child", "period_start"))
    )
    there = placements.filter(pl.col("start_date") <= year.last, pl.col("end_date") > year.last)
    young = pl.Series(_age(h, there, year) < UNDER_AGE)
    there = there.filter(young, pl.col("period_start") <= since[IN_CARE_MONTHS])
    began = (
        pl.when(pl.col("placement").str.starts_with("A"))
        .then(pl.coalesce("before", "start_date"))
        .otherwise("start_date")
    )
    return there.filter(began <= since[PLACED_MONTHS]).height, there.height


def placement_distance(h: Histories, year: Year) -> Figure:
    """Children who live more than twenty miles from home."""
    there = _at_end(h, year)
    return there.filter(pl.col("miles") > FAR, pl.col("miles") != UNKNOWN).height, there.height


def social_worker_changes(h: Histories, year: Year) -> Figure:
    """Children with three or more social workers in the year, of those with any."""
    there = _at_end(h, year).select("child")
    workers = h["social_workers"].filter(
        pl.col("start_date") <= year.last, pl.col("end_date") > year.first, pl.col("end_date") > pl.col("start_date")
    )
    counted = workers.join(there, on="child", how="semi").group_by("child").agg(pl.col("worker").n_unique())
    return counted.filter(pl.col("worker") >= MANY_WORKERS).height, counted.height


def missing_from_care(h: Histories, year: Year) -> Figure:
    """Children looked after on a day of the year, and those who were missing on one."""
    covered = h["care_episodes"].filter(
        pl.col("start_date") <= year.last, pl.col("end_date") > year.first, pl.col("end_date") > pl.col("start_date")
    )
    missing = h["missing"].filter(
        pl.col("missing_kind") == "M", pl.col("start_date") <= year.last, pl.col("end_date") >= year.first
    )
    children = covered.select("child").unique()
    return children.join(missing, on="child", how="semi").height, children.height


def adoption_match_time(h: Histories, year: Year) -> Figure:
    """Days from decision to match of the children adopted in the year."""
    adopted = h["adoption"].filter(year.holds("end_date"))
    return int((adopted["match_date"] - adopted["decision_date"]).sum()), adopted.height


def _outcomes(h: Histories, year: Year) -> pl.DataFrame:
    """What was recorded for the year, with the age at its end."""
    recorded = h["outcomes"].filter(year=year.number)
    return recorded.with_columns(age=pl.Series(_age(h, recorded, year)))


def _item(name: str, from_age: int = 0) -> Callable[[Histories, Year], Figure]:
    def figure(h: Histories, year: Year) -> Figure:
        asked = _outcomes(h, year).filter(pl.col("age") >= from_age)
        return int(asked[name].fill_null(0).sum()), asked.height

    return figure


def _of_questionnaire(h: Histories, year: Year) -> pl.DataFrame:
    return _outcomes(h, year).filter(pl.col("age").is_between(5, 16))


def sdq_completed(h: Histories, year: Year) -> Figure:
    """Children of 5 to 16 with a score."""
    asked = _of_questionnaire(h, year)
    return asked["sdq_score"].count(), asked.height


def sdq_score(h: Histories, year: Year) -> Figure:
    """The scores of those who have one."""
    asked = _of_questionnaire(h, year)
    return int(asked["sdq_score"].sum()), asked["sdq_score"].count()


def sdq_cause_for_concern(h: Histories, year: Year) -> Figure:
    """Scores of seventeen and more."""
    asked = _of_questionnaire(h, year)
    return int((asked["sdq_score"] >= CONCERN).sum()), asked["sdq_score"].count()


def _leavers(column: str, found: pl.Expr, excluded: tuple[str, ...] = ()) -> Callable[[Histories, Year], Figure]:
    def figure(h: Histories, year: Year) -> Figure:
        asked = h["care_leavers"].filter(
            pl.col("year") == year.number,
            ~pl.col("in_touch").is_in(NOT_COUNTED_CONTACT),
            ~pl.col(column).is_in(excluded),
        )
        return asked.filter(found).height, asked.height

    return figure


def _age(h: Histories, rows: pl.DataFrame, year: Year) -> Whole:
    """The age of each row's child at the end of the year."""
    # Children stand in order of their numbers, which begin at nought.
    birth = h["children"]["birth_date"].gather(rows["child"]).to_numpy().astype(np.int64)
    return sum((after_months(birth, 12 * age) <= year.last).astype(np.int64) for age in range(1, 26))  # pyright: ignore[reportReturnType]


CARE_TRUTHS: Mapping[str, Callable[[Histories, Year], Figure]] = {
    "children_in_care": children_in_care,
    "care_starts": care_starts,
    "care_ceases": care_ceases,
    "foster_care": _living(FOSTER),
    "residential_care": _living(RESIDENTIAL),
    "supported_accommodation": _living(SUPPORTED),
    "family_network_care": _living(FAMILY_NETWORK),
    "family_network_leavers": family_network_leavers,
    "care_proceedings_home": care_proceedings_home,
    "placement_instability": placement_instability,
    "long_term_stability": long_term_stability,
    "placement_distance": placement_distance,
    "social_worker_changes": social_worker_changes,
    "missing_from_care": missing_from_care,
    "adoption_match_time": adoption_match_time,
    "convictions": _item("convicted", from_age=10),
    "substance_misuse": _item("substance_misuse"),
    "health_assessments": _item("health_assessment"),
    "dental_checks": _item("teeth_check"),
    "immunisations": _item("immunisations"),
    "sdq_completed": sdq_completed,
    "sdq_score": sdq_score,
    "sdq_cause_for_concern": sdq_cause_for_concern,
    "care_leavers_eet": _leavers("activity", pl.col("activity").str.contains("^[FP]")),
    "care_leavers_higher_education": _leavers("activity", pl.col("activity").is_in(("F1", "P1"))),
    "care_leavers_apprenticeships": _leavers("activity", pl.col("activity").is_in(("F4", "P4"))),
    "care_leavers_in_touch": _leavers("activity", pl.col("in_touch") == "YES"),
    "care_leavers_suitable_accommodation": _leavers(
        "accommodation", pl.col("accommodation").str.ends_with("1"), NO_RESIDENCE
    ),
    "care_leavers_unsuitable_accommodation": _leavers(
        "accommodation", pl.col("accommodation").str.ends_with("2"), NO_RESIDENCE
    ),
}
"""What is known of the histories of care, by the id of the indicator."""
