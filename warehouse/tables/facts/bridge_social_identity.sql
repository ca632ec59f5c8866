WITH handle_use AS (
    SELECT
        handle,
        last(user_id ORDER BY occurred_at ASC, event_id ASC) AS user_id,
        min(occurred_at)::DATE AS first_seen_on,
        count(*) AS posts
    FROM stg_channel__social
    WHERE handle IS NOT NULL AND occurred_at < $business_date + 1
    GROUP BY handle
),

linking_consent AS (
    SELECT
        customer_id,
        min(changed_at) AS consented_at
    FROM consent_current
    WHERE purpose = 'social_linking' AND is_granted
    GROUP BY customer_id
)

SELECT
    handle_use.handle,
    bridge_channel_identity.customer_id,
    handle_use.user_id,
    linking_consent.consented_at,
    handle_use.first_seen_on,
    handle_use.posts
FROM handle_use
INNER JOIN bridge_channel_identity ON handle_use.user_id = bridge_channel_identity.user_id
INNER JOIN linking_consent ON bridge_channel_identity.customer_id = linking_consent.customer_id
