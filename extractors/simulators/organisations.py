"""Companies and sole traders: names, unified social credit codes (GB 32100), and the people behind them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.simulators.addresses import Addresses
from extractors.simulators.bank import Bank
from extractors.simulators.people import People
from extractors.simulators.regions import regions
from extractors.simulators.stacking import PersonRows
from extractors.simulators.streams import Flags, Ints, Streams, chance, scattered
from extractors.simulators.texts import choose, join, number, pick
from extractors.simulators.words import words

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_MODULUS = 31
ORGANISATION_CODE_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
ORGANISATION_CODE_CHECKS = "0X987654321"  # check character by remainder modulo 11
COMPANY_TYPE, TRADER_TYPE = "91", "92"  # registered as an enterprise, as a sole trader


@dataclass(frozen=True)
class Organisations:
    """One entry per party; owners are rows of people: legal representative, and beneficial owners of companies."""

    number: Ints
    party_id: pa.Array
    is_company: Flags
    name: pa.Array
    short_name: pa.Array
    code: pa.Array
    address: pa.Array
    owner: PersonRows
    second_owner: PersonRows
    second_share_percent: Ints

    def __len__(self) -> int:
        return len(self.party_id)

    @property
    def companies(self) -> int:
        """How many are companies; they come first."""
        return int(self.is_company.sum())


def found_organisations(bank: Bank, streams: Streams, people: People, first: int) -> Organisations:
    """The organisations of people numbered from `first`, owned by the grown-up among them."""
    stream = streams.of("organisations", first)
    companies_before, companies = bank.share_of(bank.organisations.companies, first, len(people))
    traders_before, traders = bank.share_of(bank.organisations.sole_traders, first, len(people))
    adults = np.flatnonzero(~people.is_minor)
    count = companies + traders if len(adults) else 0
    number_of = np.arange(count) + companies_before + traders_before
    owner = adults[stream.integers(0, len(adults), count)]
    home = Addresses.for_households(streams.of("offices", first), np.arange(max(count, 1)))
    rows = np.arange(count)
    is_company = rows < companies
    brand = join(pick(words("brands"), stream.integers(0, len(words("brands")), count)), _second_brand(stream, count))
    trade = stream.integers(0, len(words("trades")), count)
    city = pc.replace_substring_regex(home.city(rows), pattern="(市|地区|盟|自治州)$", replacement="")
    stem = join(city, brand, pick(words("trades"), trade))
    shop = join(home.district(rows), pick(people.names.plain, owner), pick(words("shops"), trade % len(words("shops"))))
    return Organisations(
        number=number_of,
        party_id=join("O", number(number_of, 8)),
        is_company=is_company,
        name=choose(is_company, join(stem, "有限责任公司"), shop),
        short_name=choose(is_company, join(stem, "有限公司"), shop),
        code=credit_codes(is_company, regions().code[home.county[rows]], scattered(number_of, 27_182_818, 10**8)),
        address=home.full(rows),
        owner=owner,
        second_owner=adults[stream.integers(0, len(adults), count)],
        second_share_percent=np.where(is_company & chance(stream, count, 60), stream.integers(25, 50, count), 0),
    )


def credit_codes(is_company: Flags, region: Ints, serial: Ints) -> pa.Array:
    """Eighteen characters: registrar and kind, region, organisation code with its check character, check character."""
    digits = np.stack([serial // 10**power % 10 for power in range(7, -1, -1)], axis=1)
    remainder = digits @ np.array(ORGANISATION_CODE_WEIGHTS) % 11
    check = pick(list(ORGANISATION_CODE_CHECKS), remainder)
    kind = choose(is_company, COMPANY_TYPE, pa.repeat(pa.scalar(TRADER_TYPE), len(serial)))
    body = join(kind, number(region, 6), number(serial, 8), check)
    return join(body, credit_check_characters(body))


def credit_check_characters(body: pa.Array) -> pa.Array:
    """Check character of seventeen characters (GB 32100, modulus 31, powers of three)."""
    total = np.zeros(len(body), dtype=np.int64)
    alphabet = pa.array(list(USCC_ALPHABET))
    for place in range(17):
        value = pc.index_in(pc.utf8_slice_codeunits(body, place, place + 1), alphabet)
        total += np.asarray(value).astype(np.int64) * (3**place % USCC_MODULUS)
    return pick(list(USCC_ALPHABET), (USCC_MODULUS - total % USCC_MODULUS) % USCC_MODULUS)


def _second_brand(stream: np.random.Generator, count: int) -> pa.Array:
    brands = words("brands")
    return choose(chance(stream, count, 70), pick(brands, stream.integers(0, len(brands), count)), "")
