"""The case beside its conversation, and what attackers write into either, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from case_store import contacts, tasks
from case_store.ids import new_id
from case_store.store import Transaction
from case_store.tables_outbox import tasks as table_of_tasks
from gateway import tidings
from gateway.texts import Text
from tests.browser.console_house import House
from tests.browser.console_pages import enter, house, opens_mailed, shared, sign_in, talk, until

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser


# what attackers write ---------------------------------------------------------------------------------------------

ATTACKS = [
    "<script>window.harmed = 1</script>",
    "<img src=x onerror='window.harmed = 1'>",
    "javascript:window.harmed=1",
    "{{constructor.constructor('window.harmed = 1')()}}",
    '"><svg onload=window.harmed=1>',
]


def test_what_a_customer_writes_never_runs(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat(*[f"I complain: {attack}" for attack in ATTACKS], locale="en")
    house.write(tasks.add, occasion=new_id(), kind="look", words=ATTACKS[1])
    page = sign_in()
    shown = talk(page, seat)
    for attack in ATTACKS:
        expect(shown.locator(".messages")).to_contain_text(attack)
    expect(page.locator("qt-case")).to_contain_text("<script>")
    page.get_by_role("link", name="Cases").click()
    page.get_by_role("button", name="All cases").click()
    expect(page.locator("qt-cases")).to_contain_text("<script>")
    page.get_by_role("link", name="Tasks").click()
    expect(page.locator("qt-tasks")).to_contain_text("<img")
    assert page.evaluate("window.harmed") is None
    assert page.locator("main img, main svg[onload], main script").count() == 0


HOSTILE_HTML = """<p>See <b>this</b></p><script>top.harmed = 1; parent.harmed = 1</script>
<img src="http://127.0.0.1:9/spy.gif" onerror="parent.harmed = 1"><form action="/api/v1/session"><button>x</button></form>
<iframe src="javascript:parent.harmed=1"></iframe><a href="javascript:top.harmed=1" id="link">click</a>"""


def test_the_html_of_a_mail_is_shown_without_script_origin_or_network(
    house: House, sign_in: Callable[..., Page]
) -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "Eve Sharp <eve@example.com>", "Complaint: wrong fee"
    mail["Message-ID"], mail["Date"] = f"<{new_id()}@example.com>", "Mon, 16 Nov 2026 10:00:00 +0800"
    mail.set_content("I complain about a fee of 300 CNY that you charged twice.")
    mail.add_alternative(HOSTILE_HTML, subtype="html")
    mail.add_attachment(b"<script>parent.harmed = 1</script>", maintype="text", subtype="html", filename="发票.html")
    page = sign_in()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    house.mail(mail)
    page.locator("#tab-all").click()
    opens_mailed(page.get_by_role("link", name=re.compile("Eve Sharp")))
    shown = page.locator("qt-conversation")
    shown.get_by_role("button", name="Show as laid out").click()
    frame = page.frame_locator("dialog iframe")
    expect(frame.locator("b")).to_have_text("this")
    assert frame.locator("script, iframe, form").count() == 0
    assert page.locator("dialog iframe").get_attribute("sandbox") == ""
    assert page.evaluate("window.harmed") is None
    assert not [address for address in asked if "spy" in address]
    page.keyboard.press("Escape")
    with page.expect_download() as begun:
        shown.get_by_role("link", name=re.compile("发票")).click()
    assert begun.value.suggested_filename == "发票.html"
    assert Path(begun.value.path()).read_bytes() == b"<script>parent.harmed = 1</script>"
    with page.expect_download() as begun:
        shown.get_by_role("link", name="Save the original mail").click()
    assert b"Subject: Complaint: wrong fee" in Path(begun.value.path()).read_bytes()


def test_who_answers_an_address_that_bounced_is_told_before_and_the_words_become_a_task(
    house: House, sign_in: Callable[..., Page]
) -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "Lois Lost <lois@example.com>", "Complaint: wrong fee"
    mail["Message-ID"], mail["Date"] = f"<{new_id()}@example.com>", "Mon, 16 Nov 2026 10:00:00 +0800"
    mail.set_content("I complain about a fee of 300 CNY that your Leeds branch charged me on 3 November. Lois Lost")
    page = sign_in()
    house.mail(mail)
    page.locator("#tab-all").click()
    opens_mailed(page.get_by_role("link", name=re.compile("Lois")))
    expect(page.locator("qt-case")).to_contain_text("Customer told (E-mail)")
    shown = page.locator("qt-conversation")
    expect(shown.locator(".lost")).to_be_hidden()
    house.write(come_back, "lois@example.com")
    expect(shown.locator(".lost")).to_be_visible()
    expect(shown.locator(".lost")).to_contain_text("Nothing arrives at this address any more")
    shown.locator("textarea").fill("We have refunded the fee.")
    shown.get_by_role("button", name="Send").click()
    page.get_by_role("link", name=re.compile("Tasks")).click()
    expect(page.locator("qt-tasks")).to_contain_text("We have refunded the fee.")


def come_back(tx: Transaction, address: str) -> None:
    for case_id in contacts.with_contact(tx, address):
        contacts.flag_bounced(tx, case_id, address)


# the case -------------------------------------------------------------------------------------------------------


def test_what_the_customer_was_told_meanwhile_comes_to_the_steps_of_the_case_that_is_open(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = house.chat("I complain: your branch charged me a fee of 300 CNY twice", locale="en")
    page = sign_in()
    talk(page, seat)
    expect(page.locator("qt-case")).to_contain_text("What the customer told")
    house.write(tell, house.case_of(seat))
    expect(page.locator("qt-case")).to_contain_text("Customer told (E-mail)")


def tell(tx: Transaction, case_id: str) -> None:
    tidings.note_told(tx, case_id, tidings.plain("status", Text("", "")), by="email")
    tx.wake("case", case_id)


def test_a_fact_is_corrected_in_its_place(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("I complain: your branch charged me a fee of 300 CNY twice", locale="en")
    page = sign_in()
    talk(page, seat)
    amount = page.locator("qt-case .field", has=page.get_by_text("Amount", exact=True))
    amount.get_by_role("button").click()
    amount.get_by_role("combobox").select_option("HKD")
    amount.get_by_role("textbox").fill("1,250.50")
    amount.get_by_role("button", name="Save").click()
    expect(amount).to_contain_text("HKD 1,250.50")
    expect(page.locator("qt-case .steps")).to_contain_text("Changed: Amount")


def test_of_two_changes_at_once_the_second_is_refused_and_keeps_what_was_typed(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = house.chat("I complain: your branch charged me a fee of 300 CNY twice", locale="en")
    megan, lin = sign_in("megan"), sign_in("lin.yue")
    fields = []
    for page, name in ((megan, "Megan's"), (lin, "Lin's")):
        talk(page, seat)
        field = page.locator("qt-case .field", has=page.get_by_text("About", exact=True))
        field.get_by_role("button").click()
        field.get_by_role("textbox").fill(f"{name} branch")
        fields.append(field)
    first, second = fields
    first.get_by_role("button", name="Save").click()
    expect(first.get_by_role("textbox")).to_have_count(0)
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_role("alert")).to_contain_text("Megan's branch")
    expect(second.get_by_role("textbox")).to_have_value("Lin's branch")
    expect(first).to_contain_text("Megan's branch")
    second.get_by_role("button", name="Save").click()
    expect(first).to_contain_text("Lin's branch")


def test_a_result_names_its_basis_and_next_steps_and_its_preview_changes_nothing(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = house.chat("I complain: your branch charged me a fee of 300 CNY twice", locale="en")
    page = sign_in()
    talk(page, seat)
    page.get_by_role("button", name="File …").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Status").select_option("resolved")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_visible()  # a result without outcome, basis and next steps is none
    dialog.get_by_role("button", name="What will the customer read?").click()
    expect(dialog.get_by_label("Outcome")).to_be_focused()  # what is missing, and not another text
    expect(dialog.locator("figure")).to_have_count(0)
    expect(dialog.get_by_text("(required)")).to_have_count(4)
    dialog.get_by_label("Outcome").select_option("solved")
    dialog.get_by_label(re.compile("Basis")).fill("Price list of 1 March 2026")
    dialog.get_by_label(re.compile("What happens next")).fill("300 CNY are booked back on 30 November.")
    dialog.get_by_label("Words to the customer").fill("You were charged twice; we are sorry.")
    before = house.told(seat)
    dialog.get_by_role("button", name="What will the customer read?").click()
    expect(dialog.locator("figure").last).to_contain_text("300 CNY are booked back on 30 November.")
    previewed = dialog.locator("figure .text").last.inner_text()
    assert house.told(seat) == before
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("qt-case .head")).to_contain_text("Resolved · Solved")
    said = [text for sender, text in house.told(seat) if sender == "system"]
    number = page.locator("qt-case h2").inner_text()
    assert number in said[-1]
    assert re.sub(r"C[\d-]+", number, previewed).split() == said[-1].split()


def test_a_result_being_written_outlives_the_session(house: House, sign_in: Callable[..., Page]) -> None:
    house.agent("writes", "Will Write")
    seat = house.chat("I complain: your branch charged me a fee of 300 CNY twice", locale="en")
    page = sign_in("writes")
    talk(page, seat)
    page.get_by_role("button", name="File …").click()
    page.get_by_role("dialog").get_by_label("Words to the customer").fill("A long explanation")
    house.end_sessions("writes")
    # the page hears of the end by itself, or as soon as it asks for something: whichever is first
    page.get_by_role("dialog").get_by_role("button", name="Save").or_(page.locator("#username")).click()
    enter(page, "writes")
    page.get_by_role("button", name="File …").click()
    expect(page.get_by_role("dialog").get_by_label("Words to the customer")).to_have_value("A long explanation")


def test_cases_are_listed_by_due_date_found_by_words_and_opened(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("I complain about the marmalade colour of your deposit slips, a fee of 300 CNY", locale="en")
    page = sign_in()
    talk(page, seat)
    page.get_by_role("button", name="File …").click()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.locator("qt-case .due")).to_contain_text("days left")
    expect(page.locator("qt-case h2")).to_have_text(re.compile(r"^C\d{8}-"))
    number = page.locator("qt-case h2").inner_text()
    page.get_by_role("link", name="Cases").click()
    expect(page.locator("qt-cases")).to_contain_text(number)
    page.get_by_role("searchbox").fill("marmalade")
    expect(page.locator("qt-cases .rows li")).to_have_count(1)
    page.locator("qt-cases .rows a").click()
    expect(page.locator("qt-case h2")).to_have_text(number)


def test_a_task_is_done_with_a_note(house: House, sign_in: Callable[..., Page]) -> None:
    words = f"Call 13800138000 ({new_id()[:6]})"
    page = sign_in()
    page.get_by_role("link", name="Tasks").click()
    house.write(tasks.add, occasion=new_id(), kind="call_back", words=words)
    card = page.locator(".card", has_text=words)
    card.get_by_role("textbox").fill("Spoke with her at 10:20")
    card.get_by_role("button", name="Done").click()
    expect(card).to_have_count(0)


def _active(page: Page) -> str:
    """What has the focus: its tag, and the words of its card."""
    return str(
        page.evaluate(
            "document.activeElement.tagName + ' ' + (document.activeElement.closest('li')?.textContent ?? '')"
        )
    )


def _note(house: House, words: str) -> str:
    house.write(tasks.add, occasion=new_id(), kind="call_back", words=words)
    return str(house.do(house.gateway.store.read(_task_of, words)))


def _task_of(tx: Transaction, words: str) -> str:
    return str(tx.execute(sa.select(table_of_tasks.c.id).where(table_of_tasks.c.words == words)).scalar_one())


def _done(house: House, id: str) -> None:
    house.write(tasks.done, id, _deed("called"))


def _deed(how: str) -> tasks.Deed:
    return tasks.Deed(how=how, at=datetime.now(UTC), by_id="lin.yue", by="agent:lin.yue", note="x")


def test_what_a_colleague_does_takes_no_letter_of_a_note(house: House, sign_in: Callable[..., Page]) -> None:
    key = new_id()[:8]
    first, mine, last = (f"{key} {name}" for name in ("first", "mine", "last"))
    ids = {words: _note(house, words) for words in (first, mine)}
    page = sign_in(path="/tasks")
    note = page.locator(".card", has_text=mine).get_by_role("textbox")
    note.press_sequentially("nobody ")
    _done(house, ids[first])
    expect(page.locator(".card", has_text=first)).to_have_count(0)
    note.page.keyboard.type("answered")
    _note(house, last)
    expect(page.locator(".card", has_text=last)).to_have_count(1)
    page.keyboard.type(", trying at noon")
    expect(note).to_have_value("nobody answered, trying at noon")
    expect(page).to_have_url(re.compile(r"/console/tasks$"))
    _tried(house, ids[mine])  # the card itself is made anew
    expect(page.locator(".card", has_text=mine)).to_contain_text("1 tries")
    page.keyboard.type(" again")
    expect(note).to_have_value("nobody answered, trying at noon again")
    _done(house, ids[mine])
    card = page.locator(".card", has_text=mine)

    def goes_on_until_it_has_gone() -> bool:
        page.keyboard.press("n")  # whoever pauses for long is writing no more
        return card.count() == 0

    until(page, goes_on_until_it_has_gone)
    page.keyboard.type("nn")  # the card has gone from under the hands
    expect(page).to_have_url(re.compile(r"/console/tasks$"))
    expect(page.locator("qt-tasks .said").first).to_have_text("A colleague has done this already.")


def _tried(house: House, id: str) -> None:
    house.write(_not_reached, id)


def _not_reached(tx: Transaction, id: str) -> None:
    task, later = tasks.locked(tx, id), tx.now + timedelta(hours=2)
    assert task is not None
    tasks.not_reached(tx, task, _deed("not_reached"), next_at=later, due_at=later, counts=True)


def test_after_a_task_is_done_the_keyboard_goes_on_at_the_next(house: House, sign_in: Callable[..., Page]) -> None:
    key = new_id()[:8]
    words = [f"{key} {name}" for name in ("one", "two")]
    for told in words:
        _note(house, told)
    page = sign_in(path="/tasks")
    for told in words:
        card = page.locator(".card", has_text=told)
        card.get_by_role("button", name="Done").press("Enter")
        expect(card).to_have_count(0)
        until(page, lambda: page.evaluate("document.activeElement !== document.body"))
        assert _active(page).startswith(("LI", "H2"))
