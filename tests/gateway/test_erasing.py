"""The loop that erases what is over, the files that go with it, and a backup that must not bring any of it back."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from case_store import backup, cases, checkpoints, duties, erasing, erasures, identities, persons
from case_store.certificates import Taken, Why
from case_store.erasures import Erasure
from case_store.files import Files, named_among
from case_store.records import Status
from case_store.store import Store, Transaction
from case_store.tables_conversations import messages
from case_store.tables_house import duties as duty_rows
from case_store.tables_retention import erasures as erasure_rows
from gateway import erasing as gateway_erasing
from gateway.clockwork import Clockwork
from gateway.config import Settings
from gateway.context import Gateway
from gateway.erasing import LIST, NAME, Erasing, carry_out, keep_list, read_list, write_list
from gateway.notifications import Notices
from gateway.policy import PolicyError, load_policy, parse_policy
from gateway.promises import Promises
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups
from tests.case_store.over import MAIL, WORDS, Over, complain, end, everything
from tests.logged import logged


@pytest.fixture
def gateway(store: Store, tmp_path: Path) -> Gateway:
    data = tmp_path / "var"
    data.mkdir()
    settings = Settings(data_dir=data)
    return Gateway(settings, load_policy(None), store, Files(tmp_path / "files"), Tokens(b"k" * 32), Wakeups())


def put_long_ago(files: Files, over: Over) -> None:
    then = time.time() - 3600
    os.utime(files.path_of(over.digest), (then, then))


def is_erased(store: Store, over: Over) -> bool:
    return store.read_now(cases.get, over.case).erased_at is not None


def told_long_ago(gateway: Gateway) -> Erasing:
    """A loop whose periods were told so long ago that they hold."""
    memory = {"periods": gateway.policy.retention.periods(), "begins": datetime.now(UTC).isoformat()}

    def remembered(tx: Transaction) -> None:
        held = duties.take(tx, NAME, "before", timedelta(minutes=1))
        assert held is not None
        duties.remember(tx, NAME, "before", held.fence, memory, timedelta(minutes=1))
        tx.execute(sa.update(duty_rows).where(duty_rows.c.name == NAME).values(until=tx.now))

    gateway.store.write_now(remembered)
    return Erasing(gateway)


async def test_what_is_over_is_erased_once_a_day_with_its_files(gateway: Gateway, store: Store) -> None:
    old, young = complain(store, gateway.files), complain(store, gateway.files, name="吴兰", content=b"another")
    end(store, old, days=5 * 366 + 1)
    end(store, young, days=5 * 366 - 2)
    put_long_ago(gateway.files, old)
    assert await told_long_ago(gateway).run() == 1
    assert (is_erased(store, old), is_erased(store, young)) == (True, False)
    assert not gateway.files.exists(old.digest)
    assert gateway.files.exists(young.digest)
    end(store, complain(store, gateway.files, content=b"third"), days=9000)
    assert await Erasing(gateway).run() == 0  # it was looked at today
    assert await Erasing(gateway).run(at_once=True) == 1
    assert checkpoints.verify(store).erased_by.keys() == {"retention.closed_years"}


async def test_new_and_changed_periods_are_told_a_week_before_anything_goes_by_them(
    gateway: Gateway, store: Store
) -> None:
    old = complain(store, gateway.files)
    end(store, old, days=9000)

    def begins() -> datetime:
        found = store.read_now(duties.look, NAME)
        assert found is not None
        return datetime.fromisoformat(found[1]["begins"])

    with logged(gateway_erasing) as told:
        assert [await Erasing(gateway).run() for _ in range(2)] == [0, 0]
    assert [one["event"] for one in told] == ["retention_begins"]  # once
    first = begins()
    assert timedelta(days=6, hours=23) < first - datetime.now(UTC) <= timedelta(days=7)
    told_long_ago(gateway)
    shorter = parse_policy('version = "x"\n[retention]\nclosed_years = 1\n')
    gateway.rules.put_policy(shorter)
    assert await Erasing(gateway).run() == 0
    assert begins() >= first
    assert not is_erased(store, old)


async def test_one_that_can_not_be_erased_keeps_nothing_that_comes_after_it(
    gateway: Gateway, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = complain(store, gateway.files), complain(store, gateway.files, name="吴兰", content=b"another")
    for one in (first, second):
        end(store, one, days=9000)
    whole = erasing.erase_case

    def fails(tx: Transaction, id: str, why: Why) -> Taken | None:
        if id == min(first.case, second.case):
            raise RuntimeError("a row that nobody thought of")
        return whole(tx, id, why)

    monkeypatch.setattr(erasing, "erase_case", fails)
    assert await Erasing(gateway).run(at_once=True) == 1


async def test_an_order_that_can_not_be_carried_out_holds_up_neither_later_ones_nor_what_is_over(
    gateway: Gateway, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = ("first@example.com", "second@example.com")
    over = [complain(store, gateway.files, address=one, content=one.encode()) for one in addresses]
    for one in over:
        end(store, one, days=9000)
    old = complain(store, gateway.files, address="third@example.com", content=b"third")
    end(store, old, days=9000)

    def order(tx: Transaction, address: str) -> str:
        told = {"digest": "d" * 64, "reason": "asked", "actor": "agent:Chan"}
        return persons.order(tx, persons.find(tx, address), **told, periods={}, even_within_retention=True).id

    orders = [store.write_now(order, address) for address in addresses]
    whole = erasing.erase_case

    def fails(tx: Transaction, id: str, why: Why) -> Taken | None:
        if id == over[0].case:
            raise RuntimeError("a row that nobody thought of")
        return whole(tx, id, why)

    monkeypatch.setattr(erasing, "erase_case", fails)
    with logged(gateway_erasing) as told:
        await Erasing(gateway).run(at_once=True)
    assert [one["id"] for one in told if one["event"] == "order_not_carried_out"] == orders[:1]
    assert [is_erased(store, one) for one in (*over, old)] == [False, True, True]
    assert store.read_now(persons.open_orders) == orders[:1]
    with pytest.raises(RuntimeError):  # whoever orders on the command line is told
        async for _ in carry_out(gateway, orders[0]):
            pass


async def test_files_are_looked_for_together(gateway: Gateway, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look reads every row that may name one."""
    rows = [
        {"id": f"{number:032x}", "kind": "case", "subject": "k", "whole": True, "rule": "person", "upto": 0}
        | {"files": [f"{number:064x}"], "at": datetime.now(UTC)}
        for number in range(300)
    ]
    store.write_now(lambda tx: tx.execute(sa.insert(erasure_rows), rows) and None)
    looked: list[int] = []

    def counted(tx: Transaction, digests: set[str]) -> set[str]:
        looked.append(len(digests))
        return named_among(tx, digests)

    monkeypatch.setattr(gateway_erasing, "named_among", counted)
    assert await gateway_erasing.discard_files(store, gateway.files) == 300
    assert looked == [300]
    assert store.read_now(erasures.waiting_files, 9) == []


