"""Health, figures, tasks, parked arrivals, accounts; what every answer of the web server carries."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from case_store import arrivals, tasks
from case_store.arrivals import NewArrival
from case_store.files import Files
from case_store.records import Role
from case_store.store import StoreUnavailable, Transaction
from gateway.api import operating
from gateway.context import GATEWAY
from gateway.endpoints import parse_imap
from gateway.hooks import READY_CHECKS
from gateway.web import client_of


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stands still for some seconds is no check that does not answer."""
    monkeypatch.setattr(operating, "PATIENCE", 60)


async def test_alive_and_ready(browser: Any) -> None:
    anyone = await browser()
    assert (await anyone.get("/healthz"))[:2] == (200, {"status": "ok"})
    assert (await anyone.get("/readyz"))[:2] == (200, {"status": "ready"})


async def test_a_house_for_practice_says_so(house: Any, browser: Any, monkeypatch: Any) -> None:
    marked = house.app[GATEWAY].settings.model_copy(update={"practice": True})
    monkeypatch.setattr(house.app[GATEWAY], "settings", marked)
    assert (await (await browser()).get("/healthz"))[:2] == (200, {"status": "ok", "practice": True})


async def test_not_ready_says_why(house: Any, browser: Any, monkeypatch: Any) -> None:
    async def smtp() -> str | None:
        return "the port is taken"

    async def gone(*_: Any) -> None:
        raise StoreUnavailable("no connection")

    house.app[READY_CHECKS].append(smtp)
    anyone = await browser()
    status, body, answer = await anyone.get("/readyz")
    assert (status, body["reasons"]) == (503, ["smtp: the port is taken"])
    assert answer.headers["Retry-After"]
    monkeypatch.setattr(house.store, "read", gone)
    assert (await anyone.get("/readyz"))[1]["reasons"] == ["database: can't be reached", "smtp: the port is taken"]
    assert (await anyone.get("/healthz"))[0] == 200


async def test_the_store_gone_is_503_and_nothing_taken(house: Any, browser: Any, monkeypatch: Any) -> None:
    async def gone(*_: Any) -> None:
        raise StoreUnavailable("database is locked")

    anyone = await browser()
    monkeypatch.setattr(house.store, "write", gone)
    status, problem, answer = await anyone.post("/api/v1/complaints", {"what_happened": "x"})
    assert (status, problem["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0


async def test_figures_for_prometheus(house: Any, browser: Any) -> None:
    parked(house)
    house.case()
    anyone = await browser()
    status, text, answer = await anyone.get("/metrics")
    assert (status, answer.content_type) == (200, "text/plain")
    for name in (
        "intake_lag_seconds",
        "arrivals_waiting",
        "oldest_unsent_seconds",
        "conversations_waiting",
        "deadlines_at_risk",
    ):
        assert f"\nqingting_{name} " in text
    assert "\nqingting_arrivals_parked 1.0" in text
    assert "江敏" not in text


async def test_the_figures_tell_for_how_long_the_mailbox_has_been_silent(
    house: Any, browser: Any, settings: Any
) -> None:
    anyone = await browser()
    assert "mailbox" not in (await anyone.get("/metrics"))[1], "there is none"
    object.__setattr__(settings, "imap", parse_imap("imaps://u:hush@mail.example"))
    told = (await anyone.get("/metrics"))[1]
    assert float(told.partition("\nqingting_mailbox_silent_seconds ")[2].partition("\n")[0]) > 1e9, "never looked into"
    assert (await anyone.get("/readyz"))[0] == 200, "the other channels go on"


@pytest.mark.parametrize(("who", "status"), [("open", 200), ("loopback", 404), ("off", 404)])
async def test_figures_are_for_those_the_operator_says(
    house: Any, browser: Any, settings: Any, who: str, status: int
) -> None:
    object.__setattr__(settings, "metrics", who)
    object.__setattr__(settings, "trusted_proxies", (ipaddress.ip_network("127.0.0.1"),))
    anyone = await browser()
    assert (await anyone.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}))[0] == status


