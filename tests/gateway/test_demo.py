"""The demo: every state and language, told through the real units, and never into a house that works."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import canned, checkpoints, overview
from case_store.case_lists import CaseFilter, listing
from case_store.conversations import NewConversation, open_conversation
from case_store.files import Files
from case_store.store import Store
from case_store.tables_arrivals import arrivals
from case_store.tables_cases import case_contacts
from case_store.tables_conversations import conversations, messages
from case_store.tables_outbox import deliveries
from case_store.tables_papers import offer_answers, offers, settlements
from gateway import filing
from gateway.config import Settings
from gateway.context import Gateway
from gateway.demo.fill import fill
from gateway.demo.stories import colleagues, stories
from gateway.notifications import Notices
from gateway.operator import Refused
from gateway.policy import load_policy
from gateway.promises import Promises
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups


@pytest.fixture
def house(store: Store, tmp_path: Path) -> Gateway:
    settings = Settings(data_dir=tmp_path / "var")
    return Gateway(settings, load_policy(), store, Files(tmp_path / "files"), Tokens(b"x" * 32), Wakeups())


def counted(store: Store, column: Any) -> Counter[Any]:
    return Counter(store.read_now(lambda tx: list(tx.connection.scalars(sa.select(column)))))


async def test_the_demo_shows_every_state_in_three_languages(house: Gateway) -> None:
    made = await fill(house)
    found = house.store.read_now(listing, CaseFilter(), 200)
    assert made["cases"] == len(found) >= 24
    assert {case.language for case in found} == {"zh-Hans", "zh-Hant", "en"}
    assert {case.channel for case in found} == {"webchat", "email", "webform", "counter", "letter"}
    assert {case.status for case in found} == {
        *("draft", "filed", "in_progress", "waiting_for_customer", "resolved", "closed", "withdrawn")
    }
    assert {case.outcome for case in found} >= {"solved", "partly_solved"}
    assert any(case.possible_duplicate_of for case in found)
    assert any(case.incomplete for case in found)
    assert {"violation", "product", "service"} <= {case.category for case in found}
    assert set(counted(house.store, conversations.c.owner)) == {"bot", "queue", "agent"}
    assert any(counted(house.store, conversations.c.urgent))
    assert counted(house.store, arrivals.c.state)["parked"] == 1
    assert any(counted(house.store, case_contacts.c.bounced_at))
    assert house.store.read_now(overview.figures)["cases_overdue"] >= 1


async def test_the_chains_of_the_demo_verify_and_its_times_lie_in_the_past(house: Gateway) -> None:
    await fill(house)
    assert checkpoints.verify(house.store).problems == []
    latest = house.store.read_now(lambda tx: (tx.execute(sa.select(sa.func.max(messages.c.at))).scalar_one(), tx.now))
    assert latest[0] <= latest[1]


async def test_nothing_of_the_demo_leaves_the_house_nor_is_filed_by_the_gateway_it_is_told_beside(
    house: Gateway,
) -> None:
    notices = Notices(Promises(house.policy, house.settings), house.settings, house.tokens)
    write = house.store.write
    filed = []

    async def and_the_clockwork_after_it(unit: Any, *args: Any, **kwargs: Any) -> Any:
        result = await write(unit, *args, **kwargs)
        filed.append(await write(filing.file_in_silence, notices))
        return result

    house.store.write = and_the_clockwork_after_it  # type: ignore[method-assign]
    await fill(house)
    assert len(filed) > 100
    assert not any(filed)
    assert set(counted(house.store, deliveries.c.state)) == {"sent", "bounced"}
    assert set(counted(house.store, deliveries.c.due_at)) == {None}


async def test_a_store_that_holds_anything_is_refused(house: Gateway) -> None:
    house.store.write_now(open_conversation, NewConversation("0" * 32, "webchat", "webchat", "en"))
    with pytest.raises(Refused, match="real conversations"):
        await fill(house)
    assert counted(house.store, conversations.c.id) == {"0" * 32: 1}


async def test_the_demo_is_filled_in_once(house: Gateway) -> None:
    await fill(house)
    with pytest.raises(Refused, match="filled with the demo"):
        await fill(house)


def test_nobody_in_the_demo_can_be_written_to() -> None:
    addresses = [story.contact or "" for story in stories()] + [
        answer for story in stories() for answer in story.answers.values() if "@" in answer
    ]
    assert {address.rpartition(".")[2] for address in addresses if "@" in address} == {"example"}
    assert all("@" not in one.contact and one.post for one in colleagues())


async def test_the_demo_has_the_starter_replies(house: Gateway) -> None:
    await fill(house)
    kept = house.store.read_now(canned.listing, "nobody")
    assert len(kept) == 8
    assert {one.changed_by for one in kept} == {"方磊"}


async def test_the_demo_negotiates_from_the_first_offer_to_its_performance(house: Gateway) -> None:
    await fill(house)
    assert counted(house.store, offers.c.state) == {"agreed": 2, "replaced": 1, "open": 1}
    assert set(counted(house.store, offer_answers.c.kind)) == {"counter", "choice", "confirmation"}
    done = counted(house.store, settlements.c.performed_on)
    assert done[None] == 1, "one is still to be done"
    assert sum(done.values()) == 2
    said = [text for text in counted(house.store, messages.c.text) if "your credit record is not affected" in text]
    assert any("the offer says" in text for text in said), "a question was answered by the option's own words"
