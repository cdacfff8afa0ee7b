"""Hints on words that are being written, by the API: for whoever is signed in, kept nowhere."""

from __future__ import annotations

from typing import Any

import pytest


async def test_hints_come_in_the_readers_language(browser: Any) -> None:
    agent = await browser("admin")
    asked = {"text": "我们会尽快答复您。", "language": "zh-CN", "reader": "zh-HK"}
    status, found, _ = await agent.post("/api/v1/wording", asked)
    assert status == 200
    assert found == {
        "items": [
            {
                "code": "vague_time",
                "words": "尽快",
                "start": 3,
                "end": 5,
                "why": "客戶不知道要等到哪一天。",
                "better": "寫明日期或時點，例如「12月2日前」「今天17:00前」。",
            }
        ],
        "next_cursor": None,
    }


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"text": "", "language": "en"}, 200),
        ({"text": "x", "language": "fr"}, 422),
        ({"text": "x"}, 422),
        ({"text": "x" * 8_001, "language": "en"}, 422),
        ({"text": "x", "language": "en", "send": True}, 422),
    ],
)
async def test_what_is_taken(browser: Any, asked: dict[str, Any], status: int) -> None:
    assert (await (await browser("admin")).post("/api/v1/wording", asked))[0] == status


async def test_a_key_is_honoured_and_strangers_are_not_served(browser: Any) -> None:
    agent, asked = await browser("admin"), {"text": "soon", "language": "en"}
    again = [await agent.post("/api/v1/wording", asked, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert again[0][1] == again[1][1]
    assert again[1][2].headers["Idempotency-Replayed"] == "true"
    assert (await (await browser()).post("/api/v1/wording", asked))[0] == 401
