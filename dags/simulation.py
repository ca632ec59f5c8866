"""What only a simulated bank has: the making of it, the days it offers, and the truth its linkage is judged by."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from warehouse.errors import ToldError
from warehouse.settings import Settings

BANK = "bank.json"


class BankExistsError(ToldError):
    """The installation already works on another simulated bank."""


def simulate(
    settings: Settings,
    customers: int,
    seed: int,
    first_date: date,
    days: int,
    progress: Callable[[str], None],
    *,
    is_hard: bool = False,
) -> bool:
    """Make the simulated bank below sources/; False when exactly this bank is there already.

    Raises BankExistsError when this installation already works on another bank.
    """
    bank = {"customers": customers, "seed": seed, "first_date": first_date.isoformat(), "days": days, "hard": is_hard}
    recorded = settings.sources / BANK
    if recorded.exists() and json.loads(recorded.read_text(encoding="utf-8")) == bank:
        return False
    if settings.landing.exists():
        raise BankExistsError(f"{settings.home} already works on another bank; give another --home or delete this one")
    from extractors.simulators.bank import Bank
    from extractors.simulators.simulate import simulate_bank

    recorded.unlink(missing_ok=True)
    simulated = (Bank.hard if is_hard else Bank)(customers, seed, first_date, days)
    simulate_bank(settings.sources, simulated, core_url=settings.core_banking_url, progress=progress)
    recorded.write_text(json.dumps(bank) + "\n", encoding="utf-8")
    return True


def days_to_run(settings: Settings) -> list[date]:
    """Simulated business dates later than the current version, or the last one when all are published."""
    from warehouse.publish import NothingPublishedError, current_version

    recorded = settings.sources / BANK
    if not recorded.exists():
        return []
    bank = json.loads(recorded.read_text(encoding="utf-8"))
    first = date.fromisoformat(bank["first_date"])
    simulated = [first + timedelta(days=number) for number in range(bank["days"])]
    try:
        published = current_version(settings).business_date
    except NothingPublishedError:
        return simulated
    return [business_date for business_date in simulated if business_date > published] or simulated[-1:]


def evaluate(settings: Settings) -> dict[str, Any]:
    """Quality of the current version's linkage against the simulated truth, by slice; empty for a real bank."""
    from matching.slices import judge
    from warehouse.engine import built_tables
    from warehouse.publish import current_version

    tables = built_tables(current_version(settings).parquet)
    truth = settings.sources / "truth"
    if not (truth / "truth_record.parquet").exists():
        return {}
    return judge(tables["customer_record"], tables["customer_xref"], tables["match_pair"], truth)
