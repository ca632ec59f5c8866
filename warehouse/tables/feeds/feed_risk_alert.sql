WITH late_loan AS (
    SELECT
        customer_xref.customer_id,
        CASE WHEN arrears.days_past_due > 90 THEN 'loan_defaulted' ELSE 'loan_past_due' END AS risk_signal,
        arrears.state_on AS seen_on,
        arrears.days_past_due,
        arrears.overdue
    FROM stg_core_banking__arrears AS arrears
    INNER JOIN stg_core_banking__loan AS loan ON arrears.loan_number = loan.loan_number
    INNER JOIN customer_xref
        ON 'core_banking:' || loan.customer_number = customer_xref.record_key AND customer_xref.valid_to IS NULL
    WHERE arrears.days_past_due > 0 AND arrears.state_on <= $business_date
),

statement AS (
    SELECT
        customer_xref.customer_id,
        card.stated_on,
        card.late_cycles,
        card.stated_balance,
        holder.credit_limit
    FROM stg_card__statement AS card
    INNER JOIN stg_card__cardholder AS holder ON card.cardholder_number = holder.cardholder_number
    INNER JOIN customer_xref
        ON 'card:' || card.cardholder_number = customer_xref.record_key AND customer_xref.valid_to IS NULL
    WHERE card.stated_on <= $business_date AND holder.status = 'active'
),

high_use AS (
    SELECT max(limit_value) AS share
    FROM seed_risk_threshold
    WHERE rule = 'high_utilisation'
),

suspicious_day AS (
    SELECT
        customer_id,
        transacted_on,
        max(day_score) AS day_score,
        max(amount_out_cny) AS amount_cny
    FROM mart_txn_risk
    WHERE is_alert
    GROUP BY customer_id, transacted_on
),

last_salary AS (
    SELECT
        fct_transaction.customer_id,
        max(fct_transaction.transacted_on) AS last_salary_on
    FROM fct_transaction
    WHERE fct_transaction.category = 'salary' AND fct_transaction.transacted_on <= $business_date
    GROUP BY fct_transaction.customer_id
),

sighting AS (
    SELECT
        customer_id,
        risk_signal,
        seen_on,
        CASE WHEN max(days_past_due) > 30 THEN 3 ELSE 2 END AS severity_rank,
        sum(overdue) AS amount_cny
    FROM late_loan
    GROUP BY customer_id, risk_signal, seen_on
    UNION ALL
    SELECT
        customer_id,
        'card_unpaid' AS risk_signal,
        stated_on AS seen_on,
        CASE WHEN max(late_cycles) > 2 THEN 3 WHEN max(late_cycles) > 1 THEN 2 ELSE 1 END AS severity_rank,
        sum(stated_balance) AS amount_cny
    FROM statement
    WHERE late_cycles > 0
    GROUP BY customer_id, stated_on
    UNION ALL
    SELECT
        statement.customer_id,
        'card_limit_used' AS risk_signal,
        statement.stated_on AS seen_on,
        1 AS severity_rank,
        sum(statement.stated_balance) AS amount_cny
    FROM statement
    CROSS JOIN high_use
    WHERE statement.stated_balance >= statement.credit_limit * high_use.share AND statement.credit_limit > 0
    GROUP BY statement.customer_id, statement.stated_on
    UNION ALL
    SELECT
        mart_credit_risk.customer_id,
        'salary_stopped' AS risk_signal,
        step.day::DATE AS seen_on,
        2 AS severity_rank,
        mart_credit_risk.loan_balance_cny AS amount_cny
    FROM mart_credit_risk
    INNER JOIN last_salary ON mart_credit_risk.customer_id = last_salary.customer_id
    CROSS JOIN unnest([last_salary.last_salary_on + 45, $business_date]) AS step (day)
    WHERE mart_credit_risk.salary_state = 'stopped' AND mart_credit_risk.loans > 0
    UNION ALL
    SELECT
        customer_id,
        'suspicious_transfer' AS risk_signal,
        transacted_on AS seen_on,
        CASE WHEN day_score >= 90 THEN 3 ELSE 2 END AS severity_rank,
        amount_cny
    FROM suspicious_day
),

with_gap AS (
    SELECT
        sighting.*,
        alert_signal.open_days,
        alert_signal.owner_kind,
        alert_signal.action,
        sighting.risk_signal <> 'salary_stopped'
        AND sighting.seen_on - lag(sighting.seen_on) OVER (
            PARTITION BY sighting.customer_id, sighting.risk_signal ORDER BY sighting.seen_on
        ) > alert_signal.window_days AS is_apart
    FROM sighting
    INNER JOIN seed_alert_signal AS alert_signal ON sighting.risk_signal = alert_signal.risk_signal
),

in_run AS (
    SELECT
        *,
        sum(coalesce(is_apart, FALSE)::INTEGER) OVER (PARTITION BY customer_id, risk_signal ORDER BY seen_on) AS run
    FROM with_gap
),

alert AS (
    SELECT
        customer_id,
        risk_signal,
        max(severity_rank) AS severity_rank,
        min(seen_on) AS first_seen_on,
        max(seen_on) AS last_seen_on,
        count(DISTINCT seen_on) AS sightings,
        max(amount_cny) AS amount_cny,
        max(open_days) AS open_days,
        max(owner_kind) AS owner_kind,
        max(action) AS action
    FROM in_run
    GROUP BY customer_id, risk_signal, run
    HAVING max(seen_on) > $business_date - 90
)

SELECT
    alert.customer_id,
    $business_date AS as_of_date,
    alert.risk_signal,
    ['low', 'medium', 'high'][alert.severity_rank] AS severity,
    alert.first_seen_on,
    alert.last_seen_on,
    alert.sightings,
    alert.amount_cny,
    CASE
        WHEN alert.owner_kind = 'manager'
            THEN coalesce(
                relation.manager_id, 'branch ' || relation.home_branch_code, 'head office'
            )
        ELSE alert.owner_kind
    END AS owner,
    CASE WHEN alert.last_seen_on + alert.open_days::INTEGER >= $business_date THEN 'open' ELSE 'closed' END AS status,
    alert.action,
    CASE
        WHEN alert.last_seen_on + alert.open_days::INTEGER >= $business_date THEN $business_date
        ELSE alert.last_seen_on
    END - alert.first_seen_on AS days_open
FROM alert
LEFT JOIN dim_relationship AS relation ON alert.customer_id = relation.customer_id
