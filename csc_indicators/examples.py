"""Example tables: a few columns given, the rest inert.

The worked examples of the specs, the docstrings and the tests all build their tables here, so that a row says only
what matters. A row of defaults puts nothing in any numerator: it is dated, and was last returned,
long before any period.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from csc_indicators.care_examples import CARE_EXAMPLE_TABLES, example_care, example_care_tables
from csc_indicators.context_examples import CONTEXT_EXAMPLE_TABLES, context_example_frame
from csc_indicators.errors import UsageError
from csc_indicators.example_cells import FAR_AHEAD, LONG_AGO, WHO, Rows, cell, child_keys, frame_of, whose
from csc_indicators.names import suggestion
from csc_indicators.tables.cin import CONTRACTS, EPISODE_FACTS
from csc_indicators.workforce_examples import WORKFORCE_EXAMPLE_TABLES, example_workforce, example_workforce_tables

__all__ = [
    "EPISODE_DEFAULTS",
    "EXAMPLE_TABLES",
    "EXAMPLE_TABLES_OF",
    "FAR_AHEAD",
    "LONG_AGO",
    "example_care",
    "example_care_tables",
    "example_context_tables",
    "example_episodes",
    "example_tables",
    "example_workforce",
    "example_workforce_tables",
    "tables_of_example",
]

_CHILD: Mapping[str, Any] = {"birth_date": dt.date(2015, 6, 1), "sex": "F", "ethnicity": "WBRI", "disabled": False}
_KNOWN: Mapping[str, Any] = {"known_to": FAR_AHEAD, "observed_from": LONG_AGO, "observed_to": FAR_AHEAD}

EPISODE_DEFAULTS: Mapping[str, Any] = {
    **WHO,
    "referral_date": LONG_AGO,
    "referral_source": "1A",
    "primary_need": "N1",
    "closure_date": None,
    "closure_reason": None,
    "initial_conference_date": None,
    "no_further_action": False,
    "first_activity_date": None,
    **_CHILD,
    **_KNOWN,
}
"""What a cell of `episodes` holds when an example leaves it out."""

_EVENT: Mapping[str, Any] = {
    **WHO,
    "episode": 1,
    "start_date": LONG_AGO,
    "referral_date": LONG_AGO,
    "referral_source": "1A",
    "primary_need": "N1",
    **_CHILD,
    **_KNOWN,
}

EXAMPLE_TABLES: Mapping[str, Mapping[str, Any]] = {
    "children": {**WHO, **_CHILD, "death_date": None},
    "episodes": EPISODE_DEFAULTS,
    "assessments": {**_EVENT, "internal_review_date": None, "authorisation_date": None, "factors": ()},
    "section_47_enquiries": {
        **_EVENT,
        "conference_target_date": None,
        "initial_conference_date": None,
        "conference_not_required": False,
    },
    "child_protection_plans": {
        **_EVENT,
        "end_date": None,
        "initial_category_of_abuse": "NEG",
        "latest_category_of_abuse": "NEG",
        "number_of_previous_plans": 0,
        "reviews": (),
    },
    "child_in_need_plans": {**_EVENT, "end_date": None},
    "care_episodes": {**WHO, "start_date": LONG_AGO, "end_date": None},
}
"""The tables that an example may hold, with what a cell holds when the example leaves it out.

