"""The schema of the specs: what `specs/indicators/<id>.toml`, `values.toml` and `history.toml` may say.

A spec is what a policy lead reviews; Python implements it. The models here are frozen, refuse unknown keys and hold no
logic beyond reading a parameter's value: `catalogue.py` loads them, `lint.py` says what is wrong with them.
"""

from __future__ import annotations

import datetime as dt
import importlib.resources
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import Field, StrictBool, StrictInt, StrictStr

from csc_indicators.codes import CODE_SETS
from csc_indicators.errors import UsageError
from csc_indicators.spec_examples import Example
from csc_indicators.spec_model import RawValue, SpecModel, Texts
from csc_indicators.spec_published import PublishedFigures

ParameterValue = int | bool | str | tuple[str, ...] | None
Unit = Literal["percent", "rate_per_10000", "mean", "share", "count", "ratio", "survival", "months", "per_10000"]
Direction = Literal["understates", "overstates", "unknown"]
WHOLE_IN_PERCENT = 100
CONTEXT = "context"
"""The collection of tables that no return holds and that somebody supplies: each has a coverage of its own."""


def specs_folder() -> Traversable:
    """The folder of the specs: inside the installed package, or at the root of a checkout installed in place."""
    shipped = importlib.resources.files("csc_indicators") / "specs"
    return shipped if shipped.is_dir() else Path(__file__).resolve().parent.parent / "specs"


class Parameter(SpecModel):
    """A definitional choice: its type, the values it may take, its default, the question it answers and who asked."""

    name: StrictStr
    type: Literal["integer", "boolean", "choice", "choices", "codes"]
    default: RawValue
    question: StrictStr
    asked_by: Texts = ()
    allowed: Texts = ()
    minimum: StrictInt | None = None
    none: StrictStr | None = None
    code_set: StrictStr | None = None
    value: StrictStr | None = None
    renamed_from: Texts = ()

    @property
    def choices(self) -> tuple[str, ...]:
        """The texts a choice may take; empty for numbers."""
        if self.type == "codes" and self.code_set in CODE_SETS:
            return CODE_SETS[self.code_set].codes
        return self.allowed

    def python_value(self, raw: Any) -> ParameterValue:  # noqa: ANN401 (whatever a spec or caller gives)
        """The value as indicator functions take it: the word for none becomes None, lists become tuples.

        Raises:
            UsageError: the value is not one that this parameter may take.
        """
        if self.none is not None and (raw is None or raw in (self.none, "none")):
            return None
        if self.type == "integer":
            if isinstance(raw, int) and not isinstance(raw, bool) and (self.minimum is None or raw >= self.minimum):
                return raw
        elif self.type == "boolean":
            if isinstance(raw, bool):
                return raw
        elif self.type == "choice":
            if isinstance(raw, str) and raw in self.choices:
                return raw
        elif isinstance(raw, (list, tuple)):
            several = tuple(cast("list[Any]", raw))
            if several and all(item in self.choices for item in several):
                return tuple(choice for choice in self.choices if choice in several)
        raise UsageError(f"{self.name} cannot be {_shown(cast('object', raw))}: it takes {self.takes}")

    def parse(self, text: str) -> ParameterValue:
        """The value of a text such as the command line gives: `12`, `ever`, `true`, `6,7`."""
        text = text.strip()
        if self.none is not None and text in (self.none, "none"):
            return None
        if self.type == "integer" and text.lstrip("-").isdigit():
            return self.python_value(int(text))
        if self.type == "boolean" and text.lower() in ("true", "false"):
            return self.python_value(text.lower() == "true")
        if self.type in ("choices", "codes"):
            return self.python_value([part.strip() for part in text.split(",") if part.strip()])
        return self.python_value(text)

    @property
    def takes(self) -> str:
        """What the parameter may be, in words."""
        kinds = {
            "integer": "a whole number" + (f" from {self.minimum}" if self.minimum is not None else ""),
            "boolean": "true or false",
            "choice": "one of " + ", ".join(self.choices),
            "choices": "one or more of " + ", ".join(self.choices),
            "codes": "one or more of " + ", ".join(self.choices),
        }
        return kinds[self.type] + (f', or "{self.none}"' if self.none is not None else "")

    def shown(self, value: ParameterValue) -> str:
        """A value as text, as `parse` reads it."""
        if value is None:
            return self.none or "none"
        if isinstance(value, bool):
            return str(value).lower()
        return ",".join(value) if isinstance(value, tuple) else str(value)


def _shown(raw: object) -> str:
    if isinstance(raw, (list, tuple)):
        return ", ".join(_shown(item) for item in cast("list[object]", raw)) or "empty"
    return f'"{raw}"' if isinstance(raw, str) else str(raw)


class Reading(SpecModel):
    """A named set of parameter values: only what differs from the defaults."""

    name: StrictStr
    label: StrictStr
    source: StrictStr
    set: dict[StrictStr, RawValue]


class Clause(SpecModel):
    """One named rule of a definition, in the order in which a unit is put to them."""

    id: StrictStr
    side: Literal["denominator", "numerator"]
    text: StrictStr
    source: StrictStr
    parameters: Texts = ()


class Caveat(SpecModel):
    """What a reader of the figure must know, how sure we are of it, and which way it pulls."""

    text: StrictStr
    confidence: Literal["certain", "probable", "unsure"]
    direction: Direction


