SELECT
    mart_customer_360.customer_id,
    mart_customer_360.as_of_date,
    golden_customer.name,
    golden_customer.mobile,
    mart_customer_360.segment,
    mart_customer_360.open_accounts,
    mart_customer_360.open_cards,
    mart_customer_360.last_transaction_on,
    mart_customer_360.last_login_at
FROM mart_customer_360
INNER JOIN golden_customer ON mart_customer_360.customer_id = golden_customer.customer_id
