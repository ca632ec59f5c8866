WITH reversed_posting AS (
    SELECT DISTINCT reverses AS posting_key
    FROM stg_card__posting
    WHERE reverses IS NOT NULL
),

posting AS (
    SELECT
        *,
        batch_day || batch_source || batch_number || sequence AS posting_key
    FROM stg_card__posting
),

booked AS (
    SELECT
        'core_banking:' || replace(transacted_on::VARCHAR, '-', '') || sequence AS transaction_key,
        'core_banking' AS source,
        'core_banking:' || account_number AS account_key,
        transacted_on,
        CASE direction WHEN 'debit' THEN -amount ELSE amount END AS amount,
        currency,
        channel,
        transaction_code AS category,
        transacted_on
        + to_seconds(
            clock_time::INTEGER // 10000 * 3600 + clock_time::INTEGER // 100 % 100 * 60 + clock_time::INTEGER % 100
        ) AS transacted_at,
        device_id,
        transaction_code NOT IN ('salary', 'fee', 'interest', 'loan_payout') AS is_of_customer,
        coalesce(is_reversed, FALSE) AS is_reversed
    FROM stg_core_banking__txn
    UNION ALL
    SELECT
        'card:' || posting.posting_key AS transaction_key,
        'card' AS source,
        'card:' || posting.card_token AS account_key,
        posting.transacted_on,
        -posting.amount AS amount,
        posting.currency,
        NULL AS channel,
        posting.merchant_category AS category,
        NULL::TIMESTAMP AS transacted_at,
        NULL AS device_id,
        posting.amount > 0 AS is_of_customer,
        posting.reverses IS NOT NULL OR reversed_posting.posting_key IS NOT NULL AS is_reversed
    FROM posting
    LEFT JOIN reversed_posting ON posting.posting_key = reversed_posting.posting_key
)

SELECT
    booked.transaction_key,
    booked.source,
    booked.account_key,
    dim_account.customer_id,
    dim_account.product_code,
    booked.transacted_on,
    booked.amount,
    booked.currency,
    round(booked.amount * fx_rate.cny_per_unit, 2) AS amount_cny,
    booked.channel,
    booked.category,
    booked.is_of_customer AND NOT booked.is_reversed AS is_customer_initiated,
    booked.is_reversed,
    booked.transacted_at,
    booked.device_id
FROM booked
LEFT JOIN seed_fx_rate AS fx_rate ON booked.currency = fx_rate.currency
LEFT JOIN dim_account ON booked.account_key = dim_account.account_key
