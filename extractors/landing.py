"""One day of one source as Parquet plus manifests; replaced as a whole, never appended."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from extractors.faults import SourceFault
from extractors.secrets import is_secret
from warehouse.landing import MANIFEST, ROWS, Manifest, digest_of, encode_json
from warehouse.landing_commit import commit, landing_folder, sync
from warehouse.settings import Settings

ROW_GROUP_ROWS = 1 << 17  # fixed, so that the bytes do not depend on how a source cut its batches
TABLE_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Sent:
    """Some rows of one landed table; a source yields as many as it likes, tables in any order.

    `totals` names the amount columns whose sums go into the manifest; `files` gives name and SHA-256 of what was read;
    `rows_sent` is how many rows the source itself counts, where it does, added up over the batches of a table, and
    `rows_rejected` how many of these the extractor has no way to land;
    `faults` says what went wrong on the way and was coped with;
    `is_whole` that the day holds the whole table: what is not in it is no longer there.
    """

    table: str
    rows: pa.RecordBatch
    totals: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict)
    rows_sent: int | None = None
    faults: tuple[str, ...] = ()
    rows_rejected: int = 0
    is_whole: bool = False


def land(
    settings: Settings, source: str, business_date: date, batches: Iterable[Sent], delivered: str = ""
) -> list[Manifest]:
    """Replace what landed for `source` on `business_date` by `batches`: all tables or, on any error, none.

    The same batches land the same bytes; `delivered` is the fingerprint of the delivery they come from, for the
    receipt. Raises SourceFault when a column must not land.
    """
    with landing_folder(settings, source, business_date) as folder:
        manifests = _gather(folder, source, business_date, batches)
        commit(settings, source, business_date, _receipt(source, business_date, manifests, delivered))
    return manifests


def _gather(folder: Path, source: str, business_date: date, batches: Iterable[Sent]) -> list[Manifest]:
    writers: dict[str, _TableWriter] = {}
    try:
        for sent in batches:
            if sent.table not in writers:
                writers[sent.table] = _TableWriter(folder, source, sent)
            writers[sent.table].add(sent)
    finally:
        for writer in writers.values():
            writer.close()
    if not writers:
        message = f"{source} {business_date}: nothing was sent, not even an empty table; look at the source"
        raise SourceFault(message)
    return [writers[table].manifest(source, business_date) for table in sorted(writers)]


class _TableWriter:
    """Writes one table below the incoming folder, in row groups of one size."""

    def __init__(self, folder: Path, source: str, first: Sent) -> None:
        self.table = first.table
        self.folder = folder / first.table
        self.schema = first.rows.schema.remove_metadata()
        _refuse(source, first.table, self.schema)
        self.folder.mkdir(parents=True)
        self.writer = pq.ParquetWriter(self.folder / ROWS, self.schema, compression="zstd", compression_level=1)
        self.waiting: list[pa.RecordBatch] = []
        self.waiting_rows = 0
        self.rows = 0
        self.totals = dict.fromkeys(first.totals, Decimal(0))
        self.files: dict[str, str] = {}
        self.faults: dict[str, None] = {}
        self.rows_sent: int | None = None
        self.rows_rejected = 0
        self.is_whole = False

    def add(self, sent: Sent) -> None:
        """Take some rows; whole row groups go to disk."""
        if sent.rows.schema.names != self.schema.names:
            message = (
                f"{self.table}: columns changed within one day, {sent.rows.schema.names} after {self.schema.names}"
            )
            raise SourceFault(message)
        self.files |= sent.files
        self.faults |= dict.fromkeys(sent.faults)
        if sent.rows_sent is not None:
            self.rows_sent = (self.rows_sent or 0) + sent.rows_sent
        self.rows_rejected += sent.rows_rejected
        self.is_whole |= sent.is_whole
        self.rows += sent.rows.num_rows
        for name in self.totals:
            self.totals[name] += _sum(self.table, name, sent.rows[name])
        self.waiting.append(sent.rows)
        self.waiting_rows += sent.rows.num_rows
        while self.waiting_rows >= ROW_GROUP_ROWS:
            self._write(ROW_GROUP_ROWS)

    def _write(self, rows: int) -> None:
        table = pa.Table.from_batches(self.waiting, self.schema).combine_chunks()
        self.writer.write_table(table.slice(0, rows), row_group_size=ROW_GROUP_ROWS)
        self.waiting = table.slice(rows).to_batches()
        self.waiting_rows = table.num_rows - rows

    def close(self) -> None:
        """Write what is left and end the file."""
        if self.waiting_rows:
            self._write(self.waiting_rows)
        self.writer.close()

    def manifest(self, source: str, business_date: date) -> Manifest:
        """Write the manifest beside the rows, both safely on disk."""
        columns = tuple(self.schema.names)
        came = self.rows + self.rows_rejected
        rows_sent = came if self.rows_sent is None else self.rows_sent
        if rows_sent != came:
            message = f"{source} {self.table} {business_date}: {rows_sent} rows sent, {came} came; land it again"
            raise SourceFault(message)
        manifest = Manifest(
            source=source,
            table=self.table,
            business_date=business_date,
            rows=self.rows,
            rows_sent=rows_sent,
            rows_rejected=self.rows_rejected,
            totals={name: str(total) for name, total in self.totals.items()},
            sha256=digest_of(self.folder / ROWS),
            schema_hash=hashlib.sha256("\n".join(columns).encode()).hexdigest(),
            columns=columns,
            files=self.files,
            faults=tuple(self.faults),
            is_whole=self.is_whole,
        )
        (self.folder / MANIFEST).write_bytes(manifest.encoded())
        for path in (self.folder / ROWS, self.folder / MANIFEST, self.folder):
            sync(path)
        return manifest


def _refuse(source: str, table: str, schema: pa.Schema) -> None:
    """Raise SourceFault for what must never land: secrets of JR/T 0171 class C3, typed columns, unusable names."""
    if not TABLE_NAME.fullmatch(table):
        message = f"{source}: '{table}' cannot name a table; use lower-case letters, digits and _"
        raise SourceFault(message)
    for column in schema:
        if is_secret(column.name):
            message = f"{source} {table}.{column.name}: a secret (class C3) must not land; leave it out at the source"
            raise SourceFault(message)
        if column.type != pa.string():
            message = f"{source} {table}.{column.name}: lands as {column.type}; every landed column is text as sent"
            raise SourceFault(message)


def _sum(table: str, name: str, values: pa.Array) -> Decimal:
    try:
        return Decimal(str(pc.sum(values.cast(pa.decimal128(38, 2))).as_py() or "0.00"))
    except pa.ArrowInvalid:
        message = f"{table}.{name}: holds something that is no amount of two decimals; look at the source"
        raise SourceFault(message) from None  # the error beneath quotes the value


def _receipt(source: str, business_date: date, manifests: list[Manifest], delivered: str) -> bytes:
    """What commits a day: the SHA-256 of every table's manifest."""
    tables = {manifest.table: hashlib.sha256(manifest.encoded()).hexdigest() for manifest in manifests}
    document = {"source": source, "business_date": business_date.isoformat(), "tables": tables}
    return encode_json(document | ({"delivered": delivered} if delivered else {}))
