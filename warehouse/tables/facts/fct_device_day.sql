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
),

device_first AS (
    SELECT
        customer_id,
        device_id,
        min(day) AS first_day
    FROM device_day
    GROUP BY customer_id, device_id
),

customer_first AS (
    SELECT
        customer_id,
        min(first_day) AS first_day
    FROM device_first
    GROUP BY customer_id
)

SELECT
    device_day.customer_id,
    device_day.device_id,
    device_day.day,
    device_day.logins,
    device_day.transactions,
    device_day.day - device_first.first_day AS days_since_first,
    device_day.day - customer_first.first_day AS days_of_customer
FROM device_day
INNER JOIN device_first
    ON device_day.customer_id = device_first.customer_id AND device_day.device_id = device_first.device_id
INNER JOIN customer_first ON device_day.customer_id = customer_first.customer_id
