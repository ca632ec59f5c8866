"""What the CRM layer costs: CPU seconds and peak memory of every fact, mart and feed, against scanning its inputs.

`python benchmarks/crm_layer.py HOME` makes the tables from the build that the last night left in the installation HOME
once more, each in a process of its own, into a scratch folder. A scan reads every column of every table a SELECT names.
"""

import argparse
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from dags import pipeline
from warehouse.contract import Contract
from warehouse.engine import built_tables, connect, mount
from warehouse.publish import current_version
from warehouse.settings import Settings
from warehouse.transforms import build_order, build_table, dependencies, select_statement

Measured = tuple[float, float, int]  # CPU seconds, peak GB, rows


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("home", type=Path)
    settings = Settings.from_environment(arguments.parse_args().home)
    contracts = pipeline.contracts(settings)
    names = [name for name, each in contracts.items() if each.layer in pipeline.STAGES["marts"] and each.is_select]
    print(f"{'table':<28}{'rows':>12}{'CPU s':>8}{'scan':>8}{'ratio':>7}{'GB':>6}")
    total_cpu = total_scan = 0.0
    with tempfile.TemporaryDirectory(dir=settings.work) as scratch:
        for name in build_order(contracts, names):
            cpu, peak, rows = _apart(_build, settings, contracts, name, Path(scratch))
            scan, _, _ = _apart(_scan, settings, contracts, name, Path(scratch))
            total_cpu, total_scan = total_cpu + cpu, total_scan + scan
            print(f"{name:<28}{rows:>12,}{cpu:>8.2f}{scan:>8.2f}{cpu / scan:>7.1f}{peak:>6.2f}", flush=True)
    print(f"{'all':<28}{'':>12}{total_cpu:>8.2f}{total_scan:>8.2f}{total_cpu / total_scan:>7.1f}")


def _build(settings: Settings, contracts: dict[str, Contract], name: str, scratch: Path) -> int:
    day = current_version(settings).business_date
    with connect(settings) as connection:
        mount(connection, built_tables(pipeline.build_folder(settings)) | built_tables(scratch))
        return build_table(connection, contracts, name, scratch, day)


def _scan(settings: Settings, contracts: dict[str, Contract], name: str, scratch: Path) -> int:
    with connect(settings) as connection:
        mount(connection, built_tables(pipeline.build_folder(settings)) | built_tables(scratch))
        for table in sorted(dependencies(select_statement(contracts[name], contracts))):
            connection.execute(f"SELECT count(COLUMNS(*)) FROM {table}").fetchall()
    return 0


def _apart(work: Callable[..., int], *arguments: object) -> Measured:
    """Run `work` in a process of its own; what it cost beyond starting."""
    context = multiprocessing.get_context("fork")
    parent, child = context.Pipe()
    process = context.Process(target=_measured, args=(child, work, *arguments))
    process.start()
    measured: Measured = parent.recv()
    process.join()
    return measured


def _measured(pipe: object, work: Callable[..., int], *arguments: object) -> None:
    before = time.process_time()
    rows = work(*arguments)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    pipe.send((time.process_time() - before, peak, rows))  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
