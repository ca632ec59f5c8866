WITH stage_entry AS (
    SELECT
        opportunity.opportunity_number,
        opportunity.occurred_at AS entered_at,
        bridge_channel_identity.customer_id,
        opportunity.product_code,
        opportunity.manager_id,
        opportunity.lead_number,
        opportunity.expected_close_on,
        first_value(opportunity.expected_close_on) OVER stages AS first_expected_close_on,
        opportunity.stage,
        opportunity.amount AS amount_cny,
        CASE opportunity.stage
            WHEN 'won' THEN 1
            WHEN 'lost' THEN 0
            ELSE coalesce(opportunity.probability_percent, 0) / 100
        END AS win_probability,
        lag(opportunity.stage) OVER stages AS previous_stage,
        lead(opportunity.stage) OVER stages AS next_stage,
        lead(opportunity.occurred_at) OVER stages AS left_at
    FROM stg_channel__opportunity AS opportunity
    LEFT JOIN bridge_channel_identity ON opportunity.user_id = bridge_channel_identity.user_id
    WHERE opportunity.occurred_at < $business_date + 1
    WINDOW stages AS (PARTITION BY opportunity.opportunity_number ORDER BY opportunity.occurred_at)
)

SELECT
    opportunity_number,
    entered_at,
    customer_id,
    product_code,
    manager_id,
    lead_number,
    stage,
    previous_stage,
    next_stage,
    left_at IS NULL AS is_current,
    CASE
        WHEN left_at IS NOT NULL THEN left_at::DATE - entered_at::DATE
        WHEN stage IN ('won', 'lost') THEN 0
        ELSE $business_date - entered_at::DATE
    END AS days_in_stage,
    expected_close_on,
    expected_close_on - first_expected_close_on AS slipped_days,
    expected_close_on > first_expected_close_on AND stage <> 'lost' AS is_slipped,
    amount_cny,
    win_probability,
    CASE WHEN left_at IS NULL THEN amount_cny * win_probability END AS weighted_amount_cny
FROM stage_entry
