WITH holding AS (
    SELECT
        customer_id,
        count(*) FILTER (WHERE kind <> 'card') AS open_accounts,
        count(*) FILTER (WHERE kind = 'card') AS open_cards,
        count(DISTINCT source || product_code) AS products,
        sum(balance_cny) FILTER (WHERE kind <> 'loan') AS aum_cny
    FROM dim_account
    WHERE status <> 'closed'
    GROUP BY customer_id
),

activity AS (
    SELECT
        customer_id,
        count(*) FILTER (WHERE transacted_on > $business_date - 90) AS transactions_90d,
        -sum(amount_cny) FILTER (WHERE transacted_on > $business_date - 90 AND amount < 0) AS spent_90d_cny,
        max(transacted_on) AS last_transaction_on
    FROM fct_transaction
    WHERE is_customer_initiated AND transacted_on <= $business_date
    GROUP BY customer_id
),

login AS (
    SELECT
        customer_xref.customer_id,
        max(stg_channel__login.occurred_at) AS last_login_at
    FROM stg_channel__login
    INNER JOIN customer_xref
        ON 'channel:' || stg_channel__login.user_id = customer_xref.record_key AND customer_xref.valid_to IS NULL
    WHERE stg_channel__login.occurred_at < $business_date + 1
    GROUP BY customer_xref.customer_id
),

stage_now AS (
    SELECT
        customer_id,
        stage,
        entered_month
    FROM mart_lifecycle
    WHERE month = date_trunc('month', $business_date)
),

complaint AS (
    SELECT
        customer_id,
        count(*) FILTER (WHERE status = 'open') AS open_complaints,
        min(due_on) FILTER (WHERE status = 'open') AS complaint_due_on,
        count(*) FILTER (WHERE opened_at::DATE > $business_date - 365) AS complaints_365d
    FROM mart_complaint
    GROUP BY customer_id
),

last_contact AS (
    SELECT
        customer_id,
        max(occurred_at) AS last_contact_at,
        last(channel ORDER BY occurred_at ASC, event_id ASC) AS last_contact_channel,
        last(topic ORDER BY occurred_at ASC, event_id ASC) FILTER (WHERE topic IS NOT NULL) AS last_topic
    FROM fct_interaction
    WHERE customer_id IS NOT NULL
    GROUP BY customer_id
),

offer_made AS (
    SELECT
        customer_id,
        last(campaign_code ORDER BY contacted_at ASC, event_id ASC) AS last_campaign_code
    FROM fct_campaign_contact
    WHERE arm = 'treated' AND customer_id IS NOT NULL
    GROUP BY customer_id
),

last_score AS (
    SELECT
        bridge_channel_identity.customer_id,
        last(survey.net_promoter_score ORDER BY survey.occurred_at ASC, survey.event_id ASC) AS last_promoter_score
    FROM stg_channel__survey AS survey
    INNER JOIN bridge_channel_identity ON survey.user_id = bridge_channel_identity.user_id
    WHERE survey.occurred_at < $business_date + 1 AND survey.net_promoter_score IS NOT NULL
    GROUP BY bridge_channel_identity.customer_id
),

open_lead AS (
    SELECT
        customer_id,
        count(*) AS open_leads
    FROM mart_lead
    WHERE status IN ('working', 'waiting') AND customer_id IS NOT NULL
    GROUP BY customer_id
),

open_opportunity AS (
    SELECT
        customer_id,
        count(*) AS open_opportunities,
        sum(weighted_amount_cny) AS pipeline_cny
    FROM mart_opportunity
    WHERE is_current AND stage NOT IN ('won', 'lost') AND customer_id IS NOT NULL
    GROUP BY customer_id
),

strongest_need AS (
    SELECT
        customer_id,
        need,
        strength
    FROM mart_need_signal
    QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY strength DESC, need ASC) = 1
),

next_care AS (
    SELECT
        customer_id,
        care,
        care_on
    FROM feed_customer_care
    WHERE is_allowed
    QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY care_on, priority, care) = 1
)

