"""The tables that say who is who since the first day: crosswalk, redirects, events."""

from dataclasses import dataclass

import pyarrow as pa

from matching.events import SCHEMA as EVENT_SCHEMA

XREF_SCHEMA = pa.schema(
    [
        ("record_key", pa.string()),
        ("source", pa.string()),
        ("source_key", pa.string()),
        ("customer_id", pa.string()),
        ("valid_from", pa.date32()),
        ("valid_to", pa.date32()),
        ("confidence", pa.float64()),
    ]
)
REDIRECT_SCHEMA = pa.schema([("retired_id", pa.string()), ("customer_id", pa.string()), ("redirected_on", pa.date32())])


class IdentityError(ValueError):
    """Identity cannot go on from what it was given; the message says why and what to do."""


@dataclass(frozen=True)
class Identity:
    """The three tables that say who is who, since the first day."""

    xref: pa.Table
    redirect: pa.Table
    events: pa.Table

    @classmethod
    def empty(cls) -> "Identity":
        """Identity before the first day."""
        return cls(XREF_SCHEMA.empty_table(), REDIRECT_SCHEMA.empty_table(), EVENT_SCHEMA.empty_table())
