SELECT
    social.event_id,
    social.occurred_at,
    social.channel,
    social.handle,
    social.kind,
    social.topic,
    bridge_social_identity.customer_id IS NOT NULL AS is_linked,
    bridge_social_identity.customer_id
FROM stg_channel__social AS social
LEFT JOIN bridge_social_identity ON social.handle = bridge_social_identity.handle
WHERE social.occurred_at < $business_date + 1
