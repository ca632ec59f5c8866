WITH recent AS (
    SELECT
        fct_transaction.customer_id,
        golden_customer.party_type,
        fct_transaction.category,
        fct_transaction.transacted_on,
        fct_transaction.amount_cny
    FROM fct_transaction
    INNER JOIN golden_customer ON fct_transaction.customer_id = golden_customer.customer_id
    WHERE
        fct_transaction.source = 'core_banking'
        AND NOT fct_transaction.is_reversed
        AND fct_transaction.transacted_on <= $business_date
        AND fct_transaction.transacted_on > $business_date - 30
        AND fct_transaction.category IN ('cash_in', 'cash_out', 'cash_machine', 'transfer_in', 'transfer_out')
),

large_day AS (
    SELECT
        customer_id,
        transacted_on,
        CASE
            WHEN category LIKE 'cash%' THEN 'large_cash'
            WHEN party_type = 'organisation' THEN 'large_transfer_organisation'
            ELSE 'large_transfer'
        END AS pattern,
        sum(abs(amount_cny)) AS amount_cny,
        count(*) AS events
    FROM recent
    GROUP BY ALL
),

large_hint AS (
    SELECT
        large_day.customer_id,
        large_day.pattern,
        large_day.transacted_on AS window_from,
        large_day.transacted_on AS window_to,
        large_day.amount_cny,
        large_day.events,
        0 AS parties,
        'in one day' AS evidence
    FROM large_day
    INNER JOIN seed_aml_rule AS aml_rule ON large_day.pattern = aml_rule.pattern
    WHERE large_day.amount_cny >= aml_rule.limit_amount_cny
),

near_limit_deposit AS (
    SELECT
        recent.customer_id,
        recent.transacted_on,
        recent.amount_cny,
        recent.transacted_on
        - lag(recent.transacted_on) OVER (
            PARTITION BY recent.customer_id ORDER BY recent.transacted_on ASC, recent.amount_cny ASC
        ) >= aml_rule.window_days AS is_apart
    FROM recent
    INNER JOIN seed_aml_rule AS aml_rule ON aml_rule.pattern = 'structuring'
    WHERE
        recent.category = 'cash_in'
        AND recent.amount_cny < aml_rule.limit_amount_cny
        AND recent.amount_cny >= aml_rule.limit_amount_cny * aml_rule.limit_share
),

deposit_run AS (
    SELECT
        customer_id,
        transacted_on,
        amount_cny,
        sum(coalesce(is_apart, FALSE)::INTEGER) OVER (
            PARTITION BY customer_id ORDER BY transacted_on ASC, amount_cny ASC
        ) AS run
    FROM near_limit_deposit
),

structuring_hint AS (
    SELECT
        deposit_run.customer_id,
        'structuring' AS pattern,
        min(deposit_run.transacted_on) AS window_from,
        max(deposit_run.transacted_on) AS window_to,
        sum(deposit_run.amount_cny) AS amount_cny,
        count(*) AS events,
        0 AS parties,
        'deposits just below the limit' AS evidence
    FROM deposit_run
    INNER JOIN seed_aml_rule AS aml_rule ON aml_rule.pattern = 'structuring'
    GROUP BY deposit_run.customer_id, deposit_run.run
    HAVING count(*) >= max(aml_rule.limit_count)
),

transfer_day AS (
    SELECT
        customer_id,
        transacted_on,
        sum(amount_cny) FILTER (WHERE category = 'transfer_in') AS in_cny,
        -sum(amount_cny) FILTER (WHERE category = 'transfer_out') AS out_cny,
        count(*) FILTER (WHERE category = 'transfer_in') AS times_in,
        count(*) AS events
    FROM recent
    GROUP BY customer_id, transacted_on
),

in_and_out AS (
    SELECT
        came.customer_id,
        came.transacted_on AS window_from,
        max(went.transacted_on) AS window_to,
        max(came.in_cny) AS in_cny,
        sum(coalesce(went.out_cny, 0)) AS out_cny,
        max(came.times_in) AS times_in,
        sum(went.events) AS events
    FROM transfer_day AS came
    INNER JOIN seed_aml_rule AS aml_rule ON aml_rule.pattern = 'rapid_in_out'
    INNER JOIN transfer_day AS went
        ON
            came.customer_id = went.customer_id
            AND came.transacted_on <= went.transacted_on
            AND came.transacted_on + aml_rule.window_days::INTEGER > went.transacted_on
    WHERE came.in_cny >= aml_rule.limit_amount_cny AND came.times_in >= aml_rule.limit_count
    GROUP BY came.customer_id, came.transacted_on
),

