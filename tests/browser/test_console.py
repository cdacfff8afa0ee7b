"""The agent console as agents and attackers meet it, in a real browser before a real gateway in this process."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from case_store import contacts, conversations, tasks
from case_store.ids import new_id
from case_store.store import Transaction
from case_store.tables import tasks as table_of_tasks
from channels.webchat.socket import Seat
from gateway.chat import Chat
from tests.browser.console_house import PASSWORD, House, wait_for_person

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = House(tmp_path_factory.mktemp("console"))
    yield opened
    opened.close()


@pytest.fixture
def house(shared: House) -> House:
    return shared


@pytest.fixture
def sign_in(house: House, visit: Any) -> Callable[..., Page]:
    """`sign_in("megan", width=390)`: a page of an agent who has just signed in."""

    def open_one(username: str = "megan", *, width: int = 1440, height: int = 900, path: str = "", **more: Any) -> Page:
        page: Page = visit(house.url + path, viewport={"width": width, "height": height}, **more)
        enter(page, username)
        expect(page.locator(".bar")).to_be_visible()
        return page

    return open_one


def enter(page: Page, username: str, password: str = PASSWORD) -> None:
    page.fill("#username", username)
    page.fill("#password", password)
    page.click("button[type=submit]")


def talk(page: Page, seat: Seat) -> Locator:
    """The conversation, opened by its address in a page that is signed in already."""
    page.evaluate(
        "path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')) }",
        f"/console/conversations/{seat.conversation}",
    )
    shown = page.locator("qt-conversation")
    expect(shown.locator(".message").first).to_be_visible()
    return shown


def row(page: Page, seat: Seat) -> Locator:
    return page.locator(f'qt-queue a[href="/console/conversations/{seat.conversation}"]')


# signing in -----------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_told_in_one_sentence(house: House, visit: Any) -> None:
    page = visit(house.url)
    enter(page, "megan", "wrong horse battery")
    expect(page.get_by_role("alert")).to_have_text("The username or the password is wrong.")
    expect(page.locator(".bar")).to_have_count(0)


def test_who_tries_too_often_is_told_when_to_come_back(house: House, visit: Any) -> None:
    page = visit(house.url)
    for _ in range(11):
        enter(page, "nobody.of.that.name", "wrong horse battery")
        expect(page.locator("button[type=submit]")).to_be_enabled()
    expect(page.get_by_role("alert")).to_have_text(re.compile(r"again from \d\d:\d\d"))


def test_the_role_is_shown_and_signing_out_leaves_nothing(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("I want to complain about a fee", locale="en")
    page = sign_in("megan")
    expect(page.locator(".me")).to_have_text("Megan HoweAgent")
    talk(page, seat).locator("textarea").fill("half a sentence")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#username")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0
    page.reload()
    expect(page.locator("#username")).to_be_visible()


def test_a_session_that_ends_loses_no_draft(house: House, sign_in: Callable[..., Page]) -> None:
    house.agent("ended", "Ed Ended")
    seat = house.chat("My card was charged twice", locale="en")
    page = sign_in("ended")
    talk(page, seat).locator("textarea").fill("Dear customer, we have looked")
    house.end_sessions("ended")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("qt-sign-in")).to_contain_text("Your session has ended")
    enter(page, "ended")
    expect(page.locator("qt-conversation textarea")).to_have_value("Dear customer, we have looked")
    assert ("agent", "Dear customer, we have looked") not in house.told(seat)


# conversations --------------------------------------------------------------------------------------------------


def test_a_conversation_that_waits_appears_by_itself(house: House, sign_in: Callable[..., Page]) -> None:
    page = sign_in()
    seat = house.chat("I want my money back, your branch charged me twice", locale="en")
    house.waits(seat)
    expect(row(page, seat)).to_contain_text("charged me twice")
    expect(row(page, seat)).to_contain_text("wants a person")


def test_danger_to_life_stands_on_top_in_the_title_and_over_every_place(
    house: House, sign_in: Callable[..., Page]
) -> None:
    first = house.chat("Nobody answers the phone", locale="en")
    house.waits(first)
    page = sign_in()
    expect(row(page, first)).to_be_visible()
    page.get_by_role("link", name="Cases").click()
    seat = house.chat("你们逼得我今晚就从楼上跳下去，我不想活了")
    assert house.owner(seat) == ("queue", None)
    alarm = page.locator(f'.alarm[href$="{seat.conversation}"]')
    expect(alarm).to_contain_text("Danger to life")
    expect(page).to_have_title(re.compile("⚠ .*danger"))
    alarm.click()
    expect(page.locator("qt-queue .rows a").first).to_have_attribute(
        "href", f"/console/conversations/{seat.conversation}"
    )
    expect(page.locator("qt-conversation .owner")).to_contain_text("Waits for a person")
    page.keyboard.press("t")
    expect(page.locator("qt-conversation .owner")).to_have_text("You answer")
    expect(alarm).to_have_count(0)


def test_an_agent_takes_over_replies_and_hands_back(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("Your app was down all day", locale="en")
    page = sign_in()
    shown = talk(page, seat)
    shown.get_by_role("button", name="Take over").click()
    expect(shown.locator(".owner")).to_have_text("You answer")
    assert house.owner(seat) == ("agent", "megan")
    shown.locator("textarea").fill("Good morning,\nthis is Megan.")
    shown.locator("textarea").press("Control+Enter")
    expect(shown.locator(".message.agent")).to_contain_text("this is Megan.")
    expect(shown.locator("textarea")).to_have_value("")
    assert ("agent", "Good morning,\nthis is Megan.") in house.told(seat)
    shown.get_by_role("button", name="Hand back to the bot").click()
    expect(shown.locator(".owner")).to_have_text("The bot answers")
    assert house.owner(seat) == ("bot", None)


def test_a_reply_takes_an_unowned_conversation_over(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("Please explain this fee", locale="en")
    page = sign_in()
    shown = talk(page, seat)
    expect(shown.locator(".hint")).to_have_text("Sending takes the conversation over")
    shown.locator("textarea").fill("I will look into it.")
    shown.get_by_role("button", name="Send").click()
    expect(shown.locator(".owner")).to_have_text("You answer")
    assert house.owner(seat) == ("agent", "megan")


def test_a_reply_written_before_the_customers_last_words_is_not_sent(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = house.chat("Please explain this fee", locale="en")
    page = sign_in()
    shown = talk(page, seat)
    shown.get_by_role("button", name="Take over").click()
    expect(shown.locator(".owner")).to_have_text("You answer")
    page.route("**/api/v1/conversations/*", lambda route: route.abort())  # nothing new is heard of
    house.says(seat, "Forget the fee, my card was stolen!")
    shown.locator("textarea").fill("The fee is in the price list.")
    page.unroute("**/api/v1/conversations/*")
    page.evaluate("document.querySelector('qt-conversation .composer').requestSubmit()")
    expect(shown.locator(".said[role=alert]")).to_contain_text("Not sent")
    expect(shown.locator(".messages")).to_contain_text("my card was stolen")
    expect(shown.locator("textarea")).to_have_value("The fee is in the price list.")
    assert ("agent", "The fee is in the price list.") not in house.told(seat)
    shown.get_by_role("button", name="Send").click()
    expect(shown.locator(".message.agent")).to_contain_text("price list")


def test_a_reply_whose_answer_is_lost_is_said_once(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("Please explain this fee", locale="en")
    page = sign_in()
    shown = talk(page, seat)

    def lose(route: Any) -> None:
        route.fetch()
        route.abort()

    page.route("**/messages", lose)
    shown.locator("textarea").fill("Once only.")
    shown.get_by_role("button", name="Send").click()
    expect(shown.locator(".said[role=alert]")).to_contain_text("Your text is kept.")
    page.unroute("**/messages")
    shown.get_by_role("button", name="Send").click()
    expect(shown.locator("textarea")).to_have_value("")
    assert house.told(seat).count(("agent", "Once only.")) == 1


def test_two_agents_race_for_one_conversation_and_one_has_it(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("Please explain this fee", locale="en")
    megan, lin = sign_in("megan"), sign_in("lin.yue")
    first, second = talk(megan, seat), talk(lin, seat)
    lin.route("**/api/v1/conversations/*", lambda route: route.abort())  # has not heard of it yet
    first.get_by_role("button", name="Take over").click()
    expect(first.locator(".owner")).to_have_text("You answer")
    lin.unroute("**/api/v1/conversations/*")
    lin.keyboard.press("t")
    question = lin.get_by_role("dialog")
    expect(question).to_contain_text("Megan Howe is answering this conversation")
    question.get_by_role("button", name="Cancel").click()
    assert house.owner(seat) == ("agent", "megan")
    second.get_by_role("button", name="Take over from Megan Howe").click()
    lin.get_by_role("dialog").get_by_role("button", name="Take over from Megan Howe").click()
    expect(second.locator(".owner")).to_have_text("You answer")
    expect(first.locator(".owner")).to_have_text("林悦 answers")
    assert house.owner(seat) == ("agent", "lin.yue")


def test_drafts_are_kept_for_each_conversation(house: House, sign_in: Callable[..., Page]) -> None:
    one, other = house.chat("About a fee", locale="en"), house.chat("About a card", locale="en")
    page = sign_in()
    talk(page, one).locator("textarea").fill("to one")
    talk(page, other)
    expect(page.locator("qt-conversation textarea")).to_have_value("")
    page.locator("qt-conversation textarea").fill("to the other")
    page.reload()
    expect(page.locator("qt-conversation textarea")).to_have_value("to the other")
    talk(page, one)
    expect(page.locator("qt-conversation textarea")).to_have_value("to one")


def test_a_lost_connection_is_told_and_polling_goes_on(house: House, sign_in: Callable[..., Page], visit: Any) -> None:
    page = visit("about:blank", viewport={"width": 1440, "height": 900})
    page.route_web_socket("**/api/v1/live", lambda socket: socket.close())
    page.goto(house.url)
    page.clock.install()
    enter(page, "megan")
    expect(page.locator(".lost")).to_contain_text("Connection lost")
    seat = house.chat("Where is my refund?", locale="en")
    house.waits(seat)
    page.clock.run_for(11_000)
    expect(row(page, seat)).to_be_visible()


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
    page.get_by_role("link", name=re.compile("Eve Sharp")).click()
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
    page.get_by_role("link", name=re.compile("Lois")).click()
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
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
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
    _done(house, ids[mine])  # the card has gone from under the hands
    expect(page.locator(".card", has_text=mine)).to_have_count(0)
    page.keyboard.type("nnn")
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
        page.wait_for_function("() => document.activeElement !== document.body")
        assert _active(page).startswith(("LI", "H2"))


# looks and access -------------------------------------------------------------------------------------------------


def test_on_a_phone_one_pane_is_shown_at_a_time_and_nothing_overflows(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = house.chat("I complain: your branch charged me a fee of 300 CNY twice", locale="en")
    house.waits(seat)
    page = sign_in(width=390, height=844)
    list_, shown, case = (page.locator(name) for name in ("qt-queue", "qt-conversation", "qt-case"))
    expect(shown).to_be_hidden()
    row(page, seat).click()
    expect(list_).to_be_hidden()
    expect(shown.locator("textarea")).to_be_in_viewport()
    shown.get_by_role("button", name="Case", exact=True).click()
    expect(case).to_be_visible()
    case.get_by_role("button", name="Close").click()
    shown.get_by_role("button", name="Back").click()
    expect(list_).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN", "zh-TW"])
def test_on_a_phone_every_place_with_its_count_is_seen(house: House, sign_in: Callable[..., Page], locale: str) -> None:
    page = sign_in(width=390, height=844, path="/parked", locale=locale)
    page.evaluate("for (const one of document.querySelectorAll('.bar .count')) one.textContent = '128'")
    for link in page.locator(".bar nav a").all():
        box = link.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert link.evaluate("one => one.scrollWidth <= one.clientWidth + 1")
    shot(page, f"console-parked-{locale}-390")


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN", "zh-TW"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_way_that_is_chosen_has_a_round_button_in_one_frame(
    house: House, sign_in: Callable[..., Page], width: int, locale: str
) -> None:
    page = sign_in(width=width, height=844, path="/enter", locale=locale)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    radio = page.locator('.choice input[value="letter"]')
    expect(radio).to_be_focused()
    box = radio.bounding_box()
    assert box
    assert box["width"] == box["height"] < 24
    assert radio.evaluate("one => getComputedStyle(one).outlineStyle") == "none"
    shot(page, f"console-enter-{locale}-{width}")


def test_a_long_name_and_subject_leave_a_phone_room_for_what_was_said(
    house: House, sign_in: Callable[..., Page]
) -> None:
    key = new_id()[:8]
    name = f"{key} somebody who has many given names von und zu Hohenstein-Schillingsfürst the Younger of Somewhere"
    subject = "Re: Fwd: Re: A very long subject that goes on and on about the service at the branch in the station and the queue"
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = f'"{name}" <{key}@example.org>', subject, f"<{key}@example.org>"
    mail.set_content("You took 400 CNY from my account in Hull on 3 November. I want it back.")
    house.mail(mail)
    page = sign_in(width=390, height=844)
    page.locator("qt-queue .tabs button, qt-queue [role=tab]").last.click()
    page.locator("qt-queue .rows a, qt-queue a", has_text=key).first.click()
    head = page.locator("qt-conversation .head")
    expect(head).to_contain_text(key)
    box = head.bounding_box()
    assert box
    assert box["height"] < 844 / 4
    expect(head.locator("h2")).to_have_attribute("title", name)
    shot(page, "console-long-390")


def shot(page: Page, name: str) -> None:
    """A picture for whoever wants to look: into the folder that QINGTING_TEST_SCREENSHOTS names."""
    folder = os.environ.get("QINGTING_TEST_SCREENSHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing(house: House, sign_in: Callable[..., Page], scheme: str, width: int) -> None:
    seat = house.chat("I complain: your branch charged me a fee of 300 CNY twice", locale="en")
    urgent = house.chat("你们逼得我今晚就从楼上跳下去，我不想活了")
    house.write(tasks.add, occasion=new_id(), kind="call_back", words="Call 13800138000")
    page = sign_in(width=width, color_scheme=scheme, bypass_csp=True)
    expect(page.locator(f'.alarm[href$="{urgent.conversation}"]')).to_be_visible()
    found = _violations(page)
    talk(page, seat)
    expect(page.locator("qt-case .steps li").first).to_be_attached()
    found += _violations(page)
    page.keyboard.press("c")
    page.locator("qt-case .actions button").first.click()
    found += _violations(page)
    page.keyboard.press("Escape")
    for place in ("cases", "tasks", "parked"):
        page.locator(f'nav a[data-place="{place}"]').click()
        expect(page.locator(f"qt-{place}")).to_be_visible()
        found += _violations(page)
    assert found == []


def _violations(page: Page) -> list[str]:
    page.wait_for_timeout(150)  # colours of a page that has just changed
    results = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert results.response["passes"], "axe has looked at nothing"
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in results.response["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize(("locale", "waiting"), [("zh-CN", "等待中"), ("zh-HK", "等待中"), ("en-GB", "Waiting")])
def test_the_console_speaks_the_language_of_the_browser_until_told_otherwise(
    house: House, sign_in: Callable[..., Page], locale: str, waiting: str
) -> None:
    page = sign_in(locale=locale)
    expect(page.locator("#tab-queue")).to_contain_text(waiting)
    page.locator(".bar select").select_option("zh-Hant")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")
    expect(page.locator("#tab-bot")).to_contain_text("機器人")


def test_keys_move_through_the_list_and_never_out_of_what_is_written(
    house: House, sign_in: Callable[..., Page]
) -> None:
    for text in ("About a fee", "About a card"):
        house.waits(house.chat(text, locale="en"))
    page = sign_in()
    expect(page.locator("qt-queue .rows a").nth(1)).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("qt-queue .rows a").nth(1)).to_have_attribute("aria-current", "true")
    page.keyboard.press("k")
    expect(page.locator("qt-queue .rows a").nth(0)).to_have_attribute("aria-current", "true")
    expect(page.locator("qt-conversation textarea")).to_be_visible()
    page.keyboard.press("r")
    page.keyboard.type("jump to it?")
    expect(page.locator("qt-conversation textarea")).to_have_value("jump to it?")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Take over")


def test_two_hundred_conversations_are_fetched_by_the_page_and_one_change_fetches_one(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seats = [house.do(Chat(house.gateway).begin(None, "en")) for _ in range(200)]
    for seat in seats:
        house.write(_opened, seat.conversation)
    page = sign_in()
    expect(page.locator("qt-queue .rows a").nth(199)).to_be_attached()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.partition("/api/v1")[2]))
    house.waits(seats[7], "abuse")
    expect(row(page, seats[7])).to_contain_text("abusive words")
    assert asked == [f"/conversations/{seats[7].conversation}"]


def _opened(tx: Transaction, id: str) -> None:
    opening = conversations.NewConversation(id, "webchat", "webchat", "en", customer=f"Customer {id[-4:]}")
    conversations.open_conversation(tx, opening)
    wait_for_person(tx, id, "asked", False)
