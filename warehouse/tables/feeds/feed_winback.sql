WITH listed AS (
    SELECT
        audience.campaign_code,
        audience.customer_id,
        audience.arm,
        audience.medium,
        audience.valid_until,
        dim_campaign.offer,
        mart_lifecycle.stage,
        mart_lifecycle.entered_month,
        mart_customer_360.aum_cny,
        mart_customer_value.lifetime_value_cny
    FROM feed_campaign_audience AS audience
    INNER JOIN dim_campaign
        ON audience.campaign_code = dim_campaign.campaign_code AND dim_campaign.objective = 'win_back'
    INNER JOIN mart_lifecycle
        ON
            audience.customer_id = mart_lifecycle.customer_id
            AND mart_lifecycle.month = date_trunc('month', $business_date)
    INNER JOIN mart_customer_360 ON audience.customer_id = mart_customer_360.customer_id
    LEFT JOIN mart_customer_value ON audience.customer_id = mart_customer_value.customer_id
    WHERE audience.is_included
)

SELECT
    campaign_code,
    customer_id,
    $business_date AS as_of_date,
    stage,
    entered_month AS lapsed_since,
    row_number() OVER (
        PARTITION BY campaign_code ORDER BY aum_cny DESC, lifetime_value_cny DESC NULLS LAST, customer_id ASC
    ) AS priority,
    aum_cny,
    lifetime_value_cny,
    offer,
    arm,
    medium,
    valid_until
FROM listed
