"""How common each value of an evidence is: agreeing on a rare name says more than agreeing on a common one.

Measured when the weights are learnt and frozen with them, so that a pair weighs the same until they are learnt again.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.mixture import Floats
from matching.model import Model
from matching.prepared import Hashes
from matching.records import Coded, Records
from matching.values import weighed_by_frequency

LEAST_HOLDERS = 2  # two records must hold a value for a pair to agree on it


@dataclass(frozen=True, eq=False)
class Commonness:
    """Rows that hold a value of one kind, and the hashes, in order, of values that more than two rows hold."""

    present: int
    hashes: Hashes
    holders: NDArray[np.int32]

    def share(self, hashes: Hashes) -> Floats:
        """Share of rows that hold each of these values."""
        holders = np.full(len(hashes), float(LEAST_HOLDERS))
        place = np.minimum(np.searchsorted(self.hashes, hashes), max(len(self.hashes) - 1, 0))
        known = np.flatnonzero(self.hashes[place] == hashes) if len(self.hashes) else place[:0]
        holders[known] = self.holders[place[known]]
        share: Floats = holders / max(self.present, LEAST_HOLDERS)
        return share


def commonness_of(coded: Coded) -> Commonness:
    """Commonness of the values of these rows."""
    common = np.flatnonzero(coded.holders > LEAST_HOLDERS)
    common = common[np.argsort(coded.hashes[common])]
    return Commonness(int(coded.is_present().sum()), coded.hashes[common], coded.holders[common])


def measure_commonness(records: Records, model: Model) -> dict[tuple[str, int], Commonness]:
    """Commonness by comparison and number of each level that weighs it."""
    return {place: commonness_of(records.coded[value]) for place, value in weighed_by_frequency(model).items()}
