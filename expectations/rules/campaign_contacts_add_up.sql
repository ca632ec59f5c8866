-- table: fct_campaign_contact
-- severity: critical
-- description: Contacts of a customer by campaign and arm, and their cost, are those the channels sent, to the row.
-- zh: 各活动、各组别中每位客户的触达次数与成本等于渠道系统来源记录，逐行一致、精确到分。
WITH in_source AS (
    SELECT
        contact.campaign_code,
        contact.arm,
        coalesce(customer_xref.customer_id, 'unknown') AS customer_id,
        count(*) AS contacts,
        sum(CASE WHEN contact.arm = 'treated' THEN round(coalesce(contact.cost_cny, 0) * 100)::BIGINT ELSE 0 END)
            AS cost_cents
    FROM stg_channel__campaign_contact AS contact
    LEFT JOIN customer_xref
        ON 'channel:' || contact.user_id = customer_xref.record_key AND customer_xref.valid_to IS NULL
    WHERE contact.occurred_at::DATE <= (SELECT max(golden_customer.as_of_date) FROM golden_customer)
    GROUP BY contact.campaign_code, contact.arm, coalesce(customer_xref.customer_id, 'unknown')
),

in_warehouse AS (
    SELECT
        campaign_code,
        arm,
        coalesce(customer_id, 'unknown') AS customer_id,
        count(*) AS contacts,
        sum(round(cost_cny * 100)::BIGINT) AS cost_cents
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
    in_source.contacts IS DISTINCT FROM in_warehouse.contacts
    OR in_source.cost_cents IS DISTINCT FROM in_warehouse.cost_cents
