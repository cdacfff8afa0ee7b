"""The translation service: what it is sent, its bad days, what a translation must not lose, and what the doctor says of it."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from case_store.records import Language
from gateway.config import Settings
from gateway.findings import State
from gateway.translating import LARGEST_ANSWER, NoTranslation, Translator, TranslatorAway, lost_between
from gateway.translator_check import translator_answers
from tests.libretranslate import LibreTranslate

EN, HANS, HANT = Language.EN, Language.HANS, Language.HANT
WORDS = "我要投诉，秘密"


@pytest.fixture
def service() -> Iterator[LibreTranslate]:
    with LibreTranslate() as one:
        yield one


@pytest.fixture
async def translator(service: LibreTranslate) -> AsyncIterator[Translator]:
    one = Translator(service.url, limit=5.0)
    yield one
    await one.close()


@pytest.mark.parametrize(
    ("source", "target", "codes"),
    [
        (HANS, EN, ("zh-Hans", "en")),
        (HANT, EN, ("zh-Hant", "en")),
        (EN, HANT, ("en", "zh-Hant")),
        (HANT, HANS, ("zh-Hant", "zh-Hans")),
        (None, EN, ("auto", "en")),
    ],
)
async def test_what_the_service_is_sent(
    service: LibreTranslate, translator: Translator, source: Any, target: Language, codes: tuple[str, str]
) -> None:
    assert await translator.translate(WORDS, source, target) == f"[{codes[1]}] {WORDS}"
    assert service.asked == [{"q": WORDS, "source": codes[0], "target": codes[1], "format": "text"}]
    assert service.refused == []


async def test_its_key_and_its_folder_are_kept_to() -> None:
    with LibreTranslate("hush", under="/lt") as service:
        translator = Translator(service.url, "hush")
        await translator.translate(WORDS, HANS, EN)
        await translator.close()
        assert [asked["api_key"] for asked in service.asked] == ["hush"]
        wrong = Translator(service.url, "guessed")
        with pytest.raises(NoTranslation, match="status 400") as raised:
            await wrong.translate(WORDS, HANS, EN)
        await wrong.close()
        assert "guessed" not in str(raised.value)


def _json(document: Any) -> bytes:
    return json.dumps(document).encode()


BOMB = gzip.compress(_json({"translatedText": "a" * 2**26}))


@pytest.mark.parametrize(
    ("status", "headers", "body", "error"),
    [
        (200, {}, b"", NoTranslation),
        (200, {}, "<html>秘密</html>".encode(), NoTranslation),
        (200, {}, b"[" * 100_000, NoTranslation),
        (200, {}, _json([WORDS]), NoTranslation),
        (200, {}, _json({"translated": WORDS}), NoTranslation),
        (200, {}, _json({"translatedText": None}), NoTranslation),
        (200, {}, _json({"translatedText": ["a"]}), NoTranslation),
        (200, {}, _json({"translatedText": 5}), NoTranslation),
        (200, {}, _json({"translatedText": " \n"}), NoTranslation),
        (200, {}, _json({"translatedText": "a\0b"}), NoTranslation),
        (200, {}, b'{"translatedText": "\\ud83d"}', NoTranslation),
        (200, {}, b"\xff\xfe", NoTranslation),
        (200, {}, _json({"translatedText": "a" * LARGEST_ANSWER}), TranslatorAway),
        (200, {"Content-Encoding": "gzip"}, BOMB, NoTranslation),
        (400, {}, _json({"error": WORDS}), NoTranslation),
        (403, {}, _json({"error": "api key"}), NoTranslation),
        (429, {}, _json({"error": "slowdown"}), TranslatorAway),
        (500, {}, _json({"error": WORDS}), TranslatorAway),
    ],
)
async def test_what_is_no_translation(
    service: LibreTranslate,
    translator: Translator,
    status: int,
    headers: dict[str, str],
    body: bytes,
    error: type[Exception],
) -> None:
    service.answers = (status, headers, body)
    with pytest.raises(error) as raised:
        await translator.translate(WORDS, HANS, EN)
    assert service.host in str(raised.value)
    assert "秘密" not in str(raised.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_takes_the_words_nowhere(service: LibreTranslate, translator: Translator, status: int) -> None:
    with LibreTranslate() as elsewhere:
        service.answers = (status, {"Location": f"{elsewhere.url}/translate"}, b"")
        with pytest.raises(NoTranslation, match=f"status {status}"):
            await translator.translate(WORDS, HANS, EN)
        assert (elsewhere.asked, elsewhere.refused) == ([], [])


async def test_a_service_that_does_not_answer_is_not_waited_for(service: LibreTranslate) -> None:
    service.silent = True
    translator = Translator(service.url, limit=0.2)
    with pytest.raises(TranslatorAway, match="has not answered within"):
        await translator.translate(WORDS, HANS, EN)
    await translator.close()


async def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        translator = Translator(f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(TranslatorAway, match="can't be reached"):
            await translator.translate(WORDS, HANS, EN)
        await translator.close()


async def test_after_three_failures_in_a_row_nothing_leaves_until_a_pause_is_over(service: LibreTranslate) -> None:
    translator = Translator(service.url, pause=3600)
    service.answers = (500, {}, b"")
    for _ in range(3):
        with pytest.raises(TranslatorAway, match="in trouble"):
            await translator.translate(WORDS, HANS, EN)
    with pytest.raises(TranslatorAway, match="not asked for now"):
        await translator.translate(WORDS, HANS, EN)
    assert len(service.asked) == 3
    await translator.close()


async def test_a_text_that_it_refuses_keeps_no_other_from_it(service: LibreTranslate, translator: Translator) -> None:
    service.answers = (400, {}, b"")
    for _ in range(5):
        with pytest.raises(NoTranslation):
            await translator.translate(WORDS, HANS, EN)
    service.answers = None
    assert await translator.translate("你好吗", HANS, EN) == "[en] 你好吗"


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ("您的35,000元已退回", "Your 35000 yuan were returned", []),
        ("您的35,000元已退回", "Your 3,500 yuan were returned", ["35,000"]),
        ("fee of 300 CNY", "手续费三百元", ["300"]),
        ("12.50 of 300", "300中的12.5", ["50"]),
        ("300 twice: 300", "两次300", ["300"]),  # one of the two is gone
        ("2026年11月18日前", "before 18 November 2026", []),
        ("2026年11月18日前", "before 18 December 2026", ["11"]),
        ("2026-01-05", "January 5th, 2026", []),
        ("by 18 November 2026", "2026年11月18日前", []),
        ("by 18 November 2026", "2026年12月18日前", ["November"]),
        ("in November", "十一月", []),
        ("5月起", "since May", []),
        ("You may ring 95555", "请拨打95555", []),  # no month
        ("５月３日", "May 3", []),
        ("您的编号 C20261123-000421-4", "your number C20261123-000421-4", []),
        ("您的编号 C20261123-000421-4", "your number C 20261123 – 000421 – 4", []),
        ("您的编号 C20261123-000421-4", "your number C20261123-000412-4", ["C20261123-000421-4"]),
        ("退还⟦amount⟧，⟦date⟧前", "⟦amount⟧ by ⟦day⟧", ["⟦date⟧"]),
        ("退还⟦amount⟧", "refund [amount]", ["⟦amount⟧"]),
        ("没有数字", "no figures, or 7 of them", []),
    ],
)
def test_what_a_translation_has_lost_is_named(before: str, after: str, lost: list[str]) -> None:
    assert lost_between(before, after) == lost


@pytest.mark.parametrize("piece", ["1", "1,", "C2026", "⟦", "十", "May ", "C20261123-"])
def test_no_text_holds_up_the_comparison(piece: str) -> None:
    text = (piece * 8_000)[:8_000]
    assert lost_between(text, text) == []


async def test_the_doctor_on_the_service(service: LibreTranslate) -> None:
    async def found(**settings: Any) -> list[tuple[State, str]]:
        lines = await asyncio.to_thread(lambda: list(translator_answers(Settings(**settings), 5.0)))
        return [(line.state, line.found) for line in lines]

    assert await found() == []
    [(state, told)] = await found(translator=service.url)
    assert (state, told) == (State.OK, f"{service.url} answers; what agents have translated goes there")
    service.languages = ("en", "zh", "zt")
    [(state, told)] = await found(translator=service.url)
    assert (state, told) == (State.WARN, f"{service.url} does not know zh-Hans, zh-Hant")
    [(state, told)] = await found(translator=f"{service.url}/elsewhere")
    assert (state, "does not answer as LibreTranslate does" in told) == (State.WARN, True)


def test_the_doctor_minds_words_that_leave_unencrypted() -> None:
    first = next(translator_answers(Settings(translator="http://translate.bank.invalid")))
    assert (first.state, "unencrypted" in first.found) == (State.WARN, True)
