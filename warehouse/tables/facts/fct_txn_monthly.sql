WITH moved AS (
    SELECT
        customer_id,
        date_trunc('month', transacted_on)::DATE AS month,
        product_code,
        count(*) AS transactions,
        count(*) FILTER (WHERE is_customer_initiated) AS own_transactions,
        count(*) FILTER (WHERE category = 'bill') AS bills,
        coalesce(sum(amount_cny) FILTER (WHERE amount_cny > 0), 0) AS in_cny,
        coalesce(-sum(amount_cny) FILTER (WHERE amount_cny < 0), 0) AS out_cny,
        coalesce(sum(amount_cny) FILTER (WHERE category = 'salary'), 0) AS salary_cny,
        coalesce(-sum(amount_cny) FILTER (WHERE category = 'fee'), 0) AS fee_cny,
        max(transacted_on) AS last_transaction_on
    FROM fct_transaction
    WHERE customer_id IS NOT NULL AND transacted_on <= $business_date
    GROUP BY customer_id, date_trunc('month', transacted_on)::DATE, product_code
),

product AS (
    SELECT
        product_code,
        min(kind) AS kind
    FROM dim_account
    GROUP BY product_code
)

SELECT
    moved.customer_id,
    moved.month,
    moved.product_code,
    product.kind,
    moved.transactions,
    moved.own_transactions,
    moved.bills,
    moved.in_cny,
    moved.out_cny,
    moved.salary_cny,
    moved.fee_cny,
    moved.last_transaction_on
FROM moved
INNER JOIN product ON moved.product_code = product.product_code
