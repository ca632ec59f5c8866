SELECT
    fct_transaction.customer_id,
    date_trunc('month', fct_transaction.transacted_on)::DATE AS month,
    dim_account.product_code,
    min(dim_account.kind) AS kind,
    count(*) AS transactions,
    count(*) FILTER (WHERE fct_transaction.is_customer_initiated) AS own_transactions,
    count(*) FILTER (WHERE fct_transaction.category = 'bill') AS bills,
    coalesce(sum(fct_transaction.amount_cny) FILTER (WHERE fct_transaction.amount_cny > 0), 0) AS in_cny,
    coalesce(-sum(fct_transaction.amount_cny) FILTER (WHERE fct_transaction.amount_cny < 0), 0) AS out_cny,
    coalesce(sum(fct_transaction.amount_cny) FILTER (WHERE fct_transaction.category = 'salary'), 0) AS salary_cny,
    coalesce(-sum(fct_transaction.amount_cny) FILTER (WHERE fct_transaction.category = 'fee'), 0) AS fee_cny,
    max(fct_transaction.transacted_on) AS last_transaction_on
FROM fct_transaction
INNER JOIN dim_account ON fct_transaction.account_key = dim_account.account_key
WHERE fct_transaction.customer_id IS NOT NULL AND fct_transaction.transacted_on <= $business_date
GROUP BY
    fct_transaction.customer_id, date_trunc('month', fct_transaction.transacted_on)::DATE, dim_account.product_code
