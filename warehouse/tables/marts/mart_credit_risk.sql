WITH limits AS (
    SELECT
        max(limit_value) FILTER (WHERE rule = 'score_base') AS base_score,
        max(limit_value) FILTER (WHERE rule = 'score_double_odds') / ln(2) AS factor,
        ln(max(limit_value) FILTER (WHERE rule = 'score_base_odds')) AS base_log_odds,
        max(limit_value) FILTER (WHERE rule = 'watch_score') AS watch_score,
        max(limit_value) FILTER (WHERE rule = 'high_utilisation') AS high_utilisation
    FROM seed_risk_threshold
),

running_loan AS (
    SELECT
        customer_xref.customer_id,
        loan.loan_number,
        loan.product_code,
        loan.balance,
        loan.overdue,
        loan.instalment + loan.balance * loan.yearly_rate_percent / 1200 AS monthly_due,
        round(loan.balance * fx_rate.cny_per_unit, 2) AS balance_cny,
        round(loan.overdue * fx_rate.cny_per_unit, 2) AS overdue_cny,
        round(loan.written_off * fx_rate.cny_per_unit, 2) AS written_off_cny,
        loan.days_past_due,
        list_position(['normal', 'special_mention', 'substandard', 'doubtful', 'loss'], loan.risk_class) AS class_rank,
        loss.loss_given_default
    FROM stg_core_banking__loan AS loan
    INNER JOIN customer_xref
        ON 'core_banking:' || loan.customer_number = customer_xref.record_key AND customer_xref.valid_to IS NULL
    LEFT JOIN seed_fx_rate AS fx_rate ON loan.currency = fx_rate.currency
    LEFT JOIN seed_loss_given_default AS loss ON loan.product_code = loss.product_code
    WHERE loan.status <> 'repaid' AND loan.opened_on <= $business_date
),

debt AS (
    SELECT
        customer_id,
        count(*) FILTER (WHERE balance > 0) AS loans,
        sum(balance_cny) AS loan_balance_cny,
        sum(overdue_cny) AS overdue_cny,
        sum(written_off_cny) AS written_off_cny,
        sum(monthly_due) FILTER (WHERE balance > 0)::DOUBLE AS monthly_due_cny,
        max(days_past_due) AS days_past_due_max,
        max(class_rank) AS class_rank,
        max(
            CASE
                WHEN balance = 0 THEN 0 WHEN product_code = 'LN202' THEN 1 WHEN product_code = 'LN101' THEN 2 ELSE 3
            END
        ) AS product_rank,
        sum((balance_cny * loss_given_default)::DECIMAL(18, 4)) AS loss_cny
    FROM running_loan
    GROUP BY customer_id
),

late_month AS (
    SELECT
        customer_id,
        count(DISTINCT state_on) AS late_months_12m,
        max(days_past_due) FILTER (WHERE state_on > $business_date - INTERVAL 6 MONTH) AS worst_late_6m
    FROM fct_loan_status
    WHERE days_past_due > 0
    GROUP BY customer_id
),

latest_statement AS (
    SELECT
        cardholder_number,
        last(stated_balance ORDER BY statement_month) AS stated_balance,
        last(late_cycles ORDER BY statement_month) AS late_cycles
    FROM stg_card__statement
    WHERE stated_on <= $business_date
    GROUP BY cardholder_number
),

card_debt AS (
    SELECT
        customer_xref.customer_id,
        sum(holder.credit_limit) AS card_limit_cny,
        sum(coalesce(latest_statement.stated_balance, 0)) AS card_balance_cny,
        max(coalesce(latest_statement.late_cycles, 0)) AS card_late_cycles,
        sum(
            (
                coalesce(latest_statement.stated_balance, 0)
                + loss.credit_conversion
                * greatest(holder.credit_limit - coalesce(latest_statement.stated_balance, 0), 0)
            )::DECIMAL(18, 2)
        ) AS card_at_default_cny,
        max(loss.loss_given_default) AS loss_given_default
    FROM stg_card__cardholder AS holder
    INNER JOIN customer_xref
        ON 'card:' || holder.cardholder_number = customer_xref.record_key AND customer_xref.valid_to IS NULL
    LEFT JOIN latest_statement ON holder.cardholder_number = latest_statement.cardholder_number
    LEFT JOIN seed_loss_given_default AS loss ON loss.product_code = 'CARD'
    WHERE holder.status = 'active'
    GROUP BY customer_xref.customer_id
),

salary AS (
    SELECT
        customer_id,
        max(transacted_on) AS last_salary_on
    FROM fct_transaction
    WHERE category = 'salary' AND transacted_on <= $business_date AND transacted_on > $business_date - 365
    GROUP BY customer_id
),

deposit AS (
    SELECT
        customer_id,
        sum(balance_cny)::DOUBLE AS own_money_cny
    FROM dim_account
    WHERE status <> 'closed' AND kind IN ('deposit', 'term_deposit', 'wealth', 'fund')
    GROUP BY customer_id
),

