"""What no return on children or staff holds, for the same children and posts: education, courts, early help, leaders.

The tables are the supplied ones in all but how they are written: days are days since 1970, pounds are whole.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from csc_indicators.synthetic.case_records import CASES_OF_A_CHILD
from csc_indicators.synthetic.days import after_months, august_end, school_year_start, year_end, year_start
from csc_indicators.synthetic.draws import Draws, Whole
from csc_indicators.synthetic.placements import period_key
from csc_indicators.synthetic.rates import rates, weights

YEARS_OF_A_CHILD = 64
NO_ACTION_HELPED = "RC9"
"""The case closed after assessment, and early help followed."""
Histories = Mapping[str, pl.DataFrame]


def supplied_histories(draws: Draws, histories: Histories, years: range) -> dict[str, pl.DataFrame]:
    """By table: what is supplied of children, a row an event, or a row a child and year."""
    groups = pl.concat([_groups(histories, year) for year in years])
    return {
        "social_care_groups": groups,
        "attendance": _attendance(draws, groups),
        "attainment": _attainment(draws, groups),
        "school_history": _school_history(draws, histories, years),
        "court_outcomes": _court_outcomes(draws, histories, years),
        "family_group_decisions": _family_group_decisions(draws, histories, years),
        "conference_attendance": _conference_attendance(draws, histories, years),
        "early_help": _early_help(draws, histories, years),
        "lasting_relationships": _lasting_relationships(draws, histories),
    }


def _groups(h: Histories, year: int) -> pl.DataFrame:
    """Children with a social worker on 31 March, each in the first group that it belongs to, with its age in years.

    The age is that of the 31 August before the school year.
    """
    first, last = year_start(year), year_end(year)
    open_on = (pl.col("start_date") <= last) & (pl.col("end_date") > last)
    in_care = h["periods_of_care"].filter(open_on)
    long = in_care.filter(pl.col("start_date") <= first).select("child").unique()
    on_plan = h["plans"].filter(open_on).select("child").unique().join(in_care, on="child", how="anti")
    is_open = (pl.col("referral_date") <= last) & (pl.col("closure_date") > last) & ~pl.col("no_further_action")
    in_need = h["cases"].filter(is_open).select("child").unique()
    in_need = in_need.join(in_care, on="child", how="anti").join(on_plan, on="child", how="anti")
    found = pl.concat(
        [
            table.select("child", group=pl.lit(name))
            for name, table in (("CLA12", long), ("CPPO", on_plan), ("CINO", in_need))
        ]
    ).sort("child")
    born = h["children"]["birth_date"].gather(found["child"]).to_numpy().astype(np.int64)
    on = august_end(year - 1)
    age = np.sum([after_months(born, 12 * each) <= on for each in range(1, 19)], axis=0)
    age = np.where(born <= on, age, -1)
    return found.with_columns(year=pl.lit(year, pl.Int32), age=pl.Series(age, dtype=pl.Int32))


def _yearly(rows: pl.DataFrame) -> Whole:
    child, year = (rows[name].to_numpy().astype(np.int64) for name in ("child", "year"))
    return child * YEARS_OF_A_CHILD + year - 2000


def _attendance(draws: Draws, groups: pl.DataFrame) -> pl.DataFrame:
    """Sessions possible and missed of those of school age, and of some who are younger or older."""
    rate = rates()["education"]
    rows = groups.filter(pl.col("age").is_between(rate["listed_from_age"], rate["listed_to_age"]))
    key = _yearly(rows)
    possible = draws.of_spans("sessions possible", key, rate["sessions_possible"])
    missed = draws.of_spans("missed per mille", key, rate["missed_per_mille"])
    return rows.select("child", "year", "age").with_columns(
        sessions_possible=pl.Series(possible), sessions_missed=pl.Series(possible * missed // 1000)
    )


def _attainment(draws: Draws, groups: pl.DataFrame) -> pl.DataFrame:
    """Results at the end of key stages, of those who are of the age; of some a result is not known."""
    rate = rates()["education"]
    rows = groups.with_columns(
        key_stage=pl.when(age=rate["age_of_key_stage_2"]).then(pl.lit("2")).when(age=rate["age_of_key_stage_4"])
        .then(pl.lit("4"))
    ).drop_nulls("key_stage")  # fmt: skip
    key = _yearly(rows)
    second = rows["key_stage"] == "2"
    known = pl.Series(~draws.happens("result not known", key, rate["result_not_known"]))

    def result(values: np.ndarray, of: pl.Series) -> pl.Series:
        return pl.Series(values).set(~(of & known), None)

    return rows.select("child", "year", "key_stage").with_columns(
        expected_standard=result(draws.happens("expected standard", key, rate["expected_standard"]), second),
        progress=result(draws.of_spans("progress", key, rate["progress_tenths"]), second),
        attainment_8=result(draws.of_spans("attainment 8", key, rate["attainment_8_tenths"]), ~second),
    )


def _school_history(draws: Draws, h: Histories, years: range) -> pl.DataFrame:
    """The schools of children who come into care: one from five on, another from eleven on, and now and then a move."""
    rate, last = rates()["education"], year_end(years[-1])
    who = h["periods_of_care"].filter(pl.col("end_date") > year_start(years[0]))["child"].unique().sort()
    born = h["children"]["birth_date"].gather(who).to_numpy().astype(np.int64)
    child = who.to_numpy().astype(np.int64)
    leaves = school_year_start(after_months(born, rate["leaves_school_months"]))
    begins = [school_year_start(after_months(born, months)) for months in rate["begins_school_months"]]
    parts = [pl.DataFrame({"child": child, "start_date": begin, "turn": turn}) for turn, begin in enumerate(begins)]
    for year in range(years[0] - rate["moves_listed_years"], years[-1] + 1):
        key = child * YEARS_OF_A_CHILD + year - 2000
        day = year_start(year) + draws.integers("day of school move", key, 0, 364)
        moves = draws.happens("school move", key, rate["school_move"]) & (day > begins[0]) & (day < leaves)
        parts.append(pl.DataFrame({"child": child, "start_date": day, "turn": year})[np.flatnonzero(moves)])
    spells = pl.concat(parts).sort("child", "start_date", "turn").unique(["child", "start_date"], maintain_order=True)
    until = pl.DataFrame({"child": child, "leaves": leaves - 1})
    ends = pl.col("start_date").shift(-1).over("child") - 1
    return (
        spells.join(until, on="child", maintain_order="left")
        .with_columns(end_date=ends.fill_null(pl.col("leaves")), school=pl.format("S{}", pl.int_range(pl.len())))
        .filter(pl.col("start_date") <= last, pl.col("end_date") >= year_start(years[0]) - rate["listed_days_before"])
        .with_columns(child=pl.col("child").cast(pl.Int32))
        .select("child", "school", "start_date", "end_date")
    )


def _court_outcomes(draws: Draws, h: Histories, years: range) -> pl.DataFrame:
    """Care proceedings of some periods of care, and where the child lives when they end."""
    rate = rates()["courts"]
    periods = h["periods_of_care"]
    child, start = (periods[name].to_numpy().astype(np.int64) for name in ("child", "start_date"))
    key = period_key(child, start)
    ends = start + draws.of_spans("proceedings", key, rate["days"])
    found = draws.happens("proceedings", key, rate["proceedings"])
    codes, heavy = weights("courts", "outcome")
    outcome = np.asarray(codes)[draws.chosen("outcome of proceedings", key, heavy)]
    return pl.DataFrame({"child": periods["child"], "end_date": ends, "outcome": outcome}).filter(
        pl.Series(found), pl.col("end_date").is_between(year_start(years[0]), year_end(years[-1]))
    ).unique(["child", "end_date"], maintain_order=True)  # fmt: skip


def _family_group_decisions(draws: Draws, h: Histories, years: range) -> pl.DataFrame:
    """Children who enter pre-proceedings while on a plan, and whether their family was offered to decide."""
    rate = rates()["courts"]
    plans = h["plans"]
    child, start = (plans[name].to_numpy().astype(np.int64) for name in ("child", "start_date"))
    key = period_key(child, start)
    begins = start + draws.of_spans("pre-proceedings after", key, rate["pre_proceedings_after"])
    found = draws.happens("pre-proceedings", key, rate["pre_proceedings"])
    offered = draws.happens("decision offered", key, rate["offered"])
    held = offered & draws.happens("decision held", key, rate["held"])
    unknown = pl.Series(draws.happens("decision not known", key, rate["not_known"]))
    return (
        pl.DataFrame({"child": plans["child"], "start_date": begins})
        .with_columns(offered=pl.Series(offered).set(unknown, None), held=pl.Series(held).set(unknown, None))
        .filter(pl.Series(found), pl.col("start_date").is_between(year_start(years[0]), year_end(years[-1])))
        .unique(["child", "start_date"], maintain_order=True)
    )


def _conference_attendance(draws: Draws, h: Histories, years: range) -> pl.DataFrame:
    """The agencies that were invited to each conference after an enquiry, and whether they came."""
    rate = rates()["conference"]
    held = h["enquiries"].filter(pl.col("conference_date").is_between(year_start(years[0]), year_end(years[-1])))
    held = held.select("child", "conference_date").unique(maintain_order=True).sort("child", "conference_date")
    child, day = (held[name].to_numpy().astype(np.int64) for name in ("child", "conference_date"))
    key = period_key(child, day)
    parts: list[pl.DataFrame] = []
    for number, (agency, invited) in enumerate(rate["invited"].items()):
        of_agency = key * len(rate["invited"]) + number
        asked = draws.happens("agency invited", of_agency, invited)
        came = draws.happens("agency came", of_agency, rate["came"][agency])
        parts.append(held.with_columns(agency=pl.lit(agency), attended=pl.Series(came)).filter(pl.Series(asked)))
    return pl.concat(parts).sort("child", "conference_date", "agency")


def _early_help(draws: Draws, h: Histories, years: range) -> pl.DataFrame:
    """Spells of early help after cases that closed for it."""
    rate = rates()["early_help"]
    closed = h["cases"].filter(closure_reason=NO_ACTION_HELPED)
    child, case = (closed[name].to_numpy().astype(np.int64) for name in ("child", "case"))
    key = child * CASES_OF_A_CHILD + case
    start = closed["closure_date"].to_numpy().astype(np.int64) + draws.of_spans("early help after", key, rate["after"])
    end = start + draws.of_spans("early help", key, rate["days"])
    return (
        pl.DataFrame({"child": closed["child"], "start_date": start, "end_date": end})
        .filter(pl.col("start_date") <= year_end(years[-1]), pl.col("end_date") >= year_start(years[0]))
        .unique(["child", "start_date"], maintain_order=True)
        .sort("child", "start_date")
    )


def _lasting_relationships(draws: Draws, h: Histories) -> pl.DataFrame:
    leavers = h["care_leavers"].select("child", "year")
    identified = draws.happens("lasting relationship", _yearly(leavers), rates()["records"]["lasting_relationship"])
    return leavers.with_columns(identified=pl.Series(identified))


def of_authority_years(
    draws: Draws, h: Histories, population: Mapping[int, int], years: range
) -> dict[str, pl.DataFrame]:
    """By table: what is supplied of the authority itself, by year, and its leaders and inspections."""
    return {
        "finance": _finance(draws, h, population, years),
        "population": pl.DataFrame({"year": [*years], "population": [population[year] for year in years]}),
        "deprivation": _of_years(draws, years, score=rates()["place"]["deprivation"]),
        "injury_admissions": _injuries(draws, population, years),
        "posts_by_kind": pl.concat([_posts(draws, h, year) for year in years]),
        "post_holders": _post_holders(draws, years),
        "inspections": _inspections(draws, years),
    }


def _of_years(draws: Draws, years: range, **spans: list[list[int]]) -> pl.DataFrame:
    """A number of the authority that is the same in every year."""
    of_authority = np.zeros(len(years), dtype=np.int64)
    drawn = {name: pl.Series(draws.of_spans(name, of_authority, each)) for name, each in spans.items()}
    return pl.DataFrame({"year": [*years]}).with_columns(**drawn)


def _finance(draws: Draws, h: Histories, population: Mapping[int, int], years: range) -> pl.DataFrame:
    """Spending by line, and that on Family Help also by where its money comes from."""
    rate = rates()["finance"]
    rows: list[tuple[int, str, str | None, int]] = []
    for year in years:
        key = np.array([year])
        last = year_end(year)
        in_care = h["periods_of_care"].filter(pl.col("start_date") <= last, pl.col("end_date") > last).height
        care = max(in_care, 1) * int(draws.of_spans("cost of care", key, rate["of_a_child_in_care"])[0])
        help_ = population[year] * int(draws.of_spans("cost of help", key, rate["family_help_of_a_child"])[0])
        whole = care + help_ + help_ * rate["besides"] // 1000
        everything = whole * 1000 // int(draws.of_spans("share of spending", key, rate["of_all_services"])[0])
        rows += [
            (year, line, None, amount)
            for line, amount in (
                ("children_looked_after", care),
                ("childrens_social_care", whole),
                ("family_help", help_),
                ("all_services", everything),
            )
        ]
        parts = {name: help_ * share // 1000 for name, share in rate["funding"].items()}
        rows += [(year, "family_help", name, amount) for name, amount in parts.items()]
    return pl.DataFrame(rows, schema=["year", "line", "funding", "amount"], orient="row")


def _injuries(draws: Draws, population: Mapping[int, int], years: range) -> pl.DataFrame:
    rate = rates()["place"]
    people = np.array([population[year] for year in years]) * rate["injury_population"] // 1000
    of_10000 = draws.of_spans("injuries", np.array(years), rate["injuries"])
    return pl.DataFrame({"year": [*years], "admissions": people * of_10000 // 10_000, "population": people})


def _posts(draws: Draws, h: Histories, year: int) -> pl.DataFrame:
    """Full-time equivalents, in hundredths: social workers by role as their posts are, and other kinds of post."""
    last, rate = year_end(year), rates()["posts"]
    on_the_day = (pl.col("start_date") <= last) & (pl.col("end_date") > last)
    filled = h["staff"].filter(on_the_day, ~pl.col("is_agency")).select("post", filled=pl.lit(value=True))
    by_role = (
        h["posts"]
        .join(filled, on="post", how="left")
        .group_by("role")
        .agg(
            vacancies=pl.col("share").filter(pl.col("filled").is_null()).sum(),
            in_post=pl.col("share").filter(pl.col("filled").is_not_null()).sum(),
        )
        .with_columns(post=pl.col("role").replace_strict(rate["kind_of_role"], default=None))
        .drop_nulls("post")
        .sort("role")
        .select("post", pl.col("vacancies", "in_post").cast(pl.Int64))
    )
    social_workers = by_role["in_post"].sum()
    kinds = list(rate["for_a_thousand_social_workers"])
    key = np.arange(len(kinds)) * YEARS_OF_A_CHILD + year - 2000
    size = np.array([rate["for_a_thousand_social_workers"][kind] for kind in kinds]) * social_workers // 1000
    empty = size * draws.of_spans("posts vacant", key, rate["vacant_per_mille"]) // 1000
    others = pl.DataFrame({"post": kinds, "vacancies": empty, "in_post": size - empty})
    return pl.concat([by_role, others]).with_columns(year=pl.lit(year))


def _post_holders(draws: Draws, years: range) -> pl.DataFrame:
    """Who led the services one after another."""
    rate = rates()["leaders"]
    posts = tuple(rate["stays"])
    parts: list[pl.DataFrame] = []
    for number, post in enumerate(posts):
        day, turn = year_start(years[0]) - rate["known_for"], 0
        while day <= year_end(years[-1]):
            key = np.array([number * YEARS_OF_A_CHILD + turn])
            until = day + int(draws.of_spans("leads", key, rate["stays"][post])[0])
            interim = bool(draws.happens("interim", key, rate["interim"])[0])
            parts.append(pl.DataFrame({"post": post, "interim": interim, "start_date": day, "end_date": until - 1}))
            day, turn = until + int(draws.of_spans("no leader", key, rate["nobody"])[0]), turn + 1
    return pl.concat(parts)


def _inspections(draws: Draws, years: range) -> pl.DataFrame:
    rate = rates()["leaders"]
    codes, heavy = weights("leaders", "judgement")
    day, turn = year_start(years[0]) - rate["known_for"], 0
    rows: list[tuple[int, str]] = []
    while day <= year_end(years[-1]):
        key = np.array([turn])
        rows.append((day, codes[int(draws.chosen("judgement", key, heavy)[0])]))
        day, turn = day + int(draws.of_spans("inspected after", key, rate["inspected_after"])[0]), turn + 1
    return pl.DataFrame(rows, schema=["inspection_date", "judgement"], orient="row")
