"""What would become of an answer: asked of a whole house, by each way; and nothing of it happens."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import contacts, tasks
from case_store.contacts import Contact
from case_store.tables import audit_events, deliveries, messages
from tests.browser.console_house import House
from tests.gateway.files.test_enclosures import COMPLAINT, Agent, by_mail, of

WORDS = "We have found the fee."


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.close()


def previewed(house: House, conversation: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    async def asked() -> tuple[int, Any]:
        async with Agent(house) as megan:
            return await megan.post(f"/api/v1/conversations/{conversation}/messages/preview", body or {"text": WORDS})

    return asyncio.run(asked())


def everything(house: House) -> list[int]:
    """How many rows there are of what an answer leaves behind."""
    tables = (messages, deliveries, audit_events)
    return [
        of(house, lambda tx, one=table: tx.execute(sa.select(sa.func.count()).select_from(one)).scalar())
        for table in tables
    ]


def test_by_mail_it_is_told_to_whom_from_where_and_under_which_subject(house: House) -> None:
    conversation = by_mail(house)
    before = everything(house)
    status, told = previewed(house, conversation)
    assert status == 200
    [way] = told["ways"]
    assert (way["way"], way["to"], way["from"]) == ("email", "ann@customer.example", "complaints@localhost")
    assert way["subject"].endswith("Fee")
    assert way["text"] == WORDS
    assert everything(house) == before
    assert of(house, tasks.open_tasks) == []


@pytest.mark.parametrize("address", [None, "ann@customer.example"])
def test_in_the_chat_it_is_told_where_it_goes_if_nobody_looks(house: House, address: str | None) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    if address is not None:
        house.write(contacts.add_contact, house.case_of(seat), Contact(address, "email", proof="agent"))
    before = everything(house)
    status, told = previewed(house, seat.conversation)
    assert (status, told["text"]) == (200, WORDS)
    assert [(one["way"], one["otherwise"]) for one in told["ways"]] == [("webchat", address)]
    assert everything(house) == before
    assert house.owner(seat)[0] == "bot"


def test_an_unknown_conversation_is_told(house: House) -> None:
    assert previewed(house, "none")[0] == 404


def test_what_is_not_filled_in_is_refused_before_it_is_shown(house: House) -> None:
    seat = house.chat(COMPLAINT, locale="en")
    assert previewed(house, seat.conversation, {"text": "by ⟦feedback_due⟧"})[0] == 422
