"""A turn of the embedded engine, understanding included; processor time.

Of the conversations of the suite (tests/conformance/engines), as customers of every kind write: what a turn takes. Of seven lines that are
longer than most, no text twice: whether it takes longer at the 150th turn than at the third.
"""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.harness import Line, percentile
from case_store.records import ChannelName, Draft, Language
from dialogue.embedded import EmbeddedEngine, embedded_engine, read_ahead
from dialogue.turn import BotTurn, CustomerMessage, CustomerTurn, Pace
from gateway.config import Settings
from gateway.policy import load_policy
from gateway.promises import Promises
from tests.conformance.engines.conversation import Heard, conversations

SAID = (
    "你好，我要投诉",
    "我上个月15号在你们滨江支行买的那个理财，说好是稳的，现在亏了三万五，我妈的养老钱啊",
    "我叫江敏，电话13900001111",
    "要求全额退还本金并书面道歉，打了三次客服电话都没有人接",
    "还有，昨天我又去了一次，大堂经理让我等通知",
    "为什么要问这个？",
    "不是三万五，是四万二",
)
CONVERSATIONS, EARLY, LATE = 8, 3, 150
SPAN = len(SAID)
_NOW = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


def measure(runs: int) -> list[Line]:
    suite = [_in_a_new_process() for _ in range(runs)]
    engine, promises = embedded_engine(), Promises(load_policy(), Settings())
    read_ahead(_NOW)
    conversation(engine, promises, 0)
    early: list[list[float]] = []
    late: list[list[float]] = []
    for run in range(runs):
        talks = [conversation(engine, promises, 1 + run * CONVERSATIONS + at) for at in range(CONVERSATIONS)]
        early.append([spent for talk in talks for spent in talk[EARLY - 1 : EARLY - 1 + SPAN]])
        late.append([spent for talk in talks for spent in talk[LATE - SPAN : LATE]])
    return [
        Line(
            "embedded turn, conversations of the suite: median",
            "ms",
            [percentile(run, 0.5) for run in suite],
            goal="≤ 2 ms",
            note=f"{len(suite[0]):,} turns",
        ),
        Line("… p95", "ms", [percentile(run, 0.95) for run in suite]),
        Line(
            f"embedded turn, seven long lines, from the {EARLY}rd: median",
            "ms",
            [percentile(run, 0.5) for run in early],
        ),
        Line("… p95", "ms", [percentile(run, 0.95) for run in early]),
        Line(
            f"embedded turn, seven long lines, up to the {LATE}th: median",
            "ms",
            [percentile(run, 0.5) for run in late],
            [percentile(run, 0.5) for run in early],
            "the early turns",
            "flat",
        ),
        Line("… p95", "ms", [percentile(run, 0.95) for run in late]),
    ]


def _in_a_new_process() -> list[float]:
    """What is remembered of a text would make a second run in the same process too fast."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(of_the_suite).result()


def of_the_suite() -> list[float]:
    """What each turn of the suite's chats takes, in ms."""
    engine, spent = embedded_engine(), list[float]()
    read_ahead(_NOW)

    class Timed:
        name = "timed"

        def turn(self, turn: CustomerTurn) -> BotTurn:
            begun = time.process_time()
            answer = engine.turn(turn)
            spent.append(1000 * (time.process_time() - begun))
            return answer

    for _, told in conversations():
        heard = Heard(Timed(), told["given"])
        for step in told["turns"] if heard.pace is Pace.LIVE else ():
            heard.take(Timed().turn(heard.turn(step)))
    return spent


def conversation(engine: EmbeddedEngine, promises: Promises, seed: int) -> list[float]:
    """What each turn took, in ms."""
    state: dict[str, Any] = {}
    draft = Draft()
    now = _NOW
    due = promises.feedback_due(now)
    spent = []
    for number in range(1, LATE + 1):
        turn = CustomerTurn(
            messages=(CustomerMessage(number, f"{SAID[(number - 1) % SPAN]}（{seed}之{number}）", None),),
            channel=ChannelName.WEBCHAT,
            pace=Pace.LIVE,
            now=now + timedelta(minutes=number),
            locale=Language.HANS,
            house=promises.house,
            feedback_due=due,
            state=state,
            draft=draft,
            cases=(),
            sender=None,
            sender_name=None,
            subject=None,
            person_at=None,
        )
        begun = time.process_time()
        answer = engine.turn(turn)
        spent.append(1000 * (time.process_time() - begun))
        state, draft = dict(answer.state), answer.draft
    return spent
