WITH followed_day AS (
    SELECT
        customer_id,
        day,
        channel,
        events,
        transactions,
        lead(channel) OVER customer_days <> channel
        AND lead(day) OVER customer_days - day <= 7 AS is_crossed
    FROM fct_behavior_daily
    WHERE day > $business_date - INTERVAL 12 MONTH
    WINDOW customer_days AS (PARTITION BY customer_id ORDER BY day, channel)
),

usage AS (
    SELECT
        customer_id,
        date_trunc('month', day)::DATE AS month,
        channel,
        count(*) AS active_days,
        sum(events) AS events,
        sum(transactions) AS transactions,
        count(*) FILTER (WHERE is_crossed) AS crossings
    FROM followed_day
    GROUP BY customer_id, date_trunc('month', day)::DATE, channel
),

customer_month AS (
    SELECT
        customer_id,
        month,
        sum(events) AS events,
        -- most days, then most events, then first by name: in one number, which is sooner compared than three values
        arg_max(
            channel,
            active_days * 1000000000 + events * 10
            + list_position(['wechat', 'web', 'call_centre', 'branch', 'atm', 'app'], channel)
        ) AS main_channel
    FROM usage
    GROUP BY customer_id, month
),

followed_month AS (
    SELECT
        *,
        lag(main_channel) OVER (PARTITION BY customer_id ORDER BY month) AS previous_main_channel
    FROM customer_month
)

SELECT
    usage.customer_id,
    usage.month,
    usage.channel,
    usage.channel IN ('app', 'web', 'wechat') AS is_digital,
    usage.active_days,
    usage.events,
    usage.transactions,
    coalesce(round(usage.events / nullif(followed_month.events, 0), 4), 0) AS event_share,
    usage.channel = followed_month.main_channel AS is_main,
    followed_month.previous_main_channel,
    usage.crossings
FROM usage
INNER JOIN followed_month
    ON usage.customer_id = followed_month.customer_id AND usage.month = followed_month.month
