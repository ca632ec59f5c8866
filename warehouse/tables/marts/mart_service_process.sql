WITH step AS (
    SELECT
        CASE interaction
            WHEN 'branch_ticket' THEN 'ticket_' || coalesce(detail, 'other')
            WHEN 'service_case' THEN 'case_' || detail
            ELSE interaction
        END AS process,
        coalesce(branch_code, channel) AS org_code,
        customer_id,
        event_id,
        occurred_at,
        wait_seconds,
        handle_seconds,
        coalesce(is_robot_only, FALSE) AS is_straight_through
    FROM fct_interaction
    WHERE interaction <> 'social' AND occurred_at >= $business_date - INTERVAL 12 MONTH
),

followed_step AS (
    SELECT
        *,
        customer_id IS NOT NULL AND coalesce(
            lead(occurred_at) OVER (PARTITION BY customer_id, process ORDER BY occurred_at, event_id)
            <= occurred_at + INTERVAL 7 DAY, FALSE
        ) AS is_repeated
    FROM step
),

step_by_period AS (
    SELECT
        *,
        'day' AS period,
        occurred_at::DATE AS period_start
    FROM followed_step
    UNION ALL
    SELECT
        *,
        'month' AS period,
        date_trunc('month', occurred_at)::DATE AS period_start
    FROM followed_step
)

SELECT
    process,
    org_code,
    period,
    period_start,
    count(*) AS contacts,
    count(DISTINCT customer_id) AS customers,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY wait_seconds) AS wait_seconds_p50,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY wait_seconds) AS wait_seconds_p90,
    round(avg(handle_seconds), 1) AS handle_seconds_mean,
    round(
        sum(wait_seconds) FILTER (WHERE handle_seconds IS NOT NULL)
        / nullif(sum(wait_seconds + handle_seconds), 0), 4
    ) AS bottleneck_share,
    round(avg(is_straight_through::INTEGER), 4) AS straight_through_share,
    round(avg(is_repeated::INTEGER), 4) AS repeat_share
FROM step_by_period
GROUP BY process, org_code, period, period_start
