WITH login_day AS (
    SELECT
        user_id,
        occurred_at::DATE AS day,
        channel,
        count(*) FILTER (WHERE result = 'succeeded') AS logins,
        count(*) FILTER (WHERE result = 'failed') AS failed_logins,
        0 AS pages,
        0 AS page_seconds,
        0 AS transfers_done,
        0 AS transfers_failed
    FROM stg_channel__login
    GROUP BY user_id, occurred_at::DATE, channel
),

page_day AS (
    SELECT
        user_id,
        occurred_at::DATE AS day,
        channel,
        0 AS logins,
        0 AS failed_logins,
        count(*) AS pages,
        coalesce(sum(seconds), 0) AS page_seconds,
        0 AS transfers_done,
        0 AS transfers_failed
    FROM stg_channel__page
    GROUP BY user_id, occurred_at::DATE, channel
),

transfer_day AS (
    SELECT
        user_id,
        occurred_at::DATE AS day,
        channel,
        0 AS logins,
        0 AS failed_logins,
        0 AS pages,
        0 AS page_seconds,
        count(*) FILTER (WHERE step = 'done') AS transfers_done,
        count(*) FILTER (WHERE step = 'error') AS transfers_failed
    FROM stg_channel__transfer_view
    GROUP BY user_id, occurred_at::DATE, channel
),

user_day AS (
    SELECT * FROM login_day
    UNION ALL
    SELECT * FROM page_day
    UNION ALL
    SELECT * FROM transfer_day
),

customer_day AS (
    SELECT
        bridge_channel_identity.customer_id,
        user_day.day,
        user_day.channel,
        user_day.logins,
        user_day.failed_logins,
        user_day.pages,
        user_day.page_seconds,
        user_day.transfers_done,
        user_day.transfers_failed,
        0 AS contacts,
        0 AS transactions
    FROM user_day
    INNER JOIN bridge_channel_identity ON user_day.user_id = bridge_channel_identity.user_id
    UNION ALL
    SELECT
        customer_id,
        occurred_at::DATE AS day,
        channel,
        0 AS logins,
        0 AS failed_logins,
        0 AS pages,
        0 AS page_seconds,
        0 AS transfers_done,
        0 AS transfers_failed,
        1 AS contacts,
        0 AS transactions
    FROM fct_interaction
    WHERE customer_id IS NOT NULL
    UNION ALL
    SELECT
        customer_id,
        transacted_on AS day,
        channel,
        0 AS logins,
        0 AS failed_logins,
        0 AS pages,
        0 AS page_seconds,
        0 AS transfers_done,
        0 AS transfers_failed,
        0 AS contacts,
        1 AS transactions
    FROM fct_transaction
    WHERE is_customer_initiated AND channel <> 'system' AND customer_id IS NOT NULL
)

SELECT
    customer_id,
    day,
    channel,
    sum(logins) AS logins,
    sum(failed_logins) AS failed_logins,
    sum(pages) AS pages,
    sum(page_seconds) AS page_seconds,
    sum(transfers_done) AS transfers_done,
    sum(transfers_failed) AS transfers_failed,
    sum(contacts) AS contacts,
    sum(transactions) AS transactions,
    sum(logins + failed_logins + pages + transfers_done + transfers_failed + contacts + transactions) AS events
FROM customer_day
WHERE day <= $business_date
GROUP BY customer_id, day, channel
