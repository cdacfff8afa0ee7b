"""An agent offers solutions, the customer chooses in the chat, and the agent records that it is done, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from case_store import offers, settlements
from channels.webchat.socket import Seat
from tests.browser.console_house import House
from tests.browser.console_pages import house, shared, sign_in, talk

__all__ = ["house", "shared", "sign_in"]

pytestmark = pytest.mark.browser

STORY = "You charged my card an annual fee of 300 yuan on 3 November at the Leeds branch. I want it refunded."


def filed(house: House) -> Seat:
    return house.chat(STORY, "Ann Lee, 13912345678", "yes", locale="en")


def room(page: Page) -> Locator:
    return page.locator("qt-case .negotiation")


def write(dialog: Locator, number: int, title: str, meaning: str, days: int) -> None:
    option = dialog.get_by_role("group", name=f"Option {number}")
    option.get_by_label("Title").fill(title)
    option.get_by_label("Working days").fill(str(days))
    option.get_by_label("What it means for the customer").fill(meaning)


def offer(page: Page, house: House, seat: Seat) -> None:
    room(page).get_by_role("button", name="Offer").click()
    dialog = page.get_by_role("dialog")
    write(dialog, 1, "Half of the fee back", "150 yuan goes back to your card", 5)
    write(dialog, 2, "All of the fee back", "300 yuan goes back to your card; the complaint is closed as settled", 10)
    dialog.get_by_role("button", name="Offer", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(room(page)).to_contain_text("Round 1")
    assert "150 yuan goes back" in house.told(seat)[-1][1]


@pytest.mark.parametrize("width", [1280, 390])
def test_an_offer_from_the_agents_hand_to_its_performance(
    house: House, sign_in: Callable[..., Page], width: int
) -> None:
    seat = filed(house)
    case = house.case_of(seat)
    page = sign_in(width=width, path=f"/cases/{case}")
    expect(room(page)).to_contain_text("Nothing has been offered yet.")
    offer(page, house, seat)
    expect(room(page)).to_contain_text("The bot takes the answer")
    house.says(seat, "the second one")
    expect(room(page)).to_contain_text("chosen, not confirmed yet")
    house.says(seat, "yes, agreed")
    agreed = room(page).locator(".settlement")
    expect(agreed).to_contain_text("All of the fee back")
    expect(agreed).to_contain_text("yes, agreed")
    link = agreed.get_by_role("link", name="Settlement (PDF)").get_attribute("href")
    printed = page.request.get(f"{house.url.removesuffix('/console')}{link}")
    assert printed.ok
    assert printed.body().startswith(b"%PDF")
    agreed.get_by_role("button", name="Record as performed").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Told to the customer too").fill("transfer 4711")
    dialog.get_by_role("button", name="Record").click()
    expect(agreed).to_contain_text("performed on")
    assert "transfer 4711" in house.told(seat)[-1][1]
    [settled] = house.do(house.gateway.store.read(settlements.of_case, case))
    assert settled.performed_by == "agent:Megan Howe"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"


def test_an_offer_is_the_bots_only_if_the_agent_hands_it_over(house: House, sign_in: Callable[..., Page]) -> None:
    seat = filed(house)
    page = sign_in()
    talk(page, seat).get_by_role("button", name="Take over").click()
    expect(room(page)).to_be_visible()
    room(page).get_by_role("button", name="Offer").click()
    dialog = page.get_by_role("dialog")
    write(dialog, 1, "Half of the fee back", "150 yuan goes back to your card", 5)
    write(dialog, 2, "A written explanation", "the branch writes to you", 0)
    dialog.get_by_label("Let the bot answer").uncheck()
    dialog.get_by_role("button", name="Offer", exact=True).click()
    expect(room(page)).to_contain_text("You take the answer yourself")
    assert house.owner(seat) == ("agent", "megan")
    house.says(seat, "2")
    expect(page.locator("qt-conversation .messages")).to_contain_text("2")
    room(page).get_by_role("button", name="Record an answer").click()
    dialog.get_by_label("Option", exact=True).select_option("2")
    dialog.get_by_label("In the customer's own words").fill("2, and yes when I read it back")
    dialog.get_by_label("How it came").select_option("webchat")
    dialog.get_by_role("button", name="Record").click()
    expect(room(page).locator(".settlement")).to_contain_text("A written explanation")


def test_what_is_being_offered_survives_a_reload_and_a_preview_offers_nothing(
    house: House, sign_in: Callable[..., Page]
) -> None:
    seat = filed(house)
    case = house.case_of(seat)
    page = sign_in(path=f"/cases/{case}")
    room(page).get_by_role("button", name="Offer").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Offer", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("Title is missing")
    dialog.get_by_label("From the ready ones").select_option("wrong-fee")
    expect(dialog.get_by_role("group", name="Option 3")).to_be_visible()
    dialog.get_by_role("button", name="Leave option 3 out").click()
    dialog.get_by_role("group", name="Option 1").get_by_label("Title").fill("You will be refunded as soon as possible")
    dialog.get_by_role("button", name="What will the customer read?").click()
    expect(dialog.locator(".preview")).to_contain_text("About your complaint")
    expect(dialog.locator(".preview .flag")).to_contain_text("as soon as possible")
    page.reload()
    room(page).get_by_role("button", name="Offer").click()
    expect(dialog.get_by_role("group", name="Option 1").get_by_label("Title")).to_have_value(
        "You will be refunded as soon as possible"
    )
    expect(dialog.get_by_role("group", name="Option 3")).to_have_count(0)
    assert house.do(house.gateway.store.read(offers.rounds_of, case)) == []


def test_an_offer_is_taken_back_and_its_history_stays(house: House, sign_in: Callable[..., Page]) -> None:
    seat = filed(house)
    page = sign_in(path=f"/cases/{house.case_of(seat)}")
    offer(page, house, seat)
    room(page).get_by_role("button", name="Take back").click()
    page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    expect(room(page).locator(".round")).to_contain_text("taken back")
    assert "no longer stand" in house.told(seat)[-1][1]
    expect(page.locator("qt-case .steps")).to_contain_text("Round 1 taken back")


def test_what_a_customer_answers_never_runs(house: House, sign_in: Callable[..., Page]) -> None:
    seat = filed(house)
    page = sign_in(path=f"/cases/{house.case_of(seat)}")
    offer(page, house, seat)
    house.says(seat, "Could you pay <img src=x onerror='window.harmed = 1'> 250 instead?")
    expect(room(page).locator(".answers")).to_contain_text("<img src=x")
    assert page.evaluate("window.harmed") is None
