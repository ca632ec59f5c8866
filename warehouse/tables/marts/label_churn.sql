WITH rule AS (
    SELECT
        max(rule_value) FILTER (WHERE rule = 'window_days')::INTEGER AS window_days,
        max(rule_value) FILTER (WHERE rule = 'drop_share')::DECIMAL(18, 4) AS drop_share,
        max(rule_value) FILTER (WHERE rule = 'silence_days') AS silence_days,
        max(rule_value) FILTER (WHERE rule = 'minimum_aum_cny')::DECIMAL(18, 4) AS minimum_aum_cny
    FROM seed_churn_rule
),

worth_keeping AS (
    SELECT
        before.customer_id,
        before.as_of_date,
        before.as_of_date + rule.window_days AS observed_until,
        before.aum_mean_90d_cny,
        coalesce(later.aum_cny, 0) AS aum_after_cny,
        coalesce(later.open_accounts, 0) = 0 AS is_closed,
        coalesce(later.aum_cny, 0) <= (1 - rule.drop_share) * before.aum_mean_90d_cny
        AND coalesce(later.days_since_own_transaction >= rule.silence_days, TRUE) AS is_gone
    FROM fct_customer_snapshot AS before
    CROSS JOIN rule
    INNER JOIN fct_customer_snapshot AS later
        ON before.customer_id = later.customer_id AND later.as_of_date = before.as_of_date + rule.window_days
    WHERE
        before.open_accounts > 0
        AND before.aum_mean_90d_cny >= rule.minimum_aum_cny
        AND (
            before.aum_cny > (1 - rule.drop_share) * before.aum_mean_90d_cny
            OR before.days_since_own_transaction < rule.silence_days
        )
)

SELECT
    customer_id,
    as_of_date,
    observed_until,
    is_closed OR is_gone AS is_churned,
    CASE WHEN is_closed THEN 'accounts_closed' WHEN is_gone THEN 'money_left' END AS how,
    aum_mean_90d_cny,
    aum_after_cny
FROM worth_keeping
