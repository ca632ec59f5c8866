"""What the channels tell of selling: consents, campaign contacts and reactions, leads, stages, pages looked at."""

import numpy as np
import pyarrow as pa

from extractors.simulators.campaigns import Reached
from extractors.simulators.consents import GRANTS, MEDIA, Change
from extractors.simulators.happenings import APP, BRANCH, CALL, WEB, Happening, daytime, office_hours
from extractors.simulators.json_lines import json_object, moments, text, words_in_json
from extractors.simulators.membership import Members
from extractors.simulators.people import People
from extractors.simulators.pursuits import NO_LEAD, Leads, Steps
from extractors.simulators.sales import Trade
from extractors.simulators.streams import Flags, Ints, Streams, chance, draw
from extractors.simulators.texts import Days, amount, choose, constant, join, number, pick
from extractors.simulators.wishes import WANTED

STAGES = ("contacted", "qualified", "proposal", "won", "lost")
LEAD_SOURCES = ("web_form", "branch", "referral", "campaign")
PAGE_OF_PRODUCT = ("wealth", "wealth", "wealth", "loan", "card")
COST_CNY = ("0.01", "0.05", "0.02", "4.50")  # of a contact, by medium
DELIVERED_PERCENT = (97, 96, 91, 58)
OPENED_PERCENT = (34, 22, 17, 62)
CLICKED_PERCENT = 26  # of those who opened
NO_USER = -1
TEN_IN_THE_MORNING = 10 * 3600
DAY = np.timedelta64(1, "D")


def told_sales(
    streams: Streams, people: People, members: Members, trade: Trade, sequence: int, looked_first: float
) -> list[Happening]:
    """Events of some trade; people who are no users of the channels go untold. `sequence` numbers the trades."""
    user = _first_user(members, len(people))
    stream = streams.of("channel", "sales", sequence)
    told = [_first_consents(stream, members, trade.first_grants)]
    told += [_changed_consents(stream, user, change, members.opened) for change in trade.changes]
    for reached in trade.reached:
        told += _campaign(streams.of("channel", "campaign", sequence, reached.campaign.code), members, user, reached)
    manager = people.dealings.manager
    told.append(_leads(stream, user, trade.leads, sequence, manager))
    told.append(_steps(stream, user, members.opened, trade.steps, sequence, manager))
    told.append(_looked_first(stream, user, trade, looked_first))
    return told


def _first_user(members: Members, people: int) -> Ints:
    """The user each person goes by: the one who is no duplicate; NO_USER for those who have none."""
    user = np.full(people, NO_USER)
    rows = np.flatnonzero(~members.is_duplicate)
    user[members.who[rows]] = rows
    return user


def _first_consents(stream: np.random.Generator, members: Members, grants: Flags) -> Happening:
    """What is granted on the day of registration."""
    rows = np.flatnonzero(~members.is_duplicate) if len(grants) else np.empty(0, np.int64)
    given = grants[members.who[rows]] if len(grants) else np.empty((0, len(GRANTS)), dtype=bool)
    at, grant = np.nonzero(given)
    user = rows[at]
    return _consents(stream, user, grant, members.opened[user], np.ones(len(user), dtype=bool))


def _changed_consents(stream: np.random.Generator, user: Ints, change: Change, opened: Days) -> Happening:
    """Changes by users; who is no user yet has it so from the day after registering."""
    known = np.flatnonzero(user[change.person] != NO_USER)
    who = user[change.person[known]]
    day = np.maximum(change.day[known], opened[who] + DAY)
    return _consents(stream, who, change.grant[known], day, change.is_granted[known])


def _consents(stream: np.random.Generator, user: Ints, grant: Ints, day: Days, is_granted: Flags) -> Happening:
    count = len(user)
    before = choose(is_granted, '"none"', constant('"granted"', count))
    payload = {
        "purpose": words_in_json([purpose for purpose, _ in GRANTS], grant),
        "medium": words_in_json([medium for _, medium in GRANTS], grant),
        "old": before,
        "new": choose(is_granted, '"granted"', constant('"withdrawn"', count)),
    }
    channel = pick((APP, WEB, BRANCH), draw(stream, (8, 1, 1), count))
    return Happening("consent_change", user, day, daytime(stream, count), channel, json_object(payload))


