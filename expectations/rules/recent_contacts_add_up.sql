-- table: mart_customer_360
-- severity: critical
-- description: The campaign contacts of a customer in thirty days, which the cap counts, are those the channels sent.
-- zh: 客户近三十天营销触达次数（触达上限所依据）等于渠道系统来源记录。
WITH as_of AS (
    SELECT max(as_of_date) AS as_of_date
    FROM golden_customer
),

in_source AS (
    SELECT
        customer_xref.customer_id,
        count(*) AS contacts
    FROM stg_channel__campaign_contact AS contact
    INNER JOIN customer_xref
        ON 'channel:' || contact.user_id = customer_xref.record_key AND customer_xref.valid_to IS NULL
    CROSS JOIN as_of
    WHERE
        contact.arm = 'treated'
        AND contact.occurred_at::DATE BETWEEN as_of.as_of_date - 29 AND as_of.as_of_date
    GROUP BY customer_xref.customer_id
)

SELECT coalesce(mart_customer_360.customer_id, in_source.customer_id) AS customer_id
FROM mart_customer_360
FULL JOIN in_source ON mart_customer_360.customer_id = in_source.customer_id
WHERE coalesce(mart_customer_360.contacts_30d, 0) <> coalesce(in_source.contacts, 0)
