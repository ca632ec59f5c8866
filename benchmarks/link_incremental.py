"""CPU of linking a 1% change (half new records, half changed ones, some gone) against linking everybody again.

`python benchmarks/link_incremental.py RECORDS [SHARE]`, RECORDS made by link_population.py. Counted: from the changed
rows as a table to the clusters of everybody as arrays, one process, the standing linkage in memory, the engine in which
a night has found its changes open. Not counted: finding what changed, writing tables, ids. The full run counts from the
file to the same arrays. All are run three times by turns and the sums compared, since other work on the machine makes
CPU seconds longer.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from matching.incremental import update
from matching.link import Linkage, Resources, link
from matching.model import MODELS, read_model
from matching.standing import stand

Found = TypeVar("Found")
ROUNDS = 3


def timed(name: str, work: Callable[[], Found]) -> tuple[float, Found]:
    began = time.process_time()
    found = work()
    spent = time.process_time() - began
    print(f"{name:52} {spent:7.2f} CPU s", flush=True)
    return spent, found


def change(records: pa.Table, share: float, seed: int) -> tuple[pa.Table, pa.Table, list[str]]:
    """Records before, those new or changed after, and keys gone; `share` of all between them."""
    generator = np.random.default_rng(seed)
    order = generator.permutation(records.num_rows)
    count = int(records.num_rows * share)
    new, changed, gone = np.split(order[:count], [count // 2, count - count // 10])
    before = records.take(np.sort(np.setdiff1d(order, new)))
    moved = records.take(changed)
    donors = records.take(generator.permutation(changed))
    for name in ("mobile", "address_key"):
        moved = moved.set_column(moved.column_names.index(name), name, donors[name])
    return before, pa.concat_tables([records.take(new), moved]), records["record_key"].take(gone).to_pylist()


def main(path: Path, share: float) -> None:
    model = read_model(MODELS / "person.yml")
    records = pq.read_table(path).drop([name for name in ("person_id", "slice") if name in pq.read_schema(path).names])
    before, delta, gone = change(records, share, seed=1)
    dropped = pa.concat_arrays([delta["record_key"].combine_chunks(), pa.array(gone)])
    kept = before.filter(pc.invert(pc.is_in(before["record_key"], value_set=dropped)))
    after = path.with_name("after.parquet")
    pq.write_table(pa.concat_tables([kept, delta]), after)
    print(f"{before.num_rows:,} records; {delta.num_rows:,} new or changed, {len(gone):,} gone")
    _, standing = timed("everybody, learning weights, laid out to stand", lambda: stand(before, model))
    spent = learning = frozen = 0.0
    engine = Resources().connect()
    for _ in range(ROUNDS):
        change_s, updated = timed("the change", lambda: update(standing, delta, gone, connection=engine))
        learning_s, _ = timed("everybody again, learning weights", lambda: link(after, model))
        frozen_s, full = timed("everybody again, same weights", lambda: link(after, model, weights=standing.weights))
        spent, learning, frozen = spent + change_s, learning + learning_s, frozen + frozen_s
    print(f"{100 * spent / learning:.1f}% of a full run, {100 * spent / frozen:.1f}% of one that learns nothing")
    print(f"same pairs and clusters: {is_same(updated.linkage(), full)}")
    print({name: updated.report[name] for name in ("candidate_pairs", "compared_again", "clustered_again")})


def is_same(found: Linkage, expected: Linkage) -> bool:
    keys = [("record_key_left", "ascending"), ("record_key_right", "ascending")]
    same_clusters = found.clusters.sort_by("record_key").equals(expected.clusters)
    return bool(same_clusters and found.pairs.sort_by(keys).equals(expected.pairs))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float((*sys.argv, 0.01)[2]))
