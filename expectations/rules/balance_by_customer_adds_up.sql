-- table: mart_customer_360
-- severity: critical
-- description: The balance of a customer is the sum of the balances of the customer's accounts.
-- zh: 客户余额等于其全部账户余额之和。
WITH account_balance AS (
    SELECT
        customer_id,
        sum(balance_cny) AS balance_cny
    FROM dim_account
    GROUP BY customer_id
)

SELECT coalesce(mart_customer_360.customer_id, account_balance.customer_id) AS customer_id
FROM mart_customer_360
FULL JOIN account_balance ON account_balance.customer_id = mart_customer_360.customer_id
WHERE coalesce(mart_customer_360.balance_cny, 0) <> coalesce(account_balance.balance_cny, 0)
