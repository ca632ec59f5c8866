"""Fits and judges the scorecard of `mart_credit_risk` on simulated banks full of borrowers.

`python -m benchmarks.pd_scorecard make --home A --seed 21` makes a bank and the tables of a night over it;
`... fit --home A --seed 21` prints the seed `pd_scorecard` from who defaults in the year after;
`... judge --home B --seed 22` says how well the seed, as it stands, foretells another bank's defaults.
"""

import argparse
import csv
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from benchmarks.one_night import build_one_night
from dags import pipeline
from extractors.simulators.bank import Bank, Credit
from extractors.simulators.core_bank import open_core_bank
from extractors.simulators.core_reference import reference_tables
from extractors.simulators.database import open_database
from extractors.simulators.loans import days_past_due, pass_a_day
from extractors.simulators.people import make_people
from extractors.simulators.streams import Streams
from extractors.simulators.truth import Truth
from warehouse.settings import Settings

PEOPLE, BORROWERS_PERCENT, YEAR_DAYS, DEFAULT_DAYS = 12_000, 60, 365, 90
BASE_SCORE, BASE_ODDS, FACTOR = 600, 50, 20 / np.log(2)
LEAST_ROWS = 0.5  # added to the good and the bad of a range, so that an empty one has a weight
TRAITS = {
    "days_past_due": "days_past_due_max",
    "late_months": "late_months_12m",
    "card_late_cycles": "card_late_cycles",
    "card_utilisation": "coalesce(card_utilisation, -1)",
    "salary": "CASE salary_state WHEN 'regular' THEN 0 WHEN 'stopped' THEN 1 ELSE 2 END",
    "months_covered": "coalesce(months_covered, -1)",
}
SEED = Path(__file__).parent.parent / "warehouse" / "seeds" / "pd_scorecard.csv"


def bank_of(seed: int) -> Bank:
    """A bank in which most people borrow, so that there are defaults to learn from."""
    return Bank(PEOPLE, seed, credit=Credit(loans=BORROWERS_PERCENT))


def make(home: Path, seed: int) -> None:
    """Simulate the bank of a seed and build the tables of its first night."""
    build_one_night(home, bank_of(seed))


def defaulters(seed: int) -> set[str]:
    """Loans of the bank of a seed that are over 90 days late at any time in the year after its first date."""
    bank = bank_of(seed)
    streams, day = Streams(seed), np.datetime64(bank.first_date)
    with tempfile.TemporaryDirectory() as folder, open_database(f"sqlite:///{folder}/core.db") as database:
        reference_tables(database, streams, bank)
        people = make_people(bank, streams, bank.customers, 0, day)
        core = open_core_bank(bank, streams, people, 0, database, Truth(Path(folder) / "truth"))
        loans = core.loans
        late = np.zeros(len(loans), bool)
        for number in range(1, YEAR_DAYS + 1):
            pass_a_day(loans, streams, 0, day + number)
            late |= days_past_due(loans, day + number) > DEFAULT_DAYS
        return {loan for loan, is_late in zip(loans.number.to_pylist(), late, strict=True) if is_late}


def judged(home: Path, seed: int) -> pd.DataFrame:
    """Borrowers not in default with what the scorecard sees, their score, and whether they default within a year."""
    tables = pipeline.build_folder(Settings(home=home))
    seen = ", ".join(f"{expression} AS {name}" for name, expression in TRAITS.items())
    with duckdb.connect() as connection:
        connection.register("bad", pd.DataFrame({"loan_number": sorted(defaulters(seed))}))
        return connection.sql(
            f"""
            WITH borrower AS (
                SELECT customer_id, max(loan_number IN (SELECT loan_number FROM bad))::INTEGER AS is_bad,
                    max(CASE product_code WHEN 'LN202' THEN 1 WHEN 'LN101' THEN 2 ELSE 3 END) AS product
                FROM '{tables}/fct_loan_status/rows.parquet' WHERE state_on = DATE '2026-01-31' GROUP BY 1
            )
            SELECT risk.customer_id, borrower.is_bad, borrower.product, risk.score, risk.default_probability,
                risk.is_watched, {seen}
            FROM '{tables}/mart_credit_risk/rows.parquet' AS risk JOIN borrower USING (customer_id)
            WHERE risk.loans > 0 AND NOT risk.is_defaulted ORDER BY 1
            """
        ).df()


