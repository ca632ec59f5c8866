WITH callable AS (
    SELECT
        customer.*,
        CASE
            WHEN contact_permission.may_offer_by_call THEN 'call'
            WHEN contact_permission.may_offer_by_app THEN 'app'
            WHEN contact_permission.may_offer_by_sms THEN 'sms'
            ELSE 'email'
        END AS medium
    FROM mart_customer_360 AS customer
    INNER JOIN contact_permission ON customer.customer_id = contact_permission.customer_id
    CROSS JOIN seed_desktop_limit AS desktop_limit
    WHERE
        customer.party_type = 'person'
        AND customer.manager_id IS NOT NULL
        AND contact_permission.protected_as IS NULL
        AND contact_permission.contacts_30d < desktop_limit.contacts_cap_30d
        AND contact_permission.medium IS NOT NULL
),

cause AS (
    SELECT
        customer_id,
        'work_lead' AS call_reason,
        max(product_code) AS product_code
    FROM mart_lead
    WHERE status = 'waiting' AND customer_id IS NOT NULL
    GROUP BY customer_id
    UNION ALL
    SELECT
        customer_id,
        'follow_opportunity' AS call_reason,
        max(product_code) AS product_code
    FROM mart_opportunity
    WHERE is_current AND stage IN ('contacted', 'qualified', 'proposal') AND customer_id IS NOT NULL
    GROUP BY customer_id
    UNION ALL
    SELECT
        customer_id,
        'win_back' AS call_reason,
        NULL AS product_code
    FROM callable
    WHERE stage IN ('at_risk', 'dormant') AND value_decile >= 8
    UNION ALL
    SELECT
        customer_id,
        'meet_need' AS call_reason,
        best_offer_product_code AS product_code
    FROM callable
    WHERE main_need_strength >= 0.5
    UNION ALL
    SELECT
        customer_id,
        care AS call_reason,
        max(CASE WHEN care IN ('term_maturity', 'loan_due', 'card_expiry') THEN detail END) AS product_code
    FROM feed_customer_care
    WHERE is_allowed
    GROUP BY customer_id, care
),

strongest_cause AS (
    SELECT
        callable.manager_id,
        callable.customer_id,
        cause.call_reason,
        rule.points + greatest(coalesce(callable.value_decile, 0) - 5, 0) AS points,
        count(*) OVER (PARTITION BY callable.customer_id) AS reason_count,
        rule.talking_point,
        cause.product_code,
        callable.medium,
        nullif(
            concat_ws(
                '; ',
                'product risk up to R' || right(callable.risk_tolerance, 1),
                CASE WHEN callable.days_past_due_max > 0 THEN 'in arrears: no offer of credit' END,
                CASE WHEN callable.is_document_expired THEN 'document expired: renew first' END
            ),
            ''
        ) AS constraint_note,
        callable.aum_cny,
        callable.loan_balance_cny,
        callable.risk_tolerance
    FROM callable
    INNER JOIN cause ON callable.customer_id = cause.customer_id
    INNER JOIN seed_desktop_rule AS rule ON cause.call_reason = rule.call_reason
    QUALIFY row_number() OVER (PARTITION BY callable.customer_id ORDER BY rule.points DESC, cause.call_reason ASC) = 1
),

ordered_call AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY manager_id ORDER BY points DESC, aum_cny DESC, customer_id ASC) AS call_order
    FROM strongest_cause
)

SELECT
    ordered_call.manager_id,
    ordered_call.customer_id,
    $business_date AS as_of_date,
    ordered_call.call_order,
    ordered_call.call_reason,
    ordered_call.points,
    ordered_call.reason_count,
    ordered_call.talking_point,
    ordered_call.product_code,
    ordered_call.medium,
    ordered_call.constraint_note,
    ordered_call.aum_cny,
    ordered_call.loan_balance_cny,
    ordered_call.risk_tolerance
FROM ordered_call
CROSS JOIN seed_desktop_limit AS desktop_limit
WHERE ordered_call.call_order <= desktop_limit.calls_per_day
