"""Where landed rows lie, and which of them count: the reading side of landing.

A day of a source counts once its receipt names the manifest of every table. While the tables of a new receipt are still
being moved into place, a reader finds them in the incoming folder, so it sees the old day or the new one, never both.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from warehouse.settings import Settings

ROWS = "rows.parquet"
MANIFEST = "manifest.json"
READ_CHUNK_BYTES = 1 << 20


class NotLanded(LookupError):  # noqa: N818 (a state of the day, not of the program)
    """The day has not landed, or what lies there is not what its receipt names; landing the day again helps."""


@dataclass(frozen=True)
class Manifest:
    """What landed for one table and business date, and what proves it.

    `rows_sent` is what the source counted (in trailers, by its database), `rows_rejected` how many of these could not
    land; `faults` what was coped with on the way; `is_whole` that the day holds all there is, not only what changed.
    """

    source: str
    table: str
    business_date: date
    rows: int
    totals: dict[str, str]
    sha256: str
    schema_hash: str
    columns: tuple[str, ...]
    files: dict[str, str]
    rows_sent: int = -1  # not known, of a day landed before it was counted
    rows_rejected: int = 0
    faults: tuple[str, ...] = ()
    is_whole: bool = False

    def encoded(self) -> bytes:
        """The manifest as written to disk; equal manifests are equal bytes."""
        return encode_json(asdict(self) | {"business_date": self.business_date.isoformat()})


def encode_json(document: object) -> bytes:
    """One JSON document in the only spelling landing writes."""
    return (json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def partition(settings: Settings, source: str, table: str, business_date: date) -> Path:
    """Folder of one landed table and day."""
    return settings.landing / source / table / f"business_date={business_date.isoformat()}"


def incoming(settings: Settings, source: str, business_date: date) -> Path:
    """Folder where a day is gathered, one folder a table, before its receipt is written."""
    return settings.landing / source / "_incoming" / f"business_date={business_date.isoformat()}"


def receipt_path(settings: Settings, source: str, business_date: date) -> Path:
    """The receipt of one source and day; its presence is what makes the day landed."""
    return settings.landing / source / "_receipts" / f"{business_date.isoformat()}.json"


def read_receipt(settings: Settings, source: str, business_date: date) -> dict[str, str]:
    """SHA-256 of each table's manifest; empty when the day has not landed."""
    path = receipt_path(settings, source, business_date)
    if not path.exists():
        return {}
    stat = path.stat()
    return dict(_tables_of(path, stat.st_mtime_ns, stat.st_size, stat.st_ino))


@lru_cache(maxsize=10_000)
def _tables_of(path: Path, *_state: int) -> dict[str, str]:
    """Tables of a receipt as it stands: a night asks for those of every day once a table."""
    return dict(json.loads(path.read_bytes())["tables"])


def read_delivered(settings: Settings, source: str, business_date: date) -> str | None:
    """Fingerprint of the delivery a day was landed from; None when it has not landed or its source tells none."""
    path = receipt_path(settings, source, business_date)
    return json.loads(path.read_bytes()).get("delivered") if path.exists() else None


def received_days(settings: Settings, source: str) -> list[date]:
    """Business dates on which anything of `source` landed, in order."""
    return sorted(date.fromisoformat(path.stem) for path in (settings.landing / source / "_receipts").glob("*.json"))


def landed_days(settings: Settings, source: str, table: str) -> list[date]:
    """Business dates on which `table` landed, in order."""
    return [day for day in received_days(settings, source) if table in read_receipt(settings, source, day)]


def landed_tables(settings: Settings, source: str, business_date: date) -> list[str]:
    """Tables that landed on one day, in order."""
    return sorted(read_receipt(settings, source, business_date))


def landed_folder(settings: Settings, source: str, table: str, business_date: date) -> Path:
    """Folder holding exactly what the receipt names; raises NotLanded."""
    expected = read_receipt(settings, source, business_date).get(table)
    places = (
        partition(settings, source, table, business_date),
        incoming(settings, source, business_date) / table,
    )
    for place in places:
        manifest = place / MANIFEST
        if expected and manifest.exists() and digest_of(manifest) == expected:
            return place
    message = f"{source} {table} {business_date}: not landed, or damaged since; land {source} of that day again"
    raise NotLanded(message)


def landed_rows(settings: Settings, source: str, table: str, business_date: date) -> Path:
    """Parquet file of one landed table and day; raises NotLanded."""
    return landed_folder(settings, source, table, business_date) / ROWS


def read_manifest(settings: Settings, source: str, table: str, business_date: date) -> Manifest:
    """Manifest of one landed table and day; raises NotLanded."""
    path = landed_folder(settings, source, table, business_date) / MANIFEST
    written = json.loads(path.read_bytes())
    written["business_date"] = date.fromisoformat(written["business_date"])
    for name in ("columns", "faults"):
        written[name] = tuple(written.get(name, ()))
    return Manifest(**written)


def verify_landing(settings: Settings, source: str, table: str, business_date: date) -> Manifest:
    """Manifest of one landed table and day after reading its rows back; raises NotLanded when they differ."""
    manifest = read_manifest(settings, source, table, business_date)
    rows = landed_rows(settings, source, table, business_date)
    if not rows.exists() or digest_of(rows) != manifest.sha256:
        message = f"{source} {table} {business_date}: rows differ from their manifest; land {source} of that day again"
        raise NotLanded(message)
    return manifest


def digest_of(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(READ_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
