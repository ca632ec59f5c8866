"""How one system writes its customers down: the defects of sources.md, one line each."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.simulators.bank import Defects
from extractors.simulators.damage import Recording
from extractors.simulators.documents import RESIDENT
from extractors.simulators.people import People
from extractors.simulators.streams import Flags, Ints, Streams
from extractors.simulators.texts import choose, constant, day_text, empty, join, number, pick

PLACEHOLDERS = (None, None, None, "13800138000", "00000000000", "11111111111", None)
PHONE_STYLES = ("+86{0}{1}{2}", "86-{0}{1}{2}", "{0}-{1}-{2}", "0086{0}{1}{2}", "{0} {1} {2}", "(+86) {0} {1} {2}")
TYPO_DOMAINS = {
    "qq.com": "qq.con",
    "163.com": "163.cm",
    "126.com": "126.co",
    "gmail.com": "gmial.com",
    "sina.com": "sina.cn.com",
    "139.com": "139.con",
    "hotmail.com": "hotmial.com",
    "foxmail.com": "foxmial.com",
}
SENTINEL_BIRTH = "19000101"
LOST_CHARACTERS = ("?", "\ue5e5", "？")
TITLES = ("先生", "女士")


def record_people(
    name: str, streams: Streams, first: int, people: People, who: Ints, defects: Defects
) -> tuple[Recording, Ints]:
    """Names, documents, births, telephones and addresses of persons `who`, damaged; and the document kinds shown."""
    recording = Recording(name, streams, first, _clean_columns(people, who))
    kind = _show_other_documents(recording, people, who, defects)
    _spoil_names(recording, people, who, defects)
    _spoil_documents(recording, kind == RESIDENT, defects)
    _spoil_phones(recording, people, who, defects)
    _spoil_mail(recording, people, who, defects)
    _spoil_addresses(recording, people, who, defects)
    _spoil_births_and_sexes(recording, defects)
    recording.spoil("name", "mojibake", defects.mojibake, lambda rows: _garbled(recording.columns["name"], rows))
    return recording, kind


def _clean_columns(people: People, who: Ints) -> dict[str, pa.Array]:
    sex = people.families.sex[who]
    return {
        "name": pick(people.names.plain, who),
        "document": pick(people.documents.number, who),
        "birth": day_text(people.families.birth[who]),
        "sex": number(sex),
        "mobile": pick(people.mobile, who),
        "email": pick(people.email, who),
        "address": people.home.full(who),
    }


def _show_other_documents(recording: Recording, people: People, who: Ints, defects: Defects) -> Ints:
    """Some residents show a passport or a soldier's card; returns the kind of document each record holds."""
    kind = people.documents.kind[who].copy()
    residents = kind == RESIDENT
    recording.spoil(
        "document",
        "other document",
        defects.other_document,
        lambda rows: pick(people.documents.other_number, who[rows]),
        residents,
    )
    for damage in recording.damages:
        kind[damage.rows] = people.documents.other_kind[who[damage.rows]]
    return kind


def _spoil_names(recording: Recording, people: People, who: Ints, defects: Defects) -> None:
    names = people.names
    one_by_one: tuple[tuple[str, float, Callable[[Ints], pa.Array]], ...] = (
        ("homophone or shape slip", defects.homophone, lambda rows: names.slipped(who[rows])),
        ("traditional form", defects.traditional, lambda rows: names.traditional(who[rows])),
        ("romanised", defects.romanised, lambda rows: pick(names.pinyin, who[rows])),
        ("full-width space", defects.full_width_space, lambda rows: names.spaced(who[rows])),
        ("zero-width character", defects.zero_width, lambda rows: join(pick(names.plain, who[rows]), "\u200b")),
        (
            "title",
            defects.title,
            lambda rows: join(pick(names.plain, who[rows]), pick(TITLES, people.families.sex[who[rows]] - 1)),
        ),
        (
            "rare character lost",
            defects.rare_character_lost,
            lambda rows: _without_last(pick(names.plain, who[rows]), rows),
        ),
    )
    for defect, percent, change in one_by_one:
        recording.spoil("name", defect, percent, change)


def _without_last(names: pa.Array, rows: Ints) -> pa.Array:
    shorter = pc.utf8_slice_codeunits(names, 0, -1)
    return join(shorter, pick(LOST_CHARACTERS, rows % len(LOST_CHARACTERS)))


def _garbled(names: pa.Array, rows: Ints) -> pa.Array:
    """UTF-8 bytes read as GB18030; a handful of rows, so one by one."""
    return pa.array(
        [name.encode().decode("gb18030", "replace").replace("\ufffd", "") for name in pick(names, rows).to_pylist()],
        pa.string(),
    )


def _spoil_documents(recording: Recording, is_resident: Flags, defects: Defects) -> None:
    def numbers(rows: Ints) -> pa.Array:
        return recording.clean["document"].take(pa.array(rows))

    def transposed(rows: Ints) -> pa.Array:
        shown = numbers(rows)
        parts = [pc.utf8_slice_codeunits(shown, start, stop) for start, stop in ((0, 14), (15, 16), (14, 15), (16, 18))]
        return join(*parts)

    def old(rows: Ints) -> pa.Array:
        shown = numbers(rows)
        return join(pc.utf8_slice_codeunits(shown, 0, 6), pc.utf8_slice_codeunits(shown, 8, 17))

    def masked(rows: Ints) -> pa.Array:
        shown = numbers(rows)
        short = choose(rows % 2 == 0, "********", "***********")
        start = choose(rows % 2 == 0, pc.utf8_slice_codeunits(shown, 0, 6), pc.utf8_slice_codeunits(shown, 0, 3))
        return join(start, short, pc.utf8_slice_codeunits(shown, 14, 18))

    born_last_century = is_resident & (np.asarray(pc.starts_with(recording.clean["birth"], "19")))
    recording.spoil("document", "digits transposed", defects.id_transposed, transposed, is_resident)
    recording.spoil("document", "15 digits", defects.id_15_digits, old, born_last_century)
    recording.spoil("document", "masked", defects.id_masked, masked, is_resident)
    recording.spoil("document", "missing", defects.id_missing, lambda rows: empty(len(rows)))


