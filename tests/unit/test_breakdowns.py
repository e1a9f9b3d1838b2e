"""Which group a record falls in: every code and age, the edges of every band, and what is not known."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from csc_indicators.breakdowns import BREAKDOWNS, UNKNOWN, breakdown
from csc_indicators.catalogue import catalogue
from csc_indicators.census_years import periods_in
from csc_indicators.codes import CODE_SETS, ETHNICITY, PRIMARY_NEED, REFERRAL_SOURCE
from csc_indicators.errors import UsageError
from csc_indicators.examples import tables_of_example
from csc_indicators.indicators import REGISTRY
from csc_indicators.periods import year

ON = dt.date(2025, 3, 31)


def grouped(name, *values, dtype=None):
    line = breakdown(name)
    frame = pl.DataFrame({line.attribute: pl.Series(values, dtype=dtype, strict=False)})
    return frame.select(group=line.group_of(ON))["group"].to_list()


def test_sex():
    codes = CODE_SETS["sex"]

    assert grouped("sex", "F", "M", "U", None, dtype=codes.dtype) == ["Female", "Male", UNKNOWN, UNKNOWN]


def test_disability():
    assert grouped("disabled", True, False, None, dtype=pl.Boolean) == ["Disabled", "Not disabled", UNKNOWN]


def test_age_bands_at_their_edges():
    ages = (-1, 0, 1, 4, 5, 9, 10, 15, 16, 17, 18, 40, None)

    assert grouped("age_band", *ages, dtype=pl.Int16) == [
        "Unborn", "Under 1", "1 to 4", "1 to 4", "5 to 9", "5 to 9", "10 to 15", "10 to 15", "16 to 17", "16 to 17",
        "18 and over", "18 and over", UNKNOWN,
    ]  # fmt: skip


def test_times_referred_at_their_edges():
    assert grouped("times_referred", 1, 2, 3, 4, 5, 6, 60, None, dtype=pl.Int64) == [
        "1", "2", "3", "4", "5 or more", "5 or more", "5 or more", UNKNOWN
    ]  # fmt: skip


def test_every_ethnicity_has_its_major_group():
    groups = dict(
        zip(ETHNICITY.codes, grouped("ethnicity_major", *ETHNICITY.codes, dtype=ETHNICITY.dtype), strict=True)
    )
    first_letter = {
        "W": "White",
        "M": "Mixed or multiple ethnic groups",
        "A": "Asian or Asian British",
        "C": "Asian or Asian British",
        "B": "Black, African, Caribbean or Black British",
        "O": "Other ethnic group",
    }

    assert groups == {code: UNKNOWN if code in ("REFU", "NOBT") else first_letter[code[0]] for code in ETHNICITY.codes}
    assert grouped("ethnicity_major", None, dtype=ETHNICITY.dtype) == [UNKNOWN]


def test_every_referral_source_has_its_group():
    groups = dict(
        zip(
            REFERRAL_SOURCE.codes,
            grouped("referral_source_group", *REFERRAL_SOURCE.codes, dtype=REFERRAL_SOURCE.dtype),
            strict=True,
        )
    )
    expected = {
        "1": "Individual", "2A": "Schools", "2B": "Education services", "3": "Health services", "4": "Housing",
        "5": "Local authority services", "6": "Police", "7": "Other legal agency", "8": "Other", "9": "Anonymous",
        "10": UNKNOWN,
    }  # fmt: skip

    assert groups == {code: expected[code] if code in expected else expected[code[0]] for code in REFERRAL_SOURCE.codes}


def test_every_primary_need_is_a_group_under_its_label():
    groups = grouped("primary_need", *PRIMARY_NEED.codes, None, dtype=PRIMARY_NEED.dtype)

    assert groups == [*(f"{code} {label}" for code, label in PRIMARY_NEED.labels.items()), UNKNOWN]


DTYPES = {
    **{name: code_set.dtype for name, code_set in CODE_SETS.items()},
    **dict.fromkeys(("plan_kind", "destination", "re_presented_by", "social_care_group"), pl.String),
    **dict.fromkeys(("disabled", "awaiting_assessment", "uasc"), pl.Boolean),
    "placement_lived_in": CODE_SETS["placement"].dtype,
    "age": pl.Int16,
}


@pytest.mark.parametrize("name", BREAKDOWNS)
def test_the_groups_are_distinct_end_with_unknown_and_are_the_type_of_every_record(name):
    line = breakdown(name)
    groups = line.groups(ON)
    frame = pl.DataFrame(schema={line.attribute: DTYPES.get(line.attribute, pl.Int64)})

    assert len(set(groups)) == len(groups) > 2
    assert groups[-1] == ("Did not within the time followed" if name == "re_presented_by" else UNKNOWN)
    assert frame.select(line.group_of(ON)).dtypes == [pl.Enum(groups)]
    assert line.title


@pytest.mark.parametrize("indicator", sorted(REGISTRY))
def test_every_breakdown_of_an_indicator_finds_its_attribute_in_the_unit_records(indicator):
    spec = catalogue().indicator(indicator)
    tables = tables_of_example(spec.collection, {})
    held = [tables[name] for name in spec.tables]
    records = REGISTRY[indicator](*held, periods=periods_in(spec.collection, [year(2025)]))
    columns = records.collect_schema().names()

    assert {breakdown(name).attribute for name in spec.breakdowns} <= set(columns)


def test_an_unknown_breakdown_is_refused_with_the_nearest_name():
    with pytest.raises(UsageError) as caught:
        breakdown("ethnicity")

    assert str(caught.value).startswith(
        'No breakdown is called "ethnicity". Did you mean "ethnicity_major"? Breakdowns: sex, '
    )


def test_a_grouping_is_refused_before_its_first_day():
    with pytest.raises(UsageError, match="no value before 2012-04-01"):
        breakdown("age_band").groups(dt.date(2012, 3, 31))
