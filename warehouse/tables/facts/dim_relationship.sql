WITH core_record AS (
    SELECT
        customer_xref.customer_id,
        cust.*,
        coalesce(cust.status, 'normal') NOT IN ('merged', 'closed')
        AND coalesce(cust.change_kind, 'inserted') <> 'deleted' AS is_live
    FROM stg_core_banking__cust AS cust
    INNER JOIN customer_xref
        ON 'core_banking:' || cust.customer_number = customer_xref.record_key AND customer_xref.valid_to IS NULL
),

freshest_record AS (
    SELECT *
    FROM core_record
    QUALIFY row_number() OVER (
        PARTITION BY customer_id ORDER BY is_live DESC, updated_at DESC NULLS LAST, customer_number ASC
    ) = 1
),

of_all_records AS (
    SELECT
        customer_id,
        greatest(count(*) FILTER (WHERE is_live), 1) AS core_numbers,
        bool_or(coalesce(status = 'deceased', FALSE)) AS is_deceased,
        max(
            CASE due_diligence_risk WHEN 'high' THEN 3 WHEN 'medium' THEN 2 WHEN 'low' THEN 1 END
        ) FILTER (WHERE is_live) AS worst_risk,
        min(due_diligence_due_on) FILTER (WHERE is_live) AS due_diligence_due_on,
        min(opened_on) AS opened_on
    FROM core_record
    GROUP BY customer_id
)

SELECT
    freshest_record.customer_id,
    of_all_records.core_numbers,
    freshest_record.customer_number,
    freshest_record.status,
    of_all_records.is_deceased,
    freshest_record.home_branch_code,
    freshest_record.manager_id,
    freshest_record.occupation,
    freshest_record.income_band,
    freshest_record.risk_tolerance,
    CASE of_all_records.worst_risk WHEN 3 THEN 'high' WHEN 2 THEN 'medium' WHEN 1 THEN 'low' END AS due_diligence_risk,
    of_all_records.due_diligence_due_on,
    freshest_record.verified,
    of_all_records.opened_on
FROM freshest_record
INNER JOIN of_all_records ON freshest_record.customer_id = of_all_records.customer_id
