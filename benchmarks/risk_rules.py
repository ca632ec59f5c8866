"""How well alerts and hints find what the simulated crooks did, and how early loans that go bad were noticed.

`python -m benchmarks.risk_rules make --home A` makes a bank with ten times the usual crime and the tables of a night;
`... judge --home A` compares its alerts and hints with the truth, account by account and day by day.
"""

import argparse
from pathlib import Path

import duckdb

from benchmarks.one_night import build_one_night
from dags import pipeline
from extractors.simulators.bank import Bank, Crime
from warehouse.engine import built_tables, mount, quoted
from warehouse.settings import Settings

BANK = Bank(20_000, 31, crime=Crime(takeovers=3, structuring=1, mule_rings=0.3))
CROOKED = """
    CREATE TABLE crooked AS
    SELECT DISTINCT 'core_banking:' || truth.value AS account_key, truth.event, dim_account.customer_id,
        strptime(truth.business_date, '%Y%m%d')::DATE AS day
    FROM truth JOIN dim_account ON dim_account.account_key = 'core_banking:' || truth.value
    WHERE truth.event IN ('account takeover', 'structuring', 'mule account')
"""
ALERTS = """
    WITH alert AS (
        SELECT DISTINCT fct_transaction.account_key, risk.transacted_on AS day
        FROM mart_txn_risk AS risk JOIN fct_transaction USING (transaction_key) WHERE risk.is_alert
    )
    SELECT coalesce(crooked.event, 'honest') AS what, count(*) AS alerted_account_days
    FROM alert LEFT JOIN crooked USING (account_key, day) GROUP BY ALL ORDER BY 1
"""
FOUND = """
    WITH alert AS (
        SELECT DISTINCT fct_transaction.account_key, risk.transacted_on AS day
        FROM mart_txn_risk AS risk JOIN fct_transaction USING (transaction_key) WHERE risk.is_alert
    )
    SELECT crooked.event, count(*) AS account_days, count(alert.day) AS alerted
    FROM crooked LEFT JOIN alert USING (account_key, day)
    WHERE crooked.day > DATE '2026-01-01' GROUP BY ALL ORDER BY 1
"""
RULES = """
    SELECT risk.risk_rule, count(*) AS hits,
        count(crooked.event) AS on_crooked, count(*) - count(crooked.event) AS on_honest
    FROM mart_txn_risk AS risk JOIN fct_transaction USING (transaction_key)
    LEFT JOIN crooked ON crooked.account_key = fct_transaction.account_key AND crooked.day = risk.transacted_on
    GROUP BY ALL ORDER BY 1
"""
HINTS = """
    SELECT hint.pattern, count(*) AS hints, count(*) FILTER (WHERE guilty.customer_id IS NOT NULL) AS on_crooked
    FROM feed_aml_hint AS hint
    LEFT JOIN (SELECT DISTINCT customer_id FROM crooked WHERE day > DATE '2026-01-01') AS guilty USING (customer_id)
    GROUP BY ALL ORDER BY 1
"""
HINTED = """
    SELECT crooked.event, count(DISTINCT crooked.customer_id) AS customers,
        count(DISTINCT hint.customer_id) AS hinted
    FROM crooked LEFT JOIN feed_aml_hint AS hint
        ON hint.customer_id = crooked.customer_id
        AND hint.pattern IN ('structuring', 'rapid_in_out', 'shared_device')
    WHERE crooked.day > DATE '2026-01-06' GROUP BY ALL ORDER BY 1
"""
WARNED = """
    WITH default_month AS (
        SELECT loan_number, customer_id, min(state_on) AS defaulted_on
        FROM fct_loan_status WHERE bucket = 'm4_plus' GROUP BY ALL
        HAVING min(state_on) > DATE '2025-03-31'
    ),
    salary AS (
        SELECT customer_id, max(transacted_on) AS last_salary_on
        FROM fct_transaction WHERE category = 'salary' GROUP BY ALL
    )
    SELECT count(*) AS loans_defaulted,
        count(*) FILTER (WHERE last_salary_on < defaulted_on - 90) AS salary_stopped_before,
        round(avg(defaulted_on - last_salary_on - 45) FILTER (WHERE last_salary_on < defaulted_on - 90)) AS days_warned
    FROM default_month JOIN salary USING (customer_id)
"""
QUESTIONS = {
    "What was alerted (account days of 30 days)": ALERTS,
    "What was found": FOUND,
    "Hits by rule": RULES,
    "Hints by pattern": HINTS,
    "Customers hinted at": HINTED,
    "Salary as an early warning of default": WARNED,
}


def make(home: Path) -> None:
    """Simulate the bank and build the tables of its first night."""
    build_one_night(home, BANK)


def judge(home: Path) -> None:
    """Print every comparison with the truth."""
    settings = Settings(home=home)
    with duckdb.connect() as connection:
        mount(connection, built_tables(pipeline.build_folder(settings)))
        truth = settings.sources / "truth" / "truth_event.parquet"
        connection.execute(f"CREATE VIEW truth AS FROM read_parquet({quoted(truth)})").fetchall()
        connection.execute(CROOKED).fetchall()
        for title, question in QUESTIONS.items():
            print(f"\n{title}\n{connection.execute(question).df().to_string(index=False)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["make", "judge"])
    parser.add_argument("--home", type=Path, required=True)
    chosen = parser.parse_args()
    {"make": make, "judge": judge}[chosen.what](chosen.home)


if __name__ == "__main__":
    main()
