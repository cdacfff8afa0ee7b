"""The customers' page and the widget in a real browser: with script and without, by keyboard, on another site, on a phone."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.axe import found_by_axe

pytestmark = pytest.mark.browser

REFERENCE = re.compile(r"C\d{8}-\d{6,}-\d")
PHONE = {"width": 390, "height": 844}
STORY = "You took a fee of £30 from my account on 28 October and nobody told me"


def chat_of(page: Any) -> Any:
    """The widget's frame. Its shadow root is closed, so no selector of the page finds it."""
    page.wait_for_function("() => true")
    for _ in range(600):
        frame = next((frame for frame in page.frames if "/chat?" in frame.url), None)
        if frame is not None:
            frame.wait_for_load_state()
            return frame
        page.wait_for_timeout(100)
    raise AssertionError("the chat's frame has not come")


# --- the form


def test_a_complaint_without_script_is_corrected_sent_and_looked_up(gateway: Any, visit: Any) -> None:
    page = visit(f"{gateway.url}/?lang=en", java_script_enabled=False)
    page.locator("#what_happened").fill(STORY)
    page.locator("#name").fill('Daniel "Dan" <Reyes>')
    page.locator("#contact").fill("not an address")
    page.get_by_role("button", name="Send the complaint").click()
    expect(page.locator("#contact-error")).to_contain_text("complete email address")
    expect(page.locator("#what_happened")).to_have_value(STORY)
    expect(page.locator("#name")).to_have_value('Daniel "Dan" <Reyes>')
    page.locator("#contact").fill("Dan@Example.org")
    page.get_by_role("button", name="Send the complaint").click()
    expect(page.get_by_role("heading", name="Your complaint is registered")).to_be_visible()
    found = REFERENCE.search(page.locator(".reference").inner_text())
    assert found
    page.goto(f"{gateway.url}/?lang=en")
    page.locator("#status-reference").fill(found[0].lower().replace("-", " "))
    page.locator("#status-contact").fill("dan@example.org")
    page.get_by_role("button", name="Look up", exact=True).click()
    expect(page.locator("[data-found]")).to_contain_text("Registered, waiting to be looked into")
    page.locator("#status-contact").fill("someone@example.org")
    page.get_by_role("button", name="Look up", exact=True).click()
    expect(page.locator("[data-found]")).to_contain_text("No complaint matches both entries")


def test_errors_stand_at_their_fields_and_nothing_typed_is_lost(gateway: Any, visit: Any) -> None:
    page = visit(f"{gateway.url}/?lang=en")
    page.locator("#contact").fill("not an address")
    page.get_by_role("button", name="Send the complaint").click()
    expect(page.locator("#what_happened")).to_be_focused()
    expect(page.locator("#what_happened")).to_have_accessible_description(re.compile("Please tell us what happened"))
    page.locator("#what_happened").fill(STORY)
    expect(page.locator("#what_happened-error")).to_have_count(0)
    page.get_by_role("button", name="Send the complaint").click()
    expect(page.locator("#contact-error")).to_be_visible()
    page.reload()
    expect(page.locator("#what_happened")).to_have_value(STORY)
    expect(page.locator("#contact")).to_have_value("not an address")


def test_a_complaint_whose_answer_was_lost_is_sent_again_as_the_same(gateway: Any, visit: Any) -> None:
    page = visit(f"{gateway.url}/?lang=en")
    keys: list[str] = []

    def lose_the_first(route: Any) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fetch()  # it has arrived; its answer never does
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/complaints", lose_the_first)
    page.locator("#what_happened").fill(f"{STORY}, twice")
    page.get_by_role("button", name="Send the complaint").click()
    expect(page.locator("[data-alert]")).to_contain_text("has not been sent")
    page.get_by_role("button", name="Send the complaint").click()
    expect(page.locator("[data-receipt]")).to_be_focused()
    expect(page.locator("[data-show=reference]")).to_have_text(REFERENCE)
    for told in page.locator("[data-no-contact]").all():
        expect(told).to_be_visible()
    expect(page.locator("[data-with-contact]")).to_be_hidden()  # nobody is promised a result who can't be reached
    assert len(keys) == 2
    assert keys[0] == keys[1]
    page.reload()
    expect(page.locator("#what_happened")).to_have_value("")


