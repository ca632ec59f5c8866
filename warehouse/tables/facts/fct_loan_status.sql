WITH evening AS (
    SELECT
        least(
            $business_date,
            (date_trunc('month', $business_date) - to_months(step.back::INTEGER) + INTERVAL 1 MONTH)::DATE - 1
        ) AS state_on
    FROM (SELECT unnest(generate_series(0, 12)) AS back) AS step
),

loan_evening AS (
    SELECT
        loan.loan_number,
        loan.customer_number,
        loan.product_code,
        loan.written_off_on,
        evening.state_on
    FROM stg_core_banking__loan AS loan
    INNER JOIN evening ON loan.opened_on < evening.state_on
    WHERE loan.status <> 'repaid' OR loan.updated_at::DATE > evening.state_on
)

SELECT
    loan_evening.loan_number,
    loan_evening.state_on,
    customer_xref.customer_id,
    loan_evening.product_code,
    CASE
        WHEN loan_evening.written_off_on <= loan_evening.state_on THEN 0 ELSE coalesce(arrears.days_past_due, 0)
    END AS days_past_due,
    CASE
        WHEN loan_evening.written_off_on <= loan_evening.state_on THEN 'written_off'
        WHEN arrears.days_past_due > 90 THEN 'm4_plus'
        WHEN arrears.days_past_due > 60 THEN 'm3'
        WHEN arrears.days_past_due > 30 THEN 'm2'
        WHEN arrears.days_past_due > 0 THEN 'm1'
        ELSE 'current'
    END AS bucket,
    CASE
        WHEN loan_evening.written_off_on <= loan_evening.state_on THEN 'loss'
        ELSE coalesce(arrears.risk_class, 'normal')
    END AS risk_class
FROM loan_evening
LEFT JOIN stg_core_banking__arrears AS arrears
    ON loan_evening.loan_number = arrears.loan_number AND loan_evening.state_on = arrears.state_on
LEFT JOIN customer_xref
    ON
        'core_banking:' || loan_evening.customer_number = customer_xref.record_key
        AND customer_xref.valid_to IS NULL
