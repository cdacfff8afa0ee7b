"""Accounts, sessions and keys in the store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, people
from case_store.people import LastAdmin, NameTaken, NewAgent, NoSuchPerson
from case_store.records import Role
from case_store.store import Store, Transaction
from case_store.tables_people import agent_sessions

HOUR = timedelta(hours=1)


def test_a_session_opens_by_the_password_that_still_counts(store: Store) -> None:
    agent = store.write_now(people.add_agent, NewAgent("late", "Late", Role.AGENT, "the old hash"), actor="system")
    how: dict[str, Any] = {"csrf": "c", "lasts": HOUR, "client": None, "instead_of": None}
    opened = store.write_now(people.open_session, agent.id, digest="1" * 64, password_hash="the old hash", **how)
    store.write_now(people.change_agent, "late", {"password_hash": "the new hash"}, actor="system")
    late = store.write_now(people.open_session, agent.id, digest="2" * 64, password_hash="the old hash", **how)
    assert (opened, late) == (True, False)


def add(store: Store, username: str, role: Role = Role.AGENT) -> people.Agent:
    return store.write_now(people.add_agent, NewAgent(username, username.title(), role, "hash"), actor="system")


def sign_in(store: Store, agent: people.Agent, digest: str, instead_of: str | None = None) -> bool:
    session = {"digest": digest, "csrf": "c", "lasts": HOUR, "client": None, "instead_of": instead_of}
    return store.write_now(people.open_session, agent.id, **session)


def test_a_username_is_one_persons(store: Store) -> None:
    add(store, "ana")
    with pytest.raises(NameTaken):
        add(store, "ana")
    with pytest.raises(NoSuchPerson):
        store.read_now(people.find_agent, "ben")


def test_of_many_first_starts_at_once_one_makes_the_first_agent(store: Store) -> None:
    new = NewAgent("admin", "Admin", Role.ADMIN, "hash")
    with ThreadPoolExecutor(8) as starts:
        made = list(starts.map(lambda _: store.write_now(people.add_first_agent, new), range(8)))
    assert sorted(made) == [False] * 7 + [True]


def test_a_first_start_that_looked_too_early_makes_no_second_agent(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = NewAgent("admin", "Admin", Role.ADMIN, "hash")
    assert store.write_now(people.add_first_agent, new)
    monkeypatch.setattr(people, "has_agents", lambda tx: False)  # as it was before the other one committed
    assert not store.write_now(people.add_first_agent, new)


def test_a_closed_account_is_still_an_account_no_new_first_agent(store: Store) -> None:
    add(store, "boss", Role.ADMIN), add(store, "ana")
    store.write_now(people.change_agent, "ana", {"active": False}, actor="agent:Boss")
    assert store.read_now(people.for_sign_in, "ana") is None
    assert not store.write_now(people.add_first_agent, NewAgent("x", "X", Role.ADMIN, "hash"))


def test_a_session_is_found_until_it_is_old_or_idle(store: Store) -> None:
    ana = add(store, "ana")
    assert sign_in(store, ana, "d1")
    found = store.read_now(people.find_session, "d1", HOUR)
    assert found is not None
    assert found.agent == ana
    assert store.read_now(people.find_session, "d2", HOUR) is None
    assert store.read_now(people.find_session, "d1", timedelta(0)) is None


def test_a_new_session_ends_the_one_it_stands_instead_of(store: Store) -> None:
    ana = add(store, "ana")
    sign_in(store, ana, "d1"), sign_in(store, ana, "d2", instead_of="d1")
    assert store.read_now(people.find_session, "d1", HOUR) is None
    assert store.read_now(people.find_session, "d2", HOUR) is not None


@pytest.mark.parametrize(
    ("changes", "stays"),
    [
        ({"name": "Ana Li"}, True),
        ({"post": "客服", "contact": "x"}, True),
        ({"password_hash": "other"}, False),
        ({"role": "supervisor"}, False),
        ({"active": False}, False),
    ],
)
def test_what_ends_the_sessions_of_an_account(store: Store, changes: dict[str, Any], stays: bool) -> None:
    ana = add(store, "ana")
    sign_in(store, ana, "d1")
    store.write_now(people.change_agent, "ana", changes, actor="agent:Boss")
    assert (store.read_now(people.find_session, "d1", HOUR) is not None) == stays


def test_a_closed_account_opens_no_session(store: Store) -> None:
    ana = add(store, "ana")
    store.write_now(people.change_agent, "ana", {"active": False}, actor="agent:Boss")
    assert not sign_in(store, ana, "d1")


def test_sessions_that_are_over_are_swept(store: Store) -> None:
    ana = add(store, "ana")
    sign_in(store, ana, "d1"), sign_in(store, ana, "d2")

    def age(tx: Transaction) -> None:
        tx.execute(sa.update(agent_sessions).where(agent_sessions.c.digest == "d1").values(seen_at=tx.now - 2 * HOUR))

    store.write_now(age)
    assert store.write_now(people.sweep_sessions, HOUR) == 1
    assert store.read_now(people.find_session, "d2", HOUR) is not None


@pytest.mark.parametrize("changes", [{"active": False}, {"role": "agent"}])
def test_the_last_admin_can_not_be_closed_or_made_less(store: Store, changes: dict[str, Any]) -> None:
    add(store, "boss", Role.ADMIN)
    with pytest.raises(LastAdmin):
        store.write_now(people.change_agent, "boss", changes, actor="agent:Boss")
    add(store, "vice", Role.ADMIN)
    store.write_now(people.change_agent, "boss", changes, actor="agent:Vice")


def test_two_admins_that_close_each_other_at_once_leave_one(store: Store) -> None:
    add(store, "one", Role.ADMIN), add(store, "two", Role.ADMIN)

    def close(username: str) -> str:
        try:
            store.write_now(people.change_agent, username, {"active": False}, actor="agent:X")
        except LastAdmin:
            return "refused"
        return "closed"

    with ThreadPoolExecutor(2) as admins:
        assert sorted(admins.map(close, ["one", "two"])) == ["closed", "refused"]


def test_a_key_is_found_until_it_is_revoked(store: Store) -> None:
    key = store.write_now(people.add_key, name="robot", scopes=["intake"], digest="d", actor="agent:Boss")
    assert store.read_now(people.find_key, "d") == key
    store.write_now(people.revoke_key, key.id, actor="agent:Boss")
    store.write_now(people.revoke_key, key.id, actor="agent:Boss")
    assert store.read_now(people.find_key, "d") is None
    with pytest.raises(NoSuchPerson):
        store.write_now(people.revoke_key, "nothing", actor="agent:Boss")


def test_what_happens_to_accounts_stands_in_the_chain_of_the_house_without_secrets(store: Store) -> None:
    add(store, "ana")
    store.write_now(people.change_agent, "ana", {"password_hash": "secret hash"}, actor="agent:Boss")
    store.write_now(people.add_key, name="robot", scopes=["intake"], digest="secret digest", actor="agent:Boss")
    events = store.read_now(audit.timeline, audit.HOUSE)
    assert [event.action for event in events] == ["agent_added", "agent_changed", "key_added"]
    assert "secret" not in str(events)
