"""The DuckDB file of a version: masked, described views over its Parquet, and golden customers indexed for lookups."""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from warehouse.contract import Contract
from warehouse.engine import quoted
from warehouse.transforms import MASKED_LAYERS, masked

INDEXED = "golden_customer"
STORAGE_VERSION = "v1.5.0"


def write_catalog(database: Path, contracts: Mapping[str, Contract], tables: Mapping[str, Path]) -> None:
    """Write `database` with one masked, commented view per table, by absolute path; DuckDB 1.5 clients can open it."""
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {quoted(database)} AS version (STORAGE_VERSION '{STORAGE_VERSION}')")
        connection.execute("USE version")
        for name, path in sorted(tables.items()):
            _show(connection, contracts[name], path.resolve())


def _show(connection: duckdb.DuckDBPyConnection, contract: Contract, path: Path) -> None:
    is_indexed = contract.name == INDEXED
    kind = "TABLE" if is_indexed else "VIEW"
    connection.execute(f"CREATE {kind} {contract.name} AS {masked_select(contract, path)}")
    if is_indexed:
        key = ", ".join(contract.grain)
        connection.execute(f"CREATE UNIQUE INDEX {contract.name}_key ON {contract.name} ({key})")
    connection.execute(f"COMMENT ON {kind} {contract.name} IS {quoted(f'{contract.description} {contract.zh}')}")
    for name, column in contract.columns.items():
        comment = quoted(f"{column.description} {column.zh}")
        connection.execute(f"COMMENT ON COLUMN {contract.name}.{name} IS {comment}")


def masked_select(contract: Contract, path: Path) -> str:
    """SELECT of a table's Parquet file as people and partners may see it."""
    if contract.layer in MASKED_LAYERS:
        return f"SELECT * FROM read_parquet({quoted(path)})"
    columns = ", ".join(f"{masked(contract, name)} AS {name}" for name in contract.columns)
    return f"SELECT {columns} FROM read_parquet({quoted(path)})"
