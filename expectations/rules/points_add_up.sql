-- table: stg_card__points
-- severity: critical
-- description: The points earned in the ledger are the points on the statements, holder by holder and month by month.
-- zh: 积分台账获得积分等于各期账单积分，按持卡人与月份逐笔一致。
WITH earned AS (
    SELECT
        cardholder_number,
        left(points_entry, 6) AS statement_month,
        sum(points) AS points
    FROM stg_card__points
    WHERE points_kind = 'earned'
    GROUP BY cardholder_number, left(points_entry, 6)
)

SELECT coalesce(statement.cardholder_number, earned.cardholder_number) AS cardholder_number
FROM stg_card__statement AS statement
FULL JOIN earned
    ON
        statement.cardholder_number = earned.cardholder_number
        AND statement.statement_month = earned.statement_month
WHERE coalesce(statement.points, 0) <> coalesce(earned.points, 0)
