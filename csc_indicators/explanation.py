"""One spec as text: what the command line's `explain` prints and what the page of an indicator holds.

Everything comes from the spec and from what it names: nothing is added, so the page cannot drift from the definition.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, cast

from csc_indicators.catalogue import Catalogue
from csc_indicators.census_years import periods_in
from csc_indicators.disclosure import policy
from csc_indicators.markdown import bullet, code, numbered, paragraph, table
from csc_indicators.periods import parse_period
from csc_indicators.spec_examples import Example, Expectation
from csc_indicators.specification import Change, DatedValue, Indicator, Parameter, Reading, Value

STATUSES = {
    "published": "published by DfE",
    "proposed": "proposed, not published by DfE",
    "experimental": "experimental, may still change",
}
UNITS = {
    "percent": "percent",
    "rate_per_10000": "rate per 10,000",
    "mean": "mean",
    "months": "mean, in months",
    "share": "share",
    "count": "count",
    "ratio": "per 100",
    "per_10000": "per 10,000 of its own denominator",
    "survival": "percent, estimated",
}
POLARITIES = {
    "none": "neither high nor low is better",
    "higher": "higher is better",
    "lower": "lower is better",
}
OVER_TIME = {
    "flow": "months add up to quarters and years",
    "stock": "the last day of a period counts; periods do not add up",
    "distinct": "each unit counts once in a period; periods do not add up",
}
YEARS_ONLY = "known for whole years, not for quarters and months"
CONVERSION = {
    "base": "What is followed",
    "target": "What it is matched with",
    "window": "Within which days",
    "credit": "Whether one match may serve several",
    "counts_once": "How often one unit counts",
    "dated_by": "What dates it and breaks it down",
    "known_when": "When the outcome is known",
}
DIRECTIONS = {
    "understates": "makes the figure too low",
    "overstates": "makes the figure too high",
    "unknown": "may pull either way",
}
CASES = {"typical": "A typical case", "boundary": "A boundary", "exclusion": "Something left out"}
EDGES = {
    "before": "before the edge",
    "on": "on the edge",
    "day_before": "the day before the edge",
    "day_after": "the day after the edge",
    "leap_day": "29 February",
    "same_day": "two events on one day",
    "missing_end": "no end date",
}


def explain(spec: Indicator, catalogue: Catalogue) -> str:
    """A definition as Markdown: the rule, its parameters and readings, worked examples and how far to trust it.

    Args:
        spec: The definition.
        catalogue: Where its sources, questions, dated values and history stand.

    Returns:
        Text that ends in one line break.

    Raises:
        UsageError: the disclosure policy or the period of an example is not known, which `lint` reports.

    >>> from csc_indicators.catalogue import catalogue
    >>> explain(catalogue().indicator("rereferrals"), catalogue()).splitlines()[0]
    '# Re-referrals within 12 months'
    """
    sections = (
        _heading(spec),
        _what_is_counted(spec),
        _rule(spec),
        _conversion(spec),
        _parameters(spec, catalogue),
        _readings(spec),
        _dated_values(spec, catalogue),
        _examples(spec),
        _exclusions(spec),
        _trust(spec),
        _published_figures(spec),
        _columns(spec),
        _sources(spec, catalogue),
        _history(spec, catalogue),
    )
    return "\n\n".join(block for section in sections for block in section) + "\n"


def explain_value(name: str, value: Value) -> str:
    """A dated value as an item of a list, with an item below it for each entry: from when, what, and its source.

    >>> from csc_indicators.catalogue import catalogue
    >>> print(explain_value("rereferral_window_months", catalogue().values["rereferral_window_months"]))
    - `rereferral_window_months`: How long after a referral a further one is a re-referral, in calendar
      months. The entry in force on the last day of the period is used.
        - from 1 April 2012: **12** (in force; source: `lait`)
    """
    chosen = "the last day of the period" if value.selected_by == "period_end" else "the day of each event"
    lines = [bullet(f"`{name}`: {value.title}. The entry in force on {chosen} is used.")]
    grouped = value.kind in ("grouping", "bands")
    return "\n".join([*lines, *(line for dated in value.value for line in _entry(dated, grouped=grouped))])


def values_used(spec: Indicator, catalogue: Catalogue) -> dict[str, Value]:
    """The dated values that an indicator takes a default from, or is broken down by."""
    names = [parameter.value for parameter in spec.parameter if parameter.value]
    names += [name for name in spec.breakdowns if name in catalogue.values]
    return {name: catalogue.values[name] for name in dict.fromkeys(names) if name in catalogue.values}


def sources_of(names: Iterable[str], catalogue: Catalogue) -> str:
    """Sources as a list, each under the name by which specs refer to it."""
    named = {name: catalogue.sources.get(name) for name in dict.fromkeys(names)}
    return "\n".join(
        bullet(f"`{name}`: {source.title}. {source.publisher}, {source.year}")
        for name, source in named.items()
        if source
    )


def _entry(dated: DatedValue, *, grouped: bool) -> Iterator[str]:
    begins, status = _day(dated.from_), dated.status.replace("_", " ")
    if grouped:
        yield bullet(f"from {begins} ({status}; source: `{dated.source}`):", level=1)
        for group, members in dated.value.items():
            yield bullet(f"{group}: {_members(members)}", level=2)
    else:
        yield bullet(f"from {begins}: **{_shown(dated.value)}** ({status}; source: `{dated.source}`)", level=1)


def _members(members: Any) -> str:  # noqa: ANN401 (codes of a group, or where a band begins)
    if isinstance(members, list):
        return _shown(members)
    return "before birth" if members == "before_birth" else f"from {members}"


def _shown(value: Any) -> str:  # noqa: ANN401 (any value that a spec may hold)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in cast("list[Any]", value))
    return str(value)


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"


def _heading(spec: Indicator) -> Iterator[str]:
    counted = spec.numerator.split(";")[0]
    of = spec.denominator.split(";")[0]
    of = of[0].lower() + of[1:]
    sentences = {
        "percent": f"{counted}, as a percentage of {of}.",
        "share": f"{counted}, as a share of {of}.",
        "rate_per_10000": f"{counted}, per 10,000 {of}.",
        "mean": f"{counted}, on average over {of}.",
        "months": f"{counted}, on average over {of}, in months (days by 12 / 365.25).",
        "count": f"{counted}.",
        "ratio": f"{counted}, for every 100 of {of}.",
        "per_10000": f"{counted}, for every 10,000 of {of}.",
        "survival": f"{counted}, as an estimated percentage of {of}.",
    }
    yield f"# {spec.title}"
    yield paragraph(sentences[spec.unit])
    unit = f"{UNITS[spec.unit]}, {spec.decimals} decimal{'s' if spec.decimals != 1 else ''}"
    for when, other in spec.unit_when.items():
        unit += f" ({UNITS[other]} when `{when}`)"
    yield paragraph(f"`{spec.id}` · {STATUSES[spec.status]} · {unit} · {POLARITIES[spec.polarity]}")


def _what_is_counted(spec: Indicator) -> Iterator[str]:
    facts = {
        "Numerator": spec.numerator,
        "Denominator": spec.denominator,
        "Statistical unit": spec.statistical_unit,
        "Computed from": code(spec.tables),
        "And when it is given": code(spec.optional_tables),
        "Over time": YEARS_ONLY if spec.whole_years else OVER_TIME[spec.over_time],
        "Asked for since": f"the returns of {spec.collected_since}" if spec.collected_since else "",
        "Looks back": _length(spec.look_back),
        "Follows up": _length(spec.follow_up),
        "Always shown by": f"`{spec.published_groups}`" if spec.published_groups else "",
        "Broken down by": code(spec.breakdowns),
        "Disclosure control": f"`{spec.disclosure}` ({policy(spec.disclosure).title})",
        "In the 2023 consultation": spec.framework.consultation_2023,
        "In DfE's dashboard": spec.framework.dashboard,
    }
    yield "## What is counted"
    yield "\n".join(bullet(f"**{name}**: {fact}") for name, fact in facts.items() if fact)


def _length(span: str | None) -> str:
    if span is None:
        return ""
    return f"{span} months" if span.isdigit() else f"as far as `{span}` says"


def _rule(spec: Indicator) -> Iterator[str]:
    yield "## The rule, clause by clause"
    yield paragraph(
        "Each candidate is put to these clauses in order. The first that it does not meet decides it; "
        "one that meets them all is `counted`."
    )
    only = spec.unit in ("rate_per_10000", "count")
    titles = {
        "denominator": "To be in the denominator:",
        "numerator": "To be counted:" if only else "To be in the numerator as well:",
    }
    number = 0
    for side, title in titles.items():
        items: list[str] = []
        for clause in spec.clause:
            if clause.side == side:
                number += 1
                set_by = f" Set by {code(clause.parameters)}." if clause.parameters else ""
                items.append(numbered(number, f"`{clause.id}`: {clause.text}{set_by} Source: `{clause.source}`."))
        if items:
            yield title
            yield "\n".join(items)


def _conversion(spec: Indicator) -> Iterator[str]:
    if spec.conversion:
        answers = spec.conversion.model_dump()
        yield "## How two events are linked"
        yield "\n".join(bullet(f"**{title}**: {answers[key]}") for key, title in CONVERSION.items())


def _parameters(spec: Indicator, catalogue: Catalogue) -> Iterator[str]:
    yield "## Parameters"
    if not spec.parameter:
        yield "None: there is one way to compute this indicator."
    for parameter in spec.parameter:
        yield f"### `{parameter.name}`"
        yield paragraph(parameter.question)
        yield "\n".join(_parameter(parameter, catalogue))


def _parameter(parameter: Parameter, catalogue: Catalogue) -> Iterator[str]:
    of_set = f" (code set `{parameter.code_set}`)" if parameter.code_set else ""
    yield bullet(f"Type: {parameter.type}{of_set}. It takes {parameter.takes}.")
    from_value = f", the dated value `{parameter.value}`" if parameter.value else ""
    yield bullet(f"Default: **{_shown(parameter.default)}**{from_value}.")
    for name in parameter.asked_by:
        question = catalogue.questions.get(name)
        if question:
            yield bullet(f"Answers {name}, asked by {question.by}: “{question.asked}”")
    if parameter.renamed_from:
        yield bullet(f"Was called {code(parameter.renamed_from)}.")


def _readings(spec: Indicator) -> Iterator[str]:
    yield "## Readings"
    yield "A reading is a named set of parameter values. Each says only how it differs from the defaults."
    yield "\n".join(_reading(reading, spec) for reading in spec.reading)


def _reading(reading: Reading, spec: Indicator) -> str:
    defaults = {parameter.name: _shown(parameter.default) for parameter in spec.parameter}
    changes = [
        f"`{name}` is {_shown(value)} instead of {defaults.get(name, 'nothing')}" for name, value in reading.set.items()
    ]
    how = "; ".join(changes) or "every parameter at its default"
    used = " **Used unless another is asked for.**" if reading.name == spec.default_reading else ""
    return bullet(f"`{reading.name}`: {reading.label} ({how}). Source: `{reading.source}`.{used}")


def _dated_values(spec: Indicator, catalogue: Catalogue) -> Iterator[str]:
    used = values_used(spec, catalogue)
    if used:
        yield "## Dated values used"
        yield "\n".join(explain_value(name, value) for name, value in used.items())


def _examples(spec: Indicator) -> Iterator[str]:
    yield "## Worked examples"
    yield paragraph(
        "Each is a whole set of tables, and tests compute it. A column that is not shown, or an empty cell, holds an "
        "ordinary value that decides nothing."
    )
    for example in spec.example:
        yield f"### {example.name}"
        yield from _example(example, spec)


def _example(example: Example, spec: Indicator) -> Iterator[str]:
    period = periods_in(spec.collection, [parse_period(example.period)])[0]
    edge = f" ({EDGES[example.edge]})" if example.edge else ""
    yield f"{CASES[example.case]}{edge}, for {period.label}: {_day(period.start)} to {_day(period.end)}."
    for name, held in example.tables.items():
        columns = list(dict.fromkeys(column for row in held for column in row))
        if set(example.tables) != {"episodes"}:
            yield f"`{name}`" + ("" if columns else ": no rows, or rows of ordinary values only.")
        if columns:
            yield table(columns, ([_shown(row.get(column)) for column in columns] for row in held))
    measures = ["numerator", "denominator"]
    if all(expectation.denominator is None for expectation in example.expect):
        measures = ["numerator"]
    rows = (
        [_asked(expectation, spec), *(_shown(getattr(expectation, measure)) for measure in measures)]
        for expectation in example.expect
    )
    yield table(["gives, under", *measures], rows, right=measures)
    decided = [(spec.default_reading, example.decided_by)]
    decided += [(_asked(expectation, spec), expectation.decided_by) for expectation in example.expect]
    lines = [bullet(f"Decided by, row by row in the period, under {asked}: {code(by)}.") for asked, by in decided if by]
    lines += [
        bullet(
            f"The figure is {'complete' if expectation.complete else 'incomplete'} under {_asked(expectation, spec)}."
        )
        for expectation in example.expect
        if expectation.complete is not None
    ]
    if lines:
        yield "\n".join(lines)


def _asked(expectation: Expectation, spec: Indicator) -> str:
    """The reading or the parameters that an expectation is for, and the group when it is for one."""
    sets = [f"{name} = {_shown(value)}" for name, value in expectation.set.items()]
    asked = sets or [expectation.reading or spec.default_reading]
    return ", ".join([*asked, *(f"{name}: {group}" for name, group in expectation.group.items())])


def _exclusions(spec: Indicator) -> Iterator[str]:
    if spec.exclusion:
        yield "## What is left out"
        yield "\n".join(bullet(exclusion.text) for exclusion in spec.exclusion)


def _trust(spec: Indicator) -> Iterator[str]:
    if spec.caveat:
        yield "## How far to trust it"
        yield "\n".join(
            bullet(f"{caveat.text} *({caveat.confidence.capitalize()}; {DIRECTIONS[caveat.direction]}.)*")
            for caveat in spec.caveat
        )


def _published_figures(spec: Indicator) -> Iterator[str]:
    yield "## Where DfE's figures stand"
    if not spec.published_figures:
        yield "This definition names no published figures."
    yield from (paragraph(figures.in_words(spec.default_reading)) for figures in spec.published_figures)


def _columns(spec: Indicator) -> Iterator[str]:
    columns = spec.columns.model_dump()
    named = ", ".join(f"{part} `{columns[part]}`" for part in ("numerator", "denominator", "value") if columns[part])
    yield "## Column names"
    yield paragraph(f"In a tidy file, as the published files have them: {named}.")


def _sources(spec: Indicator, catalogue: Catalogue) -> Iterator[str]:
    dated = [entry.source for value in values_used(spec, catalogue).values() for entry in value.value]
    named = [clause.source for clause in spec.clause] + [reading.source for reading in spec.reading]
    yield "## Sources"
    yield sources_of([*spec.sources, *named, *dated], catalogue)


def _history(spec: Indicator, catalogue: Catalogue) -> Iterator[str]:
    known_as = (spec.id, *spec.renamed_from)
    changes = [_change(change) for change in catalogue.history if change.indicator in known_as]
    yield "## History of the definition"
    yield "\n".join(changes) or "No change is recorded."


def _change(change: Change) -> str:
    kind = f"{change.kind}; periods: {change.periods}; source: `{change.source}`"
    return bullet(f"**{change.version}**, {_day(change.date)} ({kind}): {change.why} Effect: {change.effect}.")
