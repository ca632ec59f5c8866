-- table: golden_customer
-- severity: critical
-- description: Every customer with a current record in the crosswalk has a golden row.
-- zh: 交叉引用表中每个有效客户号都有一条黄金客户记录。
SELECT DISTINCT customer_xref.customer_id
FROM customer_xref
LEFT JOIN golden_customer ON customer_xref.customer_id = golden_customer.customer_id
WHERE customer_xref.valid_to IS NULL AND golden_customer.customer_id IS NULL
