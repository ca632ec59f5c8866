"""The card system: nightly fixed-width files, GB18030, verified against their H and T records before anything lands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from extractors import markers
from extractors.card_deliveries import Announced, announced_files, check_fields, is_lost, of_day
from extractors.card_layout import FEEDS, TRAILER_COUNT_WIDTH, TRAILER_TOTAL_WIDTH, Feed
from extractors.card_text import Decoded, decode_field, undecodable_column
from extractors.faults import SourceFault, SourceUnavailable
from extractors.landing import Sent
from extractors.markers import CORRECTED, DUPLICATE, ELSEWHERE, INCOMPLETE, LOST, UNSOUND
from warehouse.landing import digest_of
from warehouse.settings import Settings

SOURCE = "card"
ROWS_AT_ONCE = 100_000
LINE_END = ord("\n")
CENTS = 100
MOST_RECORDS = 10**8  # a larger number in a trailer is something else, perhaps a customer's
ZERO, NINE = ord("0"), ord("9")
FOLDER_FORMAT = "%Y%m%d"

Bytes = NDArray[np.uint8]
Cents = NDArray[np.int64]


@dataclass(frozen=True)
class CardFile:
    """One verified file: a row of bytes a record, header and trailer left out; no path where it never came."""

    feed: Feed
    path: Path | None
    details: Bytes
    faults: tuple[str, ...] = ()


def extract(settings: Settings, business_date: date) -> Iterator[Sent]:
    """Every card file of the day, all verified before the first row.

    Raises SourceUnavailable for a file that may still come and SourceFault for a bad one without a better.
    """
    folder = settings.sources / SOURCE
    chosen = [choose_file(folder, feed, business_date) for feed in FEEDS.values()]
    for file in chosen:
        digest = {file.path.name: digest_of(file.path)} if file.path else {}
        for start in range(0, max(len(file.details), 1), ROWS_AT_ONCE):
            rows = landed_rows(file.feed, file.details[start : start + ROWS_AT_ONCE])
            claimed = len(file.details) if not start else 0
            yield Sent(file.feed.table, rows, (file.feed.amount,), digest, claimed, file.faults)


def delivered(settings: Settings, first: date, last: date) -> dict[date, str]:
    """A fingerprint of what was handed over for each business date: another one opens the day again."""
    return markers.delivered(settings.sources / SOURCE, first, last)


def choose_file(folder: Path, feed: Feed, business_date: date) -> CardFile:
    """The sound file of one feed and business date that was delivered last; an empty one where it is lost."""
    announced = announced_files(folder, feed, business_date)
    mine = of_day(announced, business_date)
    sound, faults, first_fault = _sound(mine, feed, business_date)
    if sound:
        earlier = {digest_of(file.path) for file in sound[:-1] if file.path}
        last = sound[-1].path
        if last and earlier:
            faults.append(DUPLICATE if earlier == {digest_of(last)} else CORRECTED)
        if last and last.parent.name != f"{business_date:{FOLDER_FORMAT}}":
            faults.append(ELSEWHERE)
        return replace(sound[-1], faults=tuple(faults))
    if is_lost(announced, business_date):
        nothing = np.empty((0, feed.record_bytes + 1), dtype=np.uint8)
        return CardFile(feed, None, nothing, (*faults, LOST))
    if first_fault:
        raise first_fault
    problem = "announced, but not there to its last byte" if mine else "not handed over yet"
    message = f"{SOURCE} {feed.name}.dat {business_date}: {problem}; wait, or ask the card system to send it"
    raise SourceUnavailable(message)


def _sound(
    files: list[Announced], feed: Feed, business_date: date
) -> tuple[list[CardFile], list[str], SourceFault | None]:
    """The sound ones among complete files, what was wrong with others, and the first fault among them."""
    sound, faults, first = [], [], None
    for file in files:
        if not file.is_complete:
            faults.append(INCOMPLETE)
            continue
        try:
            check_fields(file, feed)
            sound.append(open_file(file.path, feed, business_date))
        except SourceFault as fault:
            faults.append(UNSOUND)
            first = first or fault
    return sound, faults, first


def open_file(path: Path, feed: Feed, business_date: date) -> CardFile:
    """A file whose record length, header, count and total hold."""
    line_bytes = feed.record_bytes + 1
    size = path.stat().st_size
    if size < 2 * line_bytes or size % line_bytes:
        raise _fault(
            path, f"has {size} bytes, which is no whole number of {line_bytes}-byte records; it is cut or misread"
        )
    records = np.memmap(path, dtype=np.uint8, mode="r").reshape(-1, line_bytes)
    _check_frame(path, feed, records, business_date)
    _check_totals(path, feed, records)
    return CardFile(feed, path, records[1:-1])


def landed_rows(feed: Feed, records: Bytes) -> pa.RecordBatch:
    """Records as text columns; fields that cannot be decoded are null and kept raw in `undecodable`."""
    decoded: dict[str, Decoded] = {name: decode_field(records[:, feed.span(name)]) for name in feed.fields}
    columns = {name: field.text for name, field in decoded.items()}
    cents = _cents(feed, Path(feed.name), records)
    columns[feed.amount] = _decimals(cents) if feed.unit == CENTS else pa.array(cents).cast(pa.string())
    for name in feed.other_amounts:
        columns[name] = _decimals(_digits(Path(feed.name), name, records[:, feed.span(name)]))
    columns["undecodable"] = undecodable_column(decoded, len(records))
    return pa.RecordBatch.from_pydict(columns)


def _check_frame(path: Path, feed: Feed, records: Bytes, business_date: date) -> None:
    kinds = records[:, 0]
    if not (records[:, -1] == LINE_END).all():
        raise _fault(path, "has a record of the wrong length")
    if kinds[0] != ord("H") or kinds[-1] != ord("T") or not (kinds[1:-1] == ord("D")).all():
        raise _fault(path, "is not one H record, D records and one T record")
    header = records[0].tobytes().decode("ascii", "replace")
    expected = f"H{feed.name:<10}{business_date:{FOLDER_FORMAT}}"
    if not header.startswith(expected):
        name, day = header[1:11].strip(), header[11:19]
        said = f"{name} of {day}" if name in FEEDS and day.isdecimal() else "something else"  # never what a record says
        raise _fault(path, f"says it is {said}, not {feed.name} of {business_date}")


def _check_totals(path: Path, feed: Feed, records: Bytes) -> None:
    trailer = records[-1].tobytes().decode("ascii", "replace")
    count, total = trailer[1 : 1 + TRAILER_COUNT_WIDTH], trailer[1 + TRAILER_COUNT_WIDTH :][:TRAILER_TOTAL_WIDTH]
    details = records[1:-1]
    if not count.isdigit() or int(count) != len(details):
        claimed = f"{int(count)}" if count.isdecimal() and int(count) < MOST_RECORDS else "no possible number of"
        raise _fault(path, f"claims {claimed} records and holds {len(details)}")
    cents = sum(
        int(_cents(feed, path, details[start : start + ROWS_AT_ONCE]).sum())
        for start in range(0, len(details), ROWS_AT_ONCE)
    )
    for name in feed.other_amounts:
        _digits(path, name, details[:, feed.span(name)])
    if not re.fullmatch(r"[+-]\d+", total) or int(total) != cents:
        raise _fault(path, "has a control total that differs from the sum of its amounts")


def _cents(feed: Feed, path: Path, records: Bytes) -> Cents:
    """Control amounts with their sign; raises SourceFault for anything but digits."""
    cents = _digits(path, feed.amount, records[:, feed.span(feed.amount)])
    if feed.sign is None:
        return cents
    signed: Cents = np.where(records[:, feed.span(feed.sign)][:, 0] == ord("-"), -cents, cents)
    return signed


def _digits(path: Path, name: str, place: Bytes) -> Cents:
    """Whole numbers written in digits; raises SourceFault naming the field."""
    if ((place < ZERO) | (place > NINE)).any():
        raise _fault(path, f"holds a {name} that is no number")
    powers = 10 ** np.arange(place.shape[1] - 1, -1, -1, dtype=np.int64)
    cents: Cents = (place.astype(np.int64) - ZERO) @ powers
    return cents


def _decimals(cents: Cents) -> pa.Array:
    """Cents as decimal text with two places."""
    size = np.abs(cents)
    sign = pc.if_else(pa.array(cents < 0), "-", "")
    whole = pa.array(size // 100).cast(pa.string())
    part = pc.utf8_lpad(pa.array(size % 100).cast(pa.string()), 2, "0")
    return pc.binary_join_element_wise(sign, whole, ".", part, "")


def _fault(path: Path, problem: str) -> SourceFault:
    return SourceFault(f"{SOURCE} {path.parent.name}/{path.name}: {problem}; ask the card system to send it again")