def ranges() -> pd.DataFrame:
    """The ranges of the seed, without the intercept."""
    card = pd.read_csv(SEED)
    return card[card["characteristic"] != "intercept"].reset_index(drop=True)


def fit(people: pd.DataFrame) -> None:
    """Print the seed with weights of evidence and points from these people; information value by characteristic."""
    card, weights = ranges(), {}
    good, bad = (people["is_bad"] == 0).sum(), (people["is_bad"] == 1).sum()
    for name, part in card.groupby("characteristic", sort=False):
        column, total = np.zeros(len(people)), 0.0
        for row in part.index:
            inside = people[name].between(card.range_from[row], card.range_below[row], inclusive="left")
            if not inside.any():
                card.loc[row, "weight_of_evidence"] = 0
                continue
            bads = people.loc[inside, "is_bad"].sum() + LEAST_ROWS
            goods = inside.sum() - bads + 2 * LEAST_ROWS
            card.loc[row, "weight_of_evidence"] = round(float(np.log((goods / good) / (bads / bad))), 3)
            total += (goods / good - bads / bad) * card.weight_of_evidence[row]
            column[inside] = card.weight_of_evidence[row]
        weights[name] = column
        print(f"# information value of {name}: {total:.3f}")
    model = LogisticRegression(C=1.0).fit(pd.DataFrame(weights), people["is_bad"])
    slope = dict(zip(weights, model.coef_[0], strict=True))
    card["points"] = [
        round(-FACTOR * min(slope[name], 0) * woe)
        for name, woe in zip(card.characteristic, card.weight_of_evidence, strict=True)
    ]
    base = BASE_SCORE - FACTOR * np.log(BASE_ODDS) - FACTOR * model.intercept_[0]
    print(f"characteristic,range_from,range_below,weight_of_evidence,points\nintercept,0,1,0,{round(base)}")
    print(card.to_csv(index=False, header=False, quoting=csv.QUOTE_MINIMAL, float_format="%g"))


def judge(people: pd.DataFrame) -> None:
    """Print how well scores tell who defaults, and expected against actual defaults by band of score."""
    bad, score = people["is_bad"], -people["score"]
    ranked = people.sort_values("score")
    gap = (ranked.is_bad.cumsum() / bad.sum() - (1 - ranked.is_bad).cumsum() / (1 - bad).sum()).abs().max()
    worst = ranked.head(len(ranked) // 10).is_bad.sum() / bad.sum()
    print(f"{len(people):,} borrowers, {bad.sum()} default within a year")
    print(f"AUC {roc_auc_score(bad, score):.3f}, KS {gap:.3f}, worst tenth holds {worst:.0%} of the defaults")
    watched = people["is_watched"]
    caught = bad[watched].sum() / bad.sum()
    print(f"the watch list holds {watched.mean():.1%} of the borrowers and {caught:.0%} of the defaults")
    bands = pd.cut(people["score"], [0, 500, 540, 580, 620, 1000], right=False)
    table = people.groupby(bands, observed=True).agg(
        borrowers=("is_bad", "size"), expected=("default_probability", "sum"), actual=("is_bad", "sum")
    )
    print(table.round(1).to_string())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["make", "fit", "judge"])
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    chosen = parser.parse_args()
    if chosen.what == "make":
        make(chosen.home, chosen.seed)
    else:
        {"fit": fit, "judge": judge}[chosen.what](judged(chosen.home, chosen.seed))


if __name__ == "__main__":
    main()
