"""Which dimension of data quality a flagged value speaks of (ISO/IEC 25012, GB/T 36344)."""

from enum import StrEnum

from cleansing.values.findings import OUTCOMES, Outcome

RULES = (*(outcome.value for outcome in OUTCOMES), "pattern", "minimum", "maximum")
"""Every word for what became of a value: outcomes of cleaning, then rules of a contract it breaks."""
CODE_OF_RULE = {rule: code for code, rule in enumerate(RULES)}


class Dimension(StrEnum):
    """The six dimensions a quality score is made of."""

    COMPLETENESS = "completeness"
    VALIDITY = "validity"
    ACCURACY = "accuracy"
    CONSISTENCY = "consistency"
    UNIQUENESS = "uniqueness"
    TIMELINESS = "timeliness"


DIMENSION_OF = {
    Outcome.MISSING.value: Dimension.COMPLETENESS,
    Outcome.PLACEHOLDER.value: Dimension.COMPLETENESS,
    Outcome.MASKED.value: Dimension.COMPLETENESS,
    Outcome.INVALID.value: Dimension.VALIDITY,
    "pattern": Dimension.VALIDITY,
    "minimum": Dimension.VALIDITY,
    "maximum": Dimension.VALIDITY,
    Outcome.AMBIGUOUS.value: Dimension.ACCURACY,
    Outcome.REPAIRED.value: Dimension.CONSISTENCY,
    Outcome.UPGRADED.value: Dimension.CONSISTENCY,
}
"""Dimension of every rule that rejected rows and issues name."""
