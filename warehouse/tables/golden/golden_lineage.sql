WITH member AS (
    SELECT
        customer_xref.customer_id,
        customer_record.*
    FROM customer_record
    INNER JOIN customer_xref ON customer_record.record_key = customer_xref.record_key
    WHERE customer_xref.valid_to IS NULL
),

told AS (
    SELECT
        customer_id,
        record_key,
        source,
        updated_at,
        opened_on,
        coalesce(verified, FALSE) AS is_verified,
        coalesce(identity_status IN ('valid', 'upgraded'), FALSE) AS has_valid_document,
        unnest([
            struct_pack(attribute := 'party_type', value := party_type),
            struct_pack(attribute := 'name', value := name),
            struct_pack(attribute := 'identity_document', value := identity_document),
            struct_pack(attribute := 'birth_date', value := birth_date::VARCHAR),
            struct_pack(attribute := 'gender', value := nullif(gender, 'unknown')),
            struct_pack(attribute := 'mobile', value := mobile),
            struct_pack(attribute := 'email', value := email),
            struct_pack(attribute := 'address', value := address),
            struct_pack(attribute := 'nationality', value := nationality),
            struct_pack(attribute := 'opened_on', value := opened_on::VARCHAR)
        ]) AS attribute_value
    FROM member
),

told_value AS (
    SELECT
        told.* EXCLUDE (told.attribute_value),
        told.attribute_value.attribute,
        told.attribute_value.value
    FROM told
),

measured AS (
    SELECT
        told_value.*,
        (
            CASE told_value.attribute
                WHEN 'identity_document' THEN told_value.has_valid_document ELSE told_value.is_verified
            END
        )::DOUBLE
            AS validated,
        coalesce(trust.trust, 50) - coalesce(trust.decay_per_year, 0)
        * greatest(coalesce($business_date - told_value.updated_at::DATE, 3650), 0) / 365.25 AS trusted,
        coalesce(epoch(told_value.updated_at), 0) AS recent,
        count(*) OVER (PARTITION BY told_value.customer_id, told_value.attribute, told_value.value)::DOUBLE
            AS frequent,
        length(told_value.value)::DOUBLE AS complete,
        coalesce(-epoch(told_value.opened_on), -1e18) AS earliest
    FROM told_value
    LEFT JOIN seed_source_trust AS trust
        ON told_value.source = trust.source AND told_value.attribute = trust.attribute
    WHERE told_value.value IS NOT NULL
),

candidate AS (
    SELECT
        measured.customer_id,
        measured.attribute,
        measured.value,
        measured.record_key,
        measured.source,
        rules.rule_1,
        rules.rule_2,
        rules.rule_3,
        rules.rule_4,
        CASE rules.rule_1
            WHEN 'validated' THEN measured.validated
            WHEN 'trusted' THEN measured.trusted
            WHEN 'recent' THEN measured.recent
            WHEN 'frequent' THEN measured.frequent
            WHEN 'complete' THEN measured.complete
            WHEN 'earliest' THEN measured.earliest
        END AS merit_1,
        CASE rules.rule_2
            WHEN 'validated' THEN measured.validated
            WHEN 'trusted' THEN measured.trusted
            WHEN 'recent' THEN measured.recent
            WHEN 'frequent' THEN measured.frequent
            WHEN 'complete' THEN measured.complete
            WHEN 'earliest' THEN measured.earliest
        END AS merit_2,
        CASE rules.rule_3
            WHEN 'validated' THEN measured.validated
            WHEN 'trusted' THEN measured.trusted
            WHEN 'recent' THEN measured.recent
            WHEN 'frequent' THEN measured.frequent
            WHEN 'complete' THEN measured.complete
            WHEN 'earliest' THEN measured.earliest
        END AS merit_3,
        CASE rules.rule_4
            WHEN 'validated' THEN measured.validated
            WHEN 'trusted' THEN measured.trusted
            WHEN 'recent' THEN measured.recent
            WHEN 'frequent' THEN measured.frequent
            WHEN 'complete' THEN measured.complete
            WHEN 'earliest' THEN measured.earliest
        END AS merit_4
    FROM measured
    INNER JOIN seed_survivorship_rule AS rules ON measured.attribute = rules.attribute
),

ranked AS (
    SELECT
        *,
        row_number() OVER best_first AS place,
        first_value(value) OVER best_first AS best_value,
        count(*) OVER (PARTITION BY customer_id, attribute) AS records
    FROM candidate
    WINDOW best_first AS (
        PARTITION BY customer_id, attribute
        ORDER BY merit_1 DESC, merit_2 DESC, merit_3 DESC, merit_4 DESC, record_key ASC
    )
),

winner AS (
    SELECT *
    FROM ranked
    WHERE place = 1
),

loser AS (
    SELECT *
    FROM ranked
    WHERE value <> best_value
),

runner_up AS (
    SELECT *
    FROM loser
    QUALIFY row_number() OVER (PARTITION BY customer_id, attribute ORDER BY place) = 1
),

lost AS (
    SELECT
        customer_id,
        attribute,
        count(*) AS records,
        to_json(list(struct_pack(value := value, record_key := record_key) ORDER BY place)) AS losing_values
    FROM loser
    GROUP BY customer_id, attribute
)

SELECT
    winner.customer_id,
    winner.attribute,
    winner.value,
    winner.record_key,
    winner.source,
    CASE
        WHEN runner_up.place IS NULL THEN 'unanimous'
        WHEN winner.merit_1 <> runner_up.merit_1 THEN winner.rule_1
        WHEN winner.merit_2 <> runner_up.merit_2 THEN winner.rule_2
        WHEN winner.merit_3 <> runner_up.merit_3 THEN winner.rule_3
        WHEN winner.merit_4 <> runner_up.merit_4 THEN winner.rule_4
        ELSE 'least_record_key'
    END AS rule,
    winner.records - coalesce(lost.records, 0) AS records_agreeing,
    coalesce(lost.records, 0) AS records_disagreeing,
    lost.losing_values
FROM winner
LEFT JOIN runner_up ON winner.customer_id = runner_up.customer_id AND winner.attribute = runner_up.attribute
LEFT JOIN lost ON winner.customer_id = lost.customer_id AND winner.attribute = lost.attribute
