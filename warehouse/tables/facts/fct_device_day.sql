WITH sighting AS (
    SELECT
        customer_id,
        device_id,
        transacted_on AS day,
        0 AS logins,
        count(*) AS transactions
    FROM fct_transaction
    WHERE device_id IS NOT NULL AND customer_id IS NOT NULL AND transacted_on <= $business_date
    GROUP BY customer_id, device_id, transacted_on
    UNION ALL
    SELECT
        bridge_channel_identity.customer_id,
        login.device_id,
        login.occurred_at::DATE AS day,
        count(*) FILTER (WHERE login.result = 'succeeded') AS logins,
        0 AS transactions
    FROM stg_channel__login AS login
    INNER JOIN bridge_channel_identity ON login.user_id = bridge_channel_identity.user_id
    WHERE login.device_id IS NOT NULL AND login.occurred_at::DATE <= $business_date
    GROUP BY bridge_channel_identity.customer_id, login.device_id, login.occurred_at::DATE
),

device_day AS (
    SELECT
        customer_id,
        device_id,
        day,
        sum(logins)::BIGINT AS logins,
        sum(transactions)::BIGINT AS transactions
    FROM sighting
    GROUP BY customer_id, device_id, day
)

SELECT
    customer_id,
    device_id,
    day,
    logins,
    transactions,
    day - min(day) OVER (PARTITION BY customer_id, device_id) AS days_since_first,
    day - min(day) OVER (PARTITION BY customer_id) AS days_of_customer
FROM device_day
