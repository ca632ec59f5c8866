"""Campaigns of the year: whom they reached, whom they held out, and the lift that truly is in them."""

import numpy as np
import pyarrow as pa

from extractors.simulators.happenings import APP, MEDIA, Happening, daytime, words
from extractors.simulators.json_lines import json_object
from extractors.simulators.streams import Ints, Streams, chance
from extractors.simulators.texts import Days, choose, constant

CAMPAIGNS = ("CMP2601", "CMP2602", "CMP2603", "CMP2604")


def campaigns(
    streams: Streams, first: int, users: int, first_day: np.datetime64, last_day: np.datetime64
) -> tuple[list[Happening], pa.Table]:
    """Contacts and responses of the year's campaigns, a held-out tenth each, and the lift that truly is in them."""
    happenings: list[Happening] = []
    effects = []
    span = int((last_day - first_day).astype(np.int64))
    for at, campaign in enumerate(CAMPAIGNS):
        stream = streams.of("campaign", campaign, first)
        asked = np.flatnonzero(chance(stream, users, 15))
        treated = ~chance(stream, len(asked), 10)
        lift = (1.5, 0.0, 3.0, 0.6)[at]
        day = np.full(len(asked), first_day + span * (at + 1) // (len(CAMPAIGNS) + 1))
        accepts = chance(stream, len(asked), 2.0) | (treated & chance(stream, len(asked), lift))
        happenings += _campaign_events(stream, campaign, asked, treated, accepts, day)
        effects.append({"effect": campaign, "base_percent": "2.0", "lift_percent": str(lift)})
    return happenings, pa.Table.from_pylist(effects)


def _campaign_events(
    stream: np.random.Generator, campaign: str, asked: Ints, treated: np.ndarray, accepts: np.ndarray, day: Days
) -> list[Happening]:
    count = len(asked)
    arm = choose(treated, '"treated"', constant('"control"', count))
    named = constant(f'"{campaign}"', count)
    contact = json_object(
        {"campaign": named, "arm": arm, "medium": words(stream, MEDIA, count), "cost_cny": constant('"0.05"', count)}
    )
    contacts = Happening("campaign_contact", asked, day, np.full(count, 36_000), constant(APP, count), contact)
    responses = np.flatnonzero(accepts | (treated & chance(stream, count, 30)))
    reaction = choose(accepts[responses], '"accept"', words(stream, ("open", "click"), len(responses), (7, 3)))
    payload = json_object(
        {"campaign": named.take(pa.array(responses)), "arm": arm.take(pa.array(responses)), "reaction": reaction}
    )
    later = day[responses] + stream.integers(0, 20, len(responses)).astype("timedelta64[D]")
    second, channel = daytime(stream, len(responses)), constant(APP, len(responses))
    return [contacts, Happening("campaign_response", asked[responses], later, second, channel, payload)]  # fmt: skip