class Exclusion(SpecModel):
    """Something the figure leaves out."""

    text: StrictStr


class Conversion(SpecModel):
    """The six answers that a definition linking one event to another must give."""

    base: StrictStr
    target: StrictStr
    window: StrictStr
    credit: StrictStr
    counts_once: StrictStr
    dated_by: StrictStr
    known_when: StrictStr


class Framework(SpecModel):
    """The indicator's place in the 2023 consultation and in the live dashboard."""

    consultation_2023: StrictStr
    dashboard: StrictStr


class Columns(SpecModel):
    """Column names in a tidy file, as the published files have them."""

    value: StrictStr
    numerator: StrictStr | None = None
    denominator: StrictStr | None = None


class Indicator(SpecModel):
    """The definition of one indicator."""

    id: StrictStr
    title: StrictStr
    status: Literal["published", "proposed", "experimental"]
    statistical_unit: StrictStr
    numerator: StrictStr
    denominator: StrictStr
    unit: Unit
    decimals: StrictInt
    polarity: Literal["higher", "lower", "none"]
    over_time: Literal["flow", "stock", "distinct"]
    whole_years: StrictBool = False
    collected_since: StrictInt | None = None
    tables: Texts
    optional_tables: Texts = ()
    breakdowns: Texts
    published_groups: StrictStr | None = None
    unit_when: dict[StrictStr, Unit] = Field(default_factory=dict[str, Unit])
    disclosure: StrictStr
    default_reading: StrictStr
    sources: Texts
    framework: Framework
    columns: Columns
    look_back: StrictStr | None = None
    follow_up: StrictStr | None = None
    published_figures: tuple[PublishedFigures, ...] = ()
    conversion: Conversion | None = None
    parameter: tuple[Parameter, ...] = ()
    reading: tuple[Reading, ...]
    clause: tuple[Clause, ...]
    caveat: tuple[Caveat, ...] = ()
    exclusion: tuple[Exclusion, ...] = ()
    example: tuple[Example, ...]
    renamed_from: Texts = ()

    @property
    def collection(self) -> str:
        """The collection that the indicator is computed from, such as `cin`."""
        return self.tables[0].partition(".")[0] if self.tables else ""

    @property
    def covered_by(self) -> str:
        """What says from when to when the indicator is completely observed: its collection, or its table of context."""
        return self.tables[0] if self.collection == CONTEXT else self.collection

    @property
    def defaults(self) -> dict[str, ParameterValue]:
        """Every parameter with its default, as the indicator function takes it."""
        return {parameter.name: parameter.python_value(parameter.default) for parameter in self.parameter}

    def unit_under(self, parameters: Mapping[str, ParameterValue]) -> Unit:
        """The unit of the figure under these values of parameters: a few parameters change what is computed."""
        shown = {
            f"{parameter.name}={parameter.shown(parameters[parameter.name])}"
            for parameter in self.parameter
            if parameter.name in parameters
        }
        others: list[Unit] = [unit for when, unit in self.unit_when.items() if when in shown]
        return others[0] if others else self.unit


class DatedValue(SpecModel):
    """What a value is from a day on, and where that comes from."""

    from_: dt.date = Field(alias="from")
    value: Any
    source: StrictStr
    status: Literal["in_force", "announced", "retired"]
    mid_year: StrictBool = False


class Value(SpecModel):
    """A window, grouping or set of bands that changes over time."""

    kind: Literal["integer", "code_set", "grouping", "bands"]
    title: StrictStr
    value: tuple[DatedValue, ...]
    selected_by: Literal["period_end", "event_date"]
    code_set: StrictStr | None = None

    def in_force(self, on: dt.date) -> Any:  # noqa: ANN401 (what it is depends on `kind`)
        """The value on a day.

        Raises:
            UsageError: the day is before the first value, or at or after its retirement.
        """
        used = [dated for dated in self.value if dated.status != "announced" and dated.from_ <= on]
        if not used:
            first = min(dated.from_ for dated in self.value)
            raise UsageError(f"{self.title}: no value before {first.isoformat()}; ask for a later period")
        if used[-1].status == "retired":
            raise UsageError(f"{self.title}: retired from {used[-1].from_.isoformat()}; ask for an earlier period")
        return used[-1].value


class Change(SpecModel):
    """One change of a definition: what, from which period, why, and its measured effect on the fixtures."""

    date: dt.date
    indicator: StrictStr
    version: StrictStr
    kind: Literal["new", "value", "logic", "name", "text"]
    periods: StrictStr
    why: StrictStr
    source: StrictStr
    effect: StrictStr
    spec_hash: StrictStr


class Source(SpecModel):
    """A document that rules come from."""

    title: StrictStr
    publisher: StrictStr
    year: StrictInt


class Question(SpecModel):
    """A question of the register: what was asked and by whom, and what answers it where no parameter does."""

    asked: StrictStr
    by: StrictStr
    answer: StrictStr | None = None


class Asked(SpecModel):
    """Something the sector asked to be measured: which indicators do, what they need, and what is missing."""

    asked: StrictStr
    by: StrictStr
    indicators: Texts = ()
    needs: StrictStr | None = None
    gap: StrictStr | None = None
