-- table: fct_campaign_contact
-- severity: critical
-- description: Responses of a customer in a campaign, and the first of each kind, are those the channels sent.
-- zh: 归因窗口内每位客户对各活动的响应条数及各类首次响应时间等于渠道系统来源记录，逐行一致。
WITH in_source AS (
    SELECT
        response.campaign_code,
        response.arm,
        coalesce(customer_xref.customer_id, 'unknown') AS customer_id,
        count(*) AS responses,
        min(response.occurred_at) FILTER (WHERE response.reaction = 'delivered') AS delivered_at,
        min(response.occurred_at) FILTER (WHERE response.reaction <> 'delivered') AS opened_at,
        min(response.occurred_at) FILTER (WHERE response.reaction IN ('clicked', 'accepted')) AS clicked_at,
        min(response.occurred_at) FILTER (WHERE response.reaction = 'accepted') AS accepted_at
    FROM stg_channel__campaign_response AS response
    INNER JOIN dim_campaign ON response.campaign_code = dim_campaign.campaign_code
    LEFT JOIN customer_xref
        ON 'channel:' || response.user_id = customer_xref.record_key AND customer_xref.valid_to IS NULL
    WHERE
        response.occurred_at::DATE <= (SELECT max(golden_customer.as_of_date) FROM golden_customer)
        AND EXISTS (
            SELECT 1 FROM stg_channel__campaign_contact AS contact
            WHERE
                contact.campaign_code = response.campaign_code
                AND contact.user_id = response.user_id
                AND response.occurred_at::DATE - contact.occurred_at::DATE BETWEEN 0 AND dim_campaign.attribution_days
        )
    GROUP BY response.campaign_code, response.arm, coalesce(customer_xref.customer_id, 'unknown')
),

in_warehouse AS (
    SELECT
        campaign_code,
        arm,
        coalesce(customer_id, 'unknown') AS customer_id,
        sum(responses) AS responses,
        min(delivered_at) AS delivered_at,
        min(opened_at) AS opened_at,
        min(clicked_at) AS clicked_at,
        min(accepted_at) AS accepted_at
    FROM fct_campaign_contact
    GROUP BY campaign_code, arm, coalesce(customer_id, 'unknown')
)

SELECT
    coalesce(in_source.campaign_code, in_warehouse.campaign_code)
    || ' ' || coalesce(in_source.arm, in_warehouse.arm)
    || ' ' || coalesce(in_source.customer_id, in_warehouse.customer_id) AS customer
FROM in_source
FULL JOIN in_warehouse
    ON
        in_source.campaign_code = in_warehouse.campaign_code
        AND in_source.arm = in_warehouse.arm
        AND in_source.customer_id = in_warehouse.customer_id
WHERE
    coalesce(in_source.responses, 0) <> coalesce(in_warehouse.responses, 0)
    OR in_source.delivered_at IS DISTINCT FROM in_warehouse.delivered_at
    OR in_source.opened_at IS DISTINCT FROM in_warehouse.opened_at
    OR in_source.clicked_at IS DISTINCT FROM in_warehouse.clicked_at
    OR in_source.accepted_at IS DISTINCT FROM in_warehouse.accepted_at
