WITH complaint AS (
    SELECT
        mart_service_case.*,
        rule.is_complex,
        mart_service_case.opened_at::DATE + rule.due_days::INTEGER AS due_on,
        mart_service_case.opened_at::DATE + (rule.due_days + rule.extension_days)::INTEGER AS latest_due_on,
        lag(mart_service_case.opened_at) OVER (
            PARTITION BY mart_service_case.customer_id
            ORDER BY mart_service_case.opened_at, mart_service_case.case_number
        ) AS previous_at
    FROM mart_service_case
    INNER JOIN seed_complaint_deadline AS rule ON mart_service_case.severity = rule.severity
    WHERE mart_service_case.kind = 'complaint'
)

SELECT
    complaint.case_number,
    complaint.customer_id,
    complaint.as_of_date,
    dim_relationship.home_branch_code,
    complaint.topic AS category,
    complaint.severity,
    complaint.channel,
    complaint.opened_at,
    complaint.is_complex,
    complaint.due_on,
    complaint.latest_due_on,
    complaint.closed_at,
    complaint.status,
    complaint.age_days AS days_to_decide,
    coalesce(complaint.closed_at::DATE, $business_date) > complaint.due_on AS is_overdue,
    complaint.customer_id IS NOT NULL
    AND coalesce(complaint.opened_at::DATE - complaint.previous_at::DATE <= 90, FALSE) AS is_repeat
FROM complaint
LEFT JOIN dim_relationship ON complaint.customer_id = dim_relationship.customer_id
