-- table: mart_credit_group
-- severity: critical
-- description: The groups together owe what the customers owe, to the cent; nobody is in two groups or in none.
-- zh: 各授信集团合计敞口等于全部客户敞口之和，精确到分，客户不重不漏。
WITH by_group AS (
    SELECT coalesce(sum(exposure_cny), 0) AS exposure_cny
    FROM mart_credit_group
),

by_customer AS (
    SELECT coalesce(sum(exposure_cny), 0) AS exposure_cny
    FROM mart_credit_risk
)

SELECT 'all groups' AS counted
FROM by_group
CROSS JOIN by_customer
WHERE by_group.exposure_cny <> by_customer.exposure_cny
