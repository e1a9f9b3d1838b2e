"""The indicators on events a third time, as DuckDB SQL: sums per authority and period, from the words of the specs.

Each text reads the tables and `periods` (label, first_day, last_day) and, for working days, `working_days` (every
working day). A number that is NULL means "ever". Written to be read, not to be fast.
"""

import datetime as dt

from tests.lib.oracles.common import ONE_DAY, is_working_day
from tests.lib.sql_statements import Statements

CHILD = {"la_code": "VARCHAR", "child_id": "VARCHAR", "birth_date": "DATE"}
EVENT = {**CHILD, "episode_key": "BIGINT", "referral_date": "DATE", "known_to": "DATE", "observed_to": "DATE"}
COLUMNS = {
    "children": {**CHILD, "death_date": "DATE"},
    "episodes": {
        **EVENT,
        "closure_date": "DATE",
        "closure_reason": "VARCHAR",
        "initial_conference_date": "DATE",
        "no_further_action": "BOOLEAN",
    },
    "assessments": {**EVENT, "assessment_key": "BIGINT", "start_date": "DATE", "authorisation_date": "DATE"},
    "assessment_factors": {**EVENT, "assessment_key": "BIGINT", "authorisation_date": "DATE", "factor": "VARCHAR"},
    "section_47_enquiries": {
        **EVENT,
        "enquiry_key": "BIGINT",
        "start_date": "DATE",
        "initial_conference_date": "DATE",
        "conference_not_required": "BOOLEAN",
    },
    "child_protection_plans": {
        **EVENT,
        "plan_key": "BIGINT",
        "start_date": "DATE",
        "end_date": "DATE",
        "number_of_previous_plans": "BIGINT",
    },
    "child_in_need_plans": {**EVENT, "child_in_need_plan_key": "BIGINT", "start_date": "DATE", "end_date": "DATE"},
    "reviews": {"plan_key": "BIGINT", "review_date": "DATE"},
    "care_episodes": {"la_code": "VARCHAR", "child_id": "VARCHAR", "start_date": "DATE", "end_date": "DATE"},
}

ASSESSMENTS_COMPLETED = """
    SELECT la_code, label AS period, NULL AS denominator,
           count(DISTINCT CASE $count_of WHEN 'children' THEN child_id ELSE assessment_key::VARCHAR END) AS numerator
    FROM assessments JOIN periods ON authorisation_date BETWEEN first_day AND last_day
    GROUP BY ALL
"""

ASSESSMENTS_WITHIN_45_DAYS = """
    WITH completed AS (
        SELECT *, CASE $clock_starts WHEN 'referral' THEN referral_date ELSE start_date END AS clock
        FROM assessments JOIN periods ON authorisation_date BETWEEN first_day AND last_day
    )
    SELECT la_code, label AS period, count(*) AS denominator,
           count(*) FILTER (
               clock <= authorisation_date
               AND (SELECT count(*) FROM working_days WHERE day > clock AND day <= authorisation_date) <= $working_days
           ) AS numerator
    FROM completed
    GROUP BY ALL
"""

CONSIDERED = """
    latest AS (
        SELECT label, episode_key, arg_max(assessment_key, (authorisation_date, assessment_key)) AS assessment_key
        FROM assessments JOIN periods ON authorisation_date BETWEEN first_day AND last_day
        GROUP BY ALL
    ),
    considered AS (
        SELECT factors.*, periods.label
        FROM assessment_factors AS factors JOIN periods ON authorisation_date BETWEEN first_day AND last_day
        WHERE $assessments_considered = 'all'
           OR (periods.label, factors.episode_key, factors.assessment_key)
              IN (SELECT (label, episode_key, assessment_key) FROM latest)
    )
"""

ASSESSMENT_FACTORS = f"""
    WITH {CONSIDERED},
    once AS (
        SELECT DISTINCT la_code, label, episode_key, factor
        FROM considered
        WHERE NOT list_contains($excluded_factor_codes::VARCHAR[], factor)
    )
    SELECT la_code, label AS period, count(*) AS numerator,
           CASE $rate_basis WHEN 'population' THEN NULL ELSE count(DISTINCT episode_key) END AS denominator
    FROM once
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

PRIVATELY_FOSTERED = f"""
    WITH {CONSIDERED}
    SELECT la_code, label AS period, count(DISTINCT child_id) AS numerator, NULL AS denominator
    FROM considered
    WHERE list_contains($private_fostering_codes::VARCHAR[], factor)
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

