"""Webhooks end to end, before a real receiver that verifies every signature: what is posted, in which order, how often, and what never is."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from case_store import cases, conversations, ownership, postings, tasks
from case_store import webhooks as hooks
from case_store.conversations import NewMessage
from case_store.records import Owner, Role, Sender
from case_store.store import Transaction
from case_store.tables_webhooks import happenings, webhooks
from case_store.tables_webhooks import postings as posting_rows
from gateway.clockwork import Clockwork
from gateway.context import GATEWAY
from gateway.webhooks.posting import DELAYS, delay_after
from tests.gateway.webhooks.conftest import hook, later, patient_poster, posted


def told(receiver: Any) -> list[str]:
    return [event["type"].removeprefix("org.qingting.").removesuffix(".v1") for event in receiver.taken]


async def test_a_filed_case_is_told_with_ids_alone(house: Any, browser: Any, receiver: Any, poster: Any) -> None:
    admin = await browser("admin")
    await hook(admin, receiver, "case.filed")
    case = house.case()
    await posted(poster)
    [event] = receiver.taken
    assert (event["specversion"], event["type"], event["subject"]) == (
        "1.0",
        "org.qingting.case.filed.v1",
        case.reference,
    )
    assert event["source"] == "https://care.bank.example"
    assert event["data"] == {
        "action": "filed",
        "entry": event["data"]["entry"],
        "case": case.id,
        "reference": case.reference,
        "status": "filed",
        "version": event["data"]["version"],
        "channel": "webchat",
        "links": {
            "self": f"https://care.bank.example/api/v1/cases/{case.id}",
            "console": f"https://care.bank.example/console/cases/{case.id}",
        },
    }
    assert datetime.fromisoformat(event["time"]).tzinfo is not None


async def test_no_word_of_a_customer_leaves_the_house(house: Any, browser: Any, receiver: Any, poster: Any) -> None:
    admin = await browser("admin")
    await hook(admin, receiver)
    case = house.case()
    house.store.write_now(cases.change, case.id, {"facts": {"name": "江敏敏"}}, actor="agent:Admin")
    await posted(poster)
    written = json.dumps(receiver.taken, ensure_ascii=False)
    assert len(receiver.taken) >= 3
    for word in ("江敏", "13900001111", "滨江", "理财", "23000", "我要投诉", "Admin"):
        assert word not in written, word


CHANGES = [
    ({"status": "in_progress"}, ["case.status_changed"]),
    ({"status": "resolved", "outcome": "solved", "basis": "x", "next_steps": "y"}, ["case.resolved", "case.changed"]),
    ({"category": "product"}, ["case.changed"]),
    ({"status": "in_progress", "category": "product"}, ["case.status_changed", "case.changed"]),
    ({"assignee": "admin"}, ["case.changed"]),
    ({"category": "service"}, None),
]


@pytest.mark.parametrize(("changes", "types"), CHANGES)
async def test_a_change_is_told_for_what_it_is(
    house: Any, browser: Any, receiver: Any, poster: Any, changes: Any, types: Any
) -> None:
    await hook(await browser("admin"), receiver)
    case = house.case(category="service") if types is None else house.case()
    await posted(poster)
    receiver.taken.clear()
    house.store.write_now(cases.change, case.id, changes, actor="agent:Admin")
    await posted(poster)
    assert told(receiver) == (types or [])


async def test_a_case_that_is_opened_again_is_told_so(house: Any, browser: Any, receiver: Any, poster: Any) -> None:
    await hook(await browser("admin"), receiver, "case.reopened", "case.resolved")
    done = {"status": "resolved", "outcome": "solved", "basis": "x", "next_steps": "y"}
    case = house.case(**done)
    house.store.write_now(cases.change, case.id, {"status": "in_progress", "outcome": None}, actor="agent:Admin")
    await posted(poster)
    assert told(receiver) == ["case.resolved", "case.reopened"]


async def test_a_conversation_is_told_from_its_first_message_to_its_agent(
    house: Any, browser: Any, receiver: Any, poster: Any
) -> None:
    await hook(await browser("admin"), receiver)
    megan = house.agent("megan")
    id = house.conversation("你好", "要人工")
    house.store.write_now(ownership.take_over, id, agent_id=megan.id, agent_name="Megan")
    house.store.write_now(say, id, "您好")
    house.store.write_now(ownership.hand_back, id, to=Owner.QUEUE, agent_id=megan.id, agent_name="Megan")
    await posted(poster)
    assert told(receiver) == [
        "message.received",
        "message.received",
        "conversation.taken_over",
        "message.sent",
        "conversation.waiting",
    ]
    assert {event["subject"] for event in receiver.taken} == {id}
    assert [event["data"].get("message") for event in receiver.taken] == [1, 2, None, 3, None]


def say(tx: Transaction, id: str, text: str) -> None:
    row = conversations.locked(tx, id)
    conversations.add_messages(tx, row, [NewMessage(Sender.AGENT, text, name="Megan")])


async def test_what_was_undone_never_happened_and_a_draft_is_nobodys_business(
    house: Any, browser: Any, receiver: Any, poster: Any
) -> None:
    await hook(await browser("admin"), receiver, "case.filed", "case.changed")

    def fails(tx: Transaction) -> None:
        cases.change(tx, case.id, {"category": "product"}, actor="agent:Admin")
        raise RuntimeError

    case = house.case()
    house.case(filed=False)
    with pytest.raises(RuntimeError):
        house.store.write_now(fails)
    await posted(poster)
    assert told(receiver) == ["case.filed"]


async def test_while_nobody_listens_nothing_is_kept(house: Any, browser: Any, receiver: Any, poster: Any) -> None:
    house.case()
    assert house.store.read_now(count, happenings) == 0
    admin = await browser("admin")
    made = await hook(admin, receiver)
    house.case()
    assert house.store.read_now(count, happenings) > 0
    kept = house.store.read_now(count, happenings)
    await admin.send("DELETE", f"/api/v1/webhooks/{made['id']}", headers={"If-Match": "*"})
    house.case()
    assert house.store.read_now(count, happenings) == kept  # and nothing more
    clockwork = Clockwork(house.app[GATEWAY], SimpleNamespace(), Ed25519PrivateKey.generate())  # type: ignore[arg-type]
    for _ in range(3):  # what was posted, the webhook, what had happened
        await clockwork._clear()
    assert [house.store.read_now(count, table) for table in (happenings, webhooks)] == [0, 0]


async def test_what_is_removed_is_nobodys_at_once_and_goes_some_at_a_time(
    house: Any, browser: Any, receiver: Any, poster: Any
) -> None:
    admin = await browser("admin")
    made, stays = await hook(admin, receiver), await hook(admin, receiver, "case.filed")
    for _ in range(3):
        house.case()
    receiver.answers = lambda event: 500
    await posted(poster)
    of_both = house.store.read_now(count, posting_rows)
    path, heard = f"/api/v1/webhooks/{made['id']}", len(receiver.taken)
    delivery = (await admin.get(f"{path}/deliveries"))[1]["items"][0]["id"]
    assert (await admin.send("DELETE", path, headers={"If-Match": "*"}))[0] == 204
    assert house.store.read_now(count, posting_rows) == of_both
    later(house)
    house.case()
    receiver.answers = lambda event: None
    await posted(poster)
    assert len(receiver.taken) - heard == 4  # to the other alone
    for gone in ("", "/deliveries", f"/deliveries/{delivery}"):
        assert (await admin.get(path + gone))[0] == 404
    for gone in ("/test", "/secret", f"/deliveries/{delivery}/replay"):
        assert (await admin.post(path + gone, {}))[0] == 404
    assert [one["id"] for one in (await admin.get("/api/v1/webhooks"))[1]["items"]] == [stays["id"]]
    left = [house.store.read_now(count, posting_rows)]
    while house.store.write_now(postings.clear, 2):
        left.append(house.store.read_now(count, posting_rows))
    assert all(0 <= before - after <= 2 for before, after in pairwise(left))
    assert left[-1] == 4
    assert not house.store.read_now(postings.is_to_clear)
    assert house.store.read_now(count, webhooks) == 1
    assert house.store.read_now(count, happenings) > 0  # somebody else wants to hear


async def test_of_what_is_removed_no_address_and_no_secret_is_kept(house: Any, browser: Any, receiver: Any) -> None:
    admin = await browser("admin")
    made = await hook(admin, receiver, description="CRM")
    await admin.send("DELETE", f"/api/v1/webhooks/{made['id']}", headers={"If-Match": "*"})
    [row] = house.store.read_now(lambda tx: tx.execute(sa.select(webhooks)).all())
    assert (row.url, row.description, row.secret, row.old_secret, row.active) == ("", "", "", None, False)
    assert house.store.write_now(hooks.stop, made["id"], "failing") is False


def count(tx: Transaction, table: Any) -> int:
    return int(tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


async def test_of_one_subject_nothing_overtakes_and_others_do_not_wait(
    house: Any, browser: Any, receiver: Any, poster: Any
) -> None:
    await hook(await browser("admin"), receiver, "case.filed", "case.changed")
    one, other = house.case(), house.case()
    for category in ("product", "violation"):
        house.store.write_now(cases.change, one.id, {"category": category}, actor="agent:Admin")
    receiver.answers = lambda event: 500 if event["subject"] == one.reference else None
    await posted(poster)
    assert {event["subject"] for event in receiver.taken} == {other.reference}
    assert len(receiver.ids) == 2  # the first of the one, once; the second waits for it
    receiver.answers = lambda event: None
    later(house)
    await posted(poster)
    entries = [event["data"]["entry"] for event in receiver.taken if event["subject"] == one.reference]
    assert entries == sorted(entries)
    assert len(entries) == 3


async def test_what_is_not_taken_is_tried_again_under_the_same_id(
    house: Any, browser: Any, receiver: Any, poster: Any
) -> None:
    admin = await browser("admin")
    made = await hook(admin, receiver, "case.filed")
    house.case()
    statuses = iter([500, 302, 429, None])
    receiver.answers = lambda event: next(statuses)
    for _ in range(4):
        await posted(poster)
        later(house)
    assert len(set(receiver.ids)) == 1
    assert len(receiver.taken) == 1
    _, listed, _ = await admin.get(f"/api/v1/webhooks/{made['id']}/deliveries")
    [item] = listed["items"]
    assert (item["state"], item["attempts"], item["error"], item["next_at"]) == ("sent", 4, None, None)
    _, one, _ = await admin.get(f"/api/v1/webhooks/{made['id']}/deliveries/{item['id']}")
    assert [(one["status"], one["error"]) for one in one["tries"]] == [
        (500, "answered with status 500"),
        (302, "answered with status 302"),
        (429, "answered with status 429"),
        (204, None),
    ]
    assert one["tries"][0]["answer"] == "not now"
    assert one["body"] == receiver.taken[0]


def test_it_is_tried_for_three_days_and_later_where_the_receiver_asks() -> None:
    assert timedelta(days=2, hours=20) < sum(DELAYS, timedelta()) <= timedelta(days=3)
    assert list(DELAYS) == sorted(DELAYS)
    assert delay_after(1) == timedelta(seconds=5)
    assert delay_after(1, 60.0) == timedelta(seconds=60)
    assert delay_after(1, 1e12) == timedelta(hours=1)


async def test_an_answer_of_gone_stops_the_webhook_and_tells_the_administrators(
    house: Any, browser: Any, receiver: Any, poster: Any
) -> None:
    admin = await browser("admin")
    made = await hook(admin, receiver, "case.filed")
    receiver.answers = lambda event: 410
    house.case()
    await posted(poster)
    _, now, _ = await admin.get(f"/api/v1/webhooks/{made['id']}")
    assert (now["active"], now["stopped"], now["given_up"]) == (False, "gone", 1)
    assert [task.words for task in house.store.read_now(tasks.open_tasks)] == ["webhook_stopped"]
    house.case()
    await posted(poster)
    assert len(receiver.ids) == 1  # nothing more
    seen = {"If-Match": f'"{now["version"]}"'}
    receiver.answers = lambda event: None
    status, again, _ = await admin.send("PATCH", f"/api/v1/webhooks/{made['id']}", {"active": True}, headers=seen)
    assert (status, again["active"], again["stopped"]) == (200, True, None)
    house.case()
    await posted(poster)
    assert len(receiver.taken) == 1


@pytest.mark.parametrize("well", [True, False])
async def test_a_webhook_that_takes_nothing_for_three_days_is_stopped(
    house: Any, browser: Any, receiver: Any, poster: Any, well: bool
) -> None:
    """One event that a receiver can't digest stops nothing as long as it takes others."""
    admin = await browser("admin")
    made = await hook(admin, receiver, "case.filed")
    bad = house.case()
    receiver.answers = lambda event: 500
    for number in range(len(DELAYS) + 1):
        if well and number == 3:
            receiver.answers = lambda event: None if event["subject"] != bad.reference else 500
            house.case()
        await posted(poster)
        later(house)
    _, now, _ = await admin.get(f"/api/v1/webhooks/{made['id']}")
    assert (now["active"], now["stopped"], now["given_up"]) == (well, None if well else "failing", 1)
    assert len(receiver.ids) == len(DELAYS) + 1 + well


