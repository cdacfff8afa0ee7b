"""A telephone call in the console: its recording beside its text, who the customer is, and calling back."""

from __future__ import annotations

import io
import json
import math
import re
import struct
import urllib.request
import wave
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import WCAG, found_by_axe
from tests.browser.conftest import Agent, GatewayProcess, Visit
from tests.browser.desks import Desks

pytestmark = pytest.mark.browser

WORDS = """WEBVTT

00:00.500 --> 00:02.000
<v Agent>Example Bank complaints line, this call is recorded.

00:03.000 --> 00:06.000
<v Customer>Your Leeds branch charged me a fee of 300 yuan on 3 November.

00:07.000 --> 00:10.000
<v Customer>I want it refunded. My name is Ann Lee.
"""
VOICES = """WEBVTT

00:00.000 --> 00:03.000
<v Speaker 1>It is about the fee of 300 yuan on my account.

00:04.000 --> 00:06.000
<v Speaker 2>Was it in November, or before that?
"""


def tone(seconds: float) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        frames = range(int(seconds * 8000))
        file.writeframes(b"".join(struct.pack("<h", int(5000 * math.sin(at / 6))) for at in frames))
    return made.getvalue()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[GatewayProcess]:
    made = GatewayProcess(tmp_path_factory.mktemp("calls"))
    made.start()
    yield made
    made.kill()


class Desk:
    """An agent's browser, and a program that hands in calls."""

    def __init__(self, gateway: GatewayProcess, page: Page, agent: Agent) -> None:
        self.gateway = gateway
        self.page = page
        self.agent = agent
        self.width = page.viewport_size["width"] if page.viewport_size else 0

    def hand_in(self, words: str, call: str, sound: bytes | None = None, **params: str) -> dict[str, Any]:
        parts = [("file", "call.vtt", words.encode())] + ([("recording", "call.wav", sound)] if sound else [])
        body = b"".join(
            f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n\r\n'.encode()
            + content
            + b"\r\n"
            for name, file, content in parts
        )
        query = "&".join(f"{name}={value}" for name, value in {"call": call, **params}.items())
        headers = {**self.agent._headers, "Content-Type": "multipart/form-data; boundary=b"}
        url = f"{self.gateway.url}/api/v1/transcripts?{query}"
        with urllib.request.urlopen(urllib.request.Request(url, body + b"--b--\r\n", headers), timeout=30) as answer:
            told: dict[str, Any] = json.loads(answer.read())
            return told

    def open(self, conversation: str) -> None:
        self.page.goto(f"{self.gateway.url}/console/conversations/{conversation}")
        expect(self.page.locator("section.call")).to_be_visible()


BOTH = pytest.mark.parametrize("desk", [1280, 390], ids=["wide", "narrow"], indirect=True)


@pytest.fixture(scope="module")
def admin(gateway: GatewayProcess) -> Agent:
    return Agent(gateway)


@pytest.fixture
def desk(request: pytest.FixtureRequest, gateway: GatewayProcess, admin: Agent, desks: Desks, visit: Visit) -> Desk:
    width = getattr(request, "param", 1280)
    page = visit(
        "about:blank", desks.take(base_url=gateway.url, locale="en-GB"), viewport={"width": width, "height": 844}
    )
    name, value = admin.session.split("=", 1)
    page.context.add_cookies([{"name": name, "value": value, "url": gateway.url}])
    page.goto("/console")
    expect(page.locator("qt-queue")).to_be_visible()
    return Desk(gateway, page, admin)


@BOTH
def test_a_recording_is_played_beside_its_text(desk: Desk) -> None:
    words = WORDS.replace("00:10.000", "00:58.000")  # so long it goes on
    told = desk.hand_in(words, "played", tone(60), consent="yes")
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url) if "/recording" in request.url else None)
    desk.open(told["conversation"])
    player = desk.page.get_by_role("group", name="Recording of the call")
    expect(player).to_be_visible()
    assert asked == [], "nobody has listened yet: nothing is fetched"

    desk.page.get_by_role("button", name="Play from 0:07").first.click()
    playing = desk.page.locator(".message.playing")
    expect(playing).to_contain_text("I want it refunded")
    expect(playing).to_have_attribute("aria-current", "true")
    expect(player.get_by_role("button", name="Pause")).to_be_visible()
    expect(player.locator(".at")).to_have_text(re.compile(r"0:0[89]|0:[1-5]\d"))  # it goes on
    assert asked

    desk.page.get_by_text("Your Leeds branch charged me a fee").first.click()
    expect(playing).to_contain_text("charged me a fee of 300 yuan")
    desk.page.locator("body").press("p")
    expect(player.get_by_role("button", name="Play", exact=True)).to_be_visible()
    slider = player.get_by_role("slider")
    slider.fill("3.5")
    expect(playing).to_contain_text("charged me a fee of 300 yuan")
    slider.press("Home")
    expect(desk.page.locator(".message.playing")).to_have_count(0)
    player.get_by_role("combobox", name="Speed").select_option("1.5")
    assert desk.page.evaluate("sessionStorage.getItem('qt.speed')") == "1.5"


