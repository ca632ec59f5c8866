"""Accuracy by slice of a linked simulated bank: twins, households, common names, masked ids; never only the mean.

`python benchmarks/link_slices.py C360_HOME FOLDER`, FOLDER holding customer_record and customer_xref.
"""

import sys
from pathlib import Path

import duckdb
import pyarrow as pa

from matching.evaluate import Quality, evaluate, evaluate_slices

SLICES = {
    "twins": "person_id IN (SELECT person_id FROM person WHERE twin_of <> '' UNION SELECT twin_of FROM person)",
    "phone of several": "mobile IN (SELECT mobile FROM record GROUP BY ALL HAVING count(DISTINCT person_id) > 1)",
    "name shared by five people or more": (
        "name_key IN (SELECT name_key FROM record GROUP BY ALL HAVING count(DISTINCT person_id) >= 5)"
    ),
    "two-character names": "length(name_key) = 2",
    "names with ·": "contains(name, '·')",
    "romanised names": "regexp_full_match(name, '[A-Za-z ,.]+')",
    "15-digit ids": "identity_status = 'upgraded'",
    "masked ids": "identity_status = 'masked'",
    "no id": "identity_document IS NULL",
    "other documents": "identity_status = 'other_document'",
    "no phone": "mobile IS NULL",
    "organisations": "party_type <> 'person'",
}


def main(home: Path, folder: Path) -> None:
    with duckdb.connect() as connection:
        rows = records(connection, home, folder)
    tell("all", evaluate(rows["customer_id"], rows["person_id"]))
    for number, name in enumerate(SLICES):
        labels = pa.array([name if inside else None for inside in rows[f"slice_{number}"].to_pylist()])
        for quality in evaluate_slices(rows["customer_id"], rows["person_id"], labels).values():
            tell(name, quality)


def records(connection: duckdb.DuckDBPyConnection, home: Path, folder: Path) -> pa.Table:
    connection.execute(
        f"""
        CREATE TABLE person AS FROM read_parquet('{home}/sources/truth/truth_person.parquet');
        CREATE TABLE record AS
        SELECT customer_record.*, customer_id, person_id
        FROM read_parquet('{folder}/customer_record/rows.parquet') AS customer_record
        JOIN read_parquet('{folder}/customer_xref/rows.parquet') AS xref USING (record_key)
        JOIN (
            SELECT source || ':' || source_key AS record_key, max_by(person_id, business_date) AS person_id
            FROM read_parquet('{home}/sources/truth/truth_record.parquet') GROUP BY ALL
        ) USING (record_key)
        WHERE xref.valid_to IS NULL;
        """
    )
    slices = ", ".join(f"coalesce({sql}, false) AS slice_{number}" for number, sql in enumerate(SLICES.values()))
    return connection.sql(f"SELECT customer_id, person_id, {slices} FROM record ORDER BY record_key").to_arrow_table()


def tell(name: str, quality: Quality) -> None:
    print(
        f"{name:36} {quality.records:>9,} records  precision {quality.precision.value:.4f}"
        f" ({quality.precision.low:.4f}-{quality.precision.high:.4f})  recall {quality.recall.value:.4f}"
        f" ({quality.recall.low:.4f}-{quality.recall.high:.4f})  cluster F1 {quality.cluster_f1:.4f}"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
