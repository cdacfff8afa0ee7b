"""Mail as agents see it: the verdict on its sender, what machines sent, what could not be read, each with its original."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from case_store import arrivals
from case_store.arrivals import NewArrival
from case_store.ids import new_id
from case_store.records import Role
from case_store.store import Transaction
from case_store.tables_arrivals import arrivals as ledger
from case_store.tables_conversations import messages
from tests.browser.conftest import Visit
from tests.browser.console_house import House
from tests.browser.console_pages import looks, shot, signed_in
from tests.browser.desks import Desks

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = House(tmp_path_factory.mktemp("mailroom"))
    opened.agent("wu", "Wu Min", Role.SUPERVISOR)
    yield opened
    opened.close()


@pytest.fixture
def sign_in(house: House, visit: Visit, desks: Desks) -> Callable[..., Page]:
    def open_one(path: str, *, width: int = 1280, **more: Any) -> Page:
        return signed_in(house, visit, desks, "wu", path=path, width=width, **more)

    return open_one


def mail(sender: str, text: str, **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["Subject"], made["Message-ID"] = sender, "Card fee", f"<{new_id()}@example.com>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def comes(house: House, made: EmailMessage) -> None:
    """Handed in by SMTP, and read."""
    house.mail(made)
    until = time.monotonic() + 30
    while house.write(arrivals.counts)["waiting"] and time.monotonic() < until:
        time.sleep(0.05)


def saved(page: Page, link: Any) -> bytes:
    with page.expect_download() as begun:
        link.click()
    return Path(begun.value.path()).read_bytes()


def test_the_verdict_on_a_sender_stands_with_the_mail_and_says_why(house: House, sign_in: Callable[..., Page]) -> None:
    comes(house, mail("Ann Forged <ann@example.com>", "You took 300 CNY from me in Leeds. I want it back."))

    def judge(tx: Transaction) -> str:
        [row] = tx.execute(
            sa.select(messages.c.mail, messages.c.conversation_id).where(messages.c.name == "Ann Forged")
        )
        judged = {"result": "fail", "why": "not_aligned", "dmarc": {"result": "fail", "domain": "example.com"}}
        tx.execute(
            sa.update(messages).where(messages.c.name == "Ann Forged").values(mail={**row.mail, "verdict": judged})
        )
        return str(row.conversation_id)

    page = sign_in(f"/conversations/{house.write(judge)}")
    message = page.locator("qt-conversation .message.customer")
    expect(message.locator(".verdict")).to_have_text("Sender not confirmed")
    assert "DMARC fail (example.com)" in str(message.locator(".verdict").get_attribute("title"))
    expect(message.locator(".reading-note")).to_contain_text("It may be forged")


def test_what_could_not_be_read_is_saved_as_it_came_and_read_again(house: House, sign_in: Callable[..., Page]) -> None:
    comes(house, mail("Bea Parked <bea@example.com>", "You took 400 CNY from me in Hull. I want it back."))

    def park(tx: Transaction) -> None:
        [row] = tx.execute(sa.select(messages.c.arrival_id).where(messages.c.name == "Bea Parked"))
        held = {"state": "parked", "reason": "Unreadable: reading took more than 5 seconds", "due_at": None}
        tx.execute(sa.update(ledger).where(ledger.c.id == row.arrival_id).values(**held))

    house.write(park)
    page = sign_in("/parked")
    card = page.locator(".card", has_text="reading took more than 5 seconds")
    assert b"You took 400 CNY" in saved(page, card.get_by_role("link", name="Save the original mail"))
    card.get_by_role("button", name="Read again").click()
    expect(card).to_have_count(0)
    assert house.write(arrivals.counts)["parked"] == 0


WHY = {
    "en": ("The headers of this mail are longer than can be read.", "It could not be read again"),
    "zh-CN": ("这封邮件的邮件头太长，无法读取。", "仍然无法读取"),
    "zh-TW": ("這封電子郵件的標頭太長，無法讀取。", "仍然無法讀取"),
}


@pytest.mark.parametrize("locale", WHY)
def test_who_sent_what_can_not_be_read_why_and_what_came_of_trying_again(
    house: House, sign_in: Callable[..., Page], locale: str
) -> None:
    key = new_id()[:8]
    raw = f"From: Eve <{key}@example.org>\r\nSubject: Fee {key}\r\nX: ".encode() + b"x" * (4 << 20) + b"\r\n\r\nhi"
    house.write(_parked, raw, key)
    page = sign_in("/parked", locale=locale)
    card = page.locator(".card", has_text=f"Fee {key}")
    expect(card).to_contain_text(f"Eve <{key}@example.org>")
    expect(card.locator(".flag")).to_have_text(WHY[locale][0])
    card.get_by_role("button").last.click()
    expect(page.locator("qt-parked .said").first).to_contain_text(WHY[locale][1])
    expect(card).to_have_count(1)
    for width, look in looks(page):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        shot(page, f"parked-{locale}-{look}")


def _parked(tx: Transaction, raw: bytes, key: str) -> None:
    new = NewArrival("email", "email:complaints@localhost", key, datetime.now(UTC), len(raw), raw=raw)
    id, _ = arrivals.accept(tx, new)
    reason = "Unreadable: headers too long"
    tx.execute(sa.update(ledger).where(ledger.c.id == id).values(state="parked", reason=reason, due_at=None))


def test_what_machines_sent_is_listed_with_its_original(house: House, sign_in: Callable[..., Page]) -> None:
    comes(house, mail("Ed Away <ed@example.com>", "I am away until Monday.", Auto_Submitted="auto-replied"))
    page = sign_in("/parked")
    row = page.locator("qt-postroom li", has_text="ed@example.com")
    expect(row).to_contain_text("Automatic answer")
    assert b"I am away until Monday." in saved(page, row.get_by_role("link", name="Save the original mail"))


def test_an_original_that_the_scanner_keeps_back_is_told_and_saved_only_after_a_question(
    house: House, sign_in: Callable[..., Page]
) -> None:
    comes(house, mail("Flo Away <flo@example.com>", "I am away until Friday.", Auto_Submitted="auto-replied"))
    page = sign_in("/parked")
    link = page.locator("qt-postroom li", has_text="flo@example.com").get_by_role("link", name="Save the original mail")
    problem = {"status": 409, "code": "not_scanned", "detail": "not yet"}
    pattern = "**/arrivals/*/original"  # what is asked for with ?unscanned=yes goes through
    page.route(pattern, lambda route: route.fulfill(status=problem["status"], json=problem))
    link.click()
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text("has not been scanned yet")
    with page.expect_download() as begun:
        dialog.get_by_role("button", name="Save").click()
    assert begun.value.url.endswith("/original?unscanned=yes")
    problem |= {"status": 403, "code": "infected", "signature": "Eicar.Test"}
    link.click()
    expect(dialog).to_contain_text("Eicar.Test")
    expect(dialog).to_contain_text("Only an administrator can save it")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)
