"""What happens to children who are referred, simulated forward as competing exits from one stage of a case to the next.

A case begins with a referral. It ends at once, or is assessed; then it is not in need, in need, or the subject of an
enquiry; an enquiry may lead to a conference and a plan, a plan steps down to need or ends, and need ends or leads to
another enquiry. From each stage the exits compete: one is drawn by its share, and the time to it by its own spans. A
case that closed may be followed by another referral. All children of an authority take each step together.

Dates are whole days, and are what eventually happens: what a return could know of them is decided when it is written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from csc_indicators.synthetic.case_records import CASES_OF_A_CHILD, STAGES_OF_A_CASE, TURNS, factors_of, reviews_of
from csc_indicators.synthetic.codes_of_their_time import in_codes_of_their_time
from csc_indicators.synthetic.days import adult_on, after_months, after_working_days, working_day_from
from csc_indicators.synthetic.draws import Draws, Flags, Whole
from csc_indicators.synthetic.people import Children
from csc_indicators.synthetic.rates import rates, weights

IN_NEED, ENQUIRY, PLAN, CARE, OVER = range(5)
CLOSED_AFTER_CARE = {
    "RC1": ("E11", "E12"),
    "RC4": ("E45", "E46", "E47", "E48"),
    "RC3": ("E41",),
    "RC5": ("E3",),
    "RC7": ("E13", "E8", "E16"),
}
"""Why a case closes, by how its child left care last."""

SCHEMAS: Mapping[str, Mapping[str, pl.DataType]] = {
    "cases": {
        "referral_date": pl.Int32(),
        "referral_source": pl.String(),
        "primary_need": pl.String(),
        "no_further_action": pl.Boolean(),
        "transfer_conference_date": pl.Int32(),
        "closure_date": pl.Int32(),
        "closure_reason": pl.String(),
    },
    "assessments": {"start_date": pl.Int32(), "authorisation_date": pl.Int32()},
    "assessment_factors": {"start_date": pl.Int32(), "authorisation_date": pl.Int32(), "factor": pl.String()},
    "child_in_need_plans": {"start_date": pl.Int32(), "end_date": pl.Int32()},
    "enquiries": {"start_date": pl.Int32(), "conference_date": pl.Int32()},
    "plans": {
        "start_date": pl.Int32(),
        "end_date": pl.Int32(),
        "initial_category": pl.String(),
        "latest_category": pl.String(),
        "previous_plans": pl.Int32(),
    },
    "reviews": {"start_date": pl.Int32(), "review_date": pl.Int32()},
    "periods_of_care": {"start_date": pl.Int32(), "end_date": pl.Int32(), "reason_ceased": pl.String()},
}
"""The histories of cases: every table has `child` and `case` before these; a plan's reviews name the plan's start."""


@dataclass
class _Written:
    """Rows as they come about, by table: columns of equal length."""

    parts: defaultdict[str, list[pl.DataFrame]] = field(default_factory=lambda: defaultdict(list))

    def add(self, table: str, child: Whole, case: Whole, **columns: object) -> None:
        frame = pl.DataFrame({"child": child, "case": case, **columns})
        self.parts[table].append(frame.cast({"child": pl.Int32, "case": pl.Int32, **SCHEMAS[table]}))

    def tables(self) -> dict[str, pl.DataFrame]:
        keys = {"child": pl.Int32(), "case": pl.Int32()}
        return {
            name: pl.concat([pl.DataFrame(schema={**keys, **schema}), *self.parts[name]]).sort(
                "child", "case", *(column for column in schema if column == "start_date"), maintain_order=True
            )
            for name, schema in SCHEMAS.items()
        }


def simulate_cases(
    draws: Draws, children: Children, authority: Mapping[str, int], last_day: int
) -> dict[str, pl.DataFrame]:
    """The cases of these children that begin by `last_day`, by the tables of `SCHEMAS`."""
    written = _Written()
    rate = rates()
    who = children.number
    referral = children.first_referral
    plans = draws.of_spans("earlier plans", who, _earlier_plans(authority["earlier_plans"]))
    plans = np.where(after_months(children.birth, 24) <= referral, plans, 0)
    need = np.full(who.size, -1)
    number = 0
    while who.size:
        if number == CASES_OF_A_CHILD:  # no child of a sane set of rates comes back so often
            raise AssertionError("the rates bring children back without end")
        case = _Cases(draws, children, authority, who, number, referral, plans, need)
        closure, reason, plans, need = case.run(written)
        key = case.key
        back = draws.happens("comes back", key, authority["comes_back"]) & ~np.isin(reason, ("RC1", "RC2", "RC6"))
        again = closure + draws.of_spans("returns after", key, rate["closure"]["returns_after"])
        back &= (again <= last_day) & (again < adult_on(children.birth[who]))
        who, referral, plans, need = who[back], again[back], plans[back], need[back]
        number += 1
    tables = {name: in_codes_of_their_time(name, table) for name, table in written.tables().items()}
    return tables | {
        "assessment_factors": factors_of(draws, tables["assessments"]),
        "reviews": reviews_of(draws, tables["plans"]),
    }


def _earlier_plans(scale: int) -> list[list[int]]:
    """The spans of plans that children had before the simulation begins, some being more or less likely."""
    return [
        [weight * (scale if least else 1000), least, most] for weight, least, most in rates()["plan"]["earlier_plans"]
    ]


class _Cases:
    """One case of each of some children, from referral to closure."""

    def __init__(
        self,
        draws: Draws,
        children: Children,
        authority: Mapping[str, int],
        who: Whole,
        number: int,
        referral: Whole,
        plans: Whole,
        need: Whole,
    ) -> None:
        self.draws, self.authority, self.rate = draws, authority, rates()
        self.who, self.number, self.referral, self.need_before = who, np.full(who.size, number), referral, need
        self.birth, self.disabled, self.family = children.birth[who], children.disabled[who], children.family[who]
        self.alone = children.alone[who]
        self.adult = adult_on(self.birth)
        self.key = who * CASES_OF_A_CHILD + number
        self.plans = plans.copy()
        self.closure = referral.copy()
        self.reason = np.full(who.size, "", dtype="<U3")
        self.first_case = number == 0
        self.care_reason = np.full(who.size, "", dtype="<U3")

    def run(self, written: _Written) -> tuple[Whole, np.ndarray, Whole, Whole]:
        draws, rate = self.draws, self.rate
        none = draws.happens("no further action", self.key, self.authority["no_further_action"])
        need = self._need()
        courses, shares = weights("assessment", "course")
        course = np.asarray(courses)[self._shared("course", shares)]
        course[none] = "none"
        arrives = self.alone & self.first_case & (self.referral < self.adult)
        none &= ~arrives
        course[arrives] = "arrived"
        too_old = after_months(self.birth, rate["enquiry"]["latest_age_months"]) <= self.referral
        course[too_old & (course == "moved_in")] = "in_need"
        start = working_day_from(
            self.referral + draws.of_spans("assessed after", self.key, rate["assessment"]["starts_after"])
        )
        took = draws.of_spans("assessment", self.key, rate["assessment"]["working_days"])
        done = after_working_days(start, took)
        assessed = ~none
        written.add(
            "assessments",
            self.who[assessed],
            self.number[assessed],
            start_date=start[assessed],
            authorisation_date=done[assessed],
        )
        self._not_in_need(course == "not_in_need", done)
        conference = self._stages(course, done, written)
        self._assess_again(course, done, written)
        known = draws.happens("need known", self.key, rate["referral"]["need_known_without_action"])
        unknown = none & ~known
        written.add(
            "cases",
            self.who,
            self.number,
            referral_date=self.referral,
            referral_source=self._coded("referral source", "referral", "source"),
            primary_need=pl.Series(np.asarray(weights("referral", "need")[0])[need]).set(pl.Series(unknown), None),
            no_further_action=none,
            transfer_conference_date=conference,
            closure_date=self.closure,
            closure_reason=pl.Series(self.reason).replace("", None),
        )
        return self.closure, self.reason, self.plans, need

    def _shared(self, name: str, shares: tuple[int, ...]) -> Whole:
        """Drawn for the family where its children are alike at their first referral, else for the child."""
        own = self.draws.chosen(name, self.key, shares)
        if not self.first_case:
            return own
        alike = self.draws.happens("alike", self.key, self.rate["family"]["alike"])
        return np.where(alike, self.draws.chosen(f"{name} of family", self.family, shares), own)

    def _need(self) -> Whole:
        """Often the need of the case before; usually that of a disabled child for one."""
        codes, heavy = weights("referral", "need")
        rate = self.rate["referral"]
        need = self._shared("need", heavy)
        of_disabled = self.disabled & self.draws.happens("need of disabled", self.key, rate["need_of_disabled"])
        need = np.where(of_disabled, codes.index("N2"), need)
        same = (self.need_before >= 0) & self.draws.happens("same need", self.key, rate["same_need_again"])
        return np.where(same, self.need_before, need)

    def _coded(self, name: str, table: str, column: str) -> np.ndarray:
        codes, heavy = weights(table, column)
        return np.asarray(codes)[self.draws.chosen(name, self.key, heavy)]

    def _not_in_need(self, chosen: Flags, done: Whole) -> None:
        rate = self.rate["not_in_need"]
        after = self.draws.of_spans("closes after assessment", self.key, rate["closes_after"])
        early_help = self.draws.happens("early help", self.key, rate["early_help"])
        self.closure[chosen] = (done + after)[chosen]
        self.reason[chosen] = np.where(early_help, "RC9", "RC8")[chosen]

    def _stages(self, course: np.ndarray, done: Whole, written: _Written) -> pl.Series:
        """Take the cases through need, enquiries and plans until each is over; the conference of those moved in."""
        draws, rate = self.draws, self.rate
        at = np.flatnonzero(np.isin(course, ("in_need", "enquiry", "moved_in", "arrived")))
        state = np.select(
            [course[at] == each for each in ("in_need", "enquiry", "arrived")], [IN_NEED, ENQUIRY, CARE], default=PLAN
        )
        # An enquiry begins while the case is assessed, a conference at a transfer some working days after the referral.
        begins = np.where(state == IN_NEED, done[at], self.referral[at])
        asked = self.referral[at] + draws.of_spans("enquiry after", self.key[at], rate["enquiry"]["starts_after"])
        begins = np.where(state == ENQUIRY, asked, begins)
        moved = after_working_days(self.referral[at], draws.integers("moved in", self.key[at], 5, 15))
        begins = np.where(state == PLAN, moved, begins)
        conference = np.full(self.who.size, -1)
        conference[at[state == PLAN]] = moved[state == PLAN]
        assessed_by = done[at]
        stage = 0
        while at.size:
            if stage == STAGES_OF_A_CASE:
                raise AssertionError("the rates take cases round without end")
            key = self.key[at] * STAGES_OF_A_CASE + stage
            then, ends = np.full(at.size, OVER), begins.copy()
            for own, step in (
                (IN_NEED, self._in_need),
                (ENQUIRY, self._enquiry),
                (PLAN, self._plan),
                (CARE, self._care),
            ):
                here = state == own
                then[here], ends[here] = step(at[here], key[here], begins[here], written)
            over = then == OVER
            self._close(at[over], key[over], np.maximum(ends[over], assessed_by[over]))
            # After an enquiry without a conference need is settled by the assessment, if that takes longer.
            waits = (state == ENQUIRY) & (then == IN_NEED)
            ends = np.where(waits, np.maximum(ends, assessed_by), ends)
            at, state, begins, assessed_by = at[~over], then[~over], ends[~over], assessed_by[~over]
            stage += 1
        return pl.Series(conference).replace(-1, None)

    def _in_need(self, at: Whole, key: Whole, begins: Whole, written: _Written) -> tuple[Whole, Whole]:
        rate, draws = self.rate["in_need"], self.draws
        starts = begins + draws.of_spans("need plan after", key, rate["plan_after"])
        long = self.disabled[at]
        lasts = np.where(
            long,
            draws.of_spans("need of disabled", key, rate["days_of_disabled"]),
            draws.of_spans("need", key, rate["days"]),
        )
        ends = np.minimum(starts + lasts, np.maximum(self.adult[at], starts + 1))
        written.add("child_in_need_plans", self.who[at], self.number[at], start_date=starts, end_date=ends)
        young = after_months(self.birth[at], self.rate["enquiry"]["latest_age_months"]) > ends
        asked = young & draws.happens("enquiry follows need", key, rate["enquiry_follows"])
        closing = ends + draws.of_spans("closes after need", key, rate["closes_after"])
        taken = self._enters_care("care after need", at, key, ends, "enters_after_need") & ~asked
        return np.select([asked, taken], [ENQUIRY, CARE], OVER), np.where(asked | taken, ends, closing)

    def _enquiry(self, at: Whole, key: Whole, begins: Whole, written: _Written) -> tuple[Whole, Whole]:
        rate, draws = self.rate["enquiry"], self.draws
        starts = working_day_from(begins)
        days = draws.of_spans("conference", key, rate["conference_working_days"])
        held_on = after_working_days(starts, days)
        young = after_months(self.birth[at], rate["latest_age_months"]) > held_on
        held = young & draws.happens("conference held", key, self.authority["conference_after_enquiry"])
        conference = pl.Series(held_on).set(pl.Series(~held), None)
        written.add("enquiries", self.who[at], self.number[at], start_date=starts, conference_date=conference)
        planned = held & draws.happens("plan follows", key, rate["plan_follows"])
        return np.where(planned, PLAN, IN_NEED), np.where(held, held_on, starts)

    def _plan(self, at: Whole, key: Whole, begins: Whole, written: _Written) -> tuple[Whole, Whole]:
        rate, draws = self.rate["plan"], self.draws
        ends = np.minimum(begins + draws.of_spans("plan", key, rate["days"]), self.adult[at] - 1)
        codes, heavy = weights("plan", "category")
        first, second = (np.asarray(codes)[draws.chosen(name, key, heavy)] for name in ("category", "later category"))
        changes = draws.happens("category changes", key, rate["category_changes"])
        written.add(
            "plans",
            self.who[at],
            self.number[at],
            start_date=begins,
            end_date=ends,
            initial_category=first,
            latest_category=np.where(changes, second, first),
            previous_plans=self.plans[at],
        )
        self.plans[at] += 1
        down = draws.happens("stepped down", key, rate["stepped_down"]) & (ends + 1 < self.adult[at])
        taken = self._enters_care("care after plan", at, key, ends, "enters_after_plan")
        return np.select([taken, down], [CARE, IN_NEED], OVER), np.where(down & ~taken, ends + 1, ends)

    def _enters_care(self, name: str, at: Whole, key: Whole, day: Whole, rate: str) -> Flags:
        """Whether a child who is born and not yet grown up is then looked after."""
        able = (day >= self.birth[at]) & (day < self.adult[at])
        return able & self.draws.happens(name, key, self.rate["care"][rate] * self.authority["enters_care"] // 1000)

    def _care(self, at: Whole, key: Whole, begins: Whole, written: _Written) -> tuple[Whole, Whole]:
        """A period of care: exits compete by the age at entry. Who goes home is in need again."""
        rate, draws = self.rate["care"], self.draws
        exits = tuple(rate["exit"]["infants"])
        ages = [after_months(self.birth[at], months) > begins for months in rate["younger_than_months"]]
        chosen = [draws.chosen(f"exit of {name}", key, tuple(rate["exit"][name].values())) for name in rate["exit"]]
        way = np.select(ages, chosen[:-1], chosen[-1])
        grown = self.adult[at]
        ends = grown.copy()
        reason = np.full(at.size, "", dtype="<U3")
        for number, name in enumerate(exits):
            here = way == number
            if name in rate["days"]:
                lasts = draws.of_spans(f"days until {name}", key, rate["days"][name])
                ends = np.where(here, np.minimum(begins + lasts, grown), ends)
        early = ends < grown
        for number, name in enumerate(exits):
            here = (early & (way == number)) | (~early & (name == "grown_up"))
            codes, heavy = tuple(rate["reason"][name]), tuple(rate["reason"][name].values())
            reason = np.where(here, np.asarray(codes)[draws.chosen(f"reason {name}", key, heavy)], reason)
        written.add(
            "periods_of_care", self.who[at], self.number[at], start_date=begins, end_date=ends, reason_ceased=reason
        )
        home = np.isin(reason, ("E4A", "E4B")) & (ends < grown)
        self.care_reason[at] = reason
        return np.where(home, IN_NEED, OVER), ends

    def _close(self, at: Whole, key: Whole, closure: Whole) -> None:
        """Close cases: the grown-up mostly move to adult services, and nobody dies or is adopted before birth."""
        codes, heavy = weights("closure", "reason")
        reason = np.asarray(codes)[self.draws.chosen("closure reason", key, heavy)]
        reason[(closure < self.birth[at]) & np.isin(reason, ("RC1", "RC2"))] = "RC7"
        for code, reasons in CLOSED_AFTER_CARE.items():
            reason[np.isin(self.care_reason[at], reasons)] = code
        grown = closure >= self.adult[at]
        reason[grown] = np.where(self.draws.happens("adult services", key[grown], 700), "RC6", "RC7")
        self.closure[at], self.reason[at] = closure, reason

    def _assess_again(self, course: np.ndarray, done: Whole, written: _Written) -> None:
        """Assess long cases again, each time some months after the time before."""
        rate, draws = self.rate["assessment"], self.draws
        at = np.flatnonzero(~np.isin(course, ("none", "not_in_need")))
        before, turn = done[at], 1
        while at.size:
            key = self.key[at] * TURNS + turn
            start = working_day_from(before + draws.of_spans("assessed again after", key, rate["again_after"]))
            again = after_working_days(start, draws.of_spans("assessed again", key, rate["working_days"]))
            in_time = again < self.closure[at]
            at, before = at[in_time], again[in_time]
            written.add(
                "assessments", self.who[at], self.number[at], start_date=start[in_time], authorisation_date=before
            )
            turn += 1
