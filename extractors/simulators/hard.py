"""A bank whose records are hard to link: the rates linkage is judged at, because at ordinary ones everybody shines.

Against the ordinary bank: channels without births, mails and good numbers; documents missing or of another kind; names
written by ear, in variants and in Latin letters five to ten times as often; families on one phone and at one door, with
twins and children named after a parent; a few names most of a city bears; hardly any link between systems, some wrong.
"""

from dataclasses import replace
from datetime import date

from extractors.simulators.bank import CARD, CHANNEL, CORE_BANKING, Bank, Links, Lives, OrganisationRates, Population

HARD_CORE_BANKING = replace(
    CORE_BANKING, homophone=2.5, traditional=5, romanised=3, full_width_space=3, rare_character_lost=0.3,
    id_transposed=1, id_15_digits=8, id_missing=2, other_document=5, phone_stale=25, phone_missing=8,
    phone_of_family=4, email_missing=60, email_of_family=5, birth_sentinel=1.5, birth_swapped=0.4, sex_contradicts=0.6,
)  # fmt: skip
HARD_CARD = replace(
    CARD, homophone=3, traditional=3, romanised=10, rare_character_lost=0.5, id_transposed=1.5, id_15_digits=4,
    id_missing=15, other_document=15, phone_stale=30, phone_missing=5, phone_of_family=4, email_missing=60,
    email_of_family=5, birth_sentinel=1, birth_swapped=0.5, mojibake=0.1,
)  # fmt: skip
HARD_CHANNEL = replace(
    CHANNEL, homophone=2.5, traditional=4, romanised=6, full_width_space=4, zero_width=2, title=4,
    rare_character_lost=0.2, id_transposed=1, id_masked=50, id_missing=33, other_document=4, phone_stale=40,
    phone_masked=4, phone_of_family=4, email_missing=70, email_of_family=5, email_typo=2, birth_missing=60,
    birth_swapped=1, mojibake=0.1,
)  # fmt: skip
HARD_LIVES = Lives(name_change=1.5, move=12, new_mobile=18, death=0.7, twins=3, shared_mobile=36, recycled_mobile=2)
HARD_POPULATION = Population(
    minority=3, foreign=2, hong_kong=2, macau=0.5, taiwan=1.5, compound_surname=1, common_name=18, name_of_parent=40
)  # fmt: skip


def hard_bank(
    customers: int, seed: int, first_date: date = date(2026, 1, 31), days: int = 1, history_days: int = 365
) -> Bank:
    """A bank of `customers` people whose records a strong linker gets about 95 to 98 percent right (pairwise F1)."""
    return Bank(
        customers, seed, first_date, days, history_days,
        defects={"core_banking": HARD_CORE_BANKING, "card": HARD_CARD, "channel": HARD_CHANNEL},
        lives=HARD_LIVES,
        population=HARD_POPULATION,
        links=Links(card=8, channel=6, wrong=2),
        organisations=OrganisationRates(companies=2, sole_traders=3, duplicate=6, short_name=20, code_missing=10),
    )  # fmt: skip
