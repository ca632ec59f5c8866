"""What sixty_days.py asks of its homes: are the books exact, and do the warehouses differ only in what was lost.

A customer is known by the least key of its records: a record that comes a day late may get another customer id.
"""

import json
from collections import Counter, defaultdict
from datetime import date
from typing import Any

import duckdb
import pyarrow.parquet as pq

from dags import pipeline
from extractors.card_layout import FEEDS
from warehouse.contract import Contract
from warehouse.engine import built_tables, quoted
from warehouse.landing import landed_rows, landed_tables, read_manifest
from warehouse.publish import current_version
from warehouse.settings import Settings
from warehouse.staging import day_folder

COMPARED = ("staging", "golden", "facts")
# How a column of a lost row leads to the customer record it speaks of.
RECORD_OF = {
    "cardholder_number": "SELECT 'card:' || cardholder_number FROM lost",
    "user_id": "SELECT 'channel:' || user_id FROM lost",
    "card_token": "SELECT 'card:' || card.cardholder_number FROM lost JOIN stg_card__card AS card USING (card_token)",
}
# Where a row came from and when it was first seen; a late file rightly changes these.
TELLS_WHEN = {"valid_from", "first_seen_on", "since", "file", "source_row", "customer_since", "linked_on"}
Told = dict[str, Any]


def compare(faulty: Settings, faultless: Settings, days: list[date]) -> tuple[list[Told], list[Told], list[str]]:
    """Faults with what became of them, tables with rows that differ, and sentences of the books."""
    landed = [day for day in days if day <= current_version(faulty).business_date]
    truth = _truth(faulty, landed)
    contracts = pipeline.contracts(faulty)
    with duckdb.connect() as connection:
        books = [sentence for home in (faulty, faultless) for sentence in _books(connection, home, contracts, landed)]
        lost = _lost_rows(connection, faulty, faultless, contracts, landed)
        faults = _faults(faulty, truth, lost)
        tables = _tables(connection, faulty, faultless, contracts, lost)
    return faults, tables, books


def show(faults: list[Told], tables: list[Told], books: list[str]) -> None:
    """Print everything as tables."""
    for sentence in books:
        print(sentence)
    for rows in (faults, tables):
        print()
        print("| " + " | ".join(rows[0]) + " |")
        print("|" + "---|" * len(rows[0]))
        for row in rows:
            print(
                "| "
                + " | ".join(f"{value:,}" if isinstance(value, int) else str(value) for value in row.values())
                + " |"
            )


def _truth(faulty: Settings, landed: list[date]) -> list[Told]:
    rows = pq.read_table(faulty.sources / "truth" / "truth_file.parquet").to_pylist()
    wanted = {f"{day:%Y%m%d}": day for day in landed}
    return [row | {"day": wanted[row["business_date"]]} for row in rows if row["business_date"] in wanted]


def _books(
    connection: duckdb.DuckDBPyConnection, home: Settings, contracts: dict[str, Contract], days: list[date]
) -> list[str]:
    """Every load: rows and amounts of the files themselves against manifests and what standardising left."""
    loads, rows, amounts, broken = 0, 0, 0, []
    for day in days:
        for contract in contracts.values():
            if contract.landing is None or contract.landing not in landed_tables(home, str(contract.source), day):
                continue
            manifest = read_manifest(home, str(contract.source), contract.landing, day)
            source = f"read_parquet({quoted(landed_rows(home, str(contract.source), contract.landing, day))})"
            folder = day_folder(home, contract.name, day)
            sums = "".join(f", coalesce(sum({name}::DECIMAL(38, 2)), 0)::VARCHAR" for name in manifest.totals)
            found = connection.execute(f"SELECT count(*){sums} FROM {source}").fetchall()[0]
            kept, out = (pq.read_metadata(folder / f"{part}.parquet").num_rows for part in ("rows", "rejected"))
            equal = manifest.rows_sent == manifest.rows == found[0] == kept + out
            equal &= [float(total) for total in manifest.totals.values()] == [float(total) for total in found[1:]]
            loads, rows, amounts = loads + 1, rows + found[0], amounts + len(manifest.totals)
            broken += (
                [] if equal else [f"{contract.source} {contract.landing} {day}: {manifest.rows_sent} sent, {found}"]
            )
    said = f"{home.home.name}: {len(days)} nights, {loads:,} loads, {rows:,} rows and {amounts:,} totals of amounts"
    return [f"{said}: {len(broken)} loads do not add up", *broken]


