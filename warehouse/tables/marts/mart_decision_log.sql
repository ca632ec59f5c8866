SELECT
    decision.decision_id,
    decision.decided_on,
    decision.question,
    decision.evidence_table,
    decision.evidence_as_of,
    decision.action,
    decision.owner,
    decision.campaign_code,
    decision.review_on,
    decision.review_on <= $business_date AS is_review_due,
    dim_campaign.started_on - decision.decided_on AS days_to_action,
    effect.treated,
    effect.lift,
    effect.lift_low,
    effect.lift_high,
    effect.incremental_margin_cny,
    effect.incremental_roi,
    CASE
        WHEN decision.campaign_code IS NULL THEN 'no_campaign'
        WHEN effect.campaign_code IS NULL THEN 'not_started'
        WHEN NOT effect.is_complete THEN 'running'
        WHEN effect.lift_low > 0 THEN 'worked'
        WHEN effect.lift_high < 0 THEN 'harmful'
        ELSE 'not_shown'
    END AS verdict
FROM seed_decision AS decision
LEFT JOIN dim_campaign ON decision.campaign_code = dim_campaign.campaign_code
LEFT JOIN mart_campaign_effect AS effect
    ON decision.campaign_code = effect.campaign_code AND effect.segment = 'all'
WHERE decision.decided_on <= $business_date
