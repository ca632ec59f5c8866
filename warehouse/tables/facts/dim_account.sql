WITH primary_holder AS (
    SELECT
        account_number,
        min(customer_number) AS customer_number
    FROM stg_core_banking__acct_cust
    WHERE relation = 'primary' AND (valid_to IS NULL OR valid_to > $business_date)
    GROUP BY account_number
),

term_passed AS (
    SELECT
        acct.account_number,
        acct.opened_on,
        term.term_months::INTEGER AS term_months,
        (
            (year($business_date) - year(acct.opened_on)) * 12 + month($business_date) - month(acct.opened_on)
        )::INTEGER // term.term_months::INTEGER AS terms_passed
    FROM stg_core_banking__acct AS acct
    INNER JOIN seed_term_product AS term ON acct.product_code = term.product_code
    WHERE acct.status <> 'closed'
),

running_term AS (
    SELECT
        account_number,
        opened_on,
        term_months,
        CASE
            WHEN terms_passed > 0 AND opened_on + to_months(terms_passed * term_months) >= $business_date
                THEN terms_passed - 1
            ELSE terms_passed
        END AS rollovers
    FROM term_passed
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
        (acct.opened_on + to_months((running_term.rollovers + 1) * running_term.term_months))::DATE AS matures_on,
        running_term.rollovers,
        acct.balance,
        'core_banking:' || primary_holder.customer_number AS record_key
    FROM stg_core_banking__acct AS acct
    LEFT JOIN stg_core_banking__prod AS prod ON acct.product_code = prod.product_code
    LEFT JOIN primary_holder ON acct.account_number = primary_holder.account_number
    LEFT JOIN running_term ON acct.account_number = running_term.account_number
),

loan AS (
    SELECT
        'core_banking:' || loan.loan_number AS account_key,
        'core_banking' AS source,
        'loan' AS kind,
        loan.product_code,
        prod.product_name,
        loan.currency,
        NULL AS branch_code,
        CASE WHEN loan.status IN ('repaid', 'written_off') THEN 'closed' ELSE 'open' END AS status,
        loan.opened_on,
        CASE loan.status WHEN 'repaid' THEN loan.updated_at::DATE WHEN 'written_off' THEN loan.written_off_on END
            AS closed_on,
        loan.due_on AS matures_on,
        NULL AS rollovers,
        loan.balance,
        'core_banking:' || loan.customer_number AS record_key
    FROM stg_core_banking__loan AS loan
    LEFT JOIN stg_core_banking__prod AS prod ON loan.product_code = prod.product_code
),

card AS (
    SELECT
        'card:' || card.card_token AS account_key,
        'card' AS source,
        'card' AS kind,
        card.product_code,
        product.product_name,
        'CNY' AS currency,
        NULL AS branch_code,
        CASE WHEN card.block = 'closed' THEN 'closed' WHEN card.block IS NULL THEN 'open' ELSE 'blocked' END AS status,
        card.opened_on,
        card.closed_on,
        NULL AS matures_on,
        NULL AS rollovers,
        0 AS balance,
        'card:' || card.cardholder_number AS record_key
    FROM stg_card__card AS card
    LEFT JOIN seed_card_product AS product ON card.product_code = product.product_code
),

account AS (
    SELECT * FROM core_account
    UNION ALL
    SELECT * FROM loan
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
    account.matures_on,
    account.rollovers,
    coalesce(account.balance, 0) AS balance,
    round(coalesce(account.balance, 0) * fx_rate.cny_per_unit, 2) AS balance_cny,
    customer_record.record_key,
    customer_xref.customer_id
FROM account
LEFT JOIN seed_fx_rate AS fx_rate ON account.currency = fx_rate.currency
LEFT JOIN customer_record ON account.record_key = customer_record.record_key
LEFT JOIN customer_xref ON account.record_key = customer_xref.record_key AND customer_xref.valid_to IS NULL
