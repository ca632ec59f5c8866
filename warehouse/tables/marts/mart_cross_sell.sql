WITH holding AS (
    SELECT DISTINCT
        customer_id,
        product_code
    FROM dim_account
    WHERE status <> 'closed' AND customer_id IS NOT NULL
),

everyone AS (
    SELECT count(DISTINCT customer_id) AS customers
    FROM holding
),

product AS (
    SELECT
        product_code,
        count(*) AS holders
    FROM holding
    GROUP BY product_code
),

both_held AS (
    SELECT
        one.product_code AS held_product,
        other.product_code AS other_product,
        count(*) AS both_holders
    FROM holding AS one
    INNER JOIN holding AS other ON one.customer_id = other.customer_id AND one.product_code <> other.product_code
    GROUP BY one.product_code, other.product_code
)

SELECT
    held.product_code AS held_product,
    other.product_code AS other_product,
    everyone.customers,
    held.holders,
    other.holders AS other_holders,
    coalesce(both_held.both_holders, 0) AS both_holders,
    held.holders - coalesce(both_held.both_holders, 0) AS gap_customers,
    round(coalesce(both_held.both_holders, 0) / held.holders, 4) AS confidence,
    round(coalesce(both_held.both_holders, 0) * everyone.customers / (held.holders * other.holders), 4) AS lift,
    held.holders * other.holders >= 5 * everyone.customers AS is_reliable
FROM product AS held
CROSS JOIN product AS other
CROSS JOIN everyone
LEFT JOIN both_held
    ON held.product_code = both_held.held_product AND other.product_code = both_held.other_product
WHERE held.product_code <> other.product_code
