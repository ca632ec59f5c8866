"""Semantic types: what a value means fixes its storage, validity, cleaner, privacy class and mask, once.

A new type says what it means in English and in Chinese; tests/test_house_rules.py holds every type and column to it.
"""

import pyarrow as pa

from warehouse.semantics import (
    KEEP,
    MASK_ADDRESS,
    MASK_ALL,
    MASK_EMAIL,
    MASK_ENDS,
    MASK_LAST_FOUR,
    MASK_NAME,
    MASK_PSEUDONYM,
    MASK_YEAR,
    SemanticType,
    address_part,
    money,
    personal,
    plain_text,
)

__all__ = ["KEEP", "TYPES", "SemanticType"]

TYPES: dict[str, SemanticType] = {
    # plain values
    "text": plain_text("Free text without meaning to the pipeline.", "自由文本，管道不解释其含义。"),
    "code": plain_text(
        "One of a closed list, which the contract names.",
        "封闭代码表中的一个值，由表的契约列出。",
        cleaner="text.clean_code",
    ),
    "flag": SemanticType("True or false.", "是或否。", pa.bool_(), "BOOLEAN", "numbers.clean_flag"),
    "integer": SemanticType("Whole number.", "整数。", pa.int64(), "BIGINT", "numbers.clean_integer"),
    "count": SemanticType(
        "How many; never negative.", "数量，不为负。", pa.int64(), "BIGINT", "numbers.clean_integer", minimum="0"
    ),
    "decimal": SemanticType(
        "Measured or computed number.", "测量或计算所得的数值。", pa.float64(), "DOUBLE", "numbers.clean_decimal"
    ),
    "probability": SemanticType(
        "Probability or share, 0 to 1.",
        "概率或占比，0 至 1。",
        pa.float64(),
        "DOUBLE",
        "numbers.clean_decimal",
        minimum="0",
        maximum="1",
    ),
    "money": money(
        "Amount of money in the currency its column or neighbour names, two decimals.",
        "金额，币种由本列或相邻列说明，两位小数。",
        "numbers.clean_money",
    ),
    "quoted_amount": money(
        "Amount of a text that may name its currency; a column of type quoted_currency reads that from the same text.",
        "可能同时写明币种的文本中的金额；币种由同一文本的 quoted_currency 列读取。",
        "quoted_money.clean_quoted_amount",
    ),
    "date": SemanticType("Calendar day.", "日期。", pa.date32(), "DATE", "dates.clean_date"),
    "timestamp": SemanticType(
        "Moment, Beijing time.", "时刻，北京时间。", pa.timestamp("us"), "TIMESTAMP", "moments.clean_timestamp"
    ),
    "json": plain_text("JSON document.", "JSON 文档。", cleaner="text.clean_json"),
    # keys
    "source_key": plain_text(
        "Key a source gave a row; means nothing outside that source.",
        "来源系统赋予的行主键，在该来源之外无意义。",
        pattern=r"\S.*",
    ),
    "record_key": plain_text(
        "Source and source key of a customer record: `source:source_key`.",
        "客户记录的来源与来源主键：`source:source_key`。",
        pattern=r"[a-z_]+:\S.*",
    ),
    "customer_id": plain_text(
        "Golden customer id, minted once and never reused.",
        "统一客户号，一次生成，永不复用。",
        pattern=r"C[0-9A-HJKMNP-TV-Z]{12}",
    ),
    "source_name": plain_text("Name of a source system.", "来源系统名称。", pattern=r"[a-z][a-z0-9_]*"),
    # people and organisations
    "personal_value": personal(
        "A customer's value of whatever kind, as text.", "客户的任意取值，以文本表示。", "text.clean_text", MASK_ALL
    ),
    "person_name": personal(
        "Name of a person or organisation, as shown to people.",
        "个人或机构名称，用于展示。",
        "names.clean_name",
        MASK_NAME,
    ),
    "name_key": personal(
        "Name as compared: titles off, simplified by character, no spaces.",
        "用于比较的名称：去称谓，逐字转简体，不含空格。",
        "names.clean_name_key",
        MASK_NAME,
    ),
    "name_pinyin": personal(
        "Name in toneless pinyin, surname first, lower case, for comparison.",
        "用于比较的无声调拼音，姓在前，小写。",
        "names.clean_name_pinyin",
        MASK_NAME,
    ),
    "name_readings": personal(
        "Other readings of a name in pinyin, each followed by |: of polyphones, or of a name spelt as in Taiwan. They "
        "propose pairs to compare and are no evidence.",
        "名称的其他拼音读法（多音字或台湾拼法），每个后接 |；只用于提出候选配对，不作证据。",
        "name_candidates.clean_name_readings",
        MASK_ALL,
        r"(?:[a-z]+ [a-z]+\|)+",
    ),
    "surname_readings": personal(
        "Every surname in pinyin a name may begin with, each followed by |; Hong Kong and Taiwan spellings led back. "
        "They propose pairs to compare and are no evidence.",
        "名称可能的姓氏拼音，每个后接 |，港台拼法已还原；只用于提出候选配对，不作证据。",
        "name_candidates.clean_surname_readings",
        MASK_ALL,
        r"(?:[a-z]+\|)+",
    ),
    "identity_document": personal(
        "Identity document number, upper case; resident ids upgraded to 18 characters (GB 11643).",
        "证件号码，大写；居民身份证升位为 18 位（GB 11643）。",
        "identifiers.clean_identity_document",
        MASK_ENDS,
        r"[0-9A-Z*()/-]{4,30}|[一-鿿]{1,4}第[0-9]{4,10}号",
    ),
    "identity_status": plain_text(
        "What the document number is worth: valid, upgraded, bad_checksum, bad_date, masked, other_document.",
        "证件号码的可信程度：有效、由 15 位升位、校验码错误、日期错误、脱敏、其他证件。",
        cleaner="identifiers.clean_identity_status",
        pattern=r"valid|upgraded|bad_checksum|bad_date|masked|other_document",
    ),
    "document_form": plain_text(
        "Kind of document a number can be by its form; flagged where no revision of the region codes has its region.",
        "按号码形式推断的证件类型；地区码不在任何一版区划代码中的会被标记。",
        cleaner="document_forms.clean_document_form",
        pattern=r"[a-z_]+",
    ),
    "birth_date": SemanticType(
        "Day of birth; placeholders such as 1900-01-01 are null.",
        "出生日期；1900-01-01 等占位值为空。",
        pa.date32(),
        "DATE",
        "dates.clean_birth_date",
        minimum="1900-01-02",
        privacy="C2",
        mask=MASK_YEAR,
    ),
    "phone": personal(
        "Telephone number, E.164; placeholders are null.",
        "电话号码，E.164 格式；占位号码为空。",
        "phones.clean_phone",
        MASK_LAST_FOUR,
        r"\+[0-9]{6,15}",
    ),
    "phone_kind": plain_text(
        "What kind of telephone a number is: somebody's mobile or landline, a service line, one of Hong Kong, Macao, "
        "Taiwan or abroad; masked or a placeholder where there is no number.",
        "电话号码的类型：手机、固话、服务号码、港澳台或境外；无号码时为脱敏或占位。",
        cleaner="phone_kinds.clean_phone_kind",
        pattern="mobile|landline|service|hong_kong|macao|taiwan|foreign|masked|placeholder",
    ),
    "email": personal(
        "E-mail address, lower case.", "电子邮箱，小写。", "emails.clean_email", MASK_EMAIL, r"[^@\s]+@[^@\s]+\.[^@\s]+"
    ),
    "email_key": personal(
        "E-mail address as compared: well-known misspelt domains corrected.",
        "用于比较的电子邮箱：已更正常见的域名拼写错误。",
        "emails.clean_email_key",
        MASK_EMAIL,
        r"[^@\s]+@[^@\s]+\.[^@\s]+",
    ),
    "address": personal("Postal address on one line.", "单行通讯地址。", "addresses.clean_address", MASK_ADDRESS),
    "address_key": personal(
        "Address as compared: street and the numbers down to the door.",
        "用于比较的地址：街道与直至房门的号码。",
        "addresses.clean_address_key",
        MASK_ALL,
    ),
    "address_region": plain_text(
        "Code (GB/T 2260) of the smallest region an address names; all it may be, joined by |, where several bear it.",
        "地址所指最小行政区的代码（GB/T 2260）；多个区划同名时全部列出，以 | 连接。",
        cleaner="address_parts.clean_address_region",
        pattern=r"[0-9]{6}(\|[0-9]{6})*",
    ),
    "address_street": personal(
        "Street or village of an address.", "地址中的街道或村。", "address_parts.clean_address_street", MASK_ALL
    ),
    "address_number": address_part("Number of a house in its street, or of its lane.", "门牌号或弄号。", "number"),
    "address_building": address_part(
        "Building of an estate, or house in a lane.", "小区的楼栋，或弄内的门牌。", "building"
    ),
    "address_unit": address_part("Entrance of a building.", "单元。", "unit"),
    "address_room": address_part("Door in a building.", "室号。", "room"),
    "gender": plain_text(
        "Recorded sex (GB/T 2261.1): male, female or unknown.",
        "登记性别（GB/T 2261.1）：男、女或未知。",
        cleaner="social_codes.clean_gender",
        pattern="male|female|unknown",
    ),
    "occupation": plain_text(
        "Class of occupation, the first level of GB/T 6565-2015.",
        "职业大类（GB/T 6565-2015 第一级）。",
        cleaner="social_codes.clean_occupation",
        pattern="manager|professional|clerk|service|agriculture|production|military|other",
    ),
    "country": plain_text(
        "Country or region, ISO 3166-1 alpha-2.",
        "国家或地区，ISO 3166-1 二位字母代码。",
        cleaner="text.clean_country",
        pattern=r"[A-Z]{2}",
    ),
    # money and its carriers
    "currency": plain_text(
        "ISO 4217 currency.", "币种，ISO 4217。", cleaner="text.clean_currency", pattern=r"[A-Z]{3}"
    ),
    "quoted_currency": plain_text(
        "ISO 4217 currency that an amount names in the same text; null where it names none.",
        "金额文本中写明的币种，ISO 4217；未写明则为空。",
        cleaner="quoted_money.clean_quoted_currency",
        pattern=r"[A-Z]{3}",
    ),
    "account_key": personal(
        "Source and account number or card token; masked, tables still join on it.",
        "来源加账号或卡令牌；脱敏后仍可关联。",
        "text.clean_text",
        MASK_PSEUDONYM,
    ),
    "account_number": personal(
        "Account number.", "账号。", "identifiers.clean_account_number", MASK_LAST_FOUR, r"[0-9A-Z]{4,34}"
    ),
    "card_number": personal(
        "Card number already masked by its source.",
        "来源系统已脱敏的卡号。",
        "identifiers.clean_card_number",
        MASK_LAST_FOUR,
        r"[0-9*]{8,19}",
    ),
    "token": plain_text(
        "Keyed token standing for an identifier, never a whole card number.",
        "代替标识符的令牌，绝不是完整卡号。",
        cleaner="identifiers.clean_token",
        pattern=r"[0-9A-Za-z_-]{8,64}",
    ),
}
