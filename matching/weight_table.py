"""Learnt weights as a table that people can read and the next night takes up again."""

from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from matching.model import Model
from matching.weights import Weights

EVERYONE = "everyone"
LONGEST_USE = timedelta(days=90)


def weight_rows(model: Model, weights: Weights, trained_on: date) -> pa.Table:
    """One row for each comparison, household and level, as link_weight holds them."""
    rows = []
    for position, (name, comparison) in enumerate(model.comparisons.items()):
        for context, household in enumerate(_households(model)):
            for number, level in enumerate(comparison.level_names[1:], start=1):
                rows.append(
                    {
                        "rule_version": weights.model_version,
                        "comparison": name,
                        "household": household,
                        "level_number": number,
                        "level": level,
                        "m_probability": weights.m[position][number],
                        "u_probability": weights.u[context][position][number],
                        "match_weight": float(weights.log2[position][context, number]),
                        "prior": weights.prior,
                        "trained_on": trained_on,
                        "is_trained": weights.is_trained,
                    }
                )
    return pa.Table.from_pylist(rows)


def usable_weights(table: pa.Table | None, model: Model, business_date: date) -> tuple[Weights, date] | None:
    """Weights of an earlier night and their day; None where the rules changed, they are untrained or have aged."""
    if table is None:
        return None
    rows = table.filter(pc.equal(table["rule_version"], model.version)).to_pylist()
    expected = {
        (name, household, number, level)
        for name, comparison in model.comparisons.items()
        for household in _households(model)
        for number, level in enumerate(comparison.level_names[1:], start=1)
    }
    found = {(row["comparison"], row["household"], row["level_number"], row["level"]): row for row in rows}
    if set(found) != expected or not rows[0]["is_trained"] or business_date - rows[0]["trained_on"] > LONGEST_USE:
        return None

    def shares(household: str, column: str) -> tuple[tuple[float, ...], ...]:
        return tuple(
            (0.0, *(found[name, household, n, level][column] for n, level in enumerate(c.level_names[1:], start=1)))
            for name, c in model.comparisons.items()
        )

    u = tuple(shares(household, "u_probability") for household in _households(model))
    m = shares(EVERYONE, "m_probability")
    return Weights(model.version, tuple(model.comparisons), m, u, rows[0]["prior"]), rows[0]["trained_on"]


def _households(model: Model) -> list[str]:
    return [EVERYONE, *(household.comparison for household in model.households)]
