-- table: customer_xref
-- severity: critical
-- description: Every customer record is in exactly one current row of the crosswalk.
-- zh: 每条客户记录在交叉引用表中有且只有一条有效记录。
SELECT customer_record.record_key
FROM customer_record
LEFT JOIN customer_xref
    ON customer_record.record_key = customer_xref.record_key AND customer_xref.valid_to IS NULL
GROUP BY customer_record.record_key
HAVING count(customer_xref.customer_id) <> 1
