"""The verb `c360 quarantine`: the rows kept out, and the way back in for those a steward corrects."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from dags import pipeline
from warehouse.settings import Settings

DAY = click.DateTime(formats=["%Y-%m-%d"])
KEYS_SHOWN = 5


def add_quarantine_verb(group: click.Group, with_settings: Callable[[Any], Any]) -> None:
    """Add `quarantine` with `list`, `export` and `replay` to the command."""
    for name, verb in (("list", list_rows), ("export", export), ("replay", replay)):
        quarantine.add_command(click.command(name)(with_settings(verb)))
    group.add_command(quarantine)


@click.group()
def quarantine() -> None:
    """Look at the rows kept out, correct them, put them in again.

    \b
      c360 quarantine list
      c360 quarantine export rows.csv --table stg_card__cardholder
      c360 quarantine replay rows.csv --who li.na --why "name asked for at the branch"
      c360 run
    """  # noqa: D301 (click reads the backspace as: keep these lines)


def _chosen(verb: Callable[..., None]) -> Callable[..., None]:
    """Options that narrow the rows."""
    for option in (
        click.option("--date", "day", type=DAY, help="Only of this business date."),
        click.option("--rule", help="Only rows that break this rule."),
        click.option("--table", help="Only of this staging table."),
    ):
        verb = option(verb)
    return verb


@_chosen
@click.option("--json", "as_json", is_flag=True, help="Print the groups as JSON.")
def list_rows(settings: Settings, table: str | None, rule: str | None, day: datetime | None, *, as_json: bool) -> None:
    """Show how many rows are kept out, by table, day, column and rule, with some of their keys.

    These broke their contract and can be corrected. Repetitions of an event need no correction: see table quarantine.
    """
    groups = _groups(_kept_out(settings, table, rule, day))
    if as_json:
        click.echo(json.dumps(groups, indent=2, ensure_ascii=False))
    elif not groups:
        click.echo("no row to correct (repetitions of an event, if any, are in table quarantine)")
    for group in [] if as_json else groups:
        keys = ", ".join(group["keys"]) + (", ..." if group["rows"] > len(group["keys"]) else "")
        where = f"{group['table']}.{group['column']}"
        click.echo(f"{group['business_date']}  {where:<48}{group['rule']:<14}{group['rows']:>8,}  {keys}")


@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@_chosen
def export(settings: Settings, target: Path, table: str | None, rule: str | None, day: datetime | None) -> None:
    """Write rows kept out to the CSV file TARGET, as they landed, for a steward to correct.

    The file holds values of customers: only its owner can read it. Keep every column; an emptied value is no value.
    """
    from cleansing.quarantine import export as write

    count = write(settings, _kept_out(settings, table, rule, day), target)
    click.echo(
        f"{count:,} rows in {target}; correct them, then: c360 quarantine replay {target} --who NAME --why REASON"
    )


@click.argument("corrected", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--who", required=True, help="Steward who corrected.")
@click.option("--why", required=True, help="Reason, for those who read it later.")
def replay(settings: Settings, corrected: Path, who: str, why: str) -> None:
    """Put the corrected rows of the CSV file CORRECTED in again.

    They are standardised under the same contract; what still breaks it stays out, with the reason, and the exit code is
    1. Corrections are kept in decisions/ for good and hold whenever their day is standardised, from the next run on.
    """
    from cleansing.quarantine import replay as put_in

    now = datetime.now(UTC).isoformat(timespec="seconds")
    tried = put_in(settings, pipeline.contracts(settings), corrected, who, now, why)
    still = [row for row in tried if row.reason]
    for row in still:
        click.echo(f"still kept out: {row.table} {row.business_date} row {row.source_row}: {row.reason}")
    click.echo(f"{len(tried) - len(still):,} rows corrected, {len(still):,} still kept out; next: c360 run")
    if still:
        raise SystemExit(1)


def _kept_out(settings: Settings, table: str | None, rule: str | None, day: datetime | None) -> Any:
    from cleansing.quarantine import kept_out

    return kept_out(settings, pipeline.contracts(settings), table, rule, day.date() if day else None)


def _groups(rows: Any) -> list[dict[str, Any]]:
    """Rows by table, day, column and rule; keys only, never a value."""
    counts: Counter[tuple[str, ...]] = Counter()
    keys: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        group = row.contract.name, row.business_date.isoformat(), row.column_name, row.rule
        counts[group] += 1
        keys.setdefault(group, []).append(row.source_key or f"row {row.source_row}")
    names = ("table", "business_date", "column", "rule")
    return [
        dict(zip(names, group, strict=True)) | {"rows": counts[group], "keys": keys[group][:KEYS_SHOWN]}
        for group in sorted(counts)
    ]
