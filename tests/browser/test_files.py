"""Files in a real browser: chosen, dropped and pasted, with progress, gone on with after the line was cut, saved and never opened."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import found_by_axe
from tests.browser.console_pages import until
from tests.pictures import picture

pytestmark = pytest.mark.browser

KEPT = re.compile("Stored|Read")
STORY = "You took a fee of £30 from my account on 28 October and nobody told me"
WIDTHS = {390: 844, 1280: 800}
READY = {"en": "Waiting for the connection", "zh-Hans": "等待连接", "zh-Hant": "等待連線"}
LARGE = 2_500_000
REFERENCE = re.compile(r"C\d{8}-\d{6,}-\d")


def file(name: str, content: bytes, kind: str = "application/octet-stream") -> Any:
    return {"name": name, "mimeType": kind, "buffer": content}


class Line:
    """The page's line to the world: as slow as wanted, or cut."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Network.enable")

    def carries(self, bytes_a_second: int = -1, *, cut: bool = False) -> None:
        limits = {"offline": cut, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_a_second}
        self._session.send("Network.emulateNetworkConditions", limits)


def slowly(page: Page, bytes_a_second: int) -> Line:
    line = Line(page)
    line.carries(bytes_a_second)
    return line


def shot(page: Page, name: str) -> None:
    """A picture for whoever wants to look: into the folder that QINGTING_TEST_SCREENSHOTS names."""
    folder = os.environ.get("QINGTING_TEST_SCREENSHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def at_each_width(page: Page) -> Iterator[int]:
    """The page as it stands, on a screen and on a phone."""
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        yield width


def no_faults(page: Page, *rules: str) -> None:
    """Nothing that axe finds; with `rules`, tags of those that count."""
    assert found_by_axe(page, *rules) == []


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_an_upload_shows_its_progress_and_goes_on_after_the_line_was_cut(
    gateway: Any, visit: Any, language: str
) -> None:
    page = visit(f"{gateway.url}/chat?lang={language}", viewport={"width": 1280, "height": WIDTHS[1280]})
    expect(page.locator(".message.bot")).to_have_count(1)
    content = os.urandom(LARGE)
    line = slowly(page, 250_000)
    page.locator("#file").set_input_files([file("录音 2026.dat", content), file("photo.png", picture())])
    large = page.locator("#tray .file").first
    expect(large.locator(".file-size")).to_have_attribute("data-percent", re.compile(r"^([1-9]|[1-8]\d) ?%$"))
    shot(page, f"chat-sending-{language}")
    line.carries(cut=True)
    expect(large).to_have_attribute("data-state", "waiting")
    expect(large.locator(".file-told")).to_have_text(READY[language])
    for width in at_each_width(page):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        shot(page, f"chat-cut-{language}-{width}")
    line.carries()
    expect(page.locator('#tray .file[data-state="done"]')).to_have_count(2)
    page.locator("#text").fill("录音和照片 / recording and photo")
    page.locator("#send").click()
    expect(page.locator(".message.mine")).to_have_attribute("data-state", re.compile("stored|seen"))
    expect(page.locator("#tray")).to_be_hidden()
    chips = page.locator(".message.mine .file")
    expect(chips).to_have_count(2)
    expect(chips.nth(1).locator("img")).to_be_visible()
    expect(page.locator(".message.bot").nth(1)).to_contain_text("2")
    for width in at_each_width(page):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        shot(page, f"chat-sent-{language}-{width}")
        no_faults(page)
    with page.expect_download() as saved:
        chips.first.get_by_role("button").click()
    assert saved.value.suggested_filename == "录音 2026.dat"
    assert Path(saved.value.path()).read_bytes() == content
    page.reload()
    expect(page.locator(".message.mine .file")).to_have_count(2)
    expect(page.locator(".message.mine .file img")).to_be_visible()
    expect(page.locator(".message.mine .said")).to_have_text("录音和照片 / recording and photo")


def test_an_upload_goes_on_after_the_gateway_was_killed(own_gateway: Any, visit: Any) -> None:
    page = visit(f"{own_gateway.url}/chat?lang=en")
    expect(page.locator(".message.bot")).to_have_count(1)
    line = slowly(page, 250_000)
    page.locator("#file").set_input_files(file("recording.dat", os.urandom(LARGE)))
    page.locator("#text").fill("the recording")
    page.locator("#text").press("Enter")  # the message waits for its file
    chip = page.locator(".message.mine .file")
    expect(chip.locator(".file-size")).to_have_attribute("data-percent", re.compile(r"^[3-8]\d %$"))
    own_gateway.kill()
    line.carries()
    expect(chip).to_have_attribute("data-state", "waiting")
    own_gateway.start()
    page.locator("#reconnect").dispatch_event("click")  # it may have connected by itself: the button is hidden then
    expect(page.locator(".message.mine .state")).to_have_text(KEPT)
    expect(chip.get_by_role("button", name="Save recording.dat")).to_be_visible()
    expect(page.locator(".message.mine")).to_have_count(1)


def test_a_file_that_is_chosen_again_after_a_reload_goes_on_where_it_was(
    gateway: Any, visit: Any, tmp_path: Path
) -> None:
    recording = tmp_path / "recording.dat"
    recording.write_bytes(os.urandom(2 * LARGE))
    page = visit(f"{gateway.url}/chat?lang=en")
    expect(page.locator(".message.bot")).to_have_count(1)
    line = slowly(page, 1_500_000)
    page.locator("#file").set_input_files(recording)
    expect(page.locator("#tray .file-size")).to_have_attribute("data-percent", re.compile(r"^[5-9]\d %$"))
    line.carries(20_000)  # else it may have come whole before the page is left
    page.locator("#text").fill("the recording")
    page.locator("#text").press("Enter")
    page.reload()
    line.carries()
    expect(page.locator(".message.mine .state")).to_have_text("Not sent")
    expect(page.locator(".note")).to_contain_text("Please add it once more")
    offsets: list[str] = []
    page.on("request", lambda asked: offsets.append(asked.headers.get("upload-offset", "")))
    page.locator(".message.mine").get_by_role("button", name="Edit").click()
    page.locator("#file").set_input_files(recording)
    expect(page.locator('#tray .file[data-state="done"]')).to_have_count(1)
    assert int(next(offset for offset in offsets if offset)) >= 2 * 1024 * 1024
    page.locator("#send").click()
    expect(page.locator(".message.mine .state")).to_have_text(KEPT)
    expect(page.locator(".message.mine .file-name")).to_have_text("recording.dat")


def test_words_go_before_a_file_that_is_still_on_its_way(gateway: Any, visit: Any) -> None:
    page = visit(f"{gateway.url}/chat?lang=en")
    expect(page.locator(".message.bot")).to_have_count(1)
    line = slowly(page, 100_000)
    page.locator("#file").set_input_files(file("recording.dat", os.urandom(LARGE)))
    expect(page.locator("#tray .file")).to_have_count(1)
    page.locator("#send").click()
    page.locator("#text").fill("the recording is coming")
    page.locator("#text").press("Enter")
    expect(page.locator(".message.mine[data-state=stored], .message.mine[data-state=seen]")).to_have_count(1)
    line.carries()
    expect(page.locator(".message.mine[data-state=stored], .message.mine[data-state=seen]")).to_have_count(2)


def test_a_file_alone_is_shown_as_a_file_and_answered_as_one(gateway: Any, visit: Any, agent: Any) -> None:
    page = visit(f"{gateway.url}/chat?lang=en")
    expect(page.locator(".message.bot")).to_have_count(1)
    page.locator("#file").set_input_files(file("statement.pdf", b"%PDF-1.7 x"))
    expect(page.locator('#tray .file[data-state="done"]')).to_have_count(1)
    page.locator("#send").click()
    expect(page.locator(".message.mine .said")).to_be_hidden()
    expect(page.locator(".message.bot").nth(1)).to_contain_text("I have “statement.pdf” now")
    second = visit(f"{gateway.url}/chat?lang=en", context=page.context)
    expect(second.locator(".message.mine .file-name")).to_have_text("statement.pdf")
    assert agent.conversation_with("[File: statement.pdf]")


@pytest.mark.parametrize(("language", "width"), [("en", 390), ("zh-Hans", 1280), ("zh-Hant", 390)])
def test_the_answer_to_a_photo_stays_in_sight_when_the_picture_comes_late(
    gateway: Any, visit: Any, language: str, width: int
) -> None:
    page = visit(f"{gateway.url}/chat?lang={language}", viewport={"width": width, "height": WIDTHS[width]})
    expect(page.locator(".message.bot")).to_have_count(1)
    held: list[Any] = []
    holds = [True]
    page.route("**/api/v1/chat/attachments/**", lambda route: held.append(route) if holds else route.continue_())
    for number in range(1, 4):
        page.locator("#file").set_input_files(file(f"{number}.png", picture()))
        expect(page.locator('#tray .file[data-state="done"]')).to_have_count(1)
        page.locator("#send").click()
        expect(page.locator(".message.bot")).to_have_count(number + 1)
    expect(page.locator(".message.mine .file-save")).to_have_count(3)
    holds.clear()
    for route in held:
        route.continue_()
    expect(page.locator(".file-picture")).to_have_count(3)
    shot(page, f"chat-photo-{language}-{width}")
    expect(page.locator("#newer")).to_be_hidden()
    expect(page.locator(".message.bot .said").last).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", WIDTHS)
def test_whoever_reads_further_up_is_not_pulled_down_and_sees_why_a_file_was_refused(
    gateway: Any, visit: Any, width: int
) -> None:
    page = visit(f"{gateway.url}/chat?lang=en", viewport={"width": width, "height": WIDTHS[width]})
    expect(page.locator(".message.bot")).to_have_count(1)
    for number in range(1, 4):
        page.locator("#file").set_input_files(file(f"{number}.png", picture()))
        expect(page.locator('#tray .file[data-state="done"]')).to_have_count(1)
        page.locator("#send").click()
        expect(page.locator(".message.bot")).to_have_count(number + 1)
    expect(page.locator(".file-picture")).to_have_count(3)
    page.locator("#scroll").hover()
    page.mouse.wheel(0, -2000)
    until(page, lambda: page.evaluate("document.getElementById('scroll').scrollTop") == 0)
    page.locator("#file").set_input_files(file("page.pdf", b"<html>"))
    refused = page.locator('#tray .file[data-state="refused"]')
    expect(refused).to_be_visible()
    other = visit(f"{gateway.url}/chat?lang=en", context=page.context)
    other.locator("#text").fill("Is anybody there?")
    other.locator("#text").press("Enter")
    expect(page.locator("#newer")).to_be_visible()
    shot(page, f"chat-newer-{width}")
    assert page.evaluate("document.getElementById('scroll').scrollTop") == 0
    pill, why = page.locator("#newer").bounding_box(), refused.bounding_box()
    assert pill
    assert why
    assert pill["y"] + pill["height"] <= why["y"]
    page.locator("#newer").click()
    expect(page.locator("#newer")).to_be_hidden()
    expect(page.locator(".message").last).to_be_in_viewport()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "is a web page, and we can't take web pages"),
        ("zh-Hans", "这里不接收网页"),
        ("zh-Hant", "這裡不接收網頁"),
    ],
)
def test_what_is_not_taken_is_told_and_the_rest_goes_on(gateway: Any, visit: Any, language: str, words: str) -> None:
    page = visit(f"{gateway.url}/chat?lang={language}", viewport={"width": 390, "height": 844})
    expect(page.locator(".message.bot")).to_have_count(1)
    chosen = [file("statement.pdf", b"<html><script>document.title='ran'</script>"), file("notes.txt", b"words")]
    page.locator("#file").set_input_files(chosen)
    refused = page.locator('#tray .file[data-state="refused"]')
    expect(refused).to_contain_text(words)
    shot(page, f"chat-refused-{language}-390")
    no_faults(page)
    page.locator("#send").click()
    expect(page.locator(".message.mine .file-name")).to_have_text("notes.txt")
    expect(page.locator(".message.mine")).to_have_attribute("data-state", re.compile("stored|seen"))
    refused.get_by_role("button").click()
    expect(page.locator("#tray")).to_be_hidden()
    assert page.title() != "ran"


