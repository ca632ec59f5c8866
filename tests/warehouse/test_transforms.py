from datetime import date
from pathlib import Path

import duckdb
import pytest

from warehouse.contract import Contract, read_contracts
from warehouse.engine import ROWS
from warehouse.transforms import BuildError, build_order, build_table, dependencies

DAY = date(2026, 1, 31)
HEAD = "description: D.\nzh: 表\nowner: o\ngrain: [id]\n"
TEXT = "{type: text, description: D., zh: 列}"
PHONE = "{type: phone, description: D., zh: 列}"


@pytest.fixture
def connection():
    with duckdb.connect() as opened:
        yield opened


def declare(folder: Path, layer: str, name: str, columns: dict[str, str], sql: str | None = None, **extra: str) -> None:
    path = folder / layer / f"{name}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    more = "".join(f"{key}: {value}\n" for key, value in extra.items())
    listed = "".join(f"  {column}: {declared}\n" for column, declared in columns.items())
    path.write_text(f"{HEAD}{more}columns:\n{listed}", encoding="utf-8")
    if sql:
        path.with_suffix(".sql").write_text(sql, encoding="utf-8")


def contracts_of(tmp_path: Path) -> dict[str, Contract]:
    return read_contracts([tmp_path])


def test_reads_are_found_without_the_own_ctes():
    query = "WITH a AS (SELECT * FROM x WHERE d <= $business_date) SELECT * FROM a JOIN y USING (id), (SELECT 1 FROM z)"
    assert dependencies(query) == {"x", "y", "z"}


def test_a_table_follows_those_it_reads(tmp_path):
    declare(tmp_path, "facts", "a_last", {"id": TEXT}, "SELECT id FROM b_middle")
    declare(tmp_path, "facts", "b_middle", {"id": TEXT}, "SELECT id FROM c_first")
    declare(tmp_path, "facts", "c_first", {"id": TEXT}, "SELECT '1' AS id")
    assert build_order(contracts_of(tmp_path), ["a_last", "b_middle", "c_first"]) == ["c_first", "b_middle", "a_last"]


def test_tables_that_read_each_other_are_refused(tmp_path):
    declare(tmp_path, "facts", "hen", {"id": TEXT}, "SELECT id FROM egg")
    declare(tmp_path, "facts", "egg", {"id": TEXT}, "SELECT id FROM hen")
    with pytest.raises(BuildError, match="read each other in a circle"):
        build_order(contracts_of(tmp_path), ["hen", "egg"])


def test_an_undeclared_table_is_refused(tmp_path):
    declare(tmp_path, "facts", "hen", {"id": TEXT}, "SELECT id FROM nowhere")
    with pytest.raises(BuildError, match="hen reads nowhere, which no contract declares"):
        build_order(contracts_of(tmp_path), ["hen"])


def test_a_select_that_differs_from_its_contract_is_refused(connection, tmp_path):
    declare(tmp_path, "facts", "hen", {"id": TEXT}, "SELECT '1' AS id, 2 AS eggs")
    with pytest.raises(BuildError, match=r"the SELECT gives \(id, eggs\), the contract says \(id\)"):
        build_table(connection, contracts_of(tmp_path), "hen", tmp_path / "build", DAY)


def test_broken_sql_names_the_table_and_the_file(connection, tmp_path):
    declare(tmp_path, "facts", "hen", {"id": TEXT}, "SELECT nothing AS id")
    with pytest.raises(BuildError, match=r"(?s)hen: .*hen\.sql"):
        build_table(connection, contracts_of(tmp_path), "hen", tmp_path / "build", DAY)


def test_an_error_never_repeats_a_value(connection, tmp_path):
    declare(tmp_path, "facts", "hen", {"id": TEXT}, "SELECT ('Zhang' || 'Wei')::DATE::VARCHAR AS id")
    with pytest.raises(BuildError, match="a value does not fit") as error:
        build_table(connection, contracts_of(tmp_path), "hen", tmp_path / "build", DAY)
    assert "ZhangWei" not in str(error.value)


