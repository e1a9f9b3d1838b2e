"""Secondary suppression: which further counts to hide so that no hidden count can be worked out.

What a reader knows is written down as facts about quantities (non-zero counts of children):

- **sums**: a quantity is the sum of others (the groups of a breakdown; the authorities of a region or of England);
- **limits**: a quantity is never more than another (a numerator and its denominator);
- a hidden quantity is at least 1, because a true zero is published as zero;
- a rounded quantity is one of the numbers that round to what is printed.

A hidden quantity is *safe* when a second table, different from the true one in that quantity, agrees with everything
published. The search here looks for that second table: it moves the quantity by one and repairs every sum and limit
that breaks by moving other hidden quantities by one. A table that is found proves every quantity it moves safe, and
stays a proof when more is hidden. Where none is found, one more quantity is hidden and the search runs again. Once
every quantity that is connected has been hidden, the table with all of them doubled is the proof, so this always ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

STEPS = 400
"""How many repairs one search may try before more is hidden instead. It bounds the time, never the safety."""


@dataclass(frozen=True)
class Facts:
    """What ties quantities together. A quantity is its position in `counts`; ties in size are broken by position.

    `sums` holds (parts, whole) and `limits` holds (smaller, larger); both must hold for `counts`, all of them positive.
    `ranges` holds for each quantity the least and the greatest number that would be published in the same way; left
    out, every quantity is published exactly. The search mends sums in their order: those with few ways out belong
    first.
    """

    counts: Sequence[int]
    sums: Sequence[tuple[tuple[int, ...], int]] = ()
    limits: Sequence[tuple[int, int]] = ()
    ranges: Sequence[tuple[int, int]] | None = None


def hide(facts: Facts, small: Iterable[int]) -> frozenset[int]:
    """All quantities to hide when those in `small` must be.

    A hidden denominator hides its numerator (see `disclosure.publish` for why). A further quantity to hide is the
    smallest published one in the same sum, its whole last of all; where a sum holds a single hidden quantity, that sum
    comes first. The result is a function of the facts alone.

    >>> facts = Facts(counts=[3, 8, 20, 31], sums=[((0, 1, 2), 3)])
    >>> sorted(hide(facts, [0]))
    [0, 1]

    Two ones that must add up to two are no secret, so a third count goes with them:

    >>> sorted(hide(Facts(counts=[1, 1, 9, 12, 23], sums=[((0, 1, 2, 3), 4)]), [0, 1]))
    [0, 1, 2]
    """
    state = _State(facts)
    denominators = {larger for _, larger in facts.limits}
    # Denominators first: the numerators they take with them are often all the cover other numerators need.
    for quantity in sorted(set(small), key=lambda quantity: (quantity not in denominators, quantity)):
        state.hide(quantity)
    while state.waiting:
        state.make_safe(state.waiting.popleft())
    return frozenset(quantity for quantity, hidden in enumerate(state.hidden) if hidden)


@dataclass
class _State:
    """What is hidden so far, and the second table under construction (`moves`, `imbalance`, `trail`)."""

    facts: Facts
    hidden: list[bool] = field(init=False)
    safe: list[bool] = field(init=False)
    ranges: Sequence[tuple[int, int]] = field(init=False)
    sums_of: list[list[int]] = field(init=False)
    larger_than: list[list[int]] = field(init=False)
    smaller_than: list[list[int]] = field(init=False)
    waiting: deque[int] = field(init=False, default_factory=deque[int])
    moves: dict[int, int] = field(init=False, default_factory=dict[int, int])
    imbalance: dict[int, int] = field(init=False, default_factory=dict[int, int])
    trail: list[int] = field(init=False, default_factory=list[int])
    steps: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        size = len(self.facts.counts)
        self.hidden, self.safe = [False] * size, [False] * size
        self.ranges = self.facts.ranges or [(count, count) for count in self.facts.counts]
        self.sums_of = [[] for _ in range(size)]
        self.larger_than = [[] for _ in range(size)]
        self.smaller_than = [[] for _ in range(size)]
        for position, (parts, whole) in enumerate(self.facts.sums):
            for quantity in (*parts, whole):
                self.sums_of[quantity].append(position)
        for smaller, larger in self.facts.limits:
            self.larger_than[smaller].append(larger)
            self.smaller_than[larger].append(smaller)

    def hide(self, quantity: int) -> None:
        """Hide a quantity and every numerator it is the denominator of."""
        if not self.hidden[quantity]:
            self.hidden[quantity] = True
            self.waiting.append(quantity)
            for smaller in self.smaller_than[quantity]:
                self.hide(smaller)

    def make_safe(self, quantity: int) -> None:
        """Hide more until a second table exists for this quantity."""
        while not self.safe[quantity]:
            if self._search(quantity, 1) or self._search(quantity, -1):
                for moved in self.moves:
                    self.safe[moved] = True
            elif (further := self._further(quantity)) is not None:
                self.hide(further)

    def _further(self, quantity: int) -> int | None:
        """The next quantity to hide, or None when all that is connected is hidden and so is marked safe."""
        counts, sums = self.facts.counts, self.facts.sums
        best: tuple[int, bool, int, int] | None = None
        for position in self.sums_of[quantity]:
            parts, whole = sums[position]
            hidden = sum(self.hidden[member] for member in (*parts, whole))
            for member in (*parts, whole):
                if not self.hidden[member]:
                    key = (hidden, member == whole, counts[member], member)
                    best = key if best is None else min(best, key)
        return best[3] if best else self._nearest_published(quantity)

    def _nearest_published(self, quantity: int) -> int | None:
        seen, ring = {quantity}, [quantity]
        while ring:
            beyond: set[int] = set()
            for member in ring:
                beyond.update(self.larger_than[member], self.smaller_than[member])
                for position in self.sums_of[member]:
                    parts, whole = self.facts.sums[position]
                    beyond.update(parts, (whole,))
            ring = sorted(beyond - seen)
            published = [member for member in ring if not self.hidden[member]]
            if published:
                return min(published, key=lambda member: (self.facts.counts[member], member))
            seen.update(ring)
        for member in seen:
            self.safe[member] = True
        return None

    def _search(self, quantity: int, step: int) -> bool:
        """Whether a second table is found with `quantity` moved by `step`; `moves` then holds it."""
        self.moves, self.imbalance, self.trail, self.steps = {}, {}, [], STEPS
        return self._move(quantity, step) and self._settle()

    def _can_move(self, quantity: int, step: int) -> bool:
        count = self.facts.counts[quantity] + step
        least, greatest = self.ranges[quantity]
        return quantity not in self.moves and (count >= 1 if self.hidden[quantity] else least <= count <= greatest)

    def _move(self, quantity: int, step: int) -> bool:
        """Move one quantity and whatever its limits force along; False when something published is in the way."""
        if not self._can_move(quantity, step):
            return False
        counts, moves = self.facts.counts, self.moves
        moves[quantity] = step
        self.trail.append(quantity)
        self._shift(quantity, step)
        count = counts[quantity] + step
        if step > 0:
            forced = [other for other in self.larger_than[quantity] if count > counts[other] + moves.get(other, 0)]
        else:
            forced = [other for other in self.smaller_than[quantity] if counts[other] + moves.get(other, 0) > count]
        # An earlier one of these may have moved a later one already, in the same direction.
        return all(moves.get(other) == step or self._move(other, step) for other in forced)

    def _shift(self, quantity: int, step: int) -> None:
        for position in self.sums_of[quantity]:
            change = -step if quantity == self.facts.sums[position][1] else step
            excess = self.imbalance.pop(position, 0) + change
            if excess:
                self.imbalance[position] = excess

    def _settle(self) -> bool:
        """Balance every sum, the first in order first, trying the repairs that upset least first."""
        if not self.imbalance:
            return True
        position = min(self.imbalance)
        mark = len(self.trail)
        for quantity, step in self._repairs(position, 1 if self.imbalance[position] > 0 else -1):
            self.steps -= 1
            if self.steps < 0:
                return False
            if self._move(quantity, step) and self._settle():
                return True
            while len(self.trail) > mark:
                moved = self.trail.pop()
                self._shift(moved, -self.moves.pop(moved))
        return False

    def _repairs(self, position: int, excess: int) -> list[tuple[int, int]]:
        parts, whole = self.facts.sums[position]
        options: list[tuple[bool, int, bool, int, int]] = []
        for quantity in (*parts, whole):
            step = excess if quantity == whole else -excess
            if self._can_move(quantity, step):
                # A rounded quantity first: what rounding covers spares a way through other areas.
                options.append((self.hidden[quantity], self._upset(quantity, step), quantity == whole, quantity, step))
        options.sort()
        return [option[3:] for option in options]

    def _upset(self, quantity: int, step: int) -> int:
        """How much further out of balance the move would leave the sums the quantity belongs to."""
        upset = 0
        for position in self.sums_of[quantity]:
            excess = self.imbalance.get(position, 0)
            change = -step if quantity == self.facts.sums[position][1] else step
            upset += abs(excess + change) - abs(excess)
        return upset


def hidden_counts(counts: pl.DataFrame, above: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    """Every count to hide, as (row, role).

    `counts` has one row per count: `row`, `role` (numerator or denominator), the key of its cell as text (indicator,
    reading, parameters, period, level, area_code, breakdown, group), `count`, `least` and `greatest` (Int64: the
    numbers that would be published in the same way, the count among them when it is not small), `small` (it must be
    hidden) and `part_of_whole` (its row's numerator is part of its denominator). Totals have breakdown "total" and
    group "Total".

    Which counts are one quantity is read from the numbers: two lines (a breakdown of one area and period) with the same
    non-zero groups and the same total are one, whichever indicator, reading or role they come from, and so are their
    totals. A total that has no breakdowns is one with equal totals of its area and period. Lines that agree by chance
    are hidden alike, which costs a count now and then and gives nothing away.
    """
    positive = counts.filter(pl.col("count") > 0)
    several_levels = positive["level"].n_unique() > 1
    scope = ["period"] if several_levels else ["period", "level", "area_code"]
    touched = positive.filter("small").select(scope).unique()
    positive = positive.join(touched, on=scope, how="semi")
    if positive.is_empty():
        return positive.select("row", "role")
    owner = ["indicator", "reading", "parameters", "role"]
    place = ["period", "level", "area_code"]
    positive = _numbered(_numbered(positive, owner, "owner"), place, "place")
    positive, lines = _as_quantities(positive)
    by_quantity = (
        positive.group_by("quantity")
        .agg(pl.col("count").first(), pl.col("small").any(), pl.col("least").max(), pl.col("greatest").min())
        .sort("quantity")
    )
    facts = Facts(
        counts=by_quantity["count"].to_list(),
        sums=[
            *_sums_of_lines(lines.filter("of_authority")),
            *_sums_of_areas(positive, above),
            *_sums_of_lines(lines.filter(~pl.col("of_authority"))),
        ],
        limits=_limits(positive),
        ranges=list(by_quantity.select("least", "greatest").iter_rows()),
    )
    hidden = hide(facts, by_quantity.filter("small")["quantity"].to_list())
    return positive.filter(pl.col("quantity").is_in(sorted(hidden))).select("row", "role")


def _numbered(frame: pl.DataFrame, columns: list[str], name: str) -> pl.DataFrame:
    """The frame with its distinct combinations of columns numbered in sorted order."""
    distinct = frame.select(columns).unique().sort(columns).with_row_index(name)
    return frame.join(distinct, on=columns, how="left", maintain_order="left")


def _as_quantities(counts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Counts with `quantity`, and the distinct lines: `parts` and `whole` (quantities), `of_authority`, `adds_up`."""
    is_total = (pl.col("breakdown") == "total") & (pl.col("group") == "Total")
    totals = counts.filter(is_total).sort("owner", "place").with_row_index("total")
    groups = counts.filter(~is_total).sort("owner", "place", "breakdown", "group")
    lines = (
        groups.group_by("owner", "place", "breakdown", maintain_order=True)
        .agg(
            pl.col("count").sum().alias("sum"),
            pl.struct("group", "count").alias("content"),
            (pl.col("level").first() == "Local authority").alias("of_authority"),
        )
        .join(totals.select("owner", "place", "total", pl.col("count").alias("of")), on=["owner", "place"], how="left")
    )
    # One text per line, because a text can be grouped by; each label carries its length, so no two lines share a text.
    entry = pl.element().struct
    label = entry.field("group")
    lines = lines.with_columns(
        pl.col("content")
        .list.eval(pl.format("{}:{}={}", label.str.len_bytes(), label, entry.field("count")))
        .list.join(";")
        .alias("content")
    )
    lines = _numbered(lines.with_columns(pl.col("of").fill_null(-1)), ["place", "breakdown", "content", "of"], "line")
    same_total = lines.drop_nulls("total").group_by("line").agg(pl.col("total").sort())["total"].to_list()
    unbroken = totals.join(lines, on=["owner", "place"], how="anti").filter(~pl.col("small"))
    equal = totals.join(unbroken.select("place", "count").unique(), on=["place", "count"], how="semi")
    same_total += equal.group_by("place", "count").agg(pl.col("total").sort())["total"].to_list()
    totals = totals.with_columns(_first_of_each(totals.height, same_total).alias("line"))
    # A total's line number is the number of the first total it equals; it sorts after the groups of its area.
    groups = groups.join(lines.select("owner", "place", "breakdown", "line"), on=["owner", "place", "breakdown"])
    together = pl.concat(
        [
            groups.with_columns(pl.lit(value=False).alias("is_total")),
            totals.drop("total").select(groups.columns).with_columns(pl.lit(value=True).alias("is_total")),
        ]
    )
    key = ["place", "is_total", "breakdown", "group", "line"]
    together = _numbered(together, key, "quantity")
    wholes = together.filter("is_total").select("owner", "place", pl.col("quantity").alias("whole"))
    parts = together.filter(~pl.col("is_total")).group_by("line").agg(pl.col("quantity").unique().sort().alias("parts"))
    distinct = (
        lines.unique("line", keep="first", maintain_order=True)
        .join(wholes, on=["owner", "place"], how="left")
        .join(parts, on="line", how="left")
        .select("line", "parts", "whole", "of_authority", (pl.col("sum") == pl.col("of")).alias("adds_up"))
        .sort("line")
    )
    return together, distinct


def _first_of_each(size: int, same: Iterable[Sequence[int]]) -> pl.Series:
    """For each of `size` things the first of those it is the same as, directly or through others."""
    first = list(range(size))

    def find(thing: int) -> int:
        while first[thing] != thing:
            first[thing] = first[first[thing]]
            thing = first[thing]
        return thing

    for things in same:
        for thing in things[1:]:
            one, other = sorted((find(things[0]), find(thing)))
            first[other] = one
    return pl.Series([find(thing) for thing in range(size)], dtype=pl.get_index_type())


def _sums_of_lines(lines: pl.DataFrame) -> list[tuple[tuple[int, ...], int]]:
    adding = lines.filter("adds_up")
    return [(tuple(parts), whole) for parts, whole in adding.select("parts", "whole").iter_rows()]


def _sums_of_areas(counts: pl.DataFrame, above: Mapping[str, Sequence[str]]) -> list[tuple[tuple[int, ...], int]]:
    """Areas that are exactly the sum of the areas below them, for one count of one breakdown and group."""
    by_level = {level: counts.filter(pl.col("level") == level) for level in ("Local authority", "Regional", "National")}
    authorities, regional, nation = by_level.values()
    if not above and regional["area_code"].n_unique() == 1:
        only: str = regional["area_code"][0]
        above = {str(authority): (only,) for authority in authorities["area_code"].unique()}
    pairs = [(area, whole) for area, wholes in above.items() for whole in wholes]
    links = pl.DataFrame(pairs, schema={"area_code": pl.String, "_whole": pl.String}, orient="row")

    def in_wholes(parts: pl.DataFrame) -> pl.DataFrame:
        held = parts.join(links, on="area_code", maintain_order="left")
        return held.with_columns(pl.col("_whole").alias("area_code")).drop("_whole")

    # England is the sum of its regions; a part of one, such as Inner London, is in it already.
    regions = regional.join(links, on="area_code", how="anti", maintain_order="left")
    key = ["owner", "period", "breakdown", "group"]
    found: list[dict[int, set[tuple[int, ...]]]] = []
    for upper, lower, on in (
        (regional, in_wholes(authorities), [*key, "area_code"]),
        (regional, in_wholes(regional), [*key, "area_code"]),
        (nation, regions, key),
        (nation, authorities, key),
    ):
        below = lower.group_by(on).agg(pl.col("count").sum().alias("sum"), pl.col("quantity").sort().alias("parts"))
        exact = upper.join(below, on=on).filter(pl.col("count") == pl.col("sum")).sort("quantity")
        wholes: dict[int, set[tuple[int, ...]]] = {}
        for whole, parts in exact.select("quantity", "parts").iter_rows():
            wholes.setdefault(whole, set()).add(tuple(parts))
        found.append(wholes)
    # England as the sum of its authorities says nothing new where both steps through the regions are known.
    for whole, ways in found[2].items():
        if all(region in found[0] for parts in ways for region in parts):
            found[3].pop(whole, None)
    return [(parts, whole) for wholes in found for whole, ways in wholes.items() for parts in sorted(ways)]


def _limits(counts: pl.DataFrame) -> list[tuple[int, int]]:
    """Numerator and denominator of one row, where one is part of the other."""
    within = counts.filter("part_of_whole")
    roles = [within.filter(pl.col("role") == role).select("row", "quantity") for role in ("numerator", "denominator")]
    pairs = roles[0].join(roles[1], on="row", suffix="_of").select("quantity", "quantity_of")
    return [pair for pair in pairs.unique().sort("quantity", "quantity_of").iter_rows() if pair[0] != pair[1]]
