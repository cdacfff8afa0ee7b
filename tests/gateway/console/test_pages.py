"""The shell and its files: nothing inline, nothing from elsewhere, every address of the console answered."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest


@pytest.mark.parametrize("path", ["/console", "/console/cases", "/console/conversations/0198ab", "/console/no/such"])
async def test_every_place_answers_the_shell_without_a_session(house: Any, path: str) -> None:
    answer, body = await house.get(path, Authorization="")
    assert answer.status == 200
    assert b"<qt-console>" in body


async def test_the_shell_holds_nothing_inline_and_its_policy_allows_nothing_inline(house: Any) -> None:
    answer, body = await house.get("/console")
    page, policy = body.decode(), answer.headers["Content-Security-Policy"]
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
    assert "unsafe" not in policy
    assert {"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "trusted-types 'none'"} <= set(
        policy.split("; ")
    )
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert not re.search(r"https?://", page.replace("http://www.w3.org", ""))


async def test_a_host_name_that_is_none_does_not_get_into_the_policy(house: Any) -> None:
    answer, _ = await house.get("/console", Host="evil.example; script-src *")
    assert "evil" not in answer.headers.get("Content-Security-Policy", "")


async def test_every_file_that_the_shell_names_is_there_and_kept_for_ever(house: Any) -> None:
    _, body = await house.get("/console")
    named = set(re.findall(r'"(/static/console/[^"]+)"', body.decode()))
    assert {name.rsplit(".", 1)[1] for name in named} == {"js", "css", "svg", "json"}
    for path in named:
        answer, content = await house.get(path)
        assert answer.status == 200, path
        assert "immutable" in answer.headers["Cache-Control"]
        again, _ = await house.get(path, **{"If-None-Match": answer.headers["ETag"]})
        assert again.status == 304
        if path.endswith(".json"):
            assert json.loads(content)["title"]


async def test_a_file_of_another_version_is_served_but_not_kept(house: Any) -> None:
    answer, _ = await house.get("/static/console/0000000000000000/console.js")
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-cache")
    assert (await house.get("/static/console/0000000000000000/no-such.js"))[0].status == 404


async def test_all_modules_together_stay_small(house: Any) -> None:
    _, body = await house.get("/console")
    size = 0
    for path in re.findall(r'modulepreload" href="([^"]+)"', body.decode()):
        answer, _ = await house.get(path)
        size += int(answer.headers["Content-Length"])
    assert 0 < size < 40_000


@pytest.mark.parametrize(
    ("accepts", "cookie", "language"),
    [
        ("zh-TW,en;q=0.5", "", "zh-Hant"),
        ("fr,en-GB;q=0.8", "", "en"),
        ("fr", "", "zh-Hans"),
        ("zh-CN", "console_language=en", "en"),
        ("en", "console_language=<script>", "en"),
    ],
)
async def test_the_shell_comes_in_the_agents_language(house: Any, accepts: str, cookie: str, language: str) -> None:
    _, body = await house.get("/console", **{"Accept-Language": accepts, "Cookie": cookie})
    assert f'<html lang="{language}"' in body.decode()
