"""When all sources of a business date have landed: standardise, link, build, check, publish."""

from datetime import datetime

from airflow.sdk import DAG, Asset, AssetAll, Param, PartitionedAssetTimetable, task

from dags import pipeline
from extractors.discovery import sources

BUSINESS_DATE = "{{ dag_run.partition_key or params.business_date }}"

with DAG(
    dag_id="customer_360",
    description="From landed rows to a published version of the customer warehouse",
    schedule=PartitionedAssetTimetable(assets=AssetAll(*(Asset(f"landed_{name}") for name in sources()))),
    start_date=datetime(2026, 1, 1),  # noqa: DTZ001 (assets give the day)
    catchup=False,
    max_active_runs=1,
    params={"business_date": Param(None, type=["null", "string"], format="date", description="The day to build")},
    default_args={"owner": "data-engineering"},
    tags=["customer-360"],
    doc_md="A gate that fails stops the run before publish; readers stay on the version they have.",
) as dag:

    @task
    def begin(business_date: str) -> list[str]:
        """Clear the build of an earlier run and list the sources that have landed."""
        return pipeline.begin(pipeline.settings(), pipeline.day(business_date))

    @task
    def standardise(business_date: str, source: str) -> dict[str, int]:
        """Turn landed text into typed, valid values; what cannot be is quarantined."""
        return pipeline.standardise(pipeline.settings(), source, pipeline.day(business_date))

    @task
    def build(business_date: str, stage: str) -> dict[str, int]:
        """Build the tables of one stage in the order they read each other."""
        return pipeline.build(pipeline.settings(), stage, pipeline.day(business_date))

    @task
    def link(business_date: str) -> dict[str, int | float | str]:
        """Decide which records are one customer."""
        return pipeline.link(pipeline.settings(), pipeline.day(business_date))

    @task
    def check(business_date: str, stage: str) -> dict[str, int]:
        """Hold the tables of one stage against their contracts and rules; a critical failure stops the run."""
        return pipeline.check(pipeline.settings(), stage, pipeline.day(business_date))

    @task(outlets=[Asset("published")])
    def publish(business_date: str) -> str:
        """Publish the build as an immutable version and make it current."""
        return pipeline.publish(pipeline.settings(), pipeline.day(business_date))

    landed = begin(BUSINESS_DATE)
    standardised = standardise.partial(business_date=BUSINESS_DATE).expand(source=landed)
    staged = build.override(task_id="build_staging")(BUSINESS_DATE, "staging")
    staging_sound = check.override(task_id="check_staging")(BUSINESS_DATE, "staging")
    linked = link(BUSINESS_DATE)
    golden = build.override(task_id="build_golden")(BUSINESS_DATE, "golden")
    golden_sound = check.override(task_id="check_golden")(BUSINESS_DATE, "golden")
    marts = build.override(task_id="build_marts")(BUSINESS_DATE, "marts")
    marts_sound = check.override(task_id="check_marts")(BUSINESS_DATE, "marts")
    standardised >> staged >> staging_sound >> linked >> golden >> golden_sound >> marts >> marts_sound
    marts_sound >> publish(BUSINESS_DATE)
