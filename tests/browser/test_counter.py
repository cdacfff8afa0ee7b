"""Entering a letter with its scan, printing its receipt, calls and letters, in a real browser before a real gateway."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from case_store import papers, tasks
from case_store.ids import new_id
from case_store.store import Transaction
from case_store.tasks import Deed
from gateway import telling
from tests.browser.axe import found_by_axe
from tests.browser.conftest import Visit
from tests.browser.console_house import House
from tests.browser.console_pages import looks, shot, signed_in, violations
from tests.browser.desks import Desks
from tests.pictures import picture

pytestmark = pytest.mark.browser

SCAN = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 40
STORY = "上周在滨江支行买的理财亏了两万三千元，客户经理说是保本的。"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = House(tmp_path_factory.mktemp("counter"))
    yield opened
    opened.close()


@pytest.fixture
def sign_in(house: House, visit: Visit, desks: Desks) -> Callable[..., Page]:
    def open_one(path: str = "/enter", *, width: int = 1280, **more: Any) -> Page:
        return signed_in(house, visit, desks, "lin.yue", path=path, width=width, **more)

    return open_one


def fetched(page: Page, link: str) -> bytes:
    """What stands behind a link that opens another tab: the browser of these tests has no reader for it."""
    answer = page.request.get(link)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/pdf"
    return answer.body()


def text_of(pdf: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages)


def test_a_letter_is_entered_with_its_scan_and_its_receipt_printed(house: House, sign_in: Any) -> None:
    page = sign_in()
    page.get_by_label("Received on").fill("2026-11-20T10:05")
    page.get_by_label("The customer's language").select_option("zh-Hans")
    page.get_by_label(re.compile("What is complained about")).fill(STORY)
    page.get_by_label("Name", exact=True).fill("江敏")
    page.get_by_label(re.compile("Postal address")).fill("上海市浦东新区\n世纪大道 100 号")
    page.get_by_label("Amount").fill("23,000")
    page.get_by_label("Somebody speaks for the complainant").check()
    page.get_by_label("Name of the proxy").fill("江小敏")
    page.get_by_label("Relation").fill("女儿")
    page.locator('.drop input[type="file"][multiple]').last.set_input_files(
        {"name": "来信.jpg", "mimeType": "image/jpeg", "buffer": SCAN}
    )
    expect(page.locator(".chosen").last).to_contain_text("来信.jpg")
    page.keyboard.press("Control+Enter")
    number = page.locator(".registered .big")
    expect(number).to_have_text(re.compile(r"C\d{8}-\d{6}-\d"))
    case = _case(house, number.inner_text())
    assert case.received_at.isoformat() == "2026-11-20T02:05:00+00:00"
    assert (case.language, case.mandate, str(case.facts.amount.value)) == ("zh-Hans", "missing", "23000.00")
    kept = house.do(house.gateway.store.read(papers.papers_of, case.id))
    assert [(file.name, file.size, file.media_type) for file in kept.files] == [("来信.jpg", len(SCAN), "image/jpeg")]
    link = page.get_by_role("link", name="Print the receipt")
    expect(link).to_be_focused()
    printed = text_of(fetched(page, house.url.removesuffix("/console") + str(link.get_attribute("href"))))
    assert case.reference in printed
    assert "还没有收到授权委托书" in printed
    assert "保本" not in printed  # no facts for a proxy whose mandate is missing
    page.get_by_role("button", name="The receipt is handed over").click()
    expect(page.locator(".registered")).to_contain_text("Noted that the receipt was handed over")
    page.get_by_role("link", name="Open the case").click()
    shown = page.locator("qt-case")
    expect(shown.locator(".flag.danger")).to_contain_text("江小敏 speaks for the complainant without a mandate")
    expect(shown.locator("ul.files")).to_contain_text("来信.jpg")
    expect(shown.locator(".steps")).to_contain_text("Customer told (handed over)")


def _case(house: House, reference: str) -> Any:
    from case_store import cases

    return house.do(house.gateway.store.read(cases.get, reference))


def test_what_is_missing_or_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    house: House, sign_in: Any
) -> None:
    page = sign_in()
    page.get_by_role("button", name="Save and register").click()
    expect(page.get_by_label(re.compile("What is complained about"))).to_be_focused()
    page.get_by_label(re.compile("What is complained about")).fill(STORY)
    page.get_by_label("Contact").fill("not an address")
    page.get_by_role("button", name="Save and register").click()
    expect(page.get_by_label("Contact")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Contact")).to_be_focused()
    page.get_by_label("Several people complain together").check()
    for _ in range(4):
        page.get_by_role("button", name="Add a representative").click()
    expect(page.get_by_text("at most five people")).to_be_visible()
    expect(page.get_by_role("button", name="Add a representative")).to_be_hidden()
    page.get_by_label("Representative 5", exact=True).fill("陳大文")
    page.reload()
    expect(page.get_by_label(re.compile("What is complained about"))).to_have_value(STORY)
    expect(page.get_by_label("Representative 1", exact=True)).to_have_value("陳大文")
    page.get_by_role("button", name="Clear the form").click()
    expect(page.get_by_label(re.compile("What is complained about"))).to_have_value("")


def test_a_connection_that_is_lost_while_saving_enters_nothing_twice(house: House, sign_in: Any) -> None:
    page = sign_in()
    story = f"{STORY}{new_id()}"
    page.get_by_label(re.compile("What is complained about")).fill(story)
    lost: list[str] = []

    def taken_but_not_answered(route: Any) -> None:
        lost.append(route.request.url)
        route.fetch()
        route.abort()

    page.route("**/api/v1/intake", taken_but_not_answered)
    page.get_by_role("button", name="Save and register").click()
    expect(page.locator(".entry > .said")).to_contain_text("it will not be entered twice")
    page.unroute("**/api/v1/intake")
    page.get_by_role("button", name="Save and register").click()
    expect(page.locator(".registered .big")).to_be_visible()
    assert lost
    assert house.do(house.gateway.store.read(_with_text, story)) == 1


def _with_text(tx: Transaction, text: str) -> int:
    import sqlalchemy as sa

    from case_store.tables_conversations import messages

    return int(tx.execute(sa.select(sa.func.count()).where(messages.c.text == text)).scalar_one())


def test_a_call_that_reaches_nobody_is_tried_again_and_a_letter_printed_and_posted(house: House, sign_in: Any) -> None:
    page = sign_in()
    page.get_by_label(re.compile("What is complained about")).fill(STORY)
    page.get_by_label("Contact").fill("139 0000 1111")
    page.keyboard.press("Control+Enter")
    number = page.locator(".registered .big").inner_text()
    page.get_by_role("link", name=re.compile("^Tasks")).click()
    card = page.locator(".card", has_text=number)
    expect(card.get_by_role("link", name="+8613900001111")).to_have_attribute("href", "tel:+8613900001111")
    card.get_by_role("textbox").fill("No answer")
    card.get_by_role("button", name="Not reached").click()
    expect(page.locator("qt-tasks .said").first).to_contain_text("Noted. Next try")
    expect(card).to_contain_text("1 tries; next")
    case = _case(house, number)
    house.write(tasks.add, occasion=new_id(), kind="letter", words="已经登记，编号见上。", case_id=case.id)
    letter = page.locator(".card", has_text="已经登记，编号见上。")
    letter.get_by_text("Postal address", exact=True).last.click()
    letter.get_by_label("Postal address").fill("上海市浦东新区\n世纪大道 100 号")
    letter.get_by_role("button", name="Save").click()
    expect(letter.locator(".fields")).to_contain_text("世纪大道 100 号")
    link = letter.get_by_role("link", name="Print the letter")
    printed = text_of(fetched(page, house.url.removesuffix("/console") + str(link.get_attribute("href"))))
    assert "世纪大道100号" in printed
    assert "已经登记，编号见上。" in printed
    letter.get_by_role("button", name="Done").click()
    expect(letter).to_have_count(0)


def test_words_to_a_customer_of_a_letter_lead_to_the_task_that_tells_them_and_stand_as_told_after_it(
    house: House, sign_in: Any
) -> None:
    page = sign_in()
    page.get_by_label(re.compile("What is complained about")).fill(STORY)
    page.get_by_label("Contact").fill("139 0000 2222")
    page.keyboard.press("Control+Enter")
    number = page.locator(".registered .big").inner_text()
    page.get_by_role("link", name="Open the case").click()
    page.get_by_role("link", name="Open the conversation").click()
    page.get_by_label("Reply to the customer").fill("请把合同的复印件寄给我们。")
    page.get_by_role("button", name="Send", exact=True).click()
    bubble = page.locator(".message.agent", has_text="请把合同的复印件寄给我们。")
    expect(bubble.locator(".delivery")).to_contain_text("to be told by telephone")
    there = page.url
    bubble.get_by_role("link", name="Open the task").click()
    card = page.locator(".card", has_text="请把合同的复印件寄给我们。")
    expect(card).to_be_focused()
    expect(card).to_be_in_viewport()
    expect(card).to_contain_text(number)
    page.go_back()
    expect(page).to_have_url(there)
    expect(bubble.locator(".delivery")).to_contain_text("to be told by telephone")
    task = house.do(house.gateway.store.read(_task_of, "请把合同的复印件寄给我们。"))
    house.write(telling.done, task, Deed("called", datetime.now(UTC), "", "agent:Megan Howe"))  # a colleague, meanwhile
    expect(bubble.locator(".delivery")).to_contain_text("told · by telephone")
    page.get_by_role("button", name="History").click()
    history = page.get_by_role("dialog", name="History of this conversation")
    expect(history.locator(".steps")).to_contain_text("The conversation was taken over")
    expect(history.locator(".steps")).to_contain_text("林悦")
    expect(history.locator(".steps")).not_to_contain_text(STORY)
    assert found_by_axe(page) == []


def _task_of(tx: Transaction, words: str) -> str:
    return next(task.id for task in tasks.open_tasks(tx) if task.words == words)


def test_a_complaint_is_withdrawn_with_day_way_and_who(house: House, sign_in: Any) -> None:
    page = sign_in()
    page.get_by_label(re.compile("What is complained about")).fill(STORY)
    page.keyboard.press("Control+Enter")
    page.get_by_role("link", name="Open the case").click()
    page.get_by_role("button", name="Withdraw …").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("How").select_option("letter")
    dialog.get_by_label(re.compile("Who said so")).fill("江小敏")
    dialog.get_by_role("button", name="Withdraw").click()
    expect(page.locator("qt-case .head")).to_contain_text("Withdrawn")
    expect(page.locator("qt-case .papers")).to_contain_text(re.compile("By letter, 江小敏"))
    expect(page.get_by_role("button", name="Withdraw …")).to_have_count(0)


MISSING = {
    "en-GB": ("Please fill this in.", "Please fill in: Name of the proxy"),
    "zh-CN": ("请填写这一项。", "请填写：代理人姓名"),
    "zh-TW": ("請填寫這一項。", "請填寫：代理人姓名"),
}


@pytest.mark.parametrize("locale", MISSING)
def test_what_is_missing_is_told_in_words_and_no_more_once_it_is_there(house: House, sign_in: Any, locale: str) -> None:
    field, dialog_says = MISSING[locale]
    page = sign_in(locale=locale)
    story = page.locator('[name="what_happened"]')
    story.press("Control+Enter")
    expect(story).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".entry .input .said", has_text=field)).to_have_count(1)
    for _, look in looks(page):
        shot(page, f"enter-missing-{locale}-{look}")
    story.fill(STORY)
    expect(story).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator(".entry .said:not(:empty)")).to_have_count(0)
    page.keyboard.press("Control+Enter")
    page.locator('.registered a[href^="/console/cases/"]').click()
    page.locator('[data-act="name_proxy"]').click()
    page.locator("dialog button.strong").click()
    expect(page.locator("dialog .said").last).to_have_text(dialog_says)
    for _, look in looks(page):
        shot(page, f"dialog-missing-{locale}-{look}")


def test_after_a_dialog_of_the_papers_the_keyboard_stands_where_it_was(house: House, sign_in: Any) -> None:
    page = sign_in()
    page.get_by_label(re.compile("What is complained about")).fill(STORY)
    page.get_by_label("Somebody speaks for the complainant").check()
    page.get_by_label("Name of the proxy").fill("江小敏")
    page.keyboard.press("Control+Enter")
    page.get_by_role("link", name="Open the case").click()
    page.get_by_role("button", name="Mandate came …").press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.locator('input[type="file"]').first.set_input_files(
        {"name": "mandate.png", "mimeType": "image/png", "buffer": picture()}
    )
    dialog.get_by_role("button", name="Save").press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.locator("qt-case .papers")).to_contain_text("mandate there")
    expect(page.get_by_role("button", name="Mandate came …")).to_be_focused()


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_overflows(house: House, sign_in: Any, width: int) -> None:
    def sound() -> None:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert violations(page) == [], scheme

    page = sign_in(width=width, has_touch=width == 390)
    page.get_by_label("Somebody speaks for the complainant").check()
    page.get_by_label("Several people complain together").check()
    sound()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_label(re.compile("What is complained about")).fill(STORY)
    page.get_by_label("Name of the proxy").fill("江小敏")
    page.get_by_role("button", name="Save and register").click()
    expect(page.locator(".registered")).to_be_visible()
    sound()
    page.get_by_role("link", name="Open the case").click()
    expect(page.locator("qt-case .papers .field").first).to_be_visible()
    sound()
    page.get_by_role("button", name="Mandate came …").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    sound()
    page.keyboard.press("Escape")
    page.locator('nav a[data-place="tasks"]').click()
    expect(page.locator("qt-tasks .card").first).to_be_visible()
    sound()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_phone_offers_its_camera(house: House, sign_in: Any) -> None:
    page = sign_in(width=390, has_touch=True, is_mobile=True)
    camera = page.locator('input[type="file"][capture="environment"]').last
    expect(page.get_by_role("button", name="Take a photo").last).to_be_visible()
    camera.set_input_files({"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": SCAN})
    expect(page.locator(".chosen").last).to_contain_text("photo.jpg")
    page.get_by_role("button", name="Remove photo.jpg").click()
    expect(page.locator(".chosen").last.locator("li")).to_have_count(0)


def test_files_are_dropped_where_they_belong(house: House, sign_in: Any) -> None:
    page = sign_in()
    data = page.evaluate_handle(
        "() => { const data = new DataTransfer(); data.items.add(new File(['x'], 'dropped.pdf')); return data; }"
    )
    page.locator(".drop").last.dispatch_event("drop", {"dataTransfer": data})
    expect(page.locator(".chosen").last).to_contain_text("dropped.pdf")
