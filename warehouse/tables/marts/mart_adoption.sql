WITH usage_week AS (
    SELECT
        employee_id,
        feature,
        week_ends_on,
        sum(actions) AS actions
    FROM stg_channel__crm_usage
    WHERE week_ends_on <= $business_date
    GROUP BY employee_id, feature, week_ends_on
),

finished_course AS (
    SELECT
        employee_id,
        course,
        min(CASE WHEN is_passed THEN occurred_at::DATE END) AS passed_on,
        min(occurred_at)::DATE AS finished_on,
        max(score) AS score
    FROM stg_channel__training
    WHERE occurred_at < $business_date + 1
    GROUP BY employee_id, course
),

enabled_manager AS (
    SELECT employee_id
    FROM usage_week
    UNION
    SELECT employee_id
    FROM finished_course
),

manager AS (
    SELECT
        enabled_manager.employee_id,
        emp.branch_code,
        emp.left_on
    FROM enabled_manager
    LEFT JOIN stg_core_banking__emp AS emp ON enabled_manager.employee_id = emp.employee_id
),

used_feature AS (
    SELECT DISTINCT feature
    FROM usage_week
),

used_week AS (
    SELECT DISTINCT week_ends_on
    FROM usage_week
),

feature_week AS (
    SELECT
        used_feature.feature,
        used_week.week_ends_on
    FROM used_feature
    CROSS JOIN used_week
),

trained_week AS (
    SELECT
        finished_course.employee_id,
        used_week.week_ends_on,
        bool_or(
            finished_course.course = 'crm_basics' AND finished_course.passed_on <= used_week.week_ends_on
        ) AS is_trained,
        count(*) FILTER (WHERE finished_course.passed_on <= used_week.week_ends_on) AS courses_passed,
        max(finished_course.score) AS best_score
    FROM finished_course
    INNER JOIN used_week ON finished_course.finished_on <= used_week.week_ends_on
    GROUP BY finished_course.employee_id, used_week.week_ends_on
)

SELECT
    manager.employee_id,
    manager.branch_code,
    feature_week.feature,
    feature_week.week_ends_on,
    coalesce(usage_week.actions, 0) AS actions,
    coalesce(usage_week.actions, 0) > 0 AS is_active,
    coalesce(trained_week.is_trained, FALSE) AS is_trained,
    coalesce(trained_week.courses_passed, 0) AS courses_passed,
    trained_week.best_score
FROM manager
CROSS JOIN feature_week
LEFT JOIN usage_week
    ON
        manager.employee_id = usage_week.employee_id
        AND feature_week.feature = usage_week.feature
        AND feature_week.week_ends_on = usage_week.week_ends_on
LEFT JOIN trained_week
    ON
        manager.employee_id = trained_week.employee_id
        AND feature_week.week_ends_on = trained_week.week_ends_on
WHERE manager.left_on IS NULL OR manager.left_on > feature_week.week_ends_on
