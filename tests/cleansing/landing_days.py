"""Landed days and contracts for tests, written as a source would have left them."""

import hashlib
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.contract import Contract, read_contract
from warehouse.landing import MANIFEST, ROWS, Manifest, encode_json, partition, receipt_path
from warehouse.settings import Settings

DAY = date(2026, 1, 31)


def contract_of(folder: Path, name: str, columns: str, head: str = "") -> Contract:
    path = folder / "staging" / f"{name}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"description: A test table.\nzh: 测试\nowner: tests\ngrain: [source_key]\n{head}columns:\n{columns}",
        encoding="utf-8",
    )
    return read_contract(path)


def column(name: str, **facets: str) -> str:
    inside = ", ".join(f"{key.removesuffix('_')}: {value}" for key, value in facets.items())
    return f"  {name}: {{{inside}, description: D., zh: 说明}}\n"


def land(
    settings: Settings,
    source: str,
    table: str,
    rows: dict[str, list[str | None]],
    totals: dict[str, str] | None = None,
) -> None:
    folder = partition(settings, source, table, DAY)
    folder.mkdir(parents=True, exist_ok=True)
    landed = pa.table({name: pa.array(values, pa.string()) for name, values in rows.items()})
    pq.write_table(landed, folder / ROWS)
    digest = hashlib.sha256((folder / ROWS).read_bytes()).hexdigest()
    manifest = Manifest(source, table, DAY, landed.num_rows, totals or {}, digest, "", tuple(rows), {})
    (folder / MANIFEST).write_bytes(manifest.encoded())
    receipt = receipt_path(settings, source, DAY)
    receipt.parent.mkdir(parents=True, exist_ok=True)
    receipt.write_bytes(encode_json({"tables": {table: hashlib.sha256(manifest.encoded()).hexdigest()}}))
