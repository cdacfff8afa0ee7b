"""An offer in a messenger: put with buttons, chosen and agreed by them, and by words."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from case_store import cases, offers, settlements
from case_store.offers import Option
from case_store.tables_outbox import deliveries
from gateway import negotiating
from gateway.negotiating import Proposal
from tests.gateway.messenger.conftest import Desk
from tests.gateway.messenger.test_choices import read_back

HALF = Option("Half of the fee back", "150 yuan goes back to your card", 5)
WHOLE = Option("All of the fee back", "300 yuan goes back to your card; the complaint is closed as settled", 10)


async def offered(desk: Desk, ann: Any) -> offers.StoredOffer:
    await read_back(desk, ann)
    await desk.press(ann, "affirm")

    def put(tx: Any) -> offers.StoredOffer:
        proposal = Proposal([HALF, WHOLE], by_bot=True, actor="agent:Wei")
        made = negotiating.put(tx, desk.notices, cases.get(tx, desk.cases()[0].id), proposal)
        # notices wait for the end of the quiet hours
        tx.execute(sa.update(deliveries).where(deliveries.c.due_at.is_not(None)).values(due_at=tx.now))
        return made

    made: offers.StoredOffer = await desk.gateway.store.write(put)
    await desk.settle()
    return made


def settled(desk: Desk) -> list[settlements.Settlement]:
    found: list[settlements.Settlement] = desk.gateway.store.read_now(settlements.of_case, desk.cases()[0].id)
    return found


async def test_an_offer_is_chosen_and_agreed_by_its_buttons(desk: Desk, ann: Any) -> None:
    made = await offered(desk, ann)
    shown = desk.asked()
    assert [button["text"] for button in shown.buttons] == [f"1. {HALF.title}", f"2. {WHOLE.title}"]
    await desk.press(ann, f"offer:{made.id}:2", shown)
    assert settled(desk) == []
    await desk.press(ann, f"offer:{made.id}:yes:2")
    [agreed] = settled(desk)
    assert (agreed.option, agreed.way, agreed.words) == (WHOLE, "telegram", "Yes, agreed")


async def test_an_offer_is_chosen_by_words_and_an_old_button_changes_nothing(desk: Desk, ann: Any) -> None:
    made = await offered(desk, ann)
    shown = desk.asked()
    await desk.say(ann, "the first one")
    await desk.press(ann, f"offer:{made.id}:2", shown)
    assert desk.gateway.store.read_now(offers.get, made.id).chosen == 1
    await desk.say(ann, "yes")
    assert [one.option for one in settled(desk)] == [HALF]
