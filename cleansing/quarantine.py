"""Rows kept out of staging: what there is, as landed for a steward to correct, and put in again once corrected."""

import csv
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cleansing.batches import clean_batch
from cleansing.codes import UnknownCodeError
from cleansing.control_sums import EXACT
from cleansing.dimensions import RULES
from cleansing.fixes import Fix, Row, record, row_digest
from cleansing.header import SOURCE_ROW, landed_column
from cleansing.values.findings import Outcome
from warehouse.contract import Contract
from warehouse.errors import ToldError
from warehouse.landing import landed_rows
from warehouse.loads import StandardisedDay
from warehouse.settings import Settings
from warehouse.staging import days_until

TOLD = ("@table", "@business_date", "@source_row", "@row_sha256", "@column", "@rule")  # before the landed columns
ENCODING = "utf-8-sig"  # spreadsheets take a CSV for UTF-8 only with its mark
FINE = {Outcome.OK, Outcome.MISSING, Outcome.REPAIRED, Outcome.UPGRADED, Outcome.MASKED}
WRONG = {rule for rule in RULES if rule not in FINE}


class QuarantineError(ToldError):
    """What was asked of the quarantine cannot be done; the message says why and what to do."""


@dataclass(frozen=True)
class Kept:
    """One row kept out: where it stands, its key as far as known, and the rule it broke."""

    contract: Contract
    business_date: date
    source_row: int
    source_key: str
    column_name: str
    rule: str


@dataclass(frozen=True)
class Tried:
    """A corrected row put in again; `reason` says why it is still kept out, and is empty where it is not."""

    table: str
    business_date: str
    source_row: int
    reason: str = ""


def kept_out(
    settings: Settings, contracts: Mapping[str, Contract], table: str | None, rule: str | None, day: date | None
) -> list[Kept]:
    """Rows that stand in quarantine, of every table, rule and landed day or of those named."""
    chosen = [contract for name, contract in contracts.items() if table in (None, name, contract.landing)]
    if not chosen:
        raise QuarantineError(f"no table '{table}'; `c360 quarantine list` shows those with rows kept out")
    return [
        kept
        for contract in chosen
        for standardised in days_until(settings, contract, day or date.max)
        if day in (None, standardised.business_date)
        for kept in _rejected(contract, standardised)
        if rule in (None, kept.rule)
    ]


def export(settings: Settings, rows: Sequence[Kept], target: Path) -> int:
    """Write the rows of one table as they landed to a new CSV only its owner can read; how many there are.

    The columns before the landed ones tell where a row stands; what cannot be decoded is in `undecodable`, as hex.
    """
    tables = sorted({row.contract.name for row in rows})
    if len(tables) != 1:
        raise QuarantineError(f"{len(tables)} tables have such rows ({', '.join(tables)}); export one, with --table")
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise QuarantineError(
            f"{target} cannot be made ({error.strerror}); name a new file in a folder there is"
        ) from error
    with os.fdopen(handle, "w", encoding=ENCODING, newline="") as file:
        writer = None
        for kept, landed in _with_landed(settings, rows):
            told = (
                kept.contract.name,
                kept.business_date,
                kept.source_row,
                row_digest(landed),
                kept.column_name,
                kept.rule,
            )
            if writer is None:
                writer = csv.DictWriter(file, [*TOLD, *landed])
                writer.writeheader()
            writer.writerow(dict(zip(TOLD, told, strict=True)) | landed)
    return len(rows)


