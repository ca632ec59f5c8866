"""Campaigns of the year: whom they reached, whom they held out, who bought because of them, who anyhow."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from extractors.simulators.commerce import Sales
from extractors.simulators.consents import NO_MEDIUM, best_medium
from extractors.simulators.dealings import Bought
from extractors.simulators.people import People
from extractors.simulators.streams import Flags, Ints, Streams, chance
from extractors.simulators.texts import Days
from extractors.simulators.wishes import WANTED, amounts, appetite, is_drawn, is_reachable

COMPLAINT_DAYS = 20  # nobody who complained so lately is asked
AWAY_DAYS = 45  # who left so long ago is asked to come back
NOT_THIS_YEAR = -1
WITHIN_DAYS = 25  # of being asked, who buys has bought


@dataclass(frozen=True)
class Campaign:
    """What a campaign offers, when in the year before the first date it runs, and its effect, percent of the asked."""

    code: str
    product: str
    percent_of_year: int
    base_percent: float
    lift_percent: float
    control_percent: float = 10
    wins_back: bool = False


CAMPAIGNS = (
    Campaign("CMP2601", "TD012", 20, 2.0, 1.5),
    Campaign("CMP2602", "CARD", 40, 2.0, 0.0),
    Campaign("CMP2603", "WM202", 60, 2.0, 3.0),
    Campaign("CMP2604", "FD404", 80, 2.0, 0.6),
    Campaign("CMP2606", "TD012", 83, 6.0, 9.0, control_percent=25, wins_back=True),
)


LATER_CAMPAIGNS = {  # by number of the business date
    12: Campaign("CMP2605", "WM202", NOT_THIS_YEAR, 2.0, 2.0),
    30: Campaign("CMP2607", "TD012", NOT_THIS_YEAR, 6.0, 9.0, control_percent=25, wins_back=True),
}


@dataclass(frozen=True)
class Reached:
    """People one campaign chose: whether they were treated, by which medium, on which day, when they bought."""

    campaign: Campaign
    person: Ints
    is_treated: Flags
    medium: Ints
    day: Days
    bought_on: Days


def campaign_day(campaign: Campaign, days: Days) -> np.datetime64:
    """The day a campaign of the year runs."""
    day: np.datetime64 = days[(len(days) - 1) * campaign.percent_of_year // 100]
    return day


def run_campaign(
    sales: Sales,
    streams: Streams,
    campaign: Campaign,
    people: People,
    customers: Ints,
    grants: Flags,
    day: np.datetime64,
    first: int,
) -> tuple[Reached, Bought]:
    """One campaign among `customers` (persons) on `day`, and what those it chose bought of its product."""
    stream = streams.of("campaign", campaign.code, first)
    medium = best_medium(grants)
    chosen = chance(stream, len(people), 100 if campaign.wins_back else sales.asked)
    may = np.zeros(len(people), dtype=bool)
    may[customers] = True
    may &= chosen & (medium != NO_MEDIUM) & _is_wanted(campaign, people, day)
    person = np.flatnonzero(may)
    count = len(person)
    asked_on = np.full(count, day)
    treated = ~chance(stream, count, campaign.control_percent)
    product = WANTED.index(campaign.product)
    pull = np.ones(count, np.int64) if campaign.wins_back else appetite(people, person, asked_on)[:, product]
    buys = is_drawn(stream, campaign.base_percent, pull) | (treated & is_drawn(stream, campaign.lift_percent, pull))
    after = stream.integers(0, WITHIN_DAYS, count).astype("timedelta64[D]")
    bought_on = np.where(buys, asked_on + after, np.datetime64("NaT"))
    rows = np.flatnonzero(buys)
    if campaign.wins_back:
        people.grievances.returned_on[person[rows]] = bought_on[rows]
    bought = Bought(person[rows], np.full(len(rows), product), bought_on[rows], amounts(stream, people, person)[rows])
    return Reached(campaign, person, treated, medium[person], asked_on, bought_on), bought


def true_effects() -> pa.Table:
    """Rows of `truth_effect`: what buying the product anyhow and the lift of each campaign are, percent."""
    rows = [
        {
            "effect": one.code,
            "base_percent": str(one.base_percent),
            "lift_percent": str(one.lift_percent),
            "cause": "treated",
        }
        for one in (*CAMPAIGNS, *LATER_CAMPAIGNS.values())
    ]
    return pa.Table.from_pylist(rows)


def _is_wanted(campaign: Campaign, people: People, day: np.datetime64) -> Flags:
    """Whom a campaign is for: adults without a fresh complaint who are with the bank, or who left it a while ago."""
    everyone, days = np.arange(len(people)), np.full(len(people), day)
    grievances = people.grievances
    if campaign.wins_back:
        long_gone = days - AWAY_DAYS > grievances.left_on
        return long_gone & is_reachable(people, everyone, grievances.left_on)
    since = (days - grievances.complained_on).astype("timedelta64[D]")
    complained = (since >= np.timedelta64(0, "D")) & (since < np.timedelta64(COMPLAINT_DAYS, "D"))
    return is_reachable(people, everyone, days) & ~complained
