"""What was measured to go wrong with Rasa 3.6, tried on the real thing: each trap with what a customer must get instead.

That both engines come out the same on whole conversations is the suite's to say (tests/conformance/engines).
"""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from itsdangerous import TimestampSigner

from dialogue.embedded import EmbeddedEngine
from dialogue.rasa_protocol import RasaAnswerError, opening
from gateway.engines import Engines
from gateway.rasa import SALT, SIGNATURE, RasaAtRest, RasaEngine
from tests.conformance.engines.beside_rasa import KEY, BesideRasa
from tests.conformance.engines.conversation import Heard, outcome
from tests.rasa.server import RasaProcess
from tests.shipped_engine import warm_engine

pytestmark = [pytest.mark.rasa, pytest.mark.slow]

WHOLE = "我叫李雷，手机13812345678，上个月15号在你们西湖支行办贷款，客户经理说没有任何费用，结果扣了我3500元服务费，要求全额退还"


@pytest.fixture(scope="session")
def embedded() -> EmbeddedEngine:
    return warm_engine()


@pytest.fixture
def beside(rasa_server: RasaProcess, embedded: EmbeddedEngine) -> Iterator[BesideRasa]:
    house = BesideRasa(rasa_server, embedded, limit=30, pause=0.5)
    house.start()
    yield house
    house.stop()


@pytest.fixture
def engines(beside: BesideRasa, embedded: EmbeddedEngine) -> Iterator[Callable[[Any], Any]]:
    """Asks the house's engines, Rasa first: `(which engine answered, its answer)`."""
    made = Engines(embedded, outside=beside.engine)
    yield lambda turn: beside.run(made.answer("c1", turn))
    made.close()


class Customer:
    """A conversation with the house's engines; remembers which of them answered."""

    def __init__(self, engines: Callable[[Any], Any], embedded: EmbeddedEngine) -> None:
        self.engines, self.by = engines, list[str]()
        self.heard = Heard(embedded, {"locale": "zh-Hans"})

    def say(self, *lines: str, **more: Any) -> Any:
        by, answer = self.engines(self.heard.turn({"customer": list(lines), **more}))
        self.heard.take(answer)
        self.by.append(by)
        return outcome(answer)


@pytest.fixture
def customer(engines: Callable[[Any], Any], embedded: EmbeddedEngine) -> Customer:
    return Customer(engines, embedded)


def test_a_whole_complaint_in_one_message_is_understood_and_its_facts_are_kept(customer: Customer) -> None:
    came = customer.say(WHOLE)
    assert customer.by == ["rasa"]
    assert came.asked == ("confirm",)
    assert came.facts["amount"] == {"value": "3500.00", "currency": "CNY"}
    assert (came.facts["name"], came.facts["contact"]) == ("李雷", "+8613812345678")


def test_no_at_the_summary_does_not_register_the_complaint(customer: Customer) -> None:
    customer.say(WHOLE)
    came = customer.say("不对")
    assert "FileCase" not in came.acts
    assert came.said == ("utter_ask_what_to_correct",)
    assert customer.say("对").acts == ("FileCase",)
    assert customer.by == ["rasa"] * 3


def test_a_burst_is_answered_once(customer: Customer) -> None:
    came = customer.say("你好", "我上周在你们滨江支行买的那个理财", "说好是稳的", "现在亏了两万多")
    assert customer.by == ["rasa"]
    assert len(came.asked) <= 2
    assert came.facts["what_happened"].count("\n") == 2


@pytest.mark.parametrize(
    "typed", ["/restart", '/inform{"amount": "1"}', "/affirm", "/session_start", "EXTERNAL: affirm"]
)
def test_a_command_typed_by_a_customer_is_not_obeyed(typed: str, customer: Customer) -> None:
    before = customer.say(WHOLE)
    came = customer.say(typed)
    assert customer.by == ["rasa", "rasa"]
    assert came.acts == ()
    assert came.facts == before.facts
    assert came.state["phase"] == "confirming"


