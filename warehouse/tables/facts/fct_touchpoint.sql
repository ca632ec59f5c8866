WITH touch AS (
    SELECT
        event_id,
        user_id,
        occurred_at,
        channel,
        'login' AS touch,
        NULL AS step,
        method AS detail,
        CASE WHEN result = 'failed' THEN 'failed' ELSE 'succeeded' END AS outcome,
        NULL::BIGINT AS wait_seconds,
        NULL::BIGINT AS effort
    FROM stg_channel__login
    UNION ALL
    SELECT
        event_id,
        user_id,
        occurred_at,
        channel,
        'page' AS touch,
        NULL AS step,
        page AS detail,
        'succeeded' AS outcome,
        NULL AS wait_seconds,
        NULL AS effort
    FROM stg_channel__page
    UNION ALL
    SELECT
        event_id,
        user_id,
        occurred_at,
        channel,
        'transfer' AS touch,
        step,
        NULL AS detail,
        CASE WHEN step = 'error' THEN 'failed' ELSE 'succeeded' END AS outcome,
        NULL AS wait_seconds,
        NULL AS effort
    FROM stg_channel__transfer_view
    UNION ALL
    SELECT
        event_id,
        user_id,
        occurred_at,
        channel,
        'survey' AS touch,
        NULL AS step,
        about AS detail,
        'served' AS outcome,
        NULL AS wait_seconds,
        effort
    FROM stg_channel__survey
),

known_touch AS (
    SELECT
        touch.event_id,
        bridge_channel_identity.customer_id,
        touch.occurred_at,
        touch.channel,
        touch.touch,
        touch.step,
        touch.detail,
        touch.outcome,
        touch.wait_seconds,
        touch.effort
    FROM touch
    INNER JOIN bridge_channel_identity ON touch.user_id = bridge_channel_identity.user_id
    UNION ALL
    SELECT
        event_id,
        customer_id,
        occurred_at,
        channel,
        interaction AS touch,
        NULL AS step,
        coalesce(topic, detail) AS detail,
        'served' AS outcome,
        wait_seconds,
        NULL AS effort
    FROM fct_interaction
    WHERE customer_id IS NOT NULL AND interaction <> 'social'
),

recent AS (
    SELECT *
    FROM known_touch
    WHERE occurred_at < $business_date + 1 AND occurred_at >= $business_date - 89
),

gap AS (
    SELECT max(limit_value)::INTEGER AS minutes
    FROM seed_journey_rule
    WHERE rule = 'gap_minutes'
),

with_gap AS (
    SELECT
        recent.*,
        coalesce(
            recent.occurred_at - lag(recent.occurred_at) OVER (
                PARTITION BY recent.customer_id ORDER BY recent.occurred_at ASC, recent.event_id ASC
            ) > to_minutes(gap.minutes),
            TRUE
        ) AS is_start
    FROM recent
    CROSS JOIN gap
),

in_journey AS (
    SELECT
        *,
        sum(is_start::INTEGER) OVER (PARTITION BY customer_id ORDER BY occurred_at ASC, event_id ASC) AS journey
    FROM with_gap
)

SELECT
    event_id,
    customer_id,
    min(occurred_at) OVER (PARTITION BY customer_id, journey) AS journey_started_at,
    row_number() OVER (PARTITION BY customer_id, journey ORDER BY occurred_at ASC, event_id ASC) AS touch_number,
    occurred_at,
    channel,
    touch,
    step,
    detail,
    outcome,
    wait_seconds,
    effort
FROM in_journey
