"""Semantic types: what a value means fixes its storage, validity, cleaner, privacy class and mask, once.

Privacy classes follow JR/T 0171: C1 internal, C2 identifies or describes a customer (masked in every view), C3 is
refused at landing. A mask is a SQL expression over `{column}` with the meaning of the type's storage.
"""

from dataclasses import dataclass

import pyarrow as pa

KEEP = "{column}"
MASK_NAME = "left({column}, 1) || repeat('*', greatest(length({column}) - 1, 1))"
MASK_ENDS = "left({column}, 3) || '****' || right({column}, 2)"
MASK_LAST_FOUR = "'****' || right({column}, 4)"
MASK_EMAIL = "left({column}, 1) || '***@' || split_part({column}, '@', 2)"
MASK_YEAR = "date_trunc('year', {column})::DATE"
MASK_ADDRESS = "left({column}, 6) || '***'"
MASK_PSEUDONYM = "left(sha256({column}), 16)"
MASK_ALL = "CASE WHEN {column} IS NULL THEN NULL ELSE '***' END"


@dataclass(frozen=True)
class SemanticType:
    """What every column of this meaning shares."""

    description: str
    storage: pa.DataType
    sql: str
    cleaner: str = "text.clean_text"
    pattern: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    privacy: str = "C1"
    mask: str = KEEP


def _text(description: str, **facets: str) -> SemanticType:
    return SemanticType(description, pa.string(), "VARCHAR", **facets)


def _personal(description: str, cleaner: str, mask: str, pattern: str | None = None) -> SemanticType:
    return SemanticType(description, pa.string(), "VARCHAR", cleaner, pattern, privacy="C2", mask=mask)


def _part(description: str, part: str) -> SemanticType:
    return _personal(description, f"address_parts.clean_address_{part}", MASK_ALL, "[0-9A-Z]{1,8}")