def parked(house: Any) -> str:
    def unit(tx: Transaction) -> str:
        new = NewArrival("email", "email:x", "m1", datetime.now(UTC), 3, raw=b"abc")
        id, _ = arrivals.accept(tx, new)
        [claimed] = arrivals.claim(tx, 1)
        arrivals.park(tx, claimed, "not a mail")
        return id

    return str(house.store.write_now(unit))


async def test_parked_arrivals_are_listed_and_a_supervisor_sends_them_to_be_read_again(
    house: Any, browser: Any
) -> None:
    id = parked(house)
    house.agent("ana"), house.agent("sam", Role.SUPERVISOR)
    ana, sam = await browser("ana"), await browser("sam")
    _, page, _ = await ana.get("/api/v1/parked")
    assert [(item["id"], item["reason"]) for item in page["items"]] == [(id, "not a mail")]
    assert (await ana.post("/api/v1/parked/replay", {"id": id}))[0] == 403
    assert (await sam.post("/api/v1/parked/replay", {"id": id}))[:2] == (200, {"replayed": 1})
    assert (await sam.post("/api/v1/parked/replay", {"id": id}))[0] == 404
    assert (await ana.get("/api/v1/parked"))[1]["items"] == []


def parked_mail(house: Any, raw: bytes, reason: str, *, filed: bool) -> str:
    def unit(tx: Transaction) -> str:
        digest = house.app[GATEWAY].files.put(raw) if filed else None
        new = NewArrival(
            "email", "email:x", raw[:40].hex(), datetime.now(UTC), len(raw), None if filed else raw, digest
        )
        id, _ = arrivals.accept(tx, new)
        [claimed] = arrivals.claim(tx, 1)
        arrivals.park(tx, claimed, reason)
        return id

    return str(house.store.write_now(unit))


@pytest.mark.parametrize("filed", [False, True], ids=["in the ledger", "in a file"])
@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("Unreadable: headers too long", "head_too_long"),
        ("Unreadable: empty", "empty"),
        ("Unreadable: nested too deeply", "too_deep"),
        ("Unreadable: reading took more than 5 seconds", "too_much"),
        ("Unreadable: the reader failed: KeyError", "reader_failed"),
        ("Unreadable: bea@x has 90,000 bytes, the limit is 50,000. Only its head is kept here", "too_large"),
        ("Unreadable: the mail server names this mail and does not hand it over; it is in INBOX", "not_handed_over"),
        ("no channel 'fax' runs here", "no_channel"),
        ("ValueError: x", "other"),
    ],
)
async def test_a_parked_mail_tells_who_sent_it_and_why_it_could_not_be_read(
    house: Any, browser: Any, tmp_path: Path, reason: str, why: str, filed: bool
) -> None:
    house.app[GATEWAY].files = Files(tmp_path / "files")
    id = parked_mail(house, b"From: Eve <eve@x.org>\r\nSubject: A fee\r\nX: y\r\n", reason, filed=filed)
    admin = await browser("admin")
    [item] = (await admin.get("/api/v1/parked"))[1]["items"]
    assert (item["sender"], item["subject"], item["why"]) == ("Eve <eve@x.org>", "A fee", why)
    [state] = (await admin.get(f"/api/v1/arrivals?ids={id}"))[1]["items"]
    assert state == {"id": id, "state": "parked", "why": why, "conversation": None}
    await admin.post("/api/v1/parked/replay", {"id": id})
    [state] = (await admin.get(f"/api/v1/arrivals?ids={id},nobody"))[1]["items"]
    assert (state["state"], state["why"]) == ("waiting", None)
    assert (await admin.get("/api/v1/arrivals"))[0] == 422


