WITH login AS (
    SELECT
        user_id,
        min(occurred_at) FILTER (WHERE result = 'succeeded') AS first_login_at,
        max(occurred_at) FILTER (WHERE result = 'succeeded') AS last_login_at,
        count(*) FILTER (WHERE result = 'failed') AS failed_logins,
        count(DISTINCT device_id) AS devices
    FROM stg_channel__login
    WHERE occurred_at < $business_date + 1
    GROUP BY user_id
)

SELECT
    customer_xref.source_key AS user_id,
    customer_xref.customer_id,
    customer_xref.valid_from AS linked_on,
    customer_xref.confidence,
    login.first_login_at,
    login.last_login_at,
    coalesce(login.failed_logins, 0) AS failed_logins,
    coalesce(login.devices, 0) AS devices
FROM customer_xref
LEFT JOIN login ON customer_xref.source_key = login.user_id
WHERE customer_xref.source = 'channel' AND customer_xref.valid_to IS NULL
