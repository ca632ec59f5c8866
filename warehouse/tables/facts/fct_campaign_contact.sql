WITH contact AS (
    SELECT
        campaign_contact.*,
        bridge_channel_identity.customer_id,
        dim_campaign.attribution_days,
        dim_campaign.product_kind,
        dim_campaign.product_code
    FROM stg_channel__campaign_contact AS campaign_contact
    INNER JOIN dim_campaign ON campaign_contact.campaign_code = dim_campaign.campaign_code
    LEFT JOIN bridge_channel_identity ON campaign_contact.user_id = bridge_channel_identity.user_id
    WHERE campaign_contact.occurred_at < $business_date + 1
),

answered AS (
    SELECT
        response.event_id AS response_id,
        max_by(contact.event_id, (contact.occurred_at, contact.event_id)) AS event_id,
        min(response.reaction) AS reaction,
        min(response.occurred_at) AS occurred_at
    FROM contact
    INNER JOIN stg_channel__campaign_response AS response
        ON contact.campaign_code = response.campaign_code AND contact.user_id = response.user_id
    WHERE
        response.occurred_at < $business_date + 1
        AND response.occurred_at::DATE - contact.occurred_at::DATE BETWEEN 0 AND contact.attribution_days
    GROUP BY response.event_id
),

reaction AS (
    SELECT
        event_id,
        count(*) AS responses,
        min(occurred_at) FILTER (WHERE reaction = 'delivered') AS delivered_at,
        min(occurred_at) FILTER (WHERE reaction <> 'delivered') AS opened_at,
        min(occurred_at) FILTER (WHERE reaction IN ('clicked', 'accepted')) AS clicked_at,
        min(occurred_at) FILTER (WHERE reaction = 'accepted') AS accepted_at
    FROM answered
    GROUP BY event_id
),

opening AS (
    SELECT
        contact.event_id,
        min(dim_account.opened_on) AS opened_on
    FROM contact
    INNER JOIN dim_account
        ON
            contact.customer_id = dim_account.customer_id
            AND contact.product_kind = dim_account.kind
            AND (contact.product_code IS NULL OR contact.product_code = dim_account.product_code)
    WHERE
        dim_account.opened_on <= $business_date
        AND dim_account.opened_on - contact.occurred_at::DATE BETWEEN 0 AND contact.attribution_days
    GROUP BY contact.event_id
),

consent_then AS (
    SELECT
        contact.event_id,
        last(consent.new_state ORDER BY consent.occurred_at ASC, consent.new_state ASC) = 'granted' AS is_consented
    FROM contact
    INNER JOIN bridge_channel_identity ON contact.customer_id = bridge_channel_identity.customer_id
    INNER JOIN stg_channel__consent_change AS consent
        ON bridge_channel_identity.user_id = consent.user_id AND contact.medium = consent.medium
    WHERE consent.purpose = 'marketing' AND contact.occurred_at >= consent.occurred_at
    GROUP BY contact.event_id
),

both_arms AS (
    SELECT
        campaign_code,
        customer_id
    FROM contact
    WHERE customer_id IS NOT NULL
    GROUP BY campaign_code, customer_id
    HAVING count(DISTINCT arm) > 1
)

SELECT
    contact.event_id,
    contact.campaign_code,
    contact.customer_id,
    contact.arm,
    contact.medium,
    contact.occurred_at AS contacted_at,
    CASE WHEN contact.arm = 'treated' THEN coalesce(contact.cost_cny, 0) ELSE 0 END AS cost_cny,
    coalesce(reaction.responses, 0) AS responses,
    reaction.delivered_at,
    reaction.opened_at,
    reaction.clicked_at,
    reaction.accepted_at,
    opening.opened_on AS converted_on,
    coalesce(consent_then.is_consented, FALSE) AS is_consented,
    both_arms.customer_id IS NOT NULL AS is_contaminated
FROM contact
LEFT JOIN reaction ON contact.event_id = reaction.event_id
LEFT JOIN opening ON contact.event_id = opening.event_id
LEFT JOIN consent_then ON contact.event_id = consent_then.event_id
LEFT JOIN both_arms ON contact.campaign_code = both_arms.campaign_code AND contact.customer_id = both_arms.customer_id
