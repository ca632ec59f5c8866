WITH holding AS (
    SELECT
        dim_account.customer_id,
        dim_account.kind,
        dim_account.source || dim_account.product_code AS product,
        dim_account.balance_cny,
        prod.yearly_rate_percent
    FROM dim_account
    LEFT JOIN stg_core_banking__prod AS prod ON dim_account.product_code = prod.product_code
    WHERE dim_account.status <> 'closed' AND dim_account.customer_id IS NOT NULL
),

balance_margin AS (
    SELECT
        holding.customer_id,
        count(DISTINCT holding.product) AS products,
        sum(
            CASE
                WHEN holding.kind IN ('deposit', 'term_deposit')
                    THEN holding.balance_cny * (price.transfer_price_percent - holding.yearly_rate_percent) / 100
            END::DECIMAL(18, 4)
        ) AS interest_margin_cny,
        sum(
            CASE
                WHEN holding.kind IN ('wealth', 'fund') THEN holding.balance_cny * price.fee_percent / 100
            END::DECIMAL(18, 4)
        ) AS fees_cny
    FROM holding
    INNER JOIN seed_transfer_price AS price ON holding.kind = price.kind
    GROUP BY holding.customer_id
),

loan_margin AS (
    SELECT
        customer_xref.customer_id,
        sum(
            (loan.balance * (loan.yearly_rate_percent - price.transfer_price_percent) / 100)::DECIMAL(18, 4)
        ) AS interest_margin_cny
    FROM stg_core_banking__loan AS loan
    INNER JOIN customer_xref
        ON 'core_banking:' || loan.customer_number = customer_xref.record_key AND customer_xref.valid_to IS NULL
    INNER JOIN seed_transfer_price AS price ON price.kind = 'loan'
    WHERE loan.status <> 'repaid'
    GROUP BY customer_xref.customer_id
),

turnover AS (
    SELECT
        fct_txn_monthly.customer_id,
        sum(
            fct_txn_monthly.fee_cny
            + CASE
                WHEN fct_txn_monthly.kind = 'card' THEN fct_txn_monthly.out_cny * price.fee_percent / 100
                ELSE 0
            END::DECIMAL(18, 4)
        ) AS fees_cny
    FROM fct_txn_monthly
    INNER JOIN seed_transfer_price AS price ON fct_txn_monthly.kind = price.kind
    WHERE fct_txn_monthly.month > $business_date - INTERVAL 12 MONTH
    GROUP BY fct_txn_monthly.customer_id
),

service AS (
    SELECT
        mart_channel_usage.customer_id,
        sum((mart_channel_usage.events * cost.event_cost_cny)::DECIMAL(18, 4)) AS cost_cny
    FROM mart_channel_usage
    INNER JOIN seed_service_cost AS cost ON mart_channel_usage.channel = cost.channel
    GROUP BY mart_channel_usage.customer_id
),

stage_today AS (
    SELECT
        customer_id,
        last(stage ORDER BY month) AS stage
    FROM mart_lifecycle
    GROUP BY customer_id
),

part AS (
    SELECT
        golden_customer.customer_id,
        golden_customer.as_of_date,
        coalesce(balance_margin.products, 0) AS products,
        round(
            coalesce(balance_margin.interest_margin_cny, 0) + coalesce(loan_margin.interest_margin_cny, 0), 2
        ) AS interest_margin_cny,
        round(coalesce(balance_margin.fees_cny, 0) + coalesce(turnover.fees_cny, 0), 2) AS fees_12m_cny,
        round(coalesce(service.cost_cny, 0), 2) AS service_cost_12m_cny,
        coalesce(risk.expected_loss_cny, 0) AS expected_loss_cny,
        CASE WHEN risk.is_defaulted THEN risk.expected_loss_cny ELSE 0 END AS impaired_loss_cny,
        coalesce(retention.yearly_retention, 0) AS yearly_retention,
        coalesce(retention.discount_rate, 0) AS discount_rate
    FROM golden_customer
    LEFT JOIN balance_margin ON golden_customer.customer_id = balance_margin.customer_id
    LEFT JOIN loan_margin ON golden_customer.customer_id = loan_margin.customer_id
    LEFT JOIN mart_credit_risk AS risk ON golden_customer.customer_id = risk.customer_id
    LEFT JOIN turnover ON golden_customer.customer_id = turnover.customer_id
    LEFT JOIN service ON golden_customer.customer_id = service.customer_id
    LEFT JOIN stage_today ON golden_customer.customer_id = stage_today.customer_id
    LEFT JOIN seed_retention AS retention ON stage_today.stage = retention.stage
),

margin AS (
    SELECT
        *,
        interest_margin_cny + fees_12m_cny - service_cost_12m_cny - expected_loss_cny AS yearly_margin_cny
    FROM part
)

SELECT
    customer_id,
    as_of_date,
    products,
    interest_margin_cny,
    fees_12m_cny,
    service_cost_12m_cny,
    expected_loss_cny,
    yearly_margin_cny,
    yearly_retention,
    (yearly_margin_cny + impaired_loss_cny)
    * round(yearly_retention / (1 + discount_rate - yearly_retention), 6) - impaired_loss_cny AS lifetime_value_cny,
    ntile(10) OVER (ORDER BY yearly_margin_cny ASC, customer_id ASC) AS value_decile
FROM margin
