"""Our mails as a mail program that is a browser shows them."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from typing import Any

import pytest

from channels.email.compose import Composer
from channels.email.mailbox import Mailbox
from channels.message import OutboundMessage

pytestmark = pytest.mark.browser

LINK = f"https://complaints.bank.example/confirm/{'abcdefghijklmnop' * 12}"
SAID = {
    "zh-Hans": f"请打开这个链接确认：\n{LINK}",
    "zh-Hant": f"請打開這個連結確認：\n{LINK}",
    "en": f"Please open this link to confirm:\n{LINK}",
}


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("language", SAID)
def test_a_mail_with_a_long_link_is_no_wider_than_the_window(visit: Any, language: str, width: int) -> None:
    composer = Composer(Mailbox.parse("complaints@bank.example"), "Example Bank")
    message = OutboundMessage(
        message_id="<1@bank.example>",
        account="email:complaints@bank.example",
        address="ann@customer.example",
        text=SAID[language],
        language=language,
    )
    raw = composer.compose(message, datetime(2026, 11, 27, tzinfo=UTC))
    _, rich = email.message_from_bytes(raw, policy=email.policy.default).iter_parts()
    page = visit("about:blank", viewport={"width": width, "height": 800})
    page.set_content(rich.get_content())
    assert page.locator("a").get_attribute("href") == LINK
    assert page.evaluate("document.documentElement.scrollWidth") <= width
