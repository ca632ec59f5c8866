-- table: fct_txn_monthly
-- severity: critical
-- description: The months of a customer hold the money of the customer's transactions, to the cent.
-- zh: 客户月度汇总的净流入等于其全部交易金额之和，精确到分。
WITH by_month AS (
    SELECT
        customer_id,
        sum(in_cny - out_cny) AS net_cny
    FROM fct_txn_monthly
    GROUP BY customer_id
),

by_transaction AS (
    SELECT
        customer_id,
        sum(amount_cny) AS net_cny
    FROM fct_transaction
    WHERE customer_id IS NOT NULL
    GROUP BY customer_id
)

SELECT coalesce(by_month.customer_id, by_transaction.customer_id) AS customer_id
FROM by_month
FULL JOIN by_transaction ON by_month.customer_id = by_transaction.customer_id
WHERE coalesce(by_month.net_cny, 0) <> coalesce(by_transaction.net_cny, 0)
