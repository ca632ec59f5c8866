SELECT
    source,
    table_name,
    business_date,
    column_name,
    rule,
    failed
FROM dq_outcome
UNION ALL
SELECT
    source,
    table_name,
    $business_date AS business_date,
    column_name,
    'poison' AS rule,
    sum(values_emptied) AS failed
FROM poison_value
GROUP BY source, table_name, column_name
