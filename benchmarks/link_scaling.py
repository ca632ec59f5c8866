"""How linkage grows with the table: CPU seconds and peak memory of whole processes, by number of people.

`python benchmarks/link_scaling.py [PEOPLE ...]`; about 2.2 records a person.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq
from link_peers import measured

HERE = Path(__file__).resolve()


def main(sizes: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for people in sizes:
            records, clusters, pairs = (Path(folder) / f"{name}.parquet" for name in ("records", "clusters", "pairs"))
            generate = [sys.executable, str(HERE.with_name("link_population.py")), str(people), str(records)]
            subprocess.run(generate, check=True)
            command = [sys.executable, str(HERE.with_name("link_peers.py")), str(records)]
            spent, peak = measured([*command, "--here", str(clusters), str(pairs)])
            rows = pq.read_metadata(records).num_rows
            print(f"{rows:>10,} records {spent:7.2f} CPU s {rows / spent:>9,.0f} records/CPU s, peak {peak:.2f} GB")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [10_000, 50_000, 200_000])
