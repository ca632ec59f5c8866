-- table: feed_customer_care
-- severity: critical
-- description: No dead; greetings: consenting adults, no open complaint or blocked account, below the cap.
-- zh: 客户关怀名单不含已故客户；可发送的问候均为成年客户，已授权该触达方式的营销，无未办结投诉，无被冻结账户，且未超触达上限。
WITH contact AS (
    SELECT
        customer_id,
        contacted_at::DATE AS contacted_on
    FROM fct_campaign_contact
    WHERE arm = 'treated'
)

SELECT DISTINCT care.customer_id
FROM feed_customer_care AS care
INNER JOIN seed_care_rule AS rule ON care.care = rule.care
INNER JOIN golden_customer ON care.customer_id = golden_customer.customer_id
LEFT JOIN consent_current
    ON
        care.customer_id = consent_current.customer_id
        AND care.medium = consent_current.medium
        AND consent_current.purpose = 'marketing'
        AND consent_current.is_granted
LEFT JOIN mart_complaint ON care.customer_id = mart_complaint.customer_id AND mart_complaint.status = 'open'
LEFT JOIN dim_relationship ON care.customer_id = dim_relationship.customer_id
WHERE
    coalesce(dim_relationship.is_deceased, FALSE)
    OR (
        rule.needs_marketing_consent
        AND care.is_allowed
        AND (
            consent_current.customer_id IS NULL
            OR mart_complaint.case_number IS NOT NULL
            OR (
                golden_customer.party_type = 'person'
                AND coalesce(golden_customer.birth_date + INTERVAL 18 YEAR > care.as_of_date, TRUE)
            )
            OR EXISTS (
                SELECT 1 FROM dim_account AS account
                WHERE account.customer_id = care.customer_id AND account.status = 'blocked' AND account.kind <> 'card'
            )
            OR (
                SELECT count(*) FROM contact
                WHERE contact.customer_id = care.customer_id AND contact.contacted_on > care.as_of_date - 30
            ) >= rule.contacts_cap_30d
        )
    )
