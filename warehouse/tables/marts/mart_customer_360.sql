WITH holding AS (
    SELECT
        customer_id,
        count(*) FILTER (WHERE kind <> 'card') AS open_accounts,
        count(*) FILTER (WHERE kind = 'card') AS open_cards,
        count(DISTINCT source || product_code) AS products,
        sum(balance_cny) AS aum_cny
    FROM dim_account
    WHERE status <> 'closed'
    GROUP BY customer_id
),

activity AS (
    SELECT
        customer_id,
        count(*) FILTER (WHERE transacted_on > $business_date - 90) AS transactions_90d,
        -sum(amount_cny) FILTER (WHERE transacted_on > $business_date - 90 AND amount < 0) AS spent_90d_cny,
        max(transacted_on) AS last_transaction_on
    FROM fct_transaction
    WHERE is_customer_initiated AND transacted_on <= $business_date
    GROUP BY customer_id
),

login AS (
    SELECT
        customer_xref.customer_id,
        max(stg_channel__login.occurred_at) AS last_login_at
    FROM stg_channel__login
    INNER JOIN customer_xref
        ON 'channel:' || stg_channel__login.user_id = customer_xref.record_key AND customer_xref.valid_to IS NULL
    GROUP BY customer_xref.customer_id
)

SELECT
    golden_customer.customer_id,
    golden_customer.as_of_date,
    golden_customer.party_type,
    golden_customer.name,
    golden_customer.mobile,
    golden_customer.birth_date,
    year($business_date) - year(golden_customer.birth_date)
    - (strftime($business_date, '%m%d') < strftime(golden_customer.birth_date, '%m%d'))::INTEGER AS age_years,
    golden_customer.gender,
    golden_customer.nationality,
    year($business_date) - year(golden_customer.opened_on)
    - (strftime($business_date, '%m%d') < strftime(golden_customer.opened_on, '%m%d'))::INTEGER AS tenure_years,
    golden_customer.sources,
    golden_customer.records,
    coalesce(holding.open_accounts, 0) AS open_accounts,
    coalesce(holding.open_cards, 0) AS open_cards,
    coalesce(holding.products, 0) AS products,
    coalesce(holding.aum_cny, 0) AS aum_cny,
    coalesce(activity.transactions_90d, 0) AS transactions_90d,
    coalesce(activity.spent_90d_cny, 0) AS spent_90d_cny,
    activity.last_transaction_on,
    login.last_login_at,
    mart_segment.segment,
    golden_customer.completeness,
    golden_customer.confidence
FROM golden_customer
INNER JOIN mart_segment ON golden_customer.customer_id = mart_segment.customer_id AND mart_segment.scheme = 'rfm'
LEFT JOIN holding ON golden_customer.customer_id = holding.customer_id
LEFT JOIN activity ON golden_customer.customer_id = activity.customer_id
LEFT JOIN login ON golden_customer.customer_id = login.customer_id
