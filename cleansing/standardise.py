"""A landed day through its contract into staging: rows, rejected rows, flagged values, and a manifest of counts."""

import hashlib
import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from cleansing.batches import FLAG_SCHEMA, CleanedBatch, clean_batch, staging_schema
from cleansing.control_sums import ControlSums
from cleansing.fixes import Fix, apply_fixes, digest_of_fixes, fixes_of
from cleansing.header import SOURCE_ROW, check_header
from cleansing.measures import measures
from warehouse.contract import Contract
from warehouse.engine import connect
from warehouse.landing import Manifest, landed_rows, read_manifest, verify_landing
from warehouse.settings import Settings
from warehouse.staging import day_folder

BATCH_ROWS = 1 << 17
MANIFEST = "manifest.json"
_log = logging.getLogger(__name__)


class RowsLostError(RuntimeError):
    """Rows in differ from rows out plus quarantined: a defect of this program, never of the data."""


@dataclass(frozen=True)
class Counts:
    """What one standardised day came to."""

    rows_in: int
    rows_out: int
    quarantined: int
    issues: int


def standardise(settings: Settings, contract: Contract, business_date: date) -> Counts:
    """Standardise one landed day; unchanged landing, contract and cleaners mean nothing is done again.

    Writes `work/staging/<table>/business_date=D/` whole or not at all. Raises NotLanded, HeaderDriftError and
    UnknownCodeError.
    """
    if contract.source is None or contract.landing is None:
        message = f"{contract.name}: is not read from landing; only stg_<source>__<thing> without .sql is standardised"
        raise ValueError(message)
    landed = read_manifest(settings, contract.source, contract.landing, business_date)
    folder = day_folder(settings, contract.name, business_date)
    fixes = fixes_of(settings, contract, business_date)
    made_from = {
        "landing_sha256": landed.sha256,
        "rows_sent": str(landed.rows_sent),
        "contract": fingerprint(contract),
        "cleaners": _cleaners_fingerprint(),
        "fixes": digest_of_fixes(fixes),
    }
    if (counts := _recorded(folder, made_from)) is not None:
        return counts
    verify_landing(settings, contract.source, contract.landing, business_date)
    rows = landed_rows(settings, contract.source, contract.landing, business_date)
    counts = _standardise_into(settings, folder, contract, rows, landed, fixes, made_from)
    _log.info(
        "standardised %s %s: %s rows, %s quarantined",
        contract.name, business_date.isoformat(), f"{counts.rows_out:,}", f"{counts.quarantined:,}",
    )  # fmt: skip
    return counts


def fingerprint(contract: Contract) -> str:
    """SHA-256 of everything in a contract that decides what standardising it yields."""
    columns = {name: column.model_dump(exclude={"description", "zh"}) for name, column in contract.columns.items()}
    decisive = [contract.name, contract.grain, contract.ignore, contract.landing, list(columns.items())]
    return hashlib.sha256(json.dumps(decisive, ensure_ascii=False).encode()).hexdigest()


def landed_batches(path: Path) -> Iterator[pa.RecordBatch]:
    """Batches of a landed partition in file order, with the 1-based `source_row` of each row."""
    first = 1
    for batch in pq.ParquetFile(path).iter_batches(BATCH_ROWS):
        numbers = pa.array(range(first, first + len(batch)), pa.int64())
        first += len(batch)
        yield batch.append_column(SOURCE_ROW, numbers)


def _standardise_into(
    settings: Settings,
    folder: Path,
    contract: Contract,
    rows: Path,
    landed: Manifest,
    fixes: Mapping[str, Fix],
    made_from: dict[str, str],
) -> Counts:
    unfinished = folder.with_name(f".unfinished-{folder.name}")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    check_header(contract, landed.columns)
    counts, account = _write(settings, unfinished, contract, rows, landed, fixes)
    if not landed.rows == counts.rows_in == counts.rows_out + counts.quarantined:
        message = f"{contract.name} {landed.business_date}: {landed.rows} rows landed, {counts}; report this defect"
        raise RowsLostError(message)
    account |= {"rows_rejected": landed.rows_rejected, "is_whole": landed.is_whole}
    document = json.dumps(asdict(counts) | account | made_from, indent=2, sort_keys=True) + "\n"
    (unfinished / MANIFEST).write_text(document, encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.rename(folder)
    return counts


def _write(
    settings: Settings, folder: Path, contract: Contract, rows: Path, landed: Manifest, fixes: Mapping[str, Fix]
) -> tuple[Counts, dict[str, str | int]]:
    """Write the parts of a standardised day; returns its counts, and its control sums with the rows replayed."""
    schemas = {"rows": staging_schema(contract), "rejected": FLAG_SCHEMA, "issues": FLAG_SCHEMA}
    outcomes: dict[str, npt.NDArray[np.int64]] = {}
    writers = {
        name: pq.ParquetWriter(folder / f"{name}.parquet", schema, compression="zstd")
        for name, schema in schemas.items()
    }
    rows_in, replayed, written = 0, 0, dict.fromkeys(schemas, 0)
    sums = ControlSums(contract, landed.totals)
    try:
        for batch in landed_batches(rows):
            rows_in += len(batch)
            fixed, fixed_rows = apply_fixes(batch, fixes)
            cleaned = clean_batch(contract, fixed)
            _append(writers, written, cleaned)
            sums.add(batch, fixed, cleaned)
            replayed += len(set(fixed_rows) - set(cleaned.rejected.column(SOURCE_ROW).to_pylist()))
            outcomes = {name: counted + outcomes.get(name, 0) for name, counted in cleaned.outcomes.items()}
    finally:
        for writer in writers.values():
            writer.close()
    with connect(settings) as connection:
        measured = measures(connection, contract, outcomes, folder / "rows.parquet", landed.business_date)
    pq.write_table(measured, folder / "measures.parquet", compression="zstd")
    counts = Counts(rows_in, written["rows"], written["rejected"], written["issues"])
    return counts, {**sums.told(), "rows_replayed": replayed}


def _append(writers: dict[str, pq.ParquetWriter], written: dict[str, int], cleaned: CleanedBatch) -> None:
    for name, writer in writers.items():
        part = getattr(cleaned, name)
        written[name] += len(part)
        if len(part):
            writer.write_batch(part)


def _recorded(folder: Path, made_from: dict[str, str]) -> Counts | None:
    """Counts of an earlier run from the very same inputs, else None."""
    path = folder / MANIFEST
    if not path.exists():
        return None
    recorded = json.loads(path.read_text(encoding="utf-8"))
    if any(recorded.get(name) != value for name, value in made_from.items()):
        return None
    return Counts(**{name: int(recorded[name]) for name in Counts.__dataclass_fields__})


@cache
def _cleaners_fingerprint() -> str:
    """SHA-256 of this package's code and tables: a changed cleaner cleans again."""
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.suffix in {".py", ".csv"}):
        digest.update(f"{path.relative_to(root).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()
