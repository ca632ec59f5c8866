"""The `c360` command: each verb is one call into the pipeline."""

import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from dags import pipeline, simulation
from dags.cli_linkage import add_linkage_verbs
from dags.cli_quarantine import add_quarantine_verb
from dags.cli_review import add_review_verb
from warehouse.errors import ToldError
from warehouse.settings import Settings

Verb = TypeVar("Verb", bound=Callable[..., Any])
DAY = click.DateTime(formats=["%Y-%m-%d"])


def _with_settings(verb: Verb) -> Verb:
    """Give a verb `--home` and hand it the installation's settings as `settings`."""
    option = click.option(
        "--home",
        "settings",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="C360_HOME",
        help="Folder of this installation.  [default: $C360_HOME or ./c360-home]",
        callback=lambda _context, _option, home: Settings.from_environment(home),
    )
    return option(verb)


class Told(click.Group):
    """Tells an error in its own words, without a traceback, with exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a verb."""
        try:
            return super().invoke(ctx)
        except ToldError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Told, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="customer-360", prog_name="c360")
def main() -> None:
    """Customer 360 for a bank: one golden record per customer, every night.

    \b
    A first tour:
      c360 simulate                 make a bank: core banking, card files, channel events, and the truth
      c360 run                      one night over it: land, standardise, link, build, check, publish
      c360 evaluate                 how well the linkage found who is who, against the truth
      c360 sql "FROM golden_customer LIMIT 5"
      c360 explain LEFT RIGHT       why two records are one customer or not
      c360 path                     folder of the version readers see now
    """  # noqa: D301 (click reads the backspace as: keep these lines)


@main.command()
@click.option("--customers", type=click.IntRange(min=1), help="People in the bank.  [default: 100000]")
@click.option("--seed", type=int, help="The same seed gives the same bank, byte by byte.  [default: 7]")
@click.option("--days", type=click.IntRange(min=1), help="Business dates to simulate.  [default: 1]")
@click.option("--from", "first", type=DAY, help="The first business date.  [default: 2026-01-31]")
@click.option("--to", "last", type=DAY, help="The last business date; a bank that ends earlier goes on to it.")
@click.option("--hard", "is_hard", is_flag=True, help="A bank whose records are hard to link, to judge linkage by.")
@click.option("--faults", "has_faults", is_flag=True, help="Files come late, twice, broken or never, as a bank's do.")
@_with_settings
def simulate(
    settings: Settings, days: int | None, first: datetime | None, last: datetime | None, **given: int | None
) -> None:
    """Make a bank: three systems that do not know each other, and the truth.

    The first day holds every customer and a year of history; each further day what changed. With --to, a bank that is
    there already lives on until that day; its past stays as it is, byte for byte.
    """
    from dags.console import spinner

    told = {name: value for name, value in given.items() if value not in (None, False)}
    bank = simulation.asked_for(settings, told, first.date() if first else None, last.date() if last else None, days)
    with spinner("simulating the bank") as doing:
        is_new = simulation.make(settings, bank, doing)
    made = "simulated" if is_new else "already there:"
    size = f"{bank['customers']:,} people, {bank['days']} business date(s) from {bank['first_date']}"
    click.echo(f"{made} {size}, in {settings.sources}")
    click.echo("next: c360 run")


@main.command()
@click.option("--date", "days", type=DAY, multiple=True, help="Business date to run; may be given more than once.")
@_with_settings
def run(settings: Settings, days: tuple[datetime, ...]) -> None:
    """Run the night through Airflow's DAGs and publish.

    The DAGs run in this process. Without --date: every simulated business date that is not published yet, or the
    last one again. Exit code 1 when a source, a gate or a step fails; readers then stay on the version they have.
    """
    from dags.console import night_shown
    from dags.local_airflow import run_nights
    from dags.summary import show_summary

    chosen = [moment.date() for moment in days] or simulation.days_to_run(settings)
    if not chosen:
        raise ToldError(f"no source has a day to run in {settings.sources}; run `c360 simulate`, or give --date")
    with night_shown(settings.home / "runs" / "airflow.log"):
        run_nights(settings, chosen)
    show_summary(settings, simulation.evaluate(settings))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@_with_settings
