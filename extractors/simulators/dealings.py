"""What people have agreed with the bank: consents that hold, products they bought or are about to buy."""

from dataclasses import dataclass, field

import numpy as np

from extractors.simulators.stacking import PersonRows
from extractors.simulators.streams import Flags, Ints
from extractors.simulators.texts import Days


@dataclass(frozen=True)
class Bought:
    """Products people bought: who, which of WANTED, the day, the amount in cents."""

    person: PersonRows
    product: Ints
    day: Days
    cents: Ints

    def some(self, rows: Ints | Flags) -> "Bought":
        """Some of them."""
        return Bought(self.person[rows], self.product[rows], self.day[rows], self.cents[rows])


NOTHING_BOUGHT = Bought(*(np.empty(0, np.int64),) * 2, np.empty(0, "datetime64[D]"), np.empty(0, np.int64))


def all_bought(parts: list[Bought]) -> Bought:
    """Everything in the order of its day, then person and product."""
    person, product, day, cents = (
        np.concatenate([getattr(part, name) for part in [NOTHING_BOUGHT, *parts]])
        for name in ("person", "product", "day", "cents")
    )
    return Bought(person, product, day, cents).some(np.lexsort((product, person, day)))


@dataclass
class Dealings:
    """State of people simulated together that later days start from; empty until they are customers."""

    grants: Flags = field(default_factory=lambda: np.empty((0, 0), dtype=bool))  # person by entry of GRANTS
    customers: PersonRows = field(default_factory=lambda: np.empty(0, np.int64))  # whom core banking knows
    manager: Ints = field(default_factory=lambda: np.empty(0, np.int64))  # number of each person's manager
    bought: Bought = NOTHING_BOUGHT

    def bought_until(self, day: np.datetime64) -> Bought:
        """What was bought on or before a day."""
        return self.bought.some(self.bought.day <= day)

    def bought_on(self, day: np.datetime64) -> Bought:
        """What is bought on one day."""
        return self.bought.some(self.bought.day == day)
