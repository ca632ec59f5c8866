"""Builds JSON lines as whole columns."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.simulators.digits import day_characters, fixed_text, second_characters
from extractors.simulators.streams import Ints
from extractors.simulators.texts import Days, join, number, pick

DAY_SECONDS = 86_400
BEIJING_SECONDS = 8 * 3600
ISO, UTC, EPOCH = range(3)
STYLE_WEIGHTS = (70, 15, 15)


@dataclass(frozen=True)
class Text:
    """Texts that stand in quotes in JSON; those of an object are put there with its labels."""

    escaped: pa.Array


def text(column: pa.Array) -> Text:
    """Values of an object that are texts; null stays null."""
    if _holds(column, "\\"):
        column = pc.replace_substring(column, "\\", "\\\\")
    if _holds(column, '"'):
        column = pc.replace_substring(column, '"', '\\"')
    return Text(column)


def words_in_json(words: Sequence[str], index: Ints) -> pa.Array:
    """The word at each index, spelt as JSON."""
    return pick([json.dumps(word, ensure_ascii=False) for word in words], index)


def json_object(fields: Mapping[str, pa.Array | Text], end: str = "") -> pa.Array:
    """One JSON object a row, and `end`, of texts and values spelt as JSON; null leaves out a field but the first."""
    parts: list[pa.Array | str] = []
    for at, (name, values) in enumerate(fields.items()):
        column, quote = (values.escaped, '"') if isinstance(values, Text) else (values, "")
        label = f'{"," if at else "{"}"{name}":{quote}'
        if not column.null_count:
            parts += [label, column, quote]
        elif column.null_count < len(column):
            parts.append(pc.fill_null(join(label, column, quote), ""))
    return join(*_merged([*parts, "}" + end]))


def moments(days: Days, seconds: Ints, style: Ints) -> pa.Array:
    """The same moment as the apps of different vendors write it: Beijing time, UTC, or milliseconds since 1970."""
    epoch = days.astype("datetime64[D]").astype(np.int64) * DAY_SECONDS + seconds - BEIJING_SECONDS
    rows = [np.flatnonzero(style == kind) for kind in (ISO, UTC, EPOCH)]
    local = _iso(epoch[rows[ISO]] + BEIJING_SECONDS, '+08:00"')
    if len(local) == len(epoch):
        return local
    spelt = [local, _iso(epoch[rows[UTC]], 'Z"'), number(epoch[rows[EPOCH]] * 1000)]
    place = np.empty(len(epoch), np.int64)
    place[np.concatenate(rows)] = np.arange(len(epoch))
    return pick(pa.concat_arrays(spelt), place)


def _iso(epoch: Ints, ending: str) -> pa.Array:
    count, day = len(epoch), epoch // DAY_SECONDS
    days = day_characters(day.astype("datetime64[D]"), "-")
    seconds = second_characters(epoch - day * DAY_SECONDS, ":")
    before, between, after = (
        np.tile(np.frombuffer(text, np.uint8), (count, 1)) for text in (b'"', b"T", ending.encode())
    )
    return fixed_text(np.hstack([before, days, between, seconds, after]))


def _merged(parts: list[pa.Array | str]) -> list[pa.Array | str]:
    """The parts with texts side by side made one."""
    merged: list[pa.Array | str] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    return merged


def _holds(column: pa.Array, character: str) -> bool:
    """Whether any text of a column has an ASCII character."""
    data = column.buffers()[2]
    return data is not None and bool((np.frombuffer(data, np.uint8) == ord(character)).any())


def append_lines(path: Path, lines: pa.Array) -> None:
    """Append lines as they stand, UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _, offsets, data = lines.buffers()
    begin, end = np.frombuffer(offsets, np.int32)[[lines.offset, lines.offset + len(lines)]]
    with path.open("ab") as file:
        file.write(memoryview(data)[begin:end])
