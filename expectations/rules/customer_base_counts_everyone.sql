-- table: mart_customer_base
-- severity: critical
-- description: The customer base counts every golden customer once.
-- zh: 客户基础统计对每位黄金客户恰好计数一次。
WITH base AS (
    SELECT coalesce(sum(customers), 0) AS customers
    FROM mart_customer_base
),

golden AS (
    SELECT count(*) AS customers
    FROM golden_customer
)

SELECT 'all customers' AS counted
FROM base
CROSS JOIN golden
WHERE base.customers <> golden.customers