def test_a_server_that_cannot_store_says_so_and_the_text_stays(gateway: Any, visit: Any) -> None:
    page = visit(f"{gateway.url}/?lang=en")
    page.route(
        "**/api/v1/complaints", lambda route: route.fulfill(status=503, headers={"Retry-After": "7"}, body="<html>")
    )
    page.locator("#what_happened").fill(STORY)
    page.get_by_role("button", name="Send the complaint").click()
    expect(page.locator("[data-alert]")).to_contain_text("send it again in 7 seconds")
    expect(page.locator("#what_happened")).to_have_value(STORY)


@pytest.mark.parametrize(
    ("reference", "contact", "told"),
    [
        ("C20261123-000421-9", "a@example.org", "One digit of this number seems to be wrong"),
        ("C20261123-000421-4", "a@example.org", "No complaint matches both entries"),
        ("", "a@example.org", "Please fill in both"),
    ],
)
def test_a_look_up_tells_why_it_found_nothing(
    gateway: Any, visit: Any, reference: str, contact: str, told: str
) -> None:
    page = visit(f"{gateway.url}/?lang=en")
    page.locator("#status-reference").fill(reference)
    page.locator("#status-contact").fill(contact)
    page.locator("#status-contact").press("Enter")
    expect(page.locator("[data-found]")).to_contain_text(told)


