"""The chat in a real browser: what a customer types, sees, and gets back after a bad connection."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.console_pages import until

pytestmark = pytest.mark.browser

KEPT = re.compile("Stored|Read")
SCRIPT = '<img src=x onerror="document.title=`ran`"><script>document.title="ran"</script>'


def say(page: Any, text: str) -> None:
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")


def mine(page: Any) -> Any:
    return page.locator(".message.mine .said")


def test_a_message_is_stored_answered_and_then_read(gateway: Any, visit: Any) -> None:
    page = visit(f"{gateway.url}/chat?lang=en")
    expect(page.locator(".message.bot").first).to_contain_text("Please don't send passwords")
    say(page, "You took a fee of £30 that nobody told me about")
    expect(mine(page)).to_have_text(["You took a fee of £30 that nobody told me about"])
    expect(page.locator(".message.bot")).to_have_count(2)
    expect(page.locator(".message.mine .state")).to_have_text("Read")
    expect(page.locator("#line")).to_be_hidden()


def test_enter_that_picks_a_word_of_an_input_method_does_not_send(gateway: Any, visit: Any) -> None:
    page = visit(f"{gateway.url}/chat?lang=zh-Hans")
    page.locator("#text").focus()
    keyboard = page.context.new_cdp_session(page)
    keyboard.send("Input.imeSetComposition", {"text": "tousu", "selectionStart": 5, "selectionEnd": 5})
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229, "nativeVirtualKeyCode": 229}
    keyboard.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    page.locator("#text").dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    expect(mine(page)).to_have_count(0)
    keyboard.send("Input.insertText", {"text": "投诉"})
    assert page.locator("#text").input_value() == "投诉"
    page.locator("#text").press("Shift+Enter")
    page.locator("#text").press_sequentially("第二行")
    expect(mine(page)).to_have_count(0)
    page.locator("#text").press("Enter")
    expect(mine(page)).to_have_text(["投诉\n第二行"])


def test_what_was_typed_while_the_server_was_dead_is_sent_once_and_in_order(own_gateway: Any, visit: Any) -> None:
    page = visit(f"{own_gateway.url}/chat?lang=en")
    say(page, "before")
    expect(page.locator(".message.mine .state")).to_have_text(KEPT)
    own_gateway.kill()
    expect(page.locator("#line")).to_contain_text("kept on this device")
    say(page, "during, first")
    say(page, "during, second")
    expect(page.locator(".message.mine .state").last).to_have_text("Waiting to be sent")
    expect(page.locator(".message.mine").last.get_by_role("button", name="Try again")).to_be_visible()
    own_gateway.start()
    page.locator("#reconnect").dispatch_event("click")  # it may have connected by itself: the button is hidden then
    expect(page.locator("#line")).to_be_hidden()
    expect(page.locator('.message.mine[data-state="waiting"], .message.mine[data-state="sending"]')).to_have_count(0)
    said = ["before", "during, first", "during, second"]
    expect(mine(page)).to_have_text(said)
    page.reload()
    expect(page.locator(".message.bot").first).to_be_visible()
    expect(mine(page)).to_have_text(said)
    expect(page.locator(".message.pending")).to_have_count(0)


def test_what_was_not_sent_survives_a_reload(own_gateway: Any, visit: Any) -> None:
    page = visit(f"{own_gateway.url}/chat?lang=en")
    say(page, "first")
    expect(page.locator(".message.mine .state")).to_have_text(KEPT)
    page.route("**/chat/ws", lambda route: route.abort())
    page.route_web_socket("**/chat/ws", lambda socket: socket.close())
    page.reload()
    say(page, "typed without a connection")
    page.locator("#text").fill("half a sentence")
    page.reload()
    expect(mine(page)).to_have_text(["typed without a connection"])
    expect(page.locator("#text")).to_have_value("half a sentence")
    other = visit(f"{own_gateway.url}/chat?lang=en", context=page.context)  # a tab with a connection sends it
    expect(mine(other)).to_have_text(["first", "typed without a connection"])
    expect(other.locator(".message.pending")).to_have_count(0)


def test_an_acknowledgement_that_was_lost_does_not_double_the_message(gateway: Any, visit: Any) -> None:
    page = visit("about:blank")
    lost: list[str] = []

    def without_the_first_acknowledgement(socket: Any) -> None:
        server = socket.connect_to_server()

        def pass_on(frame: str) -> None:
            if '"accepted"' in frame and not lost:
                lost.append(frame)
                socket.close()
                server.close()
            else:
                socket.send(frame)

        server.on_message(pass_on)

    page.route_web_socket("**/chat/ws", without_the_first_acknowledgement)
    page.goto(f"{gateway.url}/chat?lang=en")
    expect(page.locator(".message.bot")).to_have_count(1)
    say(page, "only once, please")
    expect(page.locator(".message.mine .state")).to_have_text(KEPT)
    expect(mine(page)).to_have_text(["only once, please"])
    assert lost


def test_every_tab_shows_the_whole_conversation(gateway: Any, visit: Any) -> None:
    first = visit(f"{gateway.url}/chat?lang=en")
    say(first, "from the first tab")
    expect(first.locator(".message.mine .state")).to_have_text(KEPT)
    second = visit(f"{gateway.url}/chat?lang=en", context=first.context)
    expect(mine(second)).to_have_text(["from the first tab"])
    say(second, "from the second tab")
    for page in (first, second):
        expect(mine(page)).to_have_text(["from the first tab", "from the second tab"])


def test_tabs_opened_before_anything_was_said_share_one_conversation(gateway: Any, visit: Any) -> None:
    first = visit(f"{gateway.url}/chat?lang=en")
    expect(first.locator(".message.bot")).to_have_count(1)
    second = visit(f"{gateway.url}/chat?lang=en", context=first.context)
    expect(second.locator(".message.bot")).to_have_count(1)
    say(first, "one conversation")
    expect(mine(second)).to_have_text(["one conversation"])


def test_script_in_a_message_is_text_to_everybody(gateway: Any, visit: Any, agent: Any) -> None:
    page = visit(f"{gateway.url}/chat?lang=en")
    say(page, SCRIPT)
    expect(page.locator(".message.mine .state")).to_have_text(KEPT)
    conversation = agent.conversation_with(SCRIPT)["id"]
    agent.take_over(conversation)
    agent.say(conversation, f"{SCRIPT} javascript:alert(1) https://bank.example/a?b=1.")
    expect(page.locator(".message.agent .said")).to_contain_text("<img src=x onerror=")
    links = page.locator(".log a")
    expect(links).to_have_count(1)
    expect(links).to_have_attribute("href", "https://bank.example/a?b=1")
    expect(links).to_have_attribute("rel", "noopener noreferrer")
    page.reload()
    expect(page.locator(".message.agent .said")).to_contain_text("<img src=x onerror=")
    assert page.locator(".log img, .log script").count() == 0
    assert page.title() != "ran"


def test_the_customer_is_told_who_answers(gateway: Any, visit: Any, agent: Any) -> None:
    page = visit(f"{gateway.url}/chat?lang=en")
    say(page, "I would like to know who answers")
    expect(page.locator(".message.mine .state")).to_have_text(KEPT)
    conversation = agent.conversation_with("I would like to know who answers")["id"]
    agent.take_over(conversation)
    expect(
        page.locator(".note").filter(has_text="has joined")
    ).to_be_visible()  # the question may have been passed on just before
    expect(page.locator("#owner")).to_contain_text("complaints team")
    agent.say(conversation, "Good morning, I have read everything above")
    expect(page.locator(".message.agent .said")).to_have_text("Good morning, I have read everything above")


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_a_reference_number_stands_on_one_line_wherever_it_comes(gateway: Any, visit: Any, language: str) -> None:
    page = visit(f"{gateway.url}/chat?lang={language}", viewport={"width": 390, "height": 844})
    expect(page.locator(".message.bot")).to_have_count(1)
    said = " ".join("號" * filler + "C20261127-000027-4。" for filler in range(3, 16))
    page.locator("#text").fill(said)
    page.locator("#text").press("Enter")
    expect(page.locator(".message.mine .said")).to_have_text(said)
    lines = page.locator(".message.mine .whole").evaluate_all("all => all.map(one => one.getClientRects().length)")
    assert lines == [1] * 13


def test_the_reference_number_can_be_copied(gateway: Any, visit: Any) -> None:
    page = visit(f"{gateway.url}/chat?lang=en", permissions=["clipboard-read", "clipboard-write"])
    filed = {"type": "case", "reference": "C20261123-000421-4", "status": "filed", "feedback_due": "2026-12-02"}
    page = visit("about:blank", context=page.context)

    def with_a_case(socket: Any) -> None:
        server = socket.connect_to_server()

        def pass_on(frame: str) -> None:
            socket.send(frame)
            if '"session"' in frame:
                socket.send(json.dumps(filed))
                socket.send(json.dumps({**filed, "status": "in_progress"}))

        server.on_message(pass_on)

    page.route_web_socket("**/chat/ws", with_a_case)
    page.clock.install()
    page.goto(f"{gateway.url}/chat?lang=en")
    card = page.locator(".case")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("2 December 2026")
    expect(card).to_contain_text("Being looked into")
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 30)  # what the button says stands for three seconds
    card.get_by_role("button").click()
    expect(card.get_by_role("button")).to_have_text("Number copied")
    assert page.evaluate("navigator.clipboard.readText()") == "C20261123-000421-4"


def served_by(page: Page, answer: Any) -> list[dict[str, Any]]:
    """A server that knows the contract and answers each frame by `answer`; gives what the page sends."""
    heard: list[dict[str, Any]] = []

    def serve(socket: Any) -> None:
        def take(data: str) -> None:
            frame = json.loads(data)
            heard.append(frame)
            if frame["type"] == "start":
                answers: list[dict[str, Any]] = [{"type": "session", "session": "s", "conversation": "c"}]
                answers[0]["resumed"] = frame["session"] == "s"
            else:
                answers = answer(frame, heard)
            for one in answers:
                socket.send(json.dumps(one))

        socket.on_message(take)

    page.route_web_socket("**/chat/ws", serve)
    return heard


def error(frame: dict[str, Any], code: str, after: float | None = None) -> dict[str, Any]:
    return {"type": "error", "code": code, "detail": "", "client_id": frame["client_id"], "retry_after": after}


@pytest.mark.parametrize("code", ["too_fast", "unavailable"])
def test_a_message_that_is_not_taken_now_is_sent_again_under_its_own_id(gateway: Any, visit: Any, code: str) -> None:
    page = visit("about:blank")

    def answer(frame: dict[str, Any], heard: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if frame["type"] != "message":
            return []
        if sum(one["type"] == "message" for one in heard) == 1:
            return [error(frame, code, 3)]  # so long its notice can be seen
        return [{"type": "accepted", "client_id": frame["client_id"], "message": 2}]

    heard = served_by(page, answer)
    page.goto(f"{gateway.url}/chat?lang=en")
    say(page, "patience")
    expect(page.locator("#line")).to_contain_text("sent again in 3 seconds")
    expect(page.locator(".message.mine .state")).to_have_text("Stored")
    sent = [frame for frame in heard if frame["type"] == "message"]
    assert len(sent) == 2
    assert sent[0] == sent[1]


def test_a_message_that_comes_back_before_its_acknowledgement_stands_once(gateway: Any, visit: Any) -> None:
    page = visit("about:blank")

    def answer(frame: dict[str, Any], heard: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if frame["type"] != "message":
            return []
        back = {"type": "message", "message": 7, "sender": "customer", "text": frame["text"], "asks": [], "choices": []}
        return [back, {"type": "accepted", "client_id": frame["client_id"], "message": 7}]

    heard = served_by(page, answer)
    page.goto(f"{gateway.url}/chat?lang=en")
    say(page, "resumed")
    expect(page.locator(".message.pending")).to_have_count(0)
    expect(mine(page)).to_have_text(["resumed"])
    page.evaluate("dispatchEvent(new Event('offline')); dispatchEvent(new Event('online'))")
    expect(page.locator("#line")).to_be_hidden()
    started = [frame for frame in heard if frame["type"] == "start"]
    assert [(frame["session"], frame.get("last_message")) for frame in started] == [(None, None), ("s", 7)]


def test_a_refused_message_can_be_changed_and_holds_up_no_other(gateway: Any, visit: Any) -> None:
    page = visit("about:blank")

    def answer(frame: dict[str, Any], heard: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if frame["type"] != "message":
            return []
        if frame["text"] == "bad":
            return [error(frame, "bad_frame")]
        return [{"type": "accepted", "client_id": frame["client_id"], "message": len(heard)}]

    served_by(page, answer)
    page.goto(f"{gateway.url}/chat?lang=en")
    say(page, "bad")
    say(page, "good")
    expect(page.locator(".message.mine", has_text="bad").locator(".state")).to_have_text("Not sent")
    expect(page.locator(".message.mine", has_text="good").locator(".state")).to_have_text("Stored")
    page.get_by_role("button", name="Edit").click()
    expect(page.locator("#text")).to_have_value("bad")
    expect(mine(page)).to_have_text(["good"])


def test_a_choice_is_sent_with_its_label_and_its_value_and_then_gone(gateway: Any, visit: Any) -> None:
    page = visit("about:blank")
    asked = {"type": "message", "message": 1, "sender": "bot", "text": "Is that right?", "asks": ["confirm"]}
    asked |= {"choices": [{"label": "Yes, all", "value": "confirm_yes"}], "at": "2026-11-23T10:00:00+00:00"}

    def answer(frame: dict[str, Any], heard: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if frame["type"] == "message" and "choice" not in frame:
            return [{"type": "accepted", "client_id": frame["client_id"], "message": 0}, asked, asked]
        return []

    heard = served_by(page, answer)
    page.goto(f"{gateway.url}/chat?lang=en")
    say(page, "begin")
    expect(page.locator(".message.bot")).to_have_count(1)  # the same number twice is one message
    page.get_by_role("button", name="Yes, all").click()
    expect(page.locator(".choices")).to_have_count(0)
    chosen = next(frame for frame in heard if frame.get("choice"))
    assert (chosen["text"], chosen["choice"]) == ("Yes, all", "confirm_yes")


def test_typing_is_told_at_most_once_a_second_and_its_end(gateway: Any, visit: Any) -> None:
    page = visit("about:blank")
    heard = served_by(page, lambda frame, heard: [])
    page.goto(f"{gateway.url}/chat?lang=en")
    until(page, lambda: page.evaluate("localStorage.getItem('qingting.session')") == "s")  # before that nothing is told

    def told() -> list[bool]:
        return [frame["active"] for frame in heard if frame["type"] == "typing"]

    page.locator("#text").evaluate(AT_ONCE, "a quick remark")
    until(page, told)
    page.locator("#text").fill("")
    until(page, lambda: not told()[-1])
    assert told() == [True, False]


AT_ONCE = """(field, words) => {
    for (const letter of words) {
        field.value += letter;
        field.dispatchEvent(new Event("input", { bubbles: true }));
    }
}"""


def test_seen_is_told_only_of_what_the_screen_shows(gateway: Any, visit: Any) -> None:
    page = visit("about:blank", viewport={"width": 390, "height": 500})
    many = [
        {"type": "message", "message": number, "sender": "bot", "text": f"{number} " + "words " * 60, "asks": []}
        | {"choices": [], "at": "2026-11-23T10:00:00+00:00"}
        for number in range(1, 9)
    ]

    def answer(frame: dict[str, Any], heard: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return many if frame["type"] == "typing" and frame["active"] else []

    heard = served_by(page, answer)
    page.goto(f"{gateway.url}/chat?lang=en")
    expect(page.locator("#line")).to_be_hidden()  # connected: before that nothing tells that somebody types
    page.locator("#text").press_sequentially("x")
    expect(page.locator(".message.bot")).to_have_count(8)
    until_heard(page, heard, "seen", 8)
    assert max(frame["message"] for frame in heard if frame["type"] == "seen") == 8
    page.locator("#scroll").evaluate("element => { element.scrollTop = 0; }")
    page.wait_for_timeout(300)
    told = [frame["message"] for frame in heard if frame["type"] == "seen"]
    assert told == sorted(set(told))


def test_read_is_told_only_while_the_page_is_in_the_foreground(gateway: Any, visit: Any) -> None:
    """A window that lies open behind another has it on its screen, and nobody may be reading."""
    page = visit("about:blank", viewport={"width": 390, "height": 500})
    page.add_init_script("document.hasFocus = () => Boolean(window.inFront)")
    said = {"type": "message", "message": 2, "sender": "bot", "text": "When was it?", "asks": [], "choices": []}
    said["at"] = "2026-11-23T10:00:00+00:00"

    def answer(frame: dict[str, Any], heard: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [said] if frame["type"] == "typing" and frame["active"] else []

    heard = served_by(page, answer)
    page.goto(f"{gateway.url}/chat?lang=en")
    expect(page.locator("#line")).to_be_hidden()
    page.locator("#text").press_sequentially("x")
    expect(page.locator(".message.bot")).to_have_count(1)
    until_heard(page, heard, "seen", 2)
    page.wait_for_timeout(300)
    told = [(frame["type"], frame["message"]) for frame in heard if frame["type"] in ("seen", "read")]
    assert told == [("seen", 2)]
    page.evaluate(
        "() => { window.inFront = true; dispatchEvent(new Event('focus')); dispatchEvent(new Event('focus')); }"
    )
    until_heard(page, heard, "read", 2)
    page.wait_for_timeout(300)
    assert [frame["message"] for frame in heard if frame["type"] == "read"] == [2]


def until_heard(page: Page, heard: list[dict[str, Any]], type: str, message: int) -> None:
    """Waits for a frame of the page's."""
    until(page, lambda: any(frame["type"] == type and frame["message"] == message for frame in heard))


