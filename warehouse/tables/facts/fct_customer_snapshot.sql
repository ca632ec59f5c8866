WITH rule AS (
    SELECT max(rule_value) FILTER (WHERE rule = 'window_days')::INTEGER AS window_days
    FROM seed_churn_rule
),

history AS (
    SELECT min(transacted_on) AS first_day
    FROM fct_transaction
),

step AS (
    SELECT unnest(generate_series(0, 3)) AS period
),

snapshot AS (
    SELECT
        step.period::INTEGER AS period,
        $business_date - step.period::INTEGER * rule.window_days AS as_of_date,
        rule.window_days
    FROM rule
    CROSS JOIN history
    CROSS JOIN step
    WHERE step.period = 0 OR $business_date - (step.period::INTEGER + 1) * rule.window_days >= history.first_day
),

movement AS (
    SELECT
        fct_transaction.account_key,
        fct_transaction.source,
        fct_transaction.category,
        fct_transaction.amount_cny,
        fct_transaction.is_customer_initiated,
        fct_transaction.transacted_on,
        rule.window_days,
        ($business_date - fct_transaction.transacted_on) // rule.window_days AS period,
        ($business_date - fct_transaction.transacted_on) % rule.window_days AS days_before
    FROM fct_transaction
    CROSS JOIN rule
    WHERE fct_transaction.transacted_on <= $business_date
),

account_period AS (
    SELECT
        account_key,
        period,
        sum(amount_cny) AS net_cny,
        sum(amount_cny * (window_days - 1 - days_before)) AS net_cny_days,
        sum(amount_cny * (29 - days_before)) FILTER (WHERE days_before < 30) AS net_cny_days_30d,
        count(*) FILTER (WHERE is_customer_initiated) AS own_transactions,
        max(transacted_on) FILTER (WHERE is_customer_initiated) AS last_own_on,
        -sum(amount_cny) FILTER (WHERE is_customer_initiated AND amount_cny < 0) AS out_cny,
        -sum(amount_cny) FILTER (
            WHERE is_customer_initiated AND amount_cny < 0 AND days_before < 30
        ) AS out_30d_cny,
        sum(amount_cny) FILTER (WHERE category = 'salary') AS salary_cny,
        -sum(amount_cny) FILTER (WHERE source = 'card' AND amount_cny < 0) AS card_spend_cny
    FROM movement
    GROUP BY account_key, period
),

account_snapshot AS (
    SELECT
        dim_account.customer_id,
        snapshot.period,
        dim_account.account_key,
        any_value(dim_account.product_code) AS product_code,
        any_value(dim_account.kind) AS kind,
        any_value(dim_account.opened_on) AS opened_on,
        bool_and(coalesce(dim_account.closed_on > snapshot.as_of_date, dim_account.status <> 'closed')) AS is_open,
        any_value(dim_account.balance_cny)
        - coalesce(sum(moved.net_cny) FILTER (WHERE moved.period < snapshot.period), 0) AS balance_cny,
        any_value(dim_account.balance_cny) - coalesce(sum(moved.net_cny), 0) AS opening_cny,
        coalesce(greatest(any_value(dim_account.opened_on - snapshot.as_of_date + snapshot.window_days) - 1, 0), 0)
        / any_value(snapshot.window_days) AS share_unopened,
        coalesce(greatest(any_value(dim_account.opened_on - snapshot.as_of_date) + 29, 0), 0)
        / 30 AS share_unopened_30d,
        coalesce(sum(moved.net_cny_days) FILTER (WHERE moved.period = snapshot.period), 0)
        / any_value(snapshot.window_days) AS above_mean_cny,
        coalesce(sum(moved.net_cny_days_30d) FILTER (WHERE moved.period = snapshot.period), 0)
        / 30 AS above_mean_30d_cny,
        max(moved.last_own_on) FILTER (WHERE moved.period >= snapshot.period) AS last_own_on,
        sum(moved.own_transactions) FILTER (WHERE moved.period = snapshot.period) AS own_transactions,
        sum(moved.own_transactions) FILTER (WHERE moved.period = snapshot.period + 1) AS own_transactions_before,
        sum(moved.out_cny) FILTER (WHERE moved.period = snapshot.period) AS out_cny,
        sum(moved.out_30d_cny) FILTER (WHERE moved.period = snapshot.period) AS out_30d_cny,
        sum(moved.salary_cny) FILTER (WHERE moved.period = snapshot.period) AS salary_cny,
        sum(moved.card_spend_cny) FILTER (WHERE moved.period = snapshot.period) AS card_spend_cny
    FROM dim_account
    INNER JOIN snapshot ON coalesce(dim_account.opened_on <= snapshot.as_of_date, TRUE)
    LEFT JOIN account_period AS moved ON dim_account.account_key = moved.account_key
    WHERE dim_account.customer_id IS NOT NULL
    GROUP BY dim_account.customer_id, snapshot.period, dim_account.account_key
),

