-- table: customer_xref
-- severity: critical
-- description: The records of one customer hold at most one valid resident id or organisation code.
-- zh: 同一客户的所有记录中，有效的居民身份证号码或统一社会信用代码至多一个。
SELECT customer_xref.customer_id
FROM customer_xref
INNER JOIN customer_record ON customer_xref.record_key = customer_record.record_key
WHERE customer_xref.valid_to IS NULL AND customer_record.identity_status IN ('valid', 'upgraded')
GROUP BY customer_xref.customer_id
HAVING count(DISTINCT customer_record.identity_document) > 1