async def test_a_task_is_done_once(house: Any, browser: Any) -> None:
    case = house.case()
    new = {"occasion": "call:1", "kind": "call_back", "words": "请回电", "case_id": case.id}
    id = house.store.write_now(tasks.add, **new)
    admin = await browser("admin")
    assert [item["id"] for item in (await admin.get("/api/v1/tasks"))[1]["items"]] == [id]
    assert (await admin.post(f"/api/v1/tasks/{id}/done", {"note": "已通知"}))[0] == 200
    assert (await admin.post(f"/api/v1/tasks/{id}/done"))[1]["code"] == "done_before"
    assert (await admin.post("/api/v1/tasks/nothing/done"))[0] == 404
    assert (await admin.get("/api/v1/tasks"))[1]["items"] == []


async def test_an_admin_opens_changes_and_closes_accounts(house: Any, browser: Any) -> None:
    admin = await browser("admin")
    new = {"username": "ana", "password": "a long password", "name": "安娜", "post": "投诉专员"}
    status, shown, _ = await admin.post("/api/v1/agents", new)
    assert (status, shown["name"], shown["role"]) == (201, "安娜", "agent")
    assert "password" not in str(shown)
    assert (await admin.post("/api/v1/agents", new))[1]["code"] == "name_taken"
    ana = await browser()
    await ana.sign_in("ana", "a long password")
    assert (await ana.post("/api/v1/agents", {**new, "username": "x"}))[0] == 403
    assert (await ana.send("PATCH", "/api/v1/agents/ana", {"role": "admin"}))[0] == 403
    own = {"old": "wrong password", "new": "another long one"}
    assert (await ana.post("/api/v1/agents/me/password", own))[0] == 403
    assert (await ana.post("/api/v1/agents/me/password", {**own, "old": "a long password"}))[0] == 204
    assert (await ana.get("/api/v1/agents/me"))[0] == 401
    await ana.sign_in("ana", "another long one")
    assert (await admin.send("PATCH", "/api/v1/agents/ana", {"active": False}))[1]["active"] is False
    assert (await admin.send("PATCH", "/api/v1/agents/admin", {"active": False}))[1]["code"] == "last_admin"
    assert (await admin.send("PATCH", "/api/v1/agents/nobody", {"active": False}))[0] == 404


@pytest.mark.parametrize(
    "change", [{"username": "Ana Li"}, {"username": "x" * 33}, {"password": "short"}, {"role": "king"}, {"name": ""}]
)
async def test_an_account_needs_a_name_and_a_password_worth_it(browser: Any, change: dict[str, str]) -> None:
    admin = await browser("admin")
    new = {"username": "ana", "password": "a long password", "name": "Ana", **change}
    status, problem, _ = await admin.post("/api/v1/agents", new)
    assert (status, problem["errors"][0]["field"]) == (422, next(iter(change)))


async def test_an_api_key_is_shown_once_works_and_can_be_revoked(house: Any, browser: Any) -> None:
    admin = await browser("admin")
    asked, once = {"name": "robot", "scopes": ["cases:read"]}, {"Idempotency-Key": "key"}
    status, made, _ = await admin.post("/api/v1/keys", asked, headers=once)
    assert (status, made["key"][:3]) == (201, "qt_")
    assert (await admin.post("/api/v1/keys", asked, headers=once))[1] == made
    _, listed, _ = await admin.get("/api/v1/keys")
    assert [item["name"] for item in listed["items"]] == ["robot"]
    assert made["key"] not in str(listed)
    robot = await browser(key=made["key"])
    assert (await robot.get("/api/v1/cases"))[0] == 200
    assert (await robot.get("/api/v1/keys"))[0] == 403
    assert (await admin.send("DELETE", f"/api/v1/keys/{made['id']}"))[0] == 204
    assert (await robot.get("/api/v1/cases"))[0] == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("PUT", "/api/v1/complaints", 405),
        ("GET", "/api/v1/cases%00", 400),
        ("GET", "/healthz?a=%00", 400),
    ],
)
async def test_every_error_is_a_problem_document(browser: Any, method: str, path: str, status: int) -> None:
    from yarl import URL

    anyone = await browser()
    async with anyone.session.request(method, URL(anyone.url + path, encoded=True)) as answer:
        problem = await answer.json(content_type="application/problem+json")
        assert (answer.status, problem["status"]) == (status, status)
        assert {"type", "title", "detail", "code"} <= set(problem)
        assert (status != 405) or answer.headers["Allow"] == "POST"


