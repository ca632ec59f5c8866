-- table: feed_winback
-- severity: critical
-- description: Whoever is to be won back is included in the audience of the campaign, with the same arm and medium.
-- zh: 挽回名单客户均在该活动入选名单中，组别与触达方式一致。
SELECT winback.customer_id
FROM feed_winback AS winback
LEFT JOIN feed_campaign_audience AS audience
    ON
        winback.campaign_code = audience.campaign_code
        AND winback.customer_id = audience.customer_id
        AND winback.arm = audience.arm
        AND winback.medium = audience.medium
        AND audience.is_included
WHERE audience.customer_id IS NULL
