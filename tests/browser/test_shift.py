"""A whole shift in real browsers: a supervisor, an agent at a desk and one with a telephone, a customer in the chat and one who writes mails.

What each part does by itself is tried where that part is; here they meet. Everything goes the way it goes in a house: the chat and the consoles
are pages, mails come and leave by SMTP. At the end the trail is verified, and no colleague's word has reached a customer.
"""

from __future__ import annotations

import email
import email.policy
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Locator, Page, expect

from case_store import cases, checkpoints
from case_store.records import Role
from gateway.endpoints import Relay
from tests.browser.conftest import free_port
from tests.browser.console_house import House
from tests.browser.console_pages import enter, shot, violations

pytestmark = pytest.mark.browser

REFERENCE = re.compile(r"C\d{8}-\d{6,}-\d")
STORY = "我要投诉，你们滨江支行11月3号多扣了我300元手续费，要求退还300元。我叫江敏，电话13900001111"
SECRET = "third complaint about this branch this week"
CARD = "4111 1111 1111 1111"


@dataclass
class Post:
    """Where mails to customers arrive."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    more: threading.Condition = field(default_factory=threading.Condition)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        with self.more:
            self.taken.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
            self.more.notify_all()
        return "250 2.0.0 taken"

    def with_words(self, words: str) -> EmailMessage:
        """The mail that says this, once it has come."""
        with self.more:
            assert self.more.wait_for(lambda: any(words in text_of(one) for one in self.taken), 30), self.texts()
        return next(one for one in self.taken if words in text_of(one))

    def texts(self) -> list[str]:
        return [text_of(one) for one in self.taken]


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return "" if body is None else str(body.get_content())


@pytest.fixture
def post() -> Iterator[Post]:
    taken = Post()
    controller = Controller(taken, hostname="127.0.0.1", port=free_port())
    controller.start()
    taken.port = controller.port
    yield taken
    controller.stop()


@pytest.fixture
def house(tmp_path: Any, post: Post) -> Iterator[House]:
    relay = Relay("none", "127.0.0.1", post.port)
    opened = House(tmp_path, smtp_relay=relay, complaints_address="complaints@bank.example")
    opened.agent("carol", "Carol Chen", Role.SUPERVISOR)
    yield opened
    opened.close()


def written(text: str, **fields: str) -> EmailMessage:
    mail = EmailMessage()
    head = {"From": "Ann Lee <ann@customer.example>", "Subject": "Twice the fee", "Message-ID": "<1@customer.example>"}
    for name, value in (head | {key.replace("_", "-"): value for key, value in fields.items()}).items():
        mail[name] = value
    mail.set_content(text)
    return mail


def says(chat: Page, text: str) -> None:
    chat.locator("#text").fill(text)
    chat.locator("#text").press("Enter")


def at_work(visit: Any, house: House, name: str, locale: str, width: int, path: str = "") -> Page:
    page: Page = visit(house.url + path, viewport={"width": width, "height": 900}, locale=locale)
    enter(page, name)
    expect(page.locator(".bar")).to_be_visible()
    return page


def in_list(page: Page, words: str) -> Locator:
    return page.locator("qt-queue .rows a", has_text=words)


def looked_at(page: Page, name: str) -> None:
    """Nothing that axe finds, and nothing wider than the screen."""
    shot(page, f"shift-{name}")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_shift_of_two_agents_and_a_supervisor_with_customers_on_two_channels(
    house: House, post: Post, visit: Any
) -> None:
    carol = at_work(visit, house, "carol", "en-GB", 1280, "/supervise/now")
    lin = at_work(visit, house, "lin.yue", "zh-CN", 1440)
    megan = at_work(visit, house, "megan", "zh-TW", 390)
    waiting = carol.locator('qt-supervise-now [data-tile="waiting"] .number')
    expect(waiting).to_have_text("0")

    # a customer in the chat tells everything and asks for a person
    chat: Page = visit(house.url.replace("/console", "/chat?lang=zh-Hans"), viewport={"width": 390, "height": 844})
    says(chat, STORY)
    expect(chat.locator(".message.bot").nth(1)).to_contain_text("300")
    says(chat, "是的，没错")
    expect(chat.get_by_role("log")).to_contain_text(REFERENCE)
    said = REFERENCE.search(chat.get_by_role("log").inner_text())
    assert said is not None
    says(chat, "我要找人工客服")
    expect(waiting).to_have_text("1")  # before the supervisor's eyes, by itself
    looked_at(carol, "now-en-1280")

    # another writes a mail, and is answered with a number
    house.mail(
        written(f"Your Leeds branch charged me a fee of 35 pounds twice on 3 November. My card is {CARD}. Ann Lee")
    )
    receipt = post.with_words("Your reference is")
    number = REFERENCE.search(text_of(receipt))
    assert number is not None

    # the agent at the desk takes the chat over by the keyboard, and does not send what was written before the customer's last words
    in_list(lin, "江敏").click()
    expect(lin.locator("qt-case h2")).to_have_text(said[0])
    lin.keyboard.press("t")
    expect(lin.locator("qt-conversation .owner.agent")).to_be_visible()
    expect(chat.get_by_role("log")).to_contain_text("林悦")
    field_of_lin = lin.locator("#reply")
    field_of_lin.fill("江女士您好，我正在核对这笔手续费。")
    says(chat, "还有，柜员态度也很差")
    expect(lin.locator("qt-conversation .messages")).to_contain_text("态度也很差")
    field_of_lin.press("Control+Enter")
    looked_at(lin, "moved-zh-CN-1440")
    lin.get_by_role("dialog").get_by_role("button", name="先阅读").click()
    expect(chat.locator(".message.agent")).to_have_count(0)
    field_of_lin.press("Control+Enter")
    expect(chat.locator(".message.agent")).to_contain_text("我正在核对这笔手续费")
    looked_at(lin, "talk-zh-CN-1440")

    # the colleague with the telephone answers the mail, and leaves a note that only colleagues read
    megan.locator("#tab-all").click()
    in_list(megan, "Ann Lee").click()
    shown = megan.locator("qt-conversation")
    expect(shown.locator(".messages")).to_contain_text("charged me a fee")
    expect(shown.locator(".messages")).not_to_contain_text(CARD)  # masked, until somebody says why they need it
    shown.locator('[data-act="take"]').click()
    expect(shown.locator(".owner.agent")).to_be_visible()
    shown.locator('[data-mode="note"]').click()
    megan.locator("#reply").fill(f"@lin.yue {SECRET}")
    megan.locator("#reply").press("Control+Enter")
    expect(shown.locator(".message.private")).to_contain_text(SECRET)
    shown.locator('[data-mode="reply"]').click()
    megan.locator("#reply").fill("Dear Ann Lee, we have found the second fee.")
    megan.locator("#reply").press("Control+Enter")
    answer = post.with_words("we have found the second fee")
    assert answer["References"].split()[-1] or answer["In-Reply-To"]
    looked_at(megan, "mail-zh-TW-390")
    expect(lin.locator(".bar").get_by_role("button", name="与您有关：1 条新动态")).to_be_visible()

    # her answer to that joins what she wrote first, and is seen without anybody asking for it
    house.mail(
        written(
            "Thank you. When do I get it?",
            Message_ID="<2@customer.example>",
            In_Reply_To=str(answer["Message-ID"]),
            References=str(answer["Message-ID"]),
            Subject="Re: Twice the fee",
        )
    )
    expect(shown.locator(".message.customer").last).to_contain_text("When do I get it?")

    # the agent at the desk falls ill: the supervisor gives the chat to the other, and the customer hears who answers now
    carol.locator('qt-supervise-now tr[data-agent="lin.yue"] th a').click()
    carol.get_by_role("checkbox", name="江敏").check()
    looked_at(carol, "behind-en-1280")
    carol.get_by_role("button", name="Give to …").click()
    carol.get_by_label("Why").fill("went home ill")
    carol.locator("#move-to").select_option("megan")
    carol.get_by_role("button", name="Give", exact=True).click()
    expect(carol.locator("qt-supervise-now .behind li")).to_have_count(0)
    expect(chat.get_by_role("log")).to_contain_text("Megan Howe")

    # who resolves it there tells the customer the result with its basis, in one message
    megan.goto(house.url)
    megan.locator("#tab-mine").click()
    in_list(megan, "江敏").click()
    expect(shown.locator(".messages")).to_contain_text("我正在核对这笔手续费")
    megan.locator("#reply").fill("江女士，多扣的手续费已核实。")
    megan.locator(".composer .besides").click()
    megan.locator('[role=menuitem][data-name="resolved"]').click()
    dialog = megan.get_by_role("dialog")
    dialog.locator("#result-outcome").select_option("solved")
    dialog.locator("#result-basis").fill("收费标准第三条")
    dialog.locator("#result-next_steps").fill("300元三个工作日内退回您的账户。")
    looked_at(megan, "resolve-zh-TW-390")
    dialog.locator("button[type=submit]").click()
    expect(chat.locator(".message.agent").last).to_contain_text("收费标准第三条")
    expect(chat.locator(".message.agent").last).to_contain_text("300元三个工作日内退回您的账户")
    shot(chat, "shift-chat-zh-CN-390")

    # the day is over: the case is resolved, the trail is whole, and no colleague's word is in anything a customer was told
    record = house.gateway.store.read_now(cases.get, said[0])
    assert (record.status.value, record.outcome.value if record.outcome else None) == ("resolved", "solved")
    findings = checkpoints.verify(house.gateway.store, [])
    assert findings.ok, findings.problems
    assert SECRET not in chat.locator("body").inner_text() + "".join(post.texts())
    assert CARD not in "".join(post.texts())
