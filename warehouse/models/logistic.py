"""Logistic regression as this project uses it: standardised features, coefficients that explain each score."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Flags = NDArray[np.bool_]

FEWEST_OF_A_CLASS = 30
PENALTY = 0.3  # inverse strength of the ridge penalty on standardised features
SCORE_DIGITS = 6
LEAST_REASON = 0.15  # log-odds a feature adds before it is worth telling


@dataclass(frozen=True)
class Logistic:
    """A fitted model: probability = 1 / (1 + exp(−intercept − Σ weight · (x − mean) / spread))."""

    mean: "Numbers"
    spread: "Numbers"
    weight: "Numbers"
    intercept: float

    def contributions(self, features: "Numbers") -> "Numbers":
        """Log-odds each feature adds to a row, against a customer who is average in it."""
        added: Numbers = (features - self.mean) / self.spread * self.weight
        return added

    def probability(self, features: "Numbers") -> "Numbers":
        """Probability of each row, cut to digits that do not vary by machine."""
        from scipy.special import expit

        slope = self.weight / self.spread
        probability: Numbers = expit(features @ slope + (self.intercept - self.mean @ slope)).round(SCORE_DIGITS)
        return probability

    def parameters(self) -> dict[str, Any]:
        """What was learnt, to be hashed into the model card."""
        return {"mean": list(self.mean), "spread": list(self.spread), "weight": list(self.weight), "b": self.intercept}


def can_learn(truth: "Flags") -> bool:
    """Whether there are enough rows of either class to fit more than noise."""
    return min(int(truth.sum()), int((~truth).sum())) >= FEWEST_OF_A_CLASS


def fit(features: "Numbers", truth: "Flags") -> Logistic:
    """Fit on rows of both classes; deterministic."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(features)
    model = LogisticRegression(C=PENALTY, max_iter=200).fit(scaler.transform(features), truth)
    return Logistic(scaler.mean_, scaler.scale_, model.coef_[0], float(model.intercept_[0]))


def told(contributions: "Numbers", words: list["NDArray[np.object_]"], most: int = 3) -> "NDArray[np.object_]":
    """The `most` features that add most to each row, in words, joined by semicolons; empty where none adds enough.

    `words` has, for each feature, what to say of each row; an empty text is never a reason.
    """
    import numpy as np

    strength = np.where(np.column_stack([text != "" for text in words]), contributions, -np.inf)
    everything = np.arange(len(strength))
    reasons = np.full(len(strength), "", dtype=object)
    for place in range(most):
        feature = strength.argmax(axis=1)
        said = everything[strength[everything, feature] >= LEAST_REASON]
        for told_of in np.unique(feature[said]):
            rows = said[feature[said] == told_of]
            reasons[rows] += ("; " if place else "") + words[told_of][rows]
        strength[everything, feature] = -np.inf
    return reasons
