WITH booked AS (
    SELECT
        'core_banking:' || strftime(transacted_on, '%Y%m%d') || sequence AS transaction_key,
        'core_banking' AS source,
        'core_banking:' || account_number AS account_key,
        transacted_on,
        CASE direction WHEN 'debit' THEN -amount ELSE amount END AS amount,
        currency,
        channel,
        transaction_code AS category,
        transaction_code NOT IN ('salary', 'fee', 'interest', 'loan_payout') AS is_customer_initiated
    FROM stg_core_banking__txn
    UNION ALL
    SELECT
        'card:' || batch_day || batch_source || batch_number || sequence AS transaction_key,
        'card' AS source,
        'card:' || card_token AS account_key,
        transacted_on,
        -amount AS amount,
        currency,
        NULL AS channel,
        merchant_category AS category,
        amount > 0 AS is_customer_initiated
    FROM stg_card__posting
)

SELECT
    booked.transaction_key,
    booked.source,
    booked.account_key,
    dim_account.customer_id,
    booked.transacted_on,
    booked.amount,
    booked.currency,
    round(booked.amount * fx_rate.cny_per_unit, 2) AS amount_cny,
    booked.channel,
    booked.category,
    booked.is_customer_initiated
FROM booked
LEFT JOIN seed_fx_rate AS fx_rate ON booked.currency = fx_rate.currency
LEFT JOIN dim_account ON booked.account_key = dim_account.account_key
