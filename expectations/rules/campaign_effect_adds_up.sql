-- table: mart_campaign_effect
-- severity: critical
-- description: Every customer the channels name counts once: in one arm or as in both, and in one segment.
-- zh: 营销效果中各组人数等于渠道来源记录中的客户数：每位客户仅计一次（处理、对照或跨组），各人群之和等于总体。
WITH arm_of_customer AS (
    SELECT
        contact.campaign_code,
        customer_xref.customer_id,
        bool_or(contact.arm = 'treated') AS is_treated,
        bool_or(contact.arm = 'control') AS is_control
    FROM stg_channel__campaign_contact AS contact
    INNER JOIN customer_xref
        ON 'channel:' || contact.user_id = customer_xref.record_key AND customer_xref.valid_to IS NULL
    WHERE contact.occurred_at::DATE <= (SELECT max(golden_customer.as_of_date) FROM golden_customer)
    GROUP BY contact.campaign_code, customer_xref.customer_id
),

in_source AS (
    SELECT
        campaign_code,
        count(*) FILTER (WHERE is_treated AND NOT is_control) AS treated,
        count(*) FILTER (WHERE is_control AND NOT is_treated) AS control,
        count(*) FILTER (WHERE is_treated AND is_control) AS contaminated
    FROM arm_of_customer
    GROUP BY campaign_code
),

in_mart AS (
    SELECT
        campaign_code,
        CASE WHEN segment = 'all' THEN 'all' ELSE 'by segment' END AS counted,
        sum(treated) AS treated,
        sum(control) AS control,
        sum(contaminated) AS contaminated
    FROM mart_campaign_effect
    GROUP BY campaign_code, CASE WHEN segment = 'all' THEN 'all' ELSE 'by segment' END
),

expected AS (
    SELECT
        in_source.*,
        unnest(['all', 'by segment']) AS counted
    FROM in_source
)

SELECT
    coalesce(expected.campaign_code, in_mart.campaign_code)
    || ' ' || coalesce(expected.counted, in_mart.counted) AS campaign
FROM expected
FULL JOIN in_mart ON expected.campaign_code = in_mart.campaign_code AND expected.counted = in_mart.counted
WHERE
    expected.treated IS DISTINCT FROM in_mart.treated
    OR expected.control IS DISTINCT FROM in_mart.control
    OR expected.contaminated IS DISTINCT FROM in_mart.contaminated