SELECT
    golden_customer.customer_id,
    golden_customer.as_of_date,
    golden_customer.party_type,
    golden_customer.name,
    golden_customer.mobile,
    golden_customer.birth_date,
    year($business_date) - year(golden_customer.birth_date)
    - (strftime($business_date, '%m%d') < strftime(golden_customer.birth_date, '%m%d'))::INTEGER AS age_years,
    golden_customer.gender,
    golden_customer.nationality,
    year($business_date) - year(golden_customer.opened_on)
    - (strftime($business_date, '%m%d') < strftime(golden_customer.opened_on, '%m%d'))::INTEGER AS tenure_years,
    golden_customer.sources,
    golden_customer.records,
    coalesce(holding.open_accounts, 0) AS open_accounts,
    coalesce(holding.open_cards, 0) AS open_cards,
    coalesce(holding.products, 0) AS products,
    coalesce(holding.aum_cny, 0) AS aum_cny,
    coalesce(activity.transactions_90d, 0) AS transactions_90d,
    coalesce(activity.spent_90d_cny, 0) AS spent_90d_cny,
    activity.last_transaction_on,
    login.last_login_at,
    mart_segment.segment,
    golden_customer.completeness,
    golden_customer.confidence,
    dim_relationship.home_branch_code,
    dim_relationship.manager_id,
    stage_now.stage,
    stage_now.entered_month AS stage_since,
    mart_customer_value.value_decile,
    mart_customer_value.lifetime_value_cny,
    mart_credit_risk.loan_balance_cny,
    mart_credit_risk.days_past_due_max,
    mart_credit_risk.worst_class,
    mart_churn_risk.churn_probability,
    dim_relationship.risk_tolerance,
    dim_relationship.due_diligence_risk,
    coalesce(dim_relationship.is_deceased, FALSE) AS is_deceased,
    mart_kyc_compliance.is_document_expired,
    contact_permission.may_offer_by_app,
    contact_permission.may_offer_by_sms,
    contact_permission.may_offer_by_email,
    contact_permission.may_offer_by_call,
    contact_permission.may_profile,
    contact_permission.contacts_30d,
    offer_made.last_campaign_code,
    coalesce(complaint.open_complaints, 0) AS open_complaints,
    complaint.complaint_due_on,
    coalesce(complaint.complaints_365d, 0) AS complaints_365d,
    last_contact.last_contact_at,
    last_contact.last_contact_channel,
    last_contact.last_topic,
    last_score.last_promoter_score,
    coalesce(open_lead.open_leads, 0) AS open_leads,
    coalesce(open_opportunity.open_opportunities, 0) AS open_opportunities,
    coalesce(open_opportunity.pipeline_cny, 0) AS pipeline_cny,
    strongest_need.need AS main_need,
    strongest_need.strength AS main_need_strength,
    best_offer.product_code AS best_offer_product_code,
    best_offer.propensity AS best_offer_propensity,
    next_care.care AS next_care,
    next_care.care_on AS next_care_on,
    CASE
        WHEN dim_relationship.is_deceased THEN 'none'
        WHEN complaint.open_complaints > 0 THEN 'settle_complaint'
        WHEN mart_credit_risk.days_past_due_max > 0 THEN 'talk_about_arrears'
        WHEN mart_kyc_compliance.is_document_expired THEN 'renew_document'
        WHEN open_opportunity.open_opportunities > 0 THEN 'follow_opportunity'
        WHEN open_lead.open_leads > 0 THEN 'work_lead'
        WHEN stage_now.stage IN ('at_risk', 'dormant') AND mart_customer_value.value_decile >= 8 THEN 'win_back'
        WHEN next_care.care IS NOT NULL THEN 'care'
        WHEN strongest_need.need IS NOT NULL THEN 'meet_need'
        ELSE 'none'
    END AS next_action
FROM golden_customer
INNER JOIN mart_segment ON golden_customer.customer_id = mart_segment.customer_id AND mart_segment.scheme = 'rfm'
LEFT JOIN holding ON golden_customer.customer_id = holding.customer_id
LEFT JOIN activity ON golden_customer.customer_id = activity.customer_id
LEFT JOIN login ON golden_customer.customer_id = login.customer_id
LEFT JOIN dim_relationship ON golden_customer.customer_id = dim_relationship.customer_id
LEFT JOIN stage_now ON golden_customer.customer_id = stage_now.customer_id
LEFT JOIN mart_customer_value ON golden_customer.customer_id = mart_customer_value.customer_id
LEFT JOIN mart_credit_risk ON golden_customer.customer_id = mart_credit_risk.customer_id
LEFT JOIN mart_churn_risk ON golden_customer.customer_id = mart_churn_risk.customer_id
LEFT JOIN mart_kyc_compliance ON golden_customer.customer_id = mart_kyc_compliance.customer_id
INNER JOIN contact_permission ON golden_customer.customer_id = contact_permission.customer_id
LEFT JOIN offer_made ON golden_customer.customer_id = offer_made.customer_id
LEFT JOIN complaint ON golden_customer.customer_id = complaint.customer_id
LEFT JOIN last_contact ON golden_customer.customer_id = last_contact.customer_id
LEFT JOIN last_score ON golden_customer.customer_id = last_score.customer_id
LEFT JOIN open_lead ON golden_customer.customer_id = open_lead.customer_id
LEFT JOIN open_opportunity ON golden_customer.customer_id = open_opportunity.customer_id
LEFT JOIN strongest_need ON golden_customer.customer_id = strongest_need.customer_id
LEFT JOIN next_care ON golden_customer.customer_id = next_care.customer_id
LEFT JOIN mart_next_best_offer AS best_offer
    ON golden_customer.customer_id = best_offer.customer_id AND best_offer.rank = 1