def test_a_text_that_is_too_long_is_told_before_it_is_sent(gateway: Any, visit: Any) -> None:
    page = visit(f"{gateway.url}/chat?lang=en")
    page.locator("#text").fill("x" * 7990)
    expect(page.locator("#counter")).to_have_text("10 characters left")
    page.locator("#text").fill("😀" * 8001)  # characters, not the units that a script counts in
    expect(page.locator("#counter")).to_have_text("1 characters too many; please send it in several messages")
    expect(page.locator("#send")).to_be_disabled()
    page.locator("#text").press("Enter")
    expect(mine(page)).to_have_count(0)


def test_a_conversation_can_be_cleared_from_a_shared_device(gateway: Any, visit: Any) -> None:
    page = visit(f"{gateway.url}/chat?lang=en")
    say(page, "nobody else shall read this")
    expect(page.locator(".message.mine .state")).to_have_text(KEPT)
    page.get_by_role("button", name="Clear this device").click()
    page.get_by_role("button", name="Press again").click()
    expect(mine(page)).to_have_count(0)
    page.reload()
    expect(page.locator(".message.bot")).to_have_count(1)
    expect(mine(page)).to_have_count(0)
    assert "nobody else" not in page.evaluate("JSON.stringify(localStorage)")


def test_the_chat_works_where_storage_is_forbidden(gateway: Any, visit: Any) -> None:
    page = visit("about:blank")
    page.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    page.goto(f"{gateway.url}/chat?lang=en")
    say(page, "from memory")
    expect(page.locator(".message.mine .state")).to_have_text(KEPT)
