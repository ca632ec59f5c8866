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

ranked_usage AS (
    SELECT
        *,
        sum(events) OVER (PARTITION BY customer_id, month) AS events_of_month,
        row_number() OVER (
            PARTITION BY customer_id, month ORDER BY active_days DESC, events DESC, channel ASC
        ) = 1 AS is_main
    FROM usage
),

main_channel AS (
    SELECT
        customer_id,
        month,
        lag(channel) OVER (PARTITION BY customer_id ORDER BY month) AS previous_main_channel
    FROM ranked_usage
    WHERE is_main
)

SELECT
    ranked_usage.customer_id,
    ranked_usage.month,
    ranked_usage.channel,
    ranked_usage.channel IN ('app', 'web', 'wechat') AS is_digital,
    ranked_usage.active_days,
    ranked_usage.events,
    ranked_usage.transactions,
    coalesce(round(ranked_usage.events / nullif(ranked_usage.events_of_month, 0), 4), 0) AS event_share,
    ranked_usage.is_main,
    main_channel.previous_main_channel,
    ranked_usage.crossings
FROM ranked_usage
INNER JOIN main_channel
    ON ranked_usage.customer_id = main_channel.customer_id AND ranked_usage.month = main_channel.month
