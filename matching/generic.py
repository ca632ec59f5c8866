"""Linkage of any table, for people who only have a file: deduplicate one, link two, with a model or a suggested one."""

import codecs
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa
import yaml

from matching.evaluate import evaluate
from matching.link import Linkage, Resources, link
from matching.model import Model, parse_model, read_model
from matching.prepared import quoted_name
from matching.progress import Progress, silent
from matching.suggest import suggest_model
from warehouse.engine import quoted
from warehouse.errors import ToldError

ROW = "row_number_of_file"
SIDE = "side_of_file"
BLOCK_BYTES = 1 << 20


class FileError(ToldError, ValueError):
    """A file cannot be linked; the message says what to change."""


def dedupe(
    table: Path,
    output: Path,
    *,
    id_column: str | None = None,
    model_path: Path | None = None,
    truth_column: str | None = None,
    resources: Resources | None = None,
    ignore: Sequence[str] = (),
    progress: Progress = silent,
) -> dict[str, Any]:
    """Write `table` to `output` with its cluster and confidence; counts, and quality where `truth_column` is known."""
    resources = resources or Resources()
    with resources.connect() as connection:
        rows = _read(connection, table)
        key = id_column or ROW
        _require(rows, [key, *([truth_column] if truth_column else [])], table)
        truth = [truth_column] if truth_column else []
        model = _model(connection, rows, key, model_path, [*ignore, *truth])
        linkage = link(rows, model, resources=resources, progress=progress)
        joined = _with_clusters(connection, rows, key, linkage)
        _write(connection, joined, output)
    report = dict(linkage.report) | {"columns": joined.column_names[-2:]}
    if truth_column:
        report["quality"] = evaluate(joined[joined.column_names[-2]], joined[truth_column]).as_dict()
    return report


def link_two(
    left: Path,
    right: Path,
    output: Path,
    *,
    id_column: str,
    model_path: Path | None = None,
    resources: Resources | None = None,
    ignore: Sequence[str] = (),
    progress: Progress = silent,
) -> dict[str, Any]:
    """Write the matching pairs between two files; rows of one file are not paired with each other.

    A row that matches two rows which are not one thing themselves keeps the better match; the other is for review.
    """
    resources = resources or Resources()
    with resources.connect() as connection:
        sides = [_read(connection, path) for path in (left, right)]
        for rows, path in zip(sides, (left, right), strict=True):
            _require(rows, [id_column], path)
        both = _stacked(connection, sides, id_column)
        model = _model(connection, both, "record_of_side", model_path, [SIDE, id_column, ROW, *ignore])
        model = model.model_copy(update={"between": SIDE, "key": "record_of_side"})
        linkage = link(both, model, resources=resources, progress=progress)
        connection.register("pairs", linkage.pairs)
        connection.register("clusters", linkage.clusters)
        named = connection.sql(
            """
            SELECT substr(record_key_left, 3) AS id_left, substr(record_key_right, 3) AS id_right,
                pairs.* EXCLUDE (record_key_left, record_key_right) REPLACE (
                    CASE WHEN one.cluster = other.cluster OR decision <> 'match' THEN decision ELSE 'review' END
                    AS decision
                )
            FROM pairs
            JOIN clusters AS one ON one.record_key = record_key_left
            JOIN clusters AS other ON other.record_key = record_key_right
            WHERE decision <> 'no_match'
            ORDER BY ALL
            """
        ).to_arrow_table()
        _write(connection, named, output)
    return dict(linkage.report)


def suggest(table: Path, *, id_column: str | None = None, ignore: list[str] | None = None) -> str:
    """YAML of a model suggested for a file."""
    with duckdb.connect() as connection:
        rows = _read(connection, table)
        connection.register("rows_to_profile", rows)
        return suggest_model("rows_to_profile", id_column or ROW, connection, [ROW, *(ignore or [])])


