-- table: fct_campaign_contact
-- severity: critical
-- description: Whoever a campaign holds out is sent nothing, so nothing is delivered, opened, clicked or paid for.
-- zh: 对照组客户从未被触达：无送达、打开、点击，也无触达成本。
SELECT event_id
FROM fct_campaign_contact
WHERE
    arm = 'control'
    AND (cost_cny > 0 OR delivered_at IS NOT NULL OR opened_at IS NOT NULL OR clicked_at IS NOT NULL)
    AND NOT is_contaminated
