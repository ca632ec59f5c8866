"""NumPy to Arrow without a copy, and without pandas, which pyarrow.array would import to look at its argument."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def arrow(values: NDArray[Any]) -> pa.Array:
    """Numbers as an Arrow array over the same memory."""
    flat = np.ascontiguousarray(values)
    return pa.Array.from_buffers(pa.from_numpy_dtype(flat.dtype), len(flat), [None, pa.py_buffer(flat)])


def texts(values: Sequence[str]) -> pa.Array:
    """A few texts as an Arrow array."""
    encoded = [value.encode() for value in values]
    offsets = np.cumsum([0, *(len(text) for text in encoded)], dtype=np.int32)
    return pa.Array.from_buffers(
        pa.string(), len(encoded), [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    )


def whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column as one array; copied only if it is in several pieces (combine_chunks always copies)."""
    if isinstance(column, pa.Array):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def numpy(column: pa.ChunkedArray | pa.Array) -> NDArray[Any]:
    """Numbers of a column without nulls as one NumPy array."""
    array = whole(column)
    kind = array.type.to_pandas_dtype()
    if not len(array):
        return np.empty(0, dtype=kind)
    return np.frombuffer(array.buffers()[1], dtype=kind)[array.offset : array.offset + len(array)]