CHILDREN_IN_NEED = """
    SELECT la_code, label AS period, NULL AS denominator,
           count(DISTINCT CASE $count_of WHEN 'children' THEN child_id ELSE episode_key::VARCHAR END) AS numerator
    FROM episodes JOIN periods ON referral_date <= last_day
    WHERE coalesce(closure_date > last_day, known_to >= last_day)
      AND no_further_action IS NOT TRUE
      AND ($include_unborn OR birth_date IS NULL OR birth_date <= last_day)
      AND ($include_adults OR birth_date IS NULL OR birth_date > last_day
           OR date_diff('year', birth_date, last_day)
              - (strftime(last_day, '%m%d') < strftime(birth_date, '%m%d'))::INTEGER < 18)
    GROUP BY ALL
"""

CHILDREN_IN_NEED_IN_YEAR = """
    SELECT la_code, label AS period, NULL AS denominator,
           count(DISTINCT CASE $count_of WHEN 'children' THEN child_id ELSE episode_key::VARCHAR END) AS numerator
    FROM episodes JOIN periods ON referral_date <= last_day
    WHERE coalesce(closure_date, known_to) >= first_day
      AND no_further_action IS NOT TRUE
      AND NOT coalesce(
          closure_date <= last_day AND list_contains($not_in_need_codes::VARCHAR[], closure_reason), FALSE
      )
    GROUP BY ALL
"""

SECTION_47_ENQUIRIES = """
    SELECT la_code, label AS period, NULL AS denominator,
           count(DISTINCT CASE $count_of WHEN 'children' THEN child_id ELSE enquiry_key::VARCHAR END) AS numerator
    FROM section_47_enquiries JOIN periods ON start_date BETWEEN first_day AND last_day
    GROUP BY ALL
"""

CONFERENCES = """
    records AS (
        SELECT la_code, child_id, initial_conference_date AS held, start_date AS began, enquiry_key
        FROM section_47_enquiries
        WHERE initial_conference_date IS NOT NULL
        UNION ALL
        SELECT la_code, child_id, initial_conference_date, NULL, NULL
        FROM episodes
        WHERE initial_conference_date IS NOT NULL
    ),
    conferences AS (
        SELECT *
        FROM records
        QUALIFY row_number() OVER (
            PARTITION BY la_code, child_id, held
            ORDER BY began IS NULL, began > held, abs(held - began), enquiry_key
        ) = 1
    )
"""

INITIAL_CONFERENCES = f"""
    WITH {CONFERENCES}
    SELECT la_code, label AS period, NULL AS denominator,
           count(DISTINCT CASE $count_of WHEN 'children' THEN child_id ELSE child_id || held END) AS numerator
    FROM conferences JOIN periods ON held BETWEEN first_day AND last_day
    WHERE $include_transfer_in OR began IS NOT NULL
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

CONFERENCES_WITHIN_15_DAYS = f"""
    WITH {CONFERENCES}
    SELECT la_code, label AS period, count(*) AS denominator,
           count(*) FILTER (
               began IS NOT NULL
               AND (SELECT count(*) FROM working_days WHERE day > began AND day <= held) <= $working_days
           ) AS numerator
    FROM conferences JOIN periods ON held BETWEEN first_day AND last_day
    WHERE (began IS NULL AND $transfer_in = 'include_as_late') OR began <= held
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

