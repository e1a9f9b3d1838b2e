"""Children looked after a third time, as DuckDB SQL: sums per authority and period, from the words of the specs.

What the texts of `sql_care_outcomes` share stands here as well. Written to be read, not to be fast.
"""

from tests.lib.sql_statements import Statements

ROW = {
    "la_code": "VARCHAR",
    "child_id": "VARCHAR",
    "birth_date": "DATE",
    "unaccompanied": "BOOLEAN",
    "unaccompanied_until": "DATE",
    "known_to": "DATE",
}
SPELL = {**ROW, "start_date": "DATE", "end_date": "DATE"}
EPISODES = {
    **SPELL,
    "episode_key": "BIGINT",
    "reason_for_new_episode": "VARCHAR",
    "legal_status": "VARCHAR",
    "reason_ceased": "VARCHAR",
    "placement": "VARCHAR",
    "placement_postcode": "VARCHAR",
    "home_postcode": "VARCHAR",
    "placement_location": "VARCHAR",
    "placement_distance": "DOUBLE",
}
COLUMNS = {
    "episodes": EPISODES,
    "postcodes": {"postcode": "VARCHAR", "easting": "BIGINT", "northing": "BIGINT"},
}


def age(day):
    """Completed years on a day; who was born on 29 February turns a year older on 1 March when there is no 29th."""
    return f"""(
        date_diff('year', birth_date, {day}) - (strftime({day}, '%m%d') < strftime(birth_date, '%m%d'))::INTEGER
    )"""


def uasc_counted(day):
    """Whether the status of the child on a day is one that is asked for."""
    return f"""(
        $uasc = 'include'
        OR (unaccompanied IS TRUE AND coalesce(unaccompanied_until > {day}, TRUE)) = ($uasc = 'only')
    )"""


NO_SHORT_BREAK = "coalesce(legal_status NOT IN ('V3', 'V4'), TRUE)"

# An episode covers the days up to, and not on, its end; one without an end those up to the last return that held it.
LOOKED_AFTER_AT_END = f"""
    at_end AS (
        SELECT *
        FROM episodes JOIN periods ON start_date <= last_day
        WHERE coalesce(end_date > last_day, known_to >= last_day)
          AND {NO_SHORT_BREAK}
          AND coalesce({age("last_day")} < 18, TRUE)
          AND {uasc_counted("last_day")}
        QUALIFY row_number() OVER (
            PARTITION BY label, la_code, child_id ORDER BY start_date DESC, episode_key DESC
        ) = 1
    )
"""  # noqa: S608 (texts of this module)

# Care of a child as a row of episodes, each with the period of care it belongs to and with the one beside it. An
# episode begins care when it is the first, when it says so, or when all before it were over the day before.
CARE = f"""
    care AS (
        SELECT *, coalesce(placement IN ('T0', 'T1', 'T2', 'T3', 'T4'), FALSE) AS away,
               coalesce(end_date, known_to + 1) AS over_on,
               row_number() OVER child AS place,
               max(over_on) OVER (child ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached,
               coalesce(lead(start_date) OVER child = end_date, FALSE) AS followed,
               lead(episode_key) OVER child AS following,
               place = 1 OR start_date > reached OR coalesce(reason_for_new_episode = 'S', FALSE) AS begins_care
        FROM episodes
        WHERE {NO_SHORT_BREAK}
        WINDOW child AS (PARTITION BY la_code, child_id ORDER BY start_date, episode_key)
    ),
    periods_of_care AS (
        SELECT *, sum(begins_care::INTEGER) OVER (
            PARTITION BY la_code, child_id ORDER BY start_date, episode_key
        ) AS care_number
        FROM care
    ),
    lived AS (
        SELECT *, first_value(start_date) OVER within AS care_start,
               coalesce(last_value(CASE WHEN NOT away THEN episode_key END IGNORE NULLS) OVER (
                   within ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
               ), episode_key) AS lives,
               last_value(CASE WHEN NOT away THEN episode_key END IGNORE NULLS) OVER (
                   within ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
               ) AS lived_before,
               lag(away) OVER within AS was_away
        FROM periods_of_care
        WINDOW within AS (PARTITION BY la_code, child_id, care_number ORDER BY start_date, episode_key)
    )
"""  # noqa: S608 (texts of this module)

