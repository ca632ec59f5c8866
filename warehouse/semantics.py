"""What a semantic type says, and the masks it may have.

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
    zh: str
    storage: pa.DataType
    sql: str
    cleaner: str = "text.clean_text"
    pattern: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    privacy: str = "C1"
    mask: str = KEEP


def plain_text(description: str, zh: str, **facets: str) -> SemanticType:
    """A type of text that is nobody's secret."""
    return SemanticType(description, zh, pa.string(), "VARCHAR", **facets)


def personal(description: str, zh: str, cleaner: str, mask: str, pattern: str | None = None) -> SemanticType:
    """A type of text that identifies or describes a customer."""
    return SemanticType(description, zh, pa.string(), "VARCHAR", cleaner, pattern, privacy="C2", mask=mask)


def address_part(description: str, zh: str, part: str) -> SemanticType:
    """A number in an address."""
    return personal(description, zh, f"address_parts.clean_address_{part}", MASK_ALL, "[0-9A-Z]{1,8}")


def money(description: str, zh: str, cleaner: str) -> SemanticType:
    """A type of exact amounts of money."""
    return SemanticType(description, zh, pa.decimal128(18, 2), "DECIMAL(18, 2)", cleaner, privacy="C2")
