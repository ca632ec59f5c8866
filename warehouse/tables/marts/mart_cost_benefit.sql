WITH initiative_month AS (
    SELECT
        seed_initiative.initiative,
        seed_initiative.discount_rate,
        seed_initiative.duplicate_statement_cost_cny AS statement_cost_cny,
        unnest(
            generate_series(
                seed_initiative.began_on, date_trunc('month', $business_date)::DATE, INTERVAL 1 MONTH
            )
        )::DATE AS month
    FROM seed_initiative
    WHERE seed_initiative.began_on <= $business_date
),

ledger_month AS (
    SELECT
        initiative,
        month,
        sum(budget_cny::DECIMAL(18, 2)) AS budget_cny,
        sum(actual_cny::DECIMAL(18, 2)) AS actual_cny
    FROM seed_cost_ledger
    WHERE month <= $business_date
    GROUP BY initiative, month
),

campaign_month AS (
    SELECT
        date_trunc('month', dim_campaign.last_contact_on)::DATE AS month,
        sum(effect.total_cost_cny::DECIMAL(18, 2)) AS cost_cny,
        sum(
            CASE WHEN effect.is_complete THEN coalesce(effect.incremental_margin_cny, 0) ELSE 0 END::DECIMAL(18, 2)
        ) AS margin_cny
    FROM mart_campaign_effect AS effect
    INNER JOIN dim_campaign ON effect.campaign_code = dim_campaign.campaign_code
    WHERE effect.segment = 'all'
    GROUP BY date_trunc('month', dim_campaign.last_contact_on)::DATE
),

ranked_contact AS (
    SELECT
        date_trunc('month', contacted_at)::DATE AS month,
        round(cost_cny * 100)::BIGINT AS cost_cents,
        row_number() OVER (PARTITION BY campaign_code, customer_id ORDER BY contacted_at, event_id) AS contact_number
    FROM fct_campaign_contact
    WHERE arm = 'treated' AND customer_id IS NOT NULL
),

repeated_contact AS (
    SELECT
        month,
        sum(cost_cents) / 100 AS saving_cny
    FROM ranked_contact
    WHERE contact_number > 1
    GROUP BY month
),

duplicate_record AS (
    SELECT count(*) - count(DISTINCT source || ' ' || customer_id) AS records
    FROM customer_xref
    WHERE valid_to IS NULL AND source IN ('core_banking', 'card')
),

month_figure AS (
    SELECT
        initiative_month.initiative,
        initiative_month.month,
        initiative_month.discount_rate,
        row_number() OVER (
            PARTITION BY initiative_month.initiative ORDER BY initiative_month.month
        ) - 1 AS month_number,
        coalesce(ledger_month.budget_cny, 0) AS budget_cny,
        coalesce(ledger_month.actual_cny, 0)
        + CASE WHEN initiative_month.initiative = 'campaigns' THEN coalesce(campaign_month.cost_cny, 0) ELSE 0 END
            AS cost_cny,
        CASE WHEN initiative_month.initiative = 'campaigns' THEN coalesce(campaign_month.margin_cny, 0) ELSE 0 END
            AS campaign_margin_cny,
        CASE
            WHEN initiative_month.initiative = 'customer_master' THEN coalesce(repeated_contact.saving_cny, 0) ELSE 0
        END AS duplicate_contact_saving_cny,
        round(duplicate_record.records * initiative_month.statement_cost_cny, 2) AS duplicate_statement_saving_cny
    FROM initiative_month
    CROSS JOIN duplicate_record
    LEFT JOIN ledger_month
        ON initiative_month.initiative = ledger_month.initiative AND initiative_month.month = ledger_month.month
    LEFT JOIN campaign_month ON initiative_month.month = campaign_month.month
    LEFT JOIN repeated_contact ON initiative_month.month = repeated_contact.month
),

net_figure AS (
    SELECT
        *,
        campaign_margin_cny + duplicate_contact_saving_cny + duplicate_statement_saving_cny AS benefit_cny
    FROM month_figure
),

so_far AS (
    SELECT
        *,
        sum(cost_cny) OVER months_so_far AS cumulative_cost_cny,
        sum(benefit_cny - cost_cny) OVER months_so_far AS cumulative_net_cny,
        sum((benefit_cny - cost_cny) / power(1 + discount_rate, month_number / 12)) OVER months_so_far AS npv_cny
    FROM net_figure
    WINDOW months_so_far AS (PARTITION BY initiative ORDER BY month)
),

last_loss AS (
    SELECT
        initiative,
        max(month) FILTER (WHERE cumulative_net_cny < 0) AS last_month_in_loss,
        max(month) AS last_month
    FROM so_far
    GROUP BY initiative
)

SELECT
    so_far.initiative,
    so_far.month,
    so_far.month_number,
    round(so_far.budget_cny, 2) AS budget_cny,
    round(so_far.cost_cny, 2) AS cost_cny,
    round(so_far.campaign_margin_cny, 2) AS campaign_margin_cny,
    round(so_far.duplicate_contact_saving_cny, 2) AS duplicate_contact_saving_cny,
    so_far.duplicate_statement_saving_cny,
    round(so_far.benefit_cny, 2) AS benefit_cny,
    round(so_far.benefit_cny - so_far.cost_cny, 2) AS net_cny,
    round(so_far.cumulative_cost_cny, 2) AS cumulative_cost_cny,
    round(so_far.cumulative_net_cny, 2) AS cumulative_net_cny,
    round(so_far.cumulative_net_cny / nullif(so_far.cumulative_cost_cny, 0), 4) AS roi,
    round(so_far.npv_cny, 2) AS npv_cny,
    CASE
        WHEN last_loss.last_month_in_loss = last_loss.last_month THEN NULL
        WHEN last_loss.last_month_in_loss IS NULL THEN min(so_far.month) OVER (PARTITION BY so_far.initiative)
        ELSE (last_loss.last_month_in_loss + INTERVAL 1 MONTH)::DATE
    END AS payback_month
FROM so_far
INNER JOIN last_loss ON so_far.initiative = last_loss.initiative
