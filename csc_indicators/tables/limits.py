"""What tables say too little for: a figure that would be computed from them, and be wrong, is named and refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """Why an indicator is not computed from these tables; with `only_on`, except for periods that end on that day."""

    reason: str
    only_on: dt.date | None = None

    def allows(self, ends: dt.date) -> bool:
        """Whether a figure for a period that ends on a day can be computed all the same.

        >>> day = dt.date(2025, 3, 31)
        >>> Limit("it says where a child lives today", only_on=day).allows(day), Limit("it is not there").allows(day)
        (True, False)
        """
        return ends == self.only_on