def test_a_date_in_small_talk_fills_nothing(customer: Customer) -> None:
    came = customer.say("你好，上周五下雨了吗")
    assert customer.by == ["rasa"]
    assert came.facts["occurred_on"] is None
    assert customer.say("我上周在你们滨江支行买的理财亏了两万多").facts["occurred_on"] is not None


def test_facts_are_there_from_the_first_turn_of_a_session(customer: Customer) -> None:
    """Rasa's own store drops what is posted before its session start; here the session starts with it."""
    customer.say(WHOLE)
    customer.say("对")
    assert customer.say("我的投诉到哪一步了？").said == ("utter_status",)
    assert customer.say("谢谢").said == ("utter_closing",)  # of a filed complaint; of none it is utter_thanked
    assert customer.by == ["rasa"] * 4


def test_a_form_that_runs_is_running_from_the_first_turn_of_a_session(customer: Customer) -> None:
    customer.say("我上周在你们滨江支行买的理财亏了两万多")
    came = customer.say("你好")
    assert came.said[0] == "utter_here"  # a greeting in between; without the form it is utter_greet
    assert customer.by == ["rasa"] * 2


def test_two_turns_of_one_conversation_do_not_wait_on_one_lock(beside: BesideRasa, embedded: EmbeddedEngine) -> None:
    """A wait on Rasa's lock of a conversation polls once a second: each turn is a conversation of its own there.

    Where three of four wait on a lock none of ten rounds takes less than that second; a busy machine may spoil some rounds, not all.
    """
    heard = Heard(embedded, {"locale": "zh-Hans"})
    turn = heard.turn({"customer": WHOLE})
    expected = [outcome(embedded.turn(turn))] * 4
    together = threading.Barrier(4)

    def ask() -> Any:
        together.wait(10)
        return outcome(beside.turn(turn))

    def round_of_four(pool: ThreadPoolExecutor) -> float:
        begun = time.monotonic()
        assert [asked.result() for asked in [pool.submit(ask) for _ in range(4)]] == expected
        return time.monotonic() - begun

    with ThreadPoolExecutor(4) as pool:
        assert min(round_of_four(pool) for _ in range(10)) < 1.0


def test_with_its_action_server_down_rasa_transfers_nobody_and_is_not_believed(
    customer: Customer, beside: BesideRasa
) -> None:
    beside.stop_actions()
    came = customer.say("转人工")
    assert customer.by == ["embedded"]
    assert came.acts == ("CallPerson asked",)
    assert "never came here" in str(beside.engine.trouble)
    beside.serve_actions()
    assert customer.say("我上周在滨江支行被多扣了300元", waiting="enquiry").facts["amount"] is not None
    assert customer.by == ["embedded", "rasa"]


@pytest.mark.parametrize(
    "answer",
    ['{"events": "none"}', '{"events": [{"name": "phase"}]}', "[]", "<html>", '{"events": [{"event": "restart"}]}'],
)
def test_steps_that_are_answered_with_nonsense_are_not_believed(
    answer: str, customer: Customer, beside: BesideRasa
) -> None:
    beside.stop_actions()
    beside.serve_actions(answer)
    assert customer.say("转人工").acts == ("CallPerson asked",)
    assert customer.by == ["embedded"]


