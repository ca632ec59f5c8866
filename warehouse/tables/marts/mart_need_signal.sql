WITH user_signal AS (
    SELECT
        user_id,
        occurred_at::DATE AS seen_on,
        'page ' || page AS signal
    FROM stg_channel__page
    UNION ALL
    SELECT
        user_id,
        occurred_at::DATE AS seen_on,
        'lead ' || product_code AS signal
    FROM stg_channel__lead
    UNION ALL
    SELECT
        user_id,
        min(occurred_at)::DATE AS seen_on,
        'case ' || min(topic) AS signal
    FROM stg_channel__service_case
    GROUP BY case_number, user_id
    UNION ALL
    SELECT
        user_id,
        occurred_at::DATE AS seen_on,
        'chat ' || topic AS signal
    FROM stg_channel__chat
    UNION ALL
    SELECT
        user_id,
        occurred_at::DATE AS seen_on,
        'transfer failed' AS signal
    FROM stg_channel__transfer_view
    WHERE step = 'error'
    UNION ALL
    SELECT
        user_id,
        occurred_at::DATE AS seen_on,
        'long wait at branch' AS signal
    FROM stg_channel__branch_ticket
    WHERE wait_seconds > 1800
    UNION ALL
    SELECT
        user_id,
        occurred_at::DATE AS seen_on,
        'survey high effort' AS signal
    FROM stg_channel__survey
    WHERE effort >= 6
    UNION ALL
    SELECT
        user_id,
        occurred_at::DATE AS seen_on,
        'survey detractor' AS signal
    FROM stg_channel__survey
    WHERE net_promoter_score <= 6
),

profiled AS (
    SELECT DISTINCT customer_id
    FROM consent_current
    WHERE purpose = 'profiling' AND is_granted
),

counted AS (
    SELECT
        bridge_channel_identity.customer_id,
        rule.need,
        rule.signal,
        count(*) AS times,
        max(user_signal.seen_on) AS last_seen_on,
        min(rule.signal_weight) AS signal_weight
    FROM user_signal
    INNER JOIN seed_need_rule AS rule ON user_signal.signal = rule.signal
    INNER JOIN bridge_channel_identity ON user_signal.user_id = bridge_channel_identity.user_id
    INNER JOIN profiled ON bridge_channel_identity.customer_id = profiled.customer_id
    WHERE
        user_signal.seen_on <= $business_date
        AND user_signal.seen_on > $business_date - rule.window_days::INTEGER
    GROUP BY bridge_channel_identity.customer_id, rule.need, rule.signal
)

SELECT
    customer_id,
    need,
    $business_date AS as_of_date,
    sum(times) AS signals,
    round(1 - product(power(1 - signal_weight, times)), 4) AS strength,
    max(last_seen_on) AS last_signal_on,
    string_agg(signal || ' x' || times, '; ' ORDER BY signal) AS evidence
FROM counted
GROUP BY customer_id, need
