WITH limits AS (
    SELECT
        max(limit_value) FILTER (WHERE rule = 'txn_window_days')::INTEGER AS window_days,
        max(limit_value) FILTER (WHERE rule = 'txn_alert_score') AS alert_score,
        max(limit_value) FILTER (WHERE rule = 'txn_habit_least') AS habit_least,
        max(limit_value) FILTER (WHERE rule = 'txn_large_cny') AS large_cny,
        max(limit_value) FILTER (WHERE rule = 'txn_robust_z') AS outlier_z,
        max(limit_value) FILTER (WHERE rule = 'txn_velocity_minutes')::INTEGER AS velocity_minutes,
        max(limit_value) FILTER (WHERE rule = 'txn_velocity_transfers') AS velocity_transfers,
        max(limit_value) FILTER (WHERE rule = 'txn_card_day_postings') AS card_day_postings,
        max(limit_value) FILTER (WHERE rule = 'txn_device_days')::INTEGER AS device_days,
        max(limit_value) FILTER (WHERE rule = 'txn_device_customers') AS shared_customers,
        max(limit_value) FILTER (WHERE rule = 'txn_night_until_hour') AS night_until
    FROM seed_risk_threshold
),

money_out AS NOT MATERIALIZED (
    SELECT
        transaction_key,
        customer_id,
        account_key,
        source,
        transacted_on,
        transacted_at,
        device_id,
        category = 'transfer_out' AS is_transfer,
        -amount_cny AS amount_out_cny,
        ln((-amount_cny)::DOUBLE) AS log_amount
    FROM fct_transaction
    WHERE
        amount_cny < 0
        AND is_customer_initiated
        AND customer_id IS NOT NULL
        AND transacted_on <= $business_date
        AND transacted_on > $business_date - 395
),

recent AS (
    SELECT
        money_out.*,
        count(*) OVER (PARTITION BY money_out.account_key, money_out.transacted_on) AS day_transactions
    FROM money_out
    CROSS JOIN limits
    WHERE money_out.transacted_on > $business_date - limits.window_days - 1
),

habitual AS NOT MATERIALIZED (
    SELECT
        money_out.customer_id,
        money_out.source,
        money_out.log_amount
    FROM money_out
    CROSS JOIN limits
    WHERE money_out.transacted_on <= $business_date - limits.window_days
),

transfer_burst AS (
    SELECT
        one.transaction_key,
        count(*) AS transfers_in_window
    FROM recent AS one
    INNER JOIN recent AS other ON one.account_key = other.account_key
    CROSS JOIN limits
    WHERE
        one.is_transfer
        AND other.is_transfer
        AND other.transacted_at <= one.transacted_at
        AND other.transacted_at > one.transacted_at - to_minutes(limits.velocity_minutes)
    GROUP BY one.transaction_key
),

device_seen AS (
    SELECT
        fct_device_day.device_id,
        fct_device_day.customer_id,
        fct_device_day.day
    FROM fct_device_day
    CROSS JOIN limits
    WHERE
        fct_device_day.day > $business_date - limits.window_days - limits.device_days
        AND fct_device_day.transactions > 0
),

device_day AS (
    SELECT DISTINCT
        device_id,
        day
    FROM device_seen
),

device_share AS (
    SELECT
        one.device_id,
        one.day,
        count(DISTINCT other.customer_id) AS device_customers
    FROM device_day AS one
    INNER JOIN device_seen AS other ON one.device_id = other.device_id
    CROSS JOIN limits
    WHERE other.day <= one.day AND other.day > one.day - limits.device_days
    GROUP BY one.device_id, one.day
),

worth_a_look AS (
    SELECT
        recent.*,
        coalesce(transfer_burst.transfers_in_window, 0) AS transfers_in_window,
        coalesce(device_share.device_customers, 0) AS device_customers
    FROM recent
    LEFT JOIN transfer_burst ON recent.transaction_key = transfer_burst.transaction_key
    LEFT JOIN device_share
        ON recent.device_id = device_share.device_id AND recent.transacted_on = device_share.day
    CROSS JOIN limits
    WHERE
        recent.transacted_on > $business_date - limits.window_days
        AND (
            recent.amount_out_cny >= limits.large_cny
            OR transfer_burst.transfers_in_window >= limits.velocity_transfers
            OR recent.day_transactions >= limits.card_day_postings
        )
),

