WITH complete AS (
    SELECT date_trunc('month', $business_date + 1)::DATE AS after_last_month
),

stage_reached AS (
    SELECT
        opportunity_number,
        stage,
        bool_or(stage = 'won') OVER (PARTITION BY opportunity_number) AS is_won,
        bool_or(stage IN ('won', 'lost')) OVER (PARTITION BY opportunity_number) AS is_decided
    FROM mart_opportunity
),

stage_probability AS (
    SELECT
        stage,
        (count(*) FILTER (WHERE is_won) + 1) / (count(*) FILTER (WHERE is_decided) + 2) AS probability
    FROM stage_reached
    WHERE stage NOT IN ('won', 'lost')
    GROUP BY stage
),

opportunity AS (
    SELECT
        coalesce(dim_relationship.home_branch_code, 'none') AS org_code,
        mart_opportunity.product_code,
        mart_opportunity.stage,
        mart_opportunity.amount_cny,
        mart_opportunity.entered_at,
        date_trunc(
            'month', greatest(coalesce(told.expected_close_on, $business_date + 30), complete.after_last_month)
        )::DATE AS expected_month
    FROM mart_opportunity
    CROSS JOIN complete
    LEFT JOIN stg_channel__opportunity AS told
        ON
            mart_opportunity.opportunity_number = told.opportunity_number
            AND mart_opportunity.entered_at = told.occurred_at
    LEFT JOIN dim_relationship ON mart_opportunity.customer_id = dim_relationship.customer_id
    WHERE mart_opportunity.is_current
),

sold AS (
    SELECT
        coalesce(dim_account.branch_code, dim_relationship.home_branch_code, 'none') AS org_code,
        CASE dim_account.kind WHEN 'card' THEN 'CREDIT_CARD' ELSE dim_account.product_code END AS product_code,
        date_trunc('month', dim_account.opened_on)::DATE AS month,
        count(*) AS accounts
    FROM dim_account
    CROSS JOIN complete
    LEFT JOIN dim_relationship ON dim_account.customer_id = dim_relationship.customer_id
    LEFT JOIN seed_term_product AS term ON dim_account.product_code = term.product_code
    WHERE
        dim_account.opened_on < complete.after_last_month
        AND dim_account.opened_on
        >= complete.after_last_month - to_months(least(coalesce(term.term_months, 48), 48)::INTEGER)
    GROUP BY ALL
)

SELECT
    'sold' AS part,
    org_code,
    product_code,
    month,
    accounts::DOUBLE AS value
FROM sold
UNION ALL
SELECT
    'won' AS part,
    opportunity.org_code,
    opportunity.product_code,
    date_trunc('month', opportunity.entered_at)::DATE AS month,
    sum(opportunity.amount_cny)::DOUBLE AS value
FROM opportunity
CROSS JOIN complete
WHERE
    opportunity.stage = 'won'
    AND opportunity.product_code IS NOT NULL
    AND opportunity.entered_at < complete.after_last_month
GROUP BY ALL
UNION ALL
SELECT
    'weighted' AS part,
    opportunity.org_code,
    opportunity.product_code,
    opportunity.expected_month AS month,
    round(sum(opportunity.amount_cny::DOUBLE * stage_probability.probability), 2) AS value
FROM opportunity
INNER JOIN stage_probability ON opportunity.stage = stage_probability.stage
WHERE opportunity.product_code IS NOT NULL
GROUP BY ALL
ORDER BY part, org_code, product_code, month
