WITH rule AS (
    SELECT
        max(rule_value) FILTER (WHERE rule = 'window_days')::INTEGER AS window_days,
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
        rule.window_days
    FROM fct_customer_snapshot AS known
    CROSS JOIN rule
    CROSS JOIN today
    WHERE
        known.age_years >= 18
        AND known.open_accounts + known.cards > 0
        AND (
            known.as_of_date = $business_date
            OR ('0x' || left(md5(known.customer_id), 8))::BIGINT % 1000000
            < 1000000 * rule.training_customers / greatest(today.customers, 1)
        )
),

bought AS (
    SELECT
        judged.customer_id,
        judged.as_of_date,
        string_agg(
            DISTINCT CASE dim_account.kind WHEN 'card' THEN 'CREDIT_CARD' ELSE dim_account.product_code END, ','
        ) AS bought_products
    FROM judged
    INNER JOIN dim_account
        ON
            judged.customer_id = dim_account.customer_id
            AND judged.as_of_date < dim_account.opened_on
            AND dim_account.opened_on <= judged.as_of_date + judged.window_days
    WHERE judged.as_of_date < $business_date AND dim_account.opened_on <= $business_date
    GROUP BY judged.customer_id, judged.as_of_date
),

customer_row AS (
    SELECT
        judged.customer_id,
        judged.as_of_date,
        judged.held_products || CASE WHEN judged.cards > 0 THEN ',CREDIT_CARD' ELSE '' END AS held_products,
        coalesce(bought.bought_products, '') AS bought_products,
        coalesce(right(dim_relationship.risk_tolerance, 1)::INTEGER, 1) AS tolerance,
        greatest(judged.aum_mean_30d_cny, 0)::DOUBLE AS aum_cny,
        ln(1 + greatest(judged.aum_mean_90d_cny, 0)::DOUBLE) AS money,
        judged.age_years,
        ln(1 + coalesce(judged.tenure_days, 0)) AS tenure,
        ln(1 + judged.own_transactions_90d) AS activity,
        ln(1 + judged.logins_90d) AS digital,
        (judged.salary_90d_cny > 0)::INTEGER AS is_salaried,
        ln(1 + judged.contacts_90d) AS contacts
    FROM judged
    LEFT JOIN bought ON judged.customer_id = bought.customer_id AND judged.as_of_date = bought.as_of_date
    LEFT JOIN dim_relationship ON judged.customer_id = dim_relationship.customer_id
    WHERE NOT coalesce(dim_relationship.is_deceased, FALSE)
)

SELECT
    customer_row.*,
    NULL AS product_code,
    NULL AS product_name,
    NULL::INTEGER AS product_risk,
    NULL::DOUBLE AS margin_percent,
    NULL::DOUBLE AS fixed_margin_cny,
    NULL::DOUBLE AS usual_share,
    NULL::DOUBLE AS least_amount_cny,
    NULL::DOUBLE AS most_amount_cny,
    NULL::DOUBLE AS renewed_share
FROM customer_row
UNION ALL
SELECT
    NULL AS customer_id,
    NULL AS as_of_date,
    NULL AS held_products,
    NULL AS bought_products,
    NULL AS tolerance,
    NULL AS aum_cny,
    NULL AS money,
    NULL AS age_years,
    NULL AS tenure,
    NULL AS activity,
    NULL AS digital,
    NULL AS is_salaried,
    NULL AS contacts,
    offer.product_code,
    offer.product_name,
    coalesce(right(prod.risk_level, 1)::INTEGER, 1) AS product_risk,
    offer.yearly_margin_percent AS margin_percent,
    offer.fixed_margin_cny,
    offer.usual_share_of_money AS usual_share,
    offer.least_amount_cny,
    offer.most_amount_cny,
    CASE
        WHEN term.term_months IS NULL THEN 0 ELSE least(rule.window_days / (term.term_months * 365 / 12), 1)
    END::DOUBLE AS renewed_share
FROM seed_offer_product AS offer
CROSS JOIN rule
LEFT JOIN stg_core_banking__prod AS prod ON offer.product_code = prod.product_code
LEFT JOIN seed_term_product AS term ON offer.product_code = term.product_code
ORDER BY product_code, customer_id, as_of_date
