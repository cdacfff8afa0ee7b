"""The pages as a browser without script sees them, and what their headers forbid."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest

from case_store.records import FACT_NAMES, Language
from case_store.store import StoreUnavailable
from gateway.complaint import sign_receipt
from gateway.context import GATEWAY
from gateway.emergency_policy import Emergency
from gateway.portal.assets import Assets
from gateway.portal.wording import catalogue

RECEIPT = {
    "reference": "C20261123-000421-4",
    "status": "filed",
    "received_at": "2026-11-23T02:00:00+00:00",
    "registered_at": "2026-11-23T02:00:01+00:00",
    "feedback_due": "2026-12-02",
}
ALLOWANCE = 30_000  # bytes of widget and chat together, compressed


@pytest.mark.parametrize("language", Language)
async def test_the_page_is_whole_without_script(browse: Any, language: Language) -> None:
    client = await browse(complaints_address="complaints@bank.example")
    answer = await client.get("/", params={"lang": language.value})
    page, words = await answer.text(), catalogue(language)
    assert answer.status == 200
    assert f'<html lang="{language.value}">' in page
    for part in ("channels", "procedure", "limits", "others", "privacy", "form", "status"):
        assert f'id="{part}"' in page
        assert words[part]["title"] in page
    for name in FACT_NAMES:
        assert f'name="{name}"' in page
    assert re.findall(r'<(?:input|textarea)[^>]* name="(\w+)"[^>]* required', page) == [
        "what_happened",
        "reference",
        "contact",
    ]
    assert 'method="post" action="/api/v1/complaints"' in page
    assert "complaints@bank.example" in page
    assert "built-in method" not in page


async def test_the_language_that_was_chosen_is_remembered(browse: Any) -> None:
    client = await browse()
    await client.get("/", params={"lang": "zh-Hant"})
    assert '<html lang="zh-Hant">' in await (await client.get("/", headers={"Accept-Language": "en"})).text()


@pytest.mark.parametrize("path", ["/", "/chat", "/thanks"])
async def test_no_page_runs_or_shows_anything_inline_or_from_elsewhere(browse: Any, path: str) -> None:
    answer = await (await browse()).get(path)
    page, policy = await answer.text(), answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    for script in re.findall(r"<script[^>]*>", page):
        assert 'src="/' in script or 'type="application/json"' in script
    assert not re.search(r"<style|\sstyle=|\son\w+=|(?:src|href)=\"(?:https?:)?//", page)


@pytest.mark.parametrize(
    ("path", "origins", "ancestors"),
    [
        ("/", ("https://www.bank.example",), "frame-ancestors 'none'"),
        ("/thanks", ("https://www.bank.example",), "frame-ancestors 'none'"),
        ("/chat", (), "frame-ancestors 'self';"),
        ("/chat", ("https://www.bank.example", "https://m.bank.example:8443"), None),
    ],
)
async def test_only_named_sites_may_frame_the_chat_and_nobody_the_rest(
    browse: Any, path: str, origins: tuple[str, ...], ancestors: str | None
) -> None:
    answer = await (await browse(chat_origins=origins)).get(path)
    assert (ancestors or f"frame-ancestors 'self' {' '.join(origins)};") in answer.headers["Content-Security-Policy"]


async def test_a_host_header_cannot_write_the_policy(browse: Any) -> None:
    answer = await (await browse()).get("/", headers={"Host": "x; script-src *"})
    assert "script-src *" not in answer.headers["Content-Security-Policy"]


async def test_words_in_the_page_cannot_end_its_script_element(browse: Any) -> None:
    client = await browse()
    page = await (await client.get("/chat", params={"lang": "</script><script>alert(1)"})).text()
    assert "alert(1)" not in page


@pytest.mark.parametrize("language", Language)
async def test_a_receipt_is_shown_in_the_visitors_language(browse: Any, language: Language) -> None:
    client = await browse()
    signed = sign_receipt(client.app[GATEWAY].tokens, RECEIPT)
    page = await (await client.get("/thanks", params={"receipt": signed, "lang": language.value})).text()
    due = {Language.EN: "Wednesday 2 December 2026"}.get(language, "2026年12月2日（星期三）")
    assert "C20261123-000421-4" in page
    assert due in page
    assert f"receipt={signed}&amp;lang=" in page  # the other languages show the same receipt


@pytest.mark.parametrize("receipt", [None, "", "made-up", "C20261123-000421-4"])
async def test_a_receipt_cannot_be_made_up(browse: Any, receipt: str | None) -> None:
    client = await browse()
    page = await (await client.get("/thanks", params={} if receipt is None else {"receipt": receipt})).text()
    assert "data-show" not in page
    assert catalogue(Language.HANS)["thanks"]["unknown"] in page


async def test_files_are_kept_for_ever_under_a_name_that_changes_with_them(browse: Any) -> None:
    client = await browse()
    page = await (await client.get("/chat")).text()
    address = re.search(r'src="(/static/portal/\w+/chat\.js)"', page)
    assert address
    script = await client.get(address[1])
    assert script.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert script.content_type == "text/javascript"
    again = await client.get(address[1], headers={"If-None-Match": script.headers["ETag"]})
    assert again.status == 304
    from_another_version = await client.get("/static/portal/0123456789abcdef/chat.js")
    assert from_another_version.headers["Cache-Control"] == "no-cache"
    assert (await client.get("/static/portal/0123456789abcdef/routes.py")).status == 404


async def test_the_widget_may_be_loaded_by_any_site(browse: Any) -> None:
    answer = await (await browse()).get("/widget.js")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "max-age" in answer.headers["Cache-Control"]
    body = await answer.text()
    assert all(catalogue(language)["widget"]["open"] in body for language in Language)


@pytest.mark.parametrize("language", Language)
async def test_widget_and_chat_together_are_small(browse: Any, language: Language) -> None:
    client, assets = await browse(), Assets()
    page = await (await client.get("/chat", params={"lang": language.value})).text()
    linked = set(re.findall(r"/static/portal/\w+/([\w.]+)", page))
    imported = {"chat.js"}
    for _ in range(3):  # what is imported imports more
        for name in tuple(imported):
            imported |= set(re.findall(r'from "\./([\w.]+)"', assets[name].content.decode()))
    assert {"chat.js", "chat.css"} <= linked
    assert imported == {"chat.js", "files.js", "keep.js", "link.js", "log.js", "tray.js", "upload.js"}
    sizes = {name: len(assets[name].packed) for name in {"widget.js", *linked, *imported}}
    sizes["page"] = len(gzip.compress(page.encode()))
    assert sum(sizes.values()) < ALLOWANCE, sizes


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("what_happened", "", "missing"),
        ("what_happened", "x" * 60_000, "too_long"),
        ("contact", "not an address", "wrong_contact"),
        ("about", "x" * 3000, "wrong"),
    ],
)
async def test_a_refused_form_comes_back_with_its_error_and_all_that_was_typed(
    browse: Any, field: str, value: str, expected: str
) -> None:
    client = await browse()
    typed = {
        "what_happened": '"><img src=x onerror=alert(1)>',
        "name": "<b>江敏</b>",
        "locale": "zh-Hant",
        field: value,
    }
    answer = await client.post("/api/v1/complaints", data=typed, headers={"Refused": field})
    page = await answer.text()
    assert answer.status == 422
    assert catalogue(Language.HANT)["form"][expected] in page
    assert "in words for programs" not in page
    assert "&lt;b&gt;江敏&lt;/b&gt;" in page
    assert "<img" not in page
    assert page.count('aria-invalid="true"') == 1


class _Store:
    """Answers what it is told to, or can't be reached."""

    def __init__(self, answer: bool | None) -> None:
        self._answer = answer

    async def read(self, unit: Any) -> bool:
        if self._answer is None:
            raise StoreUnavailable("the database is away")
        return self._answer


@pytest.mark.parametrize(
    ("words", "everywhere", "told"),
    [(True, True, True), (True, False, False), (True, None, False), (False, True, False)],
)
async def test_customers_are_told_of_an_emergency_where_the_policy_has_words_for_it(
    browse: Any, words: bool, everywhere: bool | None, told: bool
) -> None:
    client = await browse()
    gateway = client.app[GATEWAY]
    notice = {language: f"<b>网银暂停</b> {language.value}" for language in Language}
    emergency = Emergency(notice=notice if words else None)
    gateway.rules.put_policy(gateway.policy.model_copy(update={"emergency": emergency}))
    gateway.store = _Store(everywhere)
    answer = await client.get("/", headers={"Accept-Language": "en"})
    assert answer.status == 200
    assert ("&lt;b&gt;网银暂停&lt;/b&gt; en" in await answer.text()) is told