async def test_a_new_secret_signs_at_once_and_the_old_one_for_a_day(
    house: Any, browser: Any, receiver: Any, poster: Any
) -> None:
    admin = await browser("admin")
    made = await hook(admin, receiver, "case.filed")
    status, renewed, _ = await admin.post(f"/api/v1/webhooks/{made['id']}/secret", {})
    assert (status, renewed["secret"] != made["secret"]) == (200, True)
    for known in ([made["secret"]], [renewed["secret"]]):
        receiver.secrets = known
        house.case()
        await posted(poster)
    assert (len(receiver.taken), receiver.forged) == (2, 0)
    over = sa.update(webhooks).values(old_until=datetime.now(UTC) - timedelta(seconds=1))
    house.store.write_now(lambda tx: tx.execute(over) and None)
    receiver.secrets = [made["secret"]]
    house.case()
    await posted(poster)
    assert (len(receiver.taken), receiver.forged) == (2, 1)


async def test_what_was_posted_is_posted_again_when_somebody_asks(
    house: Any, browser: Any, receiver: Any, poster: Any
) -> None:
    admin = await browser("admin")
    made = await hook(admin, receiver, "case.filed")
    before = datetime.now(UTC).isoformat()
    for _ in range(3):
        house.case()
    await posted(poster)
    first = list(receiver.ids)
    _, listed, _ = await admin.get(f"/api/v1/webhooks/{made['id']}/deliveries?limit=1")
    path = f"/api/v1/webhooks/{made['id']}/deliveries/{listed['items'][0]['id']}/replay"
    assert (await admin.post(path, {}))[0] == 202
    await posted(poster)
    assert receiver.ids[3:] == [first[2]]  # the newest, under its own id
    status, queued, _ = await admin.post(f"/api/v1/webhooks/{made['id']}/replay", {"since": before})
    assert (status, queued) == (202, {"queued": 3, "more_since": None})
    await posted(poster)
    assert sorted(receiver.ids[4:]) == sorted(first)
    seen, cursor = [], ""
    while cursor is not None:
        _, page, _ = await admin.get(f"/api/v1/webhooks/{made['id']}/deliveries?limit=2&cursor={cursor}")
        seen += page["items"]
        cursor = page["next_cursor"]
    assert [one["again"] for one in seen] == [True] * 4 + [False] * 3


