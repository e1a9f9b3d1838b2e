"""Where care leavers live: the definitions of `specs/indicators/care_leavers_*_accommodation.toml`.

See `care_leavers` for who is asked about, and when.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from csc_indicators.histories.care import Unaccompanied, codes_in
from csc_indicators.histories.referrals import ALWAYS
from csc_indicators.indicators.care_leavers import NotKnown, is_recorded, leaver_records
from csc_indicators.indicators.keywords import checked
from csc_indicators.looked_after_codes import ACCOMMODATION, SUITABLE, UNSUITABLE
from csc_indicators.periods import Period


@checked
def care_leavers_suitable_accommodation(
    care_leavers: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    from_age: int = 17,
    to_age: int = 21,
    excluded_contact: Sequence[str] | None = ("DIED", "RHOM"),
    excluded_accommodation: Sequence[str] | None = ("G1", "G2", "H1", "H2", "R1", "R2"),
    not_known: NotKnown = "keep",
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of care leavers in accommodation considered suitable.

    Args:
        care_leavers: The validated `Ssda903.care_leavers`, one row a young person and year.
        periods: The reporting years.
        from_age: The youngest age, in completed years at the end of the year.
        to_age: The oldest age.
        excluded_contact: Who is left out, by the contact recorded: who died or went home for good; None for nobody.
        excluded_accommodation: Who is left out, by where they live: gone abroad, deported, residence not known; None
            for nobody.
        not_known: Whether those whose accommodation is not known stay in the denominator.
        uasc: Whether those who came as unaccompanied asylum-seeking children count, count not, or are the only ones to
            count.
        why: Also say which clause decided each care leaver of the year.

    Returns:
        Unit records, one a care leaver: numerator 1 where it is so, denominator 1.

    Raises:
        UsageError: a period is no reporting year.

    Source: specs/indicators/care_leavers_suitable_accommodation.toml.

    >>> from csc_indicators.examples import example_care_tables
    >>> from csc_indicators.periods import year
    >>> leaver = {"year": "2025-03-31", "birth_date": "2005-05-10", "accommodation": "U1"}
    >>> care_leavers = example_care_tables({"care_leavers": [leaver]})["care_leavers"]
    >>> care_leavers_suitable_accommodation(care_leavers, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    return leaver_records(
        care_leavers,
        periods,
        uasc,
        ages=(from_age, to_age),
        excluded_contact=excluded_contact,
        denominator={
            "residence_counted": ~codes_in("accommodation", excluded_accommodation or (), ACCOMMODATION.dtype),
            "accommodation_known": ALWAYS if not_known == "keep" else is_recorded("accommodation"),
        },
        numerator={"in_suitable_accommodation": codes_in("accommodation", SUITABLE, ACCOMMODATION.dtype)},
        why=why,
    )


@checked
def care_leavers_unsuitable_accommodation(
    care_leavers: pl.DataFrame | pl.LazyFrame,
    *,
    periods: Sequence[Period],
    from_age: int = 17,
    to_age: int = 21,
    excluded_contact: Sequence[str] | None = ("DIED", "RHOM"),
    excluded_accommodation: Sequence[str] | None = ("G1", "G2", "H1", "H2", "R1", "R2"),
    not_known: NotKnown = "keep",
    uasc: Unaccompanied = "include",
    why: bool = False,
) -> pl.LazyFrame:
    """The share of care leavers in accommodation considered unsuitable.

    Args:
        care_leavers: The validated `Ssda903.care_leavers`, one row a young person and year.
        periods: The reporting years.
        from_age: The youngest age, in completed years at the end of the year.
        to_age: The oldest age.
        excluded_contact: Who is left out, by the contact recorded: who died or went home for good; None for nobody.
        excluded_accommodation: Who is left out, by where they live: gone abroad, deported, residence not known; None
            for nobody.
        not_known: Whether those whose accommodation is not known stay in the denominator.
        uasc: Whether those who came as unaccompanied asylum-seeking children count, count not, or are the only ones to
            count.
        why: Also say which clause decided each care leaver of the year.

    Returns:
        Unit records, one a care leaver: numerator 1 where it is so, denominator 1.

    Raises:
        UsageError: a period is no reporting year.

    Source: specs/indicators/care_leavers_unsuitable_accommodation.toml.

    >>> from csc_indicators.examples import example_care_tables
    >>> from csc_indicators.periods import year
    >>> leaver = {"year": "2025-03-31", "birth_date": "2005-05-10", "accommodation": "X2"}
    >>> care_leavers = example_care_tables({"care_leavers": [leaver]})["care_leavers"]
    >>> care_leavers_unsuitable_accommodation(care_leavers, periods=[year(2025)]).collect()["numerator"].sum()
    1.0
    """
    return leaver_records(
        care_leavers,
        periods,
        uasc,
        ages=(from_age, to_age),
        excluded_contact=excluded_contact,
        denominator={
            "residence_counted": ~codes_in("accommodation", excluded_accommodation or (), ACCOMMODATION.dtype),
            "accommodation_known": ALWAYS if not_known == "keep" else is_recorded("accommodation"),
        },
        numerator={"in_unsuitable_accommodation": codes_in("accommodation", UNSUITABLE, ACCOMMODATION.dtype)},
        why=why,
    )
