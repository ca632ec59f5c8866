WITH RECURSIVE tie AS (
    SELECT DISTINCT
        one.customer_id,
        other.customer_id AS related_id,
        rel.relation
    FROM stg_core_banking__cust_rel AS rel
    INNER JOIN customer_xref AS one
        ON 'core_banking:' || rel.customer_number = one.record_key AND one.valid_to IS NULL
    INNER JOIN customer_xref AS other
        ON 'core_banking:' || rel.related_customer_number = other.record_key AND other.valid_to IS NULL
    WHERE one.customer_id <> other.customer_id AND rel.relation <> 'employer'
),

step AS (
    SELECT
        customer_id,
        related_id
    FROM tie
    UNION
    SELECT
        related_id AS customer_id,
        customer_id AS related_id
    FROM tie
),

reached AS (
    SELECT
        customer_id,
        customer_id AS member_id
    FROM step
    UNION
    SELECT
        reached.customer_id,
        step.related_id AS member_id
    FROM reached
    INNER JOIN step ON reached.member_id = step.customer_id
),

tied_member AS (
    SELECT
        customer_id,
        min(member_id) AS group_id
    FROM reached
    GROUP BY customer_id
),

group_member AS (
    SELECT
        customer_id,
        group_id
    FROM tied_member
    UNION ALL
    SELECT
        mart_credit_risk.customer_id,
        mart_credit_risk.customer_id AS group_id
    FROM mart_credit_risk
    ANTI JOIN tied_member ON mart_credit_risk.customer_id = tied_member.customer_id
),

tie_kind AS (
    SELECT
        tied_member.group_id,
        string_agg(DISTINCT tie.relation, ',' ORDER BY tie.relation) AS ties
    FROM tie
    INNER JOIN tied_member ON tie.customer_id = tied_member.customer_id
    GROUP BY tied_member.group_id
),

group_total AS (
    SELECT
        group_member.group_id,
        count(*) AS members,
        count(*) FILTER (WHERE mart_credit_risk.exposure_cny > 0) AS borrowers,
        count(*) FILTER (WHERE golden_customer.party_type <> 'person') AS organisations,
        sum(mart_credit_risk.exposure_cny) AS exposure_cny,
        max(mart_credit_risk.exposure_cny) AS largest_exposure_cny,
        sum(mart_credit_risk.expected_loss_cny) AS expected_loss_cny,
        max(mart_credit_risk.days_past_due_max) AS days_past_due_max
    FROM group_member
    INNER JOIN golden_customer ON group_member.customer_id = golden_customer.customer_id
    LEFT JOIN mart_credit_risk ON group_member.customer_id = mart_credit_risk.customer_id
    GROUP BY group_member.group_id
    HAVING count(mart_credit_risk.customer_id) > 0
),

limits AS (
    SELECT max(limit_value) FILTER (WHERE rule = 'group_exposure_limit_cny') AS limit_cny
    FROM seed_risk_threshold
)

SELECT
    group_total.group_id,
    $business_date AS as_of_date,
    group_total.members,
    group_total.borrowers,
    group_total.organisations,
    tie_kind.ties,
    group_total.exposure_cny,
    group_total.largest_exposure_cny,
    group_total.expected_loss_cny,
    group_total.days_past_due_max,
    limits.limit_cny,
    round(group_total.exposure_cny::DOUBLE / limits.limit_cny, 4) AS limit_used,
    group_total.exposure_cny > limits.limit_cny AS is_over_limit
FROM group_total
LEFT JOIN tie_kind ON group_total.group_id = tie_kind.group_id
CROSS JOIN limits
