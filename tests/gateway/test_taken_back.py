"""What was given by turn and comes back: since its agent has gone or has not looked at it; and whose life is in danger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from case_store import givings, ownership, people, presence
from case_store.records import Owner
from case_store.store import Transaction
from gateway import alarms
from gateway.config import Settings
from gateway.notifications import Notices
from gateway.sign_in_policy import SignIn
from gateway.tokens import Tokens
from tests.gateway.desks import HOUR, House, house, opens, replies, says

IDLE = SignIn().idle

__all__ = ["house"]


# who is there ------------------------------------------------------------------------------------------------------


def _signs_out(house: House, id: str) -> None:
    house.store.write_now(people.end_session, "anna")


def _says_away(house: House, id: str) -> None:
    house.store.write_now(presence.say, id, "anna", takes=False)


def _says_away_elsewhere(house: House, id: str) -> None:
    house.signs_in(id, "another browser")
    house.store.write_now(presence.say, id, "another browser", takes=False)


def _closes_the_laptop(house: House, id: str) -> None:
    house.unseen_for("anna", presence.THERE + timedelta(seconds=1))


def _is_idle(house: House, id: str) -> None:
    house.unseen_for("anna", IDLE + timedelta(seconds=1), "seen_at")


def _session_ends(house: House, id: str) -> None:
    house.unseen_for("anna", timedelta(seconds=1), "expires_at")


def _account_closes(house: House, id: str) -> None:
    house.store.write_now(people.change_agent, "anna", {"active": False}, actor="agent:Admin")


GOES = [_signs_out, _says_away, _says_away_elsewhere, _closes_the_laptop, _is_idle, _session_ends, _account_closes]


@pytest.mark.parametrize("goes", GOES)
def test_who_is_gone_is_given_nothing_and_what_they_have_not_looked_at_goes_back_at_once(
    house: House, goes: Callable[[House, str], None]
) -> None:
    anna = house.at_desk("anna")
    unopened, opened = house.waits(), house.waits()
    assert house.round() == 2
    house.store.write_now(opens, opened)
    goes(house, anna)
    waiting = house.waits()
    assert house.round() == 1
    assert [house.owner(id) for id in (unopened, opened, waiting)] == [None, "Anna", None]
    assert house.events(unopened, "taken_back")[0].detail["why"] == "away"
    house.round()
    assert house.row(waiting)["unassigned"] == "nobody_available"


def test_whoever_signs_in_again_takes_none_before_they_say_so(house: House) -> None:
    anna = house.at_desk("anna")
    house.store.write_now(people.end_session, "anna")
    house.signs_in(anna, "the next morning")
    assert not house.store.read_now(presence.takes, anna)
    id = house.waits()
    house.round()
    assert house.owner(id) is None
    house.store.write_now(presence.say, anna, "the next morning", takes=True)
    assert house.round() == 1
    assert house.owner(id) == "Anna"


def test_a_browser_that_is_there_is_noted_no_more_often_than_it_has_to_be(house: House) -> None:
    house.at_desk("anna")
    bo = house.agent("bo")
    house.signs_in(bo, "bo")

    def noted(digest: str) -> datetime | None:
        house.store.write_now(presence.note, digest)
        found = house.store.read_now(people.find_session, digest, IDLE)
        assert found is not None
        return found.takes_at

    first = noted("anna")
    assert noted("anna") == first
    house.unseen_for("anna", presence.NOTED_EVERY + timedelta(seconds=1))
    assert (noted("anna") or datetime.min) > (first or datetime.min)
    assert noted("bo") is None  # who takes none is not watched


# coming back -------------------------------------------------------------------------------------------------------


def test_what_is_not_looked_at_in_time_goes_back_to_its_place_and_its_agent_counts_as_away(house: House) -> None:
    anna = house.at_desk("anna")
    id = house.waits("等了很久", ago=3 * HOUR)
    before = house.row(id)
    house.round()
    house.later(timedelta(minutes=4))
    assert house.round() == 0
    assert house.owner(id) == "Anna"
    house.later(timedelta(minutes=1))
    other = house.waits()
    assert house.round() == 1
    row = house.row(id)
    assert (row["owner"], row["agent_id"], row["epoch"]) == ("queue", None, before["epoch"] + 2)
    assert (row["waiting_since"], row["waiting_reason"]) == (before["waiting_since"], "asked")
    (back,) = house.events(id, "taken_back")
    assert (back.actor, back.detail["from"], back.detail["why"]) == ("system", "Anna", "not_opened")
    assert house.owner(other) is None  # also not another one, in the same moment
    assert not house.store.read_now(presence.takes, anna)  # the next customer must not wait for the same empty chair
    assert house.row(id)["announced_at"] is None  # so that it is announced again if it waits too long


def test_the_next_one_gets_it_and_the_same_agent_not_at_once(house: House) -> None:
    anna, bo = house.at_desk("anna"), house.at_desk("bo")
    id = house.waits()
    house.round()
    assert house.owner(id) == "Anna"
    house.later(timedelta(minutes=6))
    assert house.round() == 2  # back, and on, in one round
    assert house.owner(id) == "Bo"
    house.store.write_now(presence.say, bo, "bo", takes=False)
    house.store.write_now(presence.say, anna, "anna", takes=True)
    house.round()
    assert house.owner(id) is None
    assert house.row(id)["unassigned"] == "nobody_else"
    house.later(timedelta(minutes=6))
    assert house.round() == 1
    assert house.owner(id) == "Anna"


def _puts_off(tx: Transaction, id: str, agent_id: str) -> None:
    ownership.snooze(tx, id, until=tx.now + HOUR, by=agent_id, actor="agent:Anna")


def _takes(tx: Transaction, id: str, agent_id: str) -> None:
    ownership.take_over(tx, id, agent_id=agent_id, agent_name="Anna")


@pytest.mark.parametrize("does", [lambda tx, id, _: opens(tx, id), replies, _puts_off, _takes])
def test_what_its_agent_has_looked_at_stays_theirs(house: House, does: Callable[[Transaction, str, str], None]) -> None:
    anna = house.at_desk("anna")
    house.at_desk("bo")
    id = house.waits()
    house.round()
    house.store.write_now(does, id, anna)
    house.later(HOUR)
    house.store.write_now(people.end_session, "anna")
    assert house.round() == 0
    assert house.owner(id) == "Anna"


def test_what_a_colleague_has_taken_meanwhile_is_theirs(house: House) -> None:
    house.at_desk("anna")
    bo = house.agent("bo")
    id = house.waits()
    house.round()
    house.store.write_now(ownership.take_over, id, agent_id=bo, agent_name="Bo", from_another=True)
    house.later(HOUR)
    assert house.round() == 0
    assert house.owner(id) == "Bo"
    assert not house.looks().has_work  # and nobody looks at it again


def test_who_looks_at_it_in_the_same_moment_keeps_it(house: House) -> None:
    """The look before a round finds it due; its agent opens it before the round has its lock."""
    house.at_desk("anna")
    id = house.waits()
    house.round()
    house.later(HOUR)
    due = house.looks().returns
    assert [one.of.conversation_id for one in due] == [id]
    house.store.write_now(opens, id)
    assert house.store.write_now(givings.take_back, due) == []
    assert house.owner(id) == "Anna"


def test_who_gives_it_back_is_not_given_it_again_however_well_they_know_it(house: House) -> None:
    anna = house.at_desk("anna")
    id = house.waits()
    house.round()
    house.store.write_now(replies, id, anna)
    house.store.write_now(ownership.hand_back, id, agent_id=anna, agent_name="Anna", to=Owner.QUEUE)
    house.round()
    assert (house.owner(id), house.row(id)["unassigned"]) == (None, "nobody_else")
    house.later(HOUR)
    assert house.round() == 0
    house.at_desk("bo")
    assert house.round() == 1
    assert house.owner(id) == "Bo"


def test_also_what_a_machine_had_is_given_back(house: House) -> None:
    id = house.waits()
    house.store.write_now(ownership.take_over, id, agent_id="key-1", agent_name="robot")
    house.store.write_now(ownership.hand_back, id, agent_id="key-1", agent_name="robot", to=Owner.QUEUE)
    house.at_desk("anna")
    assert house.round() == 1


def test_what_a_customer_said_to_somebody_who_was_not_there_is_listened_to(house: House) -> None:
    house.at_desk("anna")
    id = house.waits()
    house.round()
    house.store.write_now(says, id, "什么时候有人？")
    assert house.row(id)["speak_at"] is None
    house.store.write_now(people.end_session, "anna")
    house.round()
    row = house.row(id)
    assert (row["owner"], row["speak_at"] is not None) == ("queue", True)
    house.at_desk("bo")
    assert house.round() == 0  # nobody is given what has not been heard: it may be danger


# danger ------------------------------------------------------------------------------------------------------------


def test_whose_life_is_in_danger_is_given_to_nobody(house: House) -> None:
    house.at_desk("anna")
    id = house.waits("我不想活了", reason="danger_to_life", urgent=True)
    assert house.round() == 0
    assert (house.owner(id), house.row(id)["unassigned"]) == (None, None)


def test_what_has_not_been_heard_yet_is_given_to_nobody(house: House) -> None:
    house.at_desk("anna")
    id = house.waits(speak_at=datetime.fromisoformat("2026-11-27T10:00:00+00:00"))
    assert house.round() == 0
    assert house.owner(id) is None


def test_danger_in_words_to_somebody_who_has_not_looked_goes_before_everybody_at_once(house: House) -> None:
    house.at_desk("anna")
    house.at_desk("bo")
    id = house.waits(ago=2 * HOUR)
    house.round()
    house.store.write_now(says, id, "我不想活了，今天就跳下去")
    assert house.round() == 1
    row = house.row(id)
    assert (row["owner"], row["urgent"], row["waiting_reason"]) == ("queue", True, "danger_to_life")
    assert house.events(id, "taken_back")[0].detail["why"] == "danger_to_life"
    assert house.round() == 0


def test_a_fraud_that_is_going_on_is_announced_to_everybody_before_one_of_them_is_given_it(house: House) -> None:
    house.at_desk("anna")
    id = house.waits(reason="scam_now")
    assert house.round() == 0
    notices = Notices(house.promises, Settings(data_dir=house.folder), Tokens(b"k" * 32))
    house.store.write_now(alarms.announce_waiting, notices)
    assert house.round() == 1
    assert house.owner(id) == "Anna"