def test_the_same_rows_in_another_order_give_the_same_bytes(connection, tmp_path):
    declare(tmp_path, "facts", "hen", {"id": TEXT}, "SELECT id FROM (VALUES ('2'), ('1'), ('3')) AS t (id)")
    build_table(connection, contracts_of(tmp_path), "hen", tmp_path / "one", DAY)
    (tmp_path / "facts" / "hen.sql").write_text("SELECT id FROM (VALUES ('3'), ('2'), ('1')) AS t (id)")
    build_table(connection, contracts_of(tmp_path), "hen", tmp_path / "two", DAY)
    assert (tmp_path / "one/hen" / ROWS).read_bytes() == (tmp_path / "two/hen" / ROWS).read_bytes()


def test_rows_that_keep_the_order_of_their_select_give_the_same_bytes_whatever_the_threads(connection, tmp_path):
    joined = """
        SELECT seen.id::VARCHAR AS id FROM (SELECT unnest(range(400000, 0, -1)) AS id) AS seen
        LEFT JOIN (SELECT unnest(range(1000000)) AS id) AS known ON seen.id = known.id
    """
    declare(tmp_path, "facts", "hen", {"id": TEXT}, joined, order="select")
    for threads in (1, 4):
        connection.execute(f"SET threads = {threads}")
        build_table(connection, contracts_of(tmp_path), "hen", tmp_path / str(threads), DAY)
    one, four = (tmp_path / threads / "hen" / ROWS for threads in ("1", "4"))
    assert one.read_bytes() == four.read_bytes()
    assert duckdb.read_parquet(str(one)).limit(2).fetchall() == [("400000",), ("399999",)]


def test_marts_and_feeds_hold_masked_values_and_golden_does_not(connection, tmp_path):
    for layer in ("golden", "marts", "feeds"):
        declare(
            tmp_path, layer, f"{layer}_t", {"id": TEXT, "mobile": PHONE}, "SELECT '1' AS id, '+8613912345678' AS mobile"
        )
    contracts = contracts_of(tmp_path)
    for layer in ("golden", "marts", "feeds"):
        build_table(connection, contracts, f"{layer}_t", tmp_path / "build", DAY)
    shown = connection.sql(
        "SELECT mobile FROM golden_t UNION ALL FROM (SELECT mobile FROM marts_t) UNION ALL SELECT mobile FROM feeds_t"
    )
    assert [row[0] for row in shown.fetchall()] == ["+8613912345678", "****5678", "****5678"]


def test_an_entity_unites_its_tables_and_fills_what_one_lacks_with_null(connection, tmp_path):
    key = "{type: source_key, description: D., zh: 列}"
    name = "{type: name_key, description: D., zh: 列}"
    shape = {"source_key": key, "name_key": name}
    sql = "SELECT '7' AS source_key, '张伟' AS name_key"
    for table in ("stg_card__holder", "stg_loyalty__member"):
        declare(tmp_path, "staging", table, shape, sql, entity="customer")
        (tmp_path / "staging" / f"{table}.yml").write_text(
            (tmp_path / "staging" / f"{table}.yml")
            .read_text(encoding="utf-8")
            .replace("grain: [id]", "grain: [source_key]"),
            encoding="utf-8",
        )
    columns = {
        "id": TEXT.replace("text", "text"),
        "record_key": TEXT,
        "source": TEXT,
        "name_key": name,
        "mobile": PHONE,
    }
    declare(tmp_path, "identity", "everyone", columns, unites="customer")
    contracts = contracts_of(tmp_path)
    for table in ("stg_card__holder", "stg_loyalty__member", "everyone"):
        build_table(connection, contracts, table, tmp_path / "build", DAY)
    rows = connection.sql("SELECT record_key, source, name_key, mobile FROM everyone ORDER BY 1").fetchall()
    assert rows == [("card:7", "card", "张伟", None), ("loyalty:7", "loyalty", "张伟", None)]


def test_the_day_is_a_parameter_of_the_select(connection, tmp_path):
    declare(tmp_path, "facts", "hen", {"id": TEXT}, "SELECT ($business_date - 1)::VARCHAR AS id")
    build_table(connection, contracts_of(tmp_path), "hen", tmp_path / "build", DAY)
    assert connection.sql("FROM hen").fetchall() == [("2026-01-30",)]