# Where the child lives: the placement of the episode, or that which it is away from.
STOCK = f"""
    {LOOKED_AFTER_AT_END},
    {CARE},
    stock AS (
        SELECT at_end.* EXCLUDE (placement, placement_location, placement_distance, home_postcode, placement_postcode),
               lived.care_start, lived.care_number, lived.place, home.placement, home.placement_location,
               home.placement_distance, home.home_postcode, home.placement_postcode
        FROM at_end JOIN lived USING (episode_key) JOIN episodes AS home ON home.episode_key = lived.lives
    )
"""  # noqa: S608 (texts of this module)

CHILDREN_IN_CARE = f"""
    WITH {LOOKED_AFTER_AT_END}
    SELECT la_code, label AS period, NULL AS denominator, count(*) AS numerator
    FROM at_end
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

CARE_STARTS = f"""
    WITH {CARE}
    SELECT la_code, label AS period, NULL AS denominator,
           CASE $starts_counted WHEN 'every' THEN count(*) ELSE count(DISTINCT child_id) END AS numerator
    FROM lived JOIN periods ON start_date BETWEEN first_day AND last_day
    WHERE begins_care AND (place > 1 OR coalesce(reason_for_new_episode = 'S', FALSE))
      AND {uasc_counted("start_date")}
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

CEASED = f"""
    {CARE},
    ceased AS (
        SELECT *
        FROM lived JOIN periods ON end_date BETWEEN first_day AND last_day
        WHERE coalesce(reason_ceased <> 'X1', NOT followed)
          AND {uasc_counted("end_date")}
        QUALIFY $ceases_counted = 'every' OR row_number() OVER (
            PARTITION BY label, la_code, child_id ORDER BY end_date DESC, start_date DESC, episode_key DESC
        ) = 1
    )
"""  # noqa: S608 (texts of this module)

CARE_CEASES = f"""
    WITH {CEASED}
    SELECT la_code, label AS period, NULL AS denominator, count(*) AS numerator
    FROM ceased
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

FAMILY_NETWORK_LEAVERS = f"""
    WITH {CEASED},
    route_of AS (
        SELECT unnest(['E43', 'E44', 'E45', 'E46', 'E47', 'E48']) AS reason_ceased, 'special_guardianship' AS route
        UNION ALL VALUES ('E41', 'child_arrangements'), ('E4A', 'home'), ('E4B', 'home'), ('E13', 'relatives')
    )
    SELECT la_code, label AS period, count(*) AS denominator,
           count(*) FILTER (list_contains($routes::VARCHAR[], route)) AS numerator
    FROM ceased LEFT JOIN route_of USING (reason_ceased)
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

CARE_PROCEEDINGS_HOME = f"""
    WITH {CARE},
    ended AS (
        SELECT lived.*, label, CASE WHEN lived.followed THEN after.legal_status END AS next_legal_status,
               CASE WHEN lived.followed THEN home.placement END AS next_placement
        FROM lived
        JOIN periods ON lived.end_date BETWEEN first_day AND last_day
        LEFT JOIN lived AS after ON after.episode_key = lived.following
        LEFT JOIN episodes AS home ON home.episode_key = after.lives
    )
    SELECT la_code, label AS period, count(*) AS denominator,
           count(*) FILTER (reason_ceased IN ('E4A', 'E4B') OR next_placement = 'P1') AS numerator
    FROM ended
    WHERE list_contains($orders::VARCHAR[], legal_status)
      AND NOT coalesce(list_contains($orders::VARCHAR[], next_legal_status), FALSE)
      AND {uasc_counted("end_date")}
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

LIVING_IN = f"""
    WITH {STOCK}
    SELECT la_code, label AS period, count(*) AS denominator,
           count(*) FILTER (list_contains(THE_CODES::VARCHAR[], placement)) AS numerator
    FROM stock
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

