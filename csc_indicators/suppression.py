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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

STEPS = 400
"""How many repairs one search may try before more is hidden instead. It bounds the time, never the safety."""

SIZES = (8, 24, 1000)
"""How many quantities a second table may differ in: small differences are looked for first, in every direction, because
a search that only follows one trail gets lost in a large table."""


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
    hidden_in: list[int] = field(init=False)
    larger_than: list[list[int]] = field(init=False)
    smaller_than: list[list[int]] = field(init=False)
    waiting: deque[int] = field(init=False, default_factory=deque[int])
    moves: dict[int, int] = field(init=False, default_factory=dict[int, int])
    imbalance: dict[int, int] = field(init=False, default_factory=dict[int, int])
    trail: list[int] = field(init=False, default_factory=list[int])
    steps: int = field(init=False, default=0)
    most: int = field(init=False, default=0)
    cut_short: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        size = len(self.facts.counts)
        self.hidden, self.safe = [False] * size, [False] * size
        self.ranges = self.facts.ranges or [(count, count) for count in self.facts.counts]
        self.sums_of = [[] for _ in range(size)]
        self.hidden_in = [0] * len(self.facts.sums)
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
            for position in self.sums_of[quantity]:
                self.hidden_in[position] += 1
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
        options = self._alone_in_its_sum(quantity)
        if not options:
            options = [(position, member) for position in self.sums_of[quantity] for member in self._members(position)]
        best = min(
            (self._preference(position, member) for position, member in options if not self.hidden[member]),
            default=None,
        )
        return best[-1] if best else self._nearest_published(quantity)

    def _members(self, position: int) -> tuple[int, ...]:
        parts, whole = self.facts.sums[position]
        return (*parts, whole)

    def _preference(self, position: int, member: int) -> tuple[int, bool, int, int, int]:
        """What to hide first, by order: where least is hidden, no whole, what needs least to follow, what is small."""
        follow = sum(not self.hidden_in[other] for other in self.sums_of[member])
        whole = member == self.facts.sums[position][1]
        return self.hidden_in[position], whole, follow, self.facts.counts[member], member

    def _alone_in_its_sum(self, quantity: int) -> list[tuple[int, int]]:
        """The members of the nearest exact sum with one hidden quantity, of those that a move of this one runs into."""
        seen, waiting = {quantity}, deque([quantity])
        while waiting:
            for position in self.sums_of[waiting.popleft()]:
                members = self._members(position)
                if self.hidden_in[position] == 1 and not any(self._has_room(member) for member in members):
                    return [(position, member) for member in members]
                beyond = [member for member in members if self.hidden[member] and member not in seen]
                seen.update(beyond)
                waiting.extend(beyond)
        return []

    def _has_room(self, quantity: int) -> bool:
        """Whether a published quantity could be another number, because it is rounded."""
        least, greatest = self.ranges[quantity]
        return not self.hidden[quantity] and least < greatest

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
        for self.most in SIZES:
            self.cut_short = False
            self.moves, self.imbalance, self.trail, self.steps = {}, {}, [], STEPS
            if self._move(quantity, step) and self._settle():
                return True
            if self.steps > 0 and not self.cut_short:
                return False
        return False

    def _can_move(self, quantity: int, step: int) -> bool:
        count = self.facts.counts[quantity] + step
        least, greatest = self.ranges[quantity]
        return quantity not in self.moves and (count >= 1 if self.hidden[quantity] else least <= count <= greatest)

    def _move(self, quantity: int, step: int) -> bool:
        """Move one quantity and whatever its limits force along; False when something published is in the way."""
        if len(self.moves) >= self.most:
            self.cut_short = True
            return False
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
