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
        year($business_date) - year(golden_customer.birth_date)
        - (strftime($business_date, '%m%d') < strftime(golden_customer.birth_date, '%m%d'))::INTEGER AS age_years,
        coalesce(dim_relationship.is_deceased, FALSE) AS is_deceased,
        coalesce(right(dim_relationship.risk_tolerance, 1)::INTEGER, 1) AS risk_tolerance
    FROM golden_customer
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

blocked AS (
    SELECT DISTINCT customer_id
    FROM dim_account
    WHERE status = 'blocked' AND kind <> 'card'
),

lapsed AS (
    SELECT customer_id
    FROM mart_lifecycle
    WHERE month = date_trunc('month', $business_date) AND stage IN ('at_risk', 'dormant', 'churned')
),

complaining AS (
    SELECT DISTINCT customer_id
    FROM mart_complaint
    WHERE status = 'open'
),

recent_contact AS (
    SELECT
        customer_id,
        count(*) AS contacts_30d
    FROM fct_campaign_contact
    WHERE arm = 'treated' AND contacted_at::DATE > $business_date - 30
    GROUP BY customer_id
),

consented_medium AS (
    SELECT
        customer_id,
        CASE
            WHEN bool_or(medium = 'app') THEN 'app'
            WHEN bool_or(medium = 'sms') THEN 'sms'
            WHEN bool_or(medium = 'email') THEN 'email'
            ELSE 'call'
        END AS medium
    FROM consent_current
    WHERE purpose = 'marketing' AND is_granted
    GROUP BY customer_id
),

candidate AS (
    SELECT
        coming_campaign.campaign_code,
        person.customer_id,
        coming_campaign.control_percent,
        coming_campaign.valid_days,
        consented_medium.medium,
        coalesce(recent_contact.contacts_30d, 0) AS contacts_30d,
        ('0x' || left(md5(coming_campaign.campaign_code || person.customer_id), 8))::BIGINT % 100 AS bucket,
        CASE
            WHEN person.is_deceased THEN 'deceased'
            WHEN person.age_years < 18 THEN 'minor'
            WHEN person.age_years IS NULL THEN 'age_unknown'
            WHEN blocked.customer_id IS NOT NULL THEN 'account_blocked'
            WHEN complaining.customer_id IS NOT NULL THEN 'open_complaint'
            WHEN coming_campaign.objective = 'win_back' AND lapsed.customer_id IS NULL THEN 'not_lapsed'
            WHEN holder.customer_id IS NOT NULL THEN 'holds_product'
            WHEN coming_campaign.product_risk > person.risk_tolerance THEN 'unsuitable'
            WHEN coalesce(recent_contact.contacts_30d, 0) >= coming_campaign.contacts_cap_30d THEN 'contact_cap'
            WHEN consented_medium.medium IS NULL THEN 'no_consent'
        END AS exclusion_reason
    FROM coming_campaign
    CROSS JOIN person
    LEFT JOIN holder
        ON coming_campaign.campaign_code = holder.campaign_code AND person.customer_id = holder.customer_id
    LEFT JOIN blocked ON person.customer_id = blocked.customer_id
    LEFT JOIN lapsed ON person.customer_id = lapsed.customer_id
    LEFT JOIN complaining ON person.customer_id = complaining.customer_id
    LEFT JOIN recent_contact ON person.customer_id = recent_contact.customer_id
    LEFT JOIN consented_medium ON person.customer_id = consented_medium.customer_id
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
