"""Example tables: a few columns given, the rest inert.

The worked examples of the specs, the docstrings and the tests all build their tables here, so that a row says only
what matters. A row of defaults puts nothing in any numerator: it is dated long before any period.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from csc_indicators.errors import UsageError
from csc_indicators.names import suggestion
from csc_indicators.specification import MISSING
from csc_indicators.tables.cin import EPISODES, child_key

LONG_AGO = dt.date(1990, 1, 1)
FAR_AHEAD = dt.date(2099, 1, 1)

EPISODE_DEFAULTS: Mapping[str, Any] = {
    "la_code": "999",
    "child_id": "A",
    "referral_date": LONG_AGO,
    "referral_source": "1A",
    "primary_need": "N1",
    "closure_date": None,
    "closure_reason": None,
    "initial_conference_date": None,
    "no_further_action": False,
    "birth_date": dt.date(2015, 6, 1),
    "sex": "F",
    "ethnicity": "WBRI",
    "disabled": False,
    "observed_from": LONG_AGO,
    "observed_to": FAR_AHEAD,
}
"""What a cell of `episodes` holds when an example leaves it out."""


def example_episodes(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """A table shaped as `CinCensus.episodes` from rows that say only what matters.

    Args:
        rows: One mapping a referral. Dates are dates or ISO texts; the text "missing" is a missing cell; keys left
            out take `EPISODE_DEFAULTS`.

    Raises:
        UsageError: a row has a key that is no column of the table.

    >>> example_episodes([{"child_id": "B", "referral_date": "2024-05-10"}]).select("child_id", "referral_date").row(0)
    ('B', datetime.date(2024, 5, 10))
    """
    full = [_full_row(row) for row in rows]
    children = sorted({(row["la_code"], row["child_id"]) for row in full})
    ordinals = {
        child: sum(other[0] == child[0] for other in children[:position]) for position, child in enumerate(children)
    }
    columns: dict[str, list[Any]] = {name: [] for name in EPISODES.schema}
    for number, row in enumerate(full):
        child = (row["la_code"], row["child_id"])
        derived = {
            "child_key": child_key(row["la_code"], ordinals[child]),
            "episode_key": number,
            "episode": 1 + sum((other["la_code"], other["child_id"]) == child for other in full[:number]),
            "census_year": 2025,
            "source_file": "example",
            "source_row": number + 1,
        }
        for name, cells in columns.items():
            cells.append(derived[name] if name in derived else row[name])
    return pl.DataFrame(columns, schema=EPISODES.schema)


def _full_row(row: Mapping[str, Any]) -> dict[str, Any]:
    unknown = [name for name in row if name not in EPISODE_DEFAULTS]
    if unknown:
        raise UsageError(
            f'episodes have no column "{unknown[0]}".{suggestion(unknown[0], EPISODE_DEFAULTS)} '
            f"Columns: {', '.join(EPISODE_DEFAULTS)}."
        )
    return {name: _cell(row.get(name, default), default) for name, default in EPISODE_DEFAULTS.items()}


def _cell(value: object, default: object) -> object:
    if value == MISSING:
        return None
    if isinstance(value, str) and (isinstance(default, dt.date) or _is_iso_date(value)):
        return dt.date.fromisoformat(value)
    return value


def _is_iso_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2024-05-10")
