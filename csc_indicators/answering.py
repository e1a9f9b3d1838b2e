"""What the options of a command ask for, computed; and what is said beside the figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from csc_indicators.arguments import (
    Level,
    NeighbourStatistic,
    PeriodChoice,
    annex_a_of,
    levels_of,
    neighbours_of,
    periods_of,
    requests_of,
)
from csc_indicators.errors import UsageError
from csc_indicators.progress import loading
from csc_indicators.standard_streams import say, say_loss

if TYPE_CHECKING:
    from csc_indicators.engines.local import Computation
    from csc_indicators.loading import Extracts


@dataclass(frozen=True, kw_only=True)
class Question:
    """The options that say which figures: as the command line gives them, None where one was left out."""

    la: list[str] | None = None
    year: int | None = None
    from_year: int | None = None
    to_year: int | None = None
    period: PeriodChoice = PeriodChoice.year
    indicator: list[str] | None = None
    reading: list[str] | None = None
    set_: list[str] | None = None
    by: list[str] | None = None
    level: list[Level] | None = None
    joined: bool = False
    neighbours: Path | None = None
    neighbour_value: NeighbourStatistic = NeighbourStatistic.median
    internal: bool = False
    annex_a: datetime | None = None
    months: int = 12


@dataclass(frozen=True)
class Answer:
    """What was computed, and which indicators were left out because the extracts do not allow them."""

    computation: Computation
    left_out: tuple[str, ...]


def answer(paths: list[Path], question: Question) -> Answer:
    """Compute what the options ask for; faults of the options are found before a file is read."""
    from csc_indicators.engines.answerable import answerable
    from csc_indicators.engines.local import compute

    requests = requests_of(question.indicator, question.reading, question.set_)
    levels = levels_of(question.level)
    neighbours = None
    if question.neighbours is not None or question.neighbour_value is not NeighbourStatistic.median:
        neighbours = neighbours_of(question.neighbours, question.neighbour_value)
        if Level.neighbours not in (question.level or ()):
            raise UsageError("--neighbours and --neighbour-value are for --level neighbours; add it")
    extracts = _extracts(paths, question)
    of_options = (
        text.partition("=")[0].partition(".")[0] for text in (*(question.reading or ()), *(question.set_ or ()))
    )
    named = question.indicator or list(of_options)
    periods = periods_of(extracts, question.year, question.from_year, question.to_year, question.period)
    answered, left_out = answerable(requests, extracts, periods, named=named)
    computation = compute(
        extracts,
        answered,
        periods=periods,
        by=question.by or (),
        la_codes=question.la,
        internal=question.internal,
        levels=levels,
        joined=question.joined,
        neighbours=neighbours,
    )
    return Answer(computation, tuple(left_out))


def say_beside(answer: Answer) -> None:
    """What a reader of the figures must know, on standard error."""
    computation = answer.computation
    say_loss(computation.extracts)
    for note in (*answer.left_out, *computation.notes):
        say(f"note: {note}")
    if computation.published.restricted:
        say("RESTRICTED: small numbers are shown; not for publication")


def _extracts(paths: list[Path], question: Question) -> Extracts:
    if question.annex_a is not None:
        return annex_a_of(paths, question.la, question.annex_a, question.months)
    with loading(paths) as load:
        return load()
