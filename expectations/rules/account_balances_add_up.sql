-- table: dim_account
-- severity: critical
-- description: The balances of accounts and loans by product and currency are those of core banking, to the cent.
-- zh: 账户与贷款余额按产品与币种汇总等于核心系统余额，精确到分。
WITH sent AS (
    SELECT
        product_code,
        currency,
        balance
    FROM stg_core_banking__acct
    UNION ALL
    SELECT
        product_code,
        currency,
        balance
    FROM stg_core_banking__loan
),

in_source AS (
    SELECT
        product_code,
        currency,
        count(*) AS accounts,
        coalesce(sum(balance), 0) AS balance
    FROM sent
    GROUP BY product_code, currency
),

in_warehouse AS (
    SELECT
        product_code,
        currency,
        count(*) AS accounts,
        sum(balance) AS balance
    FROM dim_account
    WHERE source = 'core_banking'
    GROUP BY product_code, currency
)

SELECT
    coalesce(in_source.product_code, in_warehouse.product_code)
    || ' ' || coalesce(in_source.currency, in_warehouse.currency) AS product
FROM in_source
FULL JOIN in_warehouse
    ON in_source.product_code = in_warehouse.product_code AND in_source.currency = in_warehouse.currency
WHERE
    in_source.accounts IS DISTINCT FROM in_warehouse.accounts
    OR in_source.balance IS DISTINCT FROM in_warehouse.balance
