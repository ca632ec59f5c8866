WITH standing_link AS (
    SELECT
        record_key,
        customer_id
    FROM customer_xref
    WHERE valid_to IS NULL
),

balance_by_customer AS (
    SELECT
        customer_id,
        sum(balance_cny) AS balance_cny
    FROM dim_account
    WHERE customer_id IS NOT NULL
    GROUP BY customer_id
),

decided_pair AS (
    SELECT DISTINCT
        record_key_left,
        record_key_right
    FROM steward_decision
    WHERE is_in_force AND decision <> 'reverse'
),

open_pair AS (
    SELECT
        match_pair.record_key_left,
        match_pair.record_key_right,
        one.customer_id AS customer_id_left,
        other.customer_id AS customer_id_right,
        CASE WHEN match_pair.decision = 'match' THEN 'match kept apart' ELSE 'unsure' END AS review_reason,
        match_pair.match_probability,
        match_pair.match_weight,
        'document: ' || match_pair.document_level || '; name: ' || match_pair.name_level
        || coalesce('; birth: ' || match_pair.birth_level, '') || '; phone: ' || match_pair.phone_level
        || '; email: ' || match_pair.email_level || '; address: ' || match_pair.address_level AS evidence
    FROM match_pair
    INNER JOIN standing_link AS one ON match_pair.record_key_left = one.record_key
    INNER JOIN standing_link AS other ON match_pair.record_key_right = other.record_key
    LEFT JOIN decided_pair
        ON
            match_pair.record_key_left = decided_pair.record_key_left
            AND match_pair.record_key_right = decided_pair.record_key_right
    WHERE
        match_pair.decision IN ('review', 'match')
        AND one.customer_id <> other.customer_id
        AND decided_pair.record_key_left IS NULL
),

valued_pair AS (
    SELECT
        open_pair.*,
        coalesce(one.balance_cny, 0) + coalesce(other.balance_cny, 0) AS balance_at_stake_cny
    FROM open_pair
    LEFT JOIN balance_by_customer AS one ON open_pair.customer_id_left = one.customer_id
    LEFT JOIN balance_by_customer AS other ON open_pair.customer_id_right = other.customer_id
)

SELECT
    row_number() OVER (
        ORDER BY balance_at_stake_cny DESC, match_probability DESC, record_key_left ASC, record_key_right ASC
    ) AS place,
    record_key_left,
    record_key_right,
    customer_id_left,
    customer_id_right,
    review_reason,
    match_probability,
    match_weight,
    evidence,
    balance_at_stake_cny
FROM valued_pair