async def test_a_list_that_knows_more_than_a_restored_store_keeps_it(gateway: Gateway, store: Store) -> None:
    path = gateway.settings.data_dir / LIST
    gone = Erasure("case", "of-another-time", "person", True, "2026-01-01T00:00:00+00:00")
    write_list(path, [gone])
    old = complain(store, gateway.files)
    end(store, old, days=9000)
    assert await Erasing(gateway).run(at_once=True) == 1
    listed = {one.subject for one in read_list(path)}
    assert {"of-another-time", old.case} <= listed


async def test_one_process_erases_while_another_is_at_it_and_follows_when_that_is_gone(
    gateway: Gateway, store: Store
) -> None:
    end(store, complain(store, gateway.files), days=9000)
    assert store.write_now(duties.take, NAME, "another node", Erasing(gateway)._duty._lasting) is not None
    assert await Erasing(gateway).run() == 0

    def gone(tx: Transaction) -> None:
        tx.execute(sa.update(duty_rows).where(duty_rows.c.name == NAME).values(until=tx.now))

    store.write_now(gone)
    assert await Erasing(gateway).run(at_once=True) == 1


async def test_two_loops_at_once_erase_each_case_once(gateway: Gateway, store: Store) -> None:
    for number in range(4):
        end(store, complain(store, gateway.files, content=b"%d" % number), days=9000)
    done = await asyncio.gather(Erasing(gateway).run(at_once=True), Erasing(gateway).run(at_once=True))
    assert sorted(done) == [0, 4]
    assert checkpoints.verify(store).problems == []


async def test_a_file_that_another_case_needs_stays_when_one_is_erased(gateway: Gateway, store: Store) -> None:
    old, young = complain(store, gateway.files), complain(store, gateway.files, name="吴兰", address="wu@example.com")
    end(store, old, days=9000)
    put_long_ago(gateway.files, old)
    assert await Erasing(gateway).run(at_once=True) == 1
    assert gateway.files.get(young.digest) == b"a statement of account"


async def test_with_no_period_everything_is_kept(gateway: Gateway, store: Store) -> None:
    end(store, complain(store, gateway.files), days=30_000)
    lines = [f"{name} = 0" for name in ("resolved_years", "closed_years", "withdrawn_years")]
    lines += ["drafts_days = 0", "conversations_days = 0", "parked_days = 0"]
    gateway.rules.put_policy(parse_policy('version = "keeps"\n[retention]\n' + "\n".join(lines)))
    assert await Erasing(gateway).run(at_once=True) == 0


@pytest.mark.parametrize("line", ["closed_years = -1", "closed_years = 101", "closed = 5", 'drafts_days = "long"'])
def test_a_period_that_makes_no_sense_is_refused_by_its_name(line: str) -> None:
    with pytest.raises(PolicyError) as told:
        parse_policy(f'version = "x"\n[retention]\n{line}\n')
    assert any(fault.field == f"retention.{line.split()[0]}" for fault in told.value.faults)


