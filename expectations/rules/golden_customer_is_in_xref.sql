-- table: golden_customer
-- severity: critical
-- description: Every golden customer has at least one current record in the crosswalk.
-- zh: 每位黄金客户在交叉引用表中至少有一条有效记录。
SELECT golden_customer.customer_id
FROM golden_customer
LEFT JOIN customer_xref
    ON golden_customer.customer_id = customer_xref.customer_id AND customer_xref.valid_to IS NULL
WHERE customer_xref.customer_id IS NULL
