"""docs/questions.md under test: ten questions, each with a query that runs on the tables of the warehouse."""

import re
from pathlib import Path

import duckdb
import pytest

from warehouse.contract import read_contracts
from warehouse.settings import Settings
from warehouse.transforms import dependencies

ROOT = Path(__file__).parent.parent
CONTRACTS = read_contracts(Settings(home=ROOT).tables)
QUESTIONS = re.findall(
    r"^## (\d+)\. (.+?)$.*?^```sql\n(.*?)^```$",
    (ROOT / "docs" / "questions.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)


def test_there_are_ten_questions() -> None:
    assert [int(number) for number, _, _ in QUESTIONS] == list(range(1, 11))


@pytest.mark.parametrize(("question", "query"), [question[1:] for question in QUESTIONS], ids=lambda value: value[:40])
def test_a_question_is_answered_by_published_tables(
    question: str, query: str, empty_warehouse: duckdb.DuckDBPyConnection
) -> None:
    assert question.endswith("?")
    assert all(CONTRACTS[table].is_published for table in dependencies(query))
    assert empty_warehouse.execute(query).description
