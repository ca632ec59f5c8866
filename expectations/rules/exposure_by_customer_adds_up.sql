-- table: mart_credit_risk
-- severity: critical
-- description: The loans of a customer are the loan balances under the customer's core-banking numbers, to the cent.
-- zh: 客户贷款余额等于其名下核心系统未结清贷款余额之和，精确到分。
WITH by_loan AS (
    SELECT
        customer_xref.customer_id,
        sum(round(loan.balance * fx_rate.cny_per_unit, 2)::DECIMAL(18, 2)) AS balance_cny
    FROM stg_core_banking__loan AS loan
    INNER JOIN customer_xref
        ON 'core_banking:' || loan.customer_number = customer_xref.record_key AND customer_xref.valid_to IS NULL
    INNER JOIN seed_fx_rate AS fx_rate ON loan.currency = fx_rate.currency
    GROUP BY customer_xref.customer_id
)

SELECT coalesce(mart_credit_risk.customer_id, by_loan.customer_id) AS customer_id
FROM mart_credit_risk
FULL JOIN by_loan ON mart_credit_risk.customer_id = by_loan.customer_id
WHERE coalesce(mart_credit_risk.loan_balance_cny, 0) <> coalesce(by_loan.balance_cny, 0)
