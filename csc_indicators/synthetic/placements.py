"""Where children live while they are looked after: each period of care as the episodes that a return is made of.

An episode ends when the placement, the carer or the legal status changes, or the period does. What changes is drawn
anew each time; a temporary placement goes back to the one before, and who is adopted lives with the adopters first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import polars as pl

from csc_indicators.synthetic.days import after_months, day_of
from csc_indicators.synthetic.draws import Draws, Flags, Whole
from csc_indicators.synthetic.people import Children
from csc_indicators.synthetic.rates import rates, weights

PERIODS_OF_A_CHILD = 2**16
CHANGES_OF_A_PERIOD = 256
SUPPORTED_SINCE = day_of(dt.date(2023, 10, 28))
"""Supported accommodation is registered from this day on, and has a code of its own."""
UNKNOWN_MILES = 9999
"""In tenths: a home or a placement whose place is not known."""
FORWARD = "X1"
HOME = "K2"
"""A children's home."""
ADOPTED = ("E11", "E12")
SAME_CARER = ("L", "T", "U")


@dataclass(frozen=True)
class _Stay:
    """Where the children of some periods live, from one change to the next."""

    place: np.ndarray
    provider: np.ndarray
    postcode: Whole
    miles: Whole
    outside: Flags

    def at(self, chosen: Flags) -> _Stay:
        """Of some of the children."""
        return _Stay(
            self.place[chosen],
            self.provider[chosen],
            self.postcode[chosen],
            self.miles[chosen],
            self.outside[chosen],
        )

    def unless(self, chosen: Flags, other: _Stay) -> _Stay:
        """The other one where it is chosen."""
        return _Stay(
            np.where(chosen, other.place, self.place),
            np.where(chosen, other.provider, self.provider),
            np.where(chosen, other.postcode, self.postcode),
            np.where(chosen, other.miles, self.miles),
            np.where(chosen, other.outside, self.outside),
        )


@dataclass(frozen=True)
class _Course:
    """What the course of each period depends on from its first day."""

    who: Whole
    key: Whole
    starts: Whole
    ends: Whole
    needs: np.ndarray
    reason: np.ndarray
    unsettled: Flags
    leaves_home: Whole
    """The day on which a child of sixteen moves out, to live more independently; -1 for none."""
    adopters_from: Whole
    """The day on which a child moves to who will adopt it; -1 for none."""


@dataclass(frozen=True)
class _Changes:
    """How and when what the children of some periods live through changes next."""

    until: Whole
    kind: np.ndarray
    returns: Flags
    """From a temporary placement."""
    adopts: Flags


def period_key(child: Whole, start: Whole) -> Whole:
    """A number for each period of care: a child has one at a time, so child and day name it."""
    return child * PERIODS_OF_A_CHILD + start


def simulate_placements(
    draws: Draws, children: Children, authority: Mapping[str, int], periods: pl.DataFrame
) -> pl.DataFrame:
    """The episodes of care of these periods, in order of child and start."""
    course = _course(draws, children, authority, periods)
    status = _codes(draws, "status", course.key, "status")
    status[course.adopters_from >= 0] = "C1"
    status[children.alone[course.who]] = "V2"
    row, day, turn = np.arange(course.who.size), course.starts, 0
    stay = before = _new_stay(draws, children, authority, course.who, course.key, day)
    new = np.full(row.size, "S", dtype="<U1")
    found: list[pl.DataFrame] = []
    while row.size or not found:
        if turn == CHANGES_OF_A_PERIOD:
            raise AssertionError("the rates move children without end")
        key = course.key[row] * CHANGES_OF_A_PERIOD + turn
        changes = _next_changes(draws, course, row, key, day, stay)
        over = changes.until == course.ends[row]
        found.append(_episodes(draws, course, row, key, day, new, stay, status[row], changes, over))
        going = ~over
        row, key, day = row[going], key[going], changes.until[going]
        changes = _Changes(day, changes.kind[going], changes.returns[going], changes.adopts[going])
        new = _reason_for_new(changes)
        stay, before = stay.at(going), before.at(going)
        after = _stay_after(
            draws, changes, key, stay, before, _new_stay(draws, children, authority, course.who[row], key, day)
        )
        before = before.unless(~np.char.startswith(stay.place, "T"), stay)
        stay = after
        changed = np.isin(new, ("L", "B", "U")) & ~changes.adopts & ~children.alone[course.who[row]]
        drawn = _codes(draws, "new status", key, "status")
        # A change of status is to another one.
        drawn = np.where(drawn == status[row], np.where(status[row] == "C2", "V2", "C2"), drawn)
        status[row] = np.where(changes.adopts, "E1", np.where(changed, drawn, status[row]))
        turn += 1
    return pl.concat(found).sort("child", "start_date")


def _course(draws: Draws, children: Children, authority: Mapping[str, int], periods: pl.DataFrame) -> _Course:
    rate = rates()["placement"]
    who, starts, ends = (periods[name].to_numpy().astype(np.int64) for name in ("child", "start_date", "end_date"))
    key = period_key(who, starts)
    reason = periods["reason_ceased"].to_numpy().astype("<U3")
    adopters_from = np.maximum(ends - draws.of_spans("adopted after", key, rate["adopted_after"]), starts + 1)
    adopters_from[~np.isin(reason, ADOPTED)] = -1
    sixteen = after_months(children.birth[who], rate["supported_from_months"])
    leaves_home = sixteen + draws.of_spans("leaves at sixteen", key, rate["leaves_after_birthday"])
    leaves_home[~draws.happens("leaves", key, authority["leaves_at_sixteen"])] = -1
    needs = periods["primary_need"].to_numpy().astype("<U2")
    unsettled = draws.happens("unsettled", key, authority["unsettled"])
    return _Course(who, key, starts, ends, needs, reason, unsettled, leaves_home, adopters_from)