def test_the_built_in_periods_are_no_shorter_than_the_laws_that_the_docs_name() -> None:
    periods = load_policy(None).retention.periods()
    assert all(periods[name] >= 5 * 365 for name in ("resolved_years", "closed_years", "withdrawn_years"))
    assert all(periods[name] >= 3 * 365 for name in ("drafts_days", "conversations_days", "parked_days"))


async def test_the_clockwork_has_it_done(gateway: Gateway, store: Store) -> None:
    old = complain(store, gateway.files)
    end(store, old, days=9000)
    notices = Notices(Promises(gateway.policy, gateway.settings), gateway.settings, gateway.tokens)
    clockwork = Clockwork(gateway, notices, Ed25519PrivateKey.generate())
    told_long_ago(gateway)
    await clockwork.tick()
    assert clockwork._forgetting is not None
    await asyncio.wait_for(clockwork._forgetting, 30)
    assert is_erased(store, old)
    await clockwork.stop()


async def test_a_stop_waits_for_no_more_than_is_under_way(gateway: Gateway, store: Store) -> None:
    end(store, complain(store, gateway.files), days=9000)
    stopped = told_long_ago(gateway)
    stopped.stop()
    assert await stopped.run() == 0
    assert await Erasing(gateway).run() == 1  # it was not counted as looked at


async def test_a_list_that_two_keep_at_once_is_whole(gateway: Gateway, store: Store) -> None:
    """An order from the command line is carried out beside the clockwork, in one process."""
    end(store, complain(store, gateway.files), days=9000)
    await Erasing(gateway).run(at_once=True)
    path = gateway.settings.data_dir / LIST
    expected = read_list(path)
    for _ in range(20):
        path.unlink()
        await asyncio.gather(*(keep_list(gateway) for _ in range(4)))
        assert read_list(path) == expected
    assert [one.name for one in path.parent.glob(f"{LIST}*")] == [LIST]


# backups ------------------------------------------------------------------------------------------------------


async def test_a_backup_older_than_an_erasure_does_not_bring_it_back(
    gateway: Gateway, store: Store, tmp_path: Path, empty_urls: Callable[[str], str]
) -> None:
    """What was erased after the backup was made is erased again in the transaction that restores, by a list that names nobody."""
    over, other = complain(store, gateway.files), complain(store, gateway.files, name="吴兰", address="wu@example.com")
    store.write_now(identities.join, MAIL, "+8613900001111", proof="code", by="system")
    await asyncio.to_thread(backup.backup, store, gateway.files, tmp_path / "backup")
    end(store, over, Status.CLOSED, days=9000)

    def ordered(tx: Transaction) -> None:
        person = persons.find(tx, MAIL)
        told = {"digest": "d" * 64, "reason": "asked", "actor": "agent:Chan"}
        persons.order(tx, person, **told, periods=gateway.policy.retention.periods())

    store.write_now(ordered)
    assert await Erasing(gateway).run() == 1
    path = gateway.settings.data_dir / LIST
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    for secret in (MAIL, "江敏", over.reference):
        assert secret not in path.read_text("utf-8")
    new = Store(empty_urls("sqlite"))
    made = await asyncio.to_thread(backup.restore, tmp_path / "backup", new, Files(tmp_path / "new"), read_list(path))
    assert made.erased_again == 2  # the case, and the conversation that only it had
    left = new.read_now(everything)
    for secret in (f"{WORDS} 江敏", MAIL, "+8613900001111"):
        assert secret not in left, secret
    assert f"{WORDS} 吴兰" in left
    assert new.read_now(cases.get, other.case).erased_at is None
    assert checkpoints.verify(new).problems == []
    new.close()


def test_a_list_that_is_none_is_refused_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "list"
    good = {"kind": "case", "subject": "k", "rule": "person", "whole": True, "at": "2026-11-28T00:00:00+00:00"}
    path.write_text(json.dumps(good) + "\n{}\n")
    with pytest.raises(ValueError, match="line 2"):
        read_list(path)


async def test_what_is_left_of_an_erased_case_can_be_backed_up_and_restored(
    gateway: Gateway, store: Store, tmp_path: Path, empty_urls: Callable[[str], str]
) -> None:
    end(store, complain(store, gateway.files), days=9000)
    assert await Erasing(gateway).run(at_once=True) == 1
    made = await asyncio.to_thread(backup.backup, store, gateway.files, tmp_path / "backup")
    assert made.missing == ()
    new = Store(empty_urls("sqlite"))
    await asyncio.to_thread(backup.restore, tmp_path / "backup", new, Files(tmp_path / "new"))
    m = messages.c
    assert set(new.read_now(lambda tx: tx.execute(sa.select(m.text)).scalars().all())) == {""}
    assert checkpoints.verify(new).problems == []
    new.close()
