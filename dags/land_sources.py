"""One DAG per source: extract one business date, check what landed, announce it."""

from datetime import timedelta

from airflow.sdk import (
    DAG,
    Asset,
    CronPartitionTimetable,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    task,
)

from dags import pipeline
from extractors.discovery import sources

BUSINESS_DATE = "{{ dag_run.partition_key or params.business_date }}"
RETRIES = ExceptionRetryPolicy(
    rules=[
        RetryRule("extractors.faults.SourceFault", RetryAction.FAIL, reason="the source must send again"),
        RetryRule("extractors.faults.SourceUnavailable", RetryAction.RETRY, retry_delay=timedelta(minutes=5)),
    ]
)


def land_source(source: str) -> DAG:
    """The DAG that lands `source` every night for the day before."""
    with DAG(
        dag_id=f"land_{source}",
        description=f"Land what {source} sent for one business date, whole or not at all",
        schedule=CronPartitionTimetable(
            "30 1 * * *", timezone="Asia/Shanghai", run_offset=-1, key_format="%Y-%m-%d", run_immediately=False
        ),
        catchup=False,
        max_active_runs=1,
        params={"business_date": Param(None, type=["null", "string"], format="date", description="The day to land")},
        default_args={"owner": "data-engineering", "retries": 3, "retry_policy": RETRIES},
        tags=["customer-360", "landing"],
        doc_md=f"Extracts **{source}** for one business date. A fault of the source lands nothing and names itself.",
    ) as dag:

        @task(outlets=[Asset(f"landed_{source}")])
        def land(business_date: str) -> dict[str, int]:
            """Land what the source sent, whole or not at all."""
            return pipeline.land(pipeline.settings(), source, pipeline.day(business_date))

        land(BUSINESS_DATE)
    return dag


for name in sources():
    land_source(name)