`episode` is the number of the child's case in `episodes`: an event takes from it what it does not say itself.
`factors` of an assessment and `reviews` of a plan become tables of their own.
"""

LINKS = ("episode", "factors", "reviews")
"""Columns of an example that are no columns of the table."""

PARTS: Mapping[str, tuple[str, str, str]] = {
    "assessment_factors": ("assessments", "factors", "factor"),
    "reviews": ("child_protection_plans", "reviews", "review_date"),
}
"""The tables made of a column of another: the other, its column, and the column that a part becomes."""

CARE_EPISODES = pl.Schema(
    {
        "la_code": CONTRACTS["episodes"].schema["la_code"],
        "child_key": pl.Int32(),
        "child_id": pl.String(),
        "start_date": pl.Date(),
        "end_date": pl.Date(),
    }
)
"""Periods of care as far as the CIN indicators ask for them: whose they are, when they began and ended."""


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
    return example_tables({"episodes": list(rows)})["episodes"]


def example_tables(tables: Mapping[str, Rows]) -> dict[str, pl.DataFrame]:
    """The tables of a CIN census from rows that say only what matters.

    Args:
        tables: Rows by table: those of `EXAMPLE_TABLES`, whose columns and defaults stand there. Keys count the rows
            of a table from 0.

    Returns:
        Every table that an example may hold, shaped as in `CinCensus`, empty where no rows are given, with the factors
        of the assessments and the reviews of the plans; `care_episodes` only when it is given.

    Raises:
        UsageError: there is no such table, or a row has a key that is no column of it.

    >>> tables = example_tables(
    ...     {
    ...         "episodes": [{"child_id": "B", "referral_date": "2024-05-10"}],
    ...         "assessments": [{"child_id": "B", "start_date": "2024-05-12", "factors": ["3A", "4A"]}],
    ...     }
    ... )
    >>> tables["assessment_factors"].select("child_id", "referral_date", "factor").row(1)
    ('B', datetime.date(2024, 5, 10), '4A')
    """
    for name, rows in tables.items():
        if name not in EXAMPLE_TABLES:
            raise UsageError(
                f'an example holds no table "{name}".{suggestion(name, EXAMPLE_TABLES)} '
                f"Tables: {', '.join(EXAMPLE_TABLES)}."
            )
        for row in rows:
            _check_columns(name, row)
    full: dict[str, list[dict[str, Any]]] = {"children": [_full("children", row) for row in tables.get("children", ())]}
    described = {whose(row): row for row in full["children"]}
    full["episodes"] = [_full("episodes", row, described.get(whose(row))) for row in tables.get("episodes", ())]
    cases = _cases(full["episodes"])
    for name, defaults in EXAMPLE_TABLES.items():
        if name in full or name not in (*CONTRACTS, *tables):
            continue
        full[name] = [
            _full(name, row, cases.get((*whose(row), row.get("episode", 1))), described.get(whose(row)))
            for row in tables.get(name, ())
        ]
        if "episode" in defaults:
            _number(name, full[name], cases)
    _follow_assessments(full["assessments"])
    for name, (parent, column, part) in PARTS.items():
        full[name] = [{**row, part: cell(value, None)} for row in full[parent] for value in row[column]]
    children = {whose(row): row for rows in reversed(full.values()) for row in rows if "sex" in row} | described
    full["children"] = list(children.values())
    keys = child_keys({whose(row) for rows in full.values() for row in rows})
    return {
        name: frame_of(rows, CARE_EPISODES if name == "care_episodes" else CONTRACTS[name].schema, keys)
        for name, rows in full.items()
    }


def _cases(episodes: list[dict[str, Any]]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The episodes by child and number, each with its number and key."""
    cases: dict[tuple[Any, ...], dict[str, Any]] = {}
    numbers: Counter[tuple[str, str]] = Counter()
    for key, row in enumerate(episodes):
        numbers[whose(row)] += 1
        row |= {"episode": numbers[whose(row)], "episode_key": key}
        cases[*whose(row), row["episode"]] = row
    return cases


def _number(table: str, rows: list[dict[str, Any]], cases: dict[tuple[Any, ...], dict[str, Any]]) -> None:
    """Give events their key and their episode's; a case that the example does not hold gets a key of its own."""
    for key, row in enumerate(rows):
        case = cases.setdefault((*whose(row), row["episode"]), {"episode_key": len(cases)})
        row |= {"episode_key": case["episode_key"], CONTRACTS[table].key or "": key}


