"""The catalogue: every spec loaded, checked and resolved to its function.

`catalogue()` is the one way in. It raises with every fault of every spec at once, so that a policy lead who edits a
file sees the whole list and not the first line of it.
"""

from __future__ import annotations

import bisect
import contextlib
import datetime as dt
import functools
import hashlib
import importlib
import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from csc_indicators.errors import FatalFindings, UsageError
from csc_indicators.names import suggestion
from csc_indicators.spec_model import SpecModel
from csc_indicators.specification import (
    Asked,
    Change,
    Indicator,
    ParameterValue,
    Question,
    Reading,
    Source,
    Value,
    specs_folder,
)

if TYPE_CHECKING:
    import polars as pl

Model = TypeVar("Model")

_KNOWN_KEYS = sorted(
    {field.alias or name for model in SpecModel.__subclasses__() for name, field in model.model_fields.items()}
)
"""Every key that any part of a spec may have, to suggest the nearest."""


@dataclass(frozen=True, order=True)
class Issue:
    """One fault of a spec: its code, how bad it is, where it stands and what to do."""

    file: str
    line: int
    code: str
    level: str
    message: str

    def __str__(self) -> str:
        """The issue as `lint` prints it."""
        return f"{self.code} {self.level} {self.file}:{self.line} {self.message}"


@dataclass(frozen=True)
class SpecFile:
    """A TOML file of the specs as text and as data, so that an issue can say in which line it stands."""

    name: str
    text: str
    data: dict[str, Any]

    def line_of(self, *path: str | int) -> int:
        r"""The line on which the table or key at this path begins; a path that leads nowhere goes as far as it can.

        A path is made of keys and of positions in arrays: `("reading", 2, "set")`. TOML's parser does not say where
        things stand, so it is given more and more lines, until what it read holds the path.

        >>> SpecFile("made_up.toml", "[a]\nx = 1\n[b]\nx = 2", {"a": {"x": 1}, "b": {"x": 2}}).line_of("b", "x")
        4
        """
        lines = self.text.split("\n")

        def read(count: int) -> dict[str, Any] | None:
            # Lines may end within an array that runs over several; closing it shows the items read so far.
            for closing in ("", "\n]", "\n]]"):
                with contextlib.suppress(tomllib.TOMLDecodeError):
                    return tomllib.loads("\n".join(lines[:count]) + closing)
            return None

        def last_readable(count: int) -> int:
            return next(number for number in range(count, -1, -1) if read(number) is not None)

        def depth(data: Any) -> int:  # noqa: ANN401 (whatever a file may hold)
            for position, part in enumerate(path):
                try:
                    data = data[part]
                except (KeyError, IndexError, TypeError):
                    return position
            return len(path)

        whole = depth(self.data)
        if not whole:
            return 1
        counts = range(len(lines) + 1)
        first = bisect.bisect_left(counts, whole, key=lambda count: depth(read(last_readable(count))))
        return last_readable(first - 1) + 1


@dataclass(frozen=True)
class Catalogue:
    """Every indicator, dated value, change, source and question of one folder of specs."""

    indicators: Mapping[str, Indicator]
    values: Mapping[str, Value]
    history: tuple[Change, ...]
    sources: Mapping[str, Source]
    questions: Mapping[str, Question]
    asked: Mapping[str, Asked]
    files: Mapping[str, SpecFile] = field(repr=False)
    issues: tuple[Issue, ...] = ()

    def indicator(self, indicator_id: str) -> Indicator:
        """The spec with this id.

        Raises:
            UsageError: there is none; the message names the nearest.
        """
        if indicator_id in self.indicators:
            return self.indicators[indicator_id]
        renamed = [spec.id for spec in self.indicators.values() if indicator_id in spec.renamed_from]
        hint = f" It is now called {renamed[0]}." if renamed else suggestion(indicator_id, self.indicators)
        raise UsageError(f'No indicator is called "{indicator_id}".{hint} `list` shows them all.')

    def reading(self, indicator_id: str, reading: str | None = None) -> Reading:
        """A named reading of an indicator, the default one when no name is given."""
        spec = self.indicator(indicator_id)
        name = reading or spec.default_reading
        readings = {candidate.name: candidate for candidate in spec.reading}
        if name not in readings:
            raise UsageError(
                f'{indicator_id} has no reading "{name}".{suggestion(name, readings)} Readings: {", ".join(readings)}.'
            )
        return readings[name]

    def parameters(
        self,
        indicator_id: str,
        *,
        reading: str | None = None,
        overrides: Mapping[str, ParameterValue] | None = None,
        on: dt.date | None = None,
    ) -> dict[str, ParameterValue]:
        """Every parameter of an indicator as its function takes it, for a period that ends on the day `on`.

        Defaults that point to a dated value take the value in force on that day; the reading's values go over the
        defaults and `overrides` over both.
        """
        spec = self.indicator(indicator_id)
        by_name = {parameter.name: parameter for parameter in spec.parameter}
        resolved = spec.defaults
        for parameter in spec.parameter:
            if parameter.value and on:
                resolved[parameter.name] = parameter.python_value(self.value(parameter.value, on))
        for name, raw in self.reading(indicator_id, reading).set.items():
            resolved[name] = by_name[name].python_value(raw)
        for name, raw in (overrides or {}).items():
            if name not in by_name:
                raise UsageError(
                    f'{indicator_id} has no parameter "{name}".{suggestion(name, by_name)} '
                    f"Parameters: {', '.join(by_name) or 'none'}."
                )
            resolved[name] = by_name[name].python_value(raw)
        return resolved

    def value(self, name: str, on: dt.date) -> Any:  # noqa: ANN401 (what it is depends on the value's kind)
        """A dated value on a day."""
        if name not in self.values:
            raise UsageError(f'No dated value is called "{name}".{suggestion(name, self.values)}')
        return self.values[name].in_force(on)

    def definition_version(self, indicator_id: str) -> str:
        """The version of the last change recorded for an indicator."""
        versions = [change.version for change in self.history if change.indicator == indicator_id]
        return versions[-1] if versions else ""

    def function(self, indicator_id: str) -> Callable[..., pl.LazyFrame]:
        """The function that computes an indicator's unit records."""
        self.indicator(indicator_id)
        registry: Mapping[str, Callable[..., pl.LazyFrame]] = importlib.import_module(
            "csc_indicators.indicators"
        ).REGISTRY
        return registry[indicator_id]


