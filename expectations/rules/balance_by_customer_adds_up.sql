-- table: mart_customer_360
-- severity: critical
-- description: What a customer has with the bank is the sum of the customer's open CNY accounts, cards not counted.
-- zh: 客户管理资产等于其名下有效人民币账户（不含卡）余额之和。
WITH account_balance AS (
    SELECT
        customer_id,
        sum(balance) AS balance_cny
    FROM dim_account
    WHERE kind <> 'card' AND currency = 'CNY' AND status <> 'closed' AND customer_id IS NOT NULL
    GROUP BY customer_id
)

SELECT coalesce(mart_customer_360.customer_id, account_balance.customer_id) AS customer_id
FROM mart_customer_360
FULL JOIN account_balance ON mart_customer_360.customer_id = account_balance.customer_id
WHERE coalesce(mart_customer_360.aum_cny, 0) <> coalesce(account_balance.balance_cny, 0)