def test_too_many_and_too_large_are_told_before_a_byte_is_sent(gateway: Any, visit: Any) -> None:
    page = visit(f"{gateway.url}/chat?lang=en")
    expect(page.locator(".message.bot")).to_have_count(1)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "uploads" in request.url else None)
    page.evaluate("""() => {
        const data = new DataTransfer();
        data.items.add(new File([new ArrayBuffer(35_000_001)], "film.dat"));
        document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
    }""")
    expect(page.locator(".note").last).to_contain_text("“film.dat” is larger than 35 MB")
    assert asked == []
    page.locator("#file").set_input_files([file(f"{number}.txt", b"x") for number in range(12)])
    expect(page.locator(".note").last).to_contain_text("up to 10 files")
    expect(page.locator('#tray .file[data-state="done"]')).to_have_count(10)


def test_a_file_can_be_stopped_on_its_way_and_is_gone(gateway: Any, visit: Any) -> None:
    page = visit(f"{gateway.url}/chat?lang=en")
    expect(page.locator(".message.bot")).to_have_count(1)
    slowly(page, 100_000)
    page.locator("#file").set_input_files(file("recording.dat", os.urandom(LARGE)))
    expect(page.locator("#tray .file-size")).to_have_attribute("data-percent", re.compile("^[1-9]"))
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as deleted:
        page.get_by_role("button", name="Stop and remove recording.dat").click()
    assert deleted.value.status == 204
    expect(page.locator("#tray")).to_be_hidden()
    expect(page.locator("#send")).to_be_disabled()


