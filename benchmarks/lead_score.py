"""Would a logistic regression rank leads better than the score the sources send? Judged on later leads.

`python benchmarks/lead_score.py HOME` takes the leads of the version published last in HOME whose days to convert are
over, learns from the earlier three quarters of them and tells the AUC of both on the last, with the 95% interval of the
difference from 500 bootstrap samples. `mart_lead` shows the sources' score as long as zero is within it.
"""

import argparse
from pathlib import Path

import duckdb
import numpy as np

from warehouse.models import logistic
from warehouse.models.measures import rank_measures
from warehouse.publish import current_version
from warehouse.settings import Settings

SAMPLES = 500
LEADS = """
    SELECT
        lead.score,
        (lead.status = 'converted')::INTEGER AS is_converted,
        (lead.lead_source = 'branch')::INTEGER AS is_branch,
        (lead.lead_source = 'web_form')::INTEGER AS is_web_form,
        (lead.lead_source = 'referral')::INTEGER AS is_referral,
        (lead.product_code = 'CARD')::INTEGER AS is_card,
        (lead.product_code = 'LOAN')::INTEGER AS is_loan,
        (lead.product_code = 'TD012')::INTEGER AS is_term_deposit,
        lead.is_duplicate::INTEGER AS is_duplicate,
        coalesce(known.age_years, 45) AS age_years,
        coalesce(known.products, 0) AS products,
        ln(1 + coalesce(greatest(known.aum_mean_90d_cny, 0), 0)::DOUBLE) AS money,
        ln(1 + coalesce(known.own_transactions_90d, 0)) AS activity,
        ln(1 + coalesce(known.logins_90d, 0)) AS digital
    FROM mart_lead AS lead
    INNER JOIN seed_lead_rule AS rule ON lead.lead_source = rule.lead_source
    ASOF LEFT JOIN fct_customer_snapshot AS known
        ON lead.customer_id = known.customer_id AND lead.created_at::DATE > known.as_of_date
    WHERE lead.age_days > rule.convert_within_days::INTEGER
    ORDER BY lead.created_at, lead.lead_number
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("home", type=Path)
    version = current_version(Settings.from_environment(arguments.parse_args().home))
    with duckdb.connect(str(version.database), read_only=True) as connection:
        leads = {name: np.asarray(each, float) for name, each in connection.execute(LEADS).fetchnumpy().items()}
    converted = leads.pop("is_converted").astype(bool)
    features = np.column_stack(list(leads.values()))
    later = np.arange(len(converted)) >= len(converted) * 3 // 4
    model = logistic.fit(features[~later], converted[~later])
    truth, learnt, sent = converted[later], model.probability(features[later]), leads["score"][later]
    stream = np.random.default_rng(1)
    samples = (stream.integers(0, len(truth), len(truth)) for _ in range(SAMPLES))
    apart = [_auc(truth[rows], learnt[rows]) - _auc(truth[rows], sent[rows]) for rows in samples]
    print(f"{len(converted):,} leads, {converted.mean():.1%} converted; judged on {len(truth):,}")
    print(f"AUC of the score sent {_auc(truth, sent):.3f}, of the logistic regression {_auc(truth, learnt):.3f}")
    print("difference {:+.3f} to {:+.3f} (95%)".format(*np.percentile(apart, [2.5, 97.5])))


def _auc(truth: np.ndarray, score: np.ndarray) -> float:
    return rank_measures(truth, score)["auc"]


if __name__ == "__main__":
    main()
