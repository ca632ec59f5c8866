"""How often, how long still and for how much a customer buys: BG/NBD for purchases, Gamma-Gamma for their amount.

BG/NBD: Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2); P(alive) from
their note of 2008. Gamma-Gamma: Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value. Arrays have one value
for each customer; times are of one unit throughout. Maximum likelihood in logarithms of the parameters, deterministic.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

LOG_BOUND = 9.0  # parameters between 1/8,000 and 8,000
NEAR_ONE = 1e-6


@dataclass(frozen=True)
class Rhythm:
    """BG/NBD: rates are gamma(r, alpha) among customers, chances to stop after a purchase beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float

    def log_likelihood(self, repeats: "Numbers", last: "Numbers", age: "Numbers") -> float:
        """Of purchases after the first, time from first to last, time since the first (eq. 6, in logarithms)."""
        import numpy as np
        from scipy.special import betaln, gammaln

        rate = gammaln(self.r + repeats) - gammaln(self.r) + self.r * np.log(self.alpha)
        stays = betaln(self.a, self.b + repeats) - betaln(self.a, self.b)
        goes_on = stays - (self.r + repeats) * np.log(self.alpha + age)
        stopped = (
            betaln(self.a + 1, self.b + np.maximum(repeats, 1) - 1)
            - betaln(self.a, self.b)
            - (self.r + repeats) * np.log(self.alpha + last)
        )
        both = np.where(repeats > 0, np.logaddexp(goes_on, stopped), goes_on)
        return float((rate + both).sum())

    def alive(self, repeats: "Numbers", last: "Numbers", age: "Numbers") -> "Numbers":
        """Probability that each customer still buys."""
        import numpy as np

        stopped = (self.a / (self.b + np.maximum(repeats, 1) - 1)) * np.exp(
            (self.r + repeats) * np.log((self.alpha + age) / (self.alpha + last))
        )
        probability: Numbers = 1 / (1 + np.where(repeats > 0, stopped, 0.0))
        return probability

    def expected(self, repeats: "Numbers", last: "Numbers", age: "Numbers", ahead: float) -> "Numbers":
        """Purchases of each customer in the time `ahead` (eq. 10, after Euler's transformation of the series)."""
        from scipy.special import hyp2f1

        a = self.a if abs(self.a - 1) > NEAR_ONE else 1 + NEAR_ONE
        passed = ahead / (self.alpha + age + ahead)
        series = hyp2f1(a + self.b - 1 - self.r, a - 1, a + self.b + repeats - 1, passed)
        if_alive = (a + self.b + repeats - 1) / (a - 1) * (1 - (1 - passed) ** (a - 1) * series)
        purchases: Numbers = if_alive * self.alive(repeats, last, age)
        return purchases


@dataclass(frozen=True)
class Amount:
    """Gamma-Gamma: a purchase is gamma(p, v), and v among customers gamma(q, gamma)."""

    p: float
    q: float
    gamma: float

    def log_likelihood(self, purchases: "Numbers", mean: "Numbers") -> float:
        """Of the number of purchases and their mean amount (eq. 1a, in logarithms)."""
        import numpy as np
        from scipy.special import betaln

        shape = self.p * purchases
        told = (
            -betaln(shape, self.q)
            + self.q * np.log(self.gamma)
            + (shape - 1) * np.log(mean)
            + shape * np.log(purchases)
            - (shape + self.q) * np.log(self.gamma + purchases * mean)
        )
        return float(told.sum())

    def expected(self, purchases: "Numbers", mean: "Numbers") -> "Numbers":
        """Mean amount of each customer's purchases to come (eq. 5): own mean and that of all, weighted."""
        amount: Numbers = self.p * (self.gamma + purchases * mean) / (self.p * purchases + self.q - 1)
        return amount


def fit_rhythm(repeats: "Numbers", last: "Numbers", age: "Numbers") -> Rhythm:
    """The most likely rhythm; times are scaled to a mean age of one while it is sought."""
    scale = float(age.mean()) or 1.0
    r, alpha, a, b = _most_likely(
        lambda r, alpha, a, b: Rhythm(r, alpha, a, b).log_likelihood(repeats, last / scale, age / scale),
        (1.0, 1.0, 1.0, 3.0),
        len(repeats),
    )
    return Rhythm(r, alpha * scale, a, b)


def fit_amount(purchases: "Numbers", mean: "Numbers") -> Amount:
    """The most likely distribution of amounts; they are scaled to a mean of one while it is sought."""
    scale = float(mean.mean())
    p, q, gamma = _most_likely(
        lambda p, q, gamma: Amount(p, q, gamma).log_likelihood(purchases, mean / scale), (2.0, 3.0, 1.0), len(mean)
    )
    return Amount(p, max(q, 1 + NEAR_ONE), gamma * scale)


def _most_likely(likelihood: Callable[..., float], start: tuple[float, ...], rows: int) -> list[float]:
    import numpy as np
    from scipy.optimize import minimize

    found = minimize(
        lambda logs: -likelihood(*np.exp(logs)) / rows,
        np.log(start),
        method="L-BFGS-B",
        bounds=[(-LOG_BOUND, LOG_BOUND)] * len(start),
    )
    return [float(round(value, 6)) for value in np.exp(found.x)]
