-- table: stg_core_banking__loan_sched
-- severity: warning
-- description: The unpaid instalments of a loan (a year is handed over) add up to what it says is past due.
-- zh: 贷款计划中已到期未还本金之和等于贷款台账的逾期金额（仅限近一年内的期次）。
WITH unpaid AS (
    SELECT
        loan_number,
        sum(principal_due) AS overdue
    FROM stg_core_banking__loan_sched
    WHERE instalment_status = 'past_due'
    GROUP BY loan_number
)

SELECT loan.loan_number
FROM stg_core_banking__loan AS loan
LEFT JOIN unpaid ON loan.loan_number = unpaid.loan_number
WHERE
    loan.status = 'past_due'
    AND loan.days_past_due < 330
    AND coalesce(loan.overdue, 0) <> coalesce(unpaid.overdue, 0)
