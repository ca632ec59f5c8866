"""The night as plain functions, in running order. Airflow's tasks and the c360 command both call these.

Heavy libraries load inside the functions: the scheduler imports this module each time it parses the DAGs.
"""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.runs import Counts, step
from warehouse.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from warehouse.contract import Contract

STAGES = {
    "staging": ("seeds", "staging", "identity", "quality"),
    "golden": ("golden",),
    "marts": ("facts", "marts", "feeds"),
}
BANK = "bank.json"
CHECKED_LAYERS = {"staging": STAGES["staging"], "golden": ("identity", "golden"), "marts": STAGES["marts"]}


class BankExistsError(RuntimeError):
    """The installation already works on another simulated bank."""


def settings() -> Settings:
    """Settings of this process."""
    return Settings.from_environment()


def day(text: str) -> date:
    """The business date of an ISO day; raises ValueError naming what was given."""
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise ValueError(f"business_date is {text!r}; give a day as YYYY-MM-DD") from error


def simulate(
    settings: Settings, customers: int, seed: int, first_date: date, days: int, progress: "Callable[[str], None]"
) -> bool:
    """Make the simulated bank below sources/; False when exactly this bank is there already.

    Raises BankExistsError when this installation already works on another bank.
    """
    bank = {"customers": customers, "seed": seed, "first_date": first_date.isoformat(), "days": days}
    recorded = settings.sources / BANK
    if recorded.exists() and json.loads(recorded.read_text(encoding="utf-8")) == bank:
        return False
    if settings.landing.exists():
        raise BankExistsError(f"{settings.home} already works on another bank; give another --home or delete this one")
    from extractors.simulators.bank import Bank
    from extractors.simulators.simulate import simulate_bank

    recorded.unlink(missing_ok=True)
    simulated = Bank(customers, seed, first_date, days)
    simulate_bank(settings.sources, simulated, core_url=settings.core_banking_url, progress=progress)
    recorded.write_text(json.dumps(bank) + "\n", encoding="utf-8")
    return True


def days_to_run(settings: Settings) -> list[date]:
    """Simulated business dates later than the current version, or the last one when all are published."""
    from warehouse.publish import NothingPublishedError, current_version

    recorded = settings.sources / BANK
    if not recorded.exists():
        return []
    bank = json.loads(recorded.read_text(encoding="utf-8"))
    first = date.fromisoformat(bank["first_date"])
    simulated = [first + timedelta(days=number) for number in range(bank["days"])]
    try:
        published = current_version(settings).business_date
    except NothingPublishedError:
        return simulated
    return [business_date for business_date in simulated if business_date > published] or simulated[-1:]


def land(settings: Settings, source: str, business_date: date) -> dict[str, int]:
    """Land what `source` sent for the day, whole or not at all; rows by landed table."""
    from extractors.discovery import extract
    from extractors.landing import land as land_tables

    with step(settings, business_date, f"land {source}") as counts:
        manifests = land_tables(settings, source, business_date, extract(settings, source, business_date))
        counts.update(tables=len(manifests), rows=sum(manifest.rows for manifest in manifests))
    return {manifest.table: manifest.rows for manifest in manifests}


def begin(settings: Settings, business_date: date) -> list[str]:
    """Clear the build of an earlier run; returns the staging tables to standardise, those whose source has landed."""
    from warehouse.staging import days_until

    with step(settings, business_date, "begin") as counts:
        shutil.rmtree(build_folder(settings), ignore_errors=True)
        build_folder(settings).mkdir(parents=True)
        tables = [
            name for name, contract in contracts(settings).items() if days_until(settings, contract, business_date)
        ]
        counts["staging tables"] = len(tables)
    return tables


def standardise(settings: Settings, table: str, business_date: date) -> dict[str, int]:
    """Standardise every landed day of one staging table that is not yet, up to the business date."""
    from cleansing.standardise import standardise as standardise_day
    from warehouse.staging import days_until

    contract = contracts(settings)[table]
    with step(settings, business_date, f"standardise {table}") as counts:
        for landed in days_until(settings, contract, business_date):
            done = standardise_day(settings, contract, landed.business_date)
        counts.update(rows=done.rows_out, quarantined=done.quarantined)
    return {"rows": done.rows_out, "quarantined": done.quarantined}


def build(settings: Settings, stage: str, business_date: date) -> dict[str, int]:
    """Build the tables of one stage (staging, golden, marts) in the order they read each other; rows by table."""
    from warehouse.engine import built_tables, connect, mount
    from warehouse.staging import write_staging
    from warehouse.transforms import build_order, build_table

    folder = build_folder(settings)
    declared = contracts(settings)
    with step(settings, business_date, f"build {stage}") as counts, connect(settings) as connection:
        mount(connection, built_tables(folder))
        rows: dict[str, int] = {}
        if stage == "staging":
            rows |= write_staging(settings, connection, declared, folder, business_date)
        names = [name for name, contract in declared.items() if contract.layer in STAGES[stage] and contract.is_select]
        for name in build_order(declared, names):
            rows[name] = build_table(connection, declared, name, folder, business_date)
        counts.update(tables=len(rows), rows=sum(rows.values()))
    return rows


