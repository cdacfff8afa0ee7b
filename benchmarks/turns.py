"""A turn of the embedded engine, understanding included, early and late in a conversation; processor time, no text twice."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.harness import Line, percentile
from case_store.records import ChannelName, Draft, Language
from dialogue.embedded import EmbeddedEngine, embedded_engine
from dialogue.turn import CustomerMessage, CustomerTurn, Pace
from gateway.config import Settings
from gateway.policy import load_policy
from gateway.promises import Promises

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


def measure(runs: int) -> list[Line]:
    engine, promises = embedded_engine(), Promises(load_policy(), Settings())
    conversation(engine, promises, 0)  # lists and caches are filled by the first one
    early: list[list[float]] = []
    late: list[list[float]] = []
    for run in range(runs):
        talks = [conversation(engine, promises, 1 + run * CONVERSATIONS + at) for at in range(CONVERSATIONS)]
        early.append([spent for talk in talks for spent in talk[EARLY - 1 : EARLY - 1 + SPAN]])
        late.append([spent for talk in talks for spent in talk[LATE - SPAN : LATE]])
    return [
        Line(
            f"embedded turn, from the {EARLY}rd: median", "ms", [percentile(run, 0.5) for run in early], goal="≤ 2 ms"
        ),
        Line("… p95", "ms", [percentile(run, 0.95) for run in early]),
        Line(
            f"embedded turn, up to the {LATE}th: median",
            "ms",
            [percentile(run, 0.5) for run in late],
            [percentile(run, 0.5) for run in early],
            "the early turns",
            "flat",
        ),
        Line("… p95", "ms", [percentile(run, 0.95) for run in late]),
    ]


def conversation(engine: EmbeddedEngine, promises: Promises, seed: int) -> list[float]:
    """What each turn took, in ms."""
    state: dict[str, Any] = {}
    draft = Draft()
    now = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
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
