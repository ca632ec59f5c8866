WITH sighting AS (
    SELECT
        customer_id,
        device_id,
        transacted_on AS day,
        'transaction' AS what
    FROM fct_transaction
    WHERE device_id IS NOT NULL AND customer_id IS NOT NULL AND transacted_on <= $business_date
    UNION ALL
    SELECT
        bridge_channel_identity.customer_id,
        login.device_id,
        login.occurred_at::DATE AS day,
        CASE login.result WHEN 'succeeded' THEN 'login' END AS what
    FROM stg_channel__login AS login
    INNER JOIN bridge_channel_identity ON login.user_id = bridge_channel_identity.user_id
    WHERE login.device_id IS NOT NULL AND login.occurred_at::DATE <= $business_date
),

device_day AS (
    SELECT
        customer_id,
        device_id,
        day,
        count(*) FILTER (WHERE what = 'login') AS logins,
        count(*) FILTER (WHERE what = 'transaction') AS transactions
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
