WITH moved AS (
    SELECT
        dim_account.branch_code,
        fct_transaction.channel,
        date_trunc('month', fct_transaction.transacted_on)::DATE AS month,
        count(*) AS transactions,
        sum(abs(fct_transaction.amount_cny)) AS turnover_cny,
        0 AS tickets,
        0 AS serve_seconds
    FROM fct_transaction
    INNER JOIN dim_account ON fct_transaction.account_key = dim_account.account_key
    WHERE
        fct_transaction.source = 'core_banking'
        AND fct_transaction.transacted_on <= $business_date
        AND NOT fct_transaction.is_reversed
        AND dim_account.branch_code IS NOT NULL
    GROUP BY dim_account.branch_code, fct_transaction.channel, date_trunc('month', fct_transaction.transacted_on)::DATE
),

served AS (
    SELECT
        branch_code,
        'branch' AS channel,
        date_trunc('month', occurred_at)::DATE AS month,
        0 AS transactions,
        0 AS turnover_cny,
        count(*) AS tickets,
        sum(serve_seconds) AS serve_seconds
    FROM stg_channel__branch_ticket
    WHERE occurred_at::DATE <= $business_date AND branch_code IS NOT NULL
    GROUP BY branch_code, date_trunc('month', occurred_at)::DATE
),

volume AS (
    SELECT * FROM moved
    UNION ALL
    SELECT * FROM served
),

by_channel AS (
    SELECT
        volume.branch_code,
        CASE WHEN grouping(volume.channel) = 1 THEN 'all' ELSE volume.channel END AS channel,
        volume.month,
        sum(volume.transactions) AS transactions,
        sum(volume.turnover_cny) AS turnover_cny,
        sum(volume.tickets) AS tickets,
        coalesce(sum(volume.serve_seconds), 0) / 60 AS serve_minutes
    FROM volume
    INNER JOIN dim_month ON volume.month = dim_month.month
    WHERE volume.channel IS NOT NULL
    GROUP BY GROUPING SETS ((volume.branch_code, volume.month), (volume.branch_code, volume.channel, volume.month))
),

staff AS (
    SELECT
        emp.branch_code,
        dim_month.month,
        count(*) AS staff,
        count(*) FILTER (WHERE emp.post = 'relationship_manager') AS managers
    FROM stg_core_banking__emp AS emp
    INNER JOIN dim_month
        ON
            emp.hired_on <= dim_month.last_day
            AND (emp.left_on IS NULL OR emp.left_on > dim_month.last_day)
    GROUP BY emp.branch_code, dim_month.month
),

cost AS (
    SELECT
        branch_code,
        date_trunc('month', booked_on)::DATE AS month,
        sum(cost_amount) AS operating_cost_cny
    FROM stg_core_banking__br_cost
    WHERE booked_on <= $business_date
    GROUP BY branch_code, date_trunc('month', booked_on)::DATE
),

fee AS (
    SELECT
        dim_account.branch_code,
        date_trunc('month', fee.charged_on)::DATE AS month,
        sum(round(fee.fee_amount * fx_rate.cny_per_unit, 2)) AS fee_cny
    FROM stg_core_banking__fee AS fee
    INNER JOIN dim_account ON 'core_banking:' || fee.account_number = dim_account.account_key
    INNER JOIN seed_fx_rate AS fx_rate ON fee.currency = fx_rate.currency
    WHERE NOT coalesce(fee.is_waived, FALSE) AND fee.charged_on <= $business_date
    GROUP BY dim_account.branch_code, date_trunc('month', fee.charged_on)::DATE
),

clientele AS (
    SELECT
        dim_relationship.home_branch_code AS branch_code,
        count(*) AS customers,
        count(dim_relationship.manager_id) AS managed_customers,
        round(sum(mart_customer_value.interest_margin_cny) / 12, 2) AS margin_month_cny
    FROM dim_relationship
    INNER JOIN mart_customer_value ON dim_relationship.customer_id = mart_customer_value.customer_id
    GROUP BY dim_relationship.home_branch_code
),

of_branch AS (
    SELECT
        by_channel.*,
        CASE WHEN by_channel.channel = 'all' THEN clientele.customers END AS customers,
        CASE WHEN by_channel.channel = 'all' THEN clientele.managed_customers END AS managed_customers,
        CASE WHEN by_channel.channel = 'all' THEN coalesce(staff.staff, 0) END AS staff,
        CASE WHEN by_channel.channel = 'all' THEN coalesce(staff.managers, 0) END AS managers,
        CASE WHEN by_channel.channel = 'all' THEN cost.operating_cost_cny END AS operating_cost_cny,
        CASE
            WHEN by_channel.channel = 'all' THEN coalesce(fee.fee_cny, 0) + coalesce(clientele.margin_month_cny, 0)
        END AS income_cny
    FROM by_channel
    LEFT JOIN staff ON by_channel.branch_code = staff.branch_code AND by_channel.month = staff.month
    LEFT JOIN cost ON by_channel.branch_code = cost.branch_code AND by_channel.month = cost.month
    LEFT JOIN fee ON by_channel.branch_code = fee.branch_code AND by_channel.month = fee.month
    LEFT JOIN clientele ON by_channel.branch_code = clientele.branch_code
)

SELECT
    branch_code,
    channel,
    month,
    transactions,
    turnover_cny,
    tickets,
    round(serve_minutes, 1) AS serve_minutes,
    customers,
    staff,
    managers,
    operating_cost_cny,
    income_cny,
    round(operating_cost_cny::DOUBLE / nullif(income_cny::DOUBLE, 0), 4) AS cost_to_income,
    round(income_cny / nullif(staff, 0), 2) AS income_per_employee_cny,
    round(managed_customers / nullif(managers, 0), 1) AS customers_per_manager,
    round(operating_cost_cny::DOUBLE / nullif(transactions + tickets, 0), 2) AS cost_per_transaction_cny
FROM of_branch
