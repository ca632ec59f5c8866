WITH stage AS (
    SELECT
        loan_number,
        bucket,
        year(state_on) * 12 + month(state_on) AS month_number,
        date_trunc('month', state_on)::DATE AS month
    FROM fct_loan_status
    WHERE bucket <> 'written_off'
),

later_stage AS (
    SELECT
        loan_number,
        bucket,
        year(state_on) * 12 + month(state_on) AS month_number
    FROM fct_loan_status
),

way AS (
    SELECT
        (stage.month + INTERVAL 1 MONTH)::DATE AS month,
        stage.bucket AS from_bucket,
        coalesce(later_stage.bucket, 'repaid') AS to_bucket,
        count(*) AS loans
    FROM stage
    LEFT JOIN later_stage
        ON stage.loan_number = later_stage.loan_number AND stage.month_number + 1 = later_stage.month_number
    WHERE stage.month < date_trunc('month', $business_date)
    GROUP BY stage.month, stage.bucket, coalesce(later_stage.bucket, 'repaid')
)

SELECT
    month,
    from_bucket,
    to_bucket,
    loans,
    sum(loans) OVER (PARTITION BY month, from_bucket)::BIGINT AS from_loans,
    loans / sum(loans) OVER (PARTITION BY month, from_bucket) AS roll_rate,
    to_bucket <> 'repaid'
    AND list_position(['current', 'm1', 'm2', 'm3', 'm4_plus', 'written_off'], to_bucket)
    > list_position(['current', 'm1', 'm2', 'm3', 'm4_plus', 'written_off'], from_bucket) AS is_worse
FROM way
