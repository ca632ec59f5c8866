"""Airflow on this machine: DAGs run inside this process, or its services bound to 127.0.0.1 for a person to open."""

import os
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from warehouse.errors import ToldError
from warehouse.runs import only_writer
from warehouse.settings import Settings

DAGS_FOLDER = Path(__file__).parent
API_SERVER = ("api-server", "--host", "127.0.0.1")
OTHER_SERVICES = (("scheduler", "--skip-serve-logs"), ("dag-processor",), ("triggerer", "--skip-serve-logs"))
START_SECONDS = 180


class DagFailedError(ToldError):
    """A DAG run ended without success; the message names the DAG, the day and the tasks that failed."""


def configure(settings: Settings) -> Path:
    """Point Airflow at this installation (before it is imported); returns its home folder."""
    home = settings.home / "airflow"
    home.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        {
            "C360_HOME": str(settings.home),
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS_FOLDER),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__PARALLELISM": "2",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        }
    )
    return home


def run_nights(settings: Settings, days: Sequence[date]) -> None:
    """Run the whole night of each business date in this process: every source, the build, the feeds.

    Raises AlreadyRunningError while another process runs nights here, DagFailedError when a DAG does not succeed.
    """
    with only_writer(settings):
        dags = _load_dags(settings)
        landing = sorted(dag_id for dag_id in dags if dag_id.startswith("land_"))
        for business_date in days:
            for dag_id in [*landing, "customer_360", "crm_feeds"]:
                _run(dags[dag_id], business_date)


def _load_dags(settings: Settings) -> dict[str, Any]:
    """Every DAG by id, with a metadata database of this installation behind them."""
    home = configure(settings)
    from airflow.utils.db import initdb

    ready = home / "ready"
    if not ready.exists():  # the first start, or one that was killed half-way
        (home / "airflow.db").unlink(missing_ok=True)
        initdb()
        ready.touch()
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(DAGS_FOLDER)
    if bag.import_errors:
        raise DagFailedError(f"DAGs cannot be imported: {bag.import_errors}")
    return dict(bag.dags)


def _run(dag: Any, business_date: date) -> None:
    """Run one DAG to its end, without retries: a person waits, and may run the day again."""
    for task in dag.tasks:
        task.retries = 0
    run = dag.test(run_conf={"business_date": business_date.isoformat()})
    if run.state != "success":
        failed = sorted({task.task_id for task in run.get_task_instances() if task.state == "failed"})
        raise DagFailedError(
            f"{dag.dag_id} {business_date}: {', '.join(failed) or run.state} failed; "
            "readers stay on the version they have. Full log: runs/airflow.log"
        )


def serve(settings: Settings, port: int, started: Callable[[str], None]) -> int:
    """Start Airflow's services on 127.0.0.1, call `started` with the address, and wait; returns the exit code.

    Raises AlreadyRunningError while another process writes this warehouse.
    """
    with only_writer(settings):
        return _serve(configure(settings), port, started)


def _serve(home: Path, port: int, started: Callable[[str], None]) -> int:
    os.umask(0o077)
    environment = os.environ | {
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API_AUTH__JWT_SECRET": _secret(home),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
    }
    airflow = [sys.executable, "-m", "airflow"]
    subprocess.run([*airflow, "db", "migrate"], env=environment, check=True)  # noqa: S603
    services = [subprocess.Popen([*airflow, *API_SERVER], env=environment)]  # noqa: S603
    try:
        _wait_for(f"http://127.0.0.1:{port}/api/v2/monitor/health", services[0])
        services += [subprocess.Popen([*airflow, *service], env=environment) for service in OTHER_SERVICES]  # noqa: S603
        started(f"http://127.0.0.1:{port}")
        return services[0].wait()
    except KeyboardInterrupt:
        return 0
    finally:
        for service in services:
            service.terminate()
        for service in services:
            service.wait(timeout=30)


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    """Until the API server answers: a task that starts earlier cannot report and is lost."""
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 (our own address)
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise DagFailedError(f"Airflow's API server did not answer on {url} within {START_SECONDS} s; see its log above")


def _secret(home: Path) -> str:
    """The key this installation signs its API tokens with, made once."""
    path = home / "jwt_secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(64), encoding="utf-8")
    return path.read_text(encoding="utf-8")
