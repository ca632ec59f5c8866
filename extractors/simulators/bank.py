"""How large the bank is and how badly its systems record it: every assumption of the simulation, in one place.

Rates are percent of the records of a system unless said otherwise. `hard.py` has the rates linkage is judged at.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from extractors.simulators.commerce import Consents, Habits, Sales, Staff
from extractors.simulators.file_faults import NO_FAULTS, FileFault, FileFaults

SYSTEMS = ("core_banking", "card", "channel")


@dataclass(frozen=True)
class Defects:
    """How often one system gets something wrong."""

    duplicate: float = 0
    homophone: float = 0
    traditional: float = 0
    romanised: float = 0
    full_width_space: float = 0
    zero_width: float = 0
    title: float = 0
    rare_character_lost: float = 0
    long_address: float = 0  # longer than a card file holds, so cut by width there
    id_transposed: float = 0
    id_15_digits: float = 0
    id_masked: float = 0
    id_missing: float = 0
    other_document: float = 0
    phone_stale: float = 0
    phone_missing: float = 0
    phone_formatted: float = 0
    phone_masked: float = 0
    phone_of_family: float = 0  # the number of the head of the family instead of one's own
    email_missing: float = 0
    email_of_family: float = 0
    email_typo: float = 0
    email_upper: float = 0
    address_stale_of_movers: float = 0
    address_abbreviated: float = 0
    address_no_province: float = 0
    birth_missing: float = 0
    birth_sentinel: float = 0
    birth_swapped: float = 0
    sex_unknown: float = 0
    sex_contradicts: float = 0
    mojibake: float = 0
    wrong_person: float = 0
    closed_with_open_account: float = 0


CORE_BANKING = Defects(
    duplicate=3, homophone=0.4, traditional=1, romanised=0.5, full_width_space=0.6, zero_width=0.1,
    rare_character_lost=0.05, id_transposed=0.3, id_15_digits=3, id_missing=0.4, other_document=1.2,
    phone_stale=12, phone_missing=5, phone_formatted=8, email_typo=0.3, email_upper=2, address_stale_of_movers=60,
    address_abbreviated=10, address_no_province=8, birth_sentinel=0.5, birth_swapped=0.05, sex_unknown=2,
    sex_contradicts=0.2, wrong_person=0.02, closed_with_open_account=0.3,
)  # fmt: skip
CARD = Defects(
    duplicate=4, homophone=0.6, traditional=0.3, romanised=1.5, rare_character_lost=0.1, long_address=2,
    id_transposed=0.4, id_15_digits=1, id_missing=0.3, other_document=1, phone_stale=15, phone_missing=3,
    email_typo=0.3, address_stale_of_movers=40, address_abbreviated=15, address_no_province=10, birth_sentinel=0.2,
    birth_swapped=0.1, sex_unknown=0.5, sex_contradicts=0.2, mojibake=0.05, wrong_person=0.02,
    closed_with_open_account=0.3,
)  # fmt: skip
CHANNEL = Defects(
    duplicate=5, homophone=0.4, traditional=0.6, romanised=1, full_width_space=1, zero_width=0.4, title=1,
    rare_character_lost=0.02, id_transposed=0.2, id_masked=55, id_missing=25, other_document=0.8, phone_stale=5,
    phone_missing=2, phone_formatted=10, phone_masked=2, email_typo=1, email_upper=2, birth_sentinel=0.3,
    birth_swapped=0.3, sex_unknown=10, mojibake=0.02,
)  # fmt: skip


@dataclass(frozen=True)
class Lives:
    """What happens to people, percent a year; twins are percent of persons."""

    name_change: float = 0.4
    move: float = 8
    new_mobile: float = 12
    death: float = 0.7
    twins: float = 0.25
    shared_mobile: float = 18
    recycled_mobile: float = 0  # percent of people whose number was somebody else's before


@dataclass(frozen=True)
class Population:
    """Who the people are, percent of persons; names follow published shares unless said otherwise."""

    minority: float = 1.0
    foreign: float = 0.5
    hong_kong: float = 0.7
    macau: float = 0.1
    taiwan: float = 0.5
    compound_surname: float = 0.09
    common_name: float = 0  # beyond chance: one of the few full names a city has most of
    name_of_parent: float = 2  # children who carry a character of their parent's given name


@dataclass(frozen=True)
class Links:
    """How often one system names the customer number of core banking, and how often a wrong one, percent."""

    card: float = 45
    channel: float = 35
    wrong: float = 0


@dataclass(frozen=True)
class Behaviour:
    """What people do, per person and year, and how the year's business is spread."""

    accounts: float = 1.35  # per core record
    salaried: float = 45  # percent of those in work who are paid through their current account here
    pensioned: float = 40  # percent of the retired whose pension comes here
    billed: float = 20  # percent of current accounts that pay a monthly bill
    other_transactions: float = 4.0
    cards: float = 1.1  # per card record
    postings: float = 5.0
    month_weights: tuple[int, ...] = (13, 10, 9, 9, 10, 11, 9, 9, 10, 10, 14, 12)


