-- table: feed_campaign_audience
-- severity: critical
-- description: Included: living adults who consent to the medium, no open complaint or blocked account, below the cap.
-- zh: 营销名单入选客户均为在世成年人，已授权该触达方式的营销，无未办结投诉，无被冻结账户，且未超触达上限。
SELECT DISTINCT audience.customer_id
FROM feed_campaign_audience AS audience
INNER JOIN golden_customer ON audience.customer_id = golden_customer.customer_id
INNER JOIN dim_campaign ON audience.campaign_code = dim_campaign.campaign_code
LEFT JOIN consent_current
    ON
        audience.customer_id = consent_current.customer_id
        AND audience.medium = consent_current.medium
        AND consent_current.purpose = 'marketing'
        AND consent_current.is_granted
LEFT JOIN mart_complaint ON audience.customer_id = mart_complaint.customer_id AND mart_complaint.status = 'open'
LEFT JOIN dim_relationship ON audience.customer_id = dim_relationship.customer_id
WHERE
    audience.is_included
    AND (
        consent_current.customer_id IS NULL
        OR mart_complaint.case_number IS NOT NULL
        OR coalesce(dim_relationship.is_deceased, FALSE)
        OR golden_customer.birth_date IS NULL
        OR golden_customer.birth_date + INTERVAL 18 YEAR > audience.as_of_date
        OR EXISTS (
            SELECT 1 FROM dim_account AS account
            WHERE account.customer_id = audience.customer_id AND account.status = 'blocked' AND account.kind <> 'card'
        )
        OR (
            SELECT count(*) FROM fct_campaign_contact AS contact
            WHERE
                contact.customer_id = audience.customer_id
                AND contact.arm = 'treated'
                AND contact.contacted_at::DATE > audience.as_of_date - 30
        ) >= dim_campaign.contacts_cap_30d
    )
