-- table: dim_account
-- severity: warning
-- description: Every account that is not closed is held by a customer.
-- zh: 每个未销户账户都有持有客户。
SELECT account_key
FROM dim_account
WHERE status <> 'closed' AND customer_id IS NULL
