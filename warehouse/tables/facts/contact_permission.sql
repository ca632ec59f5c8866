WITH consented AS (
    SELECT
        customer_id,
        bool_or(purpose = 'marketing' AND medium = 'app' AND is_granted) AS may_offer_by_app,
        bool_or(purpose = 'marketing' AND medium = 'sms' AND is_granted) AS may_offer_by_sms,
        bool_or(purpose = 'marketing' AND medium = 'email' AND is_granted) AS may_offer_by_email,
        bool_or(purpose = 'marketing' AND medium = 'call' AND is_granted) AS may_offer_by_call,
        bool_or(purpose = 'profiling' AND is_granted) AS may_profile
    FROM consent_current
    GROUP BY customer_id
),

blocked AS (
    SELECT DISTINCT customer_id
    FROM dim_account
    WHERE status = 'blocked' AND kind <> 'card'
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

customer AS (
    SELECT
        customer_id,
        party_type,
        year($business_date) - year(birth_date)
        - (strftime($business_date, '%m%d') < strftime(birth_date, '%m%d'))::INTEGER AS age_years
    FROM golden_customer
)

SELECT
    customer.customer_id,
    $business_date AS as_of_date,
    CASE
        WHEN dim_relationship.is_deceased THEN 'deceased'
        WHEN customer.party_type = 'person' AND customer.age_years < 18 THEN 'minor'
        WHEN customer.party_type = 'person' AND customer.age_years IS NULL THEN 'age_unknown'
        WHEN blocked.customer_id IS NOT NULL THEN 'account_blocked'
        WHEN complaining.customer_id IS NOT NULL THEN 'open_complaint'
    END AS protected_as,
    coalesce(recent_contact.contacts_30d, 0) AS contacts_30d,
    CASE
        WHEN consented.may_offer_by_app THEN 'app'
        WHEN consented.may_offer_by_sms THEN 'sms'
        WHEN consented.may_offer_by_email THEN 'email'
        WHEN consented.may_offer_by_call THEN 'call'
    END AS medium,
    coalesce(consented.may_offer_by_app, FALSE) AS may_offer_by_app,
    coalesce(consented.may_offer_by_sms, FALSE) AS may_offer_by_sms,
    coalesce(consented.may_offer_by_email, FALSE) AS may_offer_by_email,
    coalesce(consented.may_offer_by_call, FALSE) AS may_offer_by_call,
    coalesce(consented.may_profile, FALSE) AS may_profile
FROM customer
LEFT JOIN dim_relationship ON customer.customer_id = dim_relationship.customer_id
LEFT JOIN consented ON customer.customer_id = consented.customer_id
LEFT JOIN blocked ON customer.customer_id = blocked.customer_id
LEFT JOIN complaining ON customer.customer_id = complaining.customer_id
LEFT JOIN recent_contact ON customer.customer_id = recent_contact.customer_id
