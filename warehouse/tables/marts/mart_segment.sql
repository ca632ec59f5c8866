WITH year_of_activity AS (
    SELECT
        customer_id,
        $business_date - max(transacted_on) AS recency_days,
        count(*) AS frequency,
        sum(CASE WHEN amount_cny < 0 THEN -amount_cny ELSE 0 END) AS monetary_cny
    FROM fct_transaction
    WHERE
        is_customer_initiated
        AND transacted_on > $business_date - INTERVAL 12 MONTH
        AND transacted_on <= $business_date
    GROUP BY customer_id
),

scored AS (
    SELECT
        customer_id,
        recency_days,
        frequency,
        monetary_cny,
        ntile(5) OVER (ORDER BY recency_days DESC, customer_id ASC) AS recency_score,
        ntile(5) OVER (ORDER BY frequency ASC, customer_id ASC) AS frequency_score,
        ntile(5) OVER (ORDER BY monetary_cny ASC, customer_id ASC) AS monetary_score
    FROM year_of_activity
    WHERE customer_id IS NOT NULL
),

segmented AS (
    SELECT
        scored.*,
        rfm.segment
    FROM scored
    LEFT JOIN seed_rfm_segment AS rfm
        ON
            scored.recency_score BETWEEN rfm.recency_from AND rfm.recency_to
            AND (scored.frequency_score + scored.monetary_score) // 2 BETWEEN rfm.value_from AND rfm.value_to
    QUALIFY row_number() OVER (PARTITION BY scored.customer_id ORDER BY rfm.priority) = 1
),

money AS (
    SELECT
        golden_customer.customer_id,
        greatest(coalesce(known.aum_mean_30d_cny, 0), 0) AS aum_mean_30d_cny
    FROM golden_customer
    LEFT JOIN fct_customer_snapshot AS known
        ON golden_customer.customer_id = known.customer_id AND known.as_of_date = $business_date
),

tiered AS (
    SELECT
        money.customer_id,
        money.aum_mean_30d_cny,
        tier.tier
    FROM money
    INNER JOIN seed_aum_tier AS tier ON money.aum_mean_30d_cny >= tier.from_cny
    QUALIFY row_number() OVER (PARTITION BY money.customer_id ORDER BY tier.from_cny DESC) = 1
),

potential_limits AS (
    SELECT
        max(points) FILTER (WHERE signal = 'potential_limit' AND signal_value = 'high') AS potential_high,
        max(points) FILTER (WHERE signal = 'potential_limit' AND signal_value = 'medium') AS potential_medium,
        max(points) FILTER (WHERE signal = 'value_limit' AND signal_value = 'high') AS value_high,
        max(points) FILTER (WHERE signal = 'value_limit' AND signal_value = 'medium') AS value_medium,
        max(points) FILTER (WHERE signal = 'age') AS age_points,
        max(points) FILTER (WHERE signal = 'products') AS products_points
    FROM seed_potential_rule
),

pointed AS (
    SELECT
        worth.customer_id,
        worth.value_decile,
        coalesce(income.points, 0)
        + CASE
            WHEN
                year($business_date) - year(golden_customer.birth_date)
                - (strftime($business_date, '%m%d') < strftime(golden_customer.birth_date, '%m%d'))::INTEGER
                BETWEEN 25 AND 54
                THEN limits.age_points
            ELSE 0
        END
        + CASE WHEN worth.products <= 1 THEN limits.products_points ELSE 0 END AS points
    FROM mart_customer_value AS worth
    INNER JOIN golden_customer ON worth.customer_id = golden_customer.customer_id
    CROSS JOIN potential_limits AS limits
    LEFT JOIN dim_relationship ON worth.customer_id = dim_relationship.customer_id
    LEFT JOIN seed_potential_rule AS income
        ON income.signal = 'income' AND dim_relationship.income_band = income.signal_value
),

valued AS (
    SELECT
        pointed.customer_id,
        pointed.value_decile,
        pointed.points,
        CASE
            WHEN pointed.value_decile >= limits.value_high THEN 'high'
            WHEN pointed.value_decile >= limits.value_medium THEN 'medium'
            ELSE 'low'
        END AS value_level,
        CASE
            WHEN pointed.points >= limits.potential_high THEN 'high'
            WHEN pointed.points >= limits.potential_medium THEN 'medium'
            ELSE 'low'
        END AS potential_level
    FROM pointed
    CROSS JOIN potential_limits AS limits
),

stage_today AS (
    SELECT *
    FROM mart_lifecycle
    QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY month DESC) = 1
),

placed AS (
    SELECT
        golden_customer.customer_id,
        'rfm' AS scheme,
        CASE
            WHEN segmented.customer_id IS NULL THEN 'inactive'
            ELSE coalesce(segmented.segment, 'other')
        END AS segment,
        NULL::DOUBLE AS basis,
        CASE
            WHEN segmented.customer_id IS NULL THEN 'no transaction of their own in 12 months'
            ELSE
                'R' || segmented.recency_score || ' F' || segmented.frequency_score || ' M' || segmented.monetary_score
                || ': last ' || segmented.recency_days || ' days ago, ' || segmented.frequency || ' in 12 months'
        END AS reason
    FROM golden_customer
    LEFT JOIN segmented ON golden_customer.customer_id = segmented.customer_id
    UNION ALL
    SELECT
        customer_id,
        'aum_tier' AS scheme,
        tier AS segment,
        aum_mean_30d_cny AS basis,
        'mean of 30 days ' || floor(aum_mean_30d_cny)::BIGINT || ' CNY' AS reason
    FROM tiered
    UNION ALL
    SELECT
        customer_id,
        'value_potential' AS scheme,
        value_level || '_value_' || potential_level || '_potential' AS segment,
        points AS basis,
        'decile ' || value_decile || ' of yearly margin, ' || points::INTEGER || ' points of potential' AS reason
    FROM valued
    UNION ALL
    SELECT
        customer_id,
        'lifecycle' AS scheme,
        stage AS segment,
        own_transactions_3m AS basis,
        reason
    FROM stage_today
    UNION ALL
    SELECT
        customer_id,
        'behaviour' AS scheme,
        cluster AS segment,
        clarity AS basis,
        cluster_name AS reason
    FROM mart_behaviour_cluster
)

SELECT
    placed.customer_id,
    $business_date AS as_of_date,
    placed.scheme,
    placed.segment,
    placed.basis,
    segmented.recency_days,
    CASE placed.scheme WHEN 'rfm' THEN coalesce(segmented.frequency, 0) END AS frequency,
    CASE placed.scheme WHEN 'rfm' THEN coalesce(segmented.monetary_cny, 0) END AS monetary_cny,
    segmented.recency_score,
    segmented.frequency_score,
    segmented.monetary_score,
    placed.reason
FROM placed
LEFT JOIN segmented ON placed.customer_id = segmented.customer_id AND placed.scheme = 'rfm'
