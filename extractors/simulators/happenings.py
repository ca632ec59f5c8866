"""One kind of thing that happens in the channels: who, when, where, and the payload of the event."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from extractors.simulators.json_lines import json_object, text, words_in_json
from extractors.simulators.streams import Ints, draw
from extractors.simulators.texts import Days, number

CHANNELS = APP, WEB, CALL, BRANCH, WECHAT = "APP", "WEB", "CALL", "BRANCH", "WECHAT"
TOPICS = ("卡片挂失", "转账失败", "账单疑问", "理财咨询", "贷款进度", "手机号变更", "手续费", "网点服务")


@dataclass(frozen=True)
class Happening:
    """Events of one type: the user (row of the members), the moment, the channel and the payload."""

    event_type: str
    user: Ints
    day: Days
    second: Ints
    channel: pa.Array
    payload: pa.Array


def words(
    stream: np.random.Generator, choices: tuple[str, ...], count: int, weights: tuple[int, ...] | None = None
) -> pa.Array:
    """JSON strings drawn from a few words."""
    return words_in_json(choices, draw(stream, weights or (1,) * len(choices), count))


def whole(stream: np.random.Generator, low: int, high: int, count: int) -> pa.Array:
    """JSON numbers from `low` to below `high`."""
    return number(stream.integers(low, high, count))


def daytime(stream: np.random.Generator, count: int) -> Ints:
    """Seconds of a day, mostly waking hours."""
    return (stream.integers(7 * 3600, 23 * 3600, count) + stream.integers(-3000, 3000, count)) % 86_400


def office_hours(stream: np.random.Generator, count: int) -> Ints:
    """Seconds of a day while branches are open, fuller before noon."""
    return 9 * 3600 + stream.integers(0, 30_600, count) * stream.integers(400, 1001, count) // 1000


def profile_payload(columns: dict[str, pa.Array], id_type: pa.Array) -> pa.Array:
    """Payload of register and profile events."""
    fields = {"name": "name", "id_no": "document", "mobile": "mobile", "email": "email", "birth": "birth", "sex": "sex"}
    values = {field: text(columns[column]) for field, column in fields.items()}
    return json_object(values | {"id_type": text(id_type)})
