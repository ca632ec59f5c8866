"""Names of people, and every other way the same name gets written."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.simulators import glyphs
from extractors.simulators.bank import Population
from extractors.simulators.families import CHILD, HAN, HONG_KONG, MALE, TAIWAN, Families
from extractors.simulators.foreign_names import Origins, give_origins, rename
from extractors.simulators.streams import Ints, Streams, chance, draw
from extractors.simulators.texts import choose, join, pick, put
from extractors.simulators.words import letters

ONE_CHARACTER_PERCENT = 10.5
FLATNESS = 6  # of the rank distribution of given-name characters: larger means more distinct names
POPULAR_PERCENT = 3.6
YOUNG_SINCE = np.datetime64("1995-01-01")
POPULAR_FLATNESS = 9
RARE_PERCENT = 0.3
FATHER_PERCENT = 96  # children who carry the father's surname
COMMON_SURNAMES, COMMON_OF_A_CITY = 10, 6  # surnames common names are made of; how many such names a city has


@dataclass
class Names:
    """One entry per person: the parts as positions in the glyph table (-1 none) and the spellings made of them."""

    surname: Ints
    given: Ints
    second: Ints
    is_composed: np.ndarray  # made of glyphs; the others are spelt out in `plain` alone
    plain: pa.Array
    pinyin: pa.Array
    former: pa.Array  # the name before it was changed, for those who changed it
    is_renamed: np.ndarray
    origins: Origins

    def traditional(self, rows: Ints) -> pa.Array:
        """Names in traditional characters."""
        return self._spelt(rows, glyphs.glyphs().traditional)

    def slipped(self, rows: Ints) -> pa.Array:
        """Names with their last character replaced by one that sounds or looks alike."""
        parts = glyphs.glyphs()
        has_second = self.second[rows] >= 0
        given = choose(has_second, pick(parts.text, self.given[rows]), pick(parts.slip, self.given[rows]))
        second = choose(has_second, pick(parts.slip, np.maximum(self.second[rows], 0)), "")
        slipped = join(pick(parts.text, self.surname[rows]), given, second)
        return choose(self.is_composed[rows], slipped, pick(self.plain, rows))

    def spaced(self, rows: Ints) -> pa.Array:
        """Names with a full-width space after the surname, as forms line up two-character names."""
        return self._spelt(rows, glyphs.glyphs().text, "\u3000")

    def change(self, stream: np.random.Generator, rows: Ints, families: Families) -> None:
        """Give some people, whose names are made of glyphs, another given name; the name before is their former one."""
        parts = glyphs.glyphs()
        self.former = put(self.former, rows, pick(self.plain, rows))
        self.is_renamed[rows] = True
        self.given[rows], self.second[rows] = _given(stream, families, rows)
        part = self.surname[rows], self.given[rows], self.second[rows]
        self.plain = put(self.plain, rows, _compose(parts.text, *part))
        self.pinyin = put(self.pinyin, rows, _romanised(parts.reading, *part))

    def has_compound_surname(self) -> np.ndarray:
        """Who bears a surname of two characters."""
        is_compound: np.ndarray = self.is_composed & (self.surname >= len(letters("surnames")))
        return is_compound & (self.surname < glyphs.glyphs().first_given)

    def _spelt(self, rows: Ints, column: pa.Array, between: str = "") -> pa.Array:
        spelt = _compose(column, self.surname[rows], self.given[rows], self.second[rows], between)
        return choose(self.is_composed[rows], spelt, pick(self.plain, rows))


def give_names(
    families: Families, population: Population, streams: Streams, first: int, renamed_percent: float, city: Ints
) -> Names:
    """A name for every person; families share surnames, twins a generation character, a `city` its common names."""
    stream = streams.of("names", first)
    count = len(families.household)
    surname, given, second = _parts(families, population, stream, city)
    parts = glyphs.glyphs()
    chinese = _compose(parts.text, surname, given, second)
    traditional = _compose(parts.traditional, surname, given, second)
    plain = choose(families.origin >= HONG_KONG, traditional, chinese)
    pinyin = _romanised(parts.reading, surname, given, second)
    origins = give_origins(families, streams, first)
    plain, pinyin = rename(plain, pinyin, families, origins, streams, first)
    is_composed = (families.origin == HAN) | (families.origin >= HONG_KONG) & (families.origin <= TAIWAN)
    former = _compose(parts.text, surname, np.roll(given, 1), second)
    is_renamed = is_composed & chance(stream, count, renamed_percent)
    return Names(surname, given, second, is_composed, plain, pinyin, former, is_renamed, origins)


def _parts(
    families: Families, population: Population, stream: np.random.Generator, city: Ints
) -> tuple[Ints, Ints, Ints]:
    """Surname and given-name characters of every person."""
    count = len(families.household)
    surname = draw(stream, glyphs.surname_weights(population.compound_surname), count)
    is_child = families.role == CHILD
    follows = is_child & chance(stream, count, FATHER_PERCENT)
    surname = np.where(follows, surname[families.head], surname)
    given, second = _given(stream, families, np.arange(count))
    named_after = np.flatnonzero(is_child & chance(stream, count, population.name_of_parent))
    given[named_after] = given[families.head[named_after]]
    twins = np.flatnonzero(families.twin_of >= 0)
    elder = families.twin_of[twins]
    given[twins], surname[twins] = given[elder], surname[elder]
    second[twins] = np.where(second[twins] < 0, given[elder], second[twins])
    common = np.flatnonzero(chance(stream, count, population.common_name) & (families.twin_of < 0))
    place = city[common] + stream.integers(0, COMMON_OF_A_CITY, len(common))
    popular = glyphs.glyphs().index(letters("popular_male") + letters("popular_female"))
    surname[common], given[common], second[common] = place % COMMON_SURNAMES, popular[place * 7 % len(popular)], -1
    return surname, given, second


def _given(stream: np.random.Generator, families: Families, who: Ints) -> tuple[Ints, Ints]:
    """One or two given-name characters for some people, by sex and by what was usual when they were born."""
    count, parts = len(who), glyphs.glyphs()
    given, second = np.empty(count, np.int64), np.empty(count, np.int64)
    is_young, is_male = families.birth[who] >= YOUNG_SINCE, families.sex[who] == MALE
    single, popular = chance(stream, count, ONE_CHARACTER_PERCENT), chance(stream, count, POPULAR_PERCENT)
    for kind, flags in (("male", is_male), ("female", ~is_male)):
        usual = "".join(dict.fromkeys(letters("neutral") + letters(kind)))
        young = "".join(dict.fromkeys(letters(f"young_{kind}") + usual))
        for names, rows in ((usual, flags & ~is_young), (young, flags & is_young)):
            _draw_given(stream, parts.index(names), np.flatnonzero(rows), given, second)
        alone = np.flatnonzero(flags & single & chance(stream, count, 60))
        given[alone] = _any_of(stream, parts.index(usual), len(alone))
        liked, whose = parts.index(letters(f"popular_{kind}")), np.flatnonzero(flags & popular)
        weights = 1000 / np.arange(POPULAR_FLATNESS, POPULAR_FLATNESS + len(liked))
        given[whose] = liked[draw(stream, weights, len(whose))]
    second[single | popular] = -1
    rare = np.flatnonzero(chance(stream, count, RARE_PERCENT))
    given[rare] = _any_of(stream, parts.index(letters("rare")), len(rare))
    return given, second


def _draw_given(stream: np.random.Generator, index: Ints, rows: Ints, given: Ints, second: Ints) -> None:
    """Fill the characters of some rows from those of `index`, the usual ones first; few names repeat a character."""
    weights = 1000 / np.arange(FLATNESS, FLATNESS + len(index))
    given[rows] = index[draw(stream, weights, len(rows))]
    follows = np.roll(index, -(len(index) // 40))
    second[rows] = follows[draw(stream, weights, len(rows))]
    again = rows[(second[rows] == given[rows]) & chance(stream, len(rows), 90)]
    second[again] = _any_of(stream, index, len(again))


def _compose(column: pa.Array, surname: Ints, given: Ints, second: Ints, between: str = "") -> pa.Array:
    last = choose(second >= 0, pick(column, np.maximum(second, 0)), "")
    return join(pick(column, surname), between, pick(column, given), last)


def _romanised(readings: pa.Array, surname: Ints, given: Ints, second: Ints) -> pa.Array:
    """Passport spelling, surname first: ZHANG XIAOMING."""
    last = choose(second >= 0, pick(readings, np.maximum(second, 0)), "")
    return pc.utf8_upper(join(pick(readings, surname), " ", pick(readings, given), last))


def _any_of(stream: np.random.Generator, choices: Ints, count: int) -> Ints:
    return choices[stream.integers(0, len(choices), count)]
