WITH campaign_day AS (
    SELECT
        dim_campaign.*,
        unnest(
            generate_series(
                dim_campaign.started_on,
                least(dim_campaign.last_contact_on + dim_campaign.attribution_days::INTEGER, $business_date),
                INTERVAL 1 DAY
            )
        )::DATE AS day
    FROM dim_campaign
    WHERE dim_campaign.started_on IS NOT NULL
),

treated AS (
    SELECT *
    FROM fct_campaign_contact
    WHERE arm = 'treated'
),

happened AS (
    SELECT
        campaign_code,
        contacted_at::DATE AS day,
        1 AS contacts,
        0 AS delivered,
        0 AS responses,
        0 AS clicks,
        0 AS conversions,
        cost_cny,
        (NOT is_consented)::INTEGER AS without_consent
    FROM treated
    UNION ALL
    SELECT
        campaign_code,
        delivered_at::DATE AS day,
        0 AS contacts,
        1 AS delivered,
        0 AS responses,
        0 AS clicks,
        0 AS conversions,
        0 AS cost_cny,
        0 AS without_consent
    FROM treated
    WHERE delivered_at IS NOT NULL
    UNION ALL
    SELECT
        campaign_code,
        opened_at::DATE AS day,
        0 AS contacts,
        0 AS delivered,
        1 AS responses,
        0 AS clicks,
        0 AS conversions,
        0 AS cost_cny,
        0 AS without_consent
    FROM treated
    WHERE opened_at IS NOT NULL
    UNION ALL
    SELECT
        campaign_code,
        clicked_at::DATE AS day,
        0 AS contacts,
        0 AS delivered,
        0 AS responses,
        1 AS clicks,
        0 AS conversions,
        0 AS cost_cny,
        0 AS without_consent
    FROM treated
    WHERE clicked_at IS NOT NULL
    UNION ALL
    SELECT
        campaign_code,
        converted_on AS day,
        0 AS contacts,
        0 AS delivered,
        0 AS responses,
        0 AS clicks,
        1 AS conversions,
        0 AS cost_cny,
        0 AS without_consent
    FROM treated
    WHERE converted_on IS NOT NULL
),

tally AS (
    SELECT
        campaign_code,
        day,
        sum(contacts) AS contacts,
        sum(delivered) AS delivered,
        sum(responses) AS responses,
        sum(clicks) AS clicks,
        sum(conversions) AS conversions,
        sum(round(cost_cny * 100)::BIGINT) AS cost_cents,
        sum(without_consent) AS without_consent
    FROM happened
    GROUP BY campaign_code, day
),

so_far AS (
    SELECT
        campaign_day.*,
        coalesce(tally.contacts, 0) AS contacts_today,
        coalesce(tally.responses, 0) AS responses_today,
        coalesce(tally.conversions, 0) AS conversions_today,
        coalesce(sum(tally.contacts) OVER days_of_campaign, 0) AS contacts_so_far,
        coalesce(sum(tally.delivered) OVER days_of_campaign, 0) AS delivered_so_far,
        coalesce(sum(tally.responses) OVER days_of_campaign, 0) AS responses_so_far,
        coalesce(sum(tally.clicks) OVER days_of_campaign, 0) AS clicks_so_far,
        coalesce(sum(tally.conversions) OVER days_of_campaign, 0) AS conversions_so_far,
        coalesce(sum(tally.cost_cents) OVER days_of_campaign, 0) / 100
        + coalesce(campaign_day.fixed_cost_cny, 0) AS cost_so_far_cny,
        coalesce(sum(tally.without_consent) OVER days_of_campaign, 0) AS without_consent_so_far
    FROM campaign_day
    LEFT JOIN tally ON campaign_day.campaign_code = tally.campaign_code AND campaign_day.day = tally.day
    WINDOW days_of_campaign AS (PARTITION BY campaign_day.campaign_code ORDER BY campaign_day.day)
)

SELECT
    campaign_code,
    day,
    day - started_on AS day_number,
    contacts_today,
    responses_today,
    conversions_today,
    contacts_so_far AS contacts,
    delivered_so_far AS delivered,
    responses_so_far AS responses,
    clicks_so_far AS clicks,
    conversions_so_far AS conversions,
    round(delivered_so_far / nullif(contacts_so_far, 0), 4) AS delivery_rate,
    round(responses_so_far / nullif(contacts_so_far, 0), 4) AS response_rate,
    round(conversions_so_far / nullif(contacts_so_far, 0), 4) AS conversion_rate,
    round(cost_so_far_cny, 2) AS cost_cny,
    round(cost_so_far_cny / nullif(budget_cny, 0), 4) AS budget_used,
    round(contacts_so_far / nullif(planned_contacts, 0), 4) AS plan_reached,
    round(
        conversions_so_far / nullif(planned_contacts * planned_conversion_percent / 100, 0), 4
    ) AS conversion_plan_reached,
    round(without_consent_so_far / nullif(contacts_so_far, 0), 4) AS without_consent_share
FROM so_far
