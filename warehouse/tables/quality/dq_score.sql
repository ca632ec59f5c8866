WITH resident AS (
    SELECT
        source,
        birth_date,
        nullif(gender, 'unknown') AS gender,
        substr(identity_document, 7, 8) AS document_birth,
        CASE WHEN substr(identity_document, 17, 1)::INTEGER % 2 = 1 THEN 'male' ELSE 'female' END AS document_gender
    FROM customer_record
    WHERE
        party_type = 'person' AND identity_status IN ('valid', 'upgraded')
        AND regexp_matches(identity_document, '^[1-9][0-9]{16}[0-9X]$')
),

document_holders AS (
    SELECT
        source,
        identity_document,
        count(*) AS records
    FROM customer_record
    WHERE party_type = 'person' AND identity_status IN ('valid', 'upgraded')
    GROUP BY source, identity_document
),

document_worth AS (
    SELECT
        source,
        identity_status IN ('bad_checksum', 'bad_date') AS is_slip
    FROM customer_record
    WHERE identity_status IN ('valid', 'upgraded', 'bad_checksum', 'bad_date')
),

record_measure AS (
    SELECT
        source,
        'birth_date' AS column_name,
        'accuracy' AS dimension,
        count(*) FILTER (WHERE replace(birth_date::VARCHAR, '-', '') <> document_birth) AS failed,
        count(birth_date) AS total
    FROM resident
    GROUP BY source
    UNION ALL
    SELECT
        source,
        'gender' AS column_name,
        'accuracy' AS dimension,
        count(*) FILTER (WHERE gender <> document_gender) AS failed,
        count(gender) AS total
    FROM resident
    GROUP BY source
    UNION ALL
    SELECT
        source,
        'identity_document' AS column_name,
        'accuracy' AS dimension,
        count(*) FILTER (WHERE is_slip) AS failed,
        count(*) AS total
    FROM document_worth
    GROUP BY source
    UNION ALL
    SELECT
        source,
        'identity_document' AS column_name,
        'uniqueness' AS dimension,
        sum(records - 1) AS failed,
        sum(records) AS total
    FROM document_holders
    GROUP BY source
    UNION ALL
    SELECT
        source,
        column_name,
        'accuracy' AS dimension,
        sum(values_emptied) AS failed,
        max(values_held) AS total
    FROM poison_value
    GROUP BY source, table_name, column_name
),

measured AS (
    SELECT
        source,
        table_name,
        column_name,
        business_date,
        dimension,
        failed,
        total
    FROM dq_measure
    UNION ALL
    SELECT
        source,
        'customer_record' AS table_name,
        column_name,
        $business_date AS business_date,
        dimension,
        sum(failed) AS failed,
        sum(total) AS total
    FROM record_measure
    GROUP BY source, column_name, dimension
    UNION ALL
    SELECT
        source,
        'customer_record' AS table_name,
        column_name,
        business_date,
        dimension,
        failed,
        total
    FROM dq_record_history
),

weighed AS (
    SELECT
        measured.*,
        coalesce(own.weight, everywhere.weight, usual.weight) AS own_weight,
        1 - measured.failed / measured.total AS dimension_score
    FROM measured
    INNER JOIN seed_dq_weight AS usual
        ON measured.dimension = usual.dimension AND usual.table_name = '*' AND usual.column_name = '*'
    LEFT JOIN seed_dq_weight AS everywhere
        ON
            measured.dimension = everywhere.dimension
            AND everywhere.table_name = '*'
            AND measured.column_name = everywhere.column_name
    LEFT JOIN seed_dq_weight AS own
        ON
            measured.dimension = own.dimension
            AND measured.table_name = own.table_name
            AND measured.column_name = own.column_name
    WHERE measured.total > 0
),

scored AS (
    SELECT
        *,
        nullif(sum(own_weight) OVER one_column, 0) AS whole_weight,
        sum(own_weight * dimension_score) OVER one_column AS weighted_score,
        lag(dimension_score) OVER by_day AS previous_score
    FROM weighed
    WINDOW
        one_column AS (PARTITION BY source, table_name, column_name, business_date),
        by_day AS (PARTITION BY source, table_name, column_name, dimension ORDER BY business_date)
)

SELECT
    source,
    table_name,
    column_name,
    business_date,
    dimension,
    failed,
    total,
    coalesce(own_weight / whole_weight, 0) AS score_weight,
    dimension_score,
    least(weighted_score / whole_weight, 1) AS column_score,
    previous_score,
    dimension_score - previous_score AS score_change
FROM scored
