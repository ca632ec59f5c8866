"""What goes wrong with the card system's files on their way, and how often."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class FileFault:
    """One thing that goes wrong with one file; `kind` is a field of FileFaults."""

    business_date: date
    kind: str
    feed: str = "CARDHOLDER"


@dataclass(frozen=True)
class FileFaults:
    """Percent of files; nothing by default, because a night waits for a file that is late."""

    late: float = 0
    duplicate: float = 0
    same_sequence: float = 0
    out_of_order: float = 0
    missing: float = 0
    bad_trailer: float = 0
    truncated: float = 0
    announced: float = 0
    empty: float = 0
    added_column: float = 0


NO_FAULTS = FileFaults()
USUAL_FAULTS = FileFaults(
    late=3, duplicate=1, same_sequence=0.3, out_of_order=1, missing=0.5, bad_trailer=0.5, truncated=0.3, announced=0.3,
    empty=1, added_column=0.2,
)  # fmt: skip
