"""Common Chinese characters (three bytes each in UTF-8) of Arrow text as numpy code points, and back."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

BMP = 0x10000  # code points of the basic plane
_BYTES = 3
Points = npt.NDArray[np.uint16]
Places = npt.NDArray[np.int64]


def code_points(names: pa.Array) -> Points:
    """Every character of names that hold nothing but characters of three bytes."""
    return _decoded(_text_bytes(names)[1].reshape(-1, _BYTES))


def spans(names: pa.Array) -> tuple[Places, Places]:
    """Where each name begins among the `code_points`, and how many characters it has."""
    bounds = _text_bytes(names)[0] // _BYTES
    return bounds[:-1], np.diff(bounds)


def from_code_points(points: Points, names: pa.Array) -> pa.Array:
    """The same names with other characters of three bytes."""
    triples = np.empty((len(points), _BYTES), np.uint8)
    triples[:, 0] = 0xE0 | (points >> 12)
    triples[:, 1] = 0x80 | ((points >> 6) & 0x3F)
    triples[:, 2] = 0x80 | (points & 0x3F)
    bounds = _text_bytes(names)[0].astype(np.int32)
    return pa.StringArray.from_buffers(len(names), pa.py_buffer(bounds), pa.py_buffer(triples))


def first_code_points(values: pa.Array) -> Points:
    """The first character of each value where it has three bytes, else 0."""
    bounds, text = _text_bytes(values)
    padded = np.append(text, np.zeros(_BYTES, np.uint8))
    first = padded[bounds[:-1, None] + np.arange(_BYTES)]
    is_three_bytes = (np.diff(bounds) >= _BYTES) & (first[:, 0] >> 4 == 0xE)  # noqa: PLR2004 (lead byte 1110xxxx)
    return np.where(is_three_bytes, _decoded(first), 0).astype(np.uint16)


def _decoded(triples: npt.NDArray[np.uint8]) -> Points:
    wide = triples.astype(np.uint16)
    points = ((wide[:, 0] & 0x0F) << 12) | ((wide[:, 1] & 0x3F) << 6) | (wide[:, 2] & 0x3F)
    return points.astype(np.uint16, copy=False)


def _text_bytes(values: pa.Array) -> tuple[Places, npt.NDArray[np.uint8]]:
    """Offsets and bytes of a text column, from its first value on."""
    _, offsets, data = values.buffers()
    bounds = np.frombuffer(offsets, np.int32, len(values) + 1, values.offset * 4).astype(np.int64)
    text = np.frombuffer(data, np.uint8)[bounds[0] : bounds[-1]] if data else np.zeros(0, np.uint8)
    return bounds - bounds[0], text
