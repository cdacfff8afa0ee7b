"""Translations over the API: off unless a service is named, told in the chain before anything leaves, kept nowhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import audit
from case_store.all_tables import metadata
from gateway.config import Settings
from tests.libretranslate import LibreTranslate

SAID = "你们银行收了我两次三百元手续费，请退还给我"
DRAFT = "We return 300 CNY by 18 November 2026, see C20261123-000421-4. ⟦amount⟧ remain."
KEY = {"Idempotency-Key": "3f1c"}


@pytest.fixture
def service() -> Iterator[LibreTranslate]:
    with LibreTranslate("hush") as one:
        yield one


@pytest.fixture
def settings(tmp_path: Path, service: LibreTranslate) -> Settings:
    return Settings(data_dir=tmp_path, translator=service.url, translator_key="hush")


def happened(house: Any, id: str) -> list[tuple[str, str, Any]]:
    events = house.store.read_now(audit.timeline, audit.conversation_chain(id))
    return [(one.actor, one.action, one.detail) for one in events if one.action.endswith("_translated")]


def everything(house: Any) -> str:
    """All that the store holds, as text."""
    return house.store.read_now(
        lambda tx: "\n".join(
            repr(tuple(row)) for table in metadata.sorted_tables for row in tx.execute(sa.select(table))
        )
    )


class TestOff:
    @pytest.fixture
    def settings(self, tmp_path: Path) -> Settings:
        return Settings(data_dir=tmp_path)

    @pytest.mark.parametrize("body", [{"message": "1", "to": "en"}, {"text": DRAFT, "to": "zh-Hans"}])
    async def test_by_default_nothing_is_translated(self, house: Any, browser: Any, body: Any) -> None:
        id = house.conversation(SAID)
        admin = await browser("admin")
        status, problem, _ = await admin.post(f"/api/v1/conversations/{id}/translate", body)
        assert (status, problem["code"]) == (404, "translation_off")
        assert happened(house, id) == []
        assert (await admin.get("/api/v1/agents/me"))[1]["translator"] is None


async def test_a_message_in_the_agents_language(house: Any, browser: Any, service: LibreTranslate) -> None:
    id = house.conversation(SAID)
    admin = await browser("admin")
    status, told, _ = await admin.post(f"/api/v1/conversations/{id}/translate", {"message": "1", "to": "en-GB"})
    assert status == 200
    assert told == {"text": f"[en] {SAID}", "from": "zh-Hans", "to": "en", "by": service.host, "lost": []}
    sent = {"q": SAID, "source": "zh-Hans", "target": "en", "format": "text", "api_key": "hush"}
    assert (service.asked, service.refused) == ([sent], [])
    assert happened(house, id) == [
        ("agent:Admin", "message_translated", {"message": "1", "to": "en", "by": service.host})
    ]
    assert (await admin.get("/api/v1/agents/me"))[1]["translator"] == service.host


async def test_a_draft_in_the_customers_language(house: Any, browser: Any, service: LibreTranslate) -> None:
    id = house.conversation(SAID)
    service.says = lambda text, target: "我们将于2026年11月8日前退还300元，见 C20261123-000421-4。"
    admin = await browser("admin")
    status, told, _ = await admin.post(f"/api/v1/conversations/{id}/translate", {"text": DRAFT, "to": "zh-Hans"})
    assert (status, told["from"], told["to"], told["lost"]) == (200, "en", "zh-Hans", ["18", "⟦amount⟧"])
    assert happened(house, id) == [("agent:Admin", "draft_translated", {"to": "zh-Hans", "by": service.host})]
    assert len((await admin.get(f"/api/v1/conversations/{id}"))[1]["messages"]) == 1


@pytest.mark.parametrize(
    ("body", "source"),
    [
        ({"text": "好的", "to": "en", "writer": "zh-Hant"}, "zh-Hant"),
        ({"text": "我們會退還這筆費用給您", "to": "en", "writer": "zh-Hans"}, "zh-Hant"),  # the words know better
        ({"text": "好的", "to": "en"}, "auto"),
        ({"text": "好的", "to": "en", "writer": "en"}, "auto"),
        ({"message": "2", "to": "en"}, "zh-Hans"),  # of a word that tells nothing: the conversation's
        ({"message": "2", "to": "zh-Hans"}, "auto"),
        ({"message": "3", "to": "zh-Hans"}, "en"),
    ],
)
async def test_the_source_is_told_where_it_is_known(
    house: Any, browser: Any, service: LibreTranslate, body: Any, source: str
) -> None:
    id = house.conversation(SAID, "好的", "Please give me back the fee")
    admin = await browser("admin")
    assert (await admin.post(f"/api/v1/conversations/{id}/translate", body))[0] == 200
    assert [asked["source"] for asked in service.asked] == [source]


async def test_the_chain_tells_it_before_anything_leaves(house: Any, browser: Any, service: LibreTranslate) -> None:
    id = house.conversation(SAID)
    seen: list[list[str]] = []
    service.when_asked = lambda: seen.append([action for _, action, _ in happened(house, id)])
    admin = await browser("admin")
    await admin.post(f"/api/v1/conversations/{id}/translate", {"message": "1", "to": "en"})
    await admin.post(f"/api/v1/conversations/{id}/translate", {"text": DRAFT, "to": "zh-Hans"})
    assert seen == [["message_translated"], ["message_translated", "draft_translated"]]


async def test_nothing_leaves_where_the_chain_can_not_tell_it(
    house: Any, browser: Any, service: LibreTranslate, monkeypatch: pytest.MonkeyPatch
) -> None:
    from case_store.store import StoreUnavailable

    def full(*_: Any) -> None:
        raise StoreUnavailable("the disk is full")

    id = house.conversation(SAID)
    admin = await browser("admin")
    monkeypatch.setattr(audit, "append", full)
    status, _, _ = await admin.post(f"/api/v1/conversations/{id}/translate", {"message": "1", "to": "en"})
    assert (status, service.asked) == (503, [])


async def test_the_same_request_again_leaves_again_and_is_told_again(
    house: Any, browser: Any, service: LibreTranslate
) -> None:
    id, body = house.conversation(SAID), {"message": "1", "to": "en"}
    admin = await browser("admin")
    one, other = [(await admin.post(f"/api/v1/conversations/{id}/translate", body, headers=KEY))[:2] for _ in range(2)]
    assert one == other
    assert (len(service.asked), len(happened(house, id))) == (2, 2)
    status, problem, _ = await admin.post(
        f"/api/v1/conversations/{id}/translate", {**body, "to": "zh-Hant"}, headers=KEY
    )
    assert (status, problem["code"], len(service.asked)) == (422, "idempotency_key_reused", 2)


async def test_a_translation_is_kept_nowhere_and_logged_nowhere(
    house: Any, browser: Any, service: LibreTranslate, capfd: pytest.CaptureFixture[str]
) -> None:
    id = house.conversation(SAID)
    service.says = lambda text, target: "TRANSLATED-WORDS"
    admin = await browser("admin")
    await admin.post(f"/api/v1/conversations/{id}/translate", {"message": "1", "to": "en"}, headers=KEY)
    await admin.post(f"/api/v1/conversations/{id}/translate", {"text": DRAFT, "to": "zh-Hans"})
    service.answers = (500, {}, b"TRANSLATED-WORDS")
    await admin.post(f"/api/v1/conversations/{id}/translate", {"text": DRAFT, "to": "zh-Hans"})
    assert len(service.asked) == 3
    held, logged = everything(house), "".join(capfd.readouterr())
    assert SAID in held  # the customer's own words are
    for words in ("TRANSLATED-WORDS", DRAFT[:20]):
        assert words not in held
        assert words not in logged


@pytest.mark.parametrize("answers", [(500, {}, b""), (200, {}, b"nonsense"), (302, {"Location": "/"}, b"")])
async def test_a_service_that_fails_is_named(
    house: Any, browser: Any, service: LibreTranslate, answers: tuple[int, dict[str, str], bytes]
) -> None:
    id = house.conversation(SAID)
    service.answers = answers
    admin = await browser("admin")
    status, problem, answer = await admin.post(f"/api/v1/conversations/{id}/translate", {"message": "1", "to": "en"})
    assert (status, problem["code"], problem["by"]) == (503, "translation_failed", service.host)
    assert service.host in problem["detail"]
    assert answer.headers["Retry-After"] == "10"
    assert SAID not in json.dumps(problem, ensure_ascii=False)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"message": "9", "to": "en"}, 404, "not_found"),
        ({"message": "0", "to": "en"}, 404, "not_found"),
        ({"message": "1", "to": "zh-Hans"}, 422, "same_language"),
        ({"text": DRAFT, "to": "en"}, 422, "same_language"),
        ({"message": "1", "text": DRAFT, "to": "zh-Hans"}, 422, "invalid"),
        ({"to": "en"}, 422, "invalid"),
        ({"message": "1"}, 422, "invalid"),
        ({"message": "1", "to": "fr"}, 422, "invalid"),
        ({"message": "1", "to": ""}, 422, "invalid"),
        ({"message": "one", "to": "en"}, 422, "invalid"),
        ({"message": "2", "to": "en"}, 422, "invalid"),  # more than a service is given
        ({"text": " ", "to": "zh-Hans"}, 422, "invalid"),
        ({"text": "a b " * 2001, "to": "zh-Hans"}, 422, "invalid"),
    ],
)
async def test_what_is_refused_leaves_neither_the_house_nor_an_entry(
    house: Any, browser: Any, service: LibreTranslate, body: Any, status: int, code: str
) -> None:
    id = house.conversation(SAID, "我要投诉。" * 1601)
    admin = await browser("admin")
    told, problem, _ = await admin.post(f"/api/v1/conversations/{id}/translate", body)
    assert (told, problem["code"]) == (status, code)
    assert (service.asked, happened(house, id)) == ([], [])


async def test_another_conversations_message_is_not_there(house: Any, browser: Any, service: LibreTranslate) -> None:
    admin = await browser("admin")
    status, _, _ = await admin.post("/api/v1/conversations/nobody/translate", {"message": "1", "to": "en"})
    assert (status, service.asked) == (404, [])


@pytest.mark.parametrize(
    ("scopes", "statuses"),
    [
        (("conversations:read",), (200, 403)),
        (("conversations:write",), (403, 403)),
        (("conversations:read", "conversations:write"), (200, 200)),
        (("cases:read",), (403, 403)),
    ],
)
async def test_who_may(
    house: Any, browser: Any, service: LibreTranslate, scopes: tuple[str, ...], statuses: tuple[int, int]
) -> None:
    id = house.conversation(SAID)
    robot, stranger = await browser(key=house.key(*scopes)), await browser()
    bodies: tuple[dict[str, str], ...] = ({"message": "1", "to": "en"}, {"text": DRAFT, "to": "zh-Hans"})
    path = f"/api/v1/conversations/{id}/translate"
    assert tuple([(await robot.post(path, body))[0] for body in bodies]) == statuses
    assert [(await stranger.post(path, body))[0] for body in bodies] == [401, 401]
    assert len(service.asked) == statuses.count(200)


async def test_many_at_once_are_each_told_and_each_answered(house: Any, browser: Any, service: LibreTranslate) -> None:
    id = house.conversation(SAID)
    admin = await browser("admin")
    path, body = f"/api/v1/conversations/{id}/translate", {"message": "1", "to": "en"}
    answers = await asyncio.gather(*(admin.post(path, body) for _ in range(20)))
    assert [status for status, _, _ in answers] == [200] * 20
    assert len(happened(house, id)) == len(service.asked) == 20
