WITH column_load AS (
    SELECT
        source,
        table_name,
        business_date,
        column_name,
        max(total) FILTER (WHERE dimension = 'completeness') AS landed,
        sum(failed) FILTER (WHERE dimension IN ('completeness', 'validity', 'accuracy', 'consistency')) AS not_ok
    FROM dq_measure
    GROUP BY source, table_name, business_date, column_name
)

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
    business_date,
    column_name,
    'ok' AS rule,
    landed - not_ok AS failed
FROM column_load
WHERE landed > not_ok
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
