"""Loans that go bad, crooked movements of money, points spent: what the risk tables live on."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from extractors.simulators.bank import Bank, Credit, Crime
from extractors.simulators.hardship import befall
from extractors.simulators.loan_rows import MONTHS_KEPT, past_arrears
from extractors.simulators.loans import (
    Debtors,
    days_past_due,
    grant_loans,
    live_through,
    owed_of,
    still_there,
    unpaid_of,
)
from extractors.simulators.schemes import odd_movements
from extractors.simulators.simulate import simulate_bank
from extractors.simulators.streams import Streams, draw

DAY = np.datetime64("2026-01-31")
WEALTH_WEIGHTS = (30, 20, 14, 10, 8, 6, 5, 4, 2, 1)
BEIJING = timezone(timedelta(hours=8))
BUSY = Crime(takeovers=6, structuring=4, mule_rings=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank of 1500 people, full of borrowers and crooks, over five days."""
    folder = tmp_path_factory.mktemp("risky")
    bank = Bank(1500, 5, days=5, credit=Credit(loans=40, hardship=12), crime=BUSY)
    simulate_bank(folder, bank, core_url=f"sqlite:///{folder / 'core.db'}")
    return folder


def asked(folder: Path, query: str) -> list[tuple]:
    engine = sa.create_engine(f"sqlite:///{folder / 'core.db'}")
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(sa.text(query))]
    engine.dispose()
    return rows


def latest(table: str, *key: str) -> str:
    order = f"PARTITION BY {', '.join(key)} ORDER BY upd_ts DESC"
    return f"(SELECT * FROM (SELECT *, row_number() OVER ({order}) AS age FROM {table}) WHERE age = 1)"


@pytest.fixture(scope="module")
def book():
    """The loans of 150,000 people with their past."""
    streams, count = Streams(3), 150_000
    wealth = draw(streams.of("wealth"), WEALTH_WEIGHTS, count)
    hardship = befall(Credit(), streams, count, 0, DAY)
    debtors = Debtors(pa.array(np.arange(count).astype(str)), wealth, hardship)
    loans = grant_loans(Credit(), streams, debtors, "people", 0, DAY)
    return still_there(loans, live_through(loans, streams, 0, DAY), DAY)


def test_a_book_has_as_many_bad_loans_as_a_bank_has(book):
    loans, _ = book
    owed = owed_of(loans, unpaid_of(loans, loans.oldest, loans.pays_on, DAY), DAY) * (loans.written_off_on > DAY)
    bad = owed[days_past_due(loans, DAY) > 90].sum() / owed.sum()
    assert 0.006 < bad < 0.02


def test_the_later_a_loan_the_likelier_it_gets_later_still(book):
    loans, past = book
    arrears = past_arrears(loans, past, DAY).to_pylist()
    states = {(row["loan_no"], row["arr_dt"]): int(row["dpd"]) for row in arrears}
    ends = sorted({row["arr_dt"] for row in arrears})[: MONTHS_KEPT - 1]
    worse = {}
    for low, high in ((1, 30), (31, 60), (61, 90)):
        before = [(loan, day) for (loan, day), late in states.items() if day in ends[:-1] and low <= late <= high]
        after = [states.get((loan, ends[ends.index(day) + 1]), 0) > high for loan, day in before]
        worse[low] = np.mean(after)
    assert 0.2 < worse[1] < 0.5 < worse[31] < worse[61] < 0.95


def test_arrears_of_the_last_evening_are_those_of_the_loans(folder: Path):
    of_loans = asked(folder, f"SELECT loan_no, dpd, five_cls, bal FROM {latest('loan', 'loan_no')} WHERE dpd <> '0'")
    of_arrears = asked(
        folder, "SELECT loan_no, dpd, five_cls, bal FROM arrears WHERE arr_dt = '20260204' AND dpd <> '0'"
    )
    assert len(of_loans) > 10
    assert sorted(of_loans) == sorted(of_arrears)


def test_unpaid_instalments_add_up_to_what_is_overdue(folder: Path):
    unpaid = dict(
        asked(
            folder,
            f"SELECT loan_no, sum(prin_amt) FROM {latest('loan_sched', 'loan_no', 'term_no')} "
            "WHERE sts = 'O' AND due_dt <= '20260204' GROUP BY loan_no",
        )
    )
    overdue = asked(folder, f"SELECT loan_no, overdue_amt FROM {latest('loan', 'loan_no')} WHERE sts = '2'")
    assert overdue
    for loan, amount in overdue:
        assert round(Decimal(str(amount)), 2) == round(Decimal(str(unpaid[loan])), 2)


def test_a_loan_written_off_is_owed_no_more_but_remembered(folder: Path):
    gone = asked(folder, f"SELECT bal, dpd, woff_amt, woff_dt FROM {latest('loan', 'loan_no')} WHERE sts = '8'")
    assert gone
    assert all(balance == 0 and late == "0" and lost > 0 and day for balance, late, lost, day in gone)


