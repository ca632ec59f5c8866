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
)

SELECT
    golden_customer.customer_id,
    $business_date AS as_of_date,
    'rfm' AS scheme,
    CASE WHEN segmented.customer_id IS NULL THEN 'inactive' ELSE coalesce(segmented.segment, 'other') END AS segment,
    segmented.recency_days,
    coalesce(segmented.frequency, 0) AS frequency,
    coalesce(segmented.monetary_cny, 0) AS monetary_cny,
    segmented.recency_score,
    segmented.frequency_score,
    segmented.monetary_score,
    CASE
        WHEN segmented.customer_id IS NULL THEN 'no transaction of their own in 12 months'
        ELSE
            'R' || segmented.recency_score || ' F' || segmented.frequency_score || ' M' || segmented.monetary_score
            || ': last ' || segmented.recency_days || ' days ago, ' || segmented.frequency || ' in 12 months'
    END AS reason
FROM golden_customer
LEFT JOIN segmented ON golden_customer.customer_id = segmented.customer_id
