"""Surges and emergencies by the API: who may read, acknowledge, declare and end them, what is kept of it, and who hears of it at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit, surges
from case_store.audit import HOUSE
from case_store.records import Role
from case_store.store import Transaction
from case_store.surges import HOT_SPOT, Seen
from case_store.tables_outbox import deliveries, timers
from gateway.clockwork import fire_due
from gateway.config import Settings
from gateway.context import GATEWAY
from gateway.notifications import Notices
from gateway.policy import load_policy
from gateway.promises import Promises

FIRE = {"scope": "house", "reason": "机房停电，网银无法登录"}


@pytest.fixture
async def office(house: Any, browser: Any) -> dict[str, Any]:
    house.agent("megan")
    house.agent("sian", Role.SUPERVISOR)
    house.agent("rhys", Role.SUPERVISOR)
    signed_in = {name: await browser(name) for name in ("megan", "sian", "rhys")}
    return signed_in | {"reader": await browser(key=house.key("reports:read"))}


def raised(house: Any, value: str = "滨江支行") -> str:
    case = house.case()
    seen = Seen(HOT_SPOT, "day", "about", value, 9, 6, 1.5, 9, (case.id,))
    return str(house.store.write_now(surges.begin, seen, "t-1"))


def chain(house: Any, word: str) -> list[tuple[str, str]]:
    events = house.store.read_now(audit.timeline, HOUSE)
    return [(one.action, one.actor) for one in events if one.action.startswith(word)]


async def test_one_is_shown_with_its_cases_and_acknowledged_once(house: Any, office: Any) -> None:
    id = raised(house)
    _, shown, _ = await office["reader"].get("/api/v1/surges?state=open")
    [one] = shown["items"]
    assert (one["id"], one["value"], one["count"], one["usual"], one["threshold"]) == (id, "滨江支行", 9, 1.5, 6)
    assert one["cases"][0]["reference"].startswith("C2026")
    path = f"/api/v1/surges/{id}/acknowledge"
    assert (await office["sian"].post(path, {}))[0] == 422
    status, seen, _ = await office["sian"].post(path, {"note": "已联系滨江支行"})
    assert (status, seen["acknowledged_by"], seen["note"]) == (200, "Sian", "已联系滨江支行")
    status, problem, _ = await office["rhys"].post(path, {"note": "x"})
    assert (status, problem["code"], problem["by"]) == (409, "acknowledged", "Sian")
    assert (await office["rhys"].post("/api/v1/surges/none/acknowledge", {"note": "x"}))[0] == 404
    assert chain(house, "surge") == [("surge_raised", "system"), ("surge_acknowledged", "agent:Sian")]


@pytest.mark.parametrize(
    ("method", "path", "agent", "supervisor", "reader"),
    [
        ("GET", "surges", 403, 200, 200),
        ("POST", "surges/SURGE/acknowledge", 403, 422, 403),
        ("GET", "emergency", 200, 200, 200),
        ("POST", "emergency", 403, 422, 403),
        ("POST", "emergency/EMERGENCY/end", 403, 422, 403),
    ],
)
async def test_who_may_read_and_act(
    house: Any, office: Any, method: str, path: str, agent: int, supervisor: int, reader: int
) -> None:
    declared = (await office["rhys"].post("/api/v1/emergency", FIRE))[1]["id"]
    at = "/api/v1/" + path.replace("SURGE", raised(house)).replace("EMERGENCY", declared)
    body = None if method == "GET" else {}
    found = [(await office[who].send(method, at, body))[0] for who in ("megan", "sian", "reader")]
    assert found == [agent, supervisor, reader]


async def test_an_emergency_is_declared_once_seen_by_everybody_and_ended(house: Any, office: Any) -> None:
    status, declared, _ = await office["sian"].post("/api/v1/emergency", FIRE)
    assert (status, declared["declared_by"], declared["ended_at"]) == (201, "Sian", None)
    status, problem, _ = await office["rhys"].post("/api/v1/emergency", {**FIRE, "reason": "停电"})
    assert (status, problem["code"]) == (409, "lasting")
    [seen] = (await office["megan"].get("/api/v1/emergency?state=lasting"))[1]["items"]
    assert (seen["reason"], seen["scope"]) == (FIRE["reason"], "house")
    status, over, _ = await office["rhys"].post(f"/api/v1/emergency/{declared['id']}/end", {"note": "已恢复供电"})
    assert (status, over["ended_by"], over["end_note"]) == (200, "Rhys", "已恢复供电")
    again = await office["rhys"].post(f"/api/v1/emergency/{declared['id']}/end", {"note": "x"})
    assert (again[0], again[1]["code"]) == (409, "over")
    assert (await office["megan"].get("/api/v1/emergency?state=lasting"))[1]["items"] == []
    assert len((await office["megan"].get("/api/v1/emergency"))[1]["items"]) == 1
    assert chain(house, "emergency") == [("emergency_declared", "agent:Sian"), ("emergency_ended", "agent:Rhys")]
    assert (await office["sian"].post("/api/v1/emergency", FIRE))[0] == 201  # another fire


@pytest.mark.parametrize(
    ("body", "fits"),
    [
        ({"scope": "about", "about": "滨江支行"}, True),
        ({"scope": "cases", "cases": ["REFERENCE"]}, True),
        ({"scope": "about"}, False),
        ({"scope": "house", "about": "滨江支行"}, False),
        ({"scope": "cases"}, False),
        ({"scope": "cases", "cases": ["C20200101-000001-0"]}, False),
        ({"scope": "world"}, False),
        ({"scope": "house", "reason": " "}, False),
    ],
)
async def test_how_far_an_emergency_reaches(house: Any, office: Any, body: dict[str, Any], fits: bool) -> None:
    reference = house.case().reference
    named = {
        **body,
        **({"cases": [one.replace("REFERENCE", reference) for one in body["cases"]]} if "cases" in body else {}),
    }
    status, found, _ = await office["sian"].post("/api/v1/emergency", {"reason": "挤兑传言", **named})
    assert (status == 201) is fits, found
    if not fits:
        assert status == 422


async def test_those_on_duty_get_one_mail_by_the_clockwork(house: Any, office: Any, tmp_path: Path) -> None:
    await office["sian"].post("/api/v1/emergency", FIRE)
    path = tmp_path / "policy.toml"
    path.write_text(
        'version = "t-1"\n[people]\nduty_address = "duty@a.example"\nsupervisor_address = "boss@a.example"\n'
    )
    settings = Settings(data_dir=tmp_path)
    notices = Notices(Promises(load_policy(path), settings), settings, house.app[GATEWAY].tokens)
    for _ in range(2):
        house.store.write_now(fire_due, notices, None)
    d = deliveries.c
    rows = house.store.read_now(lambda tx: tx.execute(sa.select(d.address, d.payload).order_by(d.address)).all())
    assert [row.address for row in rows] == ["boss@a.example", "duty@a.example"]
    assert FIRE["reason"] in rows[0].payload["text"]
    assert "Sian" in rows[0].payload["text"]
    left = sa.select(timers.c.due_at).where(timers.c.kind == "emergency")
    assert house.store.read_now(lambda tx: tx.execute(left).scalars().all()) == [None]


async def test_an_emergency_rings_with_everybody_and_a_surge_with_those_who_supervise(house: Any, office: Any) -> None:
    sockets = {}
    for who in ("megan", "sian"):
        one = office[who]
        sockets[who] = await one.session.ws_connect(f"{house.url}/api/v1/live")
    raised(house)
    house.store.write_now(_touch)
    await office["sian"].post("/api/v1/emergency", FIRE)
    heard: dict[str, list[str]] = {who: [] for who in sockets}
    for who, socket in sockets.items():
        while "emergency" not in heard[who]:
            heard[who].append((await socket.receive_json(timeout=20))["kind"])
        await socket.close()
    assert "surge" in heard["sian"]
    assert "surge" not in heard["megan"]


def _touch(tx: Transaction) -> None:
    tx.wake("surge", "x")
