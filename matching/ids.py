"""Golden customer ids: C and twelve Crockford base-32 characters, minted from data so that a rebuild mints the same."""

from collections.abc import Sequence
from datetime import date
from hashlib import sha256

import numpy as np

ALPHABET = np.frombuffer(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", dtype="S1")
LENGTH = 12
BYTES = 8
SPARE_BITS = 4


def mint_ids(least_keys: Sequence[str], business_date: date, taken: set[str]) -> list[str]:
    """A new id for each cluster, from its least record key and the day; never one of `taken`, nor one twice.

    >>> mint_ids(["core_banking:1"], date(2026, 1, 31), set())
    ['C204MJK9WT81P']
    """
    minted = _encode([f"{key}|{business_date:%Y-%m-%d}" for key in least_keys])
    used = set(taken)
    for position, candidate in enumerate(minted):
        attempt, free = 0, candidate
        while free in used:
            attempt += 1
            free = _encode([f"{least_keys[position]}|{business_date:%Y-%m-%d}|{attempt}"])[0]
        used.add(free)
        minted[position] = free
    return minted


def _encode(texts: Sequence[str]) -> list[str]:
    """The first sixty bits of each text's SHA-256 as an id."""
    digests = b"".join(sha256(text.encode()).digest()[:BYTES] for text in texts)
    numbers = np.frombuffer(digests, dtype=">u8").astype(np.uint64) >> np.uint64(SPARE_BITS)
    shifts = np.arange(5 * (LENGTH - 1), -1, -5, dtype=np.uint64)
    characters = ALPHABET[(numbers[:, None] >> shifts) & np.uint64(31)]
    return [f"C{code.decode()}" for code in np.ascontiguousarray(characters).view(f"S{LENGTH}").ravel()]
