"""What went wrong: in the visitor's language before a browser, as a problem document for a program."""

from __future__ import annotations

from typing import Any

import pytest

from case_store.records import Language
from gateway.portal.wording import catalogue

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
ACCEPTED = {Language.HANS: "zh-CN,zh;q=0.9", Language.HANT: "zh-TW,zh;q=0.9,en;q=0.8", Language.EN: "en-GB,en;q=0.9"}
WRONG = [
    ("GET", "/nothere", 404, "not_found"),
    ("GET", "/static/portal/x/y.js", 404, "not_found"),
    ("GET", "/status", 405, "not_found"),
    ("DELETE", "/", 405, "not_found"),
    ("GET", "/x%00y", 400, "bad_request"),
    ("GET", "/api/v1/nothere", 404, "not_found"),
    ("GET", "/api/v1/fails/401", 401, "sign_in"),
    ("GET", "/api/v1/fails/403", 403, "forbidden"),
    ("GET", "/api/v1/fails/408", 408, "too_slow"),
    ("GET", "/api/v1/fails/413", 413, "too_large"),
    ("GET", "/api/v1/fails/422", 422, "refused"),
    ("GET", "/api/v1/fails/429", 429, "too_many"),
    ("GET", "/api/v1/fails/store", 503, "unavailable"),
    ("GET", "/api/v1/fails/bug", 500, "failed"),
]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("method", "path", "status", "told"), WRONG)
async def test_a_browser_is_told_in_the_visitors_language(
    browse: Any, method: str, path: str, status: int, told: str, language: Language
) -> None:
    client = await browse()
    headers = {"Accept": BROWSER, "Accept-Language": ACCEPTED[language]}
    answer = await client.request(method, path, headers=headers)
    page, words = await answer.text(), catalogue(language)["errors"][told]
    assert (answer.status, answer.content_type) == (status, "text/html")
    assert f'<html lang="{language.value}">' in page
    assert words["title"].replace("'", "&#39;") in page
    assert words["text"].replace("'", "&#39;") in page
    assert "secret words" not in page
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "Accept" in answer.headers["Vary"].split(", ")


@pytest.mark.parametrize(
    "accept", [None, "*/*", "application/json", "application/json, text/html", "image/*,*/*;q=0.5"]
)
@pytest.mark.parametrize(("method", "path", "status"), [row[:3] for row in WRONG])
async def test_a_program_gets_a_problem_document(
    browse: Any, method: str, path: str, status: int, accept: str | None
) -> None:
    client = await browse()
    answer = await client.request(method, path, headers={} if accept is None else {"Accept": accept})
    assert (answer.status, answer.content_type) == (status, "application/problem+json")
    assert (await answer.json())["status"] == status


async def test_what_a_header_says_of_an_error_stands_on_its_page_too(browse: Any) -> None:
    client = await browse()
    later = await client.get("/api/v1/fails/429", headers={"Accept": BROWSER})
    assert later.headers["Retry-After"] == "7"
    assert (await client.get("/status", headers={"Accept": BROWSER})).headers["Allow"] == "POST"


async def test_whoever_works_here_reads_the_cause_and_a_customer_does_not(browse: Any) -> None:
    client = await browse()
    page = await (await client.get("/api/v1/fails/422", headers={"Accept": BROWSER})).text()
    assert "in words for programs" in page
    assert 'href="/console"' in page
    posted = await client.post("/api/v1/fails/422", headers={"Accept": BROWSER})
    assert "here only GET" not in await posted.text()


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("method", "path", "status", "part"),
    [
        ("GET", "/confirm/x", 410, "confirm"),
        ("POST", "/confirm/x", 410, "confirm"),
        ("GET", "/resume/x", 410, "resume"),
        ("POST", "/resume/x", 410, "resume"),
        ("GET", "/thanks", 404, "thanks"),
        ("GET", "/thanks?receipt=x", 404, "thanks"),
    ],
)
async def test_a_link_that_leads_nowhere_is_no_success(
    browse: Any, method: str, path: str, status: int, part: str, language: Language
) -> None:
    client = await browse()
    answer = await client.request(method, path, headers={"Accept-Language": ACCEPTED[language]})
    assert answer.status == status
    assert catalogue(language)[part]["unknown"] in await answer.text()


async def test_the_language_of_a_link_is_changed_without_losing_the_link(browse: Any) -> None:
    page = await (await browse()).get("/resume/x%22y", params={"lang": "en"})
    assert 'href="/resume/x%22y?lang=zh-Hant"' in await page.text()
