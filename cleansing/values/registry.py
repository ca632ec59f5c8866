"""The cleaner of every semantic type, by the name warehouse/types.py gives it."""

import pyarrow as pa

from cleansing.values import (
    address_parts,
    addresses,
    dates,
    document_forms,
    emails,
    identifiers,
    moments,
    name_candidates,
    names,
    numbers,
    phone_kinds,
    phones,
    quoted_money,
    resident_columns,
    social_codes,
    text,
)
from cleansing.values.columns import Cleaner, Kernel, Reader

_TEXT = pa.string()


def _text(read: Reader, *kernels: Kernel) -> Cleaner:
    return Cleaner(read, _TEXT, kernels)


CLEANERS: dict[str, Cleaner] = {
    "text.clean_text": _text(text.read_text, text.settle_text),
    "text.clean_code": _text(text.read_code),
    "text.clean_json": _text(text.read_json),
    "text.clean_country": _text(text.read_country),
    "text.clean_currency": _text(text.read_currency),
    "social_codes.clean_gender": _text(social_codes.read_gender),
    "social_codes.clean_occupation": _text(social_codes.read_occupation),
    "numbers.clean_flag": Cleaner(numbers.read_flag, pa.bool_()),
    "numbers.clean_integer": Cleaner(numbers.read_integer, pa.int64(), (numbers.settle_integer,)),
    "numbers.clean_decimal": Cleaner(numbers.read_decimal, pa.float64(), (numbers.settle_decimal,)),
    "numbers.clean_money": Cleaner(numbers.read_money, numbers.MONEY, (numbers.settle_money,)),
    "quoted_money.clean_quoted_amount": Cleaner(
        quoted_money.read_quoted_amount, numbers.MONEY, (numbers.settle_money,)
    ),
    "quoted_money.clean_quoted_currency": _text(quoted_money.read_quoted_currency, quoted_money.settle_no_currency),
    "dates.clean_date": Cleaner(dates.read_date, pa.date32(), (dates.settle_date,)),
    "dates.clean_birth_date": Cleaner(dates.read_birth_date, pa.date32(), (dates.settle_birth_date,)),
    "moments.clean_timestamp": Cleaner(
        moments.read_timestamp,
        pa.timestamp("us"),
        (moments.settle_offset, moments.settle_naive, moments.settle_compact, moments.settle_epoch),
    ),
    "names.clean_name": _text(names.read_name, names.settle_name),
    "names.clean_name_key": _text(names.read_name_key, names.settle_name_key),
    "names.clean_name_pinyin": _text(names.read_name_pinyin, names.settle_name_pinyin),
    "name_candidates.clean_name_readings": _text(
        name_candidates.read_name_readings, name_candidates.settle_name_readings
    ),
    "name_candidates.clean_surname_readings": _text(
        name_candidates.read_surname_readings, name_candidates.settle_surname_readings
    ),
    "identifiers.clean_identity_document": _text(
        identifiers.read_identity_document,
        resident_columns.settle_resident,
        resident_columns.settle_masked,
        resident_columns.settle_first_generation,
    ),
    "identifiers.clean_identity_status": _text(
        identifiers.read_identity_status,
        resident_columns.settle_status,
        resident_columns.settle_status_masked,
        resident_columns.settle_status_upgraded,
    ),
    "document_forms.clean_document_form": _text(
        document_forms.read_document_form, document_forms.settle_document_form, document_forms.settle_masked_form
    ),
    "identifiers.clean_account_number": _text(identifiers.read_account_number, identifiers.settle_account_number),
    "identifiers.clean_card_number": _text(identifiers.read_card_number),
    "phones.clean_phone": _text(
        phones.read_phone,
        phones.settle_bare,
        phones.settle_landline,
        phones.settle_written_apart,
        phones.settle_canonical,
    ),
    "phone_kinds.clean_phone_kind": _text(phone_kinds.read_phone_kind, *phone_kinds.KERNELS),
    "identifiers.clean_token": _text(identifiers.read_token, identifiers.settle_token),
    "emails.clean_email": _text(emails.read_email, emails.settle_email),
    "emails.clean_email_key": _text(emails.read_email_key, emails.settle_email_key),
    "addresses.clean_address": _text(addresses.read_address, addresses.settle_address),
    "addresses.clean_address_key": _text(addresses.read_address_key, addresses.settle_address_key),
    "address_parts.clean_address_region": _text(address_parts.read_address_region, address_parts.settle_region),
    "address_parts.clean_address_street": _text(address_parts.read_address_street, address_parts.settle_street),
    "address_parts.clean_address_number": _text(
        address_parts.read_address_number, address_parts.settle_part(address_parts.NUMBER)
    ),
    "address_parts.clean_address_building": _text(
        address_parts.read_address_building, address_parts.settle_part(address_parts.BUILDING)
    ),
    "address_parts.clean_address_unit": _text(
        address_parts.read_address_unit, address_parts.settle_part(address_parts.UNIT)
    ),
    "address_parts.clean_address_room": _text(
        address_parts.read_address_room, address_parts.settle_part(address_parts.ROOM)
    ),
}
