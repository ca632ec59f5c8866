-- table: stg_card__points
-- severity: critical
-- description: Nobody redeems more points than were carried forward and earned.
-- zh: 任何持卡人积分余额不得为负。
SELECT cardholder_number
FROM stg_card__points
GROUP BY cardholder_number
HAVING sum(points) < 0
