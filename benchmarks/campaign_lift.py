"""Do the measured intervals of campaign lift hold what is truly in the campaigns? `python benchmarks/campaign_lift.py`.

Every seed is a bank of its own; contacts, consents and products opened go through the warehouse's own SQL, with each
person known as one customer, so that what is judged is the measuring and not the linkage.
"""

import argparse
import os
import tempfile
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from extractors.simulators.bank import Bank
from extractors.simulators.campaigns import CAMPAIGNS, Reached
from extractors.simulators.people import People, make_people
from extractors.simulators.sales import open_trade
from extractors.simulators.streams import Streams
from extractors.simulators.texts import join, number, pick
from extractors.simulators.wishes import WANTED
from warehouse.contract import Contract, read_contracts
from warehouse.settings import Settings
from warehouse.transforms import build_table, dependencies, select_statement

KINDS = ("term_deposit", "wealth", "fund", "loan", "card")
MEASURED = ("seed_campaign_plan", "dim_campaign", "fct_campaign_contact", "mart_campaign_effect")


def measured_effects(customers: int, seed: int) -> list[tuple[str, float, float, float]]:
    """Of each campaign of one bank: code, lift and its interval, as `mart_campaign_effect` has them."""
    bank = Bank(customers, seed)
    streams, day = Streams(seed), np.datetime64(bank.first_date)
    people = make_people(bank, streams, customers, 0, day)
    days = np.arange(day - bank.history_days + 1, day + 1)
    everyone = np.arange(customers)
    trade = open_trade(bank, streams, people, everyone, everyone % 100, 0, days)
    landed = {
        "stg_channel__campaign_contact": pa.concat_tables([_contacts(reached) for reached in trade.reached]),
        "bridge_channel_identity": pa.table({"user_id": _user(everyone), "customer_id": _customer(everyone)}),
        "golden_customer": pa.table({"customer_id": _customer(everyone)}),
        "dim_account": _accounts(people, day),
    }
    return _through_the_warehouse(landed, bank.first_date)


def _contacts(reached: Reached) -> pa.Table:
    count = len(reached.person)
    return pa.table(
        {
            "event_id": join(reached.campaign.code, number(np.arange(count), 8)),
            "user_id": _user(reached.person),
            "campaign_code": pa.array([reached.campaign.code] * count),
            "arm": pick(("control", "treated"), reached.is_treated.astype(np.int64)),
            "occurred_at": pa.array(reached.day.astype("datetime64[us]")),
            "cost_cny": pa.array(np.zeros(count)),
        }
    )


def _accounts(people: People, day: np.datetime64) -> pa.Table:
    bought = people.dealings.bought_until(day)
    return pa.table(
        {
            "account_key": number(np.arange(len(bought.person))),
            "customer_id": _customer(bought.person),
            "kind": pick(KINDS, bought.product),
            "product_code": pick(WANTED, bought.product),
            "opened_on": pa.array(bought.day),
        }
    )


def _user(person: np.ndarray) -> pa.Array:
    return join("u", number(person, 8))


def _customer(person: np.ndarray) -> pa.Array:
    return join("C", number(person, 12))


def _through_the_warehouse(landed: dict[str, pa.Table], as_of: date) -> list[tuple[str, float, float, float]]:
    contracts = read_contracts(Settings(home=Path()).tables)
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        needed = {name for table in MEASURED for name in dependencies(select_statement(contracts[table], contracts))}
        for name in sorted(needed - set(MEASURED)):
            _put(connection, contracts[name], landed.get(name))
        for table in MEASURED:
            build_table(connection, contracts, table, Path(folder), as_of)
        return connection.execute(
            "SELECT campaign_code, lift, lift_low, lift_high FROM mart_campaign_effect WHERE segment = 'all' ORDER BY 1"
        ).fetchall()


def _put(connection: duckdb.DuckDBPyConnection, contract: Contract, rows: pa.Table | None) -> None:
    columns = ", ".join(f"{name} {column.semantic.sql}" for name, column in contract.columns.items())
    connection.execute(f"CREATE TABLE {contract.name} ({columns})")
    if rows is not None:
        connection.register("landed", rows)
        connection.execute(f"INSERT INTO {contract.name} BY NAME SELECT * FROM landed")
        connection.unregister("landed")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--customers", type=int, default=20_000)
    arguments.add_argument("--seeds", type=int, default=20)
    chosen = arguments.parse_args()
    true_lift = {one.code: one.lift_percent / 100 for one in CAMPAIGNS}
    held: dict[str, list[bool]] = {code: [] for code in true_lift}
    errors: dict[str, list[float]] = {code: [] for code in true_lift}
    cpu = sum(os.times()[:2])
    for seed in range(1, chosen.seeds + 1):
        for code, lift, low, high in measured_effects(chosen.customers, seed):
            held[code].append(low <= true_lift[code] <= high)
            errors[code].append(lift - true_lift[code])
    for code, hits in held.items():
        bias = 100 * float(np.mean(errors[code]))
        told = f"{sum(hits)} of {len(hits)} intervals hold it, bias {bias:+.2f} points"
        print(f"{code}: true lift {true_lift[code]:.1%}, {told}")
    everything = [hit for hits in held.values() for hit in hits]
    spent = sum(os.times()[:2]) - cpu
    share = f"{sum(everything)} of {len(everything)} intervals ({np.mean(everything):.0%})"
    print(f"{share} hold the true lift; {spent:.0f} CPU s")


if __name__ == "__main__":
    main()