def test_the_player_is_reached_and_moved_by_keys_alone(desk: Desk) -> None:
    told = desk.hand_in(WORDS, "by-keys", tone(11), consent="yes")
    desk.open(told["conversation"])
    play = desk.page.get_by_role("button", name="Play", exact=True)
    play.focus()
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("button", name="Pause")).to_be_focused()
    desk.page.keyboard.press("Enter")
    second = desk.page.get_by_role("button", name="Play from 0:03").first
    second.focus()
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator(".message.playing")).to_contain_text("charged me a fee")


def test_a_call_without_a_recording_says_so_and_shows_no_player(desk: Desk) -> None:
    told = desk.hand_in(WORDS, "silent")
    desk.open(told["conversation"])
    expect(desk.page.locator("section.call")).to_contain_text("No recording is kept.")
    expect(desk.page.locator(".player")).to_be_hidden()
    expect(desk.page.get_by_role("button", name=re.compile("Play"))).to_have_count(0)


@BOTH
def test_an_agent_says_who_the_customer_is(desk: Desk) -> None:
    told = desk.hand_in(VOICES, f"voices-{desk.width}")
    desk.open(told["conversation"])
    asks = desk.page.locator(".voices")
    expect(asks).to_contain_text("Who is the customer?")
    asks.locator("li", has_text="Speaker 1").get_by_role("button", name="This is the customer").click()
    expect(asks).to_be_hidden()
    expect(desk.page.locator(".message.customer")).to_contain_text("the fee of 300 yuan")
    expect(desk.page.locator(".message.agent")).to_contain_text("Was it in November")


def test_voices_that_were_mixed_up_are_put_right(desk: Desk) -> None:
    told = desk.hand_in(
        WORDS.replace("<v Agent>", "<v X>").replace("<v Customer>", "<v Agent>").replace("<v X>", "<v Customer>"),
        "mixed",
    )
    desk.open(told["conversation"])
    expect(desk.page.locator(".message.customer")).to_contain_text("complaints line")
    desk.page.get_by_role("button", name="The voices are mixed up …").click()
    asks = desk.page.locator(".voices")
    asks.locator("li", has_text="I want it refunded").get_by_role("button", name="This is the customer").click()
    expect(asks).to_be_hidden()
    expect(desk.page.locator(".message.agent")).to_contain_text("complaints line")


def test_a_customer_who_objects_has_the_recording_erased(desk: Desk) -> None:
    told = desk.hand_in(WORDS, "objects", tone(2), consent="yes")
    desk.open(told["conversation"])
    desk.page.get_by_role("button", name="Customer objects …").click()
    desk.page.get_by_role("button", name="Erase the recording").click()
    expect(desk.page.locator("section.call")).to_contain_text("The customer did not agree to be recorded")
    expect(desk.page.locator(".player")).to_be_hidden()


def test_calling_back_records_the_answers(desk: Desk) -> None:
    number = "+8613900001280"
    thin = "Agent: Example Bank.\nCustomer: Your Leeds branch charged me a fee and nobody told me about it.\n"
    told = desk.hand_in(thin, "back", customer=number.replace("+", "%2B"))
    desk.page.goto("/console/tasks")
    card = desk.page.locator("li.card", has_text=number)
    expect(card).to_contain_text("May I have your name?")
    card.get_by_role("button", name="Done").click()
    expect(desk.page.locator("qt-tasks .said")).to_contain_text("nothing was recorded")
    expect(card.get_by_label("How it went")).to_be_focused()
    card.get_by_label("Name").fill("Ann Lee")
    card.get_by_label("How it went").fill("spoke with Ms Lee")
    card.get_by_role("button", name="Done").click()
    expect(card).to_have_count(0)
    record, _ = desk.agent._ask("GET", f"/api/v1/cases/{told['reference']}")
    assert record["facts"]["name"] == "Ann Lee"


@BOTH
def test_the_call_is_usable_for_everybody(desk: Desk) -> None:
    told = desk.hand_in(WORDS, "axe", tone(2), consent="yes")
    desk.open(told["conversation"])
    expect(desk.page.locator(".second").first).to_be_visible()
    assert found_by_axe(desk.page, *WCAG) == []
