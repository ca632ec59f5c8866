WITH latest_case AS (
    SELECT *
    FROM stg_channel__service_case
    WHERE occurred_at < $business_date + 1
    QUALIFY row_number() OVER (PARTITION BY case_number ORDER BY occurred_at DESC, event_id DESC) = 1
),

opened_case AS (
    SELECT
        case_number,
        min(occurred_at) AS opened_at
    FROM stg_channel__service_case
    GROUP BY case_number
),

case_today AS (
    SELECT
        latest_case.*,
        opened_case.opened_at,
        bridge_channel_identity.customer_id,
        opened_case.opened_at + to_minutes(latest_case.first_response_minutes) AS answered_at,
        CASE
            WHEN
                latest_case.status = 'closed' AND latest_case.closed_at < $business_date + 1
                THEN greatest(latest_case.closed_at, opened_case.opened_at)
        END AS ended_at
    FROM latest_case
    INNER JOIN opened_case ON latest_case.case_number = opened_case.case_number
    LEFT JOIN bridge_channel_identity ON latest_case.user_id = bridge_channel_identity.user_id
),

came_back AS (
    SELECT DISTINCT case_today.case_number
    FROM case_today
    INNER JOIN fct_interaction
        ON
            case_today.customer_id = fct_interaction.customer_id
            AND case_today.topic = fct_interaction.topic
            AND fct_interaction.interaction IN ('service_case', 'chat')
            AND case_today.ended_at < fct_interaction.occurred_at
            AND case_today.ended_at + INTERVAL 7 DAY >= fct_interaction.occurred_at
)

SELECT
    case_today.case_number,
    case_today.customer_id,
    $business_date AS as_of_date,
    case_today.kind,
    case_today.topic,
    case_today.severity,
    case_today.channel,
    case_today.opened_at,
    CASE WHEN case_today.answered_at < $business_date + 1 THEN case_today.answered_at END AS first_response_at,
    case_today.ended_at AS closed_at,
    CASE WHEN case_today.ended_at IS NULL THEN 'open' ELSE 'closed' END AS status,
    coalesce(case_today.ended_at::DATE, $business_date) - case_today.opened_at::DATE AS age_days,
    CASE
        WHEN case_today.answered_at < $business_date + 1
            THEN case_today.first_response_minutes <= promise.respond_within_minutes
        WHEN case_today.opened_at + to_minutes(promise.respond_within_minutes) < $business_date + 1 THEN FALSE
    END AS is_answered_in_time,
    CASE
        WHEN case_today.ended_at IS NOT NULL
            THEN case_today.ended_at::DATE - case_today.opened_at::DATE <= promise.close_within_days
        WHEN $business_date - case_today.opened_at::DATE > promise.close_within_days THEN FALSE
    END AS is_closed_in_time,
    CASE
        WHEN came_back.case_number IS NOT NULL THEN FALSE
        WHEN case_today.ended_at + INTERVAL 7 DAY < $business_date + 1 THEN TRUE
    END AS is_first_contact_resolved
FROM case_today
LEFT JOIN seed_service_level AS promise
    ON case_today.kind = promise.kind AND case_today.severity = promise.severity
LEFT JOIN came_back ON case_today.case_number = came_back.case_number
