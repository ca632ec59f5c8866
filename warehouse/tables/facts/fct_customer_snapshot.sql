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
        fct_transaction.customer_id,
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
    WHERE fct_transaction.transacted_on <= $business_date AND fct_transaction.customer_id IS NOT NULL
),

account_period AS (
    SELECT
        account_key,
        period,
        any_value(customer_id) AS customer_id,
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

customer_period AS (
    SELECT
        customer_id,
        period,
        sum(own_transactions) AS own_transactions,
        max(last_own_on) AS last_own_on,
        sum(out_cny) AS out_cny,
        sum(out_30d_cny) AS out_30d_cny,
        sum(salary_cny) AS salary_cny,
        sum(card_spend_cny) AS card_spend_cny
    FROM account_period
    GROUP BY customer_id, period
),

doing AS (
    SELECT
        customer_period.customer_id,
        snapshot.period,
        max(customer_period.last_own_on) AS last_own_on,
        sum(customer_period.own_transactions) FILTER (
            WHERE customer_period.period = snapshot.period
        ) AS own_transactions,
        sum(customer_period.own_transactions) FILTER (
            WHERE customer_period.period = snapshot.period + 1
        ) AS own_transactions_before,
        sum(customer_period.out_cny) FILTER (WHERE customer_period.period = snapshot.period) AS out_cny,
        sum(customer_period.out_30d_cny) FILTER (WHERE customer_period.period = snapshot.period) AS out_30d_cny,
        sum(customer_period.salary_cny) FILTER (WHERE customer_period.period = snapshot.period) AS salary_cny,
        sum(customer_period.card_spend_cny) FILTER (WHERE customer_period.period = snapshot.period) AS card_spend_cny
    FROM customer_period
    INNER JOIN snapshot ON customer_period.period >= snapshot.period
    GROUP BY customer_period.customer_id, snapshot.period
),

money_account AS (
    SELECT
        account_key,
        customer_id,
        CASE WHEN kind <> 'term_deposit' THEN opened_on END AS opened_on,
        balance_cny
    FROM dim_account
    WHERE kind NOT IN ('card', 'loan') AND customer_id IS NOT NULL
),

money_period AS (
    SELECT
        money_account.customer_id,
        money_account.opened_on,
        account_period.period,
        account_period.net_cny,
        account_period.net_cny_days,
        account_period.net_cny_days_30d
    FROM money_account
    INNER JOIN account_period ON money_account.account_key = account_period.account_key
),

flow AS (
    SELECT
        money_period.customer_id,
        snapshot.period,
        sum(money_period.net_cny) FILTER (WHERE money_period.period < snapshot.period) AS net_since_cny,
        sum(money_period.net_cny_days) FILTER (WHERE money_period.period = snapshot.period)
        / any_value(snapshot.window_days) AS above_mean_cny,
        sum(money_period.net_cny_days_30d) FILTER (WHERE money_period.period = snapshot.period)
        / 30 AS above_mean_30d_cny
    FROM money_period
    INNER JOIN snapshot
        ON
            money_period.period <= snapshot.period
            AND coalesce(money_period.opened_on <= snapshot.as_of_date, TRUE)
    GROUP BY money_period.customer_id, snapshot.period
),

new_account AS (
    SELECT
        money_account.account_key,
        money_account.customer_id,
        money_account.balance_cny,
        snapshot.period,
        snapshot.window_days,
        money_account.opened_on - snapshot.as_of_date + snapshot.window_days - 1 AS days_unopened,
        greatest(money_account.opened_on - snapshot.as_of_date + 29, 0) AS days_unopened_30d
    FROM money_account
    INNER JOIN snapshot
        ON
            money_account.opened_on <= snapshot.as_of_date
            AND money_account.opened_on > snapshot.as_of_date - snapshot.window_days
),

opening AS (
    SELECT
        new_account.account_key,
        any_value(new_account.customer_id) AS customer_id,
        any_value(new_account.period) AS period,
        any_value(new_account.balance_cny) - coalesce(sum(account_period.net_cny), 0) AS opening_cny,
        any_value(new_account.days_unopened / new_account.window_days) AS share_unopened,
        any_value(new_account.days_unopened_30d / 30) AS share_unopened_30d
    FROM new_account
    LEFT JOIN account_period ON new_account.account_key = account_period.account_key
    GROUP BY new_account.account_key
),

unopened AS (
    SELECT
        customer_id,
        period,
        sum(opening_cny * share_unopened) AS mean_cny,
        sum(opening_cny * share_unopened_30d) AS mean_30d_cny
    FROM opening
    GROUP BY customer_id, period
),

known_account AS (
    SELECT
        dim_account.customer_id,
        snapshot.period,
        dim_account.product_code,
        dim_account.kind,
        dim_account.opened_on,
        dim_account.balance_cny,
        coalesce(dim_account.opened_on <= snapshot.as_of_date, TRUE) AS is_begun,
        coalesce(dim_account.opened_on <= snapshot.as_of_date, TRUE)
        AND coalesce(dim_account.closed_on > snapshot.as_of_date, dim_account.status <> 'closed') AS is_open
    FROM dim_account
    INNER JOIN snapshot
        ON coalesce(dim_account.opened_on <= snapshot.as_of_date, TRUE) OR dim_account.kind = 'term_deposit'
    WHERE dim_account.customer_id IS NOT NULL
),

holding AS (
    SELECT
        customer_id,
        period,
        min(opened_on) AS first_opened_on,
        count(*) FILTER (WHERE is_open AND kind <> 'card') AS open_accounts,
        count(*) FILTER (WHERE is_open AND kind = 'card') AS cards,
        list_sort(list_distinct(list(product_code) FILTER (WHERE is_open))) AS held,
        sum(balance_cny) FILTER (WHERE kind NOT IN ('card', 'loan')) AS balance_cny
    FROM known_account
    GROUP BY customer_id, period
    HAVING bool_or(is_begun)
),

money AS (
    SELECT
        holding.customer_id,
        holding.period,
        holding.first_opened_on,
        holding.open_accounts,
        holding.cards,
        coalesce(len(holding.held), 0) AS products,
        array_to_string(holding.held, ',') AS held_products,
        holding.balance_cny - coalesce(flow.net_since_cny, 0) AS aum_cny,
        coalesce(flow.above_mean_cny, 0) + coalesce(unopened.mean_cny, 0) AS above_mean_cny,
        coalesce(flow.above_mean_30d_cny, 0) + coalesce(unopened.mean_30d_cny, 0) AS above_mean_30d_cny
    FROM holding
    LEFT JOIN flow ON holding.customer_id = flow.customer_id AND holding.period = flow.period
    LEFT JOIN unopened ON holding.customer_id = unopened.customer_id AND holding.period = unopened.period
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
    coalesce(money.aum_cny - money.above_mean_cny, 0) AS aum_mean_90d_cny,
    coalesce(money.aum_cny - money.above_mean_30d_cny, 0) AS aum_mean_30d_cny,
    coalesce(doing.own_transactions, 0) AS own_transactions_90d,
    coalesce(doing.own_transactions_before, 0) AS own_transactions_before_90d,
    snapshot.as_of_date - doing.last_own_on AS days_since_own_transaction,
    coalesce(doing.out_cny, 0) AS out_90d_cny,
    coalesce(doing.out_30d_cny, 0) AS out_30d_cny,
    coalesce(doing.salary_cny, 0) AS salary_90d_cny,
    coalesce(doing.card_spend_cny, 0) AS card_spend_90d_cny,
    coalesce(conduct.logins, 0) AS logins_90d,
    coalesce(conduct.transfers_failed, 0) AS transfers_failed_90d,
    coalesce(conduct.contacts, 0) AS contacts_90d,
    coalesce(grievance.complaints, 0) AS complaints_90d
FROM money
INNER JOIN snapshot ON money.period = snapshot.period
INNER JOIN golden_customer ON money.customer_id = golden_customer.customer_id
LEFT JOIN doing ON money.customer_id = doing.customer_id AND money.period = doing.period
LEFT JOIN conduct ON money.customer_id = conduct.customer_id AND money.period = conduct.period
LEFT JOIN grievance ON money.customer_id = grievance.customer_id AND money.period = grievance.period
