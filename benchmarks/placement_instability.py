"""Placement instability of the whole country: ours against DuckDB, every answer checked equal."""

from __future__ import annotations

from functools import partial

import duckdb
import polars as pl

from benchmarks import national_care
from benchmarks.measuring import Section, at_least, interleaved, timings_table
from csc_indicators.indicators.stability import placement_instability

NEEDED = (
    "la_code",
    "child_key",
    "episode_key",
    "start_date",
    "end_date",
    "known_to",
    "reason_for_new_episode",
    "legal_status",
    "placement",
    "placement_postcode",
    "birth_date",
    "unaccompanied",
    "unaccompanied_until",
)

CARE = """
    care AS (
        SELECT child_key, episode_key, start_date, coalesce(end_date, known_to + 1) AS over_on, placement,
               placement_postcode, reason_for_new_episode AS reason,
               coalesce(placement IN ('T0', 'T1', 'T2', 'T3', 'T4'), FALSE) AS away
        FROM {table}
        WHERE coalesce(legal_status NOT IN ('V3', 'V4'), TRUE)
    )"""

# A period of care is a partition of its own for the windows that may not look past its beginning.
BY_PERIOD_OF_CARE = """
    marked AS (
        SELECT *, coalesce(max(over_on) OVER before < start_date, TRUE) OR coalesce(reason = 'S', FALSE) AS begins_care
        FROM care
        WINDOW before AS (PARTITION BY child_key ORDER BY start_date, episode_key
                          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ),
    numbered AS (
        SELECT *, sum(begins_care::INTEGER) OVER (PARTITION BY child_key ORDER BY start_date, episode_key) AS care
        FROM marked
    ),
    beside AS (
        SELECT *, coalesce(lag(away) OVER within, FALSE) AS was_away,
               last_value(CASE WHEN NOT away THEN episode_key END IGNORE NULLS) OVER before IS NOT NULL AS is_known,
               last_value(CASE WHEN NOT away THEN coalesce(placement::VARCHAR, '') END IGNORE NULLS)
                   OVER before AS place,
               last_value(CASE WHEN NOT away THEN coalesce(placement_postcode, '') END IGNORE NULLS)
                   OVER before AS postcode
        FROM numbered
        WINDOW within AS (PARTITION BY child_key, care ORDER BY start_date, episode_key),
               before AS (PARTITION BY child_key, care ORDER BY start_date, episode_key
                          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    )"""

# The same with one kind of window: what lies before the period of care is told by its place among the child's rows.
BY_PLACE_IN_HISTORY = """
    placed AS (
        SELECT *, coalesce(lag(away) OVER child, FALSE) AS was_away,
               coalesce(max(over_on) OVER before < start_date, TRUE) OR coalesce(reason = 'S', FALSE) AS begins_care,
               last_value(
                   CASE WHEN NOT away THEN {{'n': n, 'place': placement, 'postcode': placement_postcode}} END
                   IGNORE NULLS
               ) OVER before AS last_lasting
        FROM (SELECT *, row_number() OVER (PARTITION BY child_key ORDER BY start_date, episode_key) AS n FROM care)
        WINDOW child AS (PARTITION BY child_key ORDER BY start_date, episode_key),
               before AS (PARTITION BY child_key ORDER BY start_date, episode_key
                          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ),
    beside AS (
        SELECT * EXCLUDE (was_away), was_away AND NOT begins_care AS was_away,
               coalesce(last_lasting.n >= max(CASE WHEN begins_care THEN n END) OVER (
                   PARTITION BY child_key ORDER BY start_date, episode_key
               ), FALSE) AS is_known,
               coalesce(last_lasting.place::VARCHAR, '') AS place, coalesce(last_lasting.postcode, '') AS postcode
        FROM placed
    )"""