def evaluate(settings: Settings, *, as_json: bool) -> None:
    """Judge the linkage against the truth: precision, recall, F1."""
    from dags.summary import show_evaluation

    figures = simulation.evaluate(settings)
    if not figures:
        raise ToldError(f"no truth in {settings.sources}: only a simulated bank can be judged")
    if as_json:
        click.echo(json.dumps(figures, indent=2, ensure_ascii=False))
    else:
        show_evaluation(figures)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the status as JSON.")
@_with_settings
def status(settings: Settings, *, as_json: bool) -> None:
    """Show where every source stands: last business date, rows, lag, rows kept out, faults seen."""
    from dags.status import read_status, show_status

    found = read_status(settings, pipeline.contracts(settings), simulation.last_day(settings))
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        show_status(found)


@main.command()
@click.option("--worst", type=click.IntRange(min=1), default=10, show_default=True, help="How many columns to list.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@_with_settings
def quality(settings: Settings, worst: int, *, as_json: bool) -> None:
    """Show how good the data is, by source and dimension.

    With the trend since the load before, the worst columns, the rows kept out and the values too many customers hold.
    """
    from dags.quality import read_quality, show_quality
    from warehouse.publish import current_version

    figures = read_quality(current_version(settings), worst)
    if as_json:
        click.echo(json.dumps(figures, indent=2, ensure_ascii=False))
    else:
        show_quality(figures)


@main.command()
@click.argument("query")
@click.option("--format", "layout", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@_with_settings
def sql(settings: Settings, query: str, layout: str) -> None:
    """Query the current version, read-only and masked.

    \b
    c360 sql "SHOW TABLES"
    c360 sql "SELECT scheme, segment, count(*) FROM mart_segment GROUP BY ALL" --format csv
    """  # noqa: D301 (click reads the backspace as: keep these lines)
    from warehouse.publish import current_version
    from warehouse.query import print_query

    print_query(current_version(settings).database, query, layout, sys.stdout)


@main.command()
@_with_settings
def path(settings: Settings) -> None:
    """Print the folder of the current version.

    Resolve it once and keep it: the next night never disturbs a reader.
    """
    from warehouse.publish import current_version

    click.echo(current_version(settings).folder)


@main.command()
@click.argument("version", required=False)
@_with_settings
def rollback(settings: Settings, version: str | None) -> None:
    """Make an earlier version current again.

    VERSION is the name of its folder; without it, the version before the current. Nothing is deleted.
    """
    from warehouse.publish import roll_back
    from warehouse.published_store import push
    from warehouse.runs import only_writer

    with only_writer(settings):
        chosen = roll_back(settings, version)
        push(settings, chosen)
    click.echo(f"readers now see {chosen.name}")


@main.command()
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File.  [default: docs/report.html]")
@_with_settings
def report(settings: Settings, output: Path | None) -> None:
    """Write the management report of the current version: one HTML file that works offline, on PC and telephone.

    Customers, segments, value, campaigns, churn, complaints, satisfaction, risk, forecast and data quality, each as a
    question with its answer.
    """
    click.echo(pipeline.write_report(settings, output))


@main.command()
@_with_settings
def docs(settings: Settings) -> None:
    """Write the data dictionary and say where all docs are."""
    for name, place in pipeline.write_docs(settings).items():
        click.echo(f"{name:<12} {place}")


@main.command()
@click.option("--port", type=click.IntRange(1024, 65535), default=8080, show_default=True, help="Port on 127.0.0.1.")
@_with_settings
def airflow(settings: Settings, port: int) -> None:
    """Start Airflow on 127.0.0.1 for a person to open.

    Scheduler, DAG processor, triggerer and API server, until Ctrl-C.
    """
    from dags.local_airflow import serve

    click.echo("Airflow starts (about 20 seconds)")
    sys.exit(serve(settings, port, lambda url: click.echo(f"Airflow runs on {url}; Ctrl-C stops it")))


add_linkage_verbs(main, _with_settings)
add_review_verb(main, _with_settings)
add_quarantine_verb(main, _with_settings)


if __name__ == "__main__":
    main()
