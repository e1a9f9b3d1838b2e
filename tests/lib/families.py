"""The families of indicators, each with what its tests need: histories, an oracle and SQL.

A family is the indicators of one collection that are computed from what happens to a child. One test of a law or of
agreement serves all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from csc_indicators.catalogue import catalogue
from csc_indicators.examples import tables_of_example
from csc_indicators.indicators import REGISTRY
from csc_indicators.periods import year
from tests.lib import care_histories, case_histories, histories, sql_care, sql_care_outcomes, sql_cases
from tests.lib.oracles import CARE_ORACLES, ORACLES
from tests.lib.sql_statements import Statements

YEARS = tuple(year(ends) for ends in range(2022, 2027))
ONCE_A_YEAR = ("ssda903.outcomes", "ssda903.care_leavers")
"""Tables of what is collected once a year: indicators that read them are asked for reporting years only."""


@dataclass(frozen=True)
class Family:
    """Indicators of one collection.

    Attributes:
        histories: Tables as examples write them, by plain name.
        child: The tables of one more child of an authority.
        oracles: The row-by-row reading of each indicator.
        prefix: What the names of its oracles' tables begin with.
        sql: The SQL of its indicators, whichever statements hold it.
        keys: The key of each table whose rows can be units.
    """

    collection: str
    histories: SearchStrategy[dict[str, list]]
    child: Callable[[str, str], SearchStrategy[dict[str, list]]]
    oracles: Mapping[str, Callable[..., list[dict[str, Any]]]]
    prefix: str
    sql: Sequence[Statements]
    keys: Mapping[str, str]

    def frames(self, tables):
        """The validated tables, by the names that specs give them."""
        return tables_of_example(self.collection, tables)

    def rows(self, frames):
        """Their rows, by the names that the oracles know."""
        return {
            self.prefix + name.removeprefix(f"{self.collection}.") if "." in name else name: frame.to_dicts()
            for name, frame in frames.items()
        }

    def sums(self, indicator, frames, periods, **parameters):
        """The sums of an indicator by SQL."""
        plain = {name.removeprefix(f"{self.collection}."): frame.to_dicts() for name, frame in frames.items()}
        statements = next(held for held in self.sql if indicator in held.queries)
        return statements.sums(indicator, plain, periods, **parameters)


@st.composite
def another_case(draw, la_code, child_id):
    return draw(case_histories.cases(la_code, child_id, draw(histories.coverages())))


CASES = Family(
    "cin",
    case_histories.case_histories(),
    another_case,
    ORACLES,
    "",
    (sql_cases.STATEMENTS,),
    {
        "cin.episodes": "episode_key",
        "cin.assessments": "assessment_key",
        "cin.section_47_enquiries": "enquiry_key",
        "cin.child_protection_plans": "plan_key",
        "cin.child_in_need_plans": "child_in_need_plan_key",
    },
)
CARE = Family(
    "ssda903",
    care_histories.care_histories(),
    care_histories.children,
    CARE_ORACLES,
    "ssda903.",
    (sql_care.STATEMENTS, sql_care_outcomes.STATEMENTS),
    {"ssda903.episodes": "episode_key", "ssda903.care_leavers": "care_leaver_key"},
)
FAMILY_OF = {name: family for family in (CASES, CARE) for name in sorted(family.oracles)}
"""Every indicator that a family holds."""

every_indicator = tuple(FAMILY_OF)


def is_collected_once_a_year(indicator):
    return any(table in ONCE_A_YEAR for table in catalogue().indicator(indicator).tables)


def periods_for(indicator):
    """Periods that the indicator can be asked for: years, more often than not; or quarters, months, rolling years."""
    if not is_collected_once_a_year(indicator):
        return case_histories.period_lists()
    return st.sampled_from((YEARS, YEARS, YEARS[1:3], YEARS[3:4]))


def parameters_for(indicator, tables):
    """Every combination of the parameters that can be answered from the tables."""
    drawn = case_histories.parameters_of(indicator)
    if indicator != "deescalation_sustained" or "care_episodes" in tables:
        return drawn

    def answerable(parameters):
        """Entry to care alone needs periods of care."""
        alone = parameters.get("re_presentation") == ("care_entry",)
        return parameters | {"re_presentation": ("care_entry", "referral")} if alone else parameters

    return drawn.map(answerable)


def arguments(indicator, frames):
    """The positional tables of an indicator, and the optional ones that are there."""
    spec = catalogue().indicator(indicator)
    return [frames[name] for name in spec.tables], {
        name: frames[name] for name in spec.optional_tables if name in frames
    }


def records(indicator, frames, periods, **keywords) -> pl.DataFrame:
    """The unit records of an indicator."""
    positional, optional = arguments(indicator, frames)
    return REGISTRY[indicator](*positional, periods=periods, **optional, **keywords).collect()


def expected(indicator, rows, periods, *, why=False, **parameters):
    """The units of the row-by-row reading, with their period; with `why`, also the candidates that are none."""
    oracle = FAMILY_OF[indicator].oracles[indicator]
    return [
        {"period": period.label} | unit
        for period in periods
        for unit in oracle(rows, period.start, period.end, **parameters)
        if why or unit["listed"]
    ]
