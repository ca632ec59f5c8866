"""The DAGs as Airflow reads them, in a process of its own: Airflow takes its configuration when it is imported."""

import json
import subprocess
import sys

import pytest

READ = """
import json, sys, warnings
from pathlib import Path
from dags.local_airflow import configure, DAGS_FOLDER
from warehouse.settings import Settings
configure(Settings(home=Path(sys.argv[1])))
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(DAGS_FOLDER)
def conditions(dag):
    condition = getattr(dag.timetable, "asset_condition", None)
    return getattr(condition, "objects", [condition]) if condition else []
print(json.dumps({
    "errors": bag.import_errors,
    "dags": {
        dag.dag_id: {
            "after": {task.task_id: sorted(task.upstream_task_ids) for task in dag.tasks},
            "schedule": type(dag.timetable).__name__,
            "max_active_runs": dag.max_active_runs,
            "retries": {task.task_id: task.retries for task in dag.tasks},
            "retry_rules": [
                [str(rule.exception), rule.action.value]
                for task in dag.tasks if task.retry_policy for rule in task.retry_policy.rules
            ],
            "documented": bool(dag.description and dag.doc_md)
            and all(task.doc_md for task in dag.tasks if not task.is_mapped),
            "outlets": sorted(outlet.name for task in dag.tasks for outlet in task.outlets),
            "inlets": sorted(asset.name for asset in conditions(dag)),
            "param": dag.params.get_param("business_date").schema,
        }
        for dag in bag.dags.values()
    },
}))
"""


@pytest.fixture(scope="module")
def bag(tmp_path_factory) -> dict:
    home = tmp_path_factory.mktemp("airflow")
    command = [sys.executable, "-c", READ, str(home)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_every_dag_imports(bag):
    assert bag["errors"] == {}
    assert sorted(bag["dags"]) == ["crm_feeds", "customer_360", "land_card", "land_channel", "land_core_banking"]


def test_the_build_waits_for_every_source_and_the_feeds_for_the_build(bag):
    announced = [outlet for name, dag in bag["dags"].items() if name.startswith("land_") for outlet in dag["outlets"]]
    assert bag["dags"]["customer_360"]["inlets"] == sorted(announced)
    assert bag["dags"]["crm_feeds"]["inlets"] == bag["dags"]["customer_360"]["outlets"] == ["published"]


def test_nothing_is_published_before_every_gate_has_passed(bag):
    after = bag["dags"]["customer_360"]["after"]

    def everything_before(task: str) -> set[str]:
        return set(after[task]).union(*(everything_before(earlier) for earlier in after[task]))

    assert {"check_staging", "check_golden", "check_marts"} <= everything_before("publish")
    assert after["link"] == ["check_staging"]
    assert after["build_marts"] == ["check_golden"]


def test_one_run_at_a_time_writes(bag):
    assert {dag["max_active_runs"] for dag in bag["dags"].values()} == {1}


def test_a_fault_of_a_source_is_not_retried_and_an_unreachable_source_is(bag):
    assert bag["dags"]["land_card"]["retry_rules"] == [
        ["extractors.faults.SourceFault", "fail"],
        ["extractors.faults.SourceUnavailable", "retry"],
    ]
    assert bag["dags"]["land_card"]["retries"] == {"land": 3}


def test_the_business_date_is_a_validated_parameter(bag):
    for dag in bag["dags"].values():
        assert dag["param"]["format"] == "date"


def test_every_dag_and_task_explains_itself(bag):
    assert [name for name, dag in bag["dags"].items() if not dag["documented"]] == []
