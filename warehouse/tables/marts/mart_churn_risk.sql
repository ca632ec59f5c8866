WITH rule AS (
    SELECT
        max(rule_value) FILTER (WHERE rule = 'drop_share')::DECIMAL(18, 4) AS drop_share,
        max(rule_value) FILTER (WHERE rule = 'silence_days') AS silence_days,
        max(rule_value) FILTER (WHERE rule = 'minimum_aum_cny')::DECIMAL(18, 4) AS minimum_aum_cny,
        max(rule_value) FILTER (WHERE rule = 'warn_drop_share')::DECIMAL(18, 4) AS warn_drop_share,
        max(rule_value) FILTER (WHERE rule = 'warn_silence_days') AS warn_silence_days,
        max(rule_value) FILTER (WHERE rule = 'training_customers') AS training_customers
    FROM seed_churn_rule
),

today AS (
    SELECT count(*) AS customers
    FROM fct_customer_snapshot
    WHERE as_of_date = $business_date
),

judged AS (
    SELECT
        known.*,
        label_churn.is_churned,
        known.aum_cny::DOUBLE / known.aum_mean_90d_cny AS kept_share
    FROM fct_customer_snapshot AS known
    CROSS JOIN rule
    CROSS JOIN today
    LEFT JOIN label_churn
        ON known.customer_id = label_churn.customer_id AND known.as_of_date = label_churn.as_of_date
    WHERE
        (
            known.as_of_date = $business_date
            AND known.open_accounts > 0
            AND known.aum_mean_90d_cny >= rule.minimum_aum_cny
            AND (
                known.aum_cny > (1 - rule.drop_share) * known.aum_mean_90d_cny
                OR known.days_since_own_transaction < rule.silence_days
            )
        ) OR (
            label_churn.customer_id IS NOT NULL
            AND ('0x' || left(md5(known.customer_id), 8))::BIGINT % 1000000
            < 1000000 * rule.training_customers / greatest(today.customers, 1)
        )
)

SELECT
    judged.customer_id,
    judged.as_of_date,
    judged.is_churned,
    judged.aum_cny,
    judged.aum_mean_90d_cny,
    (
        2 * (judged.kept_share <= 1 - rule.warn_drop_share)::INTEGER
        + coalesce(judged.days_since_own_transaction >= rule.warn_silence_days, TRUE)::INTEGER
        + (judged.complaints_90d > 0)::INTEGER
    ) / 4 AS rule_score,
    greatest(0, 1 - judged.kept_share) AS money_left,
    least(1, greatest(0, judged.kept_share - 1)) AS money_came,
    least(1, judged.out_30d_cny::DOUBLE / judged.aum_mean_90d_cny) AS moved_out,
    least(coalesce(judged.days_since_own_transaction, 180), 180) AS days_quiet,
    ln(1 + judged.own_transactions_90d) AS activity,
    CASE
        WHEN judged.own_transactions_before_90d >= 3
            THEN greatest(0, 1 - judged.own_transactions_90d / judged.own_transactions_before_90d)
        ELSE 0
    END AS activity_fell,
    least(judged.complaints_90d, 2) AS complaints,
    least(judged.transfers_failed_90d, 3) AS failed_transfers,
    least(judged.contacts_90d, 10) AS contacts,
    ln(1 + judged.logins_90d) AS logins,
    (judged.salary_90d_cny > 0)::INTEGER AS is_salaried,
    least(judged.products, 6) AS products,
    least(judged.cards, 1) AS has_card,
    ln(1 + coalesce(judged.tenure_days, 0)) AS tenure,
    coalesce(judged.age_years, 45) AS age_years,
    ln(1 + judged.aum_mean_90d_cny::DOUBLE) AS money
FROM judged
CROSS JOIN rule
ORDER BY judged.customer_id, judged.as_of_date