# --- everybody


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/?lang=zh-Hans", "/?lang=en", "/chat?lang=zh-Hant", "/thanks?lang=en"])
def test_no_barrier_that_axe_can_find(gateway: Any, visit: Any, path: str, scheme: str) -> None:
    page = visit(f"{gateway.url}{path}", color_scheme=scheme)
    if path.startswith("/chat"):
        page.locator("#text").fill("https://bank.example 年费")
        page.locator("#text").press("Enter")
        expect(page.locator(".message.bot")).not_to_have_count(0)
        expect(page.locator(".message.mine .state")).to_have_text(re.compile("已保存|已讀"))
    assert found_by_axe(page) == []


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
@pytest.mark.parametrize("path", ["/", "/chat", "/thanks"])
def test_nothing_is_wider_than_a_phone(gateway: Any, visit: Any, path: str, language: str) -> None:
    page = visit(f"{gateway.url}{path}?lang={language}", viewport={"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_chat_by_keyboard_alone(gateway: Any, visit: Any) -> None:
    page = visit(f"{gateway.url}/?lang=en")
    page.wait_for_function("window.Qingting")
    page.locator("#privacy").evaluate("element => { element.tabIndex = -1; element.focus(); }")
    for _ in range(5):  # past the links of the footer to the button
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.localName") == "qingting-chat":
            break
    page.keyboard.press("Enter")
    chat = chat_of(page)
    expect(chat.locator("#text")).to_be_focused()
    page.keyboard.type("by keyboard")
    page.keyboard.press("Enter")
    expect(chat.locator(".message.mine .state")).to_have_text(re.compile("Stored|Read"))
    expect(chat.locator("#text")).to_be_focused()
    page.keyboard.press("Escape")
    page.wait_for_function("document.activeElement.localName === 'qingting-chat'")
    chat.frame_element().wait_for_element_state(
        "hidden"
    )  # the frame stands in that element too, so focus alone tells nothing
    page.keyboard.press("Enter")
    expect(chat.locator("#text")).to_be_focused()


# --- the widget on another site


def test_the_widget_works_on_another_site_which_cannot_read_it(gateway: Any, visit: Any, site: Any) -> None:
    site.embed(gateway.url)
    page = visit(site.url)
    page.wait_for_function("window.Qingting")
    assert page.evaluate("document.querySelector('qingting-chat').shadowRoot") is None
    assert page.evaluate("window.frames.length") == 0
    page.evaluate("addEventListener('message', ({ source }) => { window.chat = source; })")
    page.evaluate("Qingting.open()")
    chat = chat_of(page)
    chat.locator("#text").fill("from another site")
    chat.locator("#text").press("Enter")
    expect(chat.locator(".message.mine .state")).to_have_text(re.compile("Stored|Read"))
    page.wait_for_function("window.chat")  # the page can't even find the frame: it has heard from it by a message
    for read in ("document.body.innerText", "localStorage.length", "location.href"):
        tried = f"(() => {{ try {{ return window.chat.{read} }} catch (error) {{ return error.name }} }})()"
        assert page.evaluate(tried) == "SecurityError"
    assert chat.evaluate("(() => { try { return parent.document.title } catch (error) { return error.name } })()") == (
        "SecurityError"
    )


def test_the_widget_counts_what_came_while_it_was_closed(gateway: Any, visit: Any, site: Any, agent: Any) -> None:
    site.embed(gateway.url)
    page = visit(site.url)
    page.wait_for_function("window.Qingting")
    page.evaluate("window.told = []; addEventListener('message', ({ data }) => told.push(data))")
    page.evaluate("Qingting.open()")
    chat = chat_of(page)
    chat.locator("#text").fill("answer me while I read the other page")
    chat.locator("#text").press("Enter")
    expect(chat.locator(".message.mine .state")).to_have_text(re.compile("Stored|Read"))
    conversation = agent.conversation_with("answer me while I read the other page")["id"]
    agent.take_over(conversation)
    page.evaluate("Qingting.close()")
    agent.say(conversation, "Here is your answer")
    expect(chat.locator(".message.agent .said")).to_have_text("Here is your answer")
    page.wait_for_function("told.some((one) => one.qingting === 'unread' && one.count === 1)")
    page.evaluate("Qingting.open()")
    page.wait_for_function("told.at(-1).qingting === 'unread' && told.at(-1).count === 0")
    assert set().union(*(set(one) for one in page.evaluate("told"))) == {"qingting", "count"}  # no word of the chat


def test_messages_from_anybody_but_the_chat_are_ignored(gateway: Any, visit: Any, site: Any) -> None:
    site.embed(gateway.url)
    page = visit(site.url)
    page.wait_for_function("window.Qingting")
    page.evaluate("Qingting.open()")
    expect(chat_of(page).locator("#close")).to_be_visible()
    page.evaluate("postMessage({ qingting: 'close' }, '*')")
    page.wait_for_timeout(200)
    assert chat_of(page).frame_element().is_visible()
    chat_of(page).evaluate("parent.postMessage({ qingting: 'close' }, '*')")
    chat_of(page).frame_element().wait_for_element_state("hidden")


def test_a_site_that_is_not_named_cannot_show_the_chat(gateway: Any, visit: Any, site: Any) -> None:
    site.embed(gateway.url)
    page = visit(site.url.replace("127.0.0.1", "localhost"))  # to a browser another origin
    page.wait_for_function("window.Qingting")
    page.evaluate("Qingting.open()")
    page.wait_for_timeout(1000)
    assert all(frame.locator("#text").count() == 0 for frame in page.frames)


def test_on_a_phone_the_chat_fills_the_screen(gateway: Any, visit: Any, site: Any) -> None:
    site.embed(gateway.url, "zh-Hant")
    page = visit(site.url, viewport=PHONE)
    page.wait_for_function("window.Qingting")
    page.evaluate("Qingting.open()")
    chat = chat_of(page)
    expect(chat.locator("#text")).to_be_visible()
    assert chat.evaluate("[innerWidth, innerHeight]") == [PHONE["width"], PHONE["height"]]
    assert chat.evaluate("document.documentElement.lang") == "zh-Hant"


def test_the_page_sends_nothing_to_anybody_else(gateway: Any, visit: Any) -> None:
    page = visit("about:blank")
    hosts: list[str] = []
    page.on("request", lambda request: hosts.append(request.url))
    page.goto(f"{gateway.url}/?lang=en")
    page.wait_for_function("window.Qingting")
    page.evaluate("Qingting.open()")
    chat_of(page)
    assert all(host.startswith(gateway.url) for host in hosts), json.dumps(hosts)
