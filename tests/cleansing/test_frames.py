"""The same core in pandas batches and in Spark: the values are those of the pipeline, whatever carries the rows."""

import csv
import sys
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from landing_days import column, contract_of

from cleansing.batches import clean_batch, staging_schema
from cleansing.frames import clean_frames, landed_schema, spark_schema
from warehouse.contract import Contract

CASES = Path(__file__).parent / "cases"


@pytest.fixture
def contract(tmp_path: Path) -> Contract:
    kinds = {
        "source_key": ("source_key", "id"), "name": ("person_name", "nm"), "name_key": ("name_key", "nm"),
        "name_pinyin": ("name_pinyin", "nm"), "name_readings": ("name_readings", "nm"),
        "identity_document": ("identity_document", "no"),
        "birth_date": ("birth_date", "born"), "mobile": ("phone", "tel"), "address_key": ("address_key", "addr"),
        "balance": ("money", "bal"), "updated_at": ("timestamp", "ts"), "is_staff": ("flag", "staff"),
    }  # fmt: skip
    lines = [column(name, type=kind, from_=origin) for name, (kind, origin) in kinds.items()]
    return contract_of(tmp_path, "stg_card__holder", "".join(lines))


@pytest.fixture
def landed() -> pd.DataFrame:
    """Every hard case of several kinds side by side."""

    def raw(name: str) -> list[str]:
        with (CASES / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            return [row["raw"] for row in csv.DictReader(lines)]

    names, documents, dates = raw("names"), raw("documents"), raw("dates")
    phones, addresses, money = raw("phones"), raw("addresses"), raw("money")
    rows = len(names)

    def filled(values: list[str]) -> list[str]:
        return (values * (rows // len(values) + 1))[:rows]

    frame = pd.DataFrame(
        {
            "id": [str(number) for number in range(rows)], "nm": names, "no": filled(documents), "born": filled(dates),
            "tel": filled(phones), "addr": filled(addresses), "bal": filled(money),
            "ts": filled(["2026-01-31T08:00:00+08:00", "20260131080000", ""]), "staff": filled(["Y", "N", ""]),
        }
    )  # fmt: skip
    frame["source_row"] = range(1, rows + 1)
    return frame.where(frame != "", None)


def by_arrow(contract: Contract, landed: pd.DataFrame) -> list[dict[str, Any]]:
    schema = landed_schema(landed.columns)
    batch = pa.RecordBatch.from_pandas(landed, schema=schema, preserve_index=False)
    return clean_batch(contract, batch).rows.to_pylist()


@pytest.mark.parametrize("rows_in_a_frame", [1, 7, 1000])
def test_frames_give_the_rows_of_the_pipeline(contract: Contract, landed: pd.DataFrame, rows_in_a_frame: int):
    frames = [landed.iloc[at : at + rows_in_a_frame] for at in range(0, len(landed), rows_in_a_frame)]
    cleaned = pd.concat(list(clean_frames(contract, frames)), ignore_index=True)
    again = pa.Table.from_pandas(cleaned, schema=staging_schema(contract), preserve_index=False)
    assert again.to_pylist() == by_arrow(contract, landed)


@pytest.mark.parametrize("rows_in_a_batch", [7, 1000])
def test_batches_of_duckdb_give_the_rows_of_the_pipeline(
    contract: Contract, landed: pd.DataFrame, rows_in_a_batch: int
):
    sent = pa.Table.from_pandas(landed, schema=landed_schema(landed.columns), preserve_index=False)
    with duckdb.connect() as reading, duckdb.connect() as writing:
        reading.register("landed", sent)
        batches = reading.sql("FROM landed ORDER BY source_row").to_arrow_reader(rows_in_a_batch)
        cleaned = (clean_batch(contract, batch).rows for batch in batches)
        writing.register("cleaned", pa.RecordBatchReader.from_batches(staging_schema(contract), cleaned))
        rows = writing.sql("FROM cleaned").to_arrow_table().to_pylist()
    assert rows == by_arrow(contract, landed)


def test_every_column_of_every_standardised_table_has_a_type_in_spark(contract: Contract):
    assert spark_schema(contract).startswith("source_key string, name string")
    assert "balance decimal(18, 2), updated_at timestamp_ntz, is_staff boolean, source_row bigint" in spark_schema(
        contract
    )


@pytest.mark.filterwarnings("default")  # those of Spark about itself
def test_spark_gives_the_rows_of_the_pipeline(contract: Contract, landed: pd.DataFrame, monkeypatch):
    sql = pytest.importorskip("pyspark.sql")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    spark = sql.SparkSession.builder.master("local[2]").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    try:
        sent = spark.createDataFrame(
            landed.astype(object).where(landed.notna(), None).to_numpy().tolist(),
            ", ".join(f"{name} {'bigint' if name == 'source_row' else 'string'}" for name in landed.columns),
        )
        cleaned = sent.repartition(3).mapInPandas(partial(clean_frames, contract), spark_schema(contract))
        rows = [row.asDict() for row in cleaned.orderBy("source_row").collect()]
    finally:
        spark.stop()
    assert rows == by_arrow(contract, landed)
