"""The commercial year of some people: consents, campaigns, leads and opportunities, and what they buy of it all."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from extractors.simulators.bank import Bank
from extractors.simulators.campaigns import CAMPAIGNS, LATER_CAMPAIGNS, Reached, campaign_day, run_campaign
from extractors.simulators.consents import Change, change_minds, first_grants, withdraw
from extractors.simulators.dealings import Bought, Dealings, all_bought
from extractors.simulators.people import People
from extractors.simulators.pursuits import Leads, Steps, find_leads, pursue
from extractors.simulators.streams import Flags, Ints, Streams, chance
from extractors.simulators.texts import Days, constant, day_text, pick
from extractors.simulators.wishes import WANTED

DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Trade:
    """What happened between people and the bank's sellers on some days, for the channels to tell."""

    first_grants: Flags  # as registered; no row for people who registered before
    changes: tuple[Change, ...]
    reached: tuple[Reached, ...]
    leads: Leads
    steps: Steps


def open_trade(
    bank: Bank, streams: Streams, people: People, customers: Ints, manager: Ints, first: int, days: Days
) -> Trade:
    """The year before the first business date; `people.dealings` then holds what later days start from.

    `customers` are the persons core banking knows, `manager` the number of each one's relationship manager.
    """
    grants = first_grants(bank.consents, streams, first, len(people))
    registered = grants.copy()
    stream = streams.of("trade", first)
    changes, reached, bought, since = [], [], [], 0
    for campaign in CAMPAIGNS:
        day = campaign_day(campaign, days)
        until = int((day - days[0]).astype(np.int64))
        changes.append(change_minds(bank.consents, stream, grants, days[since:until]))
        since = max(since, until)
        told, sold = run_campaign(bank.sales, streams, campaign, people, customers, grants, day, first)
        changes.append(_unsubscribe(bank, stream, grants, told))
        reached.append(told)
        bought.append(sold)
    changes.append(change_minds(bank.consents, stream, grants, days[since:]))
    leads = find_leads(bank.sales, stream, people, customers, days)
    steps, sold = pursue(bank.sales, stream, people, customers, leads, days)
    people.dealings = Dealings(grants, customers, manager, all_bought([*bought, sold]))
    return Trade(registered, tuple(changes), tuple(reached), leads, steps)


def trade_a_day(bank: Bank, streams: Streams, people: People, first: int, number_of_day: int) -> Trade:
    """One later day: consents that change, a campaign, leads and opportunities; what comes of them is bought later."""
    stream, dealings = streams.of("trade", first, number_of_day), people.dealings
    days = np.array([np.datetime64(bank.first_date) + number_of_day])
    changes, reached, bought = [change_minds(bank.consents, stream, dealings.grants, days)], [], [dealings.bought]
    if number_of_day in LATER_CAMPAIGNS:
        campaign, who, grants = LATER_CAMPAIGNS[number_of_day], dealings.customers, dealings.grants
        told, sold = run_campaign(bank.sales, streams, campaign, people, who, grants, days[0], first)
        changes.append(_unsubscribe(bank, stream, grants, told))
        reached.append(told)
        bought.append(sold)
    leads = find_leads(bank.sales, stream, people, dealings.customers, days)
    steps, sold = pursue(bank.sales, stream, people, dealings.customers, leads, days)
    dealings.bought = all_bought([*bought, sold])
    return Trade(dealings.grants[:0], tuple(changes), tuple(reached), leads, steps)


def welcome(
    bank: Bank, streams: Streams, people: People, customers: Ints, manager: Ints, first: int, day: np.datetime64
) -> Trade:
    """People who become customers on a later day: what they consent to, and `people.dealings` to start from."""
    stream, days, nobody = streams.of("trade", first), np.array([day]), customers[:0]
    grants = first_grants(bank.consents, streams, first, len(people))
    leads = find_leads(bank.sales, stream, people, nobody, days)
    steps, _ = pursue(bank.sales, stream, people, nobody, leads, days)
    people.dealings = Dealings(grants, customers, manager)
    return Trade(grants.copy(), (), (), leads, steps)


def purchases(people: People, bought: Bought) -> pa.Table:
    """Rows of `truth_event` for products bought."""
    count = len(bought.person)
    columns = {"person_id": pick(people.person_id, bought.person), "business_date": day_text(bought.day)}
    return pa.table(columns | {"event": constant("bought", count), "value": pick(WANTED, bought.product)})


def _unsubscribe(bank: Bank, stream: np.random.Generator, grants: Flags, told: Reached) -> Change:
    """Some of those treated want no more offers by the medium, from the day after."""
    rows = np.flatnonzero(told.is_treated & chance(stream, len(told.person), bank.sales.unsubscribe))
    return withdraw(grants, told.person[rows], told.medium[rows], told.day[rows] + DAY)
