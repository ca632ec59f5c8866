"""Runs a model inside the build of a table: rows of its SELECT in, rows of its contract and model cards out."""

from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from warehouse.contract import Contract
from warehouse.engine import ROWS, mount, write_query
from warehouse.models.cards import ModelCard, save_cards, saved_cards

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


class Made(NamedTuple):
    """What a model made: the rows of its table, columns as the contract names them, and its cards."""

    rows: "pa.Table"
    cards: list[ModelCard]


class Model(Protocol):
    """A module of this folder: the same rows give the same bytes, whatever their number."""

    def make(self, rows: "pa.Table", business_date: date) -> Made:
        """Learn from `rows`, judge them, and tell how."""


def modelled(
    connection: "duckdb.DuckDBPyConnection", contract: Contract, query: str, business_date: date, folder: Path
) -> str:
    """SELECT of what the contract's model makes of the rows of `query`; its cards are left in `folder`."""
    from threadpoolctl import threadpool_limits

    model = cast("Model", import_module(f"warehouse.models.{contract.model}"))
    rows = connection.sql(query).to_arrow_table()
    with threadpool_limits(limits=1):  # sums in another order differ in their last digits
        made = model.make(rows, business_date)
    save_cards(folder, contract.name, made.cards)
    connection.register(f"made_{contract.name}", made.rows)
    return f"SELECT * FROM made_{contract.name}"


def collect_cards(connection: "duckdb.DuckDBPyConnection", contract: Contract, build: Path) -> int:
    """Write the table of all model cards of a build; returns how many there are."""
    import pyarrow as pa

    cards = saved_cards(build)
    connection.register(
        "saved_card", pa.table({name: pa.array([card[name] for card in cards]) for name in contract.columns})
    )
    columns = ", ".join(f"CAST({name} AS {column.semantic.sql}) AS {name}" for name, column in contract.columns.items())
    rows = write_query(connection, f"SELECT {columns} FROM saved_card ORDER BY model", build / contract.name / ROWS)
    mount(connection, {contract.name: build / contract.name / ROWS})
    return rows
