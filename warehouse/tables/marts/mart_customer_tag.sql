WITH measure AS (
    SELECT
        customer_id,
        unnest(['aum_cny', 'products', 'tenure_years', 'age_years']) AS measure,
        unnest([
            aum_cny::DOUBLE,
            products::DOUBLE,
            tenure_years::DOUBLE,
            age_years::DOUBLE
        ]) AS measured
    FROM mart_customer_360
    WHERE party_type = 'person'
    UNION ALL
    SELECT
        customer_id,
        unnest(['salary_months', 'logins_90d', 'transactions_90d', 'mean_spend_cny', 'complaints_365d']) AS measure,
        unnest([
            salary_months::DOUBLE,
            logins_90d::DOUBLE,
            transactions_90d::DOUBLE,
            mean_spend_cny::DOUBLE,
            complaints_365d::DOUBLE
        ]) AS measured
    FROM mart_customer_profile
    WHERE party_type = 'person'
    UNION ALL
    SELECT
        customer_id,
        'need_' || need AS measure,
        strength AS measured
    FROM mart_need_signal
),

profiled AS (
    SELECT DISTINCT customer_id
    FROM consent_current
    WHERE purpose = 'profiling' AND is_granted
)

SELECT
    measure.customer_id,
    rule.tag,
    rule.tag_value,
    $business_date AS as_of_date,
    rule.measure || ' >= ' || rule.at_least || coalesce(' and < ' || rule.below, '') AS source_rule,
    CASE WHEN rule.measure LIKE '%_cny' THEN rule.at_least ELSE round(measure.measured, 2) END AS measured,
    $business_date + rule.valid_days::INTEGER AS valid_to,
    rule.confidence
FROM measure
INNER JOIN seed_tag_rule AS rule
    ON
        measure.measure = rule.measure
        AND measure.measured >= rule.at_least
        AND (rule.below IS NULL OR measure.measured < rule.below)
LEFT JOIN profiled ON measure.customer_id = profiled.customer_id
WHERE NOT rule.needs_profiling_consent OR profiled.customer_id IS NOT NULL
