WITH measured_quarter AS (
    SELECT
        unnest(
            generate_series(
                date_trunc('quarter', $business_date) - INTERVAL 9 MONTH,
                date_trunc('quarter', $business_date),
                INTERVAL 3 MONTH
            )
        )::DATE AS quarter
),

customer_count AS (
    SELECT count(*) AS customers
    FROM golden_customer
),

last_week AS (
    SELECT
        date_trunc('quarter', week_ends_on)::DATE AS quarter,
        max(week_ends_on) AS week_ends_on
    FROM mart_adoption
    GROUP BY date_trunc('quarter', week_ends_on)::DATE
),

manager_week AS (
    SELECT
        employee_id,
        week_ends_on,
        bool_or(is_active)::INTEGER AS is_active,
        bool_or(is_trained)::INTEGER AS is_trained
    FROM mart_adoption
    GROUP BY employee_id, week_ends_on
),

measure AS (
    SELECT
        'net_promoter_score' AS kpi,
        quarter,
        nps AS actual,
        responses AS measured_on
    FROM mart_satisfaction
    WHERE about = 'all' AND segment = 'all'
    UNION ALL
    SELECT
        'complaint_overdue_share' AS kpi,
        date_trunc('quarter', opened_at)::DATE AS quarter,
        avg(is_overdue::INTEGER) AS actual,
        count(*) AS measured_on
    FROM mart_complaint
    GROUP BY date_trunc('quarter', opened_at)::DATE
    UNION ALL
    SELECT
        'lead_conversion' AS kpi,
        date_trunc('quarter', created_at)::DATE AS quarter,
        avg((status = 'converted')::INTEGER) AS actual,
        count(*) AS measured_on
    FROM mart_lead
    WHERE status <> 'duplicate' AND age_days >= 60
    GROUP BY date_trunc('quarter', created_at)::DATE
    UNION ALL
    SELECT
        'win_rate' AS kpi,
        date_trunc('quarter', entered_at)::DATE AS quarter,
        avg((stage = 'won')::INTEGER) AS actual,
        count(*) AS measured_on
    FROM mart_opportunity
    WHERE stage IN ('won', 'lost') AND is_current
    GROUP BY date_trunc('quarter', entered_at)::DATE
    UNION ALL
    SELECT
        'new_products' AS kpi,
        date_trunc('quarter', dim_account.opened_on)::DATE AS quarter,
        100 * count(*) / min(customer_count.customers) AS actual,
        min(customer_count.customers) AS measured_on
    FROM dim_account
    CROSS JOIN customer_count
    WHERE dim_account.opened_on <= $business_date AND dim_account.kind IS DISTINCT FROM 'term_deposit'
    GROUP BY date_trunc('quarter', dim_account.opened_on)::DATE
    UNION ALL
    SELECT
        'adoption' AS kpi,
        date_trunc('quarter', week_ends_on)::DATE AS quarter,
        avg(is_active) AS actual,
        count(DISTINCT employee_id) AS measured_on
    FROM manager_week
    GROUP BY date_trunc('quarter', week_ends_on)::DATE
    UNION ALL
    SELECT
        'training' AS kpi,
        last_week.quarter,
        avg(manager_week.is_trained) AS actual,
        count(*) AS measured_on
    FROM last_week
    INNER JOIN manager_week ON last_week.week_ends_on = manager_week.week_ends_on
    GROUP BY last_week.quarter
    UNION ALL
    SELECT
        'expert_score' AS kpi,
        date_trunc('quarter', reviewed_on)::DATE AS quarter,
        avg(score) AS actual,
        count(*) AS measured_on
    FROM seed_expert_review
    WHERE reviewed_on <= $business_date
    GROUP BY date_trunc('quarter', reviewed_on)::DATE
),

compared AS (
    SELECT
        measure.kpi,
        measure.quarter,
        measure.measured_on,
        measure.actual,
        first(measure.actual) OVER (PARTITION BY measure.kpi ORDER BY measure.quarter) AS first_actual,
        ref_kpi_target.target,
        ref_kpi_target.is_higher_better
    FROM measure
    INNER JOIN measured_quarter ON measure.quarter = measured_quarter.quarter
    LEFT JOIN ref_kpi_target ON measure.kpi = ref_kpi_target.kpi AND measure.quarter = ref_kpi_target.quarter
)

SELECT
    kpi,
    quarter,
    round(actual, 4) AS actual,
    measured_on,
    round(first_actual, 4) AS first_actual,
    round(actual - first_actual, 4) AS change,
    target,
    round(CASE WHEN is_higher_better THEN actual - target ELSE target - actual END, 4) AS gap,
    round(
        CASE WHEN is_higher_better THEN actual / nullif(target, 0) ELSE target / nullif(actual, 0) END, 4
    ) AS attainment,
    CASE WHEN is_higher_better THEN actual >= target ELSE actual <= target END AS is_reached,
    quarter + INTERVAL 3 MONTH <= $business_date + 1 AS is_complete
FROM compared
