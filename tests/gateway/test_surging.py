"""Surges over a real store: raised once whoever looks, followed to their end, mailed to those on duty, and never forgotten by a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, surges
from case_store.audit import HOUSE
from case_store.store import Store, Transaction
from case_store.tables_cases import cases
from case_store.tables_house import duties
from case_store.tables_outbox import deliveries
from gateway import surging
from gateway.config import Settings
from gateway.notifications import Notices
from gateway.policy import load_policy
from gateway.promises import Promises
from gateway.tokens import Tokens

DUTY, BOSS = "duty@house.example.org", "boss@house.example.org"
WEEK = timedelta(weeks=1)
SMALL = "absolute_an_hour = 10\nabsolute_a_day = 1000\nleast_a_day = 1000\nabsolute_customers = 8"


@dataclass
class Office:
    store: Store
    notices: Notices
    made: int = 0
    looks: int = field(default=0)

    def enter(self, times: int, *, ago: timedelta = timedelta(minutes=5), **more: Any) -> None:
        """So many complaints, each of a customer of their own."""
        self.store.write_now(_enter, self.made, times, ago, more)
        self.made += times

    def look(self) -> int:
        """A minute later."""
        self.looks += 1
        counted = self.store.read_now(surging.count, self.notices)
        return self.store.write_now(surging.decide, self.notices, counted)

    def later(self, passed: timedelta) -> None:
        earlier = cases.c.created_at
        rows = self.store.read_now(lambda tx: tx.execute(sa.select(cases.c.id, earlier)).all())
        moved = [{"of": row.id, "created_at": row.created_at - passed} for row in rows]
        change = sa.update(cases).where(cases.c.id == sa.bindparam("of"))
        self.store.write_now(lambda tx: tx.execute(change, moved))

    def open(self) -> dict[str, Any]:
        return self.store.read_now(surges.open_ones)

    def keys(self) -> list[str]:
        return sorted(self.open())

    def mails(self) -> list[tuple[str, str]]:
        d = deliveries.c
        rows = self.store.read_now(lambda tx: tx.execute(sa.select(d.address, d.payload).order_by(d.address)).all())
        return [(row.address, row.payload["text"]) for row in rows]

    def chain(self) -> list[str]:
        return [one.action for one in self.store.read_now(audit.timeline, HOUSE)]


def _enter(tx: Transaction, first: int, times: int, ago: timedelta, more: dict[str, Any]) -> None:
    at = tx.now - ago
    plain = {"status": "filed", "channel": "webchat", "category": "service", "risk": "general", "account": "x"}
    rows = []
    for number in range(first, first + times):
        facts = {"about": more.get("about"), "contact": more.get("contact", f"+86139{number:08}")}
        kept = {"words": {}, "evidence": {}, "declined": [], "corrected": [], "facts": facts}
        when = {"received_at": at, "created_at": at, "updated_at": at}
        named = {name: more[name] for name in ("channel", "category") if name in more}
        about = {"id": f"{number:032x}", "disposition": "investigate", "language": "zh-Hans"}
        rows.append({**plain, **kept, **when, **about, **named})
    tx.execute(sa.insert(cases), rows)


@pytest.fixture
def notices(tmp_path: Path) -> Callable[..., Notices]:
    def made(section: str = SMALL, duty: str = DUTY, boss: str = BOSS) -> Notices:
        file = tmp_path / "policy.toml"
        people = f'[people]\nduty_address = "{duty}"\nsupervisor_address = "{boss}"\n'
        file.write_text(f'version = "t-1"\n{people}[surges]\n{section}\n')
        settings = Settings(data_dir=tmp_path / "var")
        return Notices(Promises(load_policy(file), settings), settings, Tokens(b"k" * 32))

    return made


@pytest.fixture
def office(store: Store, notices: Callable[..., Notices]) -> Office:
    return Office(store, notices())


@pytest.mark.parametrize(
    ("entered", "expected"),
    [
        ([], []),
        ([(9, {})], []),
        ([(10, {})], ["surge:hour:all:", "surge:hour:category:service", "surge:hour:channel:webchat"]),
        ([(6, {}), (6, {"channel": "email", "category": "product"})], ["surge:hour:all:"]),
        ([(7, {"about": "滨江支行"})], []),
        ([(8, {"about": "滨江支行"})], ["hot_spot:day:about:滨江支行"]),
        ([(4, {"about": "滨江支行 · 理财"}), (4, {"about": "濱江支行"})], ["hot_spot:day:about:滨江支行"]),
        ([(9, {"about": "滨江支行", "contact": "+8613900001111"})], []),  # one person, nine chats
        ([(9, {"about": "滨江支行", "contact": None})], []),
        ([(9, {"ago": timedelta(hours=2)})], []),
        ([(8, {"about": "基金", "ago": timedelta(hours=23)})], ["hot_spot:day:about:基金"]),
        ([(8, {"about": "基金", "ago": timedelta(hours=25)})], []),
    ],
)
def test_what_is_a_surge_where_nothing_is_known_of_the_weeks_before(
    office: Office, entered: list[tuple[int, dict[str, Any]]], expected: list[str]
) -> None:
    for times, more in entered:
        office.enter(times, **more)
    office.look()
    assert office.keys() == expected


def test_what_comes_every_week_is_no_surge_and_three_times_as_much_is(office: Office) -> None:
    for week in range(1, 7):
        office.enter(12, ago=week * WEEK + timedelta(minutes=5))
    office.enter(1, ago=timedelta(days=100))  # since when something is known
    office.enter(14)
    assert office.look() == 0
    office.enter(26)
    office.look()
    row = office.open()["surge:hour:all:"]
    assert (row["usual"], row["count"], row["peak"]) == (12.0, 40, 40)
    assert row["threshold"] <= 40


def test_one_is_raised_once_followed_to_its_peak_and_ended(office: Office) -> None:
    office.enter(12, about="滨江支行")
    assert office.look() == 4
    assert office.look() == 0
    office.enter(8, about="滨江支行")
    assert office.look() == 0
    row = office.open()["hot_spot:day:about:滨江支行"]
    assert (row["count"], row["peak"], row["customers"], len(row["examples"])) == (20, 20, 20, 10)
    office.later(timedelta(hours=2))
    office.look()
    assert office.keys() == ["hot_spot:day:about:滨江支行"]  # a day's, not an hour's
    office.later(timedelta(days=1))
    office.look()
    assert office.keys() == []
    assert office.chain().count("surge_raised") == office.chain().count("surge_ended") == 4
    over = office.store.read_now(surges.listing)
    assert {row["peak"] for row in over} == {20}
    office.enter(12)
    assert office.look() == 3  # another one, with a beginning of its own


def test_what_falls_a_little_does_not_ring_again_when_it_rises_a_little(office: Office) -> None:
    office.enter(6, ago=timedelta(minutes=30))
    office.enter(6)
    assert office.look() == 3
    office.later(timedelta(minutes=40))  # 6 of 12 are left: above half of what rings
    assert office.look() == 0
    office.enter(5)
    assert office.look() == 0
    assert office.chain().count("surge_raised") == 3


def test_of_two_long_addresses_that_begin_alike_each_is_mailed(store: Store, notices: Callable[..., Notices]) -> None:
    long = f"complaints@{'a' * 50}.{'b' * 60}.example"
    office = Office(store, notices(duty=f"{long}.org", boss=f"{long}.com"))
    office.enter(12, about="滨江支行")
    office.look()
    assert [address for address, _ in office.mails()] == [f"{long}.com", f"{long}.org"]


def test_those_on_duty_are_mailed_once_for_all_that_a_look_has_found(office: Office) -> None:
    office.enter(12, about="滨江支行", channel="email")
    office.look()
    office.look()
    assert [address for address, _ in office.mails()] == [BOSS, DUTY]
    text = office.mails()[0][1]
    assert "一天内 12 位不同客户：滨江支行" in text
    assert "一小时内 12 件投诉：全部投诉" in text
    assert "/console/supervise/surges" in text


def test_a_house_that_does_not_watch_ends_what_was_open(office: Office, notices: Callable[..., Notices]) -> None:
    office.enter(12)
    office.look()
    office.notices = notices("on = false")
    assert office.look() == 0
    assert office.keys() == []


def test_of_several_processes_one_looks_and_another_goes_on_after_it(store_url: str, office: Office) -> None:
    """Each is a store of its own over one database, as two processes are; both look at once, ten times."""
    office.enter(12)
    with closing(Store(store_url)) as other:
        stores = [office.store, other]

        def look(number: int) -> int:
            return looked(stores[number % 2], office.notices, f"node-{number % 2}")

        with ThreadPoolExecutor(2) as pool:
            assert sum(pool.map(look, range(20))) == 3
        assert len(office.mails()) == 2
        office.later(timedelta(hours=2))
        _forget_look(office.store)
        for store in stores:
            looked(store, office.notices, "node-9")
    assert office.keys() == []  # whoever comes next knows what was open


def looked(store: Store, notices: Notices, holder: str) -> int:
    """By a process of its own, with a loop of its own."""
    return asyncio.run(surging.look(store, notices, holder))


async def test_a_look_counts_and_decides(office: Office) -> None:
    office.enter(12)
    assert await surging.look(office.store, office.notices, "node-1") == 3
    assert await surging.look(office.store, office.notices, "node-1") == 0


def test_what_was_counted_before_another_looked_counts_for_nothing(office: Office) -> None:
    office.enter(12)
    before = office.store.read_now(surging.count_if_due, office.notices)
    assert before is not None
    assert looked(office.store, office.notices, "node-1") == 3
    assert office.store.write_now(surging.decide_on_duty, office.notices, "node-1", before) == 0
    assert len(office.mails()) == 2


@pytest.mark.parametrize(
    ("late", "other_rules", "raised"), [(0, False, 3), (20, False, 3), (60, False, 0), (0, True, 0)]
)
def test_what_was_counted_long_ago_or_by_other_rules_is_counted_again(
    office: Office, notices: Callable[..., Notices], late: int, other_rules: bool, raised: int
) -> None:
    office.enter(12)
    counted = office.store.read_now(surging.count, office.notices)
    counted = replace(counted, at=counted.at - timedelta(seconds=late))
    if other_rules:
        office.notices = notices(SMALL.replace("absolute_an_hour = 10", "absolute_an_hour = 11"))
    assert office.store.write_now(surging.decide, office.notices, counted) == raised


def test_the_writer_reads_no_case(office: Office) -> None:
    office.enter(12)
    counted = office.store.read_now(surging.count, office.notices)

    def decided(tx: Transaction) -> list[str]:
        asked: list[str] = []
        listen = (tx.connection, "before_cursor_execute", lambda *told: asked.append(told[2]))
        sa.event.listen(*listen)
        surging.decide(tx, office.notices, counted)
        sa.event.remove(*listen)
        return asked

    assert [one for one in office.store.write_now(decided) if "FROM cases" in one] == []


def _forget_look(store: Store) -> None:
    """Whoever had the duty is gone, and their last look was long ago."""
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    gone = sa.update(duties).where(duties.c.name == surging.DUTY)
    gone = gone.values(memory={"looked_at": long_ago.isoformat()}, until=long_ago)
    store.write_now(lambda tx: tx.execute(gone))


def test_a_process_looks_once_a_minute_however_often_it_is_asked(office: Office) -> None:
    office.enter(12)
    found = [looked(office.store, office.notices, "node-1") for _ in range(5)]
    assert found == [3, 0, 0, 0, 0]
    assert looked(office.store, office.notices, "node-2") == 0  # another's lease
