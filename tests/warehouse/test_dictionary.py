"""The dictionary says everything a contract says, in both languages, and needs nothing but itself."""

import re
from pathlib import Path

import pytest

from warehouse.contract import Contract, read_contract
from warehouse.dictionary import write_dictionary
from warehouse.types import TYPES

CUSTOMER = """
description: One row per <customer> | as sent.
zh: 每位客户一行。
owner: retail-data
grain: [source_key]
columns:
  source_key: {type: source_key, from: CUST_NO, required: true, description: Customer number., zh: 客户号}
  mobile: {type: phone, from: MOB_NO, description: Mobile number., zh: 手机号码}
  gender: {type: code, from: SEX, codes: {"1": male, "2": female}, description: Sex., zh: 性别}
"""
ACCOUNT = """
description: One row per account.
zh: 每个账户一行。
owner: finance-data
grain: [account_key]
made_by: accounts.py
columns:
  account_key: {type: text, required: true, description: Account., zh: 账户}
  customer: {type: source_key, references: stg_core__customer.source_key, description: Holder., zh: 持有人}
"""


@pytest.fixture
def contracts(tmp_path: Path) -> dict[str, Contract]:
    found = {}
    for name, text in {"facts/account": ACCOUNT, "staging/stg_core__customer": CUSTOMER}.items():
        path = tmp_path / f"{name}.yml"
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
        found[path.stem] = read_contract(path)
    return found


def test_both_documents_tell_every_column_in_their_language(contracts: dict[str, Contract], tmp_path: Path) -> None:
    write_dictionary(contracts, tmp_path)
    english = (tmp_path / "dictionary.md").read_text(encoding="utf-8")
    chinese = (tmp_path / "dictionary.zh.md").read_text(encoding="utf-8")
    assert "| `source_key` | source_key, required | C1 |  |  | CUST_NO | Customer number. |" in english
    assert "| `gender` | code | C1 |  | 1 = male, 2 = female | SEX | Sex. |" in english
    assert "| `mobile` | phone | C2 | `'****' \\|\\| right(mobile, 4)` |  | MOB_NO | 手机号码 |" in chinese
    assert "| `customer` | source_key, → stg_core__customer.source_key |" in english
    assert "One row per source_key · Owner retail-data · Made by landing/core/customer" in english
    assert "每行代表 account_key · 负责方 finance-data · 生成方式 accounts.py" in chinese


def test_tables_stand_in_the_order_they_are_built(contracts: dict[str, Contract], tmp_path: Path) -> None:
    write_dictionary(contracts, tmp_path)
    headings = re.findall(r"^## (.*)$", (tmp_path / "dictionary.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert headings == ["stg_core__customer", "account", "Types"]


def test_the_page_is_whole_by_itself_and_tells_all(contracts: dict[str, Contract], tmp_path: Path) -> None:
    text = write_dictionary(contracts, tmp_path).read_text(encoding="utf-8")
    assert "http" not in text
    assert not re.search(r"""(src|href)=["'](?!#)""", text)
    assert "width=device-width" in text
    for contract in contracts.values():
        assert f'<section id="{contract.name}">' in text
        for name, column in contract.columns.items():
            assert f"<td>{name}</td>" in text
            assert column.zh in text


def test_text_of_a_contract_cannot_break_the_page(contracts: dict[str, Contract], tmp_path: Path) -> None:
    text = write_dictionary(contracts, tmp_path).read_text(encoding="utf-8")
    assert "One row per &lt;customer&gt; | as sent." in text


def test_the_same_contracts_give_the_same_dictionary(contracts: dict[str, Contract], tmp_path: Path) -> None:
    first = write_dictionary(contracts, tmp_path / "first").read_bytes()
    backwards = dict(reversed(contracts.items()))
    assert write_dictionary(backwards, tmp_path / "second").read_bytes() == first


def test_the_types_in_use_are_told_in_both_languages(contracts: dict[str, Contract], tmp_path: Path) -> None:
    page = write_dictionary(contracts, tmp_path).read_text(encoding="utf-8")
    english, chinese = ((tmp_path / name).read_text(encoding="utf-8") for name in ("dictionary.md", "dictionary.zh.md"))
    for name in ("source_key", "phone", "code", "text"):
        assert TYPES[name].description in english
        assert TYPES[name].zh in chinese
        assert TYPES[name].zh in page
    assert "| `probability` |" not in english
