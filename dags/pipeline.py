"""The night as plain functions, in running order. Airflow's tasks and the c360 command both call these.

Heavy libraries load inside the functions: the scheduler imports this module each time it parses the DAGs.
"""

import shutil
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.runs import Counts, step
from warehouse.settings import Settings

if TYPE_CHECKING:
    from warehouse.contract import Contract

STAGES = {
    "staging": ("seeds", "staging", "identity", "quality"),
    "golden": ("golden",),
    "marts": ("facts", "marts", "feeds"),
}
CHECKED_LAYERS = {"staging": STAGES["staging"], "golden": ("identity", "golden"), "marts": STAGES["marts"]}


def settings() -> Settings:
    """Settings of this process."""
    return Settings.from_environment()


def day(text: str) -> date:
    """The business date of an ISO day; raises ValueError naming what was given."""
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise ValueError(f"business_date is {text!r}; give a day as YYYY-MM-DD") from error


def land(settings: Settings, source: str, business_date: date) -> dict[str, int]:
    """Land what `source` sent for the day, whole or not at all; rows by landed table.

    Days before for which other files came since, or that could not land on their night, are landed first; one that
    still cannot be stays as it is.
    """
    from extractors.discovery import reopened
    from extractors.faults import SourceFault, SourceUnavailable
    from warehouse.landing_store import pull_landing

    pull_landing(settings, source)
    for again in reopened(settings, source, business_date):
        with suppress(SourceFault, SourceUnavailable):  # told by its step; tonight's day must not wait for it
            _land_day(settings, source, again)
    return _land_day(settings, source, business_date)


def _land_day(settings: Settings, source: str, business_date: date) -> dict[str, int]:
    from extractors.discovery import extract, fingerprints
    from extractors.landing import land as land_tables
    from warehouse.landing_store import push_day

    with step(settings, business_date, f"land {source}") as counts:
        delivered = fingerprints(settings, source, business_date, business_date).get(business_date, "")
        batches = extract(settings, source, business_date)
        manifests = land_tables(settings, source, business_date, batches, delivered)
        push_day(settings, source, business_date)
        counts.update(tables=len(manifests), rows=sum(manifest.rows for manifest in manifests))
    return {manifest.table: manifest.rows for manifest in manifests}


def begin(settings: Settings, business_date: date) -> list[str]:
    """Clear the build of an earlier run; returns the sources that have landed something to standardise.

    Where landing or versions are kept in object storage, what another machine wrote there is fetched first.
    """
    from extractors.discovery import sources
    from warehouse.landing_store import pull_landing
    from warehouse.published_store import pull_versions

    with step(settings, business_date, "begin") as counts:
        fetched = [day for source in sources() for day in pull_landing(settings, source)]
        counts.update({"days fetched": len(fetched)} if fetched else {})
        pull_versions(settings, contracts(settings), business_date)
        shutil.rmtree(build_folder(settings), ignore_errors=True)
        build_folder(settings).mkdir(parents=True)
        landed = sorted({str(contract.source) for contract in _landed_contracts(settings, business_date)})
        counts["sources landed"] = len(landed)
    return landed


def standardise(settings: Settings, source: str, business_date: date) -> dict[str, int]:
    """Standardise what `source` landed up to the business date and is not standardised yet; rows by staging table."""
    from cleansing.standardise import standardise as standardise_day
    from warehouse.staging import days_until

    rows = {}
    for contract in _landed_contracts(settings, business_date):
        if contract.source == source:
            with step(settings, business_date, f"standardise {contract.name}") as counts:
                for landed in days_until(settings, contract, business_date):
                    done = standardise_day(settings, contract, landed.business_date)
                counts.update(rows=done.rows_out, quarantined=done.quarantined)
            rows[contract.name] = done.rows_out
    return rows


def build(settings: Settings, stage: str, business_date: date) -> dict[str, int]:
    """Build the tables of one stage (staging, golden, marts) in the order they read each other; rows by table."""
    from cleansing.poison import empty_poison_values
    from warehouse.engine import built_tables, connect, mount
    from warehouse.models.step import collect_cards
    from warehouse.publish import version_before
    from warehouse.quality_history import carry_record_history
    from warehouse.staging import write_staging
    from warehouse.transforms import build_order, build_table

    folder = build_folder(settings)
    declared = contracts(settings)
    with step(settings, business_date, f"build {stage}") as counts, connect(settings) as connection:
        mount(connection, built_tables(folder))
        rows: dict[str, int] = {}
        if stage == "staging":
            rows |= write_staging(settings, connection, declared, folder, business_date)
            rows |= empty_poison_values(connection, declared, folder)
            earlier = version_before(settings, business_date)
            before = built_tables(earlier.parquet) if earlier else {}
            rows |= carry_record_history(connection, before, folder, business_date)
        names = [name for name, contract in declared.items() if contract.layer in STAGES[stage] and contract.is_select]
        for name in build_order(declared, names):
            rows[name] = build_table(connection, declared, name, folder, business_date)
        if stage == "marts":
            rows["ops_model_card"] = collect_cards(connection, declared["ops_model_card"], folder)
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
    from warehouse.published_store import push

    declared = contracts(settings)
    with step(settings, business_date, "publish") as counts:
        built = built_tables(build_folder(settings))
        tables = {name: path for name, path in built.items() if declared[name].is_published}
        version = publish_tables(settings, declared, tables, business_date)
        push(settings, version)
        write_docs(settings)
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


def write_docs(settings: Settings) -> dict[str, Path]:
    """Write the data dictionary; returns where each kind of documentation starts."""
    from warehouse.dictionary import write_dictionary

    dictionary = write_dictionary(contracts(settings), settings.docs)
    return {"dictionary": dictionary, "data docs": settings.docs / "data_docs" / "index.html"}


def write_report(settings: Settings, output: Path | None = None) -> Path:
    """Write the management report of the current version; returns its file."""
    from warehouse.publish import current_version
    from warehouse.report.page import write_report as write_page

    return write_page(current_version(settings), output or settings.docs / "report.html")


def contracts(settings: Settings) -> "dict[str, Contract]":
    """Every table contract of this installation."""
    from warehouse.contract import read_contracts

    return read_contracts(settings.tables)


def build_folder(settings: Settings) -> Path:
    """Where the build under way stands."""
    return settings.work / "build"


def _landed_contracts(settings: Settings, business_date: date) -> "list[Contract]":
    from warehouse.staging import days_until

    return [contract for contract in contracts(settings).values() if days_until(settings, contract, business_date)]