money AS (
    SELECT
        customer_id,
        period,
        min(opened_on) AS first_opened_on,
        count(*) FILTER (WHERE is_open AND kind <> 'card') AS open_accounts,
        count(*) FILTER (WHERE is_open AND kind = 'card') AS cards,
        count(DISTINCT product_code) FILTER (WHERE is_open) AS products,
        string_agg(DISTINCT product_code, ',' ORDER BY product_code) FILTER (WHERE is_open) AS held_products,
        sum(balance_cny) FILTER (WHERE kind NOT IN ('card', 'loan')) AS aum_cny,
        sum(balance_cny - above_mean_cny - opening_cny * share_unopened) FILTER (
            WHERE kind NOT IN ('card', 'loan')
        ) AS aum_mean_cny,
        sum(balance_cny - above_mean_30d_cny - opening_cny * share_unopened_30d) FILTER (
            WHERE kind NOT IN ('card', 'loan')
        ) AS aum_mean_30d_cny,
        max(last_own_on) AS last_own_on,
        sum(own_transactions) AS own_transactions,
        sum(own_transactions_before) AS own_transactions_before,
        sum(out_cny) AS out_cny,
        sum(out_30d_cny) AS out_30d_cny,
        sum(salary_cny) AS salary_cny,
        sum(card_spend_cny) AS card_spend_cny
    FROM account_snapshot
    GROUP BY customer_id, period
),

conduct AS (
    SELECT
        behavior.customer_id,
        snapshot.period,
        sum(behavior.logins) AS logins,
        sum(behavior.transfers_failed) AS transfers_failed,
        sum(behavior.contacts) AS contacts
    FROM fct_behavior_daily AS behavior
    INNER JOIN snapshot
        ON
            behavior.day <= snapshot.as_of_date
            AND behavior.day > snapshot.as_of_date - snapshot.window_days
    GROUP BY behavior.customer_id, snapshot.period
),

grievance AS (
    SELECT
        complaint.customer_id,
        snapshot.period,
        count(*) AS complaints
    FROM mart_service_case AS complaint
    INNER JOIN snapshot
        ON
            complaint.opened_at::DATE <= snapshot.as_of_date
            AND complaint.opened_at::DATE > snapshot.as_of_date - snapshot.window_days
    WHERE complaint.kind = 'complaint' AND complaint.customer_id IS NOT NULL
    GROUP BY complaint.customer_id, snapshot.period
)

SELECT
    money.customer_id,
    snapshot.as_of_date,
    CASE
        WHEN golden_customer.birth_date <= snapshot.as_of_date
            THEN
                year(snapshot.as_of_date) - year(golden_customer.birth_date)
                - (
                    strftime(snapshot.as_of_date, '%m%d') < strftime(golden_customer.birth_date, '%m%d')
                )::INTEGER
    END AS age_years,
    greatest(snapshot.as_of_date - money.first_opened_on, 0) AS tenure_days,
    money.open_accounts,
    money.cards,
    money.products,
    coalesce(money.held_products, '') AS held_products,
    coalesce(money.aum_cny, 0) AS aum_cny,
    coalesce(money.aum_mean_cny, 0) AS aum_mean_90d_cny,
    coalesce(money.aum_mean_30d_cny, 0) AS aum_mean_30d_cny,
    coalesce(money.own_transactions, 0) AS own_transactions_90d,
    coalesce(money.own_transactions_before, 0) AS own_transactions_before_90d,
    snapshot.as_of_date - money.last_own_on AS days_since_own_transaction,
    coalesce(money.out_cny, 0) AS out_90d_cny,
    coalesce(money.out_30d_cny, 0) AS out_30d_cny,
    coalesce(money.salary_cny, 0) AS salary_90d_cny,
    coalesce(money.card_spend_cny, 0) AS card_spend_90d_cny,
    coalesce(conduct.logins, 0) AS logins_90d,
    coalesce(conduct.transfers_failed, 0) AS transfers_failed_90d,
    coalesce(conduct.contacts, 0) AS contacts_90d,
    coalesce(grievance.complaints, 0) AS complaints_90d
FROM money
INNER JOIN snapshot ON money.period = snapshot.period
INNER JOIN golden_customer ON money.customer_id = golden_customer.customer_id
LEFT JOIN conduct ON money.customer_id = conduct.customer_id AND money.period = conduct.period
LEFT JOIN grievance ON money.customer_id = grievance.customer_id AND money.period = grievance.period
