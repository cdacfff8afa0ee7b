"""What a record rests on, cases of one matter, and hints while an agent writes, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from playwright.sync_api import Locator, Page, expect

from case_store.ids import new_id
from tests.browser.console_house import House
from tests.browser.console_pages import house, opens_mailed, shared, sign_in, talk

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser


def field(page: Page, title: str) -> Locator:
    return page.locator(f'qt-case .field:has(dt:text-is("{title}"))')


# evidence ---------------------------------------------------------------------------------------------------------


def test_each_fact_leads_to_the_words_it_was_read_from(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("你好", "我气死了，10月20号在你们城东支行买的理财亏了三万五😡，当时说保本的")
    page = sign_in(locale="en-GB")
    shown = talk(page, seat)
    field(page, "Amount").get_by_role("link").click()
    expect(shown.locator("mark")).to_have_text("三万五")
    expect(shown.locator("mark")).to_be_focused()
    expect(page).to_have_url(re.compile("#words="))
    heard = page.locator("qt-case .heard")
    expect(heard).to_contain_text("Feels: angry")
    heard.locator(".emotion").get_by_role("link").click()
    expect(shown.locator("mark")).to_have_text("气死")
    assert shown.locator("mark").count() == 1
    category = field(page, "Category")
    expect(category.locator("q")).to_have_text("说保本")


def test_the_address_of_words_can_be_sent_to_a_colleague(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("我要投诉：柜台态度恶劣，骂我", "扣了我1800元年费")
    page = sign_in("megan")
    talk(page, seat)
    field(page, "Amount").get_by_role("link").first.click()
    expect(page.locator("mark")).to_be_visible()
    address = page.url.removeprefix(house.url)
    other = sign_in("lin.yue", path=address, locale="zh-CN")
    expect(other.locator("qt-conversation mark")).to_have_text("1800元")


def test_a_correction_stays_marked_with_who_and_when_and_what_it_was(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = house.chat("我要投诉，11月2号信用卡扣了我年费1800元，说好免的")
    page = sign_in("megan", locale="en-GB")
    talk(page, seat)
    amount = field(page, "Amount")
    amount.get_by_role("button", name="Change").click()
    amount.locator("input").fill("1900")
    amount.get_by_role("button", name="Save").click()
    expect(amount.locator(".corrected")).to_contain_text("Corrected by Megan Howe (before: CNY\u00a01,800.00)")
    expect(amount.locator(".corrected time")).to_have_count(1)
    expect(amount).to_contain_text("Read at first from: 1800元")
    risk = field(page, "Risk")
    risk.get_by_role("button", name="Change").click()
    risk.locator("select").select_option("major")
    risk.get_by_role("button", name="Save").click()
    expect(risk.locator(".corrected")).to_contain_text("Corrected by Megan Howe (before: Minor)")
    expect(risk).to_contain_text("First judged “Minor”")


# one matter told twice --------------------------------------------------------------------------------------------


def test_how_to_be_reached_stands_before_everything_else_of_the_case(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = house.chat("我要投诉，11月2号城南支行拿我身份证贷了15万，我根本没签字", "别打我家座机，我老公不知道")
    page = sign_in(locale="en-GB")
    talk(page, seat)
    flag = page.locator("qt-case .flags .flag.danger")
    expect(flag).to_contain_text("Read before contacting the customer:")
    expect(flag.locator("q")).to_have_text("别打我家座机，我老公不知道")


def told_twice(house: House, name: str, phone: str, amount: str) -> str:
    """A matter by chat, then by mail in other words; the id of the case by mail."""
    seat = house.chat(
        f"我要投诉，11月2号你们扣了我信用卡年费{amount}元，办卡的时候说好刷满六次就免",
        "全额退还",
        f"{name} {phone}",
        "对",
    )
    mail = EmailMessage()
    mail["From"], mail["Subject"] = f"{name} <{new_id()}@example.com>", "投诉：信用卡年费"
    mail["Message-ID"], mail["Date"] = f"<{new_id()}@example.com>", "Mon, 16 Nov 2026 10:00:00 +0800"
    mail.set_content(f"11月2日贵行信用卡扣收年费{amount}元，开卡时承诺消费六笔免年费，请退还。{name}，电话{phone}")
    house.mail(mail)
    return seat.conversation


def open_mailed(page: Page, name: str) -> None:
    page.locator("#tab-all").click()
    by_mail = re.compile(f"{name}.*(mail|邮|郵)|(mail|邮|郵).*{name}", re.IGNORECASE | re.DOTALL)
    opens_mailed(page.get_by_role("link", name=by_mail).first)
    expect(page.locator("qt-case .pair").first).to_be_visible()


def test_one_matter_is_suggested_with_reasons_and_an_agent_says_so(house: House, sign_in: Callable[..., Page]) -> None:
    page = sign_in("megan", locale="en-GB")
    told_twice(house, "王建国", "13812345678", "1860")
    open_mailed(page, "王建国")
    pair = page.locator("qt-case .pair.suggested")
    expect(pair).to_contain_text("Probably the same matter: C")
    expect(pair.locator(".agrees")).to_contain_text(["Same sum: 1,860.00 CNY"])
    pair.get_by_role("button", name="The same matter").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("textarea")).to_have_value(re.compile("Same sum"))
    dialog.get_by_role("button", name="The same matter").click()
    same = page.locator("qt-case .pair.same")
    expect(same).to_contain_text("Megan Howe: ")
    expect(page.locator("qt-case .steps")).to_contain_text("The same matter as C")
    other = same.get_by_role("link")
    other.click()
    expect(page.locator("qt-case .pair.same")).to_contain_text("Megan Howe")  # both records say so
    expect(page.locator("qt-case .reference")).to_have_text(re.compile("^C"))


def test_what_is_not_the_same_is_put_away_and_can_be_decided_otherwise(
    house: House, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("megan", locale="en-GB")
    told_twice(house, "赵晓明", "13712340000", "2730")
    open_mailed(page, "赵晓明")
    page.locator("qt-case .pair.suggested").get_by_role("button", name="Not the same").click()
    expect(page.locator("qt-case .pair.suggested")).to_have_count(0)
    page.get_by_text("Not the same matter (1)").click()
    expect(page.locator("qt-case .pair.different")).to_contain_text("Megan Howe: no reason given")
    page.locator("qt-case .pair.different").get_by_role("button", name="The same matter").click()
    page.get_by_role("dialog").locator("textarea").fill("the caller said so")
    page.get_by_role("dialog").get_by_role("button", name="The same matter").click()
    expect(page.locator("qt-case .pair.same")).to_contain_text("the caller said so")


# hints ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "said", "code", "told"),
    [
        ("en-GB", "我们会尽快给您答复。", "vague_time", "Name a day or an hour"),
        ("zh-CN", "请您放心！", "promised_outcome", "客户会把它当成承诺"),
        ("zh-TW", "您应该看清合同。", "blame", "讀起來像在怪客戶"),
    ],
)
def test_hints_come_while_an_agent_writes_in_the_agents_language(
    house: House, sign_in: Callable[..., Page], locale: str, said: str, code: str, told: str
) -> None:
    seat = house.chat("我要投诉，柜台态度恶劣")
    page = sign_in(locale=locale)
    shown = talk(page, seat)
    shown.locator("textarea#reply").fill(said)
    hint = shown.locator(f'.hints [data-code="{code}"]')
    expect(hint).to_contain_text(told)
    shown.locator(".composer button[type=submit]").click()  # a hint never stands in the way
    expect(shown.locator(".message.agent .text")).to_have_text(said)
    expect(shown.locator(".hints li")).to_have_count(0)


def test_a_hint_is_found_in_the_reply_and_can_be_dismissed(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("我要投诉，柜台态度恶劣")
    page = sign_in(locale="en-GB")
    shown = talk(page, seat)
    reply = shown.locator("textarea#reply")
    reply.fill("😀 我们会尽快答复，稍后联系您。")
    hints = shown.locator(".hints li")
    expect(hints).to_have_count(2)
    hints.first.get_by_role("button", name="尽快").first.click()
    chosen = page.evaluate(
        "(({ value, selectionStart, selectionEnd }) => value.slice(selectionStart, selectionEnd))(document.activeElement)"
    )
    assert chosen == "尽快"
    hints.first.get_by_role("button", name="Do not show this hint again: 尽快").click()
    expect(hints).to_have_count(1)
    reply.press("End")
    reply.press_sequentially("谢谢")
    reply.press_sequentially("！")
    expect(shown.locator('.hints [data-code="raised_voice"]')).to_be_visible()  # looked at again, and
    expect(hints).to_have_count(2)
    expect(shown.locator(".hints")).not_to_contain_text("尽快")


def test_a_reply_is_sent_though_no_hint_can_be_had(house: House, sign_in: Callable[..., Page]) -> None:
    seat = house.chat("我要投诉，柜台态度恶劣")
    page = sign_in(locale="en-GB")
    page.route("**/api/v1/wording", lambda route: route.abort())
    shown = talk(page, seat)
    shown.locator("textarea#reply").fill("我们会尽快答复。")
    shown.locator(".composer button[type=submit]").click()
    expect(shown.locator(".message.agent .text")).to_have_text("我们会尽快答复。")
    expect(shown.locator(".composer .said")).to_have_text("")
