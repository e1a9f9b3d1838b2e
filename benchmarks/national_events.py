"""What happens in the cases of a whole country, made up: assessments, enquiries, conferences, plans and reviews.

Laid around the referrals of `national.episodes` in the numbers that England publishes for a year, ten times over.
Seeded: the same arguments give the same tables.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks import national
from csc_indicators.codes import ASSESSMENT_FACTOR, CATEGORY_OF_ABUSE
from csc_indicators.tables.cin import CONTRACTS, COVERAGE_SCHEMA, CinCensus, TableContract

ASSESSMENTS_A_REFERRAL = 6_488_300 / national.REFERRALS
FACTORS_AN_ASSESSMENT = 1.9
ENQUIRIES_A_REFERRAL = 2_305_900 / national.REFERRALS
CONFERENCES_AN_ENQUIRY = 721_000 / 2_305_900
PLANS_A_CONFERENCE = 618_400 / 721_000
NEED_PLANS_A_REFERRAL = 0.38
REVIEWS_A_PLAN = 2.6


def census(referrals: int = national.REFERRALS, authorities: int = national.AUTHORITIES) -> CinCensus:
    """Every table of the census for ten years of a whole country."""
    random = np.random.default_rng(national.SEED + 1)
    episodes = national.episodes(referrals, authorities)
    led_to_action = np.flatnonzero(~episodes["no_further_action"].to_numpy())

    def within(share: float) -> tuple[np.ndarray, pl.DataFrame]:
        """So many rows a referral, each in some episode that led to action."""
        rows = random.choice(led_to_action, int(share * referrals))
        return rows, episodes[rows]

    rows, around = within(ASSESSMENTS_A_REFERRAL)
    begins = _days(around["referral_date"]) + random.integers(0, 5, len(rows), dtype=np.int32)
    ends = begins + random.gamma(4.0, 11.0, len(rows)).astype(np.int32)
    assessments = _table("assessments", around, random, start_date=begins, authorisation_date=_known(ends))
    assessed = random.integers(0, assessments.height, int(FACTORS_AN_ASSESSMENT * assessments.height))
    found = assessments[assessed].with_columns(factor=_codes(random, ASSESSMENT_FACTOR.dtype, len(assessed)))
    factors = _shaped(CONTRACTS["assessment_factors"], found.unique(["assessment_key", "factor"], maintain_order=True))

    rows, around = within(ENQUIRIES_A_REFERRAL)
    begins = _days(around["referral_date"]) + random.integers(0, 40, len(rows), dtype=np.int32)
    has_conference = random.random(len(rows)) < CONFERENCES_AN_ENQUIRY
    held = begins + random.integers(3, 26, len(rows), dtype=np.int32)
    enquiries = _table(
        "section_47_enquiries",
        around,
        random,
        start_date=begins,
        initial_conference_date=_known(np.where(has_conference, held, 2**30)),
        conference_not_required=~has_conference,
    )

    planned = np.flatnonzero(has_conference & (random.random(len(rows)) < PLANS_A_CONFERENCE))
    begins = held[planned]
    ends = begins + random.gamma(2.0, 150.0, len(planned)).astype(np.int32)
    plans = _table(
        "child_protection_plans",
        around[planned],
        random,
        start_date=begins,
        end_date=_known(ends),
        initial_category_of_abuse=_codes(random, CATEGORY_OF_ABUSE.dtype, len(planned)),
        latest_category_of_abuse=_codes(random, CATEGORY_OF_ABUSE.dtype, len(planned)),
        number_of_previous_plans=(random.random(len(planned)) < 0.24).astype(np.int16),
    )
    reviewed = random.integers(0, plans.height, int(REVIEWS_A_PLAN * plans.height))
    days = _days(plans["start_date"])[reviewed] + random.integers(60, 400, len(reviewed), dtype=np.int32)
    reviews = _shaped(
        CONTRACTS["reviews"], plans[reviewed].with_columns(review_date=_known(days)).drop_nulls("review_date")
    )

    rows, around = within(NEED_PLANS_A_REFERRAL)
    begins = _days(around["referral_date"]) + random.integers(20, 60, len(rows), dtype=np.int32)
    ends = begins + random.gamma(2.0, 90.0, len(rows)).astype(np.int32)
    need_plans = _table("child_in_need_plans", around, random, start_date=begins, end_date=_known(ends))

    coverage = episodes.select(pl.col("la_code").unique()).select(
        "la_code",
        collection=pl.lit("cin"),
        observed_from=pl.lit(national.FIRST_DAY),
        observed_to=pl.lit(national.LAST_DAY),
    )
    children = episodes.unique("child_key", maintain_order=True).with_columns(
        unborn=pl.lit(value=False), death_date=pl.lit(None, dtype=pl.Date)
    )
    tables = {
        "children": _shaped(CONTRACTS["children"], children),
        "episodes": episodes,
        "assessments": assessments,
        "assessment_factors": factors,
        "section_47_enquiries": enquiries,
        "child_protection_plans": plans,
        "reviews": reviews,
        "child_in_need_plans": need_plans,
    }
    empty = {name: pl.DataFrame(schema=contract.schema) for name, contract in CONTRACTS.items() if name not in tables}
    return CinCensus(
        **tables,
        **empty,
        coverage=coverage.cast(dict(COVERAGE_SCHEMA)),  # pyright: ignore[reportArgumentType]
        findings=(),
        accounts=(),
    )


def _days(dates: pl.Series) -> np.ndarray:
    return dates.to_physical().to_numpy()


def _known(days: np.ndarray) -> pl.Series:
    """The days that lie within the ten years as dates; what comes later is not known yet."""
    last = national.day_number(national.LAST_DAY)
    return pl.select(pl.when(pl.Series(days) <= last).then(pl.Series(days).cast(pl.Int32).cast(pl.Date))).to_series()


def _codes(random: np.random.Generator, dtype: pl.Enum, count: int) -> pl.Series:
    return pl.Series(random.integers(0, len(dtype.categories), count, dtype=np.uint8)).cat.to(dtype)


def _table(
    name: str, around: pl.DataFrame, random: np.random.Generator, *, start_date: np.ndarray, **columns: object
) -> pl.DataFrame:
    """A table of events in the episodes beside them, without those that begin after the ten years, shuffled."""
    contract = CONTRACTS[name]
    rows = around.with_columns(
        start_date=_known(start_date), **{column: pl.Series(values) for column, values in columns.items()}
    )
    if name == "child_protection_plans":  # their reviews are laid by position
        rows = rows.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias(contract.key or ""))
        return _shaped(contract, rows.drop_nulls("start_date"))
    order = pl.Series(random.permutation(rows.height).astype(np.uint32))
    rows = (
        rows[order]
        .drop_nulls("start_date")
        .with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias(contract.key or ""))
    )
    return _shaped(contract, rows)


def _shaped(contract: TableContract, rows: pl.DataFrame) -> pl.DataFrame:
    """Exactly the contract's columns; those that are not made hold nothing."""
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in contract.schema.items()
    )