def spec_hash(data: Mapping[str, Any]) -> str:
    """A short fingerprint of what a spec says, whatever its comments, spacing and order of keys."""
    canonical = json.dumps(data, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def load_catalogue(folder: Traversable) -> Catalogue:
    """Load a folder of specs with every structural fault it has; nothing is raised.

    What cannot be loaded is left out of the catalogue and stands in `issues`; the rules that look across specs are in
    `lint.py`.
    """
    issues: list[Issue] = []
    files: dict[str, SpecFile] = {}
    for path, shown in _toml_files(folder):
        text = path.read_text(encoding="utf-8")
        try:
            files[shown] = SpecFile(shown, text, tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            # The message says the line; the error itself does so only from Python 3.14.
            at = re.search(r"line (\d+)", str(error))
            line = int(at.group(1)) if at else 1
            issues.append(Issue(shown, line, "S001", "error", f"not readable as TOML: {error}"))
    indicators: dict[str, Indicator] = {}
    for shown, file in files.items():
        if shown.startswith("indicators/"):
            spec = _load(file, Indicator, issues)
            stem = shown.removeprefix("indicators/").removesuffix(".toml")
            if spec and spec.id != stem:
                issues.append(
                    Issue(shown, file.line_of("id"), "S006", "error", f'id "{spec.id}" differs from the file name')
                )
            elif spec:
                indicators[spec.id] = spec

    def table(name: str, model: type[Model]) -> dict[str, Model]:
        file = files.get(name)
        return (_load(file, dict[str, model], issues) or {}) if file else {}

    history_file = files.get("history.toml")
    history = _load(history_file, dict[str, tuple[Change, ...]], issues) if history_file else None
    return Catalogue(
        indicators=MappingProxyType(dict(sorted(indicators.items()))),
        values=MappingProxyType(table("values.toml", Value)),
        history=(history or {}).get("change", ()),
        sources=MappingProxyType(table("sources.toml", Source)),
        questions=MappingProxyType(table("questions.toml", Question)),
        asked=MappingProxyType(table("asked.toml", Asked)),
        files=MappingProxyType(files),
        issues=tuple(sorted(issues)),
    )


@functools.cache
def catalogue() -> Catalogue:
    """The catalogue of the installed specs, checked.

    Raises:
        FatalFindings: a spec has errors; the message lists every one of them.

    >>> "rereferrals" in catalogue().indicators
    True
    """
    from csc_indicators.lint import lint  # noqa: PLC0415 (lint reads catalogues, so it cannot be imported first)

    loaded = load_catalogue(specs_folder())
    # A draft whose change is not yet recorded in the history can be tried out; `lint` and the gate still refuse it.
    errors = [issue for issue in lint(loaded) if issue.level == "error" and not issue.code.startswith("S07")]
    if errors:
        lines = "\n".join(str(issue) for issue in errors)
        raise FatalFindings(f"the specs have {len(errors)} error{'s' if len(errors) != 1 else ''}:\n{lines}")
    return loaded


def definition(indicator_id: str) -> Indicator:
    """The definition of an indicator: its rule, parameters, readings, caveats and worked examples.

    Raises:
        UsageError: there is none with this id; the message names the nearest.

    >>> [reading.name for reading in definition("rereferrals").reading][:2]
    ['published', 'within_12_months_of_closure']
    """
    return catalogue().indicator(indicator_id)


def _toml_files(folder: Traversable) -> list[tuple[Traversable, str]]:
    tops = [(entry, entry.name) for entry in folder.iterdir() if entry.name.endswith(".toml")]
    inside = folder / "indicators"
    specs = [(entry, f"indicators/{entry.name}") for entry in inside.iterdir()] if inside.is_dir() else []
    return sorted(
        (pair for pair in (*tops, *specs) if pair[1].endswith(".toml") and pair[1] != "policies.toml"),
        key=lambda pair: pair[1],
    )


def _load(file: SpecFile, shape: type[Model], issues: list[Issue]) -> Model | None:
    """A file as a model; its faults go into `issues` with the line they stand on."""
    try:
        return TypeAdapter(shape).validate_python(file.data)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False)
        issues.extend(_issue_of(file, fault["type"], fault["loc"], fault["msg"]) for fault in faults)
        return None


def _issue_of(file: SpecFile, kind: str, path: Sequence[str | int], message: str) -> Issue:
    keys = list(path)
    where = ".".join(str(part) for part in keys)
    if kind == "missing":
        return Issue(file.name, file.line_of(*keys[:-1]), "S002", "error", f'"{keys[-1]}" is missing ({where})')
    if kind == "extra_forbidden":
        hint = suggestion(str(keys[-1]), _KNOWN_KEYS)
        return Issue(file.name, file.line_of(*keys), "S003", "error", f'unknown key "{keys[-1]}" ({where}).{hint}')
    return Issue(file.name, file.line_of(*keys), "S004", "error", f"{where}: {message[0].lower()}{message[1:]}")
