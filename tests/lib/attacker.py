"""A reader who tries to work out hidden counts. Shares no code with the package: it sees a published table only.

The attacker knows how the statistics are built (which counts are the sum of which, which are the same count printed
twice, that a numerator is never above its denominator) and that a hidden count is at least 1. It then asks of every
hidden count: could it be more than one number? A count is recovered when it could not: when every table that agrees
with what is published, and with how it is made, has the same number there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

KEY = ("indicator", "reading", "parameters", "period", "level", "area_code", "breakdown", "group")
SEARCHES = 500
"""How many tables are tried before the attacker is taken to have won."""


@dataclass
class Knowledge:
    """Counts are named by (cell key, "numerator" or "denominator"); those in `given_back` are known unrounded."""

    sums: list[tuple[list, object]] = field(default_factory=list)
    same: list[list] = field(default_factory=list)
    limits: list[tuple[object, object]] = field(default_factory=list)
    threshold: int = 5
    rounding: dict[str, int] = field(default_factory=dict)
    given_back: set = field(default_factory=set)

    def possible(self, name, number):
        """The least and the greatest count that is printed as this number: half-up to a multiple, small ones hidden."""
        if name in self.given_back:
            return number, number
        (_, _, _, _, level, *_), _ = name
        base = self.rounding.get(level, 1)
        fitting = [
            count for count in range(self.threshold + 1, number + base) if (count + base / 2) // base * base == number
        ]
        return (fitting[0], fitting[-1]) if number else (0, 0)


def printed(frame, counts):
    """The table as the attacker reads it: a number, or None where it is hidden, for each of `counts`."""
    rows = {tuple(row[name] for name in KEY): row for row in frame.iter_rows(named=True)}
    return {(key, role): None if rows[key][role] is None else int(rows[key][role]) for key, role in counts}


def work_out(table, knowledge, truth):
    """For every hidden count the numbers found possible: one number alone means the attacker has won.

    Which numbers are possible does not depend on `truth`. It is where the search for a second table starts, because a
    table that differs in little is found fastest. A search that is given up counts as won by the attacker.
    """
    naming = {name: name for name in table}
    for copies in knowledge.same:
        names = {naming[copy] for copy in copies}
        chosen = min(names, key=repr)
        naming = {name: chosen if found in names else found for name, found in naming.items()}
    ceiling = 3 * max([1, *truth.values()])
    ranges = {}
    for name, number in table.items():
        ends = (1, ceiling) if number is None else knowledge.possible(name, number)
        ranges[naming[name]] = _both(ranges.get(naming[name], ends), ends)
    equations = [(sorted({naming[part] for part in parts}, key=repr), naming[whole]) for parts, whole in knowledge.sums]
    orders = [(naming[low], naming[high]) for low, high in knowledge.limits]
    true = {naming[name]: number for name, number in truth.items()}
    assert all(low <= true[name] <= high for name, (low, high) in ranges.items()), "the table is not of these counts"
    narrowed = _narrow(dict(ranges), equations, orders)
    hidden = [name for name, number in table.items() if number is None]
    found = {naming[name]: {true[naming[name]]} for name in hidden}
    for name, numbers in found.items():
        low, high = narrowed[name]
        parts = [part for part in ((true[name] + 1, high), (low, true[name] - 1)) if part[0] <= part[1]]
        for radius, part in ((radius, part) for radius in (1, 3, ceiling) for part in parts):
            if len(numbers) == 1:
                around = {other: _both(ends, _around(true[other], radius)) for other, ends in narrowed.items()}
                around[name] = _both(part, around[name])
                answer = _solve(around, true, equations, orders, [SEARCHES])
                for other in found if answer else ():
                    found[other].add(answer[other])
    return {name: found[naming[name]] for name in hidden}


COUNTS = {
    "percent": ("numerator", "denominator"),
    "ratio": ("numerator", "denominator"),
    "rate_per_10000": ("numerator",),
    "count": ("numerator",),
    "mean": ("denominator",),
}
"""Which numbers of a row are counts of children, by its unit."""


def counts_in(frame):
    """The names of all counts of a table, and what is known of the two of one row."""
    names, limits = [], []
    for row in frame.iter_rows(named=True):
        key = tuple(row[name] for name in KEY)
        of_row = [(key, role) for role in COUNTS[row["unit"]] if row[role] is not None]
        names += of_row
        if row["unit"] == "percent" and len(of_row) == 2:
            limits.append(tuple(of_row))
    return names, limits


def given_back(frame, counts):
    """The counts that stand beside a ratio, which is of unrounded counts and may give them back."""
    with_ratio = {
        tuple(row[name] for name in KEY) for row in frame.iter_rows(named=True)
        if row["value"] is not None and row["unit"] != "count"
    }  # fmt: skip
    return {name for name in counts if name[0] in with_ratio}


def read(frame, unrounded, counts):
    """What a table says of each count, to an attacker who is told the counts that its ratios may give back."""
    told = printed(unrounded, counts)
    return {**printed(frame, counts), **{name: told[name] for name in given_back(frame, counts)}}


def sums_over(names, partitions, inside):
    """Which numbers add up to which: groups of `partitions` to their total, and areas to those they are inside of.

    `inside` gives for an area's code (level, code, kind) of each area above it; areas of one kind make up the whole.
    """
    sums, there = {}, set(names)
    for name in names:
        key, role = name
        wholes = [((*key[:4], level, area, *key[6:]), kind) for level, area, kind in inside.get(key[5], ())]
        if key[6] in partitions:
            wholes.append(((*key[:6], "total", "Total"), key[6]))
        for whole, kind in wholes:
            if (whole, role) in there:
                sums.setdefault(((whole, role), kind), []).append(name)
    return [(parts, whole) for (whole, _), parts in sums.items()]


def settled(unknown, sums):
    """The unknown numbers for which the sums alone leave one answer, whatever the numbers are."""
    places = {name: place for place, name in enumerate(unknown)}
    system = np.zeros((len(sums), len(unknown)))
    for line, (parts, whole) in enumerate(sums):
        for name, weight in [(part, 1) for part in parts] + [(whole, -1)]:
            if name in places:
                system[line, places[name]] = weight
    # A number is settled where no change of the unknown numbers that keeps every sum changes it.
    _, sizes, directions = np.linalg.svd(system, full_matrices=True)
    free = directions[int((sizes > 1e-9).sum()) :]
    return [name for name, place in places.items() if not (np.abs(free[:, place]) > 1e-9).any()]


def _solve(ranges, near, equations, orders, left):
    """One table within the ranges, or None when there is none (or `left` runs out): narrow, then split a range.

    Every count is first given the number in its range nearest to `near`. Where that breaks a rule, a count in that rule
    is either moved or kept, and both are searched.
    """
    left[0] -= 1
    ranges = _narrow(dict(ranges), equations, orders) if left[0] >= 0 else None
    if ranges is None:
        return None
    guess = {name: min(max(near[name], low), high) for name, (low, high) in ranges.items()}
    wrong = _first_broken(guess, ranges, equations, orders)
    if wrong is None:
        return guess
    name, upwards = wrong
    low, high = ranges[name]
    move = (guess[name] + 1, high) if upwards else (low, guess[name] - 1)
    keep = (low, guess[name]) if upwards else (guess[name], high)
    for part in (move, keep):
        answer = _solve({**ranges, name: part}, near, equations, orders, left)
        if answer:
            return answer
    return None


def _first_broken(guess, ranges, equations, orders):
    """A count that would have to move for the guess to obey the rules, and whether upwards; None when it obeys."""
    for parts, whole in equations:
        excess = sum(guess[part] for part in parts) - guess[whole]
        if excess:
            movable = [(part, excess < 0) for part in parts] + [(whole, excess > 0)]
            return next(
                (name, up)
                for name, up in movable
                if (guess[name] < ranges[name][1] if up else guess[name] > ranges[name][0])
            )
    for smaller, larger in orders:
        if guess[smaller] > guess[larger]:
            return (larger, True) if guess[larger] < ranges[larger][1] else (smaller, False)
    return None


def _narrow(ranges, equations, orders):
    """Ranges with every number removed that some equation or order rules out at once; None when nothing is left."""
    changed = True
    while changed:
        changed = False
        new = {}
        for parts, whole in equations:
            lows = sum(ranges[part][0] for part in parts)
            highs = sum(ranges[part][1] for part in parts)
            new[whole] = _both(new.get(whole, ranges[whole]), (lows, highs))
            for part in parts:
                low, high = ranges[part]
                left = (ranges[whole][0] - (highs - high), ranges[whole][1] - (lows - low))
                new[part] = _both(new.get(part, (low, high)), left)
        for smaller, larger in orders:
            new[smaller] = _both(new.get(smaller, ranges[smaller]), (0, ranges[larger][1]))
            new[larger] = _both(new.get(larger, ranges[larger]), (ranges[smaller][0], ranges[larger][1]))
        for name, (low, high) in new.items():
            if low > high:
                return None
            if (low, high) != ranges[name]:
                ranges[name] = (low, high)
                changed = True
    return ranges


def _both(one, other):
    return max(one[0], other[0]), min(one[1], other[1])


def _around(number, radius):
    return number - radius, number + radius
