"""The verb `c360 review`: the pairs a steward should look at, and what the steward decides about them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from warehouse.settings import Settings

DAY = click.DateTime(formats=["%Y-%m-%d"])


def add_review_verb(group: click.Group, with_settings: Callable[[Any], Any]) -> None:
    """Add `review` with `list`, `must-link`, `cannot-link` and `reverse` to the command."""
    for name, verb in (("list", list_pairs), ("must-link", must_link), ("cannot-link", cannot_link)):
        review.add_command(click.command(name)(with_settings(verb)))
    review.add_command(click.command("reverse")(with_settings(reverse)))
    group.add_command(review)


@click.group()
def review() -> None:
    """Look at pairs of records the linkage is unsure of, and decide.

    A decision is never altered, only reversed; it holds from the next night on, whatever links the two records.
    """


@click.option("--most", type=click.IntRange(min=1), default=20, show_default=True, help="How many pairs to show.")
@click.option("--decided", is_flag=True, help="Show the decisions recorded instead.")
def list_pairs(settings: Settings, most: int, *, decided: bool) -> None:
    """Show the pairs with most money at stake first."""
    from matching.decisions import read_decisions
    from matching.review import queue
    from warehouse.engine import built_tables
    from warehouse.publish import NothingPublishedError, current_version

    if decided:
        for decision in read_decisions(settings.decisions):
            until = f" until {decision.expires_on}" if decision.expires_on else ""
            about = f"reverses {decision.reverses}" if decision.reverses else f"{decision.left} {decision.right}"
            click.echo(f"{decision.number:>5}  {decision.kind:<12}{about}{until}  {decision.who}, {decision.when}")
        return
    try:
        pairs = queue(built_tables(current_version(settings).parquet)["review_queue"], most)
    except NothingPublishedError as error:
        raise click.ClickException(str(error)) from error
    for pair in pairs:
        keys = f"{pair['record_key_left']} {pair['record_key_right']}"
        click.echo(
            f"{pair['place']:>5}  CNY {pair['balance_at_stake_cny']:>16,.2f}  {pair['match_probability']:.3f}  {keys}\n"
            f"{'':7}{pair['review_reason']}; {pair['evidence']}"
        )


def _decision_options(verb: Callable[..., None]) -> Callable[..., None]:
    options = [
        click.argument("left"),
        click.argument("right"),
        click.option("--who", required=True, help="Steward who decides."),
        click.option("--why", required=True, help="Reason, for those who read it later."),
        click.option("--expires", type=DAY, help="First business date it holds no longer.  [default: never]"),
        click.option("--approved-by", help="Second person who approves."),
    ]
    for option in reversed(options):
        verb = option(verb)
    return verb


@_decision_options
def must_link(settings: Settings, **given: Any) -> None:
    """Decide that two records are one customer."""
    _decide(settings, "must_link", **given)


@_decision_options
def cannot_link(settings: Settings, **given: Any) -> None:
    """Decide that two records are two customers, also through any third record."""
    _decide(settings, "cannot_link", **given)


@click.argument("number", type=click.IntRange(min=1))
@click.option("--who", required=True, help="Steward who decides.")
@click.option("--why", required=True, help="Reason, for those who read it later.")
def reverse(settings: Settings, number: int, who: str, why: str) -> None:
    """Take back a decision by its number."""
    from matching.review import reverse as take_back

    _record(settings, lambda version: take_back(settings, number, who, _moment(version), why, version.business_date))


def _decide(
    settings: Settings,
    kind: Any,
    left: str,
    right: str,
    who: str,
    why: str,
    expires: datetime | None,
    approved_by: str | None,
) -> None:
    from matching.decisions import Decision
    from matching.review import decide
    from warehouse.engine import built_tables

    def record(version: Any) -> Any:
        until = expires.date() if expires else None
        decision = Decision(kind, left, right, who, _moment(version), why, expires_on=until, approved_by=approved_by)
        return decide(settings, built_tables(version.parquet)["customer_record"], decision, version.business_date)

    _record(settings, record)


def _record(settings: Settings, work: Callable[[Any], Any]) -> None:
    from matching.decisions import DecisionError
    from matching.review import ReviewError
    from warehouse.publish import NothingPublishedError, current_version

    try:
        decision = work(current_version(settings))
    except (DecisionError, ReviewError, NothingPublishedError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"decision {decision.number}: {decision.kind} {decision.left} {decision.right}; holds from the next night"
    )


def _moment(version: Any) -> str:
    return f"on version {version.name}"
