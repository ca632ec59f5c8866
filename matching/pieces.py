"""Texts in pieces: how alike two are by the pieces they share, each weighed by how rare it is in the table."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import csr_array

from matching.arrays import numpy, whole

PAIRS_AT_ONCE = 100_000


def weighed_pieces(column: pa.ChunkedArray) -> csr_array:
    """One row for each text: the weight of its pieces (inverse document frequency), of length one; a list of hashes."""
    lists = whole(column)
    hashes = numpy(lists.flatten())
    ends = np.concatenate([[0], np.cumsum(np.asarray(lists.value_lengths()), dtype=np.int64)])
    distinct, piece = np.unique(hashes, return_inverse=True)
    holders = np.bincount(piece, minlength=len(distinct))
    weight = np.log1p(len(lists) / np.maximum(holders, 1)).astype(np.float32)[piece]
    rows = np.repeat(np.arange(len(lists)), np.diff(ends))
    length = np.sqrt(np.bincount(rows, weight.astype(np.float64) ** 2, len(lists)))
    unit = (weight / np.maximum(length[rows], 1e-9)).astype(np.float32)
    return csr_array((unit, piece.astype(np.int32), ends), shape=(len(lists), max(len(distinct), 1)))


def cosines(pieces: csr_array, left: NDArray[np.int32], right: NDArray[np.int32]) -> NDArray[np.float64]:
    """Cosine of each pair of rows."""
    found = np.zeros(len(left))
    for start in range(0, len(left), PAIRS_AT_ONCE):
        chunk = slice(start, start + PAIRS_AT_ONCE)
        found[chunk] = pieces[left[chunk]].multiply(pieces[right[chunk]]).sum(axis=1)
    return found