async def test_sending_again_has_an_end_and_says_where_it_goes_on(
    house: Any, browser: Any, receiver: Any, poster: Any
) -> None:
    admin = await browser("admin")
    made = await hook(admin, receiver, "case.filed")
    for _ in range(3):
        house.case()
    await posted(poster)
    since = datetime.now(UTC) - timedelta(minutes=5)
    gateway = house.app[GATEWAY]

    def again(tx: Transaction) -> Any:
        return postings.send_since(tx, hooks.get(tx, made["id"]), since, 2, actor="agent:Admin")

    queued, more = await gateway.store.write(again)
    assert (queued, more.isoformat()) == (2, datetime.fromisoformat(receiver.taken[2]["time"]).isoformat())
    for wrong in ((datetime.now(UTC) - timedelta(days=31)).isoformat(), "2999-01-01T00:00:00Z", "2026-11-01T00:00:00"):
        assert (await admin.post(f"/api/v1/webhooks/{made['id']}/replay", {"since": wrong}))[0] == 422


async def test_a_test_event_goes_to_one_webhook_whatever_it_wants(
    house: Any, browser: Any, receiver: Any, poster: Any
) -> None:
    admin = await browser("admin")
    made = await hook(admin, receiver, "deadline.passed")
    await hook(admin, receiver)
    assert (await admin.post(f"/api/v1/webhooks/{made['id']}/test", {}))[0] == 202
    await posted(poster)
    assert told(receiver) == ["webhook.test"]