borrower AS (
    SELECT
        golden_customer.customer_id,
        golden_customer.as_of_date,
        coalesce(debt.loans, 0) AS loans,
        coalesce(debt.loan_balance_cny, 0) AS loan_balance_cny,
        coalesce(card_debt.card_balance_cny, 0) AS card_balance_cny,
        coalesce(card_debt.card_limit_cny, 0) AS card_limit_cny,
        coalesce(debt.loan_balance_cny, 0) + coalesce(card_debt.card_at_default_cny, 0) AS exposure_at_default_cny,
        coalesce(debt.overdue_cny, 0) AS overdue_cny,
        coalesce(debt.written_off_cny, 0) AS written_off_cny,
        coalesce(debt.days_past_due_max, 0) AS days_past_due_max,
        greatest(coalesce(debt.class_rank, 1), 1) AS class_rank,
        coalesce(debt.product_rank, 0) AS product_rank,
        coalesce(late_month.late_months_12m, 0) AS late_months_12m,
        coalesce(late_month.worst_late_6m, 0) AS worst_late_6m,
        coalesce(card_debt.card_late_cycles, 0) AS card_late_cycles,
        CASE
            WHEN card_debt.card_limit_cny > 0
                THEN round(card_debt.card_balance_cny::DOUBLE / card_debt.card_limit_cny::DOUBLE, 4)
        END AS card_utilisation,
        CASE
            WHEN salary.last_salary_on IS NULL THEN 'none'
            WHEN salary.last_salary_on > $business_date - 45 THEN 'regular'
            ELSE 'stopped'
        END AS salary_state,
        coalesce(deposit.own_money_cny, 0) / nullif(debt.monthly_due_cny, 0) AS months_covered,
        coalesce(debt.loss_cny, 0)
        + coalesce((card_debt.card_at_default_cny * card_debt.loss_given_default)::DECIMAL(18, 4), 0) AS loss_cny
    FROM golden_customer
    LEFT JOIN debt ON golden_customer.customer_id = debt.customer_id
    LEFT JOIN card_debt ON golden_customer.customer_id = card_debt.customer_id
    LEFT JOIN late_month ON golden_customer.customer_id = late_month.customer_id
    LEFT JOIN salary ON golden_customer.customer_id = salary.customer_id
    LEFT JOIN deposit ON golden_customer.customer_id = deposit.customer_id
    WHERE debt.customer_id IS NOT NULL OR card_debt.card_limit_cny > 0
),

characteristic_value AS (
    SELECT
        customer_id,
        days_past_due_max::DOUBLE AS days_past_due,
        late_months_12m::DOUBLE AS late_months,
        card_late_cycles::DOUBLE AS card_late_cycles,
        coalesce(card_utilisation, -1)::DOUBLE AS card_utilisation,
        CASE salary_state WHEN 'regular' THEN 0 WHEN 'stopped' THEN 1 ELSE 2 END::DOUBLE AS salary,
        coalesce(months_covered, -1)::DOUBLE AS months_covered,
        product_rank::DOUBLE AS product
    FROM borrower
),

trait AS (
    SELECT
        customer_id,
        characteristic,
        value
    FROM characteristic_value
    UNPIVOT (
        value FOR characteristic IN (
            days_past_due, late_months, card_late_cycles, card_utilisation, salary, months_covered, product
        )
    )
),

scored_trait AS (
    SELECT
        trait.customer_id,
        trait.characteristic,
        card.points
    FROM trait
    INNER JOIN seed_pd_scorecard AS card
        ON
            trait.characteristic = card.characteristic
            AND trait.value >= card.range_from
            AND trait.value < card.range_below
),

score AS (
    SELECT
        customer_id,
        sum(points) AS points,
        first(characteristic ORDER BY points ASC, characteristic ASC) FILTER (WHERE points < 0) AS weakest_trait
    FROM scored_trait
    GROUP BY customer_id
),

rated AS (
    SELECT
        borrower.*,
        score.weakest_trait,
        score.points + intercept.points AS score,
        borrower.days_past_due_max > 90 OR borrower.class_rank >= 3 OR borrower.card_late_cycles > 3 AS is_defaulted,
        round(
            1 / (1 + exp((score.points + intercept.points - limits.base_score) / limits.factor + limits.base_log_odds)),
            6
        ) AS scored_probability,
        limits.watch_score,
        limits.high_utilisation
    FROM borrower
    INNER JOIN score ON borrower.customer_id = score.customer_id
    INNER JOIN seed_pd_scorecard AS intercept ON intercept.characteristic = 'intercept'
    CROSS JOIN limits
)

SELECT
    customer_id,
    as_of_date,
    loans,
    loan_balance_cny,
    card_balance_cny,
    card_limit_cny,
    loan_balance_cny + card_balance_cny AS exposure_cny,
    exposure_at_default_cny,
    card_utilisation,
    overdue_cny,
    written_off_cny,
    days_past_due_max,
    ['normal', 'special_mention', 'substandard', 'doubtful', 'loss'][class_rank] AS worst_class,
    card_late_cycles,
    late_months_12m,
    salary_state,
    round(months_covered, 2) AS months_covered,
    score,
    weakest_trait,
    is_defaulted,
    CASE WHEN is_defaulted THEN 1 ELSE scored_probability END AS default_probability,
    round(loss_cny * CASE WHEN is_defaulted THEN 1 ELSE scored_probability END, 2) AS expected_loss_cny,
    NOT is_defaulted
    AND (
        days_past_due_max > 0
        OR card_late_cycles > 0
        OR score < watch_score
        OR (loans > 0 AND coalesce(card_utilisation >= high_utilisation, FALSE))
        OR (loans > 0 AND salary_state = 'stopped')
    ) AS is_watched
FROM rated
