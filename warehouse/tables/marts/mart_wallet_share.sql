WITH own_money AS (
    SELECT
        customer_id,
        sum(balance_cny) AS balance_cny
    FROM dim_account
    WHERE kind IN ('deposit', 'term_deposit', 'wealth', 'fund') AND customer_id IS NOT NULL
    GROUP BY customer_id
),

moved AS (
    SELECT
        customer_id,
        month,
        sum(in_cny - out_cny) AS amount_cny,
        nullif(sum(salary_cny), 0) AS salary_cny
    FROM fct_txn_monthly
    WHERE kind <> 'card'
    GROUP BY customer_id, month
),

moved_since AS (
    SELECT
        moved.customer_id,
        dim_month.month,
        sum(moved.amount_cny) AS amount_cny
    FROM moved
    INNER JOIN dim_month ON moved.month > dim_month.month
    WHERE dim_month.months_back < 6
    GROUP BY moved.customer_id, dim_month.month
),

salary AS (
    SELECT
        moved.customer_id,
        dim_month.month,
        sum(moved.salary_cny) AS salary_cny,
        count(*) AS salary_months
    FROM moved
    INNER JOIN dim_month
        ON moved.month <= dim_month.month AND moved.month > dim_month.month - INTERVAL 12 MONTH
    WHERE moved.salary_cny IS NOT NULL AND dim_month.months_back < 6
    GROUP BY moved.customer_id, dim_month.month
),

person AS (
    SELECT
        golden_customer.customer_id,
        mart_loyalty.month,
        mart_loyalty.products,
        relation.home_branch_code AS branch_code,
        coalesce(salary.salary_months, 0) > 0 AS has_salary,
        greatest(coalesce(own_money.balance_cny, 0) - coalesce(moved_since.amount_cny, 0), 0) AS own_assets_cny,
        CASE
            WHEN salary.salary_months > 0 THEN salary.salary_cny * 12 / salary.salary_months
            ELSE income_proxy.yearly_income_cny
        END AS yearly_income_cny,
        year(mart_loyalty.month) - year(golden_customer.birth_date) AS age_years
    FROM mart_loyalty
    INNER JOIN golden_customer ON mart_loyalty.customer_id = golden_customer.customer_id
    INNER JOIN dim_relationship AS relation ON mart_loyalty.customer_id = relation.customer_id
    LEFT JOIN moved_since
        ON mart_loyalty.customer_id = moved_since.customer_id AND mart_loyalty.month = moved_since.month
    LEFT JOIN salary
        ON mart_loyalty.customer_id = salary.customer_id AND mart_loyalty.month = salary.month
    LEFT JOIN own_money ON mart_loyalty.customer_id = own_money.customer_id
    LEFT JOIN seed_income_proxy AS income_proxy ON relation.income_band = income_proxy.income_band
    WHERE
        golden_customer.party_type = 'person'
        AND mart_loyalty.is_at_end
        AND NOT relation.is_deceased
        AND relation.home_branch_code IS NOT NULL
),

estimate AS (
    SELECT
        person.*,
        greatest(
            (person.yearly_income_cny * multiple.assets_per_income)::DECIMAL(18, 2), person.own_assets_cny
        ) AS estimated_assets_cny
    FROM person
    INNER JOIN seed_wallet_multiple AS multiple
        ON person.age_years >= multiple.age_from AND person.age_years < multiple.age_below
    WHERE person.yearly_income_cny IS NOT NULL
)

SELECT
    branch_code,
    month,
    count(*) AS customers,
    count(*) FILTER (WHERE has_salary) AS salary_customers,
    round(avg(products), 3) AS products_per_customer,
    sum(own_assets_cny) AS own_assets_cny,
    sum(estimated_assets_cny) AS estimated_assets_cny,
    round(coalesce(sum(own_assets_cny)::DOUBLE / nullif(sum(estimated_assets_cny)::DOUBLE, 0), 0), 4) AS wallet_share
FROM estimate
GROUP BY branch_code, month