@pytest.mark.parametrize("database", ["postgresql"])  # SQLite has one process
async def test_two_processes_share_the_work_and_post_each_once(
    house: Any, browser: Any, receiver: Any, poster: Any
) -> None:
    await hook(await browser("admin"), receiver, "case.filed")
    second = patient_poster(house)
    for _ in range(20):
        house.case()
    await asyncio.gather(posted(poster), posted(second))
    await posted(poster)
    await second.stop()
    assert sorted(receiver.ids) == sorted(set(receiver.ids))
    assert len(receiver.ids) == 20


async def test_what_a_killed_process_had_begun_is_posted_by_the_next(
    house: Any, browser: Any, receiver: Any, poster: Any
) -> None:
    await hook(await browser("admin"), receiver, "case.filed")
    house.case()
    house.store.write_now(postings.spread)
    assert len(house.store.write_now(postings.claim, 10)) == 1  # and the process is gone
    await posted(poster)
    assert receiver.ids == []  # its lease runs
    later(house)
    await posted(poster)
    assert len(receiver.taken) == 1


@pytest.mark.parametrize("database", ["sqlite"])
async def test_a_receiver_that_hangs_sends_elsewhere_or_never_ends_is_a_failure(
    house: Any, browser: Any, receiver: Any, poster: Any
) -> None:
    admin = await browser("admin")
    made = await hook(admin, receiver, "case.filed")

    async def hangs(event: Any) -> Any:
        await asyncio.sleep(30)

    def elsewhere(event: Any) -> Any:
        return web.Response(status=307, headers={"Location": receiver.url.replace("/hook", "/elsewhere")})

    def much(event: Any) -> Any:
        return web.Response(status=500, body=b"x\x00" * 5_000_000)

    house.case()
    for answers in (hangs, elsewhere, much):
        receiver.answers = answers
        poster._sender._patience = 0.3 if answers is hangs else 60
        await posted(poster)
        later(house)
    _, listed, _ = await admin.get(f"/api/v1/webhooks/{made['id']}/deliveries?state=waiting")
    _, one, _ = await admin.get(f"/api/v1/webhooks/{made['id']}/deliveries/{listed['items'][0]['id']}")
    assert [each["error"] for each in one["tries"]] == [
        "no answer within 0.3 s",
        "answered with status 307",
        "answered with status 500",
    ]
    assert len(one["tries"][2]["answer"]) == 500


async def test_what_is_a_month_old_is_forgotten(house: Any, browser: Any, receiver: Any, poster: Any) -> None:
    await hook(await browser("admin"), receiver)
    house.case()
    await posted(poster)
    assert house.store.write_now(postings.sweep) == 0
    old = sa.update(happenings).values(at=datetime.now(UTC) - timedelta(days=31))
    house.store.write_now(lambda tx: tx.execute(old) and None)
    assert house.store.write_now(postings.sweep) > 0
    assert house.store.read_now(count, happenings) == 0


async def test_webhooks_are_the_administrators_alone(house: Any, browser: Any) -> None:
    house.agent("sian", Role.SUPERVISOR)
    sian = await browser("sian")
    for method, path in (("GET", ""), ("POST", ""), ("GET", "/x"), ("POST", "/x/test"), ("GET", "/x/deliveries")):
        assert (await sian.send(method, f"/api/v1/webhooks{path}", {} if method == "POST" else None))[0] == 403
