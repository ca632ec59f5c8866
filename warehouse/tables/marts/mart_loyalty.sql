WITH judged_month AS (
    SELECT
        month,
        last_day
    FROM dim_month
    WHERE months_back < 6
),

rules AS (
    SELECT
        max(limit_value) FILTER (WHERE rule = 'primary_salary_months') AS salary_months,
        max(limit_value) FILTER (WHERE rule = 'primary_bills') AS bills,
        max(limit_value) FILTER (WHERE rule = 'primary_window_months')::INTEGER AS window_months
    FROM seed_loyalty_rule
),

holding AS (
    SELECT
        customer_id,
        source || product_code AS product,
        opened_on,
        coalesce(closed_on, DATE '9999-12-31') AS closed_on
    FROM dim_account
    WHERE
        customer_id IS NOT NULL
        AND opened_on <= $business_date
        AND (status <> 'closed' OR closed_on IS NOT NULL)
),

product_kept AS (
    SELECT
        customer_id,
        product,
        min(opened_on) AS first_opened_on,
        list({ 'opened': opened_on, 'closed': closed_on }) AS times
    FROM holding
    GROUP BY customer_id, product
),

product_held AS (
    SELECT
        product_kept.customer_id,
        judged_month.month,
        product_kept.first_opened_on,
        len(
            list_filter(
                product_kept.times,
                LAMBDA t: t['opened'] < judged_month.month AND t['closed'] >= judged_month.month -- noqa: RF02
            )
        ) > 0 AS is_at_start,
        len(
            list_filter(
                product_kept.times,
                LAMBDA t: t['opened'] <= judged_month.last_day AND t['closed'] > judged_month.last_day -- noqa: RF02
            )
        ) > 0 AS is_at_end
    FROM product_kept
    INNER JOIN judged_month ON product_kept.first_opened_on <= judged_month.last_day
),

held AS (
    SELECT
        customer_id,
        month,
        min(first_opened_on) AS first_opened_on,
        count(*) FILTER (WHERE is_at_end) AS products,
        bool_or(is_at_start) AS is_at_start,
        bool_or(is_at_end) AS is_at_end
    FROM product_held
    GROUP BY customer_id, month
),

money_month AS (
    SELECT
        customer_id,
        month,
        max((salary_cny > 0)::INTEGER) AS has_salary,
        sum(bills) AS bills,
        sum(own_transactions) AS own_transactions
    FROM fct_txn_monthly
    WHERE month > (SELECT min(judged_month.month) - to_months(any_value(rules.window_months)) FROM judged_month, rules)
    GROUP BY customer_id, month
),

money AS (
    SELECT
        money_month.customer_id,
        judged_month.month,
        sum(money_month.has_salary) AS salary_months,
        sum(money_month.bills) AS bills,
        coalesce(
            sum(money_month.own_transactions) FILTER (WHERE money_month.month = judged_month.month), 0
        ) AS own_transactions
    FROM money_month
    CROSS JOIN rules
    INNER JOIN judged_month
        ON
            money_month.month <= judged_month.month
            AND money_month.month > judged_month.month - to_months(rules.window_months)
    GROUP BY money_month.customer_id, judged_month.month
),

entry AS (
    SELECT
        customer_xref.customer_id,
        points.booked_on,
        points.points_kind,
        points.points
    FROM stg_card__points AS points
    INNER JOIN customer_xref
        ON 'card:' || points.cardholder_number = customer_xref.record_key AND customer_xref.valid_to IS NULL
    WHERE points.booked_on <= $business_date
),

ledger AS (
    SELECT
        entry.customer_id,
        judged_month.month,
        sum(entry.points) AS points_balance,
        coalesce(
            sum(entry.points) FILTER (WHERE entry.points_kind = 'earned' AND entry.booked_on >= judged_month.month), 0
        ) AS points_earned,
        -coalesce(
            sum(entry.points) FILTER (WHERE entry.points_kind = 'redeemed' AND entry.booked_on >= judged_month.month),
            0
        ) AS points_redeemed,
        -coalesce(
            sum(entry.points) FILTER (WHERE entry.points_kind = 'expired' AND entry.booked_on >= judged_month.month), 0
        ) AS points_expired
    FROM entry
    INNER JOIN judged_month ON entry.booked_on <= judged_month.last_day
    GROUP BY entry.customer_id, judged_month.month
)

SELECT
    held.customer_id,
    held.month,
    (year(judged_month.last_day) - year(held.first_opened_on)) * 12
    + month(judged_month.last_day) - month(held.first_opened_on)
    - (day(judged_month.last_day) < day(held.first_opened_on))::INTEGER AS tenure_months,
    held.products,
    coalesce(money.salary_months, 0) AS salary_months,
    coalesce(money.bills, 0) AS bills,
    coalesce(money.salary_months >= rules.salary_months AND money.bills >= rules.bills, FALSE) AS is_primary_bank,
    coalesce(money.own_transactions, 0) AS own_transactions,
    coalesce(ledger.points_earned, 0) AS points_earned,
    coalesce(ledger.points_redeemed, 0) AS points_redeemed,
    coalesce(ledger.points_expired, 0) AS points_expired,
    coalesce(ledger.points_balance, 0) AS points_balance,
    held.is_at_start,
    held.is_at_end,
    held.first_opened_on >= held.month AS is_new
FROM held
INNER JOIN judged_month ON held.month = judged_month.month
CROSS JOIN rules
LEFT JOIN money ON held.customer_id = money.customer_id AND held.month = money.month
LEFT JOIN ledger ON held.customer_id = ledger.customer_id AND held.month = ledger.month
WHERE held.is_at_start OR held.is_at_end
