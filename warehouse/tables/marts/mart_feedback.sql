WITH feedback AS (
    SELECT
        'survey:' || survey.event_id AS feedback_key,
        bridge_channel_identity.customer_id,
        'survey' AS feedback,
        survey.channel,
        survey.occurred_at AS given_at,
        survey.about AS topic,
        survey.net_promoter_score,
        CASE
            WHEN survey.net_promoter_score >= 9 THEN 'positive'
            WHEN survey.net_promoter_score >= 7 THEN 'neutral'
            WHEN survey.net_promoter_score >= 0 THEN 'negative'
        END AS sentiment,
        NULL AS status,
        NULL AS closed_loop_days
    FROM stg_channel__survey AS survey
    LEFT JOIN bridge_channel_identity ON survey.user_id = bridge_channel_identity.user_id
    UNION ALL
    SELECT
        'case:' || case_number AS feedback_key,
        customer_id,
        kind AS feedback,
        channel,
        opened_at AS given_at,
        topic,
        NULL AS net_promoter_score,
        CASE kind WHEN 'complaint' THEN 'negative' ELSE 'neutral' END AS sentiment,
        status,
        CASE WHEN status = 'closed' THEN age_days END AS closed_loop_days
    FROM mart_service_case
    WHERE kind IN ('complaint', 'suggestion')
    UNION ALL
    SELECT
        'social:' || event_id AS feedback_key,
        customer_id,
        'social_comment' AS feedback,
        channel,
        occurred_at AS given_at,
        topic,
        NULL AS net_promoter_score,
        NULL AS sentiment,
        NULL AS status,
        NULL AS closed_loop_days
    FROM fct_interaction
    WHERE interaction = 'social' AND detail = 'comment'
)

SELECT
    feedback_key,
    customer_id,
    $business_date AS as_of_date,
    feedback,
    channel,
    given_at,
    topic,
    net_promoter_score,
    sentiment,
    status,
    closed_loop_days
FROM feedback
WHERE given_at < $business_date + 1
