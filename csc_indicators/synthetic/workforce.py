"""The social workers of an authority: its posts, who holds each of them one after another, and when it stands empty.

A post is held by a social worker whom the authority employs until that worker leaves; then it stands empty for a while,
in which agency workers may hold it. There are as many posts as the open cases of the authority need. Dates are days; an
end is the first day on which the worker holds the post no longer.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from csc_indicators.synthetic.days import workforce_day, year_start
from csc_indicators.synthetic.draws import Draws, Whole
from csc_indicators.synthetic.rates import rates, weights

DAYS_BEFORE = 24 * 365
"""How long before the first year the posts are first filled, so that service is found as long as it is."""
FEWEST_POSTS = 12
SPELLS_OF_A_POST, ASSIGNMENTS_OF_A_SPELL = 256, 64
GOLDEN_STEP, EVENLY = 618_034, 1_000_000
FULL_TIME = 100
"""Full-time equivalents are in hundredths."""


def simulate_workforce(
    draws: Draws, authority: Mapping[str, int], cases: pl.DataFrame, years: range, since: int
) -> dict[str, pl.DataFrame]:
    """By table: `posts`, and `staff`, who held them at any time since a day.

    `posts` has `post, role, share, holds_cases`, `staff` has a row for each worker: `worker, post, is_agency,
    start_date, end_date`, what is known of the person, and what became of one who left.
    """
    posts = _posts(draws, _number_of_posts(authority, cases, years))
    origin, last = year_start(years[0]) - DAYS_BEFORE, workforce_day(years[-1])
    employed, empty = _employed(draws, authority, posts["post"].to_numpy(), origin, last)
    spells = pl.concat([employed, _agency(draws, authority, empty, last)])
    spells = spells.filter(pl.col("end_date") >= since).sort("post", "start_date")
    return {"posts": posts, "staff": _people(draws, spells)}


def _number_of_posts(authority: Mapping[str, int], cases: pl.DataFrame, years: range) -> int:
    """As many as hold the cases that are open on the days of the censuses, at the caseload of the authority."""
    rate = rates()["staff"]
    days = [workforce_day(year) for year in years]
    is_open = [(pl.col("referral_date") <= day) & (pl.col("closure_date") > day) for day in days]
    found = cases.filter(~pl.col("no_further_action")).select(pl.sum_horizontal(each.sum() for each in is_open)).item()
    held = found * (1000 - rate["held_by_others"]) // (1000 * len(days))
    shares, heavy = zip(*((int(share), weight) for share, weight in rate["share"].items()), strict=True)
    mean_share = sum(share * weight for share, weight in zip(shares, heavy, strict=True)) / sum(heavy)
    roles, of_role = weights("staff", "role")
    hold = sum(rate["holds_cases"].get(role, 0) * weight for role, weight in zip(roles, of_role, strict=True))
    holding = hold / (1000 * sum(of_role))
    # The caseload is in tenths of a case.
    return max(FEWEST_POSTS, int(held * 10 * FULL_TIME / (authority["caseload"] * mean_share * holding)))


def _posts(draws: Draws, number: int) -> pl.DataFrame:
    """The posts. However few they are, roles, and whether they hold cases, are shared out as evenly as can be."""
    post = np.arange(number)
    roles, of_role = weights("staff", "role")
    shares, of_share = weights("staff", "share")
    hold = [rates()["staff"]["holds_cases"].get(role, 0) for role in roles]
    kinds = [(role, holds) for role in roles for holds in (True, False)]
    heavy = [weight * each for weight, of in zip(of_role, hold, strict=True) for each in (of, 1000 - of)]
    # Steps of the golden ratio fall evenly, wherever they begin.
    begin = draws.below("first post", np.zeros(1, dtype=np.int64), EVENLY)
    at = (begin + post * GOLDEN_STEP) % EVENLY * sum(heavy) // EVENLY
    kind = np.searchsorted(np.cumsum(heavy), at, side="right")
    share = np.asarray([int(each) for each in shares])[draws.chosen("share of post", post, of_share)]
    return pl.DataFrame(
        {
            "post": post,
            "role": np.asarray([role for role, _ in kinds])[kind],
            "share": share,
            "holds_cases": np.asarray([holds for _, holds in kinds])[kind],
        }
    )


def _employed(
    draws: Draws, authority: Mapping[str, int], post: Whole, origin: int, last: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Who is employed in each post one after another, and the times between them in which it stands empty."""
    rate = rates()["staff"]
    day, spell = origin + draws.below("post first filled", post, rate["first_filled_within"]), 0
    held: list[pl.DataFrame] = []
    empty: list[pl.DataFrame] = []
    while post.size:
        if spell == SPELLS_OF_A_POST:
            raise AssertionError("the rates fill posts without end")
        key = post * SPELLS_OF_A_POST + spell
        stays = draws.of_spans("stays in post", key, rate["stays"]) * authority["stays"] // 1000
        stands = draws.of_spans("stands empty", key, rate["stands_empty"]) * authority["stays"] // 1000
        left = day + np.maximum(stays, 1)
        filled = left + stands * authority["stands_empty"] // 1000
        held.append(_spells(post, key, day, left, is_agency=False))
        empty.append(_spells(post, key, left, filled, is_agency=True))
        again = filled <= last
        post, day, spell = post[again], filled[again], spell + 1
    return pl.concat(held), pl.concat(empty)


