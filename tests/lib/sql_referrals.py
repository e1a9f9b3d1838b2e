"""The referral indicators a third time, as DuckDB SQL: sums per authority and period, from the words of the specs.

Each text reads two tables: `episodes` (columns `COLUMNS`) and `periods` (label, first_day, last_day). Parameters are
named as in the spec; a parameter that is NULL means "all" or "ever". Written to be read, not to be fast.
"""

import functools

import duckdb

COLUMNS = {
    "la_code": "VARCHAR",
    "child_id": "VARCHAR",
    "episode_key": "UINTEGER",
    "referral_date": "DATE",
    "referral_source": "VARCHAR",
    "primary_need": "VARCHAR",
    "closure_date": "DATE",
    "no_further_action": "BOOLEAN",
}

REFERRALS = """
    SELECT la_code, label AS period, count(*) AS numerator, NULL AS denominator
    FROM episodes JOIN periods ON referral_date BETWEEN first_day AND last_day
    WHERE ($referral_sources::VARCHAR[] IS NULL OR list_contains($referral_sources::VARCHAR[], referral_source))
      AND ($no_further_action = 'include' OR no_further_action IS NOT TRUE)
    GROUP BY ALL
"""

REFERRALS_NO_FURTHER_ACTION = """
    SELECT la_code, label AS period, count(*) FILTER (no_further_action) AS numerator, count(*) AS denominator
    FROM episodes JOIN periods ON referral_date BETWEEN first_day AND last_day
    WHERE $referral_sources::VARCHAR[] IS NULL OR list_contains($referral_sources::VARCHAR[], referral_source)
    GROUP BY ALL
"""

REREFERRALS = """
    WITH later AS (
        SELECT *
        FROM episodes JOIN periods ON referral_date BETWEEN first_day AND last_day
        WHERE ($referral_sources::VARCHAR[] IS NULL OR list_contains($referral_sources::VARCHAR[], referral_source))
          AND ($no_further_action IN ('include', 'exclude_earlier') OR no_further_action IS NOT TRUE)
    ),
    earlier AS (
        SELECT
            *,
            CASE $measured_from WHEN 'closure' THEN closure_date ELSE referral_date END AS event_date,
            nullif(primary_need, 'N0') AS stated_need
        FROM episodes
        WHERE ($earlier_referral_sources::VARCHAR[] IS NULL
               OR list_contains($earlier_referral_sources::VARCHAR[], referral_source))
          AND ($no_further_action IN ('include', 'exclude_later') OR no_further_action IS NOT TRUE)
    ),
    judged AS (
        SELECT
            la_code,
            label,
            child_id,
            episode_key,
            EXISTS (
                FROM earlier
                WHERE earlier.la_code = later.la_code
                  AND earlier.child_id = later.child_id
                  AND earlier.referral_date < later.referral_date
                  AND earlier.event_date <= later.referral_date
                  AND ($window_months::INTEGER IS NULL
                       OR earlier.event_date >= later.referral_date - to_months($window_months::INTEGER))
                  AND CASE $same_need
                          WHEN 'same' THEN earlier.stated_need = nullif(later.primary_need, 'N0')
                          WHEN 'different' THEN earlier.stated_need <> nullif(later.primary_need, 'N0')
                          ELSE TRUE
                      END
            ) AS is_rereferral
        FROM later
    ),
    units AS (
        SELECT la_code, label, bool_or(is_rereferral) AS is_rereferral
        FROM judged
        GROUP BY
            la_code,
            label,
            child_id,
            CASE $count_of WHEN 'children' THEN 0 ELSE episode_key END
    )
    SELECT la_code, label AS period, count(*) FILTER (is_rereferral) AS numerator, count(*) AS denominator
    FROM units
    GROUP BY ALL
"""

REFERRALS_PER_CHILD = """
    WITH children AS (
        SELECT DISTINCT la_code, child_id, label, last_day
        FROM episodes JOIN periods ON referral_date BETWEEN first_day AND last_day
    ),
    histories AS (
        SELECT
            la_code,
            label,
            (
                SELECT count(*)
                FROM episodes
                WHERE episodes.la_code = children.la_code
                  AND episodes.child_id = children.child_id
                  AND episodes.referral_date <= last_day
                  AND ($history_years::INTEGER IS NULL
                       OR episodes.referral_date >= (last_day + 1) - to_years($history_years::INTEGER))
            ) AS times_referred
        FROM children
    )
    SELECT la_code, label AS period, sum(times_referred) AS numerator, count(*) AS denominator
    FROM histories
    GROUP BY ALL
"""

SQL = {
    "referrals": REFERRALS,
    "referrals_no_further_action": REFERRALS_NO_FURTHER_ACTION,
    "rereferrals": REREFERRALS,
    "referrals_per_child": REFERRALS_PER_CHILD,
}
DEFAULTS = {
    "referrals": {"no_further_action": "include", "referral_sources": None},
    "referrals_no_further_action": {"referral_sources": None},
    "rereferrals": {
        "window_months": 12,
        "measured_from": "referral",
        "same_need": "any",
        "no_further_action": "include",
        "referral_sources": None,
        "earlier_referral_sources": None,
        "count_of": "referrals",
    },
    "referrals_per_child": {"history_years": None},
}


@functools.cache
def _connection():
    return duckdb.connect(":memory:", config={"threads": 1})


def database(rows, periods):
    """A database in memory that holds these rows of `episodes` and these periods; the next call empties it."""
    connection = _connection()
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    connection.execute(f"CREATE OR REPLACE TABLE episodes ({columns})")
    connection.execute("CREATE OR REPLACE TABLE periods (label VARCHAR, first_day DATE, last_day DATE)")
    _fill(connection, "episodes", [[row[name] for name in COLUMNS] for row in rows])
    _fill(connection, "periods", [[period.label, period.start, period.end] for period in periods])
    return connection


def _fill(connection, table, rows):
    if rows:
        places = ", ".join(f"({', '.join('?' * len(row))})" for row in rows)
        cells = [cell for row in rows for cell in row]
        connection.execute(f"INSERT INTO {table} VALUES {places}", cells)  # noqa: S608 (place holders only)


def sums_by_sql(connection, indicator, **parameters):
    """{(la_code, period label): (numerator, denominator)} of an indicator; the denominator of a rate is None."""
    chosen = DEFAULTS[indicator] | parameters
    bound = {name: list(value) if isinstance(value, tuple) else value for name, value in chosen.items()}
    return {
        (la_code, label): (numerator, denominator)
        for la_code, label, numerator, denominator in connection.execute(SQL[indicator], bound).fetchall()
    }
