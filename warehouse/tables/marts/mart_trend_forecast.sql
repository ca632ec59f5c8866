WITH complete AS (
    SELECT date_trunc('month', $business_date + 1)::DATE AS after_last_month
),

known AS (
    SELECT greatest(min(transacted_on), max(transacted_on) - 400) AS first_day
    FROM fct_transaction
),

located_account AS (
    SELECT
        dim_account.account_key,
        dim_account.product_code,
        dim_account.kind,
        dim_account.opened_on,
        dim_account.balance_cny,
        CASE left(customer_record.address_region, 1)
            WHEN '1' THEN 'north'
            WHEN '2' THEN 'northeast'
            WHEN '3' THEN 'east'
            WHEN '4' THEN 'south_central'
            WHEN '5' THEN 'southwest'
            WHEN '6' THEN 'northwest'
            ELSE 'elsewhere'
        END AS region
    FROM dim_account
    LEFT JOIN customer_record ON dim_account.record_key = customer_record.record_key
),

moved AS (
    SELECT
        account_key,
        date_trunc('month', transacted_on)::DATE AS month,
        sum(amount_cny) AS net_cny
    FROM fct_transaction
    WHERE source = 'core_banking' AND transacted_on <= $business_date
    GROUP BY account_key, date_trunc('month', transacted_on)::DATE
),

moved_ever AS (
    SELECT
        account_key,
        sum(net_cny) AS net_cny
    FROM moved
    GROUP BY account_key
),

flow AS (
    SELECT
        account.product_code,
        account.region,
        moved.month,
        moved.net_cny
    FROM moved
    INNER JOIN located_account AS account ON moved.account_key = account.account_key
    WHERE account.kind NOT IN ('card', 'loan')
    UNION ALL
    SELECT
        account.product_code,
        account.region,
        date_trunc('month', account.opened_on)::DATE AS month,
        account.balance_cny - coalesce(moved_ever.net_cny, 0) AS net_cny
    FROM located_account AS account
    CROSS JOIN known
    LEFT JOIN moved_ever ON account.account_key = moved_ever.account_key
    WHERE account.kind NOT IN ('card', 'loan', 'term_deposit') AND account.opened_on > known.first_day
),

balance_today AS (
    SELECT
        product_code,
        region,
        sum(balance_cny) AS balance_cny
    FROM located_account
    WHERE kind NOT IN ('card', 'loan')
    GROUP BY product_code, region
),

month_end AS (
    SELECT month.month::DATE AS month
    FROM known
    CROSS JOIN complete
    CROSS JOIN
        unnest(
            generate_series(
                date_trunc('month', known.first_day + 30),
                complete.after_last_month - INTERVAL 1 MONTH,
                INTERVAL 1 MONTH
            )
        ) AS month (month)
),

balance AS (
    SELECT
        balance_today.product_code,
        balance_today.region,
        month_end.month,
        min(balance_today.balance_cny) - coalesce(sum(flow.net_cny), 0) AS balance_cny
    FROM balance_today
    CROSS JOIN month_end
    LEFT JOIN flow
        ON
            balance_today.product_code = flow.product_code
            AND balance_today.region = flow.region
            AND month_end.month < flow.month
    GROUP BY balance_today.product_code, balance_today.region, month_end.month
),

opened AS (
    SELECT
        account.product_code,
        account.region,
        date_trunc('month', account.opened_on)::DATE AS month,
        count(*) AS accounts
    FROM located_account AS account
    CROSS JOIN complete
    LEFT JOIN seed_term_product AS term ON account.product_code = term.product_code
    WHERE
        account.opened_on < complete.after_last_month
        AND account.opened_on
        >= complete.after_last_month - to_months(least(coalesce(term.term_months, 48), 48)::INTEGER)
    GROUP BY account.product_code, account.region, date_trunc('month', account.opened_on)::DATE
)

SELECT
    'balance_cny' AS measure,
    product_code,
    region,
    month,
    balance_cny::DOUBLE AS value
FROM balance
UNION ALL
SELECT
    'new_accounts' AS measure,
    product_code,
    region,
    month,
    accounts::DOUBLE AS value
FROM opened
ORDER BY measure, product_code, region, month
