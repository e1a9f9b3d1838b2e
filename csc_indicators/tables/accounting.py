"""What became of every row that was read: kept, rejected by reason, or superseded by a later return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class RowAccount:
    """One table's rows: `read == kept + rejected + superseded`, always.

    >>> RowAccount(table="episodes", read=10, kept=7, rejected={"missing_child_id": 1}, superseded=2).balances
    True
    """

    table: str
    read: int
    kept: int
    rejected: Mapping[str, int] = field(default_factory=dict[str, int])
    superseded: int = 0

    @property
    def balances(self) -> bool:
        """Whether every row read is accounted for."""
        return self.read == self.kept + sum(self.rejected.values()) + self.superseded

    def as_dict(self) -> dict[str, Any]:
        """The account as plain values, for JSON and the manifest."""
        return {
            "table": self.table,
            "rows_read": self.read,
            "rows_kept": self.kept,
            "rows_rejected": dict(self.rejected),
            "rows_superseded": self.superseded,
        }