def _lost_rows(
    connection: duckdb.DuckDBPyConnection,
    faulty: Settings,
    faultless: Settings,
    contracts: dict[str, Contract],
    days: list[date],
) -> dict[tuple[str, date], str]:
    """SELECT of the staged rows that only the faultless home has, by landed table and day."""
    lost = {}
    for contract in (contract for contract in contracts.values() if contract.source in ("card", "channel")):
        columns = ", ".join(name for name in contract.columns if name not in TELLS_WHEN)
        for day in days:
            one, other = (
                f"SELECT {columns} FROM read_parquet({quoted(day_folder(home, contract.name, day) / 'rows.parquet')})"
                for home in (faultless, faulty)
            )
            query = f"{one} EXCEPT ALL {other}"
            if _count(connection, query):
                lost[contract.name, day] = query
            if more := _count(connection, f"{other} EXCEPT ALL {one}"):
                print(f"NOT EXPLAINED: {contract.name} {day} has {more} rows the faultless home has not")
    return lost


def _faults(faulty: Settings, truth: list[Told], lost: dict[tuple[str, date], str]) -> list[Told]:
    """By source and fault: how many files, and what became of their days."""
    lost_days = {(_source(table), _landing(table), day) for table, day in lost}
    waited = _days_waited(faulty)
    rows = defaultdict(Counter)
    seen = defaultdict(set)
    for fault in truth:
        day, table = fault["day"], _table(fault)
        row = rows[fault["source"], fault["fault"]]
        row["files"] += 1
        tables = [table] if table else landed_tables(faulty, fault["source"], day)
        is_lost = any((fault["source"], each, day) in lost_days for each in tables)
        row["as without the fault"] += not is_lost
        row["lost"] += is_lost
        row["nights its day waited"] += waited[day]
        seen[fault["source"], fault["fault"]] |= {
            name for each in tables for name in read_manifest(faulty, fault["source"], each, day).faults
        }
    return [
        {
            "source": source,
            "fault": fault,
            **{name: row[name] for name in ("files", "as without the fault", "lost", "nights its day waited")},
            "told in the manifest as": ", ".join(sorted(seen[source, fault])),
        }
        for (source, fault), row in sorted(rows.items())
    ]


def _days_waited(faulty: Settings) -> Counter[date]:
    lines = (faulty.home / "nights.jsonl").read_text(encoding="utf-8").splitlines()
    return Counter(date.fromisoformat(entry["night"]) for entry in map(json.loads, lines) if entry["waits_for"])


def _table(fault: Told) -> str | None:
    """Landed table of a card file; an event file lands in many."""
    feed = FEEDS.get(fault["file"].removesuffix(".dat"))
    return feed.table if feed else None


def _source(table: str) -> str:
    return table.removeprefix("stg_").partition("__")[0]


def _landing(table: str) -> str:
    return table.partition("__")[2]


