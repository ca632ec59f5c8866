"""Random draws that are the same on every machine: one counter-based stream per purpose, integers only."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
MILLION = 1_000_000


@dataclass(frozen=True)
class Streams:
    """The seed of one bank; every purpose draws from a stream of its own, so adding one leaves the others alone."""

    seed: int

    def of(self, *purpose: object) -> np.random.Generator:
        """The stream of one purpose."""
        name = "/".join(str(part) for part in (self.seed, *purpose))
        key = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=16).digest(), "little")
        return np.random.Generator(np.random.Philox(key=key))


def chance(stream: np.random.Generator, count: int, percent: float) -> Flags:
    """True for about `percent` of `count` rows."""
    return stream.integers(0, MILLION, count) < round(percent * MILLION / 100)


def draw(stream: np.random.Generator, weights: Sequence[float] | NDArray[Any], count: int) -> Ints:
    """Indexes drawn in proportion to `weights`."""
    scaled = np.round(np.asarray(weights, dtype=np.float64) * 1000).astype(np.int64)
    bounds = np.cumsum(scaled)
    return np.searchsorted(bounds, stream.integers(0, bounds[-1], count), side="right").astype(np.int64)


def scattered(index: Ints, offset: int, space: int) -> Ints:
    """Distinct numbers below `space` in no visible order: index times an odd step, modulo `space` (a power of ten)."""
    step = 6_364_136_223 % space | 1
    while step % 5 == 0:
        step += 2
    return (index % space * step + offset) % space