# Of a child placed for adoption with its carer, where it lived before that, in the same period of care.
FAMILY_NETWORK_CARE = f"""
    WITH {STOCK},
    before_adoption AS (
        SELECT stock.label, stock.episode_key,
               arg_max(coalesce(home.placement, 'unknown'), (lived.start_date, lived.episode_key)) AS lived_in
        FROM stock
        JOIN lived ON lived.la_code = stock.la_code AND lived.child_id = stock.child_id
                  AND lived.care_number = stock.care_number AND lived.place < stock.place
        JOIN episodes AS home ON home.episode_key = lived.lives
        WHERE coalesce(home.placement NOT IN ('A3', 'A5'), TRUE)
        GROUP BY ALL
    ),
    settled AS (
        SELECT stock.*, CASE
            WHEN placement = 'U1' THEN 'connected_foster_long_term'
            WHEN placement = 'U2' THEN 'connected_foster_adopter'
            WHEN placement = 'U3' THEN 'connected_foster_other'
            WHEN placement = 'P1' THEN 'with_parents'
            WHEN placement IN ('A3', 'A5') AND lived_in IN ('U1', 'U2', 'U3') THEN 'adoption_by_connected_carer'
        END AS setting
        FROM stock LEFT JOIN before_adoption USING (label, episode_key)
    )
    SELECT la_code, label AS period, count(*) AS denominator,
           count(*) FILTER (
               list_contains($include::VARCHAR[], setting)
               AND ($section_20 = 'include' OR coalesce(legal_status = 'V2', FALSE) = ($section_20 = 'only'))
           ) AS numerator
    FROM settled
    WHERE $share_of = 'all' OR placement IN ('U1', 'U2', 'U3', 'U4', 'U5', 'U6')
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

PLACEMENT_DISTANCE = f"""
    WITH {STOCK},
    measured AS (
        SELECT stock.*, coalesce(
            CASE WHEN placement_distance <> 999.9 THEN placement_distance END,
            round(sqrt(pow(home.easting - there.easting, 2) + pow(home.northing - there.northing, 2)) / 1609.3, 1)
        ) AS miles
        FROM stock
        LEFT JOIN postcodes AS home ON home.postcode = home_postcode
        LEFT JOIN postcodes AS there ON there.postcode = placement_postcode
    )
    SELECT la_code, label AS period, count(*) AS denominator,
           count(*) FILTER (
               miles > $threshold_miles AND ($boundary = 'any' OR placement_location = 'OUT')
           ) AS numerator
    FROM measured
    WHERE $unknown = 'keep' OR miles IS NOT NULL
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)


def placements(*, collapse, same_carer):
    """The placements of each child, numbered, and which episode belongs to which; both arguments are SQL conditions."""
    return f"""
    told AS (
        SELECT lived.*, coalesce(before.placement IN ('A3', 'A5'), FALSE) AS was_adopted_by_carer,
               lived_before IS NOT NULL AND (
                   lived.placement IS DISTINCT FROM before.placement
                   OR lived.placement_postcode IS DISTINCT FROM before.placement_postcode
               ) AS elsewhere,
               lived.placement IS DISTINCT FROM lag(lived.placement) OVER in_order
               OR lived.placement_postcode IS DISTINCT FROM lag(lived.placement_postcode) OVER in_order AS elsewhere_now
        FROM lived LEFT JOIN episodes AS before ON before.episode_key = lived_before
        WINDOW in_order AS (
            PARTITION BY lived.la_code, lived.child_id, lived.care_number ORDER BY lived.start_date, lived.episode_key
        )
    ),
    moved AS (
        SELECT *, begins_care OR CASE
            WHEN placement IN ('A3', 'A5') AND NOT was_adopted_by_carer THEN FALSE
            WHEN {collapse} AND away THEN FALSE
            WHEN {collapse} AND was_away THEN elsewhere
            WHEN reason_for_new_episode IS NULL THEN CASE WHEN {collapse} THEN elsewhere ELSE elsewhere_now END
            ELSE reason_for_new_episode IN ('P', 'B')
                 OR ({same_carer} AND reason_for_new_episode IN ('T', 'U'))
        END AS moves
        FROM told
    ),
    numbered AS (
        SELECT *, sum(moves::INTEGER) OVER (
            PARTITION BY la_code, child_id ORDER BY start_date, episode_key
        ) AS placement_number
        FROM moved
    ),
    placements AS (
        SELECT la_code, child_id, placement_number, any_value(care_number) AS care_number, bool_and(away) AS only_away,
               min(start_date) AS first_day, max(over_on) AS over_on,
               arg_min(placement, (start_date, episode_key)) AS began_as
        FROM numbered
        GROUP BY ALL
    )
"""  # noqa: S608 (texts of this module)


