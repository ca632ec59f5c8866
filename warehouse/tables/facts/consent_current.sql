WITH said AS (
    SELECT
        bridge_channel_identity.customer_id,
        consent.purpose,
        consent.medium,
        consent.new_state,
        consent.occurred_at
    FROM stg_channel__consent_change AS consent
    INNER JOIN bridge_channel_identity ON consent.user_id = bridge_channel_identity.user_id
    WHERE
        consent.occurred_at < $business_date + 1
        AND consent.purpose IS NOT NULL AND consent.medium IS NOT NULL
)

SELECT
    customer_id,
    purpose,
    medium,
    last(new_state ORDER BY occurred_at ASC, new_state ASC) = 'granted' AS is_granted,
    max(occurred_at) AS changed_at,
    count(*) AS changes
FROM said
GROUP BY customer_id, purpose, medium
