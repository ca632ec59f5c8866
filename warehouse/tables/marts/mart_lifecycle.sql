WITH limits AS (
    SELECT
        max(limit_value) FILTER (WHERE rule = 'new_months') AS new_months,
        max(limit_value) FILTER (WHERE rule = 'quiet_months') AS quiet_months,
        max(limit_value) FILTER (WHERE rule = 'dormant_months') AS dormant_months,
        max(limit_value) FILTER (WHERE rule = 'growing_ratio') AS growing_ratio,
        max(limit_value) FILTER (WHERE rule = 'growing_transactions') AS growing_transactions
    FROM seed_lifecycle_rule
),

active_month AS (
    SELECT
        customer_id,
        year(month) * 12 + month(month) AS month_number,
        own_transactions
    FROM fct_txn_monthly
    WHERE own_transactions > 0
    UNION ALL
    SELECT
        customer_id,
        year(day) * 12 + month(day) AS month_number,
        0 AS own_transactions
    FROM fct_behavior_daily
),

activity AS (
    SELECT
        customer_id,
        month_number,
        sum(own_transactions) AS own_transactions,
        month_number - lag(month_number) OVER (PARTITION BY customer_id ORDER BY month_number) AS months_since
    FROM active_month
    GROUP BY customer_id, month_number
),

history AS (
    SELECT min(month_number) AS first_number
    FROM activity
),

judged_month AS (
    SELECT
        dim_month.month,
        year(dim_month.month) * 12 + month(dim_month.month) AS month_number,
        dim_month.last_day
    FROM dim_month
    CROSS JOIN history
    WHERE dim_month.months_back < 6 AND year(dim_month.month) * 12 + month(dim_month.month) - 5 >= history.first_number
),

relation AS (
    SELECT
        customer_id,
        min(opened_on) AS first_opened_on,
        max(opened_on) FILTER (WHERE kind IS DISTINCT FROM 'term_deposit') AS last_opened_on,
        CASE
            WHEN bool_and(status = 'closed') THEN max(coalesce(closed_on, $business_date))
        END AS last_closed_on
    FROM dim_account
    WHERE customer_id IS NOT NULL
    GROUP BY customer_id
),

month_activity AS (
    SELECT
        judged_month.month,
        activity.customer_id,
        max(activity.month_number) AS last_active_number,
        max(activity.months_since) FILTER (
            WHERE judged_month.month_number - activity.month_number BETWEEN 0 AND 2
        ) AS months_away,
        sum(activity.own_transactions) FILTER (
            WHERE judged_month.month_number - activity.month_number BETWEEN 0 AND 2
        ) AS own_transactions_3m,
        sum(activity.own_transactions) FILTER (
            WHERE judged_month.month_number - activity.month_number BETWEEN 3 AND 5
        ) AS own_transactions_3m_before
    FROM judged_month
    INNER JOIN activity ON judged_month.month_number >= activity.month_number
    GROUP BY judged_month.month, activity.customer_id
),

customer_month AS (
    SELECT
        golden_customer.customer_id,
        judged_month.month,
        judged_month.month_number - month_activity.last_active_number AS months_quiet,
        month_activity.months_away,
        coalesce(month_activity.own_transactions_3m, 0) AS own_transactions_3m,
        coalesce(month_activity.own_transactions_3m_before, 0) AS own_transactions_3m_before,
        relation.customer_id IS NULL
        OR coalesce(relation.first_opened_on > judged_month.last_day, FALSE) AS is_prospect,
        coalesce(relation.last_closed_on <= judged_month.last_day, FALSE) AS is_churned,
        relation.first_opened_on > judged_month.last_day - to_months(limits.new_months::INTEGER) AS is_new,
        relation.last_opened_on BETWEEN
        judged_month.last_day - to_months(limits.new_months::INTEGER) AND judged_month.last_day AS has_new_product,
        limits.quiet_months,
        limits.dormant_months,
        limits.growing_ratio,
        limits.growing_transactions
    FROM golden_customer
    CROSS JOIN judged_month
    CROSS JOIN limits
    LEFT JOIN relation ON golden_customer.customer_id = relation.customer_id
    LEFT JOIN month_activity
        ON golden_customer.customer_id = month_activity.customer_id AND judged_month.month = month_activity.month
),

staged_month AS (
    SELECT
        *,
        CASE
            WHEN is_prospect THEN 'prospect'
            WHEN is_churned THEN 'churned'
            WHEN is_new THEN 'new'
            WHEN months_quiet IS NULL OR months_quiet >= dormant_months THEN 'dormant'
            WHEN months_quiet >= quiet_months THEN 'at_risk'
            WHEN months_away > dormant_months THEN 'won_back'
            WHEN
                has_new_product OR (
                    own_transactions_3m >= growing_transactions
                    AND own_transactions_3m >= growing_ratio * own_transactions_3m_before
                )
                THEN 'growing'
            ELSE 'mature'
        END AS stage
    FROM customer_month
),

followed_month AS (
    SELECT
        *,
        lag(stage) OVER (PARTITION BY customer_id ORDER BY month) AS previous_stage
    FROM staged_month
)

SELECT
    customer_id,
    month,
    stage,
    previous_stage,
    max(CASE WHEN previous_stage IS NULL OR previous_stage <> stage THEN month END) OVER (
        PARTITION BY customer_id ORDER BY month
    ) AS entered_month,
    own_transactions_3m,
    CASE stage
        WHEN 'prospect' THEN 'no account yet'
        WHEN 'churned' THEN 'every account closed'
        WHEN 'new' THEN 'first account opened within months'
        WHEN 'dormant' THEN 'nothing for ' || dormant_months::INTEGER || ' months or more'
        WHEN 'at_risk' THEN 'nothing for ' || months_quiet || ' months'
        WHEN 'won_back' THEN 'active again after ' || (months_away - 1) || ' months of nothing'
        WHEN 'growing'
            THEN
                CASE
                    WHEN has_new_product THEN 'another product opened'
                    ELSE
                        'own transactions in 3 months ' || own_transactions_3m || ', ' || own_transactions_3m_before
                        || ' before'
                END
        ELSE 'active as before'
    END AS reason
FROM followed_month
