"""What a path does not take is told as a problem, with what it takes; what is not there, too."""

from __future__ import annotations

from typing import Any

import pytest

NOT_TAKEN = [
    ("DELETE", "/api/v1/cases", {"GET", "HEAD"}),
    ("PUT", "/api/v1/cases/nothing", {"GET", "HEAD", "PATCH"}),
    ("TRACE", "/api/v1/keys", {"GET", "HEAD", "POST"}),
    ("GET", "/api/v1/bulk", {"POST"}),
    ("GET", "/api/v1/canned/preview", {"POST"}),  # no reply with the id `preview`
    ("DELETE", "/api/v1/canned/starters", {"POST"}),
    ("TRACE", "/api/v1/canned/starters", {"POST"}),
    ("OPTIONS", "/api/v1/agents/me", {"GET", "HEAD"}),
    ("PATCH", "/api/v1/agents/me", {"GET", "HEAD"}),  # nobody's account is called `me`
    ("OPTIONS", "/api/v1/cases", {"GET", "HEAD"}),
]


@pytest.mark.parametrize(("method", "path", "taken"), NOT_TAKEN)
async def test_a_method_that_is_not_taken_is_told_with_those_that_are(
    browser: Any, method: str, path: str, taken: set[str]
) -> None:
    status, problem, answer = await (await browser("admin")).send(method, path)
    assert (status, problem["code"], answer.content_type) == (405, "method_not_allowed", "application/problem+json")
    assert set(answer.headers["Allow"].split(", ")) == taken


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/v2/cases", "/api/v1/cases/nothing/nothing", "/api/v1/cases/"]
)
async def test_what_is_not_there_is_told_as_a_problem(browser: Any, path: str) -> None:
    status, problem, answer = await (await browser("admin")).get(path)
    assert (status, problem["code"], answer.content_type) == (404, "not_found", "application/problem+json")
