WITH primary_holder AS (
    SELECT
        account_number,
        min(customer_number) AS customer_number
    FROM stg_core_banking__acct_cust
    WHERE relation = 'primary' AND (valid_to IS NULL OR valid_to > $business_date)
    GROUP BY account_number
),

core_account AS (
    SELECT
        'core_banking:' || acct.account_number AS account_key,
        'core_banking' AS source,
        prod.kind,
        acct.product_code,
        prod.product_name,
        acct.currency,
        acct.branch_code,
        acct.status,
        acct.opened_on,
        acct.closed_on,
        acct.balance,
        'core_banking:' || primary_holder.customer_number AS record_key
    FROM stg_core_banking__acct AS acct
    LEFT JOIN stg_core_banking__prod AS prod ON acct.product_code = prod.product_code
    LEFT JOIN primary_holder ON acct.account_number = primary_holder.account_number
),

card AS (
    SELECT
        'card:' || card_token AS account_key,
        'card' AS source,
        'card' AS kind,
        product_code,
        NULL AS product_name,
        'CNY' AS currency,
        NULL AS branch_code,
        CASE WHEN block = 'closed' THEN 'closed' WHEN block IS NULL THEN 'open' ELSE 'blocked' END AS status,
        opened_on,
        closed_on,
        0 AS balance,
        'card:' || cardholder_number AS record_key
    FROM stg_card__card
),

account AS (
    SELECT * FROM core_account
    UNION ALL
    SELECT * FROM card
)

SELECT
    account.account_key,
    account.source,
    account.kind,
    account.product_code,
    account.product_name,
    account.currency,
    account.branch_code,
    account.status,
    account.opened_on,
    account.closed_on,
    coalesce(account.balance, 0) AS balance,
    round(coalesce(account.balance, 0) * fx_rate.cny_per_unit, 2) AS balance_cny,
    customer_record.record_key,
    customer_xref.customer_id
FROM account
LEFT JOIN seed_fx_rate AS fx_rate ON account.currency = fx_rate.currency
LEFT JOIN customer_record ON account.record_key = customer_record.record_key
LEFT JOIN customer_xref ON account.record_key = customer_xref.record_key AND customer_xref.valid_to IS NULL