TYPES: dict[str, SemanticType] = {
    # plain values
    "text": _text("Free text without meaning to the pipeline."),
    "code": _text("One of a closed list, which the contract names.", cleaner="text.clean_code"),
    "flag": SemanticType("True or false.", pa.bool_(), "BOOLEAN", "numbers.clean_flag"),
    "integer": SemanticType("Whole number.", pa.int64(), "BIGINT", "numbers.clean_integer"),
    "count": SemanticType("How many; never negative.", pa.int64(), "BIGINT", "numbers.clean_integer", minimum="0"),
    "decimal": SemanticType("Measured or computed number.", pa.float64(), "DOUBLE", "numbers.clean_decimal"),
    "probability": SemanticType(
        "Probability or share, 0 to 1.", pa.float64(), "DOUBLE", "numbers.clean_decimal", minimum="0", maximum="1"
    ),
    "money": SemanticType(
        "Amount of money in the currency its column or neighbour names, two decimals.",
        pa.decimal128(18, 2),
        "DECIMAL(18, 2)",
        "numbers.clean_money",
        privacy="C2",
    ),
    "date": SemanticType("Calendar day.", pa.date32(), "DATE", "dates.clean_date"),
    "timestamp": SemanticType("Moment, Beijing time.", pa.timestamp("us"), "TIMESTAMP", "dates.clean_timestamp"),
    "json": _text("JSON document.", cleaner="text.clean_json"),
    # keys
    "source_key": _text("Key a source gave a row; means nothing outside that source.", pattern=r"\S.*"),
    "record_key": _text("Source and source key of a customer record: `source:source_key`.", pattern=r"[a-z_]+:\S.*"),
    "customer_id": _text("Golden customer id, minted once and never reused.", pattern=r"C[0-9A-HJKMNP-TV-Z]{12}"),
    "source_name": _text("Name of a source system.", pattern=r"[a-z][a-z0-9_]*"),
    # people and organisations
    "personal_value": _personal("A customer's value of whatever kind, as text.", "text.clean_text", MASK_ALL),
    "person_name": _personal("Name of a person or organisation, as shown to people.", "names.clean_name", MASK_NAME),
    "name_key": _personal(
        "Name as compared: titles off, simplified by character, no spaces.", "names.clean_name_key", MASK_NAME
    ),
    "name_pinyin": _personal(
        "Name in toneless pinyin, surname first, lower case, for comparison.", "names.clean_name_pinyin", MASK_NAME
    ),
    "name_readings": _personal(
        "Other readings of a name in pinyin, each followed by |: of polyphones, or of a name spelt as in Taiwan. They "
        "propose pairs to compare and are no evidence.",
        "name_candidates.clean_name_readings",
        MASK_ALL,
        r"(?:[a-z]+ [a-z]+\|)+",
    ),
    "surname_readings": _personal(
        "Every surname in pinyin a name may begin with, each followed by |; Hong Kong and Taiwan spellings led back. "
        "They propose pairs to compare and are no evidence.",
        "name_candidates.clean_surname_readings",
        MASK_ALL,
        r"(?:[a-z]+\|)+",
    ),
    "identity_document": _personal(
        "Identity document number, upper case; resident ids upgraded to 18 characters (GB 11643).",
        "identifiers.clean_identity_document",
        MASK_ENDS,
        r"[0-9A-Z*()/-]{4,30}",
    ),
    "identity_status": _text(
        "What the document number is worth: valid, upgraded, bad_checksum, bad_date, masked, other_document.",
        cleaner="identifiers.clean_identity_status",
        pattern=r"valid|upgraded|bad_checksum|bad_date|masked|other_document",
    ),
    "document_form": _text(
        "Kind of document a number can be by its form; flagged where no revision of the region codes has its region.",
        cleaner="document_forms.clean_document_form",
        pattern=r"[a-z_]+",
    ),
    "birth_date": SemanticType(
        "Day of birth; placeholders such as 1900-01-01 are null.",
        pa.date32(),
        "DATE",
        "dates.clean_birth_date",
        minimum="1900-01-02",
        privacy="C2",
        mask=MASK_YEAR,
    ),
    "phone": _personal(
        "Telephone number, E.164; placeholders are null.", "phones.clean_phone", MASK_LAST_FOUR, r"\+[0-9]{6,15}"
    ),
    "phone_kind": _text(
        "What kind of telephone a number is: somebody's mobile or landline, a service line, one of Hong Kong, Macao, "
        "Taiwan or abroad; masked or a placeholder where there is no number.",
        cleaner="phone_kinds.clean_phone_kind",
        pattern="mobile|landline|service|hong_kong|macao|taiwan|foreign|masked|placeholder",
    ),
    "email": _personal("E-mail address, lower case.", "emails.clean_email", MASK_EMAIL, r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "email_key": _personal(
        "E-mail address as compared: well-known misspelt domains corrected.",
        "emails.clean_email_key",
        MASK_EMAIL,
        r"[^@\s]+@[^@\s]+\.[^@\s]+",
    ),
    "address": _personal("Postal address on one line.", "addresses.clean_address", MASK_ADDRESS),
    "address_key": _personal(
        "Address as compared: street and the numbers down to the door.", "addresses.clean_address_key", MASK_ALL
    ),
    "address_region": _text(
        "Code (GB/T 2260) of the smallest region an address names; all it may be, joined by |, where several bear it.",
        cleaner="address_parts.clean_address_region",
        pattern=r"[0-9]{6}(\|[0-9]{6})*",
    ),
    "address_street": _personal("Street or village of an address.", "address_parts.clean_address_street", MASK_ALL),
    "address_number": _part("Number of a house in its street, or of its lane.", "number"),
    "address_building": _part("Building of an estate, or house in a lane.", "building"),
    "address_unit": _part("Entrance of a building.", "unit"),
    "address_room": _part("Door in a building.", "room"),
    "gender": _text(
        "Recorded sex (GB/T 2261.1): male, female or unknown.",
        cleaner="social_codes.clean_gender",
        pattern="male|female|unknown",
    ),
    "occupation": _text(
        "Class of occupation, the first level of GB/T 6565-2015.",
        cleaner="social_codes.clean_occupation",
        pattern="manager|professional|clerk|service|agriculture|production|military|other",
    ),
    "country": _text("Country or region, ISO 3166-1 alpha-2.", cleaner="text.clean_country", pattern=r"[A-Z]{2}"),
    # money and its carriers
    "currency": _text("ISO 4217 currency.", cleaner="text.clean_currency", pattern=r"[A-Z]{3}"),
    "account_key": _personal(
        "Source and account number or card token; masked, tables still join on it.", "text.clean_text", MASK_PSEUDONYM
    ),
    "account_number": _personal(
        "Account number.", "identifiers.clean_account_number", MASK_LAST_FOUR, r"[0-9A-Z]{4,34}"
    ),
    "card_number": _personal(
        "Card number already masked by its source.", "identifiers.clean_card_number", MASK_LAST_FOUR, r"[0-9*]{8,19}"
    ),
    "token": _text(
        "Keyed token standing for an identifier, never a whole card number.",
        cleaner="identifiers.clean_token",
        pattern=r"[0-9A-Za-z_-]{8,64}",
    ),
}