def test_no_salary_comes_in_hard_times(folder: Path):
    events = pq.read_table(folder / "truth" / "truth_event.parquet").to_pylist()
    records = pq.read_table(folder / "truth" / "truth_record.parquet").to_pylist()
    person = {row["source_key"]: row["person_id"] for row in records if row["table"] == "cust"}
    begins = {row["person_id"]: row["business_date"] for row in events if row["event"] == "hard times begin"}
    ends = {row["person_id"]: row["business_date"] for row in events if row["event"] == "hard times end"}
    paid = asked(
        folder,
        "SELECT cif_no, biz_dt FROM txn JOIN acct_cust ON txn.acct_no = acct_cust.acct_no AND rel = 'P' "
        "WHERE memo = '代发工资'",
    )
    poor = [(person[cif], day) for cif, day in paid if cif in person and person[cif] in begins]
    assert len(poor) > 100
    paid_anyhow = [day for who, day in poor if begins[who] <= day < ends[who]]
    assert len(paid_anyhow) < len(poor) / 20, "but for accounts tied to the wrong customer"


@pytest.mark.parametrize(
    ("event", "code", "least"),
    [("account takeover", "TRO", 2), ("structuring", "CSI", 3), ("mule account", "TRI", 3)],
)
def test_crooked_movements_are_in_the_books_and_named_in_the_truth(folder: Path, event: str, code: str, least: int):
    told = pq.read_table(folder / "truth" / "truth_event.parquet").to_pylist()
    episodes = {(row["value"], row["business_date"]) for row in told if row["event"] == event}
    moved = asked(folder, f"SELECT acct_no, biz_dt FROM txn WHERE txn_cd = '{code}'")
    found = [row for row in moved if row in episodes]
    assert len(found) >= least
    assert len(set(found)) > len(episodes) / 4


def test_an_episode_of_several_days_keeps_to_its_accounts_whatever_is_opened_meanwhile():
    def known(count: int, opened: np.ndarray) -> SimpleNamespace:
        zero = np.zeros(count, np.int64)
        return SimpleNamespace(product=zero, currency=zero, opened=opened, is_free=np.ones(count, dtype=bool))

    days = np.arange(DAY - 3, DAY + 4)
    opened = np.repeat(np.datetime64("2020-01-01"), 4000)
    at_once = odd_movements(BUSY, Streams(1), 0, known(4000, opened), days)
    one_by_one = []
    for at, day in enumerate(days):
        opened_since = np.repeat(day, 50 * at)
        grown = known(4000 + 50 * at, np.concatenate([opened, opened_since]))
        one_by_one.append(odd_movements(BUSY, Streams(1), 0, grown, np.array([day])))
    for column in ("account", "day", "second", "cents", "kind", "phone", "other", "label"):
        whole = getattr(at_once, column)[np.argsort(at_once.day, kind="stable")]
        assert (np.concatenate([getattr(part, column) for part in one_by_one]) == whole).all()
    assert len(set(at_once.label.tolist())) == 4


def test_a_crew_takes_several_accounts_over_with_one_phone_that_is_nobodys_own(folder: Path):
    told = pq.read_table(folder / "truth" / "truth_event.parquet").to_pylist()
    stolen = {(row["value"], row["business_date"]) for row in told if row["event"] == "account takeover"}
    used = asked(folder, "SELECT dev_id, acct_no, biz_dt FROM txn WHERE dev_id IS NOT NULL")
    phones = {}
    for phone, account, day in used:
        phones.setdefault(phone, set()).add((account, day))
    crooked = [uses for uses in phones.values() if uses <= stolen]
    assert max(len({account for account, _ in uses}) for uses in crooked) > 1


def test_points_never_fall_below_nothing_and_what_was_earned_is_on_the_statements(folder: Path):
    def records(feed: str) -> Iterator[bytes]:
        for path in sorted((folder / "card").glob(f"*/{feed}.dat")):
            yield from (line for line in path.read_bytes().split(b"\n") if line.startswith(b"D"))

    balance: dict[bytes, int] = {}
    earned: dict[tuple[bytes, bytes], int] = {}
    kinds = set()
    entries = sorted(records("POINTS"), key=lambda line: (line[17:23], b"OEXR".index(line[33:34])))
    for line in entries:
        holder, month, kind = line[1:17], line[17:23], line[33:34]
        kinds.add(kind)
        points = int(line[35:48]) * (1 if line[34:35] == b"+" else -1)
        balance[holder] = balance.get(holder, 0) + points
        assert balance[holder] >= 0
        if kind == b"E":
            earned[holder, month] = points
    stated = {(line[1:17], line[17:23]): int(line[-9:]) for line in records("STATEMENT")}
    assert {key: points for key, points in stated.items() if points} == earned
    assert kinds == {b"O", b"E", b"X", b"R"}


def moment_of(told: str | int) -> datetime:
    """Beijing time of an event, in whichever of its three spellings."""
    is_epoch = str(told).isdigit()
    moment = datetime.fromtimestamp(int(told) / 1000, UTC) if is_epoch else datetime.fromisoformat(str(told))
    return moment.astimezone(BEIJING)


def test_a_transfer_is_followed_from_form_to_end_on_its_day(folder: Path):
    steps: dict[tuple[str, date], list[tuple[datetime, str]]] = {}
    for path in sorted((folder / "channel").glob("*/APP*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            if event["event_type"] == "transfer_view":
                at = moment_of(event["event_ts"])
                steps.setdefault((event["uid"], at.date()), []).append((at, event["payload"]["step"]))
    told = [[step for _, step in sorted(set(day))] for day in steps.values()]
    finished = [day for day in told if day[:3] == ["form", "confirm", "done"]]
    left = [day for day in told if day == ["form"]]
    assert len(finished) > len(left) > 5
