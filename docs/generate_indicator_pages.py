"""Writes the parts of the documentation that come from the specs and the code.

    python -m docs.generate_indicator_pages

Some pages are written whole; others are written by hand and hold marked parts, which are filled in. The output is
committed, so that a change of a definition shows in review as a change of its page; a test compares it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import polars as pl

from csc_indicators.catalogue import Catalogue, catalogue, load_catalogue
from csc_indicators.code_set import CodeSet
from csc_indicators.codes import CODE_SETS
from csc_indicators.engines.local import Request, records
from csc_indicators.explanation import (
    STATUSES,
    UNITS,
    explain,
    explain_value,
    sources_of,
    values_used,
)
from csc_indicators.linting.clauses import WITHOUT_DENOMINATOR
from csc_indicators.loading import Extracts, load
from csc_indicators.markdown import bullet, code, paragraph, table
from csc_indicators.periods import MONTHS_IN_YEAR, year
from csc_indicators.rounding import SCALE
from csc_indicators.specification import Indicator, Question
from csc_indicators.survival import daily_counts, kaplan_meier
from docs.reference_parts import reference_parts

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
SPECS = ROOT / "specs"
FIXTURES = {
    "cin": (("region",), "The three authorities of `fixtures/region`"),
    "ssda903": (("looked_after",), "The two authorities of `fixtures/looked_after`"),
    "workforce": (("workforce",), "The two authorities of `fixtures/workforce`"),
    "context": (
        ("context", "region", "looked_after"),
        "The two authorities of `fixtures/context`, with the returns on their children,",
    ),
}
"""The synthetic extracts of each collection, and what a page calls them."""
SHOWN_YEAR = 2025
IS_WHOLE = 1e-6
GENERATED = "<!-- Written by `python -m docs.generate_indicator_pages`. Change the specs, not this page. -->\n\n"


def generated() -> dict[Path, str]:
    """Every page that is generated, whole or in part, by its path below `docs`."""
    catalogue = load_catalogue(SPECS)
    whole = {
        Path("indicators/index.md"): _index(catalogue),
        Path("questions.md"): _questions(catalogue),
        Path("asked.md"): _asked(catalogue),
        Path("definitions/values.md"): _values(catalogue),
        Path("definitions/codes.md"): _code_sets(),
        **{Path(f"indicators/{spec.id}.md"): _indicator(spec, catalogue) for spec in catalogue.indicators.values()},
    }
    pages = {path: GENERATED + text for path, text in whole.items()}
    for name, parts in reference_parts().items():
        pages[Path(name)] = filled((DOCS / name).read_text(encoding="utf-8"), parts)
    return pages


def filled(page: str, parts: Mapping[str, str]) -> str:
    """A page with the text between its markers replaced.

    Raises:
        ValueError: a part has no markers in the page.
    """
    for name, text in parts.items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        before, opening, rest = page.partition(begin)
        _, closing, after = rest.partition(end)
        if not (opening and closing):
            raise ValueError(f"the page has no part between {begin} and {end}")
        page = f"{before}{begin}\n\n{text}\n\n{end}{after}"
    return page


def _index(catalogue: Catalogue) -> str:
    rows = [
        [f"[{spec.title}]({spec.id}.md)", UNITS[spec.unit], STATUSES[spec.status], str(len(spec.reading))]
        for spec in catalogue.indicators.values()
    ]
    intro = paragraph(
        "Each page is the spec of an indicator, `specs/indicators/<id>.toml`, as text: what is counted, the rule clause"
        " by clause, every choice with its default and who asked for it, worked examples that tests compute, and how "
        "far to trust the figure. `python -m csc_indicators explain ID` prints the same."
    )
    return (
        f"# Indicators\n\n{intro}\n\n{table(['Indicator', 'Unit', 'Status', 'Readings'], rows, right=['Readings'])}\n"
    )


def _indicator(spec: Indicator, catalogue: Catalogue) -> str:
    function = catalogue.function(spec.id)
    where = f"{function.__module__}.{spec.id}"
    parts = [
        explain(spec, catalogue).rstrip("\n"),
        "## What it gives on the fixtures",
        paragraph(
            f"{FIXTURES[spec.collection][1]} together, before disclosure control, year "
            f"{_shown_year(spec)}. The data are made up: the figures show how far apart the readings are, not what is "
            "true of anywhere."
        ),
        _side_by_side(spec),
        paragraph(f"Under `{spec.default_reading}`, the candidates were decided by:"),
        _flow(spec),
        "## In code",
        f"[`{spec.id}`](../reference/api.md#{where})",
    ]
    return "\n\n".join(parts) + "\n"


@cache
def _extracts(collection: str) -> Extracts:
    return load([ROOT / "fixtures" / folder for folder in FIXTURES[collection][0]])


def _shown_year(spec: Indicator) -> int:
    """The last year of the fixtures whose outcomes they hold."""
    months = spec.defaults.get(spec.follow_up or "") if (spec.follow_up or "").endswith("_months") else 0
    return SHOWN_YEAR - (months if isinstance(months, int) else 0) // MONTHS_IN_YEAR


def _side_by_side(spec: Indicator) -> str:
    rows: list[list[str]] = []
    units: list[str] = []
    for reading in spec.reading:
        units.append(spec.unit_under(catalogue().parameters(spec.id, reading=reading.name)))
        unit = records(_extracts(spec.collection), Request(spec.id, reading.name), periods=[year(_shown_year(spec))])
        numerator, denominator = unit["numerator"].sum(), unit["denominator"].sum()
        complete = "yes" if unit["complete"].all() else "no"
        row = [f"`{reading.name}`", _amount(numerator), "", "", complete]
        if units[-1] not in WITHOUT_DENOMINATOR and denominator:
            value = numerator / denominator
            if units[-1] == "survival":
                value = kaplan_meier(daily_counts(unit, ["period"]).collect())["value"][0]
            row[2:4] = [_amount(denominator), f"{value * SCALE[units[-1]]:.{spec.decimals}f}"]
        rows.append(row)
    if set(units) <= {*WITHOUT_DENOMINATOR}:
        return table(["Reading", "Numerator", "Complete"], ([*row[:2], row[4]] for row in rows), right=["Numerator"])
    measures = ["Numerator", "Denominator", "Value"]
    return table(["Reading", *measures, "Complete"], rows, right=measures)


def _amount(number: float) -> str:
    """A sum as it is read: whole where it is, else with one decimal, as full-time equivalents are published."""
    return f"{number:,.0f}" if abs(number - round(number)) < IS_WHOLE else f"{number:,.1f}"


def _flow(spec: Indicator) -> str:
    candidates = records(_extracts(spec.collection), Request(spec.id), periods=[year(_shown_year(spec))], why=True)
    counts = dict(
        candidates["decided_by"].value_counts().select(pl.col("decided_by").cast(pl.String), "count").iter_rows()
    )
    sides = {clause.id: clause.side for clause in spec.clause}
    rate = spec.unit in WITHOUT_DENOMINATOR

    def outcome(name: str) -> str:
        if sides[name] == "denominator" or rate:
            return "not in the figure"
        return "in the denominator only"

    rows = [[f"`{name}`", outcome(name), f"{counts.get(name, 0):,}"] for name in sides]
    rows.append(["`counted`", "in the figure" if rate else "in the numerator", f"{counts.get('counted', 0):,}"])
    return table(["Decided by", "Where it stands", "Candidates"], rows, right=["Candidates"])


def _questions(catalogue: Catalogue) -> str:
    intro = paragraph(
        "In 2023 the Department for Education consulted on a National Framework and a Dashboard of indicators for "
        "children's social care. Respondents supported the aim and questioned the definitions. Each question below "
        "ends as a parameter, a reading or an indicator of its own; none is settled silently in code."
    )
    sections = [_question(name, question, catalogue) for name, question in catalogue.questions.items()]
    return "\n\n".join(["# The register of questions", intro, *sections]) + "\n"


def _question(name: str, question: Question, catalogue: Catalogue) -> str:
    answers = list(_answers(name, catalogue))
    lines = "\n".join(answers) if answers else paragraph(question.answer or "Not answered yet.")
    return f"## {name}\n\n{paragraph(f'“{question.asked}”')}\n\nAsked by: {question.by}.\n\n{lines}"


def _answers(name: str, catalogue: Catalogue) -> Iterator[str]:
    for spec in catalogue.indicators.values():
        parameters = [parameter.name for parameter in spec.parameter if name in parameter.asked_by]
        if parameters:
            readings = [reading.name for reading in spec.reading if set(parameters) & set(reading.set)]
            named = [_named("parameter", parameters), _named("reading", readings)]
            answered = "; ".join(part for part in named if part)
            yield bullet(f"[{spec.title}](indicators/{spec.id}.md): {answered}")


def _asked(catalogue: Catalogue) -> str:
    intro = paragraph(
        "Every measure that the Department for Education proposed in its consultation of 2023 (A), and every one that "
        "respondents asked for besides (C), with the indicators that answer it. Where a return does not hold what is "
        "needed, the page says which table someone must supply, and what is missing even so."
    )
    parts = {"A": "The indicators as consulted on in 2023", "C": "What respondents asked for besides"}
    sections = [
        f"## {title}\n\n" + "\n\n".join(_row_asked(name, catalogue) for name in catalogue.asked if name[0] == letter)
        for letter, title in parts.items()
    ]
    return "\n\n".join(["# What was asked, and where it is", intro, *sections]) + "\n"


def _row_asked(name: str, catalogue: Catalogue) -> str:
    row = catalogue.asked[name]
    specs = [catalogue.indicators[indicator] for indicator in row.indicators]
    lines = [
        bullet(f"[{spec.title}](indicators/{spec.id}.md) (`{spec.id}`): {STATUSES[spec.status]}") for spec in specs
    ]
    notes = [paragraph(f"{label}: {text}") for label, text in (("Needs", row.needs), ("Gap", row.gap)) if text]
    return "\n\n".join([f"### {name}", paragraph(f"“{row.asked}”"), f"{row.by}.", "\n".join(lines), *notes])


def _named(kind: str, names: Sequence[str]) -> str:
    return f"{kind}{'s' if len(names) > 1 else ''} {code(names)}" if names else ""


def _values(catalogue: Catalogue) -> str:
    intro = paragraph(
        "What law, guidance or the returns change over time: windows, groupings and bands, each with the day from "
        "which it holds and its source. They stand in `specs/values.toml`. A period uses what was in force then."
    )
    sections = [
        f"## {name}\n\n{explain_value(name, value)}\n\n{_used_by(name, catalogue)}"
        for name, value in catalogue.values.items()
    ]
    sources = f"## Sources\n\n{sources_of(catalogue.sources, catalogue)}"
    return "\n\n".join(["# Dated values", intro, *sections, sources]) + "\n"


def _used_by(name: str, catalogue: Catalogue) -> str:
    specs = [spec for spec in catalogue.indicators.values() if name in values_used(spec, catalogue)]
    links = ", ".join(f"[{spec.title}](../indicators/{spec.id}.md)" for spec in specs)
    return paragraph(f"Used by: {links or 'nothing yet'}.")


def _code_sets() -> str:
    intro = paragraph(
        "The code lists of the returns. A census year is named by the year in which it ends. A code outside its years "
        "is used as it stands, and validation says so; a code that is in no list becomes a missing value."
    )
    sections = [f"## {name}\n\n{_code_set(code_set)}" for name, code_set in CODE_SETS.items()]
    return "\n\n".join(["# Code sets", intro, *sections]) + "\n"


def _code_set(code_set: CodeSet) -> str:
    rows: list[list[str]] = []
    for name, label in code_set.labels.items():
        first, last = code_set.first_year.get(name), code_set.last_year.get(name)
        span = " ".join(([f"from {first}"] if first else []) + ([f"to {last}"] if last else []))
        rows.append([f"`{name}`", label, span])
    if any(row[2] for row in rows):
        return table(["Code", "Meaning", "Census years"], rows)
    return table(["Code", "Meaning"], [row[:2] for row in rows])


def main() -> None:
    """Write every generated page, and remove pages of indicators that are no more."""
    pages = generated()
    for path, text in pages.items():
        file = DOCS / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    for file in (DOCS / "indicators").glob("*.md"):
        if file.relative_to(DOCS) not in pages:
            file.unlink()


if __name__ == "__main__":
    main()
