-- table: feed_campaign_audience
-- severity: critical
-- description: Whoever a campaign includes consented to marketing by that medium and has no complaint open.
-- zh: 营销名单入选客户均已授权该触达方式的营销，且无未办结投诉。
SELECT audience.customer_id
FROM feed_campaign_audience AS audience
LEFT JOIN consent_current
    ON
        audience.customer_id = consent_current.customer_id
        AND audience.medium = consent_current.medium
        AND consent_current.purpose = 'marketing'
        AND consent_current.is_granted
LEFT JOIN mart_complaint ON audience.customer_id = mart_complaint.customer_id AND mart_complaint.status = 'open'
WHERE audience.is_included AND (consent_current.customer_id IS NULL OR mart_complaint.case_number IS NOT NULL)