def _campaign(stream: np.random.Generator, members: Members, user: Ints, reached: Reached) -> list[Happening]:
    """Contacts with those treated and held out, twice with people who are two users, and the reactions."""
    place = np.full(len(user), NO_USER)
    place[reached.person] = np.arange(len(reached.person))
    rows = np.flatnonzero(place[members.who] != NO_USER)
    at, count = place[members.who[rows]], len(rows)
    again = members.is_duplicate[rows]
    treated = np.where(again, ~chance(stream, count, reached.campaign.control_percent), reached.is_treated[at])
    medium = reached.medium[at]
    contact = _named(reached, count) | {
        "arm": _arm(treated),
        "medium": words_in_json(MEDIA, medium),
        "cost_cny": choose(treated, words_in_json(COST_CNY, medium), '"0.00"'),
    }
    sent_at = TEN_IN_THE_MORNING + np.arange(count) % 3600
    channel = pick((APP, APP, APP, CALL), medium)
    contacts = Happening("campaign_contact", rows, reached.day[at], sent_at, channel, json_object(contact))
    buys = ~np.isnat(reached.bought_on[at]) & treated & ~again
    delivered = treated & (_chance_of(stream, DELIVERED_PERCENT, medium) | buys)
    opened = delivered & (_chance_of(stream, OPENED_PERCENT, medium) | buys)
    clicked = opened & (chance(stream, count, CLICKED_PERCENT) | buys)
    hours = stream.integers(0, 100, count) * stream.integers(0, 60, count) // 60
    opened_on = reached.day[at] + np.minimum(hours // 24, _days_until(reached, at)) * DAY
    steps = (
        ("deliver", delivered, reached.day[at], sent_at + 30),
        ("open", opened, opened_on, 12 * 3600 + stream.integers(0, 8 * 3600, count)),
        ("click", clicked, opened_on, 20 * 3600 + stream.integers(0, 3600, count)),
        ("accept", buys, reached.bought_on[at], 21 * 3600 + stream.integers(0, 3600, count)),
    )
    return [contacts, *(_reaction(reached, rows, step, channel) for step in steps)]


def _reaction(reached: Reached, rows: Ints, step: tuple[str, Flags, Days, Ints], channel: pa.Array) -> Happening:
    name, flags, day, second = step
    hit = np.flatnonzero(flags)
    payload = _named(reached, len(hit)) | {
        "arm": constant('"treated"', len(hit)),
        "reaction": constant(f'"{name}"', len(hit)),
    }
    return Happening("campaign_response", rows[hit], day[hit], second[hit], pick(channel, hit), json_object(payload))


def _days_until(reached: Reached, at: Ints) -> Ints:
    """Days from the contact to the purchase; many for those who do not buy."""
    buys = ~np.isnat(reached.bought_on[at])
    days = (np.where(buys, reached.bought_on[at], reached.day[at]) - reached.day[at]).astype(np.int64)
    return np.where(buys, days, 99)


def _chance_of(stream: np.random.Generator, percents: tuple[int, ...], kind: Ints) -> Flags:
    """True for as many percent of the rows as their kind says."""
    return stream.integers(0, 100, len(kind)) < np.array(percents)[kind]


def _named(reached: Reached, count: int) -> dict[str, pa.Array]:
    return {"campaign": constant(f'"{reached.campaign.code}"', count)}


def _arm(treated: Flags) -> pa.Array:
    return choose(treated, '"treated"', constant('"control"', len(treated)))


def _leads(stream: np.random.Generator, user: Ints, leads: Leads, sequence: int, manager: Ints) -> Happening:
    count = len(leads.person)
    source = draw(stream, (45, 25, 12, 18), count)
    payload = json_object(
        {
            "lead_no": text(lead_numbers(sequence, np.arange(count))),
            "source": words_in_json(LEAD_SOURCES, source),
            "product": words_in_json(WANTED, leads.product),
            "score": number(leads.score),
            "manager": text(manager_codes(manager[leads.person])),
        }
    )
    known = np.flatnonzero(user[leads.person] != NO_USER)
    who, channel = user[leads.person[known]], pick((WEB, BRANCH, CALL, APP), source[known])
    second = office_hours(stream, count)[known]
    return Happening("lead", who, leads.day[known], second, channel, pick(payload, known))


def _steps(
    stream: np.random.Generator, user: Ints, opened: Days, steps: Steps, sequence: int, manager: Ints
) -> Happening:
    """Opportunities of those who are users when they begin, stage by stage."""
    count = len(steps.person)
    payload = json_object(
        {
            "opportunity_no": text(join(f"O{sequence:08d}", number(steps.pursuit, 6))),
            "stage": words_in_json(STAGES, steps.stage),
            "product": words_in_json(WANTED, steps.product),
            "amount": text(amount(steps.cents)),
            "probability": number(steps.percent),
            "expected_close": moments(steps.expected_on, np.full(count, 18 * 3600), np.zeros(count, np.int64)),
            "manager": text(manager_codes(manager[steps.person])),
            "lead_no": text(choose(steps.lead != NO_LEAD, lead_numbers(sequence, np.maximum(steps.lead, 0)), None)),
        }
    )
    who = user[steps.person]
    begins = np.searchsorted(steps.pursuit, steps.pursuit)  # the first entry of each pursuit
    known_since = np.append(opened, np.datetime64("NaT"))[who]  # NO_USER is the last place
    known = np.flatnonzero(known_since <= steps.day[begins])
    second = office_hours(stream, count)[known]
    channel = constant(BRANCH, len(known))
    return Happening("opportunity", who[known], steps.day[known], second, channel, pick(payload, known))


def lead_numbers(sequence: int, lead: Ints) -> pa.Array:
    """Numbers of the leads of one trade."""
    return join(f"L{sequence:08d}", number(lead, 6))


def manager_codes(manager: Ints) -> pa.Array:
    """Numbers of relationship managers as core banking writes them."""
    return join("M", number(manager, 4))


def _looked_first(stream: np.random.Generator, user: Ints, trade: Trade, percent: float) -> Happening:
    """Pages of a product that people looked at in the two weeks before they asked for it."""
    looked = np.flatnonzero((user[trade.leads.person] != NO_USER) & chance(stream, len(trade.leads.person), percent))
    each = np.repeat(looked, stream.integers(1, 4, len(looked)))
    count = len(each)
    day = trade.leads.day[each] - stream.integers(0, 14, count) * DAY
    payload = json_object(
        {
            "page": words_in_json(PAGE_OF_PRODUCT, trade.leads.product[each]),
            "seconds": number(stream.integers(30, 300, count)),
        }
    )
    channel = pick((APP, WEB), draw(stream, (85, 15), count))
    return Happening("page", user[trade.leads.person[each]], day, daytime(stream, count), channel, payload)
