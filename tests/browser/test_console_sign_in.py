"""Signing in by the institution's own sign-in service, in a real browser before a service of another site, a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from gateway.config import HostPort
from tests.browser.conftest import free_port
from tests.browser.console_house import House
from tests.browser.console_pages import enter, shot, violations

pytestmark = pytest.mark.browser

USERS = [
    {"sub": "s-1", "preferred_username": "megan", "name": "Megan Howe"},
    {"sub": "s-2", "preferred_username": "nobody.known"},
]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--host", "127.0.0.1", "--port", str(port)]
    for user in USERS:
        command += ["--user-claims", json.dumps(user)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://localhost:{port}"  # another site than 127.0.0.1, where the gateway is
        deadline = time.monotonic() + 60
        while not _answers(url):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/.well-known/openid-configuration", timeout=2):
            return True
    except OSError:
        return False


@pytest.fixture(scope="module")
def house(issuer: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    port = free_port()
    opened = House(
        tmp_path_factory.mktemp("sign-in"),
        http=HostPort("127.0.0.1", port),
        public_url=f"http://127.0.0.1:{port}",
        oidc_issuer=issuer,
        oidc_client_id="qingting",
        oidc_client_secret="secret",
        oidc_name="Bank SSO",
        passwords_for=("admin",),
        admin_password="correct horse battery",
    )
    yield opened
    opened.close()


def test_an_agent_signs_in_at_the_service_and_out_again(house: House, visit: Any) -> None:
    page: Page = visit(f"{house.url}/settings", viewport={"width": 1280, "height": 800}, locale="en-GB")
    way = page.get_by_role("link", name="Sign in with Bank SSO")
    expect(way).to_be_focused()
    assert violations(page) == []
    shot(page, "sign-in-provider-en")
    way.click()
    page.get_by_role("button", name="s-1").click()
    # the session's cookie is SameSite=Strict, and this load was begun by another site
    expect(page.get_by_role("heading", name="My account")).to_be_visible()
    expect(page).to_have_url(f"{house.url}/settings")
    page.reload()
    expect(page.get_by_role("heading", name="My account")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End").or_(page.locator("form button").first).first.click()
    expect(page).to_have_url(house.url)
    expect(page.get_by_role("link", name="Sign in with Bank SSO")).to_be_visible()


@pytest.mark.parametrize(
    ("locale", "button", "width"), [("zh-CN", "使用 Bank SSO 登录", 390), ("zh-TW", "使用 Bank SSO 登入", 1280)]
)
def test_whom_the_house_does_not_know_is_told_so_in_their_language(
    house: House, visit: Any, locale: str, button: str, width: int
) -> None:
    page: Page = visit(house.url, viewport={"width": width, "height": 800}, locale=locale)
    shot(page, f"sign-in-provider-{locale}")
    page.get_by_role("link", name=button).click()
    page.get_by_role("button", name="s-2").click()
    expect(page.locator("code")).to_have_text("unknown")
    assert violations(page) == []
    shot(page, f"not-signed-in-{locale}")
    page.locator("a[href='/sign-in/oidc']").click()
    expect(page.get_by_role("button", name="Deny")).to_be_visible()
    page.get_by_role("button", name="Deny").click()
    expect(page.locator("code")).to_be_visible()


def test_a_password_is_for_those_alone_whom_the_operator_names(house: House, visit: Any) -> None:
    page: Page = visit(house.url, viewport={"width": 390, "height": 800}, locale="en-GB", color_scheme="dark")
    page.get_by_text("Sign in with a password").click()
    enter(page, "megan")
    expect(page.locator(".said")).to_have_text("This account signs in with Bank SSO, not with a password.")
    assert violations(page) == []
    shot(page, "sign-in-by-password-dark")
    enter(page, "admin")
    expect(page.locator(".bar")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in with Bank SSO")).to_be_visible()
