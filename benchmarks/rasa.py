"""A turn by Rasa: how much of it is the gateway's own, listening, steps, closing and both ways over HTTP, beside Rasa's.

Needs Rasa's environment (`make rasa`). The gateway's share is the processor time of its process during the turns, both ways
over HTTP included; what is left of a turn is Rasa's own.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.harness import Absent, Line, percentile
from dialogue.embedded import embedded_engine
from dialogue.engine import Engine
from tests.conformance.engines.beside_rasa import BesideRasa
from tests.conformance.engines.conversation import Heard
from tests.rasa.environment import NoPython310, rasa_command, trained_model
from tests.rasa.server import RasaProcess

SAID = (
    "我上个月15号在你们滨江支行买的那个理财，说好是稳的，现在亏了三万五，我妈的养老钱啊",
    "为什么要问这个？",
    "要求全额退还本金并书面道歉",
    "我叫江敏，电话13900001111",
    "不是三万五，是四万二",
    "对",
    "谢谢",
)
CONVERSATIONS = 10


def measure(runs: int) -> list[Line]:
    try:
        rasa = rasa_command()
    except NoPython310 as missing:
        raise Absent(str(missing)) from missing
    with tempfile.TemporaryDirectory() as home, _beside(rasa, Path(home)) as beside:
        _talk(beside)
        figures = [_figures(beside) for _ in range(runs)]
    whole, own = [[run[at] for run in figures] for at in (0, 1)]
    rasas = [both - ours for both, ours in zip(whole, own, strict=True)]
    return [
        Line("a turn by Rasa, whole: median", "ms", whole),
        Line("… the gateway's own part: mean", "ms", own, rasas, "Rasa's own", "< 10 ms"),
    ]


def _figures(beside: BesideRasa) -> tuple[float, float]:
    """(median of a turn, the gateway's processor time a turn), in ms."""
    begun, spent = time.process_time(), list[float]()
    for _ in range(CONVERSATIONS):
        spent += _talk(beside)
    return percentile(spent, 0.5), (time.process_time() - begun) / len(spent) * 1000


def _talk(engine: Engine) -> list[float]:
    heard, spent = Heard(engine, {"locale": "zh-Hans"}), list[float]()
    for line in SAID:
        turn = heard.turn({"customer": line})
        begun = time.perf_counter()
        answer = engine.turn(turn)
        spent.append((time.perf_counter() - begun) * 1000)
        heard.take(answer)
    return spent


@contextmanager
def _beside(rasa: Path, home: Path) -> Iterator[BesideRasa]:
    process = RasaProcess(rasa, trained_model(rasa), home)
    house = BesideRasa(process, embedded_engine())
    try:
        process.start()
        house.start()
        yield house
        house.stop()
    finally:
        process.stop()
