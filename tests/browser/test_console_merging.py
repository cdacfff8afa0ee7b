"""Merging two cases, taking them apart and splitting messages off, in a real browser: what will happen is said before it is done."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from case_store import cases, contacts, conversations, merging
from case_store.case_record import CaseRecord
from case_store.cases import Registration
from case_store.contacts import Contact
from case_store.conversations import NewConversation, NewMessage
from case_store.ids import new_id
from case_store.records import Draft, Facts, Money, PartialDate, Sender
from case_store.store import Transaction
from gateway import merging as room
from gateway.notifications import Notices
from gateway.promises import Promises
from tests.browser.console_house import House
from tests.browser.console_pages import house, looks, shared, shot, sign_in, talk, violations

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser

WORDS = {
    "en": {"merge": "Merge …", "do": "Merge", "apart": "Take apart …"},
    "zh-CN": {"merge": "合并……", "do": "合并", "apart": "重新分开……"},
    "zh-TW": {"merge": "合併……", "do": "合併", "apart": "重新分開……"},
}
FACTS = Facts(
    name="江敏",
    occurred_on=PartialDate("2026-11-15"),
    about="滨江支行",
    what_happened="上周在滨江支行买的理财亏损两万三千元，要求补足本金",
    amount=Money(Decimal("23000"), "CNY"),
    desired_outcome="补足本金",
)


def case(
    house: House, address: str, day: int = 2, *, texts: tuple[str, ...] = ("我要投诉",), filed: bool = True
) -> CaseRecord:
    """A case that its customer told by mail."""

    def make(tx: Transaction) -> CaseRecord:
        conversation = new_id()
        account = f"email:{house.gateway.settings.complaints_address}"
        opening = NewConversation(conversation, "email", account, "zh-Hans", customer="江敏", address=address)
        conversations.open_conversation(tx, opening)
        opened = {"channel": "email", "account": account, "language": "zh-Hans", "received_at": tx.now}
        id = cases.open_draft(tx, conversation_id=conversation, customer="江敏", **opened)
        said = [NewMessage(Sender.CUSTOMER, text, name="江敏", case_id=id) for text in texts]
        row = conversations.locked(tx, conversation)
        conversations.add_messages(tx, row, said, values={"case_id": id, "owner": "queue", "waiting_since": tx.now})
        cases.save_draft(tx, id, Draft(replace(FACTS, contact=address)), None, "zh-Hans")
        contacts.add_contact(tx, id, Contact(address, "email", "wrote_from"))
        if filed:
            at = datetime(2026, 12, day, 15, 59, 59, tzinfo=UTC)
            cases.file_case(tx, id, Registration(date(2026, 11, 23), date(2026, 12, day), at, "x"), actor="bot")
        return cases.get(tx, id)

    return house.write(make)


def now(house: House, id: str) -> CaseRecord:
    return house.do(house.gateway.store.read(cases.get, id))


def opened(sign_in: Callable[..., Page], record: CaseRecord, **more: object) -> tuple[Page, Locator]:
    page = sign_in(path=f"/cases/{record.id}", **more)
    panel = page.locator("qt-case")
    expect(panel.locator("h2")).to_contain_text(record.reference or "")
    return page, panel


def merged(house: House, address: str) -> tuple[CaseRecord, CaseRecord]:
    first, second = case(house, address), case(house, address, 4)
    gateway = house.gateway
    notices = Notices(Promises(gateway.policy, gateway.settings), gateway.settings, gateway.tokens)
    wanted = merging.Wanted(second.id, first.id, "agent:Megan Howe", "same loss", second.version, first.version)
    house.write(room.merge, notices, wanted)
    return now(house, first.id), now(house, second.id)


def test_a_pair_is_merged_after_it_was_said_what_will_happen(house: House, sign_in: Callable[..., Page]) -> None:
    first, second = case(house, "one@mail.example", 4), case(house, "one@mail.example", 2)
    page, panel = opened(sign_in, second, locale="en")
    pair = panel.locator(f'.pair[data-case="{first.id}"]')
    pair.get_by_role("button", name="Merge …").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("region")).to_have_count(2)
    expect(dialog.get_by_role("radio", checked=True)).to_have_count(1)
    expect(dialog.locator(".side.stays h3")).to_have_text(str(first.reference))
    expect(dialog).to_contain_text(f"{second.reference} is closed and leads to {first.reference}")
    expect(dialog).to_contain_text("The answer becomes due on")
    expect(dialog).to_contain_text("The customer is told")
    dialog.get_by_label("How do you know?").fill("")
    dialog.get_by_role("button", name="Merge", exact=True).click()
    expect(dialog.get_by_role("alert")).not_to_be_empty()
    assert now(house, second.id).merged_into is None
    dialog.get_by_label("How do you know?").fill("the same loss, told twice")
    assert violations(page) == []
    dialog.get_by_role("button", name="Merge", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    banner = panel.locator(".flag.merged")
    expect(banner).to_contain_text(f"Merged into {first.reference}")
    expect(panel.get_by_role("button", name="Set status")).to_have_count(0)
    expect(panel.locator(".steps")).to_contain_text(f"Merged into {first.reference}. Reason: the same loss, told twice")
    assert now(house, first.id).feedback_due == date(2026, 12, 2)
    banner.get_by_role("link", name=str(first.reference)).click()
    expect(panel.locator("h2")).to_contain_text(str(first.reference))
    expect(panel.locator(".flag.merged")).to_contain_text(f"Dealt with here too: {second.reference}")


def test_the_agent_says_which_number_goes_on(house: House, sign_in: Callable[..., Page]) -> None:
    first, second = case(house, "two@mail.example"), case(house, "two@mail.example")
    page, panel = opened(sign_in, first, locale="en")
    panel.locator(f'.pair[data-case="{second.id}"]').get_by_role("button", name="Merge …").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".side.stays h3")).to_have_text(str(first.reference))
    dialog.get_by_role("radio").nth(1).press("Space")
    expect(dialog.locator(".side.stays h3")).to_have_text(str(second.reference))
    expect(dialog.get_by_role("radio").nth(1)).to_be_focused()
    expect(dialog).to_contain_text(f"{first.reference} is closed and leads to {second.reference}")
    dialog.get_by_label("How do you know?").fill("same")
    dialog.get_by_role("button", name="Merge", exact=True).press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert now(house, first.id).merged_into == second.reference


def test_another_case_is_named_and_a_strangers_is_refused_in_words(house: House, sign_in: Callable[..., Page]) -> None:
    first, second = case(house, "three@mail.example"), case(house, "joe@mail.example")
    page, panel = opened(sign_in, second, locale="en")
    panel.get_by_role("button", name="Merge with another case …").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Merge", exact=True).click()
    expect(dialog.get_by_role("alert")).to_have_text("Say which case it is.")
    dialog.get_by_label("Reference number of the other case").fill(str(first.reference))
    dialog.get_by_role("button", name="Compare").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Join the customers first")
    expect(dialog.get_by_role("button", name="Merge", exact=True)).to_be_disabled()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_what_has_changed_meanwhile_is_shown_and_what_was_typed_stays(
    house: House, sign_in: Callable[..., Page]
) -> None:
    first, second = case(house, "four@mail.example"), case(house, "four@mail.example")
    page, panel = opened(sign_in, second, locale="en")
    panel.locator(f'.pair[data-case="{first.id}"]').get_by_role("button", name="Merge …").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("How do you know?").fill("told twice")
    house.write(cases.change, first.id, {"risk": "major"}, actor="agent:林悦")
    dialog.get_by_role("button", name="Merge", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("has changed meanwhile")
    expect(dialog.get_by_label("How do you know?")).to_have_value("told twice")
    dialog.get_by_role("button", name="Merge", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert now(house, second.id).merged_into == first.reference


def test_a_merged_case_is_taken_apart_with_what_came_meanwhile(house: House, sign_in: Callable[..., Page]) -> None:
    first, second = merged(house, "five@mail.example")

    def come(tx: Transaction) -> None:
        row = conversations.locked(tx, second.conversations[0])
        conversations.add_messages(tx, row, [NewMessage(Sender.CUSTOMER, "还有一张收据", case_id=first.id)])

    house.write(come)
    page, panel = opened(sign_in, second, locale="en")
    panel.get_by_role("button", name="Take apart …").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"{second.reference} goes on under its own number")
    dialog.get_by_label("还有一张收据").check()
    dialog.get_by_role("button", name="Take apart", exact=True).click()
    expect(dialog.get_by_role("alert")).not_to_be_empty()
    dialog.get_by_label("How do you know?").fill("two losses after all")
    assert violations(page) == []
    shot(page, "apart-en-1440")
    dialog.get_by_role("button", name="Take apart", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(panel.locator(".flag.merged")).to_have_count(0)
    assert now(house, second.id).status == "filed"
    said = house.do(house.gateway.store.read(conversations.messages_of, second.conversations[0]))
    assert [one.case_id for one in said if one.text == "还有一张收据"] == [second.id]


def test_messages_are_split_off_from_the_thread(house: House, sign_in: Callable[..., Page]) -> None:
    record = case(house, "six@mail.example", texts=("理财亏了", "另外信用卡也被多收了三百元年费"))
    page = sign_in(path=f"/conversations/{record.conversations[0]}", locale="en")
    page.get_by_role("button", name="Split off …").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Split off", exact=True).click()
    expect(dialog.get_by_role("alert")).to_have_text("Choose at least one message.")
    expect(dialog.get_by_label("理财亏了")).to_be_focused()
    dialog.get_by_label("理财亏了").check()
    dialog.get_by_label("另外信用卡").press("Space")
    dialog.get_by_label("How do you know?").fill("a fee is another matter")
    dialog.get_by_role("button", name="Split off", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("Leave at least one.")
    dialog.get_by_label("理财亏了").uncheck()
    assert violations(page) == []
    shot(page, "split-en-1440")
    dialog.get_by_role("button", name="Split off", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("qt-conversation")).to_contain_text("Filed as C")
    said = house.do(house.gateway.store.read(conversations.messages_of, record.conversations[0]))
    [apart] = [one.case_id for one in said if one.text.startswith("另外")]
    made = now(house, str(apart))
    assert (made.id != record.id, made.status, made.contacts) == (True, "filed", ("six@mail.example",))
    expect(page.locator("qt-conversation .head")).to_contain_text(str(made.reference))


def test_a_case_is_made_of_a_conversation_that_has_none(house: House, sign_in: Callable[..., Page]) -> None:
    """Who asks for a person first tells it to them: the bot does not listen to what is told to an agent."""
    seat = house.chat("I want to talk to a person", locale="en")
    page = sign_in()
    shown = talk(page, seat)
    shown.get_by_role("button", name="Take over").click()
    expect(shown.locator(".owner")).to_have_text("You answer")
    house.says(seat, "Your adviser lost my mother's savings and laughed about it")
    expect(shown).to_contain_text("laughed about it")
    expect(page.locator("qt-case")).to_contain_text("Make a case …")
    shown.get_by_role("button", name="Make a case …").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("checkbox")).to_have_count(2)
    for box in dialog.get_by_role("checkbox").all():
        expect(box).to_be_checked()
    dialog.get_by_label("Why it is registered").fill("told to a person")
    shot(page, "split-first-en-1440")
    dialog.get_by_role("button", name="Make the case").click()
    expect(dialog).to_have_count(0)
    expect(page.locator("qt-case")).to_contain_text("lost my mother's savings")
    expect(page.locator("qt-case h2")).to_have_text(re.compile(r"^C\d{8}-"))


def test_one_message_alone_is_not_split_off(house: House, sign_in: Callable[..., Page]) -> None:
    record = case(house, "seven@mail.example")
    page = sign_in(path=f"/conversations/{record.conversations[0]}", locale="en")
    expect(page.locator("qt-conversation .message").first).to_be_visible()
    expect(page.locator('[data-act="split"]')).to_have_count(0)


@pytest.mark.parametrize("locale", ["en", "zh-CN", "zh-TW"])
def test_it_looks_well_in_every_language_and_width(house: House, sign_in: Callable[..., Page], locale: str) -> None:
    address = f"{locale}@mail.example".lower()
    first, second = case(house, address, 4), case(house, address, 2)
    page, panel = opened(sign_in, second, locale=locale)
    panel.locator(f'.pair[data-case="{first.id}"]').get_by_role("button", name=WORDS[locale]["merge"]).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".side")).to_have_count(2)
    for _, look in looks(page, height=900, schemes=("light", "dark")):
        fits = "document.querySelector('dialog').scrollWidth <= document.querySelector('dialog').clientWidth"
        assert page.evaluate(fits), look
        assert violations(page) == [], look
        shot(page, f"merge-{locale}-{look}")
    dialog.get_by_role("button", name=WORDS[locale]["do"], exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(panel.locator(".flag.merged")).to_be_visible()
    for _, look in looks(page, height=900, schemes=("light", "dark")):
        shot(page, f"merged-{locale}-{look}")
    panel.get_by_role("button", name=WORDS[locale]["apart"]).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    for _, look in looks(page, height=900, schemes=("light", "dark")):
        assert violations(page) == [], look
        shot(page, f"apart-{locale}-{look}")
