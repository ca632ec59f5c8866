WITH coming_campaign AS (
    SELECT
        dim_campaign.*,
        coalesce(right(prod.risk_level, 1)::INTEGER, 1) AS product_risk
    FROM dim_campaign
    LEFT JOIN stg_core_banking__prod AS prod ON dim_campaign.product_code = prod.product_code
    WHERE dim_campaign.started_on IS NULL
),

person AS (
    SELECT
        golden_customer.customer_id,
        contact_permission.protected_as,
        contact_permission.contacts_30d,
        contact_permission.medium,
        coalesce(right(dim_relationship.risk_tolerance, 1)::INTEGER, 1) AS risk_tolerance
    FROM golden_customer
    INNER JOIN contact_permission ON golden_customer.customer_id = contact_permission.customer_id
    LEFT JOIN dim_relationship ON golden_customer.customer_id = dim_relationship.customer_id
    WHERE golden_customer.party_type = 'person'
),

holder AS (
    SELECT DISTINCT
        coming_campaign.campaign_code,
        dim_account.customer_id
    FROM coming_campaign
    INNER JOIN dim_account
        ON
            coming_campaign.product_kind = dim_account.kind
            AND (coming_campaign.product_code IS NULL OR coming_campaign.product_code = dim_account.product_code)
    WHERE dim_account.status <> 'closed'
),

lapsed AS (
    SELECT customer_id
    FROM mart_lifecycle
    WHERE month = date_trunc('month', $business_date) AND stage IN ('at_risk', 'dormant', 'churned')
),

candidate AS (
    SELECT
        coming_campaign.campaign_code,
        person.customer_id,
        coming_campaign.control_percent,
        coming_campaign.valid_days,
        person.medium,
        person.contacts_30d,
        ('0x' || left(md5(coming_campaign.campaign_code || person.customer_id), 8))::BIGINT % 100 AS bucket,
        CASE
            WHEN person.protected_as IS NOT NULL THEN person.protected_as
            WHEN coming_campaign.objective = 'win_back' AND lapsed.customer_id IS NULL THEN 'not_lapsed'
            WHEN holder.customer_id IS NOT NULL THEN 'holds_product'
            WHEN coming_campaign.product_risk > person.risk_tolerance THEN 'unsuitable'
            WHEN person.contacts_30d >= coming_campaign.contacts_cap_30d THEN 'contact_cap'
            WHEN person.medium IS NULL THEN 'no_consent'
        END AS exclusion_reason
    FROM coming_campaign
    CROSS JOIN person
    LEFT JOIN holder
        ON coming_campaign.campaign_code = holder.campaign_code AND person.customer_id = holder.customer_id
    LEFT JOIN lapsed ON person.customer_id = lapsed.customer_id
)

SELECT
    campaign_code,
    customer_id,
    $business_date AS as_of_date,
    exclusion_reason IS NULL AS is_included,
    exclusion_reason,
    CASE
        WHEN exclusion_reason IS NOT NULL THEN NULL
        WHEN bucket < control_percent THEN 'control'
        ELSE 'treated'
    END AS arm,
    CASE WHEN exclusion_reason IS NULL THEN medium END AS medium,
    contacts_30d,
    $business_date + valid_days::INTEGER AS valid_until
FROM candidate
