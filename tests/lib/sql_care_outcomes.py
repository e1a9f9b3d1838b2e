"""Outcomes of children looked after and of care leavers a third time, as DuckDB SQL, from the words of the specs.

Each text reads the tables of the return and `periods` (label, first_day, last_day) and says, for each authority and
period, what is in the numerator and in the denominator. Written to be read, not to be fast.
"""

from tests.lib.sql_care import EPISODES, LOOKED_AFTER_AT_END, NO_SHORT_BREAK, ROW, SPELL, age, uasc_counted
from tests.lib.sql_statements import Statements

COLUMNS = {
    "episodes": EPISODES,
    "outcomes": {
        **ROW,
        "outcome_key": "BIGINT",
        "sdq_score": "BIGINT",
        "convicted": "BOOLEAN",
        "immunisations": "BOOLEAN",
        "teeth_check": "BOOLEAN",
        "health_assessment": "BOOLEAN",
        "substance_misuse": "BOOLEAN",
    },
    "missing": {**SPELL, "missing_kind": "VARCHAR"},
    "adoption": {**ROW, "adoption_key": "BIGINT", "decision_date": "DATE", "match_date": "DATE"},
    "social_workers": {**SPELL, "social_worker_id": "VARCHAR"},
    "care_leavers": {**ROW, "in_touch": "VARCHAR", "activity": "VARCHAR", "accommodation": "VARCHAR"},
}


LEAVERS = f"""
    leavers AS (
        SELECT *
        FROM care_leavers JOIN periods ON known_to BETWEEN first_day AND last_day
        WHERE {age("last_day")} BETWEEN $from_age AND $to_age
          AND NOT coalesce(list_contains($excluded_contact::VARCHAR[], in_touch), FALSE)
          AND ($uasc = 'include' OR unaccompanied = ($uasc = 'only'))
    )
"""  # noqa: S608 (texts of this module)

CARE_LEAVERS_IN_TOUCH = f"""
    WITH {LEAVERS}
    SELECT la_code, label AS period, count(*) AS denominator, count(*) FILTER (in_touch = 'YES') AS numerator
    FROM leavers
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

CARE_LEAVERS_BY_ACTIVITY = f"""
    WITH {LEAVERS}
    SELECT la_code, label AS period, count(*) AS denominator,
           count(*) FILTER (list_contains($activities::VARCHAR[], activity)) AS numerator
    FROM leavers
    WHERE $not_known = 'keep' OR activity <> '0'
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

CARE_LEAVERS_BY_ACCOMMODATION = f"""
    WITH {LEAVERS}
    SELECT la_code, label AS period, count(*) AS denominator,
           count(*) FILTER (suffix(accommodation, 'THE_DIGIT')) AS numerator
    FROM leavers
    WHERE NOT coalesce(list_contains($excluded_accommodation::VARCHAR[], accommodation), FALSE)
      AND ($not_known = 'keep' OR accommodation <> '0')
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

# Care starts with an episode that says so, or of a child who was not looked after on the day before. Care of a child
# has lasted since its latest start. Short breaks are neither care that lasts nor an interruption of it.
TWELVE_MONTHS = f"""
    {LOOKED_AFTER_AT_END},
    in_care AS (
        SELECT la_code, child_id, start_date, episode_key, reason_for_new_episode,
               coalesce(end_date - 1, known_to) AS last_covered
        FROM episodes
        WHERE {NO_SHORT_BREAK}
    ),
    care_starts AS (
        SELECT *
        FROM in_care
        WHERE coalesce(reason_for_new_episode = 'S', FALSE)
           OR NOT EXISTS (
               FROM in_care AS before
               WHERE before.la_code = in_care.la_code AND before.child_id = in_care.child_id
                 AND in_care.start_date - 1 BETWEEN before.start_date AND before.last_covered
           )
    ),
    since AS (
        SELECT at_end.label, at_end.episode_key, max(care_starts.start_date) AS care_start
        FROM at_end JOIN care_starts
          ON care_starts.la_code = at_end.la_code AND care_starts.child_id = at_end.child_id
         AND (care_starts.start_date, care_starts.episode_key) <= (at_end.start_date, at_end.episode_key)
        GROUP BY ALL
    ),
    returned AS (
        SELECT la_code, child_id, label, sdq_score, convicted, immunisations, teeth_check, health_assessment,
               substance_misuse
        FROM outcomes JOIN periods ON known_to = last_day
        QUALIFY row_number() OVER (PARTITION BY label, la_code, child_id ORDER BY outcome_key DESC) = 1
    ),
    twelve_months AS (
        SELECT *, (last_day + 1 - INTERVAL 12 MONTH)::DATE AS first_of_twelve
        FROM at_end JOIN since USING (label, episode_key) LEFT JOIN returned USING (label, la_code, child_id)
        WHERE care_start < first_of_twelve OR ($start_on_first_day AND care_start = first_of_twelve)
    )
"""  # noqa: S608 (texts of this module)

ITEM_OF_YEAR = f"""
    WITH {TWELVE_MONTHS}
    SELECT la_code, label AS period, count(*) AS denominator, count(*) FILTER (THE_ITEM) AS numerator
    FROM twelve_months
    WHERE $not_recorded = 'keep' OR THE_ITEM IS NOT NULL
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

