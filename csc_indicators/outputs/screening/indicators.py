"""Rules on the numbers."""

from __future__ import annotations

from collections.abc import Iterator

from csc_indicators.outputs.screening.model import Files, Rule, rows_in
from csc_indicators.outputs.screening.vocabulary import SYMBOLS

STAGE = "Indicators"
OBSOLETE = ("", "~", ":")


def ind_invalid_entry(files: Files) -> Iterator[str]:
    """Indicators with an empty cell or an obsolete symbol."""
    yield from rows_in(files, files.indicators, lambda cell: cell.is_in(OBSOLETE))


def ind_number_or_symbol(files: Files) -> Iterator[str]:
    """Indicators with a cell that is neither a number nor a symbol."""
    # Empty cells and obsolete symbols have a rule of their own.
    allowed = (*SYMBOLS, *OBSOLETE)
    yield from rows_in(
        files, files.indicators, lambda cell: ~cell.str.contains(r"^-?[0-9]+(\.[0-9]+)?$") & ~cell.is_in(allowed)
    )


RULES = (
    Rule(
        ind_invalid_entry,
        STAGE,
        "FAIL",
        "No cell of an indicator is empty, `~` or `:`",
        "Write `low` for `~`, `x` for `:`, and the symbol for the reason in empty cells.",
    ),
    Rule(
        ind_number_or_symbol,
        STAGE,
        "FAIL",
        "A cell of an indicator is a number, or one of " + ", ".join(f"`{symbol}`" for symbol in SYMBOLS),
        "Write numbers with a decimal point and without commas, spaces, units or exponents, and `low` for `k`.",
    ),
)
