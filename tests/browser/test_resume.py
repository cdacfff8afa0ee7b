"""A customer leaves a chat and comes back to it from their mail, on another device."""

from __future__ import annotations

import email
import email.policy
import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def mail_to(address: str, folder: Path, pattern: str) -> str:
    """What `pattern` finds in a mail to this address that has been written to the outgoing folder."""
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        for path in sorted((folder / "outgoing").glob("*.eml")):
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            body = mail.get_body(("plain",)) if mail["X-Qingting-Recipient"] == address else None
            found = re.search(pattern, body.get_content() if body else "")
            if found:
                return found[1]
        time.sleep(0.1)
    raise AssertionError(f"no mail to {address} holds {pattern}")


def say(page: Any, text: str, answers: int) -> None:
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")
    expect(page.locator(".message.bot")).to_have_count(answers)


def test_a_chat_goes_on_elsewhere_by_the_link_in_a_mail(gateway: Any, visit: Any) -> None:
    page = visit(f"{gateway.url}/chat?lang=en")
    say(page, "You charged my card an annual fee of 300 yuan on 3 November in Leeds. I want it refunded.", 2)
    say(page, "Ann Lee, ann.resume@example.org", 3)
    say(page, "yes", 4)
    link = mail_to("ann.resume@example.org", gateway.folder / "var", r"(http\S+/confirm/\S+)")

    phone = visit(link, viewport={"width": 390, "height": 844})
    phone.get_by_role("button").click()
    phone.get_by_role("link", name="Go on with the chat").click()
    expect(phone.locator("h1")).to_have_text("Back to the chat")
    phone.get_by_role("button", name="Go on with the chat").click()
    expect(phone.locator(".message.mine .said").first).to_contain_text("annual fee of 300 yuan")
    expect(phone).to_have_url(re.compile(r"/chat(\?.*)?$"))  # the session has gone from the address
    say(phone, "One more thing: the branch was rude.", 5)
    # whoever sat at the first device may be somebody else: there it has ended, and what is written begins a new one
    expect(page.locator("body")).to_contain_text("This conversation goes on elsewhere")
    expect(page.get_by_text("One more thing: the branch was rude.")).to_have_count(0)
    say(page, "Hello, is anybody there?", 6)
    expect(phone.get_by_text("Hello, is anybody there?")).to_have_count(0)
    expect(page.get_by_text("This conversation goes on elsewhere")).to_have_count(1)
    phone.reload()
    expect(phone.locator(".message.mine")).to_have_count(4)


@pytest.mark.parametrize("token", ["x", "WyIxIiwiMiJd.abc"])
def test_a_link_that_is_not_ours_leads_nowhere(gateway: Any, visit: Any, token: str) -> None:
    page = visit(f"{gateway.url}/resume/{token}?lang=en")
    expect(page.locator("main, body").first).to_contain_text("no longer valid")
    expect(page.get_by_role("button", name="Go on with the chat")).to_have_count(0)