CONVICTIONS = f"""
    WITH {TWELVE_MONTHS}
    SELECT la_code, label AS period, count(*) AS denominator, count(*) FILTER (convicted) AS numerator
    FROM twelve_months
    WHERE {age("last_day")} >= $from_age
      AND ($not_recorded = 'keep' OR convicted IS NOT NULL)
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

SDQ_COMPLETED = f"""
    WITH {TWELVE_MONTHS}
    SELECT la_code, label AS period, count(*) AS denominator, count(sdq_score) AS numerator
    FROM twelve_months
    WHERE {age("last_day")} BETWEEN $from_age AND $to_age
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

SDQ_CAUSE_FOR_CONCERN = f"""
    WITH {TWELVE_MONTHS}
    SELECT la_code, label AS period, count(*) AS denominator,
           count(*) FILTER (sdq_score >= $concern_score) AS numerator
    FROM twelve_months
    WHERE {age("last_day")} BETWEEN $from_age AND $to_age AND sdq_score IS NOT NULL
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

SDQ_SCORE = f"""
    WITH {TWELVE_MONTHS}
    SELECT la_code, label AS period, count(*) AS denominator, sum(sdq_score) AS numerator
    FROM twelve_months
    WHERE {age("last_day")} BETWEEN $from_age AND $to_age AND sdq_score IS NOT NULL
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

# A time missing includes the day of its return, unlike an episode, which ends before the day of its end.
MISSING_FROM_CARE = f"""
    WITH covering AS (
        SELECT *, least(coalesce(end_date - 1, known_to), last_day) AS last_looked_after
        FROM episodes JOIN periods ON start_date <= last_day
        WHERE coalesce(end_date > greatest(first_day, start_date), known_to >= greatest(first_day, start_date))
          AND {NO_SHORT_BREAK}
    ),
    children AS (
        SELECT *
        FROM covering
        WHERE coalesce({age("last_looked_after")} < 18, TRUE)
          AND {uasc_counted("last_looked_after")}
        QUALIFY row_number() OVER (
            PARTITION BY label, la_code, child_id ORDER BY start_date DESC, episode_key DESC
        ) = 1
    ),
    absences AS (
        SELECT DISTINCT la_code, child_id, label
        FROM missing JOIN periods
          ON greatest(start_date, first_day) <= least(coalesce(end_date, known_to), last_day)
        WHERE missing_kind = 'M' OR ($include_away AND missing_kind = 'A')
    )
    SELECT la_code, label AS period, count(*) AS denominator, count(absences.child_id) AS numerator
    FROM children LEFT JOIN absences USING (la_code, child_id, label)
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

SOCIAL_WORKER_CHANGES = f"""
    WITH {LOOKED_AFTER_AT_END},
    workers AS (
        SELECT la_code, child_id, label, count(DISTINCT social_worker_id) AS workers
        FROM social_workers JOIN periods ON start_date <= last_day
        WHERE coalesce(end_date > greatest(first_day, start_date), known_to >= greatest(first_day, start_date))
        GROUP BY ALL
    )
    SELECT la_code, label AS period, count(*) AS denominator, count(*) FILTER (workers >= $threshold) AS numerator
    FROM at_end LEFT JOIN workers USING (la_code, child_id, label)
    WHERE $none_recorded = 'keep' OR workers IS NOT NULL
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

ADOPTION_MATCH_TIME = f"""
    WITH matched AS (
        SELECT la_code, child_id,
               arg_max(decision_date, (known_to, adoption_key)) FILTER (decision_date IS NOT NULL) AS decision_date,
               arg_max(match_date, (known_to, adoption_key)) FILTER (match_date IS NOT NULL) AS match_date
        FROM adoption
        GROUP BY ALL
    )
    SELECT la_code, label AS period, count(*) AS denominator, sum(match_date - decision_date) AS numerator
    FROM episodes JOIN periods ON end_date BETWEEN first_day AND last_day JOIN matched USING (la_code, child_id)
    WHERE {NO_SHORT_BREAK}
      AND reason_ceased IN ('E11', 'E12')
      AND {uasc_counted("end_date")}
      AND decision_date <= match_date
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

STATEMENTS = Statements(
    COLUMNS,
    {
        "convictions": CONVICTIONS,
        "dental_checks": ITEM_OF_YEAR.replace("THE_ITEM", "teeth_check"),
        "health_assessments": ITEM_OF_YEAR.replace("THE_ITEM", "health_assessment"),
        "immunisations": ITEM_OF_YEAR.replace("THE_ITEM", "immunisations"),
        "substance_misuse": ITEM_OF_YEAR.replace("THE_ITEM", "substance_misuse"),
        "sdq_completed": SDQ_COMPLETED,
        "sdq_cause_for_concern": SDQ_CAUSE_FOR_CONCERN,
        "sdq_score": SDQ_SCORE,
        "missing_from_care": MISSING_FROM_CARE,
        "social_worker_changes": SOCIAL_WORKER_CHANGES,
        "adoption_match_time": ADOPTION_MATCH_TIME,
        "care_leavers_in_touch": CARE_LEAVERS_IN_TOUCH,
        "care_leavers_eet": CARE_LEAVERS_BY_ACTIVITY,
        "care_leavers_apprenticeships": CARE_LEAVERS_BY_ACTIVITY,
        "care_leavers_higher_education": CARE_LEAVERS_BY_ACTIVITY,
        "care_leavers_suitable_accommodation": CARE_LEAVERS_BY_ACCOMMODATION.replace("THE_DIGIT", "1"),
        "care_leavers_unsuitable_accommodation": CARE_LEAVERS_BY_ACCOMMODATION.replace("THE_DIGIT", "2"),
    },
)