async def test_a_failure_tells_nobody_what_a_customer_wrote(house: Any, browser: Any, caplog: Any) -> None:
    from gateway.hooks import TAKE_COMPLAINT

    async def fails(_: Any, complaint: Any) -> None:
        raise ValueError(complaint.what_happened)

    house.app._state[TAKE_COMPLAINT] = fails
    with caplog.at_level(logging.DEBUG):
        status, problem, _ = await (await browser()).post("/api/v1/complaints", {"what_happened": "my secret"})
    assert (status, problem["code"]) == (500, "internal")
    assert "my secret" not in str(problem) + caplog.text
    assert "ValueError" in caplog.text


async def test_a_malformed_request_is_not_quoted_in_the_log(house: Any, caplog: Any) -> None:
    host, _, port = house.url.removeprefix("http://").partition(":")
    with caplog.at_level(logging.DEBUG):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write("GET /api/v1/cases?q=江敏 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert b" 400 " in await asyncio.wait_for(reader.readline(), 30)
        writer.close()
    assert "a request that is not HTTP was refused" in caplog.text
    assert "江敏" not in caplog.text
    assert repr("江敏".encode())[2:-1] not in caplog.text


async def test_every_answer_carries_the_security_headers(browser: Any) -> None:
    anyone = await browser()
    for path in ("/healthz", "/nothing", "/api/v1/cases"):
        headers = (await anyone.get(path))[2].headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "aiohttp" not in headers["Server"].lower()


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.1", ["198.51.100.7"], "203.0.113.1"),  # not our proxy: it may write what it likes
        ("10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["1.1.1.1, 198.51.100.7"], "198.51.100.7"),  # what the customer wrote stands to the left
        ("10.0.0.1", ["198.51.100.7", "10.0.0.2"], "198.51.100.7"),
        ("10.0.0.1", ["1.1.1.1, nonsense"], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
    ],
)
def test_who_is_calling_comes_from_trusted_proxies_only(peer: str, forwarded: list[str], address: str) -> None:
    from multidict import CIMultiDict

    class Request:
        remote, scheme = peer, "http"
        headers = CIMultiDict([("X-Forwarded-For", value) for value in forwarded])

    trusted = (ipaddress.ip_network("10.0.0.0/8"),)
    assert client_of(Request(), trusted).address == address  # type: ignore[arg-type]


async def test_the_description_names_every_route_and_its_answers_keep_it(house: Any, browser: Any) -> None:
    house.case()
    admin = await browser("admin")
    _, described, _ = await admin.get("/api/openapi.json")
    served = {
        (route.method.lower(), route.resource.canonical)
        for route in house.app.router.routes()
        if route.method != "HEAD" and route.resource
    }
    told = {(method, path) for path, methods in described["paths"].items() for method in methods}
    assert described["openapi"].startswith("3.1")
    assert told == served
    for path in ("conversations", "cases", "agents", "agents/me", "tasks", "parked", "keys"):
        _, shown, _ = await admin.get(f"/api/v1/{path}")
        schema = described["paths"][f"/api/v1/{path}"]["get"]["responses"]["200"]["content"]["application/json"][
            "schema"
        ]
        jsonschema.validate(shown, {**schema, "components": described["components"]})


async def test_a_stop_does_not_wait_for_listeners(house: Any, browser: Any) -> None:
    admin = await browser("admin")
    url = house.url.replace("http", "ws", 1) + "/api/v1/live"
    socket = await admin.session.ws_connect(url, headers=admin.headers)
    await asyncio.wait_for(house.app.shutdown(), 30)
    assert (await asyncio.wait_for(socket.receive(), 30)).data == 1001
    await socket.close()
    assert house.app[GATEWAY].store.read_now(lambda tx: True)
