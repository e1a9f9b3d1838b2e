"""Errors a user can act on, and the findings that say what is wrong with an extract.

Every error carries the exit code the command line ends with. No message may hold a value from an input row: they name
files, tables, columns, rules and row numbers only, because a row is about a real child.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["fatal", "rejected", "kept"]
Stage = Literal["extracts", "tables", "histories", "indicators", "aggregation"]

ROW_NUMBERS_SHOWN = 20
"""A finding lists this many row numbers at most; its `rows` always counts them all."""


class CscError(Exception):
    """Something the user can put right. `exit_code` is what the command line returns."""

    exit_code = 1


class UsageError(CscError):
    """The call asks for something that does not exist or cannot be combined (exit code 2)."""

    exit_code = 2


class UnreadableFile(CscError):
    """A file cannot be read at all (exit code 3)."""

    exit_code = 3


class FatalFindings(CscError):
    """What was read cannot be used: fatal findings in an extract, or faults in the specs (exit code 4)."""

    exit_code = 4

    def __init__(self, message: str, findings: Iterable[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class NothingComputed(CscError):
    """The extracts hold nothing from which the figure asked for can be computed (exit code 5)."""

    exit_code = 5


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong or worth knowing about an extract, with the rows it concerns.

    `severity` says what became of the rows: `fatal` stops the run, `rejected` rows are left out of every figure, `kept`
    rows stay in (a single cell may have been set to missing: the message says so). `row_numbers` holds the first
    twenty row numbers in `source_file`; `rows` counts all of them.
    """

    stage: Stage
    severity: Severity
    rule: str
    message: str
    advice: str
    table: str = ""
    column: str = ""
    source_file: str = ""
    rows: int = 0
    row_numbers: tuple[int, ...] = ()
    indicators: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The finding as plain values, for JSON."""
        return asdict(self)

    def as_line(self) -> str:
        """The finding as one line of text."""
        where = ".".join(part for part in (self.table, self.column) if part)
        parts = [
            f"{self.severity}: {self.source_file}" if self.source_file else self.severity,
            where,
            self.message + self._rows_in_words(),
            self.advice,
        ]
        return ": ".join(part for part in parts if part)

    def _rows_in_words(self) -> str:
        if not self.rows:
            return ""
        count = f"{self.rows} row{'s' if self.rows != 1 else ''}"
        if not self.row_numbers:
            return f" ({count})"
        more = f" and {self.rows - len(self.row_numbers)} more" if self.rows > len(self.row_numbers) else ""
        return f" ({count}: {', '.join(str(number) for number in self.row_numbers)}{more})"
