"""The language of the conversation: the customer's, and not that of every word of theirs.

It follows what they write at once. Only a few English words from somebody who told their complaint in Chinese ("what for?") leave it
as it is: many write Chinese with English in between. With the second sentence in a row it is English.

Not here: what language a text is in (understanding/language.py).
"""

from __future__ import annotations

import re
from typing import Final

from case_store.records import Language
from dialogue.memory import Memory
from dialogue.understanding.found import Understanding

IN_PASSING: Final = 3
"""So few words of English say nothing of the language, however often they come."""
ENOUGH_WORDS: Final = 8
"""So many are a message in English."""

_WORD: Final = re.compile(r"[a-z']+", re.IGNORECASE)
_ASKS_FOR_ENGLISH: Final = re.compile(r"\benglish\b", re.IGNORECASE)


def follow(memory: Memory, heard: Understanding, *, told: bool) -> None:
    """Sets the language that is answered in. `told`: whether the complaint has been told already."""
    if heard.language is None:
        return
    written = heard.language.value
    if not told or heard.language is not Language.EN or memory.language == written or _is_enough(heard.text):
        memory.language, memory.leaning = written, None
    elif len(_WORD.findall(heard.text)) > IN_PASSING:
        memory.language = written if memory.leaning == written else memory.language
        memory.leaning = written


def _is_enough(text: str) -> bool:
    return _ASKS_FOR_ENGLISH.search(text) is not None or len(_WORD.findall(text)) >= ENOUGH_WORDS
