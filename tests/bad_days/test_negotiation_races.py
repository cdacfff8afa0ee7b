"""An offer between two who act at once, and between a process that dies and the next: nobody is bound to what they did not confirm."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import offers, turns
from case_store.offers import OfferIsOver, Said
from case_store.store import Transaction
from case_store.tables_conversations import conversations as conversation_table
from gateway import negotiating
from gateway.conductor import claim_turns, customer_turn
from tests.bad_days.negotiated import AGENT, WHOLE, House

# races and kills ----------------------------------------------------------------------------------------------------


async def test_an_offer_taken_back_while_the_customer_chooses_binds_nobody(house: House) -> None:
    """The engine has answered from an offer that stood; before its turn is stored the agent takes the offer back."""
    await house.file_by_chat()
    made = house.offer()
    await house.say("2")
    engines, answer = house.rooms.engines, house.rooms.engines.answer
    withdrawn = asyncio.Event()

    async def slowly(conversation: str, turn: Any) -> Any:
        said = await answer(conversation, turn)
        if not withdrawn.is_set():
            withdrawn.set()
            # the bare unit, so that no notice in the conversation gives the change away
            house.rooms.store.write_now(offers.withdraw, made.id, actor=AGENT)
        return said

    engines.answer = slowly
    await house.say("yes")
    assert house.settled() == []
    assert house.state(made.id)[0] == "withdrawn"
    assert "no longer stand" in house.last().text


async def test_an_option_chosen_elsewhere_is_not_the_one_that_a_yes_confirms(house: House) -> None:
    await house.file_by_chat()
    made = house.offer()
    await house.say("2")
    house.rooms.store.write_now(offers.choose, made.id, 1, Said("the first", "phone", AGENT))
    await house.say("yes")
    assert house.settled() == []


async def test_two_who_agree_at_once_make_one_settlement(house: House) -> None:
    await house.file_by_chat()
    made = house.offer()
    said = Said("yes", "phone", AGENT)
    house.rooms.store.write_now(offers.choose, made.id, 2, said)

    async def agree() -> Any:
        try:
            return await house.rooms.store.write(negotiating.agree, house.rooms.notices, made.id, 2, said)
        except OfferIsOver as error:
            return error

    results = await asyncio.gather(*(agree() for _ in range(8)))
    assert sum(isinstance(one, OfferIsOver) for one in results) == 7
    assert len(house.settled()) == 1


async def test_a_kill_between_the_choice_and_the_confirmation_loses_neither(house: House) -> None:
    """The process dies with the yes in hand: another one finds the turn, the state and the choice, and agrees once."""
    await house.file_by_chat()
    made = house.offer()
    await house.say("2")
    await house.write("yes")
    claimed = house.rooms.store.write_now(claim_turns, 8)
    assert len(claimed) == 1, "claimed, and the process died"
    assert (
        customer_turn(claimed[0], house.rooms.notices.promises, claimed[0].claim.unanswered[0].at).offers[0].chosen == 2
    )
    past = sa.update(conversation_table).values(speak_at=sa.bindparam("at"))
    house.rooms.store.write_now(lambda tx: tx.execute(past, {"at": tx.now - timedelta(seconds=1)}))
    await house.rooms.settle()
    [settled] = house.settled()
    assert (settled.option, settled.words) == (WHOLE, "yes")
    assert not house.rooms.store.write_now(turns.still_mine, claimed[0].claim), "the dead turn can't be stored any more"
    assert house.state(made.id)[0] == "agreed"


async def test_the_unit_that_agrees_undoes_everything_if_its_transaction_does(house: House) -> None:
    await house.file_by_chat()
    made = house.offer()

    def fails(tx: Transaction) -> None:
        negotiating.agree(tx, house.rooms.notices, made.id, 1, Said("yes", "phone", AGENT))
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        house.rooms.store.write_now(fails)
    assert house.settled() == []
    assert house.state(made.id)[0] == "open"
    assert house.words() == []
