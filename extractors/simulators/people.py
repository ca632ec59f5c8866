"""The people of the bank as they are, before any system records them."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.simulators import addresses, documents, names
from extractors.simulators.bank import Bank
from extractors.simulators.dealings import Dealings
from extractors.simulators.families import Families, found_families
from extractors.simulators.grievances import Grievances, aggrieve, untroubled
from extractors.simulators.hardship import Hardship, befall
from extractors.simulators.stacking import PersonRows
from extractors.simulators.standing import Standing, find_standing
from extractors.simulators.streams import Flags, Ints, Streams, chance, draw, scattered
from extractors.simulators.texts import Days, choose, join, number, pick, put

MOBILE_PREFIXES = (
    "138", "139", "137", "136", "135", "158", "159", "150", "151", "152", "187", "188", "183", "178", "130", "131",
    "132", "155", "156", "186", "185", "176", "133", "153", "180", "181", "189", "177", "199", "191",
)  # fmt: skip
MAIL_DOMAINS = ("qq.com", "163.com", "126.com", "sina.com", "139.com", "gmail.com", "hotmail.com", "foxmail.com")
MAIL_WEIGHTS = (55, 18, 7, 5, 5, 5, 3, 2)
WITH_MAIL_PERCENT = 62
YEARS_REMEMBERED = 3  # how far back moves and changes of name still show in the systems
MOBILE_SPACE = 10**8


@dataclass
class People:
    """One entry per person, all columns aligned; `former_` values held until the day beside them."""

    as_of: np.datetime64
    families: Families
    names: names.Names
    documents: documents.Documents
    person_id: pa.Array
    mobile: pa.Array
    mobile_of: PersonRows  # the person whose number one uses, mostly oneself
    former_mobile: pa.Array
    mobile_since: Days
    email: pa.Array
    home: addresses.Addresses
    former_home: addresses.Addresses
    has_moved: Flags
    home_since: Days
    renamed_on: Days  # NaT for those who bear their first name
    died_on: Days
    wealth: Ints  # 0 to 9, the tenth of the bank's people by means
    standing: Standing
    is_minor: Flags
    grievances: Grievances
    hardship: Hardship
    dealings: Dealings = field(default_factory=Dealings)

    def __len__(self) -> int:
        return len(self.person_id)


def make_people(bank: Bank, streams: Streams, count: int, first: int, as_of: np.datetime64) -> People:
    """`count` people numbered from `first`, as they are on `as_of`; the same `first` gives the same people.

    Those of a later day than the first have no past with the bank.
    """
    families = found_families(bank.lives, bank.population, streams, count, first, as_of)
    homes = addresses.Addresses.for_households(streams.of("homes", first), families.household)
    renamed_percent = bank.lives.name_change * YEARS_REMEMBERED
    named = names.give_names(families, bank.population, streams, first, renamed_percent, homes.city_code())
    index = np.arange(first, first + count)
    stream = streams.of("people", first)
    is_minor = families.birth > as_of - np.timedelta64(16 * 365, "D")
    mobile_of = _mobiles_of(bank, stream, families, is_minor)
    former_mobile = mobile_numbers(stream, index * 2 + 1).take(pa.array(mobile_of))
    mobile = mobile_numbers(stream, index * 2).take(pa.array(mobile_of))
    recycled = np.flatnonzero(chance(stream, count, bank.lives.recycled_mobile))
    mobile = put(mobile, recycled, former_mobile.take(pa.array((recycled + count // 2) % count)))
    former_homes = addresses.Addresses.for_households(streams.of("former homes", first), families.household)
    moved = chance(stream, families.count, min(100, bank.lives.move * YEARS_REMEMBERED))[families.household]
    wealth = draw(streams.of("wealth", first), (30, 20, 14, 10, 8, 6, 5, 4, 2, 1), count)
    is_new = as_of > np.datetime64(bank.first_date)
    died = chance(stream, count, 0 if is_new else bank.lives.death)
    died &= families.birth < as_of - np.timedelta64(55 * 365, "D")
    return People(
        as_of=as_of,
        families=families,
        names=named,
        documents=documents.issue_documents(families, named.origins.nation, streams, first, as_of),
        person_id=join("P", number(index, 8)),
        mobile=mobile,
        mobile_of=mobile_of,
        former_mobile=former_mobile,
        mobile_since=as_of - stream.integers(30, 8 * 365, count).astype("timedelta64[D]"),
        email=_emails(stream, named, index, is_minor),
        home=homes,
        former_home=former_homes,
        has_moved=moved,
        home_since=as_of
        - stream.integers(30, YEARS_REMEMBERED * 365, families.count).astype("timedelta64[D]")[families.household],
        renamed_on=_days_before(streams.of("renamed", first), as_of, named.is_renamed),
        died_on=np.where(died, as_of - stream.integers(1, 365, count).astype("timedelta64[D]"), np.datetime64("NaT")),
        wealth=wealth,
        standing=find_standing(families, named.origins.people, wealth, streams, first, as_of),
        is_minor=is_minor,
        grievances=untroubled(count) if is_new else aggrieve(streams, count, first, as_of, bank.history_days),
        hardship=befall(bank.credit, streams, count, first, np.datetime64(bank.first_date)),
    )


def _days_before(stream: np.random.Generator, as_of: np.datetime64, flags: Flags) -> Days:
    """A day of the years remembered for those flagged; NaT for the others."""
    ago = stream.integers(1, YEARS_REMEMBERED * 365, len(flags)).astype("timedelta64[D]")
    days: Days = np.where(flags, as_of - ago, np.datetime64("NaT"))
    return days


def mobile_numbers(stream: np.random.Generator, index: Ints) -> pa.Array:
    """A mobile number for every index, distinct over all indexes below a hundred million."""
    prefix = pick(MOBILE_PREFIXES, stream.integers(0, len(MOBILE_PREFIXES), len(index)))
    return join(prefix, number(scattered(index, 31_415_926, MOBILE_SPACE), 8))


def _mobiles_of(bank: Bank, stream: np.random.Generator, families: Families, is_minor: Flags) -> Ints:
    """Whose number each person uses: children and some of the old and the married that of the family's head."""
    count = len(is_minor)
    dependent = families.position > 0
    others = max(1e-9, 100 * (dependent & ~is_minor).mean())
    wanted = bank.lives.shared_mobile * 0.57 - 100 * (dependent & is_minor).mean()
    shares = dependent & (is_minor | chance(stream, count, min(100.0, max(0.0, 100 * wanted / others))))
    return np.where(shares, families.head, np.arange(count))


def _emails(stream: np.random.Generator, named: names.Names, index: Ints, is_minor: Flags) -> pa.Array:
    count = len(index)
    domain = draw(stream, MAIL_WEIGHTS, count)
    spelt = pc.replace_substring_regex(pc.utf8_lower(named.pinyin), pattern="[^a-z]", replacement="")
    user = choose(domain == 0, number(scattered(index, 271_828_182, 10**9) + 10**9), join(spelt, number(index % 9973)))
    address = join(user, "@", pick(MAIL_DOMAINS, domain))
    return choose(chance(stream, count, WITH_MAIL_PERCENT) & ~is_minor, address, None)
