"""Accuracy and cost of linking a Parquet file that carries its own truth: person_id, and slice where there is one."""

import resource
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from matching.evaluate import evaluate, evaluate_slices, same_truth, threshold_curve
from matching.link import Resources, link
from matching.model import MODELS, read_model


def main(path: Path, threads: int) -> None:
    wall, cpu = time.perf_counter(), time.process_time()

    def progress(step: str, _share: float = 1) -> None:
        print(f"{time.perf_counter() - wall:6.2f} s wall {time.process_time() - cpu:6.2f} s CPU  {step}")

    linkage = link(path, read_model(MODELS / "person.yml"), resources=Resources(threads=threads), progress=progress)
    progress("done")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB;", linkage.report)
    truth = pq.read_table(path, columns=["record_key", "person_id", "slice"]).sort_by("record_key")
    quality = evaluate(linkage.clusters["cluster"], truth["person_id"])
    print(
        f"pairwise precision {quality.precision.value:.5f} recall {quality.recall.value:.5f} F1 {quality.f1:.5f};"
        f" cluster F1 {quality.cluster_f1:.5f}"
    )
    for name, part in evaluate_slices(linkage.clusters["cluster"], truth["person_id"], truth["slice"]).items():
        print(f"{name:12} {part.records:8} precision {part.precision.value:.4f} recall {part.recall.value:.4f}")
    person = dict(zip(truth["record_key"].to_pylist(), truth["person_id"].to_pylist(), strict=True))
    is_true = same_truth(linkage.pairs["record_key_left"], linkage.pairs["record_key_right"], person)
    for point in threshold_curve(np.asarray(linkage.pairs["match_probability"]), is_true, quality.true_pairs):
        print({name: round(value, 5) for name, value in point.items()})
    for name, m, u in zip(
        linkage.weights.comparisons, linkage.weights.m, zip(*linkage.weights.u, strict=True), strict=True
    ):
        print(name, [f"{x:.4f}" for x in m[1:]], [[f"{x:.2g}" for x in context[1:]] for context in u])


if __name__ == "__main__":
    main(Path(sys.argv[1]), int((*sys.argv, 2)[2]))
