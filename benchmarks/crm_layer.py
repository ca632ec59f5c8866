"""What the CRM layer costs: CPU seconds and peak memory of every fact, mart and feed, against scanning its inputs.

`python benchmarks/crm_layer.py HOME` makes the tables from the build that the last night left in the installation HOME
once more, each in a process of its own, into a scratch folder. A scan decodes every value of every table a SELECT
names, once for each table that names it: the values are hashed, since counts and extremes are answered from the
statistics of Parquet without reading. Libraries of models load once a night, and once here, on a line of their own.
On a machine that does other work too, `--repeat` takes the cheapest of several runs of each.
"""

import argparse
import importlib
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from dags import pipeline
from warehouse.contract import Contract
from warehouse.engine import built_tables, connect, mount
from warehouse.publish import current_version
from warehouse.settings import Settings
from warehouse.transforms import build_order, build_table, dependencies, select_statement

Measured = tuple[float, float, int]  # CPU seconds, peak GB, rows
LIBRARIES = ("pyarrow.compute", "sklearn.linear_model", "sklearn.cluster", "sklearn.metrics", "scipy.optimize")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("home", type=Path)
    arguments.add_argument("--repeat", type=int, default=1)
    asked = arguments.parse_args()
    settings = Settings.from_environment(asked.home)
    contracts = pipeline.contracts(settings)
    names = [name for name, each in contracts.items() if each.layer in pipeline.STAGES["marts"] and each.is_select]
    print(f"{'table':<28}{'rows':>12}{'CPU s':>8}{'scan':>8}{'ratio':>7}{'GB':>6}")
    total_cpu, total_scan = _load_libraries(), 0.0
    print(f"{'libraries of models':<28}{'':>12}{total_cpu:>8.2f}")
    with tempfile.TemporaryDirectory(dir=settings.work) as scratch:
        for name in build_order(contracts, names):
            runs = [
                [_apart(work, settings, contracts, name, Path(scratch)) for work in (_build, _scan)]
                for _ in range(asked.repeat)
            ]
            (cpu, peak, rows), (scan, _, _) = min(run[0] for run in runs), min(run[1] for run in runs)
            total_cpu, total_scan = total_cpu + cpu, total_scan + scan
            print(f"{name:<28}{rows:>12,}{cpu:>8.2f}{scan:>8.2f}{cpu / max(scan, 1e-3):>7.1f}{peak:>6.2f}", flush=True)
    print(f"{'all':<28}{'':>12}{total_cpu:>8.2f}{total_scan:>8.2f}{total_cpu / total_scan:>7.1f}")


def _load_libraries() -> float:
    before = time.process_time()
    for library in LIBRARIES:
        importlib.import_module(library)
    return time.process_time() - before


def _build(settings: Settings, contracts: dict[str, Contract], name: str, scratch: Path) -> Measured:
    day = current_version(settings).business_date
    with connect(settings) as connection:
        mount(connection, built_tables(pipeline.build_folder(settings)) | built_tables(scratch))
        return _measured(lambda: build_table(connection, contracts, name, scratch, day))


def _scan(settings: Settings, contracts: dict[str, Contract], name: str, scratch: Path) -> Measured:
    inputs = sorted(dependencies(select_statement(contracts[name], contracts)))
    with connect(settings) as connection:
        mount(connection, built_tables(pipeline.build_folder(settings)) | built_tables(scratch))
        return _measured(lambda: sum(_read(connection, table) for table in inputs))


def _read(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    ((rows, _),) = connection.execute(f"SELECT count(*), bit_xor(hash(*COLUMNS(*))) FROM {table}").fetchall()
    return int(rows)


def _apart(work: Callable[..., Measured], *arguments: object) -> Measured:
    """Run `work` in a process of its own."""
    context = multiprocessing.get_context("fork")
    parent, child = context.Pipe()
    process = context.Process(target=lambda: child.send(work(*arguments)))
    process.start()
    measured: Measured = parent.recv()
    process.join()
    return measured


def _measured(work: Callable[[], int]) -> Measured:
    before = time.process_time()
    rows = work()
    return time.process_time() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, rows


if __name__ == "__main__":
    main()