own_habit AS (
    SELECT
        habitual.customer_id,
        habitual.source,
        median(habitual.log_amount) AS middle,
        mad(habitual.log_amount) AS deviation
    FROM habitual
    WHERE habitual.customer_id IN (SELECT worth_a_look.customer_id FROM worth_a_look)
    GROUP BY habitual.customer_id, habitual.source
    HAVING count(*) >= (SELECT limits.habit_least FROM limits)
),

common_habit AS (
    SELECT
        habitual.source,
        median(habitual.log_amount) AS middle,
        mad(habitual.log_amount) AS deviation
    FROM habitual
    GROUP BY habitual.source
),

evidence AS (
    SELECT
        worth_a_look.*,
        (worth_a_look.log_amount - coalesce(own_habit.middle, common_habit.middle))
        / (1.4826 * greatest(coalesce(own_habit.deviation, common_habit.deviation), 0.2)) AS robust_z,
        coalesce(fct_device_day.days_since_first = 0 AND fct_device_day.days_of_customer > 0, FALSE) AS is_new_device
    FROM worth_a_look
    LEFT JOIN own_habit ON worth_a_look.customer_id = own_habit.customer_id AND worth_a_look.source = own_habit.source
    LEFT JOIN common_habit ON worth_a_look.source = common_habit.source
    LEFT JOIN fct_device_day
        ON
            worth_a_look.customer_id = fct_device_day.customer_id
            AND worth_a_look.device_id = fct_device_day.device_id
            AND worth_a_look.transacted_on = fct_device_day.day
),

judged AS (
    SELECT
        evidence.*,
        evidence.amount_out_cny >= limits.large_cny AND evidence.robust_z >= limits.outlier_z AS amount_outlier,
        evidence.transfers_in_window >= limits.velocity_transfers AS transfer_velocity,
        evidence.amount_out_cny >= limits.large_cny AND evidence.is_new_device AS new_device,
        evidence.amount_out_cny >= limits.large_cny
        AND evidence.device_customers >= limits.shared_customers AS shared_device,
        evidence.amount_out_cny >= limits.large_cny
        AND evidence.is_transfer
        AND hour(evidence.transacted_at) < limits.night_until AS night,
        evidence.source = 'card' AND evidence.day_transactions >= limits.card_day_postings AS card_velocity
    FROM evidence
    CROSS JOIN limits
),

hit AS (
    SELECT
        *,
        'amount_outlier' AS risk_rule
    FROM judged
    WHERE amount_outlier
    UNION ALL
    SELECT
        *,
        'transfer_velocity' AS risk_rule
    FROM judged
    WHERE transfer_velocity
    UNION ALL
    SELECT
        *,
        'new_device' AS risk_rule
    FROM judged
    WHERE new_device
    UNION ALL
    SELECT
        *,
        'shared_device' AS risk_rule
    FROM judged
    WHERE shared_device
    UNION ALL
    SELECT
        *,
        'night' AS risk_rule
    FROM judged
    WHERE night
    UNION ALL
    SELECT
        *,
        'card_velocity' AS risk_rule
    FROM judged
    WHERE card_velocity
),

rule_of_day AS (
    SELECT DISTINCT
        customer_id,
        transacted_on,
        risk_rule
    FROM hit
),

day_score AS (
    SELECT
        rule_of_day.customer_id,
        rule_of_day.transacted_on,
        sum(seed_txn_rule.points)::BIGINT AS day_score
    FROM rule_of_day
    INNER JOIN seed_txn_rule ON rule_of_day.risk_rule = seed_txn_rule.rule
    GROUP BY rule_of_day.customer_id, rule_of_day.transacted_on
)

SELECT
    hit.transaction_key,
    hit.risk_rule,
    hit.customer_id,
    hit.account_key,
    hit.transacted_on,
    hit.transacted_at,
    hit.amount_out_cny,
    round(hit.robust_z, 2) AS robust_z,
    hit.transfers_in_window,
    hit.device_id,
    hit.device_customers,
    seed_txn_rule.points,
    day_score.day_score,
    day_score.day_score >= limits.alert_score AS is_alert
FROM hit
INNER JOIN seed_txn_rule ON hit.risk_rule = seed_txn_rule.rule
INNER JOIN day_score ON hit.customer_id = day_score.customer_id AND hit.transacted_on = day_score.transacted_on
CROSS JOIN limits