# The greedy rule in SQL: conferences are taken one after the other, each crediting the latest enquiry without one.
SECTION_47_TO_CONFERENCE = f"""
    WITH RECURSIVE {CONFERENCES},
    in_turn AS (
        SELECT *, row_number() OVER (ORDER BY held, la_code, child_id) AS turn
        FROM conferences
        WHERE $include_transfer_in OR began IS NOT NULL
    ),
    credited(turn, credited) AS (
        SELECT 0::BIGINT, MAP {{}}::MAP(BIGINT, DATE)
        UNION ALL
        SELECT in_turn.turn,
               coalesce(
                   (
                       SELECT map_concat(credited.credited, MAP {{enquiries.enquiry_key: in_turn.held}})
                       FROM section_47_enquiries AS enquiries
                       WHERE enquiries.la_code = in_turn.la_code
                         AND enquiries.child_id = in_turn.child_id
                         AND enquiries.start_date <= in_turn.held
                         AND NOT list_contains(map_keys(credited.credited), enquiries.enquiry_key)
                       ORDER BY enquiries.start_date DESC, enquiries.enquiry_key DESC
                       LIMIT 1
                   ),
                   credited.credited
               )
        FROM credited JOIN in_turn ON in_turn.turn = credited.turn + 1
    ),
    all_credits AS (SELECT arg_max(credited, turn) AS credits FROM credited),
    enquiries AS (
        SELECT enquiries.*, label,
               CASE $credit
                   WHEN 'own_record'
                   THEN (SELECT held FROM conferences WHERE conferences.enquiry_key = enquiries.enquiry_key)
                   ELSE (SELECT credits[enquiries.enquiry_key] FROM all_credits)
               END AS held
        FROM section_47_enquiries AS enquiries JOIN periods ON start_date BETWEEN first_day AND last_day
        WHERE $conference_not_required = 'include' OR conference_not_required IS NOT TRUE
    ),
    units AS (
        SELECT la_code, label,
               (held BETWEEN start_date AND start_date + $follow_up_days::INTEGER)::INTEGER AS numerator,
               1 AS denominator
        FROM enquiries
        WHERE $method = 'cohort' AND start_date + $follow_up_days::INTEGER <= observed_to
        UNION ALL
        SELECT la_code, label, 0, 1
        FROM enquiries
        WHERE $method = 'ratio'
        UNION ALL
        SELECT la_code, label, 1, 0
        FROM in_turn JOIN periods ON held BETWEEN first_day AND last_day
        WHERE $method = 'ratio'
    )
    SELECT la_code, label AS period, coalesce(sum(numerator), 0) AS numerator, sum(denominator) AS denominator
    FROM units
    GROUP BY ALL
"""  # noqa: S608 (texts of this module)

CHILD_PROTECTION_PLANS = """
    SELECT la_code, label AS period, NULL AS denominator,
           count(DISTINCT CASE $count_of WHEN 'children' THEN child_id ELSE plan_key::VARCHAR END) AS numerator
    FROM child_protection_plans JOIN periods ON start_date <= last_day
    WHERE coalesce(end_date > last_day, known_to >= last_day)
    GROUP BY ALL
"""

CHILD_PROTECTION_PLAN_STARTS = """
    SELECT la_code, label AS period, NULL AS denominator,
           count(DISTINCT CASE $count_of WHEN 'children' THEN child_id ELSE plan_key::VARCHAR END) AS numerator
    FROM child_protection_plans JOIN periods ON start_date BETWEEN first_day AND last_day
    GROUP BY ALL
"""

REPEAT_CHILD_PROTECTION_PLANS = """
    WITH started AS (
        SELECT *,
               coalesce(number_of_previous_plans > 0, FALSE) AS reported,
               EXISTS (
                   FROM child_protection_plans AS earlier
                   WHERE earlier.la_code = plans.la_code
                     AND earlier.child_id = plans.child_id
                     AND earlier.start_date < plans.start_date
                     AND earlier.end_date BETWEEN earlier.start_date AND plans.start_date
                     AND ($look_back_months::INTEGER IS NULL
                          OR earlier.end_date >= plans.start_date - to_months($look_back_months::INTEGER))
               ) AS observed
        FROM child_protection_plans AS plans JOIN periods ON start_date BETWEEN first_day AND last_day
    )
    SELECT la_code, label AS period, count(*) AS denominator,
           count(*) FILTER (
               CASE
                   WHEN $look_back_months::INTEGER IS NOT NULL THEN observed
                   WHEN $previous_plan_basis = 'reported' THEN reported
                   WHEN $previous_plan_basis = 'observed' THEN observed
                   ELSE reported OR observed
               END
           ) AS numerator
    FROM started
    GROUP BY ALL
"""

PLANS_OPEN_TWO_YEARS = """
    SELECT la_code, label AS period, count(*) AS denominator,
           count(*) FILTER (
               least(coalesce(end_date, last_day), last_day) - start_date + 1 >= $minimum_days
           ) AS numerator
    FROM child_protection_plans JOIN periods ON start_date <= last_day
    WHERE CASE $plans_considered
              WHEN 'open' THEN coalesce(end_date > last_day, known_to >= last_day)
              ELSE coalesce(end_date BETWEEN first_day AND last_day, FALSE)
          END
    GROUP BY ALL
"""

