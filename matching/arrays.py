"""NumPy to Arrow without a copy, and without pandas, which pyarrow.array would import to look at its argument."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def arrow(values: NDArray[Any]) -> pa.Array:
    """Numbers as an Arrow array over the same memory."""
    whole = np.ascontiguousarray(values)
    return pa.Array.from_buffers(pa.from_numpy_dtype(whole.dtype), len(whole), [None, pa.py_buffer(whole)])


def texts(values: Sequence[str]) -> pa.Array:
    """A few texts as an Arrow array."""
    encoded = [value.encode() for value in values]
    offsets = np.cumsum([0, *(len(text) for text in encoded)], dtype=np.int32)
    return pa.Array.from_buffers(
        pa.string(), len(encoded), [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    )


def numpy(column: pa.ChunkedArray | pa.Array) -> NDArray[Any]:
    """Numbers of a column without nulls as one NumPy array."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    kind = whole.type.to_pandas_dtype()
    if not len(whole):
        return np.empty(0, dtype=kind)
    return np.frombuffer(whole.buffers()[1], dtype=kind)[whole.offset : whole.offset + len(whole)]
