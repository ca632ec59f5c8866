"""What only a simulated bank has: the making of it, the days it offers, and the truth its linkage is judged by."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.errors import ToldError
from warehouse.settings import Settings

if TYPE_CHECKING:
    from extractors.simulators.bank import Bank

BANK = "bank.json"
MADE_BY = "simulators"  # in bank.json, which version of them made the bank
FIRST_DATE = date(2026, 1, 31)
USUAL = {"customers": 100_000, "seed": 7, "is_hard": False, "has_faults": False}
RECORDED_AS = {"is_hard": "hard", "has_faults": "faults"}
Progress = Callable[[str], None]
Description = dict[str, Any]


class BankExistsError(ToldError):
    """The installation already works on another simulated bank."""


def simulate(
    settings: Settings,
    customers: int,
    seed: int,
    first_date: date,
    days: int,
    progress: Progress,
    *,
    is_hard: bool = False,
    has_faults: bool = False,
) -> bool:
    """Make the simulated bank below sources/, or add days to it; False when exactly this bank is there already.

    Raises BankExistsError when this installation already works on another bank.
    """
    return make(
        settings, _described(customers, seed, first_date, days, is_hard=is_hard, has_faults=has_faults), progress
    )


def make(settings: Settings, bank: Description, progress: Progress) -> bool:
    """The same for a bank as `asked_for` describes it."""
    known = known_bank(settings)
    if known == bank:
        return False
    is_longer = known is not None and known | {"days": bank["days"]} == bank and bank["days"] > known["days"]
    if settings.landing.exists() and not is_longer:
        raise BankExistsError(f"{settings.home} already works on another bank; give another --home or delete this one")
    from extractors.simulators.simulate import extend_bank, simulate_bank

    recorded, simulated, url = settings.sources / BANK, _bank(bank), settings.core_banking_url
    if known and is_longer:
        if _recorded(settings).get(MADE_BY) != _simulators():
            raise BankExistsError(
                f"{settings.home} holds a bank of another version of the simulators, whose past cannot be lived again;"
                f" give another --home or delete this one"
            )
        extend_bank(settings.sources, simulated, known["days"], core_url=url, progress=progress)
    else:
        recorded.unlink(missing_ok=True)
        simulate_bank(settings.sources, simulated, core_url=url, progress=progress)
    unfinished = recorded.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(bank | {MADE_BY: _simulators()}) + "\n", encoding="utf-8")
    unfinished.replace(recorded)
    return True


def known_bank(settings: Settings) -> Description | None:
    """The bank that is simulated below sources/, if any."""
    told = _recorded(settings)
    told.pop(MADE_BY, None)
    return {"faults": False, **told} if told else None


def _recorded(settings: Settings) -> Description:
    recorded = settings.sources / BANK
    told: Description = json.loads(recorded.read_text(encoding="utf-8")) if recorded.exists() else {}
    return told


def _simulators() -> str:
    """SHA-256 of the simulators: another version makes another bank of the same wishes."""
    from extractors import simulators

    digest = hashlib.sha256()
    for path in sorted(Path(simulators.__file__).parent.iterdir()):
        if path.suffix in (".py", ".csv", ".yml"):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def asked_for(
    settings: Settings, given: Description, first: date | None, last: date | None, days: int | None
) -> Description:
    """The bank that what was `given` describes; with `last` alone, the known bank as long as until that day.

    Raises ToldError for days that would leave a gap, and for a length told twice.
    """
    if last is None:
        day = first or FIRST_DATE
        return _described(**{**USUAL, **given}, first_date=day, days=days or 1)
    if days is not None:
        raise ToldError("both --to and --days say how long; give one of them")
    known = known_bank(settings) or {}
    start = date.fromisoformat(known["first_date"]) if known else first or FIRST_DATE
    end = start + timedelta(days=known.get("days", 0))  # the first day not yet simulated
    if last < start or (first and not start <= first <= end):
        raise ToldError(f"the bank begins on {start} and its next day is {end}; give --from {end} and a --to after it")
    usual = {name: known.get(RECORDED_AS.get(name, name), value) for name, value in USUAL.items()}
    length = max((last - start).days + 1, known.get("days", 0))
    return _described(**{**usual, **given}, first_date=start, days=length)


def _described(
    customers: int, seed: int, first_date: date, days: int, *, is_hard: bool, has_faults: bool
) -> Description:
    bank = {"customers": customers, "seed": seed, "first_date": first_date.isoformat(), "days": days}
    return {**bank, "hard": is_hard, "faults": has_faults}


def _bank(told: Description) -> "Bank":
    from extractors.simulators.bank import Bank
    from extractors.simulators.file_faults import USUAL_FAULTS

    make_bank = Bank.hard if told["hard"] else Bank
    simulated = make_bank(told["customers"], told["seed"], date.fromisoformat(told["first_date"]), told["days"])
    return replace(simulated, file_fault_rates=USUAL_FAULTS) if told["faults"] else simulated


def last_day(settings: Settings) -> date | None:
    """The last business date that is simulated; None for a real bank."""
    bank = known_bank(settings)
    return date.fromisoformat(bank["first_date"]) + timedelta(days=bank["days"] - 1) if bank else None


def days_to_run(settings: Settings) -> list[date]:
    """Simulated business dates later than the current version, or the last one when all are published."""
    from warehouse.publish import NothingPublishedError, current_version

    bank = known_bank(settings)
    if bank is None:
        return []
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
