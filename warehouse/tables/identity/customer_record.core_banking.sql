WITH document AS (
    SELECT
        customer_number,
        identity_document,
        identity_status
    FROM stg_core_banking__cert
    WHERE identity_document IS NOT NULL
    QUALIFY
        row_number() OVER (
            PARTITION BY customer_number ORDER BY coalesce(is_primary, FALSE) DESC, issued_on DESC, document_kind ASC
        ) = 1
),

contact AS (
    SELECT
        customer_number,
        contact_kind IN ('home_phone', 'office_phone') AS is_other_phone,
        contact_kind = 'mobile' AS is_mobile,
        phone,
        email,
        email_key,
        row_number() OVER (
            PARTITION BY customer_number, contact_kind, coalesce(phone, email) IS NULL
            ORDER BY coalesce(is_verified, FALSE) DESC, updated_at DESC, position ASC
        ) AS place
    FROM stg_core_banking__contact
),

best_contact AS (
    SELECT
        customer_number,
        max(phone) FILTER (WHERE is_mobile) AS mobile,
        min(phone) FILTER (WHERE is_other_phone) AS other_phone,
        max(email) AS email,
        max(email_key) AS email_key
    FROM contact
    WHERE place = 1
    GROUP BY customer_number
),

best_address AS (
    SELECT
        customer_number,
        address,
        address_key,
        address_region,
        address_street,
        address_number,
        address_building,
        address_unit,
        address_room
    FROM stg_core_banking__addr
    WHERE address IS NOT NULL
    QUALIFY
        row_number() OVER (
            PARTITION BY customer_number
            ORDER BY address_kind = 'home' DESC, updated_at DESC, address_kind ASC, position ASC
        ) = 1
)

SELECT
    cust.customer_number AS source_key,
    cust.party_type,
    cust.name,
    cust.name_key,
    cust.name_pinyin,
    cust.name_readings,
    cust.surname_readings,
    document.identity_document,
    document.identity_status,
    cust.birth_date,
    cust.gender,
    best_contact.mobile,
    best_contact.other_phone,
    best_contact.email,
    best_contact.email_key,
    best_address.address,
    best_address.address_key,
    best_address.address_region,
    best_address.address_street,
    best_address.address_number,
    best_address.address_building,
    best_address.address_unit,
    best_address.address_room,
    cust.nationality,
    cust.verified,
    cust.opened_on,
    cust.updated_at
FROM stg_core_banking__cust AS cust
LEFT JOIN document ON cust.customer_number = document.customer_number
LEFT JOIN best_contact ON cust.customer_number = best_contact.customer_number
LEFT JOIN best_address ON cust.customer_number = best_address.customer_number
WHERE cust.change_kind IS DISTINCT FROM 'deleted'
