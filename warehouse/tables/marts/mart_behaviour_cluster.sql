WITH rule AS (
    SELECT max(rule_value) FILTER (WHERE rule = 'window_days')::INTEGER AS window_days
    FROM seed_churn_rule
)

SELECT
    known.customer_id,
    known.as_of_date,
    ('0x' || left(md5(known.customer_id), 8))::BIGINT AS bucket,
    ln(1 + greatest(known.aum_mean_90d_cny, 0)::DOUBLE) AS money,
    ln(1 + known.own_transactions_90d) AS activity,
    ln(1 + known.logins_90d) AS digital,
    ln(1 + greatest(known.card_spend_90d_cny, 0)::DOUBLE) AS card_spending,
    ln(1 + greatest(known.salary_90d_cny, 0)::DOUBLE) AS salary,
    least(known.products, 6) AS products,
    least(known.contacts_90d, 5) AS contacts
FROM fct_customer_snapshot AS known
CROSS JOIN rule
WHERE known.as_of_date >= $business_date - rule.window_days
ORDER BY known.customer_id, known.as_of_date
