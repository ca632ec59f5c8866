WITH journey AS (
    SELECT
        customer_id,
        journey_started_at,
        max(occurred_at) AS ended_at,
        count(*) AS touches,
        count(DISTINCT channel) AS channels,
        first(channel ORDER BY touch_number ASC) AS first_channel,
        last(channel ORDER BY touch_number ASC) AS last_channel,
        coalesce(sum(wait_seconds), 0) AS wait_seconds,
        bool_or(touch = 'transfer') AS has_transfer,
        bool_or(touch IN ('call', 'chat', 'service_case')) AS has_service,
        bool_or(touch = 'branch_ticket') AS has_visit,
        bool_or(touch IN ('login', 'page')) AS has_browsing,
        max(CASE step WHEN 'form' THEN 1 WHEN 'confirm' THEN 2 WHEN 'done' THEN 3 END) AS step_rank,
        bool_or(coalesce(step = 'error', FALSE)) AS has_error
    FROM fct_touchpoint
    GROUP BY customer_id, journey_started_at
),

told AS (
    SELECT
        journey.customer_id,
        journey.journey_started_at,
        first(survey.effort ORDER BY survey.occurred_at ASC, survey.event_id ASC) AS effort
    FROM journey
    INNER JOIN fct_touchpoint AS survey
        ON
            journey.customer_id = survey.customer_id
            AND survey.effort IS NOT NULL
            AND journey.journey_started_at <= survey.occurred_at
            AND survey.occurred_at <= journey.ended_at + INTERVAL 7 DAY
    GROUP BY journey.customer_id, journey.journey_started_at
)

SELECT
    journey.customer_id,
    journey.journey_started_at,
    CASE
        WHEN journey.has_transfer THEN 'transfer'
        WHEN journey.has_service THEN 'service'
        WHEN journey.has_visit THEN 'visit'
        WHEN journey.has_browsing THEN 'browsing'
        ELSE 'feedback'
    END AS journey_kind,
    journey.touches,
    journey.channels,
    journey.first_channel,
    journey.last_channel,
    round(epoch(journey.ended_at - journey.journey_started_at) / 60, 1) AS journey_minutes,
    journey.wait_seconds,
    ['form', 'confirm', 'done'][journey.step_rank] AS furthest_step,
    CASE
        WHEN NOT journey.has_transfer THEN 'served'
        WHEN journey.step_rank = 3 AND journey.has_error THEN 'recovered'
        WHEN journey.step_rank = 3 THEN 'completed'
        WHEN journey.has_error THEN 'failed'
        ELSE 'abandoned'
    END AS journey_outcome,
    journey.has_transfer AND (journey.has_service OR journey.has_visit) AS asked_for_help,
    told.effort
FROM journey
LEFT JOIN told
    ON journey.customer_id = told.customer_id AND journey.journey_started_at = told.journey_started_at
