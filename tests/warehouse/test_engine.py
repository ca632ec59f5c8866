import duckdb
import pytest

from warehouse.engine import ROWS, built_tables, connect, mount, quoted, write_query


def test_memory_is_bounded_and_spills_into_work(settings):
    with connect(settings) as connection:
        limit, folder = connection.execute(
            "SELECT current_setting('memory_limit'), current_setting('temp_directory')"
        ).fetchall()[0]
    assert limit == "953.6 MiB"
    assert str(settings.work) in folder


def test_a_query_that_fails_leaves_no_file(settings, tmp_path):
    target = tmp_path / "t" / ROWS
    with connect(settings) as connection, pytest.raises(duckdb.Error):
        write_query(connection, "SELECT error('stop') AS never", target)
    assert not target.exists()


def test_written_tables_are_found_and_mounted(settings, tmp_path):
    with connect(settings) as connection:
        assert write_query(connection, "SELECT 1 AS id UNION ALL SELECT 2", tmp_path / "t" / ROWS) == 2
        mount(connection, built_tables(tmp_path))
        assert connection.sql("SELECT sum(id) FROM t").fetchall() == [(3,)]


def test_a_quote_in_a_path_stays_a_quote():
    assert quoted("it's") == "'it''s'"
