"""The verbs of `c360` that link records: explain a pair of the bank, and deduplicate or link any file."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import gettempdir
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from warehouse.settings import Settings

if TYPE_CHECKING:
    from matching.link import Resources

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUTPUT = click.Path(dir_okay=False, path_type=Path)


def add_linkage_verbs(group: click.Group, with_settings: Callable[[Any], Any]) -> None:
    """Add `explain`, `dedupe`, `link` and `model` to the command."""
    group.add_command(click.command(with_settings(explain)))
    for verb in (dedupe, link, model):
        group.add_command(verb)


@click.argument("left")
@click.argument("right")
@click.option("--html", type=OUTPUT, help="Also write the match-weight waterfall as a page.")
def explain(settings: Settings, left: str, right: str, html: Path | None) -> None:
    """Say why two records are one customer or not.

    LEFT and RIGHT are record keys such as core_banking:10840505891: the evidence by column with its match weight.
    """
    from matching.stage import explain_pair
    from matching.waterfall import waterfall_page
    from warehouse.engine import built_tables
    from warehouse.publish import current_version

    told = explain_pair(settings, built_tables(current_version(settings).parquet), left, right)
    click.echo(told.in_words())
    if html:
        html.parent.mkdir(parents=True, exist_ok=True)
        html.write_text(waterfall_page(told), encoding="utf-8")


@click.command()
@click.argument("table", metavar="INPUT", type=FILE)
@click.option("--id", "id_column", help="Column that names each row.  [default: the row number]")
@click.option("--model", "model_path", type=FILE, help="Linkage model (YAML).  [default: one suggested for the file]")
@click.option("--output", type=OUTPUT, required=True, help="Parquet or CSV to write: the rows with their cluster.")
@click.option("--truth", "truth_column", help="Column with the true cluster, to judge the result by.")
@click.option("--ignore", multiple=True, help="Column that is no evidence; may be given more than once.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def dedupe(
    table: Path,
    id_column: str | None,
    model_path: Path | None,
    output: Path,
    truth_column: str | None,
    ignore: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Find the rows of a Parquet or CSV file that are one.

    The engine spills beyond C360_MEMORY_LIMIT (3GB); rows to compare are kept beside it: about 2 GB a million.
    """
    from matching.generic import dedupe as dedupe_file

    _report(
        lambda: dedupe_file(
            table,
            output,
            id_column=id_column,
            model_path=model_path,
            truth_column=truth_column,
            ignore=ignore,
            resources=_resources(),
            progress=_told(),
        ),
        output,
        as_json=as_json,
    )


@click.command()
@click.argument("left", metavar="A", type=FILE)
@click.argument("right", metavar="B", type=FILE)
@click.option("--id", "id_column", required=True, help="Column of both files that names each row.")
@click.option("--model", "model_path", type=FILE, help="Linkage model (YAML).  [default: one suggested for the files]")
@click.option("--output", type=OUTPUT, required=True, help="Parquet or CSV to write: the pairs with their weight.")
@click.option("--ignore", multiple=True, help="Column that is no evidence; may be given more than once.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def link(
    left: Path,
    right: Path,
    id_column: str,
    model_path: Path | None,
    output: Path,
    ignore: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Find the rows of A that are rows of B; their columns may differ.

    The engine spills beyond C360_MEMORY_LIMIT (3GB); rows to compare are kept beside it: about 2 GB a million.
    """
    from matching.generic import link_two

    _report(
        lambda: link_two(
            left,
            right,
            output,
            id_column=id_column,
            model_path=model_path,
            ignore=ignore,
            resources=_resources(),
            progress=_told(),
        ),
        output,
        as_json=as_json,
    )


@click.group()
def model() -> None:
    """Linkage models as data: blocking rules, comparisons with levels, thresholds."""


@model.command()
@click.argument("table", metavar="INPUT", type=FILE)
@click.option("--id", "id_column", help="Column that names each row.  [default: the row number]")
@click.option("--ignore", multiple=True, help="Column that is no evidence; may be given more than once.")
def suggest(table: Path, id_column: str | None, ignore: tuple[str, ...]) -> None:
    """Print a sensible first model for a file, to edit and use."""
    from matching.generic import suggest as suggest_for

    click.echo(suggest_for(table, id_column=id_column, ignore=list(ignore)))


def _resources() -> "Resources":
    """What a linkage may take: as a night takes; it spills beside other temporary files."""
    from matching.link import Resources

    settings = Settings.from_environment()
    return Resources(settings.memory_limit, settings.threads, Path(gettempdir()))


def _told() -> Callable[[str, float], None]:
    """Tells on stderr what is done and, while pairs are compared, about how long that will still take."""
    comparing_since = monotonic()

    def progress(doing: str, share: float) -> None:
        nonlocal comparing_since
        if share == 0:
            comparing_since = monotonic()
        if 0 < share < 1:
            seconds = (monotonic() - comparing_since) * (1 - share) / share
            doing = f"{doing}: {share:.0%}, about {seconds:.0f} s left"
        click.echo(doing, err=True)

    return progress


def _report(work: Callable[[], dict[str, Any]], output: Path, *, as_json: bool) -> None:
    report = work()
    if as_json:
        click.echo(json.dumps(report, indent=2, ensure_ascii=False))
        return
    for name in ("records", "candidate_pairs", "matches", "clusters", "largest_cluster"):
        click.echo(f"{name.replace('_', ' '):<18}{report[name]:,}")
    if quality := report.get("quality"):
        told = "   ".join(f"{name} {quality[name]['value']:.4f}" for name in ("precision", "recall"))
        click.echo(f"{'pairwise':<18}F1 {quality['f1']:.4f}   {told}")
        click.echo(f"{'by cluster':<18}F1 {quality['cluster_f1']:.4f}")
    click.echo(f"{'written':<18}{output}")
