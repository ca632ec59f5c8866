WITH closing AS (
    SELECT
        customer_id,
        bool_and(status = 'closed') AND max(closed_on) > $business_date - 30 AS is_lost
    FROM dim_account
    WHERE customer_id IS NOT NULL
    GROUP BY customer_id
)

SELECT
    mart_customer_360.as_of_date,
    mart_customer_360.segment,
    coalesce(dim_relationship.home_branch_code, 'none') AS org_code,
    count(*) AS customers,
    sum(mart_customer_360.records) AS source_records,
    sum(mart_customer_360.records) - count(*) AS duplicates_removed,
    count(*) FILTER (WHERE golden_customer.opened_on > $business_date - 30) AS new_customers_30d,
    count(*) FILTER (
        WHERE mart_customer_profile.transactions_90d > 0 OR mart_customer_profile.active_days_90d > 0
    ) AS active_customers_90d,
    count(*) FILTER (WHERE closing.is_lost) AS lost_customers_30d,
    sum(mart_customer_360.aum_cny) AS aum_cny,
    sum(mart_customer_360.products) AS open_products
FROM mart_customer_360
INNER JOIN golden_customer ON mart_customer_360.customer_id = golden_customer.customer_id
INNER JOIN mart_customer_profile ON mart_customer_360.customer_id = mart_customer_profile.customer_id
LEFT JOIN dim_relationship ON mart_customer_360.customer_id = dim_relationship.customer_id
LEFT JOIN closing ON mart_customer_360.customer_id = closing.customer_id
GROUP BY
    mart_customer_360.as_of_date, mart_customer_360.segment, coalesce(dim_relationship.home_branch_code, 'none')
