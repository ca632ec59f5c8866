import io
import json

import duckdb
import pytest

from warehouse.query import QueryError, print_query


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "some.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT * FROM (VALUES (1, '张*'), (2, NULL)) AS v (id, name)")
    return path


def answer(database, query: str, layout: str) -> str:
    out = io.StringIO()
    print_query(database, query, layout, out)
    return out.getvalue()


def test_csv_has_a_header_and_an_empty_field_for_null(database):
    assert answer(database, "FROM t ORDER BY id", "csv") == "id,name\n1,张*\n2,\n"


def test_json_is_an_array_of_objects(database):
    rows = json.loads(answer(database, "SELECT *, DATE '2026-01-31' AS day FROM t ORDER BY id", "json"))
    assert rows == [{"id": 1, "name": "张*", "day": "2026-01-31"}, {"id": 2, "name": None, "day": "2026-01-31"}]


def test_a_table_is_drawn_for_people(database):
    assert "张*" in answer(database, "FROM t", "table")


def test_a_wrong_query_is_told_in_duckdbs_words(database):
    with pytest.raises(QueryError, match="nowhere"):
        answer(database, "FROM nowhere", "csv")


def test_nothing_can_be_written(database):
    with pytest.raises(QueryError, match="read-only"):
        answer(database, "DELETE FROM t", "csv")
