"""The script's questions for a person to ask: the same sentences the bot would say, for calls back to a customer.

Not here: which facts are missing (form.py), who asks and when (the gateway).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from case_store.records import Language
from dialogue.script import default_script, filled


@lru_cache(maxsize=64)
def question(fact: str, language: Language) -> str:
    """The first way of asking for this fact alone."""
    return _say(f"utter_ask_{default_script().form}_{fact}", language)


def questions(facts: Sequence[str], language: Language) -> list[tuple[str, str]]:
    """(fact, question), in the script's order."""
    order = default_script().required_slots
    return [(fact, question(fact, language)) for fact in sorted(facts, key=order.index)]


def in_doubt(words: str, language: Language) -> str:
    """Asks whether these words were heard right: the recogniser was not sure of them."""
    return filled(_say("utter_call_heard_right", language), {"words": words})


def _say(response: str, language: Language) -> str:
    return default_script().variants(response, {"language": language.value})[0].text