PLACEMENT_INSTABILITY = f"""
    WITH {STOCK},
    {placements(collapse="$temporary_placements = 'collapse'", same_carer="$count_same_carer_moves")},
    since AS (
        SELECT *, coalesce((last_day + 1 - INTERVAL 1 MONTH * $continuous_months)::DATE, first_day) AS from_day
        FROM periods
    ),
    lived_in AS (
        SELECT stock.label, stock.episode_key, count(*) AS placements
        FROM stock JOIN since USING (label) JOIN placements USING (la_code, child_id)
        WHERE NOT ($temporary_placements = 'collapse' AND only_away)
          AND placements.first_day <= since.last_day AND over_on > from_day AND over_on > placements.first_day
        GROUP BY ALL
    )
    SELECT la_code, label AS period, count(*) AS denominator, count(*) FILTER (placements >= $threshold) AS numerator
    FROM stock JOIN since USING (label) LEFT JOIN lived_in USING (label, episode_key)
    WHERE $continuous_months IS NULL OR care_start <= from_day
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

# A placement that began as one for adoption counts from the day the one before it in the same period of care began.
LONG_TERM_STABILITY = f"""
    WITH {STOCK},
    {placements(collapse="TRUE", same_carer="$stability_basis = 'same_placement'")},
    settled AS (
        SELECT la_code, child_id, placement_number,
               CASE WHEN began_as IN ('A3', 'A4', 'A5', 'A6')
                    THEN coalesce(lag(first_day) OVER in_care, first_day) ELSE first_day END AS settled_since
        FROM placements
        WINDOW in_care AS (PARTITION BY la_code, child_id, care_number ORDER BY placement_number)
    )
    SELECT stock.la_code, label AS period, count(*) AS denominator,
           count(*) FILTER (settled_since <= last_day + 1 - INTERVAL 1 MONTH * $placement_months) AS numerator
    FROM stock
    JOIN numbered USING (episode_key)
    JOIN settled ON settled.la_code = stock.la_code AND settled.child_id = stock.child_id
                AND settled.placement_number = numbered.placement_number
    WHERE {age("last_day").replace("birth_date", "stock.birth_date")} < $under_age
      AND stock.care_start <= last_day + 1 - INTERVAL 1 MONTH * $care_months
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

STATEMENTS = Statements(
    COLUMNS,
    {
        "children_in_care": CHILDREN_IN_CARE,
        "care_starts": CARE_STARTS,
        "care_ceases": CARE_CEASES,
        "family_network_leavers": FAMILY_NETWORK_LEAVERS,
        "care_proceedings_home": CARE_PROCEEDINGS_HOME,
        "foster_care": LIVING_IN.replace("THE_CODES", "$foster_codes"),
        "residential_care": LIVING_IN.replace("THE_CODES", "$residential_codes"),
        "supported_accommodation": LIVING_IN.replace("THE_CODES", "$supported_codes"),
        "family_network_care": FAMILY_NETWORK_CARE,
        "placement_distance": PLACEMENT_DISTANCE,
        "placement_instability": PLACEMENT_INSTABILITY,
        "long_term_stability": LONG_TERM_STABILITY,
    },
)
