"""How good a published linkage is against the simulated truth: as a whole, by kind of hard case, by threshold."""

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from matching.evaluate import Quality, evaluate, evaluate_slices, threshold_curve
from warehouse.engine import quoted

COMMON_NAME = 5  # people who bear it
KINDS = "string_split(coalesce({}, ''), '; ')"
SLICES = {
    "twins": "list_contains(kinds, 'twin')",
    "parent and child on one phone": "list_contains(kinds, 'parent and child on one phone')",
    "same name in one city": "namesakes_in_city > 1",
    "common names": f"namesakes >= {COMMON_NAME}",
    "two-character names": "list_contains(kinds, 'two-character name')",
    "compound surnames": "list_contains(kinds, 'compound surname')",
    "minority names": "list_contains(kinds, 'minority name')",
    "traditional characters": "list_contains(defects, 'name: traditional form')",
    "pinyin only": "list_contains(defects, 'name: romanised')",
    "foreigners": "list_contains(kinds, 'foreigner')",
    "Hong Kong, Macau, Taiwan": "list_contains(kinds, 'hong kong, macau or taiwan')",
    "name changed": "list_contains(kinds, 'renamed')",
    "moved": "list_contains(kinds, 'moved')",
    "former phone": "list_contains(defects, 'mobile: stale')",
    "15-digit ids": "identity_status = 'upgraded'",
    "masked ids": "identity_status = 'masked'",
    "no id": "identity_document IS NULL",
    "other documents": "identity_status = 'other_document'",
    "companies": "list_contains(kinds, 'company')",
    "sole traders": "list_contains(kinds, 'sole trader')",
}


def judge(customer_record: Path, customer_xref: Path, match_pair: Path, truth: Path) -> dict[str, Any]:
    """Quality of the linkage of a version against the truth tables of a simulated bank, with 95% intervals."""
    with duckdb.connect() as connection:
        _create_record(connection, customer_record, customer_xref, truth)
        flags = ", ".join(f"coalesce({sql}, false) AS slice_{i}" for i, sql in enumerate(SLICES.values()))
        rows = connection.sql(
            f"SELECT customer_id, person_id, {flags} FROM record ORDER BY record_key"
        ).to_arrow_table()
        pairs = connection.sql(
            f"""
            SELECT match_probability, one.person_id = other.person_id AS is_true
            FROM read_parquet({quoted(match_pair)}) AS pair
            INNER JOIN record AS one ON one.record_key = pair.record_key_left
            INNER JOIN record AS other ON other.record_key = pair.record_key_right
            """
        ).to_arrow_table()
    quality = evaluate(rows["customer_id"], rows["person_id"])
    probability, is_true = (np.asarray(pairs[name].to_numpy()) for name in ("match_probability", "is_true"))
    return {
        "records": quality.records,
        "people": len(rows["person_id"].unique()),
        "pairwise": _shares(quality),
        "cluster": {
            "f1": quality.cluster_f1,
            "precision": quality.cluster_precision,
            "recall": quality.cluster_recall,
        },
        "slices": {name: told for i, name in enumerate(SLICES) if (told := _slice(rows, i, name))},
        "thresholds": threshold_curve(probability, is_true.astype(bool), quality.true_pairs),
    }


def _create_record(connection: duckdb.DuckDBPyConnection, records: Path, xref: Path, truth: Path) -> None:
    """Each record with its customer, its true person and what is known of both."""
    connection.execute(
        f"""
        CREATE TABLE record AS
        WITH person AS (
            SELECT
                person_id, {KINDS.format("slices")} AS kinds, count(*) OVER (PARTITION BY name) AS namesakes,
                count(*) OVER (PARTITION BY name, city) AS namesakes_in_city
            FROM read_parquet({quoted(truth / "truth_person.parquet")})
        ),
        recorded AS (
            SELECT source || ':' || source_key AS record_key, max_by(person_id, business_date) AS person_id,
                max_by({KINDS.format("defects")}, business_date) AS defects
            FROM read_parquet({quoted(truth / "truth_record.parquet")}) GROUP BY ALL
        )
        SELECT
            record_key, customer_id, person_id, identity_status, identity_document, defects, kinds, namesakes,
            namesakes_in_city
        FROM read_parquet({quoted(xref)}) AS xref
        INNER JOIN recorded USING (record_key)
        LEFT JOIN read_parquet({quoted(records)}) AS customer_record USING (record_key)
        LEFT JOIN person USING (person_id)
        WHERE xref.valid_to IS NULL
        """
    )


def _slice(rows: pa.Table, number: int, name: str) -> dict[str, Any] | None:
    """Quality where at least one record of a pair is of this kind; None where no record is."""
    labels = pc.if_else(rows[f"slice_{number}"], name, None)
    for quality in evaluate_slices(rows["customer_id"], rows["person_id"], labels).values():
        return _shares(quality) | {"records": quality.records, "cluster_f1": quality.cluster_f1}
    return None


def _shares(quality: Quality) -> dict[str, Any]:
    told: dict[str, Any] = {"f1": quality.f1, "pairs": quality.true_pairs}
    for name, share in (("precision", quality.precision), ("recall", quality.recall)):
        told |= {name: share.value, f"{name}_interval": [share.low, share.high]}
    return told