def _model(
    connection: duckdb.DuckDBPyConnection, rows: pa.Table, key: str, model_path: Path | None, ignore: list[str]
) -> Model:
    if model_path is not None:
        return read_model(model_path)
    connection.register("rows_to_profile", rows)
    text = suggest_model("rows_to_profile", key, connection, [ROW, *ignore])
    return parse_model(yaml.load(text, Loader=yaml.BaseLoader), "suggested model")  # noqa: S506 (BaseLoader is safe)


def _read(connection: duckdb.DuckDBPyConnection, path: Path) -> pa.Table:
    """All rows in file order, with their number; a CSV in UTF-8 or GB18030, whatever separates its columns."""
    if path.suffix not in (".csv", ".tsv", ".txt", ".parquet"):
        raise FileError(f"{path}: neither .csv nor .parquet; convert it to one of them")
    if not path.exists():
        raise FileError(f"{path}: no such file; check its name")
    with TemporaryDirectory() as folder:
        relation = f"read_parquet({quoted(path)})"
        if path.suffix != ".parquet":
            options = "all_varchar = true, header = true, null_padding = true, parallel = false"
            relation = f"read_csv({quoted(_in_utf8(path, Path(folder)))}, {options})"
        query = f"SELECT *, CAST(row_number() OVER () AS VARCHAR) AS {ROW} FROM {relation}"
        try:
            return connection.sql(query).to_arrow_table()
        except duckdb.Error as error:
            raise FileError(f"{path}: cannot be read: {str(error).splitlines()[0]}; correct or convert it") from error


def _in_utf8(path: Path, folder: Path) -> Path:
    """The file itself, or a copy in UTF-8 of one in GB18030."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            for block in iter(lambda: file.read(BLOCK_BYTES), b""):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        copy = folder / "in_utf8.csv"
        try:
            with path.open(encoding="gb18030", newline="") as file, copy.open("w", encoding="utf-8", newline="") as out:
                shutil.copyfileobj(file, out)
        except UnicodeDecodeError as error:
            raise FileError(f"{path}: neither UTF-8 nor GB18030; convert it to UTF-8") from error
        return copy
    return path


def _require(rows: pa.Table, columns: list[str], path: Path) -> None:
    if missing := [column for column in columns if column not in rows.column_names]:
        known = ", ".join(name for name in rows.column_names if name != ROW)
        raise FileError(f"{path}: has no column {', '.join(missing)}; it has {known}")


def _with_clusters(connection: duckdb.DuckDBPyConnection, rows: pa.Table, key: str, linkage: Linkage) -> pa.Table:
    """The rows of the file with two columns more: cluster and confidence, renamed where the file has such columns."""
    connection.register("file_rows", rows)
    connection.register("found", linkage.clusters)
    taken = {name.lower() for name in rows.column_names}
    cluster, confidence = (f"linked_{name}" if name in taken else name for name in ("cluster", "confidence"))
    return connection.sql(
        f"""
        SELECT file_rows.* EXCLUDE ({ROW}), found.cluster AS {cluster}, found.confidence AS {confidence}
        FROM file_rows JOIN found ON found.record_key = CAST(file_rows.{quoted_name(key)} AS VARCHAR)
        ORDER BY CAST(file_rows.{ROW} AS BIGINT)
        """
    ).to_arrow_table()


def _stacked(connection: duckdb.DuckDBPyConnection, sides: list[pa.Table], id_column: str) -> pa.Table:
    for name, rows in zip("ab", sides, strict=True):
        connection.register(f"side_{name}", rows)
    selects = [
        f"SELECT *, '{name}' AS {SIDE}, '{name}:' || CAST({quoted_name(id_column)} AS VARCHAR) AS record_of_side"
        f" FROM side_{name}"
        for name in "ab"
    ]
    return connection.sql(" UNION ALL BY NAME ".join(selects)).to_arrow_table()


def _write(connection: duckdb.DuckDBPyConnection, rows: pa.Table, output: Path) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    connection.register("rows_to_write", rows)
    options = "FORMAT csv, HEADER" if output.suffix == ".csv" else "FORMAT parquet, COMPRESSION zstd"
    connection.execute(f"COPY (SELECT * FROM rows_to_write) TO {quoted(output)} ({options})")