def test_files_are_dropped_and_pasted(gateway: Any, visit: Any) -> None:
    page = visit(f"{gateway.url}/chat?lang=en")
    expect(page.locator(".message.bot")).to_have_count(1)
    given = page.evaluate_handle(
        "() => { const data = new DataTransfer(); data.items.add(new File(['dropped'], 'dropped.txt')); return data; }"
    )
    page.locator("body").dispatch_event("dragenter", {"dataTransfer": given})
    expect(page.locator("#drop")).to_be_visible()
    shot(page, "chat-drop")
    page.locator("body").dispatch_event("drop", {"dataTransfer": given})
    expect(page.locator("#drop")).to_be_hidden()
    expect(page.locator("#tray .file-name")).to_have_text(["dropped.txt"])
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(['pasted'], 'pasted.txt'));
            document.getElementById('text').dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
        }"""
    )
    expect(page.locator("#tray .file-name")).to_have_text(["dropped.txt", "pasted.txt"])


def test_a_name_that_is_script_is_text(gateway: Any, visit: Any) -> None:
    page = visit(f"{gateway.url}/chat?lang=en")
    expect(page.locator(".message.bot")).to_have_count(1)
    page.locator("#file").set_input_files(file("<img src=x onerror=document.title='ran'>.txt", b"words"))
    expect(page.locator("#tray .file-name")).to_contain_text("<img src=x")
    page.locator("#send").click()
    expect(page.locator(".message.bot").nth(1)).to_contain_text("_img src=x onerror=document.title='ran'_.txt")
    assert page.locator(".log img, .tray img").count() == 0
    assert page.title() != "ran"


# --- the form


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh-Hans", 390), ("zh-Hant", 390)])
def test_the_form_takes_files_with_progress_and_remembers_them_after_a_reload(
    gateway: Any, visit: Any, language: str, width: int
) -> None:
    page = visit(f"{gateway.url}/?lang={language}", viewport={"width": width, "height": WIDTHS[width]})
    page.locator("#what_happened").fill(STORY)
    chosen = [
        file("对账单.pdf", b"%PDF-1.7 x"),
        file("photo.png", picture()),
        file("setup.exe", b"MZ\x90\x00" + bytes(90)),
    ]
    page.locator("#attachments").set_input_files(chosen)
    expect(page.locator('.upload-list .file[data-state="done"]')).to_have_count(2)
    refused = page.locator('.upload-list .file[data-state="refused"]')
    expect(refused.locator(".file-told")).to_contain_text("setup.exe")
    refused.scroll_into_view_if_needed()
    shot(page, f"form-{language}-{width}")
    no_faults(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(".complaint [type=submit]").click()
    expect(page.locator("#attachments-error")).to_be_in_viewport()  # beside the files, and nowhere else
    expect(page.locator("[data-alert]")).to_be_hidden()
    refused.get_by_role("button").click()
    page.reload()
    expect(page.locator(".upload-list .file-name")).to_have_text(["对账单.pdf", "photo.png"])
    page.locator(".complaint [type=submit]").click()
    expect(page.locator("[data-show=reference]")).to_have_text(REFERENCE)
    expect(page.locator("[data-show=files]")).to_have_text("2")
    shot(page, f"form-receipt-{language}-{width}")


def test_a_form_sent_while_a_file_is_on_its_way_waits_for_it(gateway: Any, visit: Any) -> None:
    page = visit(f"{gateway.url}/?lang=en")
    page.locator("#what_happened").fill(f"{STORY}, with a recording")
    line = slowly(page, 200_000)
    page.locator("#attachments").set_input_files(file("recording.dat", os.urandom(LARGE)))
    page.get_by_role("button", name="Send the complaint").click()
    expect(page.locator("[data-alert]")).to_contain_text("Some files are still being sent")
    line.carries()
    expect(page.locator("[data-show=reference]")).to_have_text(REFERENCE)
    expect(page.locator("[data-show=files]")).to_have_text("1")


def test_the_form_takes_files_without_script(gateway: Any, visit: Any, agent: Any) -> None:
    page = visit(f"{gateway.url}/?lang=en", java_script_enabled=False)
    page.locator("#what_happened").fill(f"{STORY}, without script")
    page.locator("#contact").fill("not an address")
    page.locator("#attachments").set_input_files([file("photo.png", picture()), file("page.html", b"<html>")])
    page.get_by_role("button", name="Send the complaint").click()
    expect(page.locator("#attachments-error")).to_contain_text("“page.html” is a web page")
    expect(page.locator(".kept")).to_contain_text("photo.png")
    shot(page, "form-refused-without-script")
    page.locator("#contact").fill("")
    page.get_by_role("button", name="Send the complaint").click()
    expect(page.get_by_role("heading", name="Your complaint is registered")).to_be_visible()
    expect(page.locator("[data-show=files]")).to_have_text("1")
    [message] = agent.conversation_with(f"{STORY}, without script")["messages"][:1]
    assert [one["name"] for one in message["attachments"]] == ["photo.png"]
