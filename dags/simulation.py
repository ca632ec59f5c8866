"""What only a simulated bank has: the making of it, the days it offers, and the truth its linkage is judged by."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from warehouse.settings import Settings

BANK = "bank.json"


class BankExistsError(RuntimeError):
    """The installation already works on another simulated bank."""


def simulate(
    settings: Settings, customers: int, seed: int, first_date: date, days: int, progress: Callable[[str], None]
) -> bool:
    """Make the simulated bank below sources/; False when exactly this bank is there already.

    Raises BankExistsError when this installation already works on another bank.
    """
    bank = {"customers": customers, "seed": seed, "first_date": first_date.isoformat(), "days": days}
    recorded = settings.sources / BANK
    if recorded.exists() and json.loads(recorded.read_text(encoding="utf-8")) == bank:
        return False
    if settings.landing.exists():
        raise BankExistsError(f"{settings.home} already works on another bank; give another --home or delete this one")
    from extractors.simulators.bank import Bank
    from extractors.simulators.simulate import simulate_bank

    recorded.unlink(missing_ok=True)
    simulated = Bank(customers, seed, first_date, days)
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
    """Quality of the current version's linkage against the simulated truth; empty where the bank is a real one."""
    from matching.evaluate import evaluate as judge
    from warehouse.engine import connect, quoted
    from warehouse.publish import current_version

    xref = current_version(settings).parquet / "customer_xref" / "rows.parquet"
    truth = settings.sources / "truth" / "truth_record.parquet"
    if not truth.exists():
        return {}
    query = f"""
        SELECT customer_id, person_id
        FROM read_parquet({quoted(xref)})
        INNER JOIN (
            SELECT source || ':' || source_key AS record_key, max_by(person_id, business_date) AS person_id
            FROM read_parquet({quoted(truth)}) GROUP BY ALL
        ) USING (record_key)
        WHERE valid_to IS NULL ORDER BY record_key
    """
    with connect(settings) as connection:
        linked = connection.sql(query).to_arrow_table()
    quality = judge(linked["customer_id"], linked["person_id"])
    return {
        "records": quality.records,
        "people": len(linked["person_id"].unique()),
        "pairwise": {"f1": quality.f1, "precision": quality.precision.value, "recall": quality.recall.value},
        "cluster": {
            "f1": quality.cluster_f1,
            "precision": quality.cluster_precision,
            "recall": quality.cluster_recall,
        },
    }
