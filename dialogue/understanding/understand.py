"""All that one text says, in one call.

Not here: what is done about it (the script), whether it is a complaint and how grave (kinds.py, triage.py).
"""

from __future__ import annotations

from datetime import datetime

from case_store.records import Language
from dialogue.understanding.emotion import emotion_in
from dialogue.understanding.facts import facts_in
from dialogue.understanding.found import Understanding
from dialogue.understanding.language import language_of
from dialogue.understanding.signals import signals_in


def understand(
    text: str,
    *,
    now: datetime,
    region: str = "CN",
    home_currency: str = "CNY",
    asked: tuple[str, ...] = (),
    spoken: Language | None = None,
    only: str | None = None,
) -> Understanding:
    """Reads a text. `now` is in the institution's zone; `asked` names what the last question was for, or `confirm`.

    `spoken` is the language of the conversation so far: "電話 91234567" alone leaves doubt. `only` names a day, a sum or an address
    (`occurred_on`, `amount`, `contact`) that alone is wanted: nothing else is read then, which spares most of the time.
    """
    language = language_of(text)
    found = facts_in(
        text, now=now, language=language or spoken, region=region, home_currency=home_currency, asked=asked, only=only
    )
    if only is not None:
        return Understanding(text, language, facts=found.facts, words=found.words, evidence=found.evidence)
    signals = signals_in(text, asked=asked)
    return Understanding(
        text=text,
        language=language,
        facts=found.facts,
        words=found.words,
        evidence={**found.evidence, **{signal.value: words for signal, words in signals.items()}},
        signals=frozenset(signals),
        emotion=emotion_in(text),
    )
