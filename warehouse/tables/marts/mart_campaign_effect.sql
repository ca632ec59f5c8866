WITH customer_contact AS (
    SELECT
        campaign_code,
        customer_id,
        min(contacted_at)::DATE AS contacted_on,
        min(arm) AS arm,
        bool_or(is_contaminated) AS is_contaminated,
        bool_or(converted_on IS NOT NULL) AS is_converted,
        sum(round(cost_cny * 100)::BIGINT) AS cost_cents
    FROM fct_campaign_contact
    WHERE customer_id IS NOT NULL
    GROUP BY campaign_code, customer_id
),

banded_contact AS (
    SELECT
        customer_contact.*,
        year(customer_contact.contacted_on) - year(golden_customer.birth_date)
        - (
            strftime(customer_contact.contacted_on, '%m%d') < strftime(golden_customer.birth_date, '%m%d')
        )::INTEGER AS age_years
    FROM customer_contact
    LEFT JOIN golden_customer ON customer_contact.customer_id = golden_customer.customer_id
),

segmented_contact AS (
    SELECT
        *,
        'all' AS segment
    FROM banded_contact
    UNION ALL
    SELECT
        *,
        CASE
            WHEN age_years < 30 THEN 'age_under_30'
            WHEN age_years < 45 THEN 'age_30_44'
            WHEN age_years < 60 THEN 'age_45_59'
            WHEN age_years >= 60 THEN 'age_60_up'
            ELSE 'age_unknown'
        END AS segment
    FROM banded_contact
),

tally AS (
    SELECT
        campaign_code,
        segment,
        count(*) FILTER (WHERE arm = 'treated' AND NOT is_contaminated) AS treated,
        count(*) FILTER (WHERE arm = 'control' AND NOT is_contaminated) AS control,
        count(*) FILTER (WHERE is_contaminated) AS contaminated,
        count(*) FILTER (WHERE arm = 'treated' AND is_converted AND NOT is_contaminated) AS treated_conversions,
        count(*) FILTER (WHERE arm = 'control' AND is_converted AND NOT is_contaminated) AS control_conversions,
        sum(cost_cents) / 100 AS contact_cost_cny
    FROM segmented_contact
    GROUP BY campaign_code, segment
),

rate AS (
    SELECT
        *,
        treated_conversions / nullif(treated, 0) AS treated_rate,
        control_conversions / nullif(control, 0) AS control_rate,
        (treated_conversions + control_conversions) / nullif(treated + control, 0) AS pooled_rate
    FROM tally
),

wilson AS (
    SELECT
        *,
        (treated_rate + 1.9208 / treated) / (1 + 3.8416 / treated) AS treated_centre,
        1.96 * sqrt(treated_rate * (1 - treated_rate) / treated + 0.9604 / (treated * treated))
        / (1 + 3.8416 / treated) AS treated_margin,
        (control_rate + 1.9208 / control) / (1 + 3.8416 / control) AS control_centre,
        1.96 * sqrt(control_rate * (1 - control_rate) / control + 0.9604 / (control * control))
        / (1 + 3.8416 / control) AS control_margin
    FROM rate
),

effect AS (
    SELECT
        *,
        treated_rate - control_rate AS lift,
        treated_rate - control_rate
        - sqrt(
            power(treated_rate - (treated_centre - treated_margin), 2)
            + power(control_centre + control_margin - control_rate, 2)
        ) AS lift_low,
        treated_rate - control_rate
        + sqrt(
            power(treated_centre + treated_margin - treated_rate, 2)
            + power(control_rate - (control_centre - control_margin), 2)
        ) AS lift_high,
        (treated_rate - control_rate)
        / nullif(sqrt(pooled_rate * (1 - pooled_rate) * (1 / treated + 1 / control)), 0) AS z_score
    FROM wilson
),

costed_effect AS (
    SELECT
        effect.*,
        dim_campaign.margin_cny,
        dim_campaign.last_contact_on + dim_campaign.attribution_days::INTEGER <= $business_date AS is_complete,
        effect.contact_cost_cny
        + coalesce(dim_campaign.fixed_cost_cny, 0)
        * effect.treated / nullif(max(effect.treated) OVER (PARTITION BY effect.campaign_code), 0) AS total_cost_cny
    FROM effect
    INNER JOIN dim_campaign ON effect.campaign_code = dim_campaign.campaign_code
)

SELECT
    campaign_code,
    segment,
    is_complete,
    treated,
    control,
    contaminated,
    treated_conversions,
    control_conversions,
    round(treated_rate, 6) AS treated_rate,
    round(control_rate, 6) AS control_rate,
    round(lift, 6) AS lift,
    round(lift_low, 6) AS lift_low,
    round(lift_high, 6) AS lift_high,
    round(z_score, 3) AS z_score,
    coalesce(abs(z_score) >= 1.96 AND pooled_rate * least(treated, control) >= 5, FALSE) AS is_significant,
    round(lift * treated, 1) AS incremental_conversions,
    round(lift * treated * margin_cny, 2) AS incremental_margin_cny,
    round(coalesce(total_cost_cny, contact_cost_cny), 2) AS total_cost_cny,
    round((lift * treated * margin_cny - total_cost_cny) / nullif(total_cost_cny, 0), 4) AS incremental_roi
FROM costed_effect