@dataclass(frozen=True)
class Credit:
    """Who borrows and who cannot pay, percent."""

    loans: float = 10  # of core records
    company_loans: float = 30  # of companies and sole traders
    hardship: float = 2.6  # of people a year lose their income for a while
    hardship_days: tuple[int, int] = (90, 540)
    missed: float = 1.1  # of instalments in ordinary times
    missed_in_hardship: float = 30


@dataclass(frozen=True)
class Crime:
    """Odd movements of money, episodes a year in percent of accounts; more than a bank has, to judge rules by."""

    takeovers: float = 0.3
    structuring: float = 0.1
    mule_rings: float = 0.03
    large_transfers: float = 12  # honest, as are those below
    large_deposits: float = 4
    passing_through: float = 0.4


@dataclass(frozen=True)
class Delta:
    """What changes on an ordinary day, percent of the customers of a system."""

    insert: float = 0.3
    update: float = 1.2
    timestamp_only: float = 60  # percent of updates that change nothing but the timestamp
    delete: float = 0.02
    key_reuse: float = 0.005  # percent of core-banking customers whose number a new customer gets
    merge: float = 0.02  # percent a year: two core-banking customers are made one
    wrong_merge: float = 20  # percent of merges that join two people, and are taken back
    card_replaced: float = 0.03  # percent of cards lost and issued anew


@dataclass(frozen=True)
class OrganisationRates:
    """How many organisations there are, percent of the people, and how badly core banking records them."""

    companies: float = 1.5
    sole_traders: float = 1.5
    duplicate: float = 3
    short_name: float = 8
    code_missing: float = 2


@dataclass(frozen=True)
class Bank:
    """One simulated bank: its people, its systems, its days."""

    customers: int
    seed: int
    first_date: date = date(2026, 1, 31)
    days: int = 1
    history_days: int = 365
    presence: dict[str, float] = field(default_factory=lambda: {"core_banking": 97, "card": 73, "channel": 76})
    defects: dict[str, Defects] = field(
        default_factory=lambda: {"core_banking": CORE_BANKING, "card": CARD, "channel": CHANNEL}
    )
    lives: Lives = Lives()
    population: Population = Population()
    links: Links = Links()
    behaviour: Behaviour = Behaviour()
    habits: Habits = field(default_factory=Habits)
    consents: Consents = field(default_factory=Consents)
    sales: Sales = field(default_factory=Sales)
    staff: Staff = field(default_factory=Staff)
    delta: Delta = Delta()
    credit: Credit = Credit()
    crime: Crime = Crime()
    branch_cost_per_customer: int = 1700  # yuan a year
    organisations: OrganisationRates = OrganisationRates()
    file_fault_rates: FileFaults = NO_FAULTS
    file_faults: tuple[FileFault, ...] = ()  # besides those drawn at the rates
    people_at_once: int = 20_000  # simulated together, which bounds the memory

    @classmethod
    def hard(cls, customers: int, seed: int, first_date: date = date(2026, 1, 31), days: int = 1) -> "Bank":
        """The bank linkage is judged on; hard.py says what makes it so."""
        from extractors.simulators.hard import hard_bank

        return hard_bank(customers, seed, first_date, days)

    def day(self, number: int) -> date:
        """A business date by its number; 0 is the first."""
        return self.first_date + timedelta(days=number)

    def neighbourhood(self, first: int) -> int:
        """Number of the people simulated together from person `first` on; those who come later are a number more."""
        return -(-first // self.people_at_once)

    def share_of(self, percent: float, first: int, count: int) -> tuple[int, int]:
        """How many of something there are before person `first`, and how many belong to the next `count` persons."""
        before = round(first * percent / 100)
        return before, round((first + count) * percent / 100) - before
