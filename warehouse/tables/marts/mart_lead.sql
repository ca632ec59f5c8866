WITH lead_of_customer AS (
    SELECT
        sales_lead.lead_number,
        bridge_channel_identity.customer_id,
        sales_lead.lead_source,
        sales_lead.product_code,
        sales_lead.score,
        sales_lead.manager_id,
        sales_lead.occurred_at AS created_at,
        rule.work_within_days::INTEGER AS work_within_days,
        rule.convert_within_days::INTEGER AS convert_within_days
    FROM stg_channel__lead AS sales_lead
    LEFT JOIN bridge_channel_identity ON sales_lead.user_id = bridge_channel_identity.user_id
    LEFT JOIN seed_lead_rule AS rule ON sales_lead.lead_source = rule.lead_source
    WHERE sales_lead.occurred_at < $business_date + 1
    QUALIFY row_number() OVER (
        PARTITION BY sales_lead.lead_number ORDER BY sales_lead.occurred_at, sales_lead.event_id
    ) = 1
),

work AS (
    SELECT
        lead_of_customer.lead_number,
        min(opportunity.occurred_at) AS first_worked_at,
        last(opportunity.stage ORDER BY opportunity.occurred_at ASC, opportunity.event_id ASC) AS last_stage
    FROM lead_of_customer
    INNER JOIN bridge_channel_identity ON lead_of_customer.customer_id = bridge_channel_identity.customer_id
    INNER JOIN stg_channel__opportunity AS opportunity
        ON
            bridge_channel_identity.user_id = opportunity.user_id
            AND lead_of_customer.product_code = opportunity.product_code
            AND coalesce(opportunity.lead_number, lead_of_customer.lead_number) = lead_of_customer.lead_number
    WHERE
        opportunity.occurred_at >= lead_of_customer.created_at
        AND opportunity.occurred_at < $business_date + 1
    GROUP BY lead_of_customer.lead_number
),

conversion AS (
    SELECT
        lead_of_customer.lead_number,
        min(dim_account.opened_on) AS converted_on
    FROM lead_of_customer
    INNER JOIN dim_account
        ON
            lead_of_customer.customer_id = dim_account.customer_id
            AND lead_of_customer.product_code IN (dim_account.product_code, upper(dim_account.kind))
    WHERE
        dim_account.opened_on >= lead_of_customer.created_at::DATE
        AND dim_account.opened_on <= lead_of_customer.created_at::DATE + lead_of_customer.convert_within_days
        AND dim_account.opened_on <= $business_date
    GROUP BY lead_of_customer.lead_number
),

followed_lead AS (
    SELECT
        lead_of_customer.*,
        work.first_worked_at,
        work.last_stage,
        conversion.converted_on,
        lead_of_customer.customer_id IS NOT NULL AND coalesce(
            lead_of_customer.created_at <= lag(lead_of_customer.created_at) OVER (
                PARTITION BY lead_of_customer.customer_id, lead_of_customer.product_code
                ORDER BY lead_of_customer.created_at, lead_of_customer.lead_number
            ) + INTERVAL 30 DAY, FALSE
        ) AS is_duplicate
    FROM lead_of_customer
    LEFT JOIN work ON lead_of_customer.lead_number = work.lead_number
    LEFT JOIN conversion ON lead_of_customer.lead_number = conversion.lead_number
),

followed AS (
    SELECT
        lead_number,
        customer_id,
        $business_date AS as_of_date,
        lead_source,
        product_code,
        score,
        manager_id,
        created_at,
        $business_date - created_at::DATE AS age_days,
        first_worked_at,
        converted_on,
        CASE
            WHEN first_worked_at::DATE - created_at::DATE <= work_within_days THEN TRUE
            WHEN $business_date - created_at::DATE > work_within_days THEN FALSE
        END AS is_worked_in_time,
        is_duplicate,
        CASE
            WHEN converted_on IS NOT NULL OR last_stage = 'won' THEN 'converted'
            WHEN is_duplicate THEN 'duplicate'
            WHEN last_stage = 'lost' THEN 'lost'
            WHEN last_stage IS NOT NULL THEN 'working'
            WHEN $business_date - created_at::DATE > convert_within_days THEN 'expired'
            ELSE 'waiting'
        END AS status,
        coalesce($business_date - created_at::DATE > convert_within_days, FALSE) AS is_over
    FROM followed_lead
)

SELECT
    followed.*,
    coalesce(followed.score, 50) AS score_sent,
    coalesce(followed.lead_source = 'branch', FALSE)::INTEGER AS is_branch,
    coalesce(followed.lead_source = 'web_form', FALSE)::INTEGER AS is_web_form,
    coalesce(followed.lead_source = 'referral', FALSE)::INTEGER AS is_referral,
    coalesce(followed.product_code = 'CARD', FALSE)::INTEGER AS is_card,
    coalesce(followed.product_code = 'LOAN', FALSE)::INTEGER AS is_loan,
    coalesce(followed.product_code = 'TD012', FALSE)::INTEGER AS is_term_deposit,
    coalesce(known.age_years, 45) AS age_years,
    coalesce(known.products, 0) AS products,
    ln(1 + coalesce(greatest(known.aum_mean_90d_cny, 0), 0)::DOUBLE) AS money,
    ln(1 + coalesce(known.own_transactions_90d, 0)) AS activity,
    ln(1 + coalesce(known.logins_90d, 0)) AS digital
FROM followed
ASOF LEFT JOIN fct_customer_snapshot AS known
    ON followed.customer_id = known.customer_id AND followed.created_at::DATE > known.as_of_date
ORDER BY followed.created_at, followed.lead_number
