WITH holder_card AS (
    SELECT
        card.cardholder_number,
        min(card.opened_on) AS opened_on,
        min(acct_cust.customer_number) AS core_customer
    FROM stg_card__card AS card
    LEFT JOIN stg_core_banking__acct_cust AS acct_cust
        ON card.linked_account_number = acct_cust.account_number AND acct_cust.relation = 'primary'
    WHERE card.holder_role = 'main'
    GROUP BY card.cardholder_number
)

SELECT
    holder.cardholder_number AS source_key,
    holder.name,
    holder.name_key,
    holder.name_pinyin,
    holder.name_readings,
    holder.surname_readings,
    holder.identity_document,
    holder.identity_status,
    holder.birth_date,
    holder.gender,
    holder.mobile,
    holder.email,
    holder.email_key,
    holder.address,
    holder.address_key,
    holder.address_region,
    holder.address_street,
    holder.address_number,
    holder.address_building,
    holder.address_unit,
    holder.address_room,
    'core_banking:' || holder_card.core_customer AS linked_record,
    FALSE AS verified,
    holder_card.opened_on,
    holder.updated_at
FROM stg_card__cardholder AS holder
LEFT JOIN holder_card ON holder.cardholder_number = holder_card.cardholder_number