in_and_out_hint AS (
    SELECT
        in_and_out.customer_id,
        'rapid_in_out' AS pattern,
        in_and_out.window_from,
        in_and_out.window_to,
        in_and_out.in_cny AS amount_cny,
        in_and_out.events,
        in_and_out.times_in AS parties,
        round(100 * in_and_out.out_cny / in_and_out.in_cny)::INTEGER || '% left again' AS evidence
    FROM in_and_out
    INNER JOIN seed_aml_rule AS aml_rule ON aml_rule.pattern = 'rapid_in_out'
    WHERE in_and_out.out_cny >= in_and_out.in_cny * aml_rule.limit_share
),

device_user AS (
    SELECT
        fct_device_day.device_id,
        fct_device_day.customer_id,
        min(fct_device_day.day) AS window_from,
        max(fct_device_day.day) AS window_to,
        sum(fct_device_day.transactions) AS events
    FROM fct_device_day
    INNER JOIN seed_aml_rule AS aml_rule ON aml_rule.pattern = 'shared_device'
    WHERE
        fct_device_day.transactions > 0
        AND fct_device_day.day > $business_date - aml_rule.window_days::INTEGER
        AND fct_device_day.day <= $business_date
    GROUP BY fct_device_day.device_id, fct_device_day.customer_id
),

shared_value AS (
    SELECT
        customer_id,
        'shared_device' AS pattern,
        window_from,
        window_to,
        events,
        count(*) OVER (PARTITION BY device_id) AS parties,
        'device ' || device_id AS evidence
    FROM device_user
    UNION ALL
    SELECT
        customer_id,
        pattern,
        $business_date AS window_from,
        $business_date AS window_to,
        0 AS events,
        count(*) OVER (PARTITION BY pattern, shared) AS parties,
        CASE pattern WHEN 'shared_phone' THEN 'best mobile number' ELSE 'best postal address' END AS evidence
    FROM golden_customer
    UNPIVOT (shared FOR pattern IN (mobile AS shared_phone, address AS shared_address))
),

shared_hint AS (
    SELECT
        shared_value.customer_id,
        shared_value.pattern,
        shared_value.window_from,
        shared_value.window_to,
        0 AS amount_cny,
        shared_value.events,
        shared_value.parties,
        shared_value.evidence
    FROM shared_value
    INNER JOIN seed_aml_rule AS aml_rule ON shared_value.pattern = aml_rule.pattern
    WHERE shared_value.parties >= aml_rule.limit_count
),

watch_hint AS (
    SELECT
        golden_customer.customer_id,
        'watch_list' AS pattern,
        $business_date AS window_from,
        $business_date AS window_to,
        0 AS amount_cny,
        0 AS events,
        1 AS parties,
        'entry ' || watch.entry_number || ', ' || watch.list_kind
        || CASE
            WHEN golden_customer.name_pinyin = watch.listed_pinyin THEN ', same name' ELSE ', name one letter off'
        END
        || CASE
            WHEN golden_customer.birth_date IS NULL THEN ', birth unknown'
            WHEN year(golden_customer.birth_date) = watch.birth_year THEN ', same year of birth'
            ELSE ', born a year apart'
        END AS evidence
    FROM golden_customer
    INNER JOIN seed_watch_list AS watch
        ON
            left(golden_customer.name_pinyin, 2) = left(watch.listed_pinyin, 2)
            AND levenshtein(golden_customer.name_pinyin, watch.listed_pinyin) <= 1
    WHERE
        golden_customer.party_type = 'person'
        AND coalesce(abs(year(golden_customer.birth_date) - watch.birth_year), 0) <= 1
        AND (golden_customer.birth_date IS NOT NULL OR golden_customer.name_pinyin = watch.listed_pinyin)
),

hint AS (
    SELECT * FROM large_hint
    UNION ALL
    SELECT * FROM structuring_hint
    UNION ALL
    SELECT * FROM in_and_out_hint
    UNION ALL
    SELECT * FROM shared_hint
    UNION ALL
    SELECT * FROM watch_hint
)

SELECT
    hint.customer_id,
    $business_date AS as_of_date,
    hint.pattern,
    hint.window_from,
    hint.window_to,
    hint.amount_cny,
    hint.events,
    hint.parties,
    aml_rule.hint_weight,
    hint.evidence
FROM hint
INNER JOIN seed_aml_rule AS aml_rule ON hint.pattern = aml_rule.pattern
