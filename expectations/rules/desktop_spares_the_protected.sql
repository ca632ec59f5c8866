-- table: feed_rm_desktop
-- severity: critical
-- description: To be called: consenting living adults, no open complaint or blocked account, below the cap.
-- zh: 客户经理联系名单均为在世成年人，已授权该触达方式的营销，无未办结投诉，无被冻结账户，且未超触达上限。
SELECT desktop.customer_id
FROM feed_rm_desktop AS desktop
INNER JOIN golden_customer ON desktop.customer_id = golden_customer.customer_id
CROSS JOIN seed_desktop_limit AS desktop_limit
LEFT JOIN consent_current
    ON
        desktop.customer_id = consent_current.customer_id
        AND desktop.medium = consent_current.medium
        AND consent_current.purpose = 'marketing'
        AND consent_current.is_granted
LEFT JOIN mart_complaint ON desktop.customer_id = mart_complaint.customer_id AND mart_complaint.status = 'open'
LEFT JOIN dim_relationship ON desktop.customer_id = dim_relationship.customer_id
LEFT JOIN dim_account AS blocked
    ON desktop.customer_id = blocked.customer_id AND blocked.status = 'blocked' AND blocked.kind <> 'card'
LEFT JOIN fct_campaign_contact
    ON
        desktop.customer_id = fct_campaign_contact.customer_id
        AND fct_campaign_contact.arm = 'treated'
        AND fct_campaign_contact.contacted_at::DATE > desktop.as_of_date - 30
GROUP BY desktop.manager_id, desktop.customer_id
HAVING
    bool_or(consent_current.customer_id IS NULL)
    OR bool_or(mart_complaint.case_number IS NOT NULL)
    OR bool_or(blocked.customer_id IS NOT NULL)
    OR bool_or(coalesce(dim_relationship.is_deceased, FALSE))
    OR bool_or(golden_customer.birth_date IS NULL)
    OR bool_or(golden_customer.birth_date + INTERVAL 18 YEAR > desktop.as_of_date)
    OR count(DISTINCT fct_campaign_contact.event_id) >= min(desktop_limit.contacts_cap_30d)
