WITH money AS (
    SELECT
        customer_id,
        count(*) FILTER (WHERE is_customer_initiated AND transacted_on > $business_date - 30) AS transactions_30d,
        count(*) FILTER (WHERE is_customer_initiated AND transacted_on > $business_date - 90) AS transactions_90d,
        count(*) FILTER (WHERE is_customer_initiated AND transacted_on > $business_date - 365) AS transactions_365d,
        sum(amount_cny) FILTER (WHERE amount_cny > 0 AND transacted_on > $business_date - 365) AS in_365d_cny,
        -sum(amount_cny) FILTER (WHERE amount_cny < 0 AND transacted_on > $business_date - 365) AS out_365d_cny,
        -sum(amount_cny) FILTER (
            WHERE amount_cny < 0 AND is_customer_initiated AND transacted_on > $business_date - 365
        ) AS spend_365d_cny,
        count(*) FILTER (
            WHERE amount_cny < 0 AND is_customer_initiated AND transacted_on > $business_date - 365
        ) AS spends_365d,
        max(transacted_on) FILTER (WHERE is_customer_initiated) AS last_transaction_on
    FROM fct_transaction
    WHERE transacted_on <= $business_date
    GROUP BY customer_id
),

salary AS (
    SELECT
        customer_id,
        count(DISTINCT date_trunc('month', transacted_on)) AS salary_months,
        sum(amount_cny) AS salary_cny
    FROM fct_transaction
    WHERE category = 'salary' AND transacted_on <= $business_date AND transacted_on > $business_date - 365
    GROUP BY customer_id
),

channel_year AS (
    SELECT
        customer_id,
        channel,
        count(*) AS days
    FROM fct_behavior_daily
    WHERE day > $business_date - 365
    GROUP BY customer_id, channel
),

favourite AS (
    SELECT
        customer_id,
        sum(days) FILTER (WHERE channel IN ('app', 'web', 'wechat')) / sum(days) AS digital_share,
        first(channel ORDER BY days DESC, channel ASC) AS main_channel
    FROM channel_year
    GROUP BY customer_id
),

behaviour AS (
    SELECT
        customer_id,
        -- distinct days, one bit each: a quarter of the cost of counting them as values
        bit_count(
            bitstring_agg($business_date - day, 0, 89) FILTER (WHERE day > $business_date - 90)
        ) AS active_days_90d,
        sum(logins) FILTER (WHERE day > $business_date - 90) AS logins_90d,
        sum(contacts) FILTER (WHERE day > $business_date - 365) AS contacts_365d,
        max(day) AS last_seen_on
    FROM fct_behavior_daily
    GROUP BY customer_id
),

service AS (
    SELECT
        customer_id,
        count(*) FILTER (
            WHERE kind = 'complaint' AND opened_at::DATE > $business_date - 365
        ) AS complaints_365d,
        count(*) FILTER (WHERE status = 'open') AS open_cases
    FROM mart_service_case
    GROUP BY customer_id
)

SELECT
    golden_customer.customer_id,
    golden_customer.as_of_date,
    golden_customer.party_type,
    year($business_date) - year(golden_customer.birth_date)
    - (strftime($business_date, '%m%d') < strftime(golden_customer.birth_date, '%m%d'))::INTEGER AS age_years,
    golden_customer.gender,
    dim_relationship.occupation,
    dim_relationship.income_band,
    dim_relationship.home_branch_code,
    coalesce(money.transactions_30d, 0) AS transactions_30d,
    coalesce(money.transactions_90d, 0) AS transactions_90d,
    coalesce(money.transactions_365d, 0) AS transactions_365d,
    coalesce(money.in_365d_cny, 0) AS in_365d_cny,
    coalesce(money.out_365d_cny, 0) AS out_365d_cny,
    money.spend_365d_cny / nullif(money.spends_365d, 0) AS mean_spend_cny,
    coalesce(salary.salary_months, 0) AS salary_months,
    salary.salary_cny / nullif(salary.salary_months, 0) AS salary_month_cny,
    money.last_transaction_on,
    coalesce(behaviour.active_days_90d, 0) AS active_days_90d,
    coalesce(behaviour.logins_90d, 0) AS logins_90d,
    favourite.main_channel,
    CASE WHEN favourite.main_channel IS NOT NULL THEN coalesce(favourite.digital_share, 0) END AS digital_share,
    coalesce(behaviour.contacts_365d, 0) AS contacts_365d,
    coalesce(service.complaints_365d, 0) AS complaints_365d,
    coalesce(service.open_cases, 0) AS open_cases,
    behaviour.last_seen_on
FROM golden_customer
LEFT JOIN dim_relationship ON golden_customer.customer_id = dim_relationship.customer_id
LEFT JOIN money ON golden_customer.customer_id = money.customer_id
LEFT JOIN salary ON golden_customer.customer_id = salary.customer_id
LEFT JOIN favourite ON golden_customer.customer_id = favourite.customer_id
LEFT JOIN behaviour ON golden_customer.customer_id = behaviour.customer_id
LEFT JOIN service ON golden_customer.customer_id = service.customer_id
