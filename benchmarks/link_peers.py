"""Cost and accuracy of this engine and of Splink 5 on one Parquet file, whole processes, in one run.

`python benchmarks/link_peers.py RECORDS PYTHON_WITH_SPLINK [--threads N] [--wide]`
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from matching.evaluate import evaluate
from matching.link import Resources, link
from matching.model import MODELS, BlockingRule, read_model

HERE = Path(__file__).resolve()


WIDE_RULE = BlockingRule(
    name="surname and birth year", keys=("left(name_key, 1)", "nullif(gender, 'unknown')", "year(birth_date)")
)


def link_here(records: Path, clusters: Path, pairs: Path, threads: int, *, is_wide: bool) -> None:
    model = read_model(MODELS / "person.yml")
    if is_wide:
        model = model.model_copy(update={"blocking": (*model.blocking, WIDE_RULE), "largest_block": 5000})
    linkage = link(records, model, resources=Resources(threads=threads))
    pq.write_table(linkage.clusters, clusters)
    pq.write_table(linkage.pairs, pairs)
    print(f"  ours compared {linkage.report['candidate_pairs']:,} candidate pairs")


def measured(command: list[str]) -> tuple[float, float]:
    """CPU seconds (user and system) and peak gigabytes of a whole process."""
    environment = os.environ | {"PYTHONPATH": str(HERE.parent.parent)}
    process = subprocess.Popen(command, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command[1]} failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e6


def best_f1(pairs: Path, records: Path, true_pairs: int) -> float:
    """Pairwise F1 of the pairs alone at whatever threshold serves them best."""
    best = duckdb.execute(
        """
        WITH judged AS (
            SELECT pair.match_probability::DOUBLE AS probability, (one.person_id = other.person_id)::INT AS is_true
            FROM read_parquet($pairs) AS pair
            JOIN read_parquet($records) AS one ON one.record_key = pair.LEFT_KEY
            JOIN read_parquet($records) AS other ON other.record_key = pair.RIGHT_KEY
        ),
        running AS (
            SELECT sum(is_true) OVER best_first AS hits, count(*) OVER best_first AS kept
            FROM judged WINDOW best_first AS (ORDER BY probability DESC)
        )
        SELECT max(2 * hits / (kept + $true_pairs)) FROM running
        """.replace("LEFT_KEY", pq.read_schema(pairs).names[0]).replace("RIGHT_KEY", pq.read_schema(pairs).names[1]),
        {"pairs": str(pairs), "records": str(records), "true_pairs": true_pairs},
    ).fetchone()
    return float(best[0]) if best else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path)
    parser.add_argument("splink_python", nargs="?")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--wide", action="store_true", help="one blocking rule more, with ten times the pairs")
    parser.add_argument("--here", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        link_here(options.records, *options.here, options.threads, is_wide=options.wide)
        return
    truth = pq.read_table(options.records, columns=["record_key", "person_id"]).sort_by("record_key")
    spent = {}
    with tempfile.TemporaryDirectory() as folder:
        clusters, pairs = Path(folder) / "clusters.parquet", Path(folder) / "pairs.parquet"
        ours = [sys.executable, str(HERE), str(options.records), "--threads", str(options.threads)]
        theirs = [options.splink_python, str(HERE.with_name("link_with_splink.py")), str(options.records)]
        wide = ["--wide"] if options.wide else []
        runs = {
            "ours": [*ours, "--here", str(clusters), str(pairs), *wide],
            "splink": [*theirs, str(clusters), str(pairs), str(options.threads), *wide],
        }
        for name, command in runs.items():
            spent[name], peak = measured(command)
            found = pq.read_table(clusters).sort_by("record_key")
            quality = evaluate(found["cluster"], truth["person_id"])
            kept = pq.read_metadata(pairs).num_rows
            print(
                f"{name:7} {spent[name]:7.2f} CPU s, peak {peak:.2f} GB, {kept:,} pairs kept,"
                f" best threshold F1 {best_f1(pairs, options.records, quality.true_pairs):.4f}; clusters:"
                f" pairwise precision {quality.precision.value:.4f} recall {quality.recall.value:.4f}"
                f" F1 {quality.f1:.4f}, cluster F1 {quality.cluster_f1:.4f}"
            )
    print(f"ours takes {spent['ours'] / spent['splink']:.2f} of Splink's CPU; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
