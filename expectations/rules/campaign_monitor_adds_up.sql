-- table: mart_campaign_monitor
-- severity: critical
-- description: The last day of a campaign counts contacts and cost as the channels sent them, the rest as contacts do.
-- zh: 各活动监控末日累计触达与成本等于渠道来源记录，送达、响应、点击与转化累计等于触达明细。
WITH in_source AS (
    SELECT
        contact.campaign_code,
        count(*) AS contacts,
        sum(round(coalesce(contact.cost_cny, 0) * 100)::BIGINT) / 100
        + coalesce(min(dim_campaign.fixed_cost_cny), 0) AS cost_cny
    FROM stg_channel__campaign_contact AS contact
    INNER JOIN dim_campaign ON contact.campaign_code = dim_campaign.campaign_code
    WHERE
        contact.arm = 'treated'
        AND contact.occurred_at::DATE <= (SELECT max(golden_customer.as_of_date) FROM golden_customer)
    GROUP BY contact.campaign_code
),

in_fact AS (
    SELECT
        campaign_code,
        count(delivered_at) AS delivered,
        count(opened_at) AS responses,
        count(clicked_at) AS clicks,
        count(converted_on) AS conversions
    FROM fct_campaign_contact
    WHERE arm = 'treated'
    GROUP BY campaign_code
),

last_day AS (
    SELECT
        campaign_code,
        sum(contacts_today) AS contacts_by_day,
        max_by(contacts, day) AS contacts,
        max_by(cost_cny, day) AS cost_cny,
        max_by(delivered, day) AS delivered,
        max_by(responses, day) AS responses,
        max_by(clicks, day) AS clicks,
        max_by(conversions, day) AS conversions
    FROM mart_campaign_monitor
    GROUP BY campaign_code
)

SELECT coalesce(last_day.campaign_code, in_source.campaign_code) AS campaign_code
FROM last_day
FULL JOIN in_source ON last_day.campaign_code = in_source.campaign_code
LEFT JOIN in_fact ON last_day.campaign_code = in_fact.campaign_code
WHERE
    coalesce(last_day.contacts, 0) <> coalesce(in_source.contacts, 0)
    OR coalesce(last_day.contacts_by_day, 0) <> coalesce(in_source.contacts, 0)
    OR round(last_day.cost_cny, 2) <> round(in_source.cost_cny, 2)
    OR coalesce(last_day.delivered, 0) <> coalesce(in_fact.delivered, 0)
    OR coalesce(last_day.responses, 0) <> coalesce(in_fact.responses, 0)
    OR coalesce(last_day.clicks, 0) <> coalesce(in_fact.clicks, 0)
    OR coalesce(last_day.conversions, 0) <> coalesce(in_fact.conversions, 0)
