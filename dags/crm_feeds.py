"""When a version is published: deliver its feeds to the systems that read them."""

from datetime import datetime

from airflow.sdk import DAG, Asset, Param, PartitionedAssetTimetable, task

from dags import pipeline

with DAG(
    dag_id="crm_feeds",
    description="Deliver the feeds of a published version, each with its contract and checksum",
    schedule=PartitionedAssetTimetable(assets=Asset("published")),
    start_date=datetime(2026, 1, 1),  # noqa: DTZ001 (assets give the day)
    catchup=False,
    max_active_runs=1,
    params={"business_date": Param(None, type=["null", "string"], format="date", description="The day delivered")},
    default_args={"owner": "data-engineering"},
    tags=["customer-360", "feeds"],
    doc_md="Feeds read the published version only, never a build under way.",
) as dag:

    @task
    def deliver(business_date: str) -> dict[str, int]:
        """Hand every feed of the current version to its readers."""
        return pipeline.deliver_feeds(pipeline.settings(), pipeline.day(business_date))

    deliver("{{ dag_run.partition_key or params.business_date }}")
