"""What stewards corrected in quarantined rows: recorded for good, and applied whenever the day is standardised again.

A row is known by the digest of everything that landed of it, so a fix follows the row if the day is landed again, and
falls away when the source itself sends another row.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from cleansing.header import SOURCE_ROW
from warehouse.contract import Contract
from warehouse.settings import Settings

FILE = "quarantine_fixes.jsonl"
Row = Mapping[str, str | None]


@dataclass(frozen=True)
class Fix:
    """The landed columns of one quarantined row that a steward corrected, and who, when and why."""

    table: str
    business_date: str
    row_sha256: str
    columns: dict[str, str | None]
    who: str
    when: str
    why: str
    number: int = 0


def record(settings: Settings, fixes: Sequence[Fix]) -> list[Fix]:
    """Append fixes to decisions/, numbered; what is recorded is never altered, a later fix of a row replaces it."""
    if not fixes:
        return []
    settings.decisions.mkdir(parents=True, exist_ok=True)
    (settings.decisions / FILE).touch(mode=0o600)  # it holds values of customers
    with (settings.decisions / FILE).open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        first = len(read_fixes(settings)) + 1
        numbered = [replace(fix, number=first + at) for at, fix in enumerate(fixes)]
        for fix in numbered:
            file.write(json.dumps(asdict(fix), ensure_ascii=False, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return numbered


def read_fixes(settings: Settings) -> Sequence[Fix]:
    """Every fix ever recorded, in order."""
    path = settings.decisions / FILE
    if not path.exists():
        return ()
    stat = path.stat()
    return _read(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4)
def _read(path: Path, _changed_at: int, _size: int) -> tuple[Fix, ...]:
    return tuple(Fix(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line.strip())


def fixes_of(settings: Settings, contract: Contract, business_date: date) -> dict[str, Fix]:
    """The last fix of each row of one load, by the digest of the row."""
    where = contract.name, business_date.isoformat()
    return {fix.row_sha256: fix for fix in read_fixes(settings) if (fix.table, fix.business_date) == where}


def digest_of_fixes(fixes: Mapping[str, Fix]) -> str:
    """What tells one set of fixes from another; empty for none."""
    if not fixes:
        return ""
    told = [[fix.row_sha256, sorted(fix.columns.items())] for _, fix in sorted(fixes.items())]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def row_digest(row: Row) -> str:
    """SHA-256 of everything that landed of a row."""
    told = sorted((name, value) for name, value in row.items() if name != SOURCE_ROW)
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def apply_fixes(landed: pa.RecordBatch, fixes: Mapping[str, Fix]) -> tuple[pa.RecordBatch, list[int]]:
    """The batch with its fixed rows as stewards corrected them, and the `source_row` of these."""
    if not fixes:
        return landed, []
    rows = landed.to_pylist()
    found = {at: fixes[digest] for at, digest in enumerate(map(row_digest, rows)) if digest in fixes}
    columns = []
    for name in landed.schema.names:
        values = landed.column(name)
        changed = {at: fix.columns[name] for at, fix in found.items() if name in fix.columns}
        columns.append(_with(values, changed) if changed else values)
    fixed = pa.RecordBatch.from_arrays(columns, schema=landed.schema)
    return fixed, [int(rows[at][SOURCE_ROW]) for at in found]


def _with(values: pa.Array, changed: Mapping[int, str | None]) -> pa.Array:
    texts = values.to_numpy(zero_copy_only=False).copy()
    texts[np.array(list(changed))] = list(changed.values())
    return pa.array(texts, values.type, from_pandas=True)