def _tables(
    connection: duckdb.DuckDBPyConnection,
    faulty: Settings,
    faultless: Settings,
    contracts: dict[str, Contract],
    lost: dict[tuple[str, date], str],
) -> list[Told]:
    """Rows of each table that only one home has, and how many of them speak of no customer a lost row speaks of."""
    for schema, home in (("faultless", faultless), ("faulty", faulty)):
        connection.execute(f"CREATE SCHEMA {schema}")
        built = built_tables(home.work / "build") | built_tables(current_version(home).parquet)
        for name, path in built.items():
            connection.execute(f"CREATE VIEW {schema}.{name} AS FROM read_parquet({quoted(path)})")
        connection.execute(
            f"CREATE TABLE {schema}.customer AS SELECT customer_id, min(record_key) AS customer "
            f"FROM {schema}.customer_xref WHERE valid_to IS NULL GROUP BY customer_id"
        )
    _note_touched(connection, contracts, lost)
    names = [name for name, contract in contracts.items() if contract.layer in COMPARED and name in built]
    found = [_differences(connection, contracts[name]) for name in names]
    differing = [row for row in found if row["only without faults"] or row["only with faults"]]
    same = {
        "table": f"{len(found) - len(differing)} further tables",
        "rows": sum(row["rows"] for row in found if row not in differing),
    }
    return [*differing, same | {"only without faults": 0, "only with faults": 0, "not explained by lost files": 0}]


def _note_touched(
    connection: duckdb.DuckDBPyConnection, contracts: dict[str, Contract], lost: dict[tuple[str, date], str]
) -> None:
    """Table `touched`: every record of every customer, in either home, that a lost row speaks of."""
    connection.execute("SET search_path = 'faultless'")
    connection.execute("CREATE TABLE main.touched (record_key VARCHAR)")
    for (table, _), query in lost.items():
        for column in RECORD_OF.keys() & contracts[table].columns.keys():
            connection.execute(f"INSERT INTO main.touched WITH lost AS ({query}) {RECORD_OF[column]}")
    connection.execute("SET search_path = 'main'")
    for schema in ("faultless", "faulty", "faultless"):
        xref = f"(FROM {schema}.customer_xref WHERE valid_to IS NULL)"
        connection.execute(
            f"INSERT INTO touched SELECT record_key FROM {xref} WHERE customer_id IN "
            f"(SELECT customer_id FROM {xref} WHERE record_key IN (FROM touched))"
        )


def _differences(connection: duckdb.DuckDBPyConnection, contract: Contract) -> Told:
    columns = [name for name in contract.columns if name not in TELLS_WHEN]
    shown = ", ".join("customer.customer" if name == "customer_id" else f"rows.{name}" for name in columns)
    joined = " LEFT JOIN {0}.customer AS customer USING (customer_id)" if "customer_id" in columns else ""
    one, other = (
        f"SELECT {shown} FROM {home}.{contract.name} AS rows{joined.format(home)}" for home in ("faultless", "faulty")
    )
    differences = [f"{one} EXCEPT ALL {other}", f"{other} EXCEPT ALL {one}"]
    counts = [_count(connection, query) for query in differences]
    told = {"table": contract.name, "rows": _count(connection, f"FROM faultless.{contract.name}")}
    told |= dict(zip(("only without faults", "only with faults"), counts, strict=True))
    return told | {
        "not explained by lost files": _unexplained(
            connection, contract, " UNION ALL ".join(f"({each})" for each in differences)
        )
    }


def _unexplained(connection: duckdb.DuckDBPyConnection, contract: Contract, query: str) -> int:
    """How many of these rows, and of those of the same key in the other home, speak of no touched customer."""
    keys = {
        "customer_id": "customer",
        "record_key": "record_key",
        "cardholder_number": "'card:' || cardholder_number",
        "user_id": "'channel:' || user_id",
        "card_token": (
            "(SELECT min('card:' || card.cardholder_number) FROM faultless.stg_card__card AS card "
            "WHERE card.card_token = differing.card_token)"
        ),
    }
    tests = [f"coalesce({key} IN (FROM touched), false)" for name, key in keys.items() if name in contract.columns]
    grain = ["customer" if name == "customer_id" else name for name in contract.grain if name not in TELLS_WHEN]
    explained = (
        f"SELECT DISTINCT {', '.join(grain)} FROM ({query}) AS differing WHERE {' OR '.join(tests or ['false'])}"
    )
    same = " AND ".join(f"differing.{name} IS NOT DISTINCT FROM explained.{name}" for name in grain)
    return _count(connection, f"FROM ({query}) AS differing ANTI JOIN ({explained}) AS explained ON {same}")


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM ({query})").fetchall()[0][0])
