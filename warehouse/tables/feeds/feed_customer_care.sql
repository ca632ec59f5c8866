WITH yearly AS (
    SELECT
        customer_id,
        'birthday' AS care,
        birth_date AS began_on
    FROM golden_customer
    WHERE birth_date IS NOT NULL AND party_type = 'person'
    UNION ALL
    SELECT
        customer_id,
        'anniversary' AS care,
        opened_on AS began_on
    FROM golden_customer
    WHERE opened_on IS NOT NULL AND opened_on < $business_date
),

yearly_occasion AS (
    SELECT
        customer_id,
        care,
        CASE
            WHEN (began_on + to_years((year($business_date) - year(began_on))::INTEGER))::DATE >= $business_date
                THEN (began_on + to_years((year($business_date) - year(began_on))::INTEGER))::DATE
            ELSE (began_on + to_years((year($business_date) - year(began_on) + 1)::INTEGER))::DATE
        END AS care_on,
        began_on
    FROM yearly
),

occasion AS (
    SELECT
        customer_id,
        care,
        care_on,
        CASE care WHEN 'anniversary' THEN (year(care_on) - year(began_on)) || ' years' END AS detail
    FROM yearly_occasion
    UNION ALL
    SELECT
        customer_id,
        CASE kind WHEN 'loan' THEN 'loan_due' ELSE 'term_maturity' END AS care,
        matures_on AS care_on,
        product_code AS detail
    FROM dim_account
    WHERE status <> 'closed' AND matures_on IS NOT NULL AND customer_id IS NOT NULL AND opened_on < $business_date
    UNION ALL
    SELECT
        customer_xref.customer_id,
        'document_expiry' AS care,
        max(cert.expires_on) AS care_on,
        last(cert.document_kind ORDER BY cert.expires_on ASC, cert.document_kind ASC) AS detail
    FROM stg_core_banking__cert AS cert
    INNER JOIN customer_xref
        ON 'core_banking:' || cert.customer_number = customer_xref.record_key AND customer_xref.valid_to IS NULL
    GROUP BY customer_xref.customer_id
    UNION ALL
    SELECT
        customer_xref.customer_id,
        'card_expiry' AS care,
        (strptime(card.expiry_month || '01', '%Y%m%d') + INTERVAL 1 MONTH)::DATE - 1 AS care_on,
        card.product_code AS detail
    FROM stg_card__card AS card
    INNER JOIN customer_xref
        ON 'card:' || card.cardholder_number = customer_xref.record_key AND customer_xref.valid_to IS NULL
    WHERE card.block IS NULL AND regexp_matches(card.expiry_month, '^[0-9]{4}(0[1-9]|1[0-2])$')
)

SELECT
    occasion.customer_id,
    $business_date AS as_of_date,
    occasion.care,
    occasion.care_on,
    occasion.care_on - $business_date AS days_left,
    occasion.detail,
    rule.priority,
    NOT rule.needs_marketing_consent
    OR (
        contact_permission.medium IS NOT NULL
        AND contact_permission.protected_as IS NULL
        AND contact_permission.contacts_30d < rule.contacts_cap_30d
    ) AS is_allowed,
    contact_permission.medium
FROM occasion
INNER JOIN seed_care_rule AS rule ON occasion.care = rule.care
INNER JOIN contact_permission ON occasion.customer_id = contact_permission.customer_id
WHERE
    occasion.care_on BETWEEN $business_date AND $business_date + rule.days_ahead::INTEGER
    AND contact_permission.protected_as IS DISTINCT FROM 'deceased'
QUALIFY
    row_number() OVER (
        PARTITION BY occasion.customer_id, occasion.care, occasion.care_on ORDER BY occasion.detail
    ) = 1
