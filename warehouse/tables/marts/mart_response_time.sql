WITH request AS (
    SELECT
        date_trunc('month', opened_at)::DATE AS month,
        channel,
        kind,
        epoch(first_response_at - opened_at) / 60 AS response_minutes,
        epoch(closed_at - opened_at) / 3600 AS close_hours
    FROM mart_service_case
    UNION ALL
    SELECT
        date_trunc('month', occurred_at)::DATE AS month,
        channel,
        'chat' AS kind,
        wait_seconds / 60 AS response_minutes,
        NULL AS close_hours
    FROM fct_interaction
    WHERE interaction = 'chat' AND NOT is_robot_only
)

SELECT
    month,
    channel,
    kind,
    count(*) AS requests,
    count(response_minutes) AS answered,
    round(percentile_cont(0.5) WITHIN GROUP (ORDER BY response_minutes), 1) AS response_minutes_p50,
    round(percentile_cont(0.9) WITHIN GROUP (ORDER BY response_minutes), 1) AS response_minutes_p90,
    count(close_hours) AS closed,
    round(percentile_cont(0.5) WITHIN GROUP (ORDER BY close_hours), 1) AS close_hours_p50,
    round(percentile_cont(0.9) WITHIN GROUP (ORDER BY close_hours), 1) AS close_hours_p90
FROM request
GROUP BY month, channel, kind