PLAN_REVIEWS_IN_TIME = """
    WITH plans AS (
        SELECT *
        FROM child_protection_plans JOIN periods ON start_date <= last_day
        WHERE coalesce(end_date > last_day, known_to >= last_day)
          AND (start_date + to_months($first_review_months::INTEGER))::DATE <= last_day
    ),
    held AS (
        SELECT plans.label, plans.plan_key, plans.start_date, review_date,
               coalesce(
                   lead(review_date) OVER (PARTITION BY plans.label, plans.plan_key ORDER BY review_date), last_day
               ) AS following
        FROM plans JOIN reviews ON reviews.plan_key = plans.plan_key AND review_date BETWEEN start_date AND last_day
    ),
    timetables AS (
        SELECT label, plan_key,
               min(review_date) <= (min(start_date) + to_months($first_review_months::INTEGER))::DATE
               AND bool_and(following <= (review_date + to_months($later_review_months::INTEGER))::DATE) AS in_time
        FROM held
        GROUP BY ALL
    )
    SELECT la_code, plans.label AS period, count(*) AS denominator, count(*) FILTER (in_time) AS numerator
    FROM plans LEFT JOIN timetables ON timetables.label = plans.label AND timetables.plan_key = plans.plan_key
    GROUP BY ALL
"""

DEESCALATION_SUSTAINED = """
    WITH ended AS (
        SELECT la_code, child_id, birth_date, episode_key, start_date, end_date, observed_to, TRUE AS protection
        FROM child_protection_plans
        WHERE $plan_type <> 'child_in_need'
        UNION ALL
        SELECT la_code, child_id, birth_date, episode_key, start_date, end_date, observed_to, FALSE
        FROM child_in_need_plans
        WHERE $plan_type <> 'child_protection'
    ),
    in_period AS (
        SELECT ended.*, label, (end_date + 1) AS next_day, closure_date, closure_reason,
               CASE WHEN $window_months::INTEGER IS NULL THEN DATE '2099-12-31'
                    ELSE (end_date + to_months($window_months::INTEGER))::DATE END AS window_end,
               CASE WHEN strftime(birth_date, '%m%d') = '0229' AND (year(birth_date) + 18) % 4 <> 0
                    THEN make_date(year(birth_date) + 18, 3, 1)
                    ELSE (birth_date + INTERVAL 18 YEAR)::DATE END AS eighteen
        FROM ended
        JOIN periods ON end_date BETWEEN first_day AND last_day
        LEFT JOIN (SELECT episode_key, closure_date, closure_reason FROM episodes) USING (episode_key)
        WHERE start_date <= end_date
    ),
    stepped AS (
        SELECT *,
               least(
                   (SELECT min(death_date) FROM children
                    WHERE children.la_code = p.la_code AND children.child_id = p.child_id),
                   CASE WHEN closure_reason = 'RC2' THEN closure_date END
               ) AS died,
               CASE WHEN closure_reason = 'RC5' THEN closure_date END AS moved,
               (SELECT min(start_date) FROM care_episodes AS care
                WHERE care.la_code = p.la_code AND care.child_id = p.child_id
                  AND care.start_date >= next_day) AS to_care,
               EXISTS (FROM care_episodes AS care
                       WHERE care.la_code = p.la_code AND care.child_id = p.child_id AND care.start_date <= next_day
                         AND coalesce(care.end_date > next_day, TRUE)) AS in_care,
               EXISTS (FROM child_protection_plans AS other
                       WHERE other.la_code = p.la_code AND other.child_id = p.child_id AND other.start_date <= next_day
                         AND coalesce(other.end_date > next_day, other.known_to >= next_day)) AS protected,
               EXISTS (FROM child_in_need_plans AS other
                       WHERE other.la_code = p.la_code AND other.child_id = p.child_id AND other.start_date <= next_day
                         AND coalesce(other.end_date > next_day, other.known_to >= next_day)) AS planned,
               EXISTS (FROM episodes AS other
                       WHERE other.la_code = p.la_code AND other.child_id = p.child_id
                         AND other.referral_date <= next_day AND other.no_further_action IS NOT TRUE
                         AND coalesce(other.closure_date > next_day, other.known_to >= next_day)) AS has_case,
               least(
                   CASE WHEN list_contains($re_presentation, 'child_protection_plan') THEN
                       (SELECT min(start_date) FROM child_protection_plans AS e
                        WHERE e.la_code = p.la_code AND e.child_id = p.child_id AND e.start_date > p.end_date) END,
                   CASE WHEN list_contains($re_presentation, 'section_47') THEN
                       (SELECT min(start_date) FROM section_47_enquiries AS e
                        WHERE e.la_code = p.la_code AND e.child_id = p.child_id AND e.start_date > p.end_date) END,
                   CASE WHEN list_contains($re_presentation, 'referral') THEN
                       (SELECT min(referral_date) FROM episodes AS e
                        WHERE e.la_code = p.la_code AND e.child_id = p.child_id AND e.referral_date > p.end_date) END,
                   CASE WHEN list_contains($re_presentation, 'care_entry') THEN
                       (SELECT min(start_date) FROM care_episodes AS e
                        WHERE e.la_code = p.la_code AND e.child_id = p.child_id AND e.start_date > p.end_date) END
               ) AS again
        FROM in_period AS p
    ),
    judged AS (
        SELECT *,
               CASE WHEN has_case THEN 'child_in_need'
                    WHEN closure_date <= next_day AND closure_reason = 'RC9' THEN 'early_help'
                    WHEN closure_date <= next_day THEN 'closed' END AS destination,
               least(
                   CASE WHEN list_contains($follow_up_ends_with::VARCHAR[], 'died') THEN died END,
                   CASE WHEN list_contains($follow_up_ends_with::VARCHAR[], 'turned_18') THEN eighteen END,
                   CASE WHEN list_contains($follow_up_ends_with::VARCHAR[], 'transferred_out') THEN moved END,
                   CASE WHEN list_contains($follow_up_ends_with::VARCHAR[], 'entered_care')
                             AND NOT list_contains($re_presentation, 'care_entry') THEN to_care END
               ) AS cut_short
        FROM stepped
    ),
    kept AS (
        SELECT *,
               CASE $follow_up
                   WHEN 'censored' THEN least(window_end, cut_short, observed_to) ELSE window_end
               END AS until
        FROM judged
        WHERE NOT protected
          AND (protection OR NOT planned)
          AND ($destination = 'any' OR coalesce(destination = $destination, FALSE))
          AND NOT (list_contains($excluded_at_end::VARCHAR[], 'died') AND coalesce(died <= next_day, FALSE))
          AND NOT (list_contains($excluded_at_end::VARCHAR[], 'turned_18') AND coalesce(eighteen <= next_day, FALSE))
          AND NOT (list_contains($excluded_at_end::VARCHAR[], 'entered_care') AND in_care)
          AND NOT (list_contains($excluded_at_end::VARCHAR[], 'transferred_out') AND coalesce(moved <= next_day, FALSE))
          AND ($follow_up = 'censored'
               OR (coalesce(cut_short > window_end, TRUE) AND coalesce(window_end <= observed_to, FALSE)))
    )
    SELECT la_code, label AS period, count(*) AS denominator,
           count(*) FILTER (again IS NULL OR again > until) AS numerator
    FROM kept
    GROUP BY ALL
"""

