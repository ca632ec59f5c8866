SELECT
    user_id AS source_key,
    name,
    name_key,
    name_pinyin,
    name_readings,
    surname_readings,
    identity_document,
    identity_status,
    birth_date,
    gender,
    mobile,
    email,
    email_key,
    'core_banking:' || customer_number AS linked_record,
    FALSE AS verified,
    CASE WHEN event_type = 'registered' THEN occurred_at::DATE END AS opened_on,
    occurred_at AS updated_at
FROM stg_channel__profile
