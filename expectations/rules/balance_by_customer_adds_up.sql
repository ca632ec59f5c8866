-- table: mart_customer_360
-- severity: critical
-- description: The assets of a customer are the balances of the customer's open accounts but loans, to the cent.
-- zh: 客户管理资产等于其全部未销户账户（贷款除外）余额之和，精确到分。
WITH account_balance AS (
    SELECT
        customer_id,
        sum(balance_cny) AS balance_cny
    FROM dim_account
    WHERE status <> 'closed' AND kind <> 'loan' AND customer_id IS NOT NULL
    GROUP BY customer_id
)

SELECT coalesce(mart_customer_360.customer_id, account_balance.customer_id) AS customer_id
FROM mart_customer_360
FULL JOIN account_balance ON mart_customer_360.customer_id = account_balance.customer_id
WHERE coalesce(mart_customer_360.aum_cny, 0) <> coalesce(account_balance.balance_cny, 0)