def _spoil_phones(recording: Recording, people: People, who: Ints, defects: Defects) -> None:
    def styled(rows: Ints) -> pa.Array:
        return _styled(recording.columns["mobile"].take(pa.array(rows)), rows)

    def masked(rows: Ints) -> pa.Array:
        shown = recording.columns["mobile"].take(pa.array(rows))
        return join(pc.utf8_slice_codeunits(shown, 0, 3), "****", pc.utf8_slice_codeunits(shown, 7))

    recording.spoil("mobile", "stale", defects.phone_stale, lambda rows: pick(people.former_mobile, who[rows]))
    head = people.families.head[who]
    recording.spoil("mobile", "of the family", defects.phone_of_family, lambda rows: pick(people.mobile, head[rows]))
    recording.spoil("mobile", "formatted", defects.phone_formatted, styled)
    plain = np.asarray(pc.equal(pc.utf8_length(recording.columns["mobile"]), 11))
    recording.spoil("mobile", "masked", defects.phone_masked, masked, plain)
    recording.spoil(
        "mobile",
        "missing or placeholder",
        defects.phone_missing,
        lambda rows: pick(PLACEHOLDERS, rows % len(PLACEHOLDERS)),
    )


def _styled(shown: pa.Array, rows: Ints) -> pa.Array:
    """Mobiles as people type them."""
    three = [pc.utf8_slice_codeunits(shown, start, stop) for start, stop in ((0, 3), (3, 7), (7, 11))]
    styled = constant("", len(rows))
    for at, style in enumerate(PHONE_STYLES):
        pieces = style.replace("{0}", "\0 0\0").replace("{1}", "\0 1\0").replace("{2}", "\0 2\0").split("\0")
        spelt = join(*(three[int(piece)] if piece in (" 0", " 1", " 2") else piece for piece in pieces if piece))
        styled = choose(rows % len(PHONE_STYLES) == at, spelt, styled)
    return styled


def _spoil_mail(recording: Recording, people: People, who: Ints, defects: Defects) -> None:
    def misspelt(rows: Ints) -> pa.Array:
        shown = recording.columns["email"].take(pa.array(rows))
        for domain, typo in TYPO_DOMAINS.items():
            shown = pc.replace_substring_regex(shown, pattern=f"@{domain}$", replacement=f"@{typo}")
        return shown

    present = np.asarray(recording.clean["email"].is_valid())
    recording.spoil("email", "missing", defects.email_missing, lambda rows: empty(len(rows)), present)
    head = people.families.head[who]
    recording.spoil("email", "of the family", defects.email_of_family, lambda rows: pick(people.email, head[rows]))
    present &= np.asarray(recording.columns["email"].is_valid())
    recording.spoil("email", "domain misspelt", defects.email_typo, misspelt, present)
    recording.spoil(
        "email",
        "upper case",
        defects.email_upper,
        lambda rows: pc.utf8_upper(recording.columns["email"].take(pa.array(rows))),
        present,
    )


def _spoil_addresses(recording: Recording, people: People, who: Ints, defects: Defects) -> None:
    home = people.home
    recording.spoil("address", "abbreviated", defects.address_abbreviated, lambda rows: home.abbreviated(who[rows]))
    recording.spoil(
        "address", "no province", defects.address_no_province, lambda rows: home.without_province(who[rows])
    )
    recording.spoil("address", "longer than the field", defects.long_address, lambda rows: home.with_note(who[rows]))
    moved = people.has_moved[who]
    recording.spoil(
        "address",
        "stale after a move",
        defects.address_stale_of_movers,
        lambda rows: people.former_home.full(who[rows]),
        moved,
    )


def _spoil_births_and_sexes(recording: Recording, defects: Defects) -> None:
    birth = recording.clean["birth"]
    day = pc.utf8_slice_codeunits(birth, 6, 8)

    def swapped(rows: Ints) -> pa.Array:
        hit = birth.take(pa.array(rows))
        return join(pc.utf8_slice_codeunits(hit, 0, 4), day.take(pa.array(rows)), pc.utf8_slice_codeunits(hit, 4, 6))

    recording.spoil(
        "birth",
        "day and month swapped",
        defects.birth_swapped * 2.5,
        swapped,
        np.asarray(pc.less_equal(day, "12")),
    )
    recording.spoil("birth", "missing", defects.birth_missing, lambda rows: empty(len(rows)))
    recording.spoil("birth", "sentinel", defects.birth_sentinel, lambda rows: constant(SENTINEL_BIRTH, len(rows)))
    sex = recording.clean["sex"]
    recording.spoil(
        "sex",
        "contradicts the document",
        defects.sex_contradicts,
        lambda rows: choose(np.asarray(pc.equal(sex.take(pa.array(rows)), "1")), "2", "1"),
    )
    recording.spoil("sex", "unknown", defects.sex_unknown, lambda rows: pick(("0", "9"), rows % 2))
