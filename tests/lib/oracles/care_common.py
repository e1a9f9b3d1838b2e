"""What the row-by-row readings of looked-after children share: a child's history, its periods of care and placements.

A history is a list of episodes in order; series of short breaks are one beside the rest. `Place` is an episode within
its history. An episode covers the days up to, and not on, its end; without one, those up to its `known_to`.
"""

from dataclasses import dataclass

from tests.lib.oracles.common import ONE_DAY, is_between, is_open_at, months_after, unit

EPISODES = "ssda903.episodes"
SHORT_BREAKS = ("V3", "V4")
TEMPORARY = ("T0", "T1", "T2", "T3", "T4")
WITH_OWN_CARER = ("A3", "A5")
"""Placed for adoption with the carer who fosters the child."""
NEW_CARER = ("P", "B")
SAME_CARER = ("T", "U")


def whose(row):
    return row["la_code"], row["child_id"]


def in_order(row):
    return row["start_date"], row["episode_key"]


def is_short_break(row):
    """A legal status that is not known is taken to be none of a short break."""
    return row["legal_status"] in SHORT_BREAKS


def is_temporary(row):
    return row["placement"] in TEMPORARY


def age_at(row, day):
    """Completed years, or nothing; who was born on 29 February turns a year older on 1 March when there is no 29th."""
    born = row["birth_date"]
    if born is None:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def is_under_18(row, day):
    return row["birth_date"] is None or age_at(row, day) < 18


def is_aged(row, day, from_age, to_age):
    return row["birth_date"] is not None and from_age <= age_at(row, day) <= to_age


def is_unaccompanied(row, day):
    until = row["unaccompanied_until"]
    return row["unaccompanied"] is True and (until is None or until > day)


def uasc_counted(row, day, uasc):
    return {
        "include": True,
        "exclude": not is_unaccompanied(row, day),
        "only": is_unaccompanied(row, day),
    }[uasc]


def first_day_of_months(end, months):
    """The first of so many months that end with the period."""
    return months_after(end + ONE_DAY, -months)


def begins_care(history, index):
    """It is the first, or it says so, or it starts after the day up to which all before it reach.

    One without an end lasts up to the last return that held it.
    """
    row, earlier = history[index], history[:index]
    if not earlier or row["reason_for_new_episode"] == "S":
        return True
    return row["start_date"] > max(before["end_date"] or before["known_to"] + ONE_DAY for before in earlier)


@dataclass
class Place:
    """An episode within the history of its child; `first` is where its period of care begins."""

    history: list
    index: int
    first: int

    @property
    def row(self):
        return self.history[self.index]

    @property
    def care_start(self):
        return self.history[self.first]["start_date"]

    @property
    def care_start_is_known(self):
        return self.first > 0 or self.history[0]["reason_for_new_episode"] == "S"

    @property
    def begins_care(self):
        return self.first == self.index

    def earlier_in_care(self):
        """The episodes before it in its period of care, the nearest first."""
        return self.history[self.first : self.index][::-1]

    def next_on_the_day_of_the_end(self):
        """The next episode of the history when it begins on the day on which this one ends."""
        following = self.history[self.index + 1 : self.index + 2]
        found = [row for row in following if row["start_date"] == self.row["end_date"]]
        return found[0] if found else None

    def lasting(self):
        """The episode of the placement that the child lives in: not the temporary one it is away in."""
        if not is_temporary(self.row):
            return self.row
        return last_lasting(self) or self.row


def last_lasting(place):
    """The last episode before, in the period of care, that is in no temporary placement."""
    return next((row for row in place.earlier_in_care() if not is_temporary(row)), None)


def places(episodes):
    """Every episode's place in the history of its child, by key."""
    histories = {}
    for row in sorted(episodes, key=in_order):
        histories.setdefault((whose(row), is_short_break(row)), []).append(row)
    found = {}
    for history in histories.values():
        first = 0
        for index, row in enumerate(history):
            first = index if begins_care(history, index) else first
            found[row["episode_key"]] = Place(history, index, first)
    return found


def siblings(place):
    """The places of all episodes of the history, in order."""
    made, first = [], 0
    for index in range(len(place.history)):
        first = index if begins_care(place.history, index) else first
        made.append(Place(place.history, index, first))
    return made


def is_elsewhere(row, other):
    """Another placement or postcode; missing is the same as missing, and with nothing to compare it is none."""
    if other is None:
        return False
    return row["placement"] != other["placement"] or row["placement_postcode"] != other["placement_postcode"]