def _follow_assessments(assessments: list[dict[str, Any]]) -> None:
    """Say of each assessment when its case's next one was authorised."""
    authorised = [row for row in assessments if row["authorisation_date"] is not None]
    following: dict[Any, dt.date] = {}
    for row in sorted(authorised, key=lambda row: (row["authorisation_date"], row["assessment_key"]), reverse=True):
        row["next_authorisation_date"] = following.get(row["episode_key"])
        following[row["episode_key"]] = row["authorisation_date"]


def _check_columns(table: str, row: Mapping[str, Any]) -> None:
    columns = EXAMPLE_TABLES[table]
    unknown = [name for name in row if name not in columns]
    if unknown:
        raise UsageError(
            f'{table} have no column "{unknown[0]}".{suggestion(unknown[0], columns)} Columns: {", ".join(columns)}.'
        )


def _full(table: str, row: Mapping[str, Any], *around: Mapping[str, Any] | None) -> dict[str, Any]:
    """A row with every column: its own cell, else its episode's or its child's, else the default."""
    inherited: dict[str, Any] = {}
    for known in reversed(around):
        inherited |= {name: known[name] for name in (*EPISODE_FACTS, *_CHILD) if known and name in known}
    defaults = {**EXAMPLE_TABLES[table], **inherited}
    begins = "referral_date" if table == "episodes" else "start_date"
    if begins not in row and "known_to" in defaults:
        # A case or plan that says nothing of itself is not still open in every period.
        defaults["known_to"] = LONG_AGO
    return {
        name: cell(row[name], default) if name in row else defaults[name]
        for name, default in EXAMPLE_TABLES[table].items()
    }


EXAMPLE_TABLES_OF: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "cin": EXAMPLE_TABLES,
    "ssda903": CARE_EXAMPLE_TABLES,
    "workforce": WORKFORCE_EXAMPLE_TABLES,
    "context": {**CONTEXT_EXAMPLE_TABLES, "episodes": EPISODE_DEFAULTS},
}
"""The tables that an example may hold, by the collection that its indicator is computed from."""


def example_context_tables(tables: Mapping[str, Rows]) -> dict[str, pl.DataFrame]:
    """Supplied tables, and what is matched with them, from rows that say only what matters, by the names specs use.

    Args:
        tables: Rows by table: those of `CONTEXT_EXAMPLE_TABLES`, and `episodes` of the CIN census.

    Returns:
        Every supplied table, empty where no rows are given, and `cin.episodes`; `population`,
        `social_care_groups` and `periods_of_care` only when they are given.

    Raises:
        UsageError: there is no such table, or a row has a key that is no column of it.

    >>> tables = example_context_tables({"finance": [{"amount": 250}], "population": [{}]})
    >>> tables["context.finance"].select("line", "amount").row(0), tables["population"].height
    (('childrens_social_care', 250.0), 1)
    """
    for name in tables:
        if name not in EXAMPLE_TABLES_OF["context"]:
            known = ", ".join(EXAMPLE_TABLES_OF["context"])
            raise UsageError(f'an example holds no table "{name}". Tables: {known}.')
    loose = ("population", "social_care_groups", "periods_of_care")
    made = {
        name if name in loose else f"context.{name}": context_example_frame(name, tables.get(name, ()))
        for name in CONTEXT_EXAMPLE_TABLES
        if name not in loose or name in tables
    }
    return made | {"cin.episodes": example_episodes(tables.get("episodes", ()))}


def tables_of_example(collection: str, tables: Mapping[str, Rows]) -> dict[str, pl.DataFrame]:
    """The tables of an example, by the names that specs give them.

    >>> list(tables_of_example("ssda903", {"episodes": [{}]}))[:2]
    ['ssda903.episodes', 'ssda903.outcomes']
    """
    if collection == "context":
        return example_context_tables(tables)
    make = {"cin": example_tables, "ssda903": example_care_tables, "workforce": example_workforce_tables}[collection]
    loose = ("care_episodes", "postcodes")
    return {name if name in loose else f"{collection}.{name}": frame for name, frame in make(tables).items()}