def link(settings: Settings, business_date: date) -> Counts:
    """Decide which customer records are one customer; yesterday's ids come from the version before."""
    from matching.stage import link_customers
    from warehouse.engine import built_tables
    from warehouse.publish import version_before

    folder = build_folder(settings)
    earlier = version_before(settings, business_date)
    yesterday = built_tables(earlier.parquet) if earlier else {}
    with step(settings, business_date, "link") as counts:
        linked = link_customers(settings, built_tables(folder), folder, business_date, yesterday)
        counts.update({name: count for name, count in linked.items() if count})
    return dict(linked)


def check(settings: Settings, stage: str, business_date: date) -> dict[str, int]:
    """Hold the tables of one stage against what their contracts and the rules promise; raises GateFailure."""
    from expectations.gate import check as check_tables
    from warehouse.engine import built_tables, connect, mount

    declared = contracts(settings)
    with step(settings, business_date, f"check {stage}") as counts, connect(settings) as connection:
        tables = built_tables(build_folder(settings))
        mount(connection, tables)
        names = [name for name in tables if declared[name].layer in CHECKED_LAYERS[stage]]
        result = check_tables(settings, declared, names, stage, business_date, connection)
        counts.update(checks=result.checks, failed=result.failed, warnings=len(result.warned))
    return {"checks": result.checks, "failed": result.failed, "warnings": len(result.warned)}


def publish(settings: Settings, business_date: date) -> str:
    """Publish the build as an immutable version and make it current; the version's name."""
    from warehouse.engine import built_tables
    from warehouse.publish import publish as publish_tables

    declared = contracts(settings)
    with step(settings, business_date, "publish") as counts:
        built = built_tables(build_folder(settings))
        tables = {name: path for name, path in built.items() if declared[name].is_published}
        version = publish_tables(settings, declared, tables, business_date)
        counts.update(tables=len(tables), version=version.name)
    return version.name


def deliver_feeds(settings: Settings, business_date: date) -> dict[str, int]:
    """Hand each feed of the current version to its readers, with its contract and checksum; rows by feed."""
    from warehouse.feeds import deliver
    from warehouse.publish import current_version

    with step(settings, business_date, "deliver feeds") as counts:
        rows = deliver(settings, contracts(settings), current_version(settings))
        counts.update(feeds=len(rows), rows=sum(rows.values()))
    return rows


def evaluate(settings: Settings) -> dict[str, Any]:
    """Quality of the current version's linkage against the simulated truth; empty where the bank is a real one."""
    from matching.evaluate import evaluate as judge
    from warehouse.engine import connect, quoted
    from warehouse.publish import current_version

    truth = settings.sources / "truth" / "truth_record.parquet"
    if not truth.exists():
        return {}
    xref = current_version(settings).parquet / "customer_xref" / "rows.parquet"
    query = f"""
        SELECT customer_id, person_id
        FROM read_parquet({quoted(xref)})
        INNER JOIN (
            SELECT source || ':' || source_key AS record_key, max_by(person_id, business_date) AS person_id
            FROM read_parquet({quoted(truth)}) GROUP BY ALL
        ) USING (record_key)
        WHERE valid_to IS NULL ORDER BY record_key
    """
    with connect(settings) as connection:
        linked = connection.sql(query).to_arrow_table()
    quality = judge(linked["customer_id"], linked["person_id"])
    return {
        "records": quality.records,
        "people": len(linked["person_id"].unique()),
        "pairwise": {"f1": quality.f1, "precision": quality.precision.value, "recall": quality.recall.value},
        "cluster": {
            "f1": quality.cluster_f1,
            "precision": quality.cluster_precision,
            "recall": quality.cluster_recall,
        },
    }


def write_docs(settings: Settings) -> dict[str, Path]:
    """Write the data dictionary; returns where each kind of documentation starts."""
    from warehouse.dictionary import write_dictionary

    folder = settings.docs / "dictionary"
    write_dictionary(contracts(settings), folder)
    places = {"dictionary": folder / "dictionary.html"}
    places |= {f"gate {stage}": settings.docs / "data_docs" / stage / "index.html" for stage in STAGES}
    return places


def contracts(settings: Settings) -> "dict[str, Contract]":
    """Every table contract of this installation."""
    from warehouse.contract import read_contracts

    return read_contracts(settings.tables)


def build_folder(settings: Settings) -> Path:
    """Where the build under way stands."""
    return settings.work / "build"