def _agency(draws: Draws, authority: Mapping[str, int], empty: pl.DataFrame, last: int) -> pl.DataFrame:
    """Agency workers who hold some of the empty posts, one after another until they are filled."""
    rate = rates()["staff"]
    key, filled = empty["key"].to_numpy(), empty["end_date"].to_numpy()
    day = empty["start_date"].to_numpy() + draws.of_spans("agency after", key, rate["agency_after"])
    row = np.flatnonzero(draws.happens("covered by an agency", key, authority["agency_cover"]))
    assignment = 0
    found = [empty.clear()]
    while row.size:
        of_turn = key[row] * ASSIGNMENTS_OF_A_SPELL + assignment
        until = np.minimum(day[row] + draws.of_spans("assignment", of_turn, rate["assignment"]), filled[row])
        there = (day[row] < until) & (day[row] <= last)
        row, until, of_turn = row[there], until[there], of_turn[there]
        found.append(_spells(empty["post"].to_numpy()[row], of_turn, day[row], until, is_agency=True))
        day[row] = until
        row, assignment = row[until < filled[row]], assignment + 1
    return pl.concat(found)


def _spells(post: Whole, key: Whole, start: Whole, end: Whole, *, is_agency: bool) -> pl.DataFrame:
    return pl.DataFrame({"post": post, "key": key, "is_agency": is_agency, "start_date": start, "end_date": end})


def _people(draws: Draws, spells: pl.DataFrame) -> pl.DataFrame:
    """Who each worker is, where from, and why one left: never one person twice."""
    rate = rates()["staff"]
    # Keys of agency workers are drawn for apart from those of the employed, which they may equal.
    key = spells["key"].to_numpy() * 2 + spells["is_agency"].to_numpy()
    reason = _coded(draws, "leaving_reason", key)
    retires = np.isin(reason, tuple(rate["without_destination"]))
    return spells.select(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int32).alias("worker"), "post", "is_agency", "start_date", "end_date"
    ).with_columns(
        birth_date=pl.Series(spells["start_date"].to_numpy() - draws.of_spans("age of worker", key, rate["age"])),
        sex=pl.Series(_coded(draws, "sex", key)),
        ethnicity=pl.Series(_coded(draws, "ethnicity", key)),
        qualification_level=pl.Series(_coded(draws, "qualification", key)),
        is_step_up_graduate=pl.Series(draws.happens("step up", key, rate["step_up"])),
        is_frontline_graduate=pl.Series(draws.happens("frontline", key, rate["frontline"])),
        worker_origin=pl.Series(_coded(draws, "origin", key)),
        leaving_reason=pl.Series(reason),
        worker_destination=pl.Series(np.where(retires, "", _coded(draws, "destination", key))).replace("", None),
    )


def _coded(draws: Draws, name: str, key: Whole) -> np.ndarray:
    codes, heavy = weights("staff", name)
    return np.asarray(codes)[draws.chosen(f"staff {name}", key, heavy)]
