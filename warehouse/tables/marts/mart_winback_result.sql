WITH asked AS (
    SELECT
        fct_campaign_contact.campaign_code,
        fct_campaign_contact.customer_id,
        min(fct_campaign_contact.arm) AS arm,
        bool_or(fct_campaign_contact.is_contaminated) AS is_contaminated,
        min(fct_campaign_contact.contacted_at)::DATE AS contacted_on,
        min(fct_campaign_contact.contacted_at)::DATE + min(dim_campaign.attribution_days)::INTEGER AS judged_until,
        sum(round(fct_campaign_contact.cost_cny * 100)::BIGINT) / 100 AS cost_cny
    FROM fct_campaign_contact
    INNER JOIN dim_campaign
        ON fct_campaign_contact.campaign_code = dim_campaign.campaign_code AND dim_campaign.objective = 'win_back'
    WHERE fct_campaign_contact.customer_id IS NOT NULL
    GROUP BY fct_campaign_contact.campaign_code, fct_campaign_contact.customer_id
),

own_transaction AS (
    SELECT
        asked.campaign_code,
        asked.customer_id,
        max(
            CASE WHEN fct_transaction.transacted_on < asked.contacted_on THEN fct_transaction.transacted_on END
        ) AS last_active_on,
        min(
            CASE WHEN fct_transaction.transacted_on >= asked.contacted_on THEN fct_transaction.transacted_on END
        ) AS first_active_on
    FROM asked
    INNER JOIN fct_transaction ON asked.customer_id = fct_transaction.customer_id
    WHERE
        fct_transaction.is_customer_initiated
        AND fct_transaction.transacted_on <= least(asked.judged_until, $business_date)
    GROUP BY asked.campaign_code, asked.customer_id
),

opened_product AS (
    SELECT
        asked.campaign_code,
        asked.customer_id,
        min(dim_account.opened_on) AS first_opened_on,
        sum(dim_account.balance_cny) AS aum_back_cny
    FROM asked
    INNER JOIN dim_account ON asked.customer_id = dim_account.customer_id
    WHERE
        dim_account.opened_on BETWEEN asked.contacted_on AND least(asked.judged_until, $business_date)
        AND dim_account.kind <> 'loan'
    GROUP BY asked.campaign_code, asked.customer_id
)

SELECT
    asked.campaign_code,
    asked.customer_id,
    asked.arm,
    asked.is_contaminated,
    asked.contacted_on,
    own_transaction.last_active_on,
    asked.contacted_on - own_transaction.last_active_on AS quiet_days,
    least(own_transaction.first_active_on, opened_product.first_opened_on) AS returned_on,
    least(own_transaction.first_active_on, opened_product.first_opened_on) IS NOT NULL AS is_returned,
    asked.judged_until <= $business_date AS is_complete,
    coalesce(opened_product.aum_back_cny, 0) AS aum_back_cny,
    asked.cost_cny
FROM asked
LEFT JOIN own_transaction
    ON asked.campaign_code = own_transaction.campaign_code AND asked.customer_id = own_transaction.customer_id
LEFT JOIN opened_product
    ON asked.campaign_code = opened_product.campaign_code AND asked.customer_id = opened_product.customer_id