def moves(place, *, same_carer_moves, collapse):
    """Whether the child moves to another placement with this episode, which does not begin care."""
    row, before = place.row, last_lasting(place)
    if row["placement"] in WITH_OWN_CARER and (before is None or before["placement"] not in WITH_OWN_CARER):
        return False
    if collapse and is_temporary(row):
        return False
    if collapse and is_temporary(place.history[place.index - 1]):
        return is_elsewhere(row, before)
    if row["reason_for_new_episode"] is None:
        return is_elsewhere(row, before if collapse else place.history[place.index - 1])
    reasons = NEW_CARER + SAME_CARER if same_carer_moves else NEW_CARER
    return row["reason_for_new_episode"] in reasons


def placements(place, *, same_carer_moves=False, collapse=True):
    """The placements of a child's history, each the list of its episodes' places; short breaks have none."""
    if is_short_break(place.row):
        return []
    runs = []
    for each in siblings(place):
        if each.begins_care or moves(each, same_carer_moves=same_carer_moves, collapse=collapse):
            runs.append([])
        runs[-1].append(each)
    return runs


def first_day(run):
    return run[0].row["start_date"]


def day_after(run):
    """The day after the last of a placement."""
    return max(each.row["end_date"] or each.row["known_to"] + ONE_DAY for each in run)


def is_lived_in(run, start, end, *, collapse):
    """The child lived in the placement on a day from the one to the other."""
    if collapse and all(is_temporary(each.row) for each in run):
        return False
    return first_day(run) <= end and day_after(run) > start and day_after(run) > first_day(run)


def began_away_before_the_returns(history, index, from_day):
    """Care goes on from before the returns with this episode, away from somewhere on the first day asked about."""
    row = history[index]
    return (
        begins_care(history, index)
        and row["reason_for_new_episode"] != "S"
        and row["observed_from"] is not None
        and row["start_date"] <= min(row["observed_from"], from_day)
        and is_temporary(row)
    )


PLACEMENTS_BEFORE = ("U4", "K2", *WITH_OWN_CARER)


def possible_histories(history, from_day):
    """The history as returned, and each that it may have been: with another placement before every one begun away."""
    found = [[]]
    for index, row in enumerate(history):
        known = [[row]]
        if began_away_before_the_returns(history, index, from_day):
            eve = {"start_date": row["start_date"] - ONE_DAY, "end_date": row["start_date"], "reason_ceased": "X1"}
            before = row | eve | {"reason_for_new_episode": "S", "placement_postcode": "ZZ99ZZ"}
            known += [[before | {"placement": placement}, row] for placement in PLACEMENTS_BEFORE]
        found = [[*made, *rows] for made in found for rows in known]
    return found


def latest_of_each(rows, position):
    """The keys of the episodes that come last, each among those of its child."""
    latest = {}
    for row in sorted(rows, key=position):
        latest[whose(row)] = row["episode_key"]
    return set(latest.values())


def passing(rows, clauses_of):
    """The rows for which every clause holds."""
    return [row for row in rows if all(holds for _, _, holds in clauses_of(row))]


def open_at(tables, end):
    return [row for row in tables[EPISODES] if is_open_at(row, end, "start_date", "end_date")]


def ended(tables, start, end):
    return [row for row in tables[EPISODES] if is_between(row["end_date"], start, end)]


def stock_clauses(tables, end, uasc, side):
    """The children looked after at the end of the period: their episodes open then, and the clauses that all share."""
    rows = open_at(tables, end)

    def own(row):
        return [
            (side, "looked_after", not is_short_break(row)),
            (side, "under_18", is_under_18(row, end)),
            (side, "uasc_counted", uasc_counted(row, end, uasc)),
        ]

    standing = latest_of_each(passing(rows, own), in_order)
    return [(row, [*own(row), (side, "stands_for_the_child", row["episode_key"] in standing)]) for row in rows]


def episode_unit(row, date, clauses, *, rate=False, complete=True, reaching_back=None):
    """The unit of an episode.

    With `reaching_back`, a unit that fails that clause alone, for want of earlier returns, is listed as incomplete.
    """
    made = unit(row, EPISODES, "episode_key", date, clauses, rate=rate, complete=complete)
    others = all(holds for side, name, holds in clauses if side == "denominator" and name != reaching_back)
    kept = reaching_back is not None and others and not complete
    return made | {"listed": made["listed"] or kept}
