WITH document AS (
    SELECT
        customer_xref.customer_id,
        max(cert.document_kind) AS document_kind,
        max(cert.expires_on) AS expires_on
    FROM stg_core_banking__cert AS cert
    INNER JOIN customer_xref
        ON 'core_banking:' || cert.customer_number = customer_xref.record_key AND customer_xref.valid_to IS NULL
    GROUP BY customer_xref.customer_id
),

card_document AS (
    SELECT
        customer_xref.customer_id,
        max(holder.document_kind) AS document_kind
    FROM stg_card__cardholder AS holder
    INNER JOIN customer_xref
        ON 'card:' || holder.cardholder_number = customer_xref.record_key AND customer_xref.valid_to IS NULL
    GROUP BY customer_xref.customer_id
),

owned AS (
    SELECT DISTINCT customer_xref.customer_id
    FROM stg_core_banking__cust_rel AS relation
    INNER JOIN customer_xref
        ON
            'core_banking:' || relation.customer_number = customer_xref.record_key
            AND customer_xref.valid_to IS NULL
    WHERE relation.relation = 'beneficial_owner'
),

guarded_account AS (
    SELECT DISTINCT 'core_banking:' || account_number AS account_key
    FROM stg_core_banking__acct_cust
    WHERE relation = 'guardian' AND (valid_to IS NULL OR valid_to > $business_date)
),

unguarded AS (
    SELECT DISTINCT dim_account.customer_id
    FROM dim_account
    LEFT JOIN guarded_account ON dim_account.account_key = guarded_account.account_key
    WHERE
        dim_account.source = 'core_banking'
        AND dim_account.status <> 'closed'
        AND guarded_account.account_key IS NULL
),

consenting AS (
    SELECT DISTINCT customer_id
    FROM consent_current
),

checked AS (
    SELECT
        golden_customer.customer_id,
        golden_customer.as_of_date,
        golden_customer.party_type,
        dim_relationship.home_branch_code,
        dim_relationship.due_diligence_risk,
        document.expires_on AS document_expires_on,
        CASE
            WHEN golden_customer.party_type <> 'organisation'
                THEN concat_ws(
                    ',',
                    CASE WHEN golden_customer.name IS NULL THEN 'name' END,
                    CASE WHEN golden_customer.gender IS NULL THEN 'gender' END,
                    CASE WHEN golden_customer.nationality IS NULL THEN 'nationality' END,
                    CASE WHEN dim_relationship.occupation IS NULL THEN 'occupation' END,
                    CASE WHEN golden_customer.address IS NULL THEN 'address' END,
                    CASE WHEN golden_customer.mobile IS NULL AND golden_customer.email IS NULL THEN 'contact' END,
                    CASE
                        WHEN document.document_kind IS NULL AND card_document.document_kind IS NULL
                            THEN 'document_kind'
                    END,
                    CASE WHEN golden_customer.identity_document IS NULL THEN 'document_number' END,
                    CASE WHEN document.expires_on IS NULL THEN 'document_expiry' END
                )
        END AS missing,
        coalesce(document.expires_on < $business_date, FALSE) AS is_document_expired,
        coalesce(dim_relationship.due_diligence_due_on < $business_date, FALSE) AS is_review_overdue,
        golden_customer.party_type = 'organisation' AND owned.customer_id IS NULL AS is_owner_missing,
        golden_customer.party_type = 'person'
        AND coalesce(golden_customer.birth_date > $business_date - INTERVAL 18 YEAR, FALSE)
        AND unguarded.customer_id IS NOT NULL AS is_minor_without_guardian,
        coalesce(dim_relationship.core_numbers > 1, FALSE) AS is_held_twice,
        consenting.customer_id IS NULL AS is_consent_unknown
    FROM golden_customer
    LEFT JOIN dim_relationship ON golden_customer.customer_id = dim_relationship.customer_id
    LEFT JOIN document ON golden_customer.customer_id = document.customer_id
    LEFT JOIN card_document ON golden_customer.customer_id = card_document.customer_id
    LEFT JOIN owned ON golden_customer.customer_id = owned.customer_id
    LEFT JOIN unguarded ON golden_customer.customer_id = unguarded.customer_id
    LEFT JOIN consenting ON golden_customer.customer_id = consenting.customer_id
    WHERE golden_customer.sources LIKE '%core_banking%' OR golden_customer.sources LIKE '%card%'
)

SELECT
    customer_id,
    as_of_date,
    party_type,
    home_branch_code,
    CASE
        WHEN missing = '' THEN 9
        ELSE 8 - (length(missing) - length(replace(missing, ',', '')))
    END AS elements_present,
    nullif(missing, '') AS missing_elements,
    document_expires_on,
    is_document_expired,
    due_diligence_risk,
    is_review_overdue,
    is_owner_missing,
    is_minor_without_guardian,
    is_held_twice,
    is_consent_unknown,
    coalesce(missing <> '', FALSE)::INTEGER
    + is_document_expired::INTEGER
    + is_review_overdue::INTEGER
    + is_owner_missing::INTEGER
    + is_minor_without_guardian::INTEGER
    + is_held_twice::INTEGER
    + is_consent_unknown::INTEGER AS findings
FROM checked
