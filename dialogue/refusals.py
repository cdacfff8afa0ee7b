"""What the customer will not give, does not know, or says that there is none of: asked for, and settled without a value.

Not here: what is given (taking.py), what is said about it (form.py).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from case_store.records import FACT_NAMES
from dialogue import answering
from dialogue.scene import Scene
from dialogue.themes import facts_named, says_no_contact, says_no_money, says_there_is_none
from dialogue.understanding.found import Signal
from dialogue.understanding.signals import declines_in
from dialogue.understanding.terms import fold

_MONEY: Final = re.compile(r"[钱錢]|金[额額]|\bmoney\b|\bamount\b", re.IGNORECASE)
_CLAUSES: Final = re.compile(r"[,，。.;；!！?？\n]")


def _refused(scene: Scene, optional: list[str]) -> list[str]:
    """What a refusal is about: what it names, else all that was asked; "not my name, and no number either" is both."""
    named = [fact for fact in facts_named(scene.heard.text) if not scene.knows(fact)]
    rest = [clause for clause in _CLAUSES.split(scene.heard.text) if clause.strip() and not facts_named(clause)]
    both = any(declines_in(fold(clause)) for clause in rest)
    return list(dict.fromkeys([*named, *(optional if both or not named else ())]))


def _has_none(scene: Scene) -> bool:
    """Doesn't know, or there is none: a no to "what amount is involved?" is an answer."""
    if scene.heard_signal(Signal.DOES_NOT_KNOW):
        return True
    return (
        not scene.learned
        and not scene.changed
        and (scene.heard_signal(Signal.NO) or says_there_is_none(scene.heard.text))
    )


def _not_known(scene: Scene, optional: list[str]) -> list[str]:
    """What of that was asked the customer says not to know: what the clause names, else all of it."""
    said = scene.heard.evidence.get(Signal.DOES_NOT_KNOW, "")
    if not said:
        return [] if scene.told_more else optional
    clauses = [clause for clause in _CLAUSES.split(scene.heard.text) if said in clause]
    named = {fact for clause in clauses for fact in facts_named(clause)}
    return [fact for fact in optional if not named or fact in named]


def _says_unasked_that_no_money(scene: Scene) -> bool:
    """Told in so many words, it need not be asked: "it has nothing to do with money"."""
    clauses = [clause for clause in _CLAUSES.split(scene.heard.text) if _MONEY.search(clause)]
    return not scene.knows("amount") and any(says_no_money(clause) for clause in clauses)


def take_refusals(scene: Scene) -> None:
    asked = [fact for fact in scene.memory.asked if fact in FACT_NAMES and not scene.knows(fact)]
    if scene.heard.reply is not None and not (len(asked) > 1 and scene.heard_signal(Signal.REFUSES)):
        answering.settle(scene)
        return
    optional = [fact for fact in asked if fact != "what_happened"]
    if "contact" in optional and says_no_contact(scene.heard.text):
        scene.memory.skipped.append("contact")
        scene.settled.append("contact")
        optional.remove("contact")
    asked_before = "amount" in optional or (scene.memory.times.get("amount") and not scene.knows("amount"))
    named = _says_unasked_that_no_money(scene)
    if (asked_before or named) and "amount" not in scene.memory.skipped and says_no_money(scene.heard.text):
        scene.memory.skipped.append("amount")  # an answer, not a refusal
        scene.settled.append("amount")
        optional = [fact for fact in optional if fact != "amount"]
    elif scene.heard_signal(Signal.REFUSES):
        meant = _refused(scene, optional)
        scene.refused = [fact for fact in meant if fact not in scene.draft.declined]
        scene.draft = replace(scene.draft, declined=scene.draft.declined | set(meant))
    elif _has_none(scene):
        scene.memory.skipped += [fact for fact in _not_known(scene, optional) if fact not in scene.memory.skipped]
