"""Builds JSON lines as whole columns."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.simulators.streams import Ints
from extractors.simulators.texts import Days, choose, hms, join, number, ymd

DAY_SECONDS = 86_400
BEIJING_SECONDS = 8 * 3600
ISO, UTC, EPOCH = range(3)
STYLE_WEIGHTS = (70, 15, 15)


def text_value(column: pa.Array) -> pa.Array:
    """JSON strings; null stays null."""
    escaped = pc.replace_substring(pc.replace_substring(column, "\\", "\\\\"), '"', '\\"')
    return join('"', escaped, '"')


def json_object(fields: Mapping[str, pa.Array]) -> pa.Array:
    """One JSON object a row from values spelt as JSON; null leaves a field out, and the first is never null."""
    members = []
    for at, (name, values) in enumerate(fields.items()):
        spelt = join(f'{"," if at else ""}"{name}":', values)
        members.append(pc.fill_null(spelt, "") if spelt.null_count else spelt)
    return join("{", *members, "}")


def moments(days: Days, seconds: Ints, style: Ints) -> pa.Array:
    """The same moment as the apps of different vendors write it: Beijing time, UTC, or milliseconds since 1970."""
    epoch = days.astype("datetime64[D]").astype(np.int64) * DAY_SECONDS + seconds - BEIJING_SECONDS
    local = join('"', _iso(epoch + BEIJING_SECONDS), '+08:00"')
    spelt = choose(style == UTC, join('"', _iso(epoch), 'Z"'), local)
    return choose(style == EPOCH, number(epoch * 1000), spelt)


def _iso(epoch: Ints) -> pa.Array:
    days = (epoch // DAY_SECONDS).astype("datetime64[D]")
    packed = ymd(days)
    clock = hms(epoch % DAY_SECONDS)
    date = join(number(packed // 10_000), "-", number(packed // 100 % 100, 2), "-", number(packed % 100, 2))
    time = join(number(clock // 10_000, 2), ":", number(clock // 100 % 100, 2), ":", number(clock % 100, 2))
    return join(date, "T", time)


def append_lines(path: Path, lines: pa.Array) -> None:
    """Append one line per entry, UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        for start in range(0, len(lines), 100_000):
            part = join(lines.slice(start, 100_000), "\n")
            if len(part):
                file.write(part.buffers()[2])
