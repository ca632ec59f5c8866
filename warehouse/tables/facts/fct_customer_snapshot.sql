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
        fct_transaction.*,
        fct_transaction.source = 'core_banking' AND prod.kind <> 'loan' AS is_of_money,
        ($business_date - fct_transaction.transacted_on) // rule.window_days AS period,
        ($business_date - fct_transaction.transacted_on) % rule.window_days AS days_before,
        rule.window_days
    FROM fct_transaction
    CROSS JOIN rule
    LEFT JOIN stg_core_banking__prod AS prod ON fct_transaction.product_code = prod.product_code
    WHERE fct_transaction.transacted_on <= $business_date AND fct_transaction.customer_id IS NOT NULL
),

customer_period AS (
    SELECT
        customer_id,
        period,
        sum(amount_cny) FILTER (WHERE is_of_money) AS net_cny,
        sum(amount_cny * (window_days - 1 - days_before)) FILTER (WHERE is_of_money) AS net_cny_days,
        sum(amount_cny * (29 - days_before)) FILTER (WHERE is_of_money AND days_before < 30) AS net_cny_days_30d,
        count(*) FILTER (WHERE is_customer_initiated) AS own_transactions,
        max(transacted_on) FILTER (WHERE is_customer_initiated) AS last_own_on,
        -sum(amount_cny) FILTER (WHERE is_customer_initiated AND amount_cny < 0) AS out_cny,
        -sum(amount_cny) FILTER (WHERE is_customer_initiated AND amount_cny < 0 AND days_before < 30) AS out_30d_cny,
        sum(amount_cny) FILTER (WHERE category = 'salary') AS salary_cny,
        -sum(amount_cny) FILTER (WHERE source = 'card' AND amount_cny < 0) AS card_spend_cny
    FROM movement
    GROUP BY customer_id, period
),

doing AS (
    SELECT
        moved.customer_id,
        snapshot.period,
        sum(moved.net_cny) FILTER (WHERE moved.period < snapshot.period) AS net_since_cny,
        sum(moved.net_cny_days) FILTER (WHERE moved.period = snapshot.period) AS net_cny_days,
        sum(moved.net_cny_days_30d) FILTER (WHERE moved.period = snapshot.period) AS net_cny_days_30d,
        max(moved.last_own_on) FILTER (WHERE moved.period >= snapshot.period) AS last_own_on,
        sum(moved.own_transactions) FILTER (WHERE moved.period = snapshot.period) AS own_transactions,
        sum(moved.own_transactions) FILTER (WHERE moved.period = snapshot.period + 1) AS own_transactions_before,
        sum(moved.out_cny) FILTER (WHERE moved.period = snapshot.period) AS out_cny,
        sum(moved.out_30d_cny) FILTER (WHERE moved.period = snapshot.period) AS out_30d_cny,
        sum(moved.salary_cny) FILTER (WHERE moved.period = snapshot.period) AS salary_cny,
        sum(moved.card_spend_cny) FILTER (WHERE moved.period = snapshot.period) AS card_spend_cny
    FROM customer_period AS moved
    CROSS JOIN snapshot
    GROUP BY moved.customer_id, snapshot.period
),

late_account AS (
    SELECT
        account.account_key,
        any_value(account.customer_id) AS customer_id,
        any_value(account.opened_on) AS opened_on,
        coalesce(sum(fct_transaction.amount_cny), 0) AS net_cny,
        any_value(account.balance_cny) - coalesce(sum(fct_transaction.amount_cny), 0) AS opening_cny
    FROM dim_account AS account
    LEFT JOIN fct_transaction
        ON account.account_key = fct_transaction.account_key AND fct_transaction.transacted_on <= $business_date
    WHERE
        account.kind NOT IN ('card', 'loan', 'term_deposit')
        AND account.opened_on > (SELECT min(snapshot.as_of_date - snapshot.window_days) FROM snapshot)
    GROUP BY account.account_key
),

not_yet AS (
    SELECT
        late.customer_id,
        snapshot.period,
        sum(late.net_cny) FILTER (WHERE late.opened_on > snapshot.as_of_date) AS net_cny,
        sum(late.opening_cny * (late.opened_on - snapshot.as_of_date + snapshot.window_days - 1)) FILTER (
            WHERE late.opened_on <= snapshot.as_of_date
        ) AS opening_cny_days,
        sum(late.opening_cny * greatest(late.opened_on - snapshot.as_of_date + 29, 0)) FILTER (
            WHERE late.opened_on <= snapshot.as_of_date
        ) AS opening_cny_days_30d
    FROM late_account AS late
    INNER JOIN snapshot ON late.opened_on > snapshot.as_of_date - snapshot.window_days
    GROUP BY late.customer_id, snapshot.period
),

-- Many customers hold the same few products: their numbers are listed as they come, and sorted out once for each list.
product AS (
    SELECT
        product_code,
        (row_number() OVER (ORDER BY product_code))::UINTEGER AS number
    FROM dim_account
    GROUP BY product_code
),

known_account AS (
    SELECT
        dim_account.customer_id,
        snapshot.period,
        product.number,
        dim_account.kind,
        dim_account.opened_on,
        dim_account.balance_cny,
        coalesce(dim_account.opened_on <= snapshot.as_of_date, TRUE) AS is_begun,
        coalesce(dim_account.opened_on <= snapshot.as_of_date, TRUE)
        AND coalesce(dim_account.closed_on > snapshot.as_of_date, dim_account.status <> 'closed') AS is_open
    FROM dim_account
    INNER JOIN product ON dim_account.product_code = product.product_code
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
        list(number) FILTER (WHERE is_open) AS held,
        sum(balance_cny) FILTER (WHERE kind NOT IN ('card', 'loan')) AS balance_cny
    FROM known_account
    GROUP BY customer_id, period
    HAVING bool_or(is_begun)
),

held_list AS (
    SELECT
        held,
        unnest(list_distinct(held)) AS number
    FROM holding
    GROUP BY held
),

product_list AS (
    SELECT
        held_list.held,
        count(*) AS products,
        string_agg(product.product_code, ',' ORDER BY product.product_code) AS held_products
    FROM held_list
    INNER JOIN product ON held_list.number = product.number
    GROUP BY held_list.held
),

money AS (
    SELECT
        holding.customer_id,
        holding.period,
        holding.first_opened_on,
        holding.open_accounts,
        holding.cards,
        coalesce(product_list.products, 0) AS products,
        coalesce(product_list.held_products, '') AS held_products,
        coalesce(holding.balance_cny - coalesce(doing.net_since_cny, 0) + coalesce(not_yet.net_cny, 0), 0) AS aum_cny,
        coalesce(doing.net_cny_days, 0) + coalesce(not_yet.opening_cny_days, 0) AS less_cny_days,
        coalesce(doing.net_cny_days_30d, 0) + coalesce(not_yet.opening_cny_days_30d, 0) AS less_cny_days_30d,
        doing.* EXCLUDE (customer_id, period) -- noqa: RF02
    FROM holding
    LEFT JOIN product_list ON holding.held = product_list.held
    LEFT JOIN doing ON holding.customer_id = doing.customer_id AND holding.period = doing.period
    LEFT JOIN not_yet ON holding.customer_id = not_yet.customer_id AND holding.period = not_yet.period
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
    money.held_products,
    money.aum_cny,
    money.aum_cny - money.less_cny_days / snapshot.window_days AS aum_mean_90d_cny,
    money.aum_cny - money.less_cny_days_30d / 30 AS aum_mean_30d_cny,
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
