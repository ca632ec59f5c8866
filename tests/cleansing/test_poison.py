from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from landing_days import column, contract_of

from cleansing.dimensions import DIMENSION_OF, RULES
from cleansing.poison import empty_poison_values
from cleansing.values.findings import Outcome
from warehouse.contract import Contract, read_contracts
from warehouse.engine import ROWS, mount
from warehouse.settings import Settings

SEEDS = {name: contract for name, contract in read_contracts(Settings(home=Path()).tables).items() if "poison" in name}
BRANCH, KNOWN, OWN = "+861088880000", "+8613812345678", "+8613900000001"
MOST = 50


@pytest.fixture
def contract(tmp_path: Path) -> Contract:
    columns = column("source_key", type="source_key", from_="id", required="true")
    columns += column("mobile", type="phone", from_="tel") + column("email", type="email", from_="mail")
    columns += column("email_key", type="email_key", from_="mail")
    return contract_of(tmp_path, "stg_card__holder", columns)


def emptied(tmp_path: Path, contract: Contract, rows: list[dict[str, str | None]]) -> tuple[list[object], list[object]]:
    """The standardised table and the poison found in it."""
    path = tmp_path / contract.name / ROWS
    path.parent.mkdir(exist_ok=True)
    with duckdb.connect() as connection:
        landed = pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in contract.columns]))
        connection.register("landed", landed)
        connection.execute(f"COPY landed TO '{path}' (FORMAT parquet)")
        mount(connection, {contract.name: path})
        empty_poison_values(connection, {contract.name: contract, **SEEDS}, tmp_path)
        kept = connection.sql(f"FROM {contract.name}").to_arrow_table().to_pylist()
        return kept, connection.sql("FROM poison_value").to_arrow_table().to_pylist()


def holders(count: int, **values: str | None) -> list[dict[str, str | None]]:
    return [{"source_key": f"{number:04}", **values} for number in range(count)]


def test_a_value_too_many_hold_is_emptied_and_its_row_stays(tmp_path: Path, contract: Contract):
    rows = [*holders(MOST + 1, mobile=BRANCH), {"source_key": "own", "mobile": OWN}]
    kept, poison = emptied(tmp_path, contract, rows)
    assert [(row["source_key"], row["mobile"]) for row in kept] == [
        *((row["source_key"], None) for row in holders(MOST + 1)),
        ("own", OWN),
    ]
    assert poison == [
        {
            "source": "card", "table_name": "holder", "column_name": "mobile", "value": BRANCH, "value_type": "phone",
            "holders": MOST + 1, "values_emptied": MOST + 1, "values_held": MOST + 2, "found_by": "data",
        }
    ]  # fmt: skip


def test_as_many_holders_as_are_plausible_are_let_be(tmp_path: Path, contract: Contract):
    kept, poison = emptied(tmp_path, contract, holders(MOST, mobile=BRANCH))
    assert ({row["mobile"] for row in kept}, poison) == ({BRANCH}, [])


def test_repeats_of_one_holder_count_once(tmp_path: Path, contract: Contract):
    assert emptied(tmp_path, contract, [{"source_key": "1", "mobile": BRANCH}] * (MOST + 5))[1] == []


def test_a_known_value_is_emptied_however_few_hold_it(tmp_path: Path, contract: Contract):
    kept, poison = emptied(tmp_path, contract, holders(1, mobile=KNOWN))
    assert (kept[0]["mobile"], poison[0]["found_by"]) == (None, "seed")


def test_what_was_read_from_the_same_value_goes_with_it(tmp_path: Path, contract: Contract):
    kept, _ = emptied(tmp_path, contract, holders(1, email="test@test.com", email_key="test@test.com", mobile=OWN))
    assert kept == [{"source_key": "0000", "mobile": OWN, "email": None, "email_key": None}]


def test_a_second_time_changes_nothing(tmp_path: Path, contract: Contract):
    once, _ = emptied(tmp_path, contract, holders(MOST + 1, mobile=BRANCH))
    assert emptied(tmp_path, contract, once) == (once, [])


def test_a_value_hidden_in_part_is_no_poison(tmp_path: Path, contract: Contract):
    assert emptied(tmp_path, contract, holders(MOST + 1, mobile="+86138****5678"))[1] == []


def test_every_rule_standardising_records_has_a_dimension():
    assert set(DIMENSION_OF) == set(RULES) - {Outcome.OK.value}
