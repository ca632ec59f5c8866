WITH run AS (
    SELECT
        campaign_code,
        min(occurred_at)::DATE AS started_on,
        max(occurred_at)::DATE AS last_contact_on,
        count(*) AS contacts
    FROM stg_channel__campaign_contact
    WHERE campaign_code IS NOT NULL AND occurred_at < $business_date + 1
    GROUP BY campaign_code
)

SELECT
    coalesce(plan.campaign_code, run.campaign_code) AS campaign_code,
    plan.campaign_name,
    plan.objective,
    plan.offer,
    plan.product_kind,
    plan.product_code,
    plan.planned_contacts,
    plan.planned_conversion_percent,
    plan.budget_cny,
    plan.fixed_cost_cny,
    plan.margin_cny,
    coalesce(plan.attribution_days, 30) AS attribution_days,
    plan.control_percent,
    plan.contacts_cap_30d,
    plan.valid_days,
    run.started_on,
    run.last_contact_on,
    coalesce(run.contacts, 0) AS contacts
FROM seed_campaign_plan AS plan
FULL JOIN run ON plan.campaign_code = run.campaign_code
