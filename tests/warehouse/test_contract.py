from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from warehouse.contract import ContractError, arrow_schema, create_table, read_contract, read_contracts
from warehouse.settings import Settings

GOOD = """
description: Members of the programme.
zh: 会员
owner: loyalty
grain: [source_key]
ignore: [filler]
columns:
  source_key: {type: source_key, from: member_no, required: true, description: Key., zh: 主键}
  gender: {type: code, from: sex, codes: {"1": male, "2": female}, description: Sex., zh: 性别}
  joined_on: {type: date, from: joined, description: Day joined., zh: 入会日期}
"""


def write(tmp_path: Path, text: str, name: str = "stg_loyalty__member", layer: str = "staging") -> Path:
    path = tmp_path / layer / f"{name}.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_contract_says_where_rows_come_from_and_how_they_are_stored(tmp_path):
    contract = read_contract(write(tmp_path, GOOD))
    assert (contract.source, contract.landing, contract.is_published) == ("loyalty", "member", False)
    assert arrow_schema(contract) == pa.schema(
        [pa.field("source_key", pa.string(), nullable=False), ("gender", pa.string()), ("joined_on", pa.date32())]
    )
    assert contract.columns["gender"].allowed == ("male", "female")


def test_ddl_follows_from_the_contract(tmp_path):
    ddl = create_table(read_contract(write(tmp_path, GOOD)))
    assert ddl == (
        "CREATE TABLE stg_loyalty__member (source_key VARCHAR NOT NULL, gender VARCHAR, joined_on DATE, "
        "PRIMARY KEY (source_key))"
    )


def test_every_table_of_the_house_can_be_created_from_its_ddl():
    with duckdb.connect() as connection:
        for contract in read_contracts(Settings(home=Path()).tables).values():
            connection.execute(create_table(contract))


MISTAKES = {
    "an unknown key": ("owner: loyalty", "owner: loyalty\ncolour: red", "colour: remove it or correct its spelling"),
    "a missing owner": ("owner: loyalty\n", "", "owner: Field required"),
    "an unknown type": ("type: date", "type: dato", "columns.joined_on: type 'dato' is unknown"),
    "a grain that is no column": ("grain: [source_key]", "grain: [member]", "grain: column 'member' is not declared"),
    "a code without codes": ('codes: {"1": male, "2": female}, ', "", "columns.gender: a code needs its closed list"),
    "a column from nowhere": ("from: joined, ", "", "columns.joined_on: says not where it is landed; add from"),
    "an undescribed column": ("description: Day joined., ", "", "columns.joined_on.description: Field required"),
    "a key given twice": ("owner: loyalty", "owner: loyalty\nowner: cards", "the key 'owner' appears twice"),
    "an entity without a name": (
        "owner: loyalty",
        "owner: loyalty\nentity: customer",
        "entity: rows that describe customers need the columns source_key and name_key",
    ),
}


@pytest.mark.parametrize(("before", "after", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_names_file_and_column_and_remedy(tmp_path, before, after, message):
    path = write(tmp_path, GOOD.replace(before, after))
    with pytest.raises(ContractError) as error:
        read_contract(path)
    assert message in str(error.value)
    assert str(path) in str(error.value)


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path):
    write(tmp_path, GOOD.replace("type: date", "type: dato").replace("grain: [source_key]", "grain: [nobody]"))
    write(tmp_path, GOOD.replace("from: joined, ", ""), name="stg_loyalty__former")
    with pytest.raises(ContractError) as error:
        read_contracts([tmp_path])
    assert len(str(error.value).splitlines()) == 3


def test_yaml_surprises_stay_text(tmp_path):
    text = GOOD.replace('{"1": male, "2": female}', "{NO: male, 007: female, 12:30: other}")
    assert list(read_contract(write(tmp_path, text)).columns["gender"].codes) == ["NO", "007", "12:30"]


def test_a_reference_to_an_undeclared_column_is_refused(tmp_path):
    write(tmp_path, GOOD.replace("from: joined, ", "from: joined, references: calendar.day, "))
    with pytest.raises(ContractError, match=r"references calendar.day, which is not declared"):
        read_contracts([tmp_path])


def test_a_table_that_nothing_builds_is_refused(tmp_path):
    text = GOOD.replace("from: member_no, ", "").replace("from: joined, ", "")
    text = text.replace('from: sex, codes: {"1": male, "2": female}', "values: [male]").replace(
        "ignore: [filler]\n", ""
    )
    with pytest.raises(ContractError, match="nothing builds this table"):
        read_contract(write(tmp_path, text, name="mart_member", layer="marts"))


def test_the_contracts_of_the_house_are_sound():
    assert "golden_customer" in read_contracts(Settings(home=Path()).tables)
