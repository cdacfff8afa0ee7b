from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from case_store.records import Language
from dialogue.understanding.found import Emotion, Signal
from dialogue.understanding.understand import understand

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("said", "language", "signal", "emotion"),
    [
        ("气死我了，我要转人工", Language.HANS, Signal.WANTS_PERSON, Emotion.ANGRY),
        ("我好擔心，件投訴進度點呀", Language.HANT, Signal.ASKS_STATUS, Emotion.WORRIED),
        ("I am disappointed, withdraw my complaint", Language.EN, Signal.WITHDRAWS, Emotion.DISAPPOINTED),
        ("ok", None, Signal.YES, Emotion.CALM),
    ],
)
def test_one_call_says_all(said: str, language: Language | None, signal: Signal, emotion: Emotion) -> None:
    understood = understand(said, now=NOW, asked=("confirm",))
    assert (understood.text, understood.language, understood.emotion) == (said, language, emotion)
    assert signal in understood.signals
    assert understood.evidence[signal] in said


def test_facts_come_with_the_signals() -> None:
    understood = understand("是的，亏了两万三", now=NOW)
    assert understood.facts.amount is not None
    assert str(understood.facts.amount.value) == "23000.00"
    assert Signal.YES in understood.signals
    assert {"amount", Signal.YES} <= understood.evidence.keys()