COUNTS = """
    moves AS (
        SELECT *, begins_care OR CASE
            WHEN placement IN ('A3', 'A5') AND NOT (is_known AND place IN ('A3', 'A5')) THEN FALSE
            WHEN away THEN FALSE
            WHEN was_away OR reason IS NULL THEN is_known AND (
                coalesce(placement::VARCHAR, '') <> place OR coalesce(placement_postcode, '') <> postcode
            )
            ELSE reason IN ('P', 'B')
        END AS moved
        FROM beside
    ),
    placements AS (
        SELECT child_key, min(start_date) AS begun, max(over_on) AS over_on
        FROM (
            SELECT *, sum(moved::INTEGER) OVER (
                PARTITION BY child_key ORDER BY start_date, episode_key
            ) AS placement_number
            FROM moves
        )
        GROUP BY child_key, placement_number
        HAVING NOT bool_and(away) AND max(over_on) > min(start_date)
    ),
    lived_in AS (
        SELECT child_key, label, count(*) AS placements
        FROM placements JOIN periods ON begun <= last_day AND over_on > first_day
        GROUP BY ALL
    ),
    stock AS (
        SELECT DISTINCT la_code, child_key, label
        FROM {table} JOIN periods ON start_date <= last_day AND coalesce(end_date > last_day, known_to >= last_day)
        WHERE coalesce(legal_status NOT IN ('V3', 'V4'), TRUE)
          AND coalesce(birth_date + INTERVAL 18 YEAR > last_day, TRUE)
    )
    SELECT la_code::VARCHAR AS la_code, label AS period, count(*) FILTER (placements >= 3) AS numerator,
           count(*) AS denominator
    FROM stock LEFT JOIN lived_in USING (child_key, label)
    GROUP BY ALL"""
QUERIES = {
    "a window for each period of care": f"WITH {CARE}, {BY_PERIOD_OF_CARE}, {COUNTS}",
    "one window for each child": f"WITH {CARE}, {BY_PLACE_IN_HISTORY}, {COUNTS}",
}
LIKE = {"la_code": pl.String, "period": pl.String, "numerator": pl.Int64, "denominator": pl.Int64}


def run(*, small: bool = False) -> Section:
    count, rounds = (20_000, 1) if small else (national_care.EPISODES, 3)
    episodes = national_care.episodes(count, 10 if small else national_care.AUTHORITIES)
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    connection.register("arrow", episodes.select(NEEDED).to_arrow())
    connection.execute("CREATE TABLE native AS SELECT * FROM arrow")
    periods = [(period.label, period.start, period.end) for period in national_care.periods()]
    connection.execute("CREATE TABLE periods (label VARCHAR, first_day DATE, last_day DATE)")
    connection.executemany("INSERT INTO periods VALUES (?, ?, ?)", periods)
    peers = {
        f"DuckDB, {name}, {source} table": partial(_in_duckdb, connection, query.format(table=source))
        for name, query in QUERIES.items()
        for source in ("arrow", "native")
    }
    timings = interleaved({"ours": partial(_ours, episodes), **peers}, rounds)
    best = min(peers, key=lambda name: timings[name].median)
    goals = (at_least("Placement instability", timings["ours"], 2, timings[best], "the best DuckDB query"),)
    text = f"""{episodes.height:,} episodes of {episodes["child_key"].n_unique():,} children in
{episodes["la_code"].n_unique()} authorities, the ends of ten years, {rounds} rounds turn by turn. Every answer is the
children looked after and those with three or more placements, for each authority and year, and all were equal.

{timings_table(timings, "ours")}

Both queries are exact: temporary placements are part of the one they interrupt, changes of legal status are none, and
nothing is carried over a break in care.
"""
    return Section("Placement instability", goals, text)


def _ours(episodes: pl.DataFrame) -> pl.DataFrame:
    sums = [pl.col("numerator").sum(), pl.col("denominator").sum()]
    units = placement_instability(episodes, periods=national_care.periods())
    return _in_order(units.group_by("la_code", "period").agg(sums).collect())


def _in_duckdb(connection: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame:
    return _in_order(pl.DataFrame(connection.execute(query).fetchall(), schema=list(LIKE), orient="row"))


def _in_order(counts: pl.DataFrame) -> pl.DataFrame:
    return counts.select(pl.col(name).cast(dtype) for name, dtype in LIKE.items()).sort("la_code", "period")