def replay(
    settings: Settings, contracts: Mapping[str, Contract], corrected: Path, who: str, when: str, why: str
) -> list[Tried]:
    """Put the corrected rows of an exported CSV in again, under the contract of their table.

    A row that now keeps its contract is recorded as a fix for good and is staged whenever its day is standardised;
    any other stays kept out, with the reason. Rows nobody touched are passed over.
    """
    fixes, tried = [], []
    for edited in _read(corrected):
        contract = contracts.get(edited["@table"])
        if contract is None:
            raise QuarantineError(f"{corrected.name}: no table '{edited['@table']}'; export the rows again")
        landed = _landed_row(settings, contract, edited)
        columns = {name: edited[name] or None for name in landed if (edited[name] or None) != (landed[name] or None)}
        if not columns:
            continue
        reason = why_not(contract, landed | columns, set(columns))
        tried.append(Tried(contract.name, edited["@business_date"], int(edited["@source_row"]), reason))
        if not reason:
            day, digest = edited["@business_date"], edited["@row_sha256"]
            fixes.append(Fix(contract.name, day, digest, columns, who, when, why))
    record(settings, fixes)
    return tried


def why_not(contract: Contract, row: Row, changed: Collection[str]) -> str:
    """What keeps a row out, or is wrong with a column that was changed: column and rule, never a value; else empty."""
    landed = pa.RecordBatch.from_pydict({name: pa.array([value], pa.string()) for name, value in row.items()})
    landed = landed.append_column(SOURCE_ROW, pa.array([1], pa.int64()))
    mine = {name for name, column in contract.columns.items() if landed_column(str(column.landed)) in changed}
    for name in mine:
        if pa.types.is_decimal(contract.columns[name].semantic.storage) and not _is_exact(landed, contract, name):
            return f"{name}: is no amount of two decimals"
    try:
        cleaned = clean_batch(contract, landed)
    except UnknownCodeError:
        return "a code is not in the contract; use one of those it lists"
    flags = [flag for flag in cleaned.issues.to_pylist() if flag["column_name"] in mine and flag["rule"] in WRONG]
    return "; ".join(f"{flag['column_name']}: {flag['rule']}" for flag in cleaned.rejected.to_pylist() + flags)


def _is_exact(landed: pa.RecordBatch, contract: Contract, name: str) -> bool:
    try:
        landed.column(landed_column(str(contract.columns[name].landed))).cast(EXACT)
    except pa.ArrowInvalid:
        return False
    return True


def _rejected(contract: Contract, day: StandardisedDay) -> Iterator[Kept]:
    path = day.folder / "rejected.parquet"
    if path.exists():
        for row in pq.read_table(path).to_pylist():
            yield Kept(
                contract, day.business_date, **{name: row[name] for name in Kept.__dataclass_fields__ if name in row}
            )


def _with_landed(settings: Settings, rows: Sequence[Kept]) -> Iterator[tuple[Kept, dict[str, str | None]]]:
    """Each row with the columns it landed with; a row is read with its load."""
    loads: dict[date, list[Kept]] = {}
    for row in rows:
        loads.setdefault(row.business_date, []).append(row)
    for day, kept in loads.items():
        contract = kept[0].contract
        landed = pq.read_table(landed_rows(settings, str(contract.source), str(contract.landing), day))
        taken = landed.take([row.source_row - 1 for row in kept]).to_pylist()
        yield from zip(kept, taken, strict=True)


def _landed_row(settings: Settings, contract: Contract, edited: Mapping[str, str]) -> dict[str, str | None]:
    """The row as it landed; raises QuarantineError when another has landed in its place or its columns were changed."""
    day, place = date.fromisoformat(edited["@business_date"]), int(edited["@source_row"])
    where = f"{contract.name} {day} row {place}"
    ((_, landed),) = _with_landed(settings, [Kept(contract, day, place, "", "", "")])
    if row_digest(landed) != edited["@row_sha256"]:
        raise QuarantineError(f"{where}: another row has landed there since; export the rows again")
    if set(landed) - set(edited):
        raise QuarantineError(
            f"{where}: column {min(set(landed) - set(edited))} is gone; keep every column of the export"
        )
    return landed


def _read(corrected: Path) -> list[dict[str, Any]]:
    with corrected.open(encoding=ENCODING, newline="") as file:
        reader = csv.DictReader(file)
        if missing := set(TOLD) - set(reader.fieldnames or ()):
            raise QuarantineError(f"{corrected.name}: column {min(missing)} is gone; correct values, keep the columns")
        return list(reader)
