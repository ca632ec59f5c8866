WITH seen AS (
    SELECT
        user_id,
        occurred_at::DATE AS day,
        channel,
        CASE result WHEN 'succeeded' THEN 'login' WHEN 'failed' THEN 'login failed' END AS what,
        NULL AS seconds
    FROM stg_channel__login
    UNION ALL
    SELECT
        user_id,
        occurred_at::DATE AS day,
        channel,
        'page' AS what,
        seconds
    FROM stg_channel__page
    UNION ALL
    SELECT
        user_id,
        occurred_at::DATE AS day,
        channel,
        CASE step WHEN 'done' THEN 'sent' WHEN 'error' THEN 'not sent' END AS what,
        NULL AS seconds
    FROM stg_channel__transfer_view
),

done AS (
    SELECT
        bridge_channel_identity.customer_id,
        seen.day,
        seen.channel,
        seen.what,
        seen.seconds
    FROM seen
    INNER JOIN bridge_channel_identity ON seen.user_id = bridge_channel_identity.user_id
    UNION ALL
    SELECT
        customer_id,
        occurred_at::DATE AS day,
        channel,
        'contact' AS what,
        NULL AS seconds
    FROM fct_interaction
    WHERE customer_id IS NOT NULL
    UNION ALL
    SELECT
        customer_id,
        transacted_on AS day,
        channel,
        'transaction' AS what,
        NULL AS seconds
    FROM fct_transaction
    WHERE is_customer_initiated AND channel <> 'system' AND customer_id IS NOT NULL
)

SELECT
    customer_id,
    day,
    channel,
    count(*) FILTER (WHERE what = 'login') AS logins,
    count(*) FILTER (WHERE what = 'login failed') AS failed_logins,
    count(*) FILTER (WHERE what = 'page') AS pages,
    coalesce(sum(seconds), 0) AS page_seconds,
    count(*) FILTER (WHERE what = 'sent') AS transfers_done,
    count(*) FILTER (WHERE what = 'not sent') AS transfers_failed,
    count(*) FILTER (WHERE what = 'contact') AS contacts,
    count(*) FILTER (WHERE what = 'transaction') AS transactions,
    count(what) AS events
FROM done
WHERE day <= $business_date
GROUP BY customer_id, day, channel
