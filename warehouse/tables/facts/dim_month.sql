WITH step AS (
    SELECT unnest(generate_series(0, 11))::INTEGER AS months_back
)

SELECT
    months_back,
    (date_trunc('month', $business_date) - to_months(months_back))::DATE AS month,
    least(
        $business_date, (date_trunc('month', $business_date) - to_months(months_back - 1))::DATE - 1
    ) AS last_day
FROM step
