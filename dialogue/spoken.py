"""The language of the conversation: the customer's, and not that of every word of theirs.

It follows what they write at once. Only a few English words from somebody who told their complaint in Chinese ("what for?") leave it
as it is: many write Chinese with English in between. With the second such message in a row it is English.

Not here: what language a text is in (understanding/language.py).
"""

from __future__ import annotations

import re
from typing import Final

from case_store.records import Language
from dialogue.memory import Memory
from dialogue.understanding.found import Understanding

ENOUGH_WORDS: Final = 8
"""So much is a message in English, and not a word in passing."""

_WORD: Final = re.compile(r"[a-z']+", re.IGNORECASE)
_ASKS_FOR_ENGLISH: Final = re.compile(r"\benglish\b", re.IGNORECASE)


def follow(memory: Memory, heard: Understanding, *, told: bool) -> None:
    """Sets the language that is answered in. `told`: whether the complaint has been told already."""
    if heard.language is None:
        return
    written = heard.language.value
    in_passing = told and heard.language is Language.EN and written != memory.language and not _is_enough(heard.text)
    if in_passing and memory.leaning != written:
        memory.leaning = written
    else:
        memory.language, memory.leaning = written, None


def _is_enough(text: str) -> bool:
    return _ASKS_FOR_ENGLISH.search(text) is not None or len(_WORD.findall(text)) >= ENOUGH_WORDS
