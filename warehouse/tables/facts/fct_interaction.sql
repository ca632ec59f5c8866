WITH opening AS (
    SELECT *
    FROM stg_channel__service_case
    QUALIFY row_number() OVER (PARTITION BY case_number ORDER BY occurred_at, event_id) = 1
),

contact AS (
    SELECT
        event_id,
        user_id,
        'call' AS interaction,
        channel,
        occurred_at,
        NULL AS topic,
        ivr_path AS detail,
        NULL AS branch_code,
        agent_id,
        NULL AS case_number,
        wait_seconds,
        talk_seconds AS handle_seconds,
        NULL AS is_robot_only
    FROM stg_channel__call
    UNION ALL
    SELECT
        event_id,
        user_id,
        'chat' AS interaction,
        channel,
        occurred_at,
        topic,
        NULL AS detail,
        NULL AS branch_code,
        NULL AS agent_id,
        NULL AS case_number,
        first_reply_seconds AS wait_seconds,
        NULL AS handle_seconds,
        is_robot_only
    FROM stg_channel__chat
    UNION ALL
    SELECT
        event_id,
        user_id,
        'branch_ticket' AS interaction,
        channel,
        occurred_at,
        NULL AS topic,
        queue AS detail,
        branch_code,
        NULL AS agent_id,
        NULL AS case_number,
        wait_seconds,
        serve_seconds AS handle_seconds,
        NULL AS is_robot_only
    FROM stg_channel__branch_ticket
    UNION ALL
    SELECT
        event_id,
        user_id,
        'service_case' AS interaction,
        channel,
        occurred_at,
        topic,
        kind AS detail,
        NULL AS branch_code,
        NULL AS agent_id,
        case_number,
        CASE
            WHEN occurred_at + to_minutes(first_response_minutes) < $business_date + 1 THEN first_response_minutes * 60
        END AS wait_seconds,
        NULL AS handle_seconds,
        NULL AS is_robot_only
    FROM opening
    UNION ALL
    SELECT
        event_id,
        user_id,
        'social' AS interaction,
        channel,
        occurred_at,
        topic,
        kind AS detail,
        NULL AS branch_code,
        NULL AS agent_id,
        NULL AS case_number,
        NULL AS wait_seconds,
        NULL AS handle_seconds,
        NULL AS is_robot_only
    FROM stg_channel__social
),

linked_post AS (
    SELECT event_id
    FROM fct_social_interaction
    WHERE is_linked
)

SELECT
    contact.event_id,
    CASE
        WHEN contact.interaction <> 'social' OR linked_post.event_id IS NOT NULL
            THEN bridge_channel_identity.customer_id
    END AS customer_id,
    contact.interaction,
    contact.channel,
    contact.occurred_at,
    contact.topic,
    contact.detail,
    contact.branch_code,
    contact.agent_id,
    contact.case_number,
    contact.wait_seconds,
    contact.handle_seconds,
    contact.is_robot_only
FROM contact
LEFT JOIN bridge_channel_identity ON contact.user_id = bridge_channel_identity.user_id
LEFT JOIN linked_post ON contact.event_id = linked_post.event_id
WHERE contact.occurred_at < $business_date + 1