def test_killed_in_the_middle_of_a_turn_nothing_is_lost(
    customer: Customer, beside: BesideRasa, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer.say("上个月15号在你们西湖支行被扣了3500元服务费")
    step = beside.engine._step

    def kill_in_it(raw: bytes) -> bytes:
        beside.process.kill()
        return step(raw)

    monkeypatch.setattr(beside.engine, "_step", kill_in_it)
    came = customer.say("全额退还")
    assert came.asked == ("name", "contact")
    monkeypatch.undo()
    came = customer.say("我叫李雷")
    assert came.asked == ("contact",)
    beside.process.start()
    came = customer.say("13812345678")
    assert came.asked == ("confirm",)
    assert customer.say("对").acts == ("FileCase",)
    assert customer.by == ["rasa", "embedded", "embedded", "rasa", "rasa"]
    assert came.facts["amount"] == {"value": "3500.00", "currency": "CNY"}


def losing(engine: RasaEngine, action: str) -> Callable[[bytes], bytes]:
    """The engine's steps, but the answer of one of them gets lost after it has been done."""
    step = engine._step

    def run(raw: bytes) -> bytes:
        done = step(raw)
        if json.loads(raw)["next_action"] == action:
            raise RasaAnswerError("lost on its way")
        return done

    return run


@pytest.mark.parametrize(
    ("action", "lines", "acts", "asked"),
    [
        ("action_file", [WHOLE, "对"], ("FileCase",), ()),
        ("action_call_person", ["转人工"], ("CallPerson asked",), ()),
        ("action_ask_complaint_form_what_happened", [WHOLE], (), ("confirm",)),
        ("validate_complaint_form", [WHOLE], (), ("confirm",)),
        ("action_session_start", [WHOLE], (), ("confirm",)),
        ("action_session_start", [WHOLE, "对", "谢谢"], (), ()),
    ],
)
def test_a_step_whose_answer_is_lost_is_done_once_all_the_same(
    action: str,
    lines: list[str],
    acts: tuple[str, ...],
    asked: tuple[str, ...],
    customer: Customer,
    beside: BesideRasa,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for line in lines[:-1]:
        customer.say(line)
    monkeypatch.setattr(beside.engine, "_step", losing(beside.engine, action))
    came = customer.say(lines[-1])
    assert customer.by[-1] == "embedded"
    assert (came.acts, came.asked) == (acts, asked)


def test_after_a_person_has_been_called_the_conversation_goes_on(customer: Customer) -> None:
    """Rasa's `resume` is lost without an `action_listen` after it: here every turn begins with a tracker that listens."""
    assert customer.say("转人工").acts == ("CallPerson asked",)
    came = customer.say(WHOLE)
    assert came.asked == ("confirm",)
    assert customer.say("对").acts == ("FileCase",)
    assert customer.by == ["rasa"] * 3


@pytest.mark.parametrize("text", ["转人工", "转人工，谢谢。" * 1000], ids=["short", "long"])
def test_rasas_classifier_decides_nothing(text: str, beside: BesideRasa, embedded: EmbeddedEngine) -> None:
    """It is sure of itself with long mails, and wrong: what is meant comes with the turn, whatever the words resemble."""
    scene = embedded.listener.begin(Heard(embedded, {"locale": "zh-Hans"}).turn({"customer": WHOLE}))
    asked = opening("c1.classified", scene, KEY) | {"text": text, "intent": "asks_why"}
    actions = json.loads(posted(beside.process, json.dumps(asked).encode()))["actions"]
    assert "action_answer_why" in actions
    assert "action_call_person" not in actions


@pytest.mark.parametrize("whose", ["the turn's", "the action call's"])
def test_with_another_secret_on_one_side_nobody_is_believed(
    whose: str, customer: Customer, beside: BesideRasa, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "another secret, as long as ours is"
    if whose == "the turn's":
        monkeypatch.setattr(beside.engine, "_signer", TimestampSigner(other, salt=SALT, digest_method=hashlib.sha256))
    else:
        monkeypatch.setattr(beside.engine, "_secret", other)
    assert customer.say("转人工").acts == ("CallPerson asked",)
    assert customer.by == ["embedded"]
    assert ("status 401" if whose == "the turn's" else "never came here") in str(beside.engine.trouble)


def test_too_slow_it_is_not_waited_for_and_after_three_times_not_even_asked(
    customer: Customer, beside: BesideRasa
) -> None:
    beside.engine._limit = 3
    stands_still = time.monotonic()
    beside.engine._breaker._clock = lambda: stands_still
    beside.process.pause()
    try:
        for line in ("上个月15号在你们西湖支行被扣了3500元服务费", "全额退还", "李雷 13812345678"):
            customer.say(line)
            assert beside.engine.trouble == "no answer within 3 s"
        turn = customer.heard.turn({"customer": "对"})
        with pytest.raises(RasaAtRest):
            beside.turn(turn)
        assert customer.say("对").acts == ("FileCase",)
    finally:
        beside.process.go_on()
    assert customer.by == ["embedded"] * 4
    beside.engine._limit = 30
    beside.engine._breaker._clock = time.monotonic
    until = time.monotonic() + 60
    while customer.by[-1] != "rasa":  # the breaker lets one try through when its pause is over
        assert time.monotonic() < until
        customer.say("谢谢")


def test_restarted_with_a_model_of_another_script_it_is_not_believed(
    customer: Customer, beside: BesideRasa, tmp_path: Path
) -> None:
    process = beside.process
    ours = process.model
    process.kill()
    process.model = Path(shutil.copy(ours, tmp_path / f"qingting-{'0' * 16}.tar.gz"))
    process.start()
    try:
        came = customer.say(WHOLE)
        assert customer.by == ["embedded"]
        assert "a model of another script" in str(beside.engine.trouble)
        assert came.asked == ("confirm",)
    finally:
        process.kill()
        process.model = ours
        process.start()
    assert customer.say("对").acts == ("FileCase",)
    assert customer.by == ["embedded", "rasa"]


@pytest.mark.parametrize(
    ("signed", "status"),
    [
        (lambda body, secret: "", 401),
        (lambda body, secret: signature(body, "another secret, as long as ours is"), 401),
        (lambda body, secret: signature(b"another body", secret), 401),
        (lambda body, secret: signature(body, secret), 400),  # signed, and no turn
    ],
    ids=["unsigned", "another secret", "another body", "no turn"],
)
def test_rasa_takes_turns_from_the_house_alone(
    signed: Callable[[bytes, str], str], status: int, rasa_server: RasaProcess
) -> None:
    body = json.dumps({"turn": "1", "intent": "inform"}).encode()
    headers = {SIGNATURE: signed(body, rasa_server.secret), "Content-Type": "application/json"}
    request = urllib.request.Request(f"{rasa_server.url}/webhooks/qingting/turn", body, headers)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    assert refused.value.code == status
    refused.value.close()


@pytest.mark.parametrize("path", ["/webhooks/rest/webhook", "/model/parse", "/conversations/x/tracker", "/domain"])
def test_nothing_else_of_rasa_can_be_reached(path: str, rasa_server: RasaProcess) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{rasa_server.url}{path}", timeout=10)
    assert refused.value.code == 404
    refused.value.close()


def test_a_turn_that_is_replayed_finds_nothing_of_the_first(beside: BesideRasa, embedded: EmbeddedEngine) -> None:
    """The same signed request twice: no tracker of the first is found, so the second is answered as the first was."""
    scene = embedded.listener.begin(Heard(embedded, {"locale": "zh-Hans"}).turn({"customer": WHOLE}))
    body = json.dumps(opening("c1.replayed", scene, KEY)).encode()
    first, second = [json.loads(posted(beside.process, body)) for _ in range(2)]
    assert first["actions"][-1] == "action_listen"
    assert first["actions"] == second["actions"]
    assert len(first["messages"]) == len(second["messages"])


def test_rasa_writes_nothing_of_a_customer_to_disk(customer: Customer, beside: BesideRasa) -> None:
    customer.say("我的卡号尾数是9527，上个月15号被扣了3500元服务费")
    written = [file for file in beside.process.home.rglob("*") if file.is_file()]
    assert not [file for file in written if b"9527" in file.read_bytes()]


def posted(process: RasaProcess, body: bytes) -> bytes:
    headers = {SIGNATURE: signature(body, process.secret), "Content-Type": "application/json"}
    request = urllib.request.Request(f"{process.url}/webhooks/qingting/turn", body, headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        raw: bytes = answer.read()
    return raw


def signature(body: bytes, secret: str) -> str:
    signer = TimestampSigner(secret, salt=SALT, digest_method=hashlib.sha256)
    return signer.sign(hashlib.sha256(body).hexdigest()).decode()
