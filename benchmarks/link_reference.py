"""Comparison levels of the same candidate pairs by recordlinkage and here: equal pair by pair, and at what cost.

`python benchmarks/link_reference.py RECORDS [ROWS]`; both from rows in memory to one level per pair and comparison.
"""

import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import recordlinkage

from matching.blocking import Pairs, expand, plan_blocks
from matching.evidence import ROUNDING, compare
from matching.link import Resources
from matching.model import MODELS, Model, parse_model, read_model
from matching.records import read_records

ALIKE, SLIP = 0.92, 1
COLUMNS = ("identity_document", "name_pinyin", "birth_date", "gender", "mobile", "email_key", "address_key")


def levels_model() -> Model:
    """The bank's blocking rules with comparisons both engines can make."""
    same = {column: {"levels": [{"name": "same", "same": [column]}]} for column in COLUMNS}
    same["identity_document"]["levels"].append({"name": "slip", "edits": {"of": "identity_document", "at_most": SLIP}})
    for column in ("name_pinyin", "address_key"):
        same[column]["levels"].append({"name": "alike", "similar": {"of": column, "at_least": ALIKE}})
    rules = [rule.model_dump(exclude_none=True) for rule in read_model(MODELS / "person.yml").blocking]
    document = {"description": "x", "version": "x-1", "key": "record_key", "blocking": rules, "comparisons": same}
    return parse_model(document, "levels")


def theirs(frame: pd.DataFrame, pairs: pd.MultiIndex) -> dict[str, np.ndarray]:
    """Levels as ours count them: 0 missing, then the levels in order, then different."""
    comparing = recordlinkage.Compare()
    for column in COLUMNS:
        comparing.exact(column, column, missing_value=np.nan, label=column)
    comparing.string(
        "identity_document", "identity_document", "damerau_levenshtein", missing_value=np.nan, label="slip"
    )
    for column in ("name_pinyin", "address_key"):
        comparing.string(column, column, "jarowinkler", missing_value=np.nan, label=f"{column} alike")
    found = comparing.compute(pairs, frame)
    sides = (frame["identity_document"].str.len().reindex(pairs.get_level_values(side)).to_numpy() for side in (0, 1))
    edits = np.rint((1 - found["slip"].to_numpy()) * np.maximum(*sides))
    closer = {"identity_document": edits <= SLIP}
    closer |= {c: found[f"{c} alike"].to_numpy() >= ALIKE - ROUNDING for c in ("name_pinyin", "address_key")}
    levels = {}
    for column in COLUMNS:
        exact = found[column].to_numpy()
        different = 3 if column in closer else 2
        other = np.where(closer[column], 2, 3) if column in closer else np.full(len(exact), different)
        levels[column] = np.where(np.isnan(exact), 0, np.where(exact == 1, 1, other))
    return levels


def main(path: Path, rows: int) -> None:
    table = pq.read_table(path, columns=None).slice(0, rows)
    model = levels_model()
    with Resources().connect() as connection:
        records = read_records(table, model, connection)
    blocks = plan_blocks(records, model)
    every = [expand(block, np.arange(len(block.entries)), blocks[:number]) for number, block in enumerate(blocks)]
    pairs = Pairs(np.concatenate([part.left for part in every]), np.concatenate([part.right for part in every]))
    frame = table.select(["record_key", *COLUMNS]).to_pandas().sort_values("record_key").reset_index(drop=True)
    index = pd.MultiIndex.from_arrays([pairs.left, pairs.right])
    began = time.process_time()
    reference = theirs(frame, index)
    spent_there = time.process_time() - began
    began = time.process_time()
    ours = {name: compare(records, comparison, pairs, with_text=True) for name, comparison in model.comparisons.items()}
    spent_here = time.process_time() - began
    began = time.process_time()
    with Resources().connect() as connection:
        read_records(table, model, connection)
    reading = time.process_time() - began
    unequal = sum(int((ours[column] != reference[column]).sum()) for column in COLUMNS)
    print(f"{len(frame):,} records, {len(pairs):,} pairs, {len(COLUMNS)} comparisons: {unequal} levels differ")
    print(f"recordlinkage {spent_there:.2f} CPU s; here {spent_here:.2f} to compare, {reading:.2f} to code the rows")
    print(f"{spent_there / spent_here:.0f} times faster, {spent_there / (spent_here + reading):.0f} with coding")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int((*sys.argv, 100_000)[2]))
