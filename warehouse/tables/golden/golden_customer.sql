WITH active_link AS (
    SELECT
        customer_id,
        record_key,
        source,
        confidence
    FROM customer_xref
    WHERE valid_to IS NULL
),

cluster AS (
    SELECT
        customer_id,
        count(*) AS records,
        string_agg(DISTINCT source, ',' ORDER BY source) AS sources,
        min(confidence) AS confidence
    FROM active_link
    GROUP BY customer_id
),

survivor AS (
    SELECT
        customer_id,
        max(value) FILTER (WHERE attribute = 'party_type') AS party_type,
        max(value) FILTER (WHERE attribute = 'name') AS name,
        max(value) FILTER (WHERE attribute = 'identity_document') AS identity_document,
        max(value) FILTER (WHERE attribute = 'birth_date') AS birth_date,
        max(value) FILTER (WHERE attribute = 'gender') AS gender,
        max(value) FILTER (WHERE attribute = 'mobile') AS mobile,
        max(value) FILTER (WHERE attribute = 'email') AS email,
        max(value) FILTER (WHERE attribute = 'address') AS address,
        max(value) FILTER (WHERE attribute = 'nationality') AS nationality,
        max(value) FILTER (WHERE attribute = 'opened_on') AS opened_on,
        max(record_key) FILTER (WHERE attribute = 'name') AS name_record,
        max(record_key) FILTER (WHERE attribute = 'identity_document') AS document_record,
        count(*) AS attributes
    FROM golden_lineage
    GROUP BY customer_id
)

SELECT
    cluster.customer_id,
    $business_date AS as_of_date,
    survivor.party_type,
    survivor.name,
    name_giver.name_pinyin,
    survivor.identity_document,
    document_giver.identity_status,
    survivor.birth_date::DATE AS birth_date,
    survivor.gender,
    survivor.mobile,
    survivor.email,
    survivor.address,
    survivor.nationality,
    survivor.opened_on::DATE AS opened_on,
    cluster.records,
    cluster.sources,
    coalesce(survivor.attributes, 0) / 10 AS completeness,
    cluster.confidence
FROM cluster
LEFT JOIN survivor ON cluster.customer_id = survivor.customer_id
LEFT JOIN customer_record AS name_giver ON survivor.name_record = name_giver.record_key
LEFT JOIN customer_record AS document_giver ON survivor.document_record = document_giver.record_key