FIRST_DAY, DAYS = dt.date(2014, 1, 1), 14 * 365
WORKING_DAYS = [
    [FIRST_DAY + number * ONE_DAY] for number in range(DAYS) if is_working_day(FIRST_DAY + number * ONE_DAY)
]

STATEMENTS = Statements(
    COLUMNS,
    {
        "assessments_completed": ASSESSMENTS_COMPLETED,
        "assessments_within_45_days": ASSESSMENTS_WITHIN_45_DAYS,
        "assessment_factors": ASSESSMENT_FACTORS,
        "privately_fostered": PRIVATELY_FOSTERED,
        "children_in_need": CHILDREN_IN_NEED,
        "children_in_need_in_year": CHILDREN_IN_NEED_IN_YEAR,
        "section_47_enquiries": SECTION_47_ENQUIRIES,
        "section_47_to_conference": SECTION_47_TO_CONFERENCE,
        "initial_conferences": INITIAL_CONFERENCES,
        "conferences_within_15_days": CONFERENCES_WITHIN_15_DAYS,
        "child_protection_plans": CHILD_PROTECTION_PLANS,
        "child_protection_plan_starts": CHILD_PROTECTION_PLAN_STARTS,
        "repeat_child_protection_plans": REPEAT_CHILD_PROTECTION_PLANS,
        "plans_open_two_years": PLANS_OPEN_TWO_YEARS,
        "plan_reviews_in_time": PLAN_REVIEWS_IN_TIME,
        "deescalation_sustained": DEESCALATION_SUSTAINED,
    },
    prepare=(
        ("CREATE TABLE working_days (day DATE)", ()),
        ("INSERT INTO working_days VALUES (?)", WORKING_DAYS),
    ),
)