def _next_changes(draws: Draws, course: _Course, row: Whole, key: Whole, day: Whole, stay: _Stay) -> _Changes:
    """The next change of each: drawn, unless it is fixed from the first day on; the end of care at the latest."""
    rate = rates()["placement"]
    temporary = np.char.startswith(stay.place, "T")
    with_adopters = np.char.startswith(stay.place, "A")
    settled = draws.of_spans("placement", key, rate["changes_after"])
    unsettled = draws.of_spans("unsettled placement", key, rate["changes_of_unsettled_after"])
    lasts = np.where(course.unsettled[row], unsettled, settled)
    until = day + np.where(temporary, draws.of_spans("temporary", key, rate["temporary_days"]), lasts)
    kind = _codes(draws, "change", key, "change")
    moves_out, to_adopters = course.leaves_home[row], course.adopters_from[row]
    grows = ~temporary & ~with_adopters & (moves_out > day) & (moves_out < until)
    until, kind = np.where(grows, moves_out, until), np.where(grows, "P", kind)
    adopts = ~temporary & ~with_adopters & (to_adopters > day) & (until >= to_adopters)
    until = np.where(adopts, to_adopters, until)
    until = np.where(with_adopters, course.ends[row], np.minimum(until, course.ends[row]))
    return _Changes(until, kind, temporary, adopts)


def _reason_for_new(changes: _Changes) -> np.ndarray:
    """Why the next episode is one: the return from a temporary placement, and the way to it, are moves."""
    kind = np.where(changes.kind == "temporary", "P", changes.kind)
    return np.where(changes.returns, "P", np.where(changes.adopts, "B", kind)).astype("<U1")


def _stay_after(draws: Draws, changes: _Changes, key: Whole, stay: _Stay, before: _Stay, other: _Stay) -> _Stay:
    """Where each lives after its change; `other` is a new place for whoever moves to one."""
    size = key.size
    stays = np.isin(changes.kind, SAME_CARER) & ~changes.returns & ~changes.adopts
    # A return without the postcodes could not tell another place of the kind from the same one.
    not_told = (before.miles == UNKNOWN_MILES) | (other.miles == UNKNOWN_MILES)
    back = changes.returns & (not_told | draws.happens("back to carer", key, rates()["placement"]["back_to_carer"]))
    away = (changes.kind == "temporary") & ~changes.returns & ~changes.adopts
    short = replace(other, place=_codes(draws, "temporary kind", key, "temporary"), provider=np.full(size, ""))
    adopters = replace(other, place=np.full(size, "A6"), provider=np.full(size, "PR1"))
    moved_house = replace(stay, postcode=other.postcode, miles=other.miles, outside=other.outside)
    after = other.unless(stays, stay).unless(stays & (changes.kind != "L"), moved_house)
    return after.unless(away, short).unless(back, before).unless(changes.adopts, adopters)


def _episodes(
    draws: Draws,
    course: _Course,
    row: Whole,
    key: Whole,
    day: Whole,
    new: np.ndarray,
    stay: _Stay,
    status: np.ndarray,
    changes: _Changes,
    over: Flags,
) -> pl.DataFrame:
    follows = _reason_for_new(changes)
    moved = np.where(np.isin(follows, ("T", "U")), "PLACE", _codes(draws, "reason", key, "reason"))
    return pl.DataFrame(
        {
            "child": course.who[row],
            "period_start": course.starts[row],
            "primary_need": course.needs[row],
            "start_date": day,
            "end_date": changes.until,
            "reason_for_new_episode": new,
            "legal_status": status,
            "placement": stay.place,
            "placement_provider": stay.provider,
            "postcode": stay.postcode,
            "miles": stay.miles,
            "outside": stay.outside,
            "reason_ceased": np.where(over, course.reason[row], FORWARD),
            "reason_place_change": np.where(over | (follows == "L"), "", moved),
        }
    )


def _new_stay(
    draws: Draws, children: Children, authority: Mapping[str, int], who: Whole, key: Whole, day: Whole
) -> _Stay:
    rate = rates()["placement"]
    old = after_months(children.birth[who], rate["supported_from_months"]) <= day
    homes = {HOME: authority["in_homes"]}
    place = np.where(
        old,
        _codes(draws, "placement of older", key, "of_older", homes),
        _codes(draws, "placement", key, "kind", homes),
    )
    place = np.where(place == "supported", np.where(day >= SUPPORTED_SINCE, "K3", "H5"), place)
    far = draws.happens("far", key, authority["is_far"])
    miles = np.where(
        far, draws.of_spans("far", key, rate["miles"]["far"]), draws.of_spans("near", key, rate["miles"]["near"])
    )
    far_outside, near_outside = int(rate["miles"]["outside_when_far"]), int(rate["miles"]["outside_when_near"])
    outside = draws.happens("outside", key, np.where(far, far_outside, near_outside))
    unknown = draws.happens("unknown miles", key, rate["miles"]["unknown"]) | children.alone[who]
    provider = np.where(place == "P1", "PR0", _codes(draws, "provider", key, "provider"))
    return _Stay(place, provider, draws.below("postcode", key, 400), np.where(unknown, UNKNOWN_MILES, miles), outside)


def _codes(
    draws: Draws, name: str, key: Whole, table: str, scaled: Mapping[str, int] = MappingProxyType({})
) -> np.ndarray:
    codes, heavy = weights("placement", table, scaled)
    return np.asarray(codes)[draws.chosen(f"placement {name}", key, heavy)]
