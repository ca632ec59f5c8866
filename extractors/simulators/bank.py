"""How large the bank is and how badly its systems record it: every assumption of the simulation, in one place.

Rates are percent of the records of a system unless said otherwise.
"""

from dataclasses import dataclass, field
from datetime import date

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
    email_typo: float = 0
    email_upper: float = 0
    address_stale_of_movers: float = 0
    address_abbreviated: float = 0
    address_no_province: float = 0
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


@dataclass(frozen=True)
class Behaviour:
    """What people do, per person and year, and how the year's business is spread."""

    accounts: float = 1.2  # per core record
    salaried: float = 25  # percent of accounts that receive a salary
    billed: float = 20  # percent of accounts that pay a monthly bill
    other_transactions: float = 2.2
    cards: float = 1.1  # per card record
    postings: float = 5.0
    logins: float = 1.4
    month_weights: tuple[int, ...] = (13, 10, 9, 9, 10, 11, 9, 9, 10, 10, 14, 12)


@dataclass(frozen=True)
class Delta:
    """What changes on an ordinary day, percent of the customers of a system."""

    insert: float = 0.3
    update: float = 1.2
    timestamp_only: float = 60  # percent of updates that change nothing but the timestamp
    delete: float = 0.02


@dataclass(frozen=True)
class OrganisationRates:
    """How many organisations there are, percent of the people, and how badly core banking records them."""

    companies: float = 1.5
    sole_traders: float = 1.5
    duplicate: float = 3
    short_name: float = 8
    code_missing: float = 2


@dataclass(frozen=True)
class FileFault:
    """One thing that goes wrong with a card file: `kind` is bad_trailer, missing_file or empty_day."""

    business_date: date
    kind: str
    feed: str = "CARDHOLDER"


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
    behaviour: Behaviour = Behaviour()
    delta: Delta = Delta()
    organisations: OrganisationRates = OrganisationRates()
    file_faults: tuple[FileFault, ...] = ()
