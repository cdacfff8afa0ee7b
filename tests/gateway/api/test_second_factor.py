"""Second factors: setting one up, signing in with it, and the attacks on both."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa

from case_store import audit
from case_store.audit import HOUSE
from case_store.records import Role
from case_store.tables_accounts import recovery_codes, second_factors
from case_store.tables_house import idempotency
from gateway.context import GATEWAY
from gateway.sign_in_policy import Needs
from tests.gateway.api.conftest import PASSWORD, Browser, House
from tests.gateway.api.signing_in import policy

PLACE = "/api/v1/agents/me/second-factor"
SESSION = "/api/v1/session"
ANA = {"username": "ana", "password": PASSWORD}


def code(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=30 * steps))


def half_minute() -> int:
    return int(datetime.now(UTC).timestamp()) // 30


def forget_step(house: House) -> None:
    """As if the half minute of the last code were over."""
    house.store.write_now(lambda tx: tx.execute(sa.update(second_factors).values(last_step=0)))


async def set_up(
    house: House, browser: Any, name: str = "ana", role: Role = Role.AGENT
) -> tuple[Browser, str, list[str]]:
    """An agent with a second factor: their browser, the secret, the recovery codes."""
    house.agent(name, role)
    one = await browser(name)
    _, begun, _ = await one.post(PLACE, {"password": PASSWORD})
    _, confirmed, _ = await one.post(f"{PLACE}/confirm", {"code": code(begun["secret"])})
    forget_step(house)
    return one, begun["secret"], confirmed["recovery_codes"]


async def challenge(anyone: Browser, name: str = "ana") -> str:
    status, asked, _ = await anyone.post(SESSION, {"username": name, "password": PASSWORD})
    assert (status, asked["code"]) == (401, "second_factor_required")
    return str(asked["challenge"])


async def test_who_has_set_one_up_shows_its_code_after_the_password(house: House, browser: Any) -> None:
    _, secret, codes = await set_up(house, browser)
    assert len(set(codes)) == 10
    anyone = await browser()
    token = await challenge(anyone)
    assert (await anyone.get("/api/v1/agents/me"))[0] == 401  # a password alone opens nothing
    status, body, _ = await anyone.post(SESSION, {"challenge": token, "code": code(secret)})
    assert (status, body["agent"]["username"]) == (200, "ana")
    _, me, _ = await anyone.get("/api/v1/agents/me")
    assert (me["second_factor"]["on"], me["second_factor"]["recovery_codes_left"], me["held"]) == (True, 10, None)


async def test_a_script_sends_name_password_and_code_together(house: House, browser: Any) -> None:
    _, secret, _ = await set_up(house, browser)
    assert (await (await browser()).post(SESSION, {**ANA, "code": code(secret)}))[0] == 200


async def test_an_account_without_one_signs_in_as_it_always_did(house: House, browser: Any) -> None:
    house.agent("ana")
    anyone = await browser()
    assert (await anyone.post(SESSION, ANA))[0] == 200
    assert (await anyone.get(PLACE))[1]["on"] is False


async def test_one_that_is_not_confirmed_is_asked_for_by_nobody(house: House, browser: Any) -> None:
    house.agent("ana")
    await (await browser("ana")).post(PLACE, {"password": PASSWORD})
    assert (await (await browser()).post(SESSION, ANA))[0] == 200


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        (lambda secret: code(secret), 200),
        (lambda secret: code(secret, -1), 200),
        (lambda secret: code(secret, 1), 200),
        (lambda secret: f"{code(secret)[:3]} {code(secret)[3:]}", 200),
        (lambda secret: code(secret).translate({ord(str(n)): chr(ord("０") + n) for n in range(10)}), 200),
        (lambda secret: code(secret, -3), 401),
        (lambda secret: code(secret, 3), 401),
        (lambda secret: code(secret)[:5], 401),
        (lambda secret: code(secret) + "0", 401),
        (lambda secret: code(pyotp.random_base32()), 401),
        (lambda _: "a" * 10, 401),
        (lambda _: "٣٣٣٣٣٣", 401),
        (lambda _: "' OR 1=1", 401),
    ],
)
async def test_which_codes_count(house: House, browser: Any, typed: Any, status: int) -> None:
    _, secret, _ = await set_up(house, browser)
    anyone, begun, answered = await browser(), 0, 0
    while begun != half_minute():  # of one that ended in between a code would be a step older than it says
        forget_step(house)
        begun, token = half_minute(), await challenge(anyone)
        answered, _, _ = await anyone.post(SESSION, {"challenge": token, "code": typed(secret)})
    assert answered == status


async def test_a_code_that_was_seen_over_the_shoulder_is_spent(house: House, browser: Any) -> None:
    _, secret, _ = await set_up(house, browser)
    seen = code(secret)
    assert (await (await browser()).post(SESSION, {**ANA, "code": seen}))[0] == 200
    status, body, _ = await (await browser()).post(SESSION, {**ANA, "code": seen})
    assert (status, body["code"]) == (401, "wrong_code")
    older = code(secret, -1)  # nor does one from before it
    assert (await (await browser()).post(SESSION, {**ANA, "code": older}))[0] == 401


async def test_the_code_that_has_confirmed_it_signs_nobody_in(house: House, browser: Any) -> None:
    house.agent("ana")
    one = await browser("ana")
    _, begun, _ = await one.post(PLACE, {"password": PASSWORD})
    used = code(begun["secret"])
    await one.post(f"{PLACE}/confirm", {"code": used})
    assert (await (await browser()).post(SESSION, {**ANA, "code": used}))[0] == 401


async def test_one_code_in_two_requests_at_once_opens_one_session(house: House, browser: Any) -> None:
    _, secret, codes = await set_up(house, browser)
    for used in (code(secret), codes[0]):
        browsers = [await browser() for _ in range(4)]
        answers = await asyncio.gather(*[one.post(SESSION, {**ANA, "code": used}) for one in browsers])
        assert sorted(status for status, _, _ in answers) == [200, 401, 401, 401]


async def test_a_recovery_code_counts_once_however_it_is_typed(house: House, browser: Any) -> None:
    _, _, codes = await set_up(house, browser)
    assert (await (await browser()).post(SESSION, {**ANA, "code": codes[3].upper()}))[0] == 200
    assert (await (await browser()).post(SESSION, {**ANA, "code": codes[3]}))[0] == 401
    assert (await (await browser()).post(SESSION, {**ANA, "code": codes[4].replace("-", " ")}))[0] == 200
    actions = [event.action for event in house.store.read_now(audit.timeline, HOUSE)]
    assert actions.count("recovery_code_used") == 2


async def test_a_challenge_that_is_old_foreign_or_made_up_is_none(
    house: House, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway.api import session

    _, secret, _ = await set_up(house, browser)
    anyone = await browser()
    token, tokens = await challenge(anyone), house.app[GATEWAY].tokens
    others = [
        "x",
        token[:-2],
        token.upper(),
        tokens.sign_challenge(house.agent("ben").id, "0" * 64, datetime.now(UTC)),
        tokens.sign_challenge("nobody", "0" * 64, datetime.now(UTC)),
        tokens.sign_upload("0" * 32),
    ]
    for forged in others:
        status, body, _ = await anyone.post(SESSION, {"challenge": forged, "code": code(secret)})
        assert (status, body["code"]) == (401, "challenge_over")
    monkeypatch.setattr(session, "CHALLENGE_LASTS", timedelta(seconds=-1))
    assert (await anyone.post(SESSION, {"challenge": token, "code": code(secret)}))[1]["code"] == "challenge_over"


async def test_the_challenge_of_one_account_takes_no_code_of_another(house: House, browser: Any) -> None:
    await set_up(house, browser, "ana")
    _, bens, _ = await set_up(house, browser, "ben")
    anyone = await browser()
    status, body, _ = await anyone.post(SESSION, {"challenge": await challenge(anyone, "ana"), "code": code(bens)})
    assert (status, body["code"]) == (401, "wrong_code")


async def test_a_changed_password_ends_the_challenges_of_the_old_one(house: House, browser: Any) -> None:
    _, secret, _ = await set_up(house, browser)
    anyone, admin = await browser(), await browser("admin")
    token = await challenge(anyone)
    await admin.send("PATCH", "/api/v1/agents/ana", {"password": "another password"})
    assert (await anyone.post(SESSION, {"challenge": token, "code": code(secret)}))[1]["code"] == "challenge_over"


async def test_guessing_codes_ends_after_ten_also_with_the_right_one(house: House, browser: Any) -> None:
    _, secret, _ = await set_up(house, browser)
    anyone = await browser()
    token = await challenge(anyone)
    wrong = [f"{n:06d}" for n in range(14) if f"{n:06d}" not in {code(secret, by) for by in (-1, 0, 1)}]
    answers = await asyncio.gather(*[anyone.post(SESSION, {"challenge": token, "code": one}) for one in wrong])
    assert [status for status, _, _ in answers].count(401) == 10
    status, _, answer = await anyone.post(SESSION, {"challenge": token, "code": code(secret)})
    assert status == 429
    assert int(answer.headers["Retry-After"]) > 0


async def test_guessing_from_many_addresses_ends_for_the_account(house: House, browser: Any, settings: Any) -> None:
    import ipaddress

    object.__setattr__(settings, "trusted_proxies", (ipaddress.ip_network("127.0.0.1"),))
    _, _, _ = await set_up(house, browser)
    anyone = await browser()
    token, statuses = await challenge(anyone), []
    for n in range(40):
        answer = await anyone.post(
            SESSION, {"challenge": token, "code": "aaaaaaaaaa"}, headers={"X-Forwarded-For": f"192.0.2.{n}"}
        )
        statuses.append(answer[0])
    assert statuses.count(401) < 30
    assert statuses[-1] == 429
    entries = [one for one in house.store.read_now(audit.timeline, HOUSE) if "limit_reached" in one.action]
    [(action, detail)] = [(one.action, one.detail) for one in entries]  # one, however many tries and addresses
    assert (action, detail["username"], detail["limit"]) == ("second_factor_limit_reached", "ana", "30 per 15 minutes")
    assert "aaaaaaaaaa" not in str(detail)


async def test_a_page_left_open_sets_none_up_without_the_password(house: House, browser: Any) -> None:
    house.agent("ana")
    one = await browser("ana")
    assert (await one.post(PLACE, {"password": "not it"}))[1]["code"] == "wrong_credentials"
    one.headers.pop("X-CSRF-Token")  # as another site would
    assert (await one.post(PLACE, {"password": PASSWORD}))[1]["code"] == "csrf"
    assert (await one.post(f"{PLACE}/confirm", {"code": "123456"}))[1]["code"] == "csrf"
    house.store.read_now(lambda tx: _none(tx.execute(sa.select(second_factors)).all()))


def _none(rows: Any) -> None:
    assert rows == []


async def test_another_is_set_up_and_given_up_only_with_a_code_of_the_one_before(house: House, browser: Any) -> None:
    one, secret, codes = await set_up(house, browser)
    for path, more in (
        (PLACE, {}),
        (f"{PLACE}/off", {"code": "000000"}),
        (f"{PLACE}/recovery-codes", {"code": codes[0] + "a"}),
    ):
        status, body, _ = await one.post(path, {"password": PASSWORD, **more})
        assert (status, body["code"]) == (403, "wrong_code")
    _, begun, _ = await one.post(PLACE, {"password": PASSWORD, "code": codes[0]})
    forget_step(house)
    assert (await (await browser()).post(SESSION, {**ANA, "code": code(secret)}))[
        0
    ] == 200  # until the new one is confirmed
    forget_step(house)
    await one.post(f"{PLACE}/confirm", {"code": code(begun["secret"])})
    forget_step(house)
    assert (await (await browser()).post(SESSION, {**ANA, "code": code(secret)}))[0] == 401
    assert (await (await browser()).post(SESSION, {**ANA, "code": codes[1]}))[0] == 401  # nor the codes of before
    assert (await one.post(f"{PLACE}/off", {"password": PASSWORD, "code": code(begun["secret"])}))[0] == 204
    assert (await (await browser()).post(SESSION, ANA))[0] == 200


async def test_confirming_ends_what_came_in_without(house: House, browser: Any) -> None:
    house.agent("ana")
    other, one = await browser("ana"), await browser("ana")
    _, begun, _ = await one.post(PLACE, {"password": PASSWORD})
    await one.post(f"{PLACE}/confirm", {"code": code(begun["secret"])})
    assert (await other.get("/api/v1/agents/me"))[0] == 401
    assert (await one.get("/api/v1/agents/me"))[0] == 200


@pytest.mark.parametrize(
    ("rules", "role", "held"),
    [
        ({"second_factor": Needs.OFF}, Role.ADMIN, None),
        ({"second_factor": Needs.ADMINS}, Role.AGENT, None),
        ({"second_factor": Needs.ADMINS}, Role.ADMIN, "second_factor"),
        ({"second_factor": Needs.EVERYBODY}, Role.COMPLIANCE, "second_factor"),
        ({"second_factor": Needs.EVERYBODY, "second_factor_from": date(2100, 1, 1)}, Role.AGENT, None),
        ({"second_factor": Needs.EVERYBODY, "second_factor_from": date(2020, 1, 1)}, Role.AGENT, "second_factor"),
    ],
)
async def test_whom_the_policy_holds_until_they_have_set_one_up(
    house: House, browser: Any, rules: dict[str, Any], role: Role, held: str | None
) -> None:
    policy(house.app[GATEWAY], **rules)
    house.agent("ana", role)
    ana = await browser("ana")
    _, me, _ = await ana.get("/api/v1/agents/me")
    assert me["held"] == held
    status, body, _ = await ana.get("/api/v1/conversations")
    assert (status, body.get("code")) == ((403, "second_factor_needed") if held else (200, None))
    assert (await ana.get("/api/v1/live"))[0] == (403 if held else 426)
    _, begun, _ = await ana.post(PLACE, {"password": PASSWORD})
    await ana.post(f"{PLACE}/confirm", {"code": code(begun["secret"])})
    assert (await ana.get("/api/v1/conversations"))[0] == 200
    off = await ana.post(f"{PLACE}/off", {"password": PASSWORD, "code": code(begun["secret"], 1)})
    assert off[0] == (409 if held else 204)


async def test_who_has_lost_theirs_is_let_in_again_by_an_admin_and_told_who_it_was(house: House, browser: Any) -> None:
    one, _, _ = await set_up(house, browser)
    admin = await browser("admin")
    assert (await admin.post("/api/v1/agents/nobody/second-factor/reset"))[0] == 404
    assert (await admin.post("/api/v1/agents/ana/second-factor/reset"))[0] == 204
    assert (await one.get("/api/v1/agents/me"))[0] == 401  # their sessions end
    ana = await browser("ana")
    _, me, _ = await ana.get("/api/v1/agents/me")
    assert (me["second_factor"]["on"], me["second_factor"]["reset_by"]) == (False, "Admin")
    last = house.store.read_now(audit.timeline, HOUSE)[-1]
    assert (last.actor, last.action, last.detail) == ("agent:Admin", "second_factor_reset", {"username": "ana"})
    assert (await ana.post("/api/v1/agents/admin/second-factor/reset"))[0] == 403


async def test_the_same_request_is_answered_the_same_and_keeps_no_secret(house: House, browser: Any) -> None:
    house.agent("ana")
    one = await browser("ana")
    key = {"headers": {"Idempotency-Key": "set-up"}}
    first, again = [(await one.post(PLACE, {"password": PASSWORD}, **key))[1] for _ in range(2)]
    assert first == again
    body = {"code": code(first["secret"])}
    key = {"headers": {"Idempotency-Key": "confirm"}}
    codes, same = [(await one.post(f"{PLACE}/confirm", body, **key))[1] for _ in range(2)]
    assert codes == same


async def test_secrets_stand_in_no_table_no_log_and_no_later_answer(
    house: House, browser: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    one, secret, codes = await set_up(house, browser)
    await (await browser()).post(SESSION, {**ANA, "code": codes[0]})
    await (await browser()).post(SESSION, {**ANA, "code": code(secret)})
    seen = json.dumps([(await one.get(path))[1] for path in (PLACE, "/api/v1/agents/me", "/api/v1/agents")])

    def everything(tx: Any) -> str:
        tables = (second_factors, recovery_codes, idempotency)
        rows = [str(row) for table in tables for row in tx.execute(sa.select(table)).all()]
        return "\n".join(rows + [str(event) for event in audit.timeline(tx, HOUSE)])

    for hidden in (secret, codes[1], codes[1].replace("-", "")):
        for place in (seen, house.store.read_now(everything), caplog.text):
            assert hidden not in place


async def test_a_secret_copied_to_another_account_opens_nothing(house: House, browser: Any) -> None:
    _, secret, _ = await set_up(house, browser, "ana")
    _, _, _ = await set_up(house, browser, "ben")

    def copied(tx: Any) -> None:
        rows = {row.agent_id: row for row in tx.execute(sa.select(second_factors)).all()}
        anas = next(id for id in rows if id == house_ids["ana"])
        tx.execute(
            sa.update(second_factors)
            .where(second_factors.c.agent_id == house_ids["ben"])
            .values(secret=rows[anas].secret)
        )

    from case_store import people

    house_ids = {agent.username: agent.id for agent in house.store.read_now(people.all_agents)}
    house.store.write_now(copied)
    body = {"username": "ben", "password": PASSWORD, "code": code(secret)}
    assert (await (await browser()).post(SESSION, body))[0] == 401


@pytest.mark.parametrize(
    "body",
    [
        {"challenge": "x"},
        {"challenge": "x", "code": "1", "username": "ana"},
        {"username": "ana"},
        {"code": "123456"},
        {"username": "ana", "password": "x", "code": ""},
    ],
)
async def test_a_sign_in_that_is_neither_one_nor_the_other_is_refused(browser: Any, body: Any) -> None:
    assert (await (await browser()).post(SESSION, body))[0] == 422


def test_a_qr_code_is_one_path_of_squares() -> None:
    from gateway.auth.second_factor import qr_of, uri_of

    uri = uri_of("JBSWY3DPEHPK3PXP" * 2, "林 芳", "示例银行")
    assert uri.startswith("otpauth://totp/")
    picture = qr_of(uri)
    assert set(picture.path) <= set("Mhvz -0123456789")
    assert picture.size > 30
