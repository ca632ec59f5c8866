WITH rule AS (
    SELECT max(rule_value) FILTER (WHERE rule = 'window_days')::INTEGER AS window_days
    FROM seed_churn_rule
),

purchase_day AS (
    SELECT
        customer_id,
        transacted_on AS day,
        -sum(amount_cny) AS spent_cny
    FROM fct_transaction
    WHERE
        source = 'card'
        AND is_customer_initiated
        AND amount_cny < 0
        AND customer_id IS NOT NULL
        AND transacted_on <= $business_date
    GROUP BY customer_id, transacted_on
),

holder AS (
    SELECT
        known.customer_id,
        known.as_of_date,
        rule.window_days
    FROM fct_customer_snapshot AS known
    CROSS JOIN rule
    WHERE known.cards > 0 AND known.as_of_date >= $business_date - rule.window_days
)

SELECT
    holder.customer_id,
    holder.as_of_date,
    ('0x' || left(md5(holder.customer_id), 8))::BIGINT AS bucket,
    any_value(holder.window_days) AS window_days,
    count(*) FILTER (WHERE purchase_day.day <= holder.as_of_date) AS purchase_days,
    max(purchase_day.day) FILTER (WHERE purchase_day.day <= holder.as_of_date) AS last_purchase_on,
    max(purchase_day.day) FILTER (WHERE purchase_day.day <= holder.as_of_date)
    - min(purchase_day.day) AS last_day,
    holder.as_of_date - min(purchase_day.day) AS age_days,
    (avg(purchase_day.spent_cny) FILTER (WHERE purchase_day.day <= holder.as_of_date))::DOUBLE AS mean_spend_cny,
    count(*) FILTER (
        WHERE
        purchase_day.day <= holder.as_of_date AND purchase_day.day > holder.as_of_date - holder.window_days
    ) AS purchase_days_before,
    count(*) FILTER (WHERE purchase_day.day > holder.as_of_date) AS purchase_days_after,
    coalesce(
        sum(purchase_day.spent_cny) FILTER (WHERE purchase_day.day > holder.as_of_date), 0
    )::DOUBLE AS spent_after_cny
FROM holder
INNER JOIN purchase_day ON holder.customer_id = purchase_day.customer_id
GROUP BY holder.customer_id, holder.as_of_date
HAVING min(purchase_day.day) < holder.as_of_date
ORDER BY holder.customer_id, holder.as_of_date
