"""The sheet of definitions: what each indicator of the workbook counts, by which rule, and what to know of it."""

from __future__ import annotations

from collections.abc import Mapping

from csc_indicators.catalogue import catalogue
from csc_indicators.outputs.terminal import UNITS
from csc_indicators.outputs.workbook.book import Book, fit_row, new_sheet
from csc_indicators.outputs.workbook.choices import BETTER, Choices, Measure
from csc_indicators.specification import Indicator

SHEET = "Definitions"
FIRST_ROW = 3
_WIDTHS = (24, 130)

STATUS = {
    "published": "Published: the Department for Education publishes it by this definition",
    "proposed": "Proposed: the definition is a proposal",
    "experimental": "Experimental: the definition is being tried",
}
SURE = {"certain": "", "probable": " (probable)", "unsure": " (not sure)"}
PULLS = {"understates": " It makes the figure too low.", "overstates": " It makes the figure too high.", "unknown": ""}


def write_definitions(book: Book, choices: Choices) -> dict[str, int]:
    """The sheet, a block for each indicator; returns the row where each begins, counted from 1, for links."""
    about = "What each indicator counts. The definitions are data of the package: the version says which."
    sheet = new_sheet(book, SHEET, title="Definitions", about=about, widths=_WIDTHS)
    starts: dict[str, int] = {}
    row = FIRST_ROW
    for name in dict.fromkeys(measure.indicator for measure in choices.measures):
        spec = catalogue().indicator(name)
        starts[name] = row + 1
        for column, text in enumerate((spec.title, "")):
            sheet.write_string(row, column, text, book.styles["span"])
        row += 1
        shown = [measure for measure in choices.measures if measure.indicator == name]
        for label, text in _described(spec, shown):
            sheet.write_string(row, 0, label, book.styles["label"])
            sheet.write_string(row, 1, text, book.styles["wrapped"])
            fit_row(sheet, row, (label, _WIDTHS[0]), (text, _WIDTHS[1]))
            row += 1
        row += 1
    sheet.freeze_panes(FIRST_ROW, 0)
    return starts


def _described(spec: Indicator, shown: list[Measure]) -> list[tuple[str, str]]:
    loaded = catalogue()
    sources = [loaded.sources[name] for name in spec.sources if name in loaded.sources]
    lines: list[tuple[str, str | None]] = [
        ("Id", spec.id),
        ("Status", STATUS[spec.status]),
        ("Framework", (f"2023 consultation: {spec.framework.consultation_2023}. "
                      f"Dashboard: {spec.framework.dashboard}.")),
        ("Counted", spec.statistical_unit),
        ("Numerator", spec.numerator),
        ("Denominator", spec.denominator),
        ("Unit", f"{UNITS.get(spec.unit, spec.unit)}, shown with {spec.decimals} decimals"),
        ("Direction", BETTER[spec.polarity]),
        *(("Reading", _reading(spec, measure)) for measure in shown),
        *(("Left out", exclusion.text) for exclusion in spec.exclusion),
        *(("To know", f"{caveat.text}{SURE[caveat.confidence]}{PULLS[caveat.direction]}") for caveat in spec.caveat),
        ("Sources", "; ".join(f"{source.title} ({source.publisher}, {source.year})" for source in sources)),
        ("Disclosure policy", spec.disclosure),
        ("Definition version", loaded.definition_version(spec.id)),
    ]  # fmt: skip
    return [(label, text) for label, text in lines if text]


def _reading(spec: Indicator, measure: Measure) -> str:
    """A reading in words, with its parameters that are not the definition's own."""
    loaded = catalogue()
    reading = loaded.reading(spec.id, measure.reading)
    source = loaded.sources[reading.source].title if reading.source in loaded.sources else reading.source
    parameters = measure.parameters or "as the definition has them"
    return f"{reading.label} ({reading.name}). Parameters: {parameters}. Source: {source}. Chosen as: {measure.label}"


def symbol_meanings() -> Mapping[str, str]:
    """What each symbol in place of a figure means, as official statistics use them.

    >>> symbol_meanings()["c"]
    'Suppressed: it could say something about a person'
    """
    return {
        "c": "Suppressed: it could say something about a person",
        "z": "Not applicable: there is nothing that it could be a figure of",
        "x": "Not available: it was not collected, or cannot be worked out from what there is",
        "k": "Rounds to zero, but is not zero",
        "u": "Too unreliable to show",
        "low": "Below the smallest number that is shown",
        "-": "There is no such figure in this workbook",
    }
