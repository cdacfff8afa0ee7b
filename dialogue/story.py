"""Which of the customer's words are the story: what happened, told at once or bit by bit, before registering and after.

In a live conversation the first words, and whatever answers "what happened?", are the story, unless they plainly greet, ask, thank or
refuse; later a line belongs to it where it tells more than the facts in it.

Not here: facts and their corrections (taking.py), what a line asks for or tells (wishing.py), words by which nothing is complained of (purpose.py).
"""

from __future__ import annotations

import re
from typing import Final

from case_store.records import MessageKind
from dialogue.memory import Phase
from dialogue.purpose import comes_for_another_reason
from dialogue.scene import Scene
from dialogue.themes import (
    names_need,
    only_announces,
    without_small_talk,
)
from dialogue.turn import Pace
from dialogue.understanding.abouts import about_in
from dialogue.understanding.afterwards import After, after_in, tells_besides, worries
from dialogue.understanding.facts import tells_of_an_event
from dialogue.understanding.found import Signal
from dialogue.understanding.orders import only_tells
from dialogue.understanding.verdicts import adds_more
from dialogue.wishing import LIKELY, SURE, cries, tells

_LIVE_ENOUGH: Final = 4  # Chinese characters or words of a line in a chat that tells something

_HAN_OR_WORD: Final = re.compile(r"[\u3400-\u9fff]|[A-Za-z0-9']+")

_FIGURE: Final = re.compile(r"\d")
_LETTER: Final = re.compile(r"[^\W\d_]")

_ENOUGH_TO_TELL: Final = 7  # Chinese characters or English words

_COMES_TO_COMPLAIN: Final = re.compile(
    r"(?:我|本人)?(?:今天|现在|現在)?(?:要|想|来|來|需要)+(?:投诉|投訴|申诉|申訴|客诉|客訴|反映)(?:一下|下)?(?:你们|你們|你哋|贵行|貴行|这家|這家)?(?:的|嘅)?(?:银行|銀行|行)?"
    r"|(?:i(?:'d| would)? (?:want|like|need|wish) to |i am writing to |i'm here to )(?:make |file |raise |lodge )?(?:a )?(?:formal )?complain\w*"
    r"(?: (?:about|against) (?:your|the|this) (?:bank|service)| to (?:you|your bank))?(?: please)?",
    re.IGNORECASE,
)

ON_RECORD: Final = (After.QUESTION, After.CONFIDENTIAL, After.FASTER)
"""What is asked after filing and only a colleague can weigh or answer."""

_LEAST: Final = 2
"""Chinese characters or English words, as below: with fewer nothing is told at all."""
THIN: Final = 3
"""Up to so many it is a word or two, and no answer in words."""
_LONG_STORY: Final = 15
"""From so many on it is a story whatever else is in it."""

_SPENT: Final = re.compile(r"[盗盜]刷|刷走|(?:been|someone|somebody) (?:used|using|spen[dt])", re.IGNORECASE)

_WORDLESS: Final = (Signal.COMMAND, Signal.DANGER_TO_LIFE)

_ABOUT_THE_CASE: Final = (
    Signal.ASKS_STATUS,
    Signal.ASKS_DATA_HELD,
    Signal.ASKS_WHY,
    Signal.ASKS_HOW_LONG,
    Signal.WITHDRAWS,
    Signal.WANTS_PERSON,
)

_HOW_FAR: Final = (Signal.ASKS_STATUS, Signal.ASKS_HOW_LONG)

_NO_STORY: Final = (Signal.REFUSES, Signal.ABUSE)

NO_ANSWER: Final = (
    *_WORDLESS,
    *_ABOUT_THE_CASE,
    *_NO_STORY,
    Signal.DOES_NOT_KNOW,
    Signal.ANOTHER_COMPLAINT,
    Signal.STOLEN_CARD,
    Signal.SCAM_NOW,
)


def is_telling(text: str) -> bool:
    """Long enough to be a story and not an answer in a word."""
    return length_of(text) >= _ENOUGH_TO_TELL


def is_an_answer(text: str) -> bool:
    """Long enough to make sense, whether we see it or not."""
    return length_of(text) > THIN


def says_that_they_complain(scene: Scene) -> bool:
    """ "投诉" alone is no story, but it says why they came."""
    kind = scene.judge(scene.heard.text, scene.draft, subject=scene.turn.subject, language=scene.heard.language).kind
    return kind.value == MessageKind.COMPLAINT


def length_of(text: str) -> int:
    return len(_HAN_OR_WORD.findall(text))


def story_in(scene: Scene, text: str) -> str | None:
    """What is told is the complaint, in whatever words, unless it is plainly a greeting, a question, thanks or a wish."""
    if only_announces(text) or comes_for_another_reason(scene, text):
        return None
    found = scene.heard.facts.what_happened
    tried = scene.memory.tries.get("what_happened", 0)
    if found is not None and not _LETTER.search(found):
        return None  # figures alone are facts of some kind, and no story
    if found is not None:
        # "理财": a product, "11月5日，信義分行，五千元": what has places of its own; not yet what happened
        bare = _is_no_event(found) or not length_of(without_small_talk(_beside_facts(scene, found)))
        thin = bare if not tried else length_of(found) < _LEAST and not tells_of_an_event(found)  # "mm"
        return None if thin or _means_something_else(scene, found) else found
    if scene.memory.loop is None and not scene.heard.signals and _LEAST <= length_of(text) < _ENOUGH_TO_TELL:
        return text if _is_bare_event(text) else None
    announced = scene.heard.evidence.get(Signal.ANOTHER_COMPLAINT, "")
    if not is_telling(_COMES_TO_COMPLAIN.sub("", text.replace(announced, ""))) or scene.heard_signal(
        *_WORDLESS, *_ABOUT_THE_CASE
    ):
        return None
    asked_again = "what_happened" in scene.memory.asked and tried
    if asked_again or says_that_they_complain(scene):
        return text
    return text if _is_live_telling(scene, text) else None


def _is_live_telling(scene: Scene, text: str) -> bool:
    """Whether so much is told in a chat that nobody would say it but to complain; a polite word before it asks for more."""
    if scene.turn.pace is not Pace.LIVE:
        return False
    polite = scene.heard_signal(Signal.GREETS, Signal.THANKS, Signal.STOLEN_CARD, *_NO_STORY)
    facts = bool({"amount", "occurred_on"}.intersection(scene.learned))
    told = length_of(without_small_talk(text))
    least = _LONG_STORY if polite or names_need(text) else _ENOUGH_TO_TELL
    return _kind(scene) != MessageKind.UNSOLICITED and (facts or told >= least)


def _is_bare_event(text: str) -> bool:
    """ "扣钱", "card blocked": what happened, in a word or two; a product beside it must leave the event standing."""
    about = about_in(text)
    rest = text if about is None else text.replace(about.words, "")
    return tells_of_an_event(rest) and (about is None or text.isascii())


def _is_no_event(found: str) -> bool:
    """ "理财" names a product, "扣钱" says in two characters what happened."""
    return length_of(found) < THIN and not tells_of_an_event(found)


def _means_something_else(scene: Scene, found: str) -> bool:
    """A short text that asks, refuses or curses tells nothing; one that announces another matter may tell it at once."""
    announced = scene.heard.evidence.get(Signal.ANOTHER_COMPLAINT)
    if announced is not None and (not announced or is_telling(found.replace(announced, ""))):
        return False
    return scene.heard_signal(*no_answer_signals(scene)) and length_of(found) < _LONG_STORY


def _beside_facts(scene: Scene, text: str) -> str:
    """What is told beside facts that have a place of their own."""
    for fact in scene.learned:
        text = text.replace(scene.heard.evidence.get(fact, ""), "")
    return text


def no_answer_signals(scene: Scene) -> tuple[Signal, ...]:
    """A curse between facts takes nothing from what is told with them."""
    facts = {"amount", "occurred_on"}.intersection(scene.heard.evidence)
    # the hotline has been named, or money is gone: then the theft is the complaint
    told = facts or "what_happened" in scene.memory.asked or _SPENT.search(scene.heard.text)
    besides = {Signal.ABUSE} if facts else set()
    besides |= {Signal.STOLEN_CARD} if told else set()
    besides |= {Signal.SCAM_NOW} if told or scene.draft.facts.what_happened is None else set()
    return tuple(signal for signal in NO_ANSWER if signal not in besides)


def _only_vents(scene: Scene, text: str) -> bool:
    """A curse or a refusal that tells nothing."""
    if scene.heard_signal(Signal.REFUSES):
        return True
    return (
        scene.heard_signal(Signal.ABUSE) and Signal.ABUSE in no_answer_signals(scene) and length_of(text) < _LONG_STORY
    )


def _kind(scene: Scene) -> str:
    return scene.judge(scene.heard.text, scene.draft, subject=scene.turn.subject).kind.value


def tells_more(scene: Scene, text: str) -> bool:
    """Not a mere answer: what is asked for by name or number is not part of the story."""
    if scene.asks_back:
        return False
    if scene.memory.phase == Phase.FILED and scene.turn.pace is Pace.LIVE:
        return _is_of_the_case(scene, text) and _tells_afterwards(scene, text)
    if scene.changed or scene.heard_signal(*_WORDLESS, *_ABOUT_THE_CASE) or _only_vents(scene, text):
        return False
    if names_need(text):
        return True
    if scene.memory.asked == ["confirm"] and scene.heard_signal(Signal.YES):
        return False
    if scene.memory.asked == ["desired_outcome"] and not scene.knows("desired_outcome") and only_tells(text):
        return True
    if scene.heard_signal(Signal.CORRECTS) and scene.memory.phase != Phase.CONFIRMING:
        return False
    tells = scene.heard.facts.what_happened is not None
    if "desired_outcome" in scene.learned and "desired_outcome" in scene.memory.asked and not tells:
        return False
    if _tells_in_a_line(scene, text):
        return True
    told = _beside_facts(scene, text)
    for signal in (Signal.DOES_NOT_KNOW, Signal.ANOTHER_COMPLAINT):
        told = told.replace(scene.heard.evidence.get(signal, ""), "")
    if scene.memory.phase == Phase.CONFIRMING and scene.heard_signal(Signal.CORRECTS) and _FIGURE.search(told):
        return length_of(told) > THIN  # "it's actually 4.5% he promised": put right, though no fact of its own
    return length_of(told) >= _enough(scene)


def _tells_in_a_line(scene: Scene, text: str) -> bool:
    """Whether a short line of a chat tells something beside the facts in it: 油没给, "he's still on the line"."""
    if scene.turn.pace is not Pace.LIVE or scene.memory.phase != Phase.OPEN or scene.heard_signal(*NO_ANSWER):
        return False
    named = not {"name", "contact"}.isdisjoint(scene.learned)
    if scene.captions or named:
        return False
    told = _beside_facts(scene, text)
    thin = length_of(scene.draft.facts.what_happened or "") < _LONG_STORY
    if thin and scene.learned and length_of(told) >= _LEAST and tells_of_an_event(told):
        return True
    least = SURE if {"name", "contact"}.intersection(scene.memory.asked) else LIKELY
    return (tells(told, least) or cries(told)) and length_of(told) >= (THIN if thin else _LIVE_ENOUGH)


def _is_of_the_case(scene: Scene, text: str) -> bool:
    """Whether something may be told beside what is put right or asked after: whoever is told that it is on record finds it there."""
    asked = after_in(text) in ON_RECORD
    in_need = names_need(text) or worries(text)
    about = [signal for signal in _ABOUT_THE_CASE if not (in_need and signal in _HOW_FAR)]
    if (scene.changed and not asked) or scene.heard_signal(*_WORDLESS, *about):
        return False
    return not _only_vents(scene, text)


def _tells_afterwards(scene: Scene, text: str) -> bool:
    """Whether it belongs to the record though nothing was asked: whatever is told, and a question that only a person can answer."""
    kind = after_in(text)
    if kind in ON_RECORD or worries(text) or names_need(text):
        return True
    if kind in (After.GOODBYE, After.PRESENT, After.SORRY, After.DOUBTS):
        return False
    nods = [scene.heard.evidence.get(signal, "") for signal in (Signal.YES, Signal.NO) if scene.heard_signal(signal)]
    if any(length_of(text) - length_of(nod) < _ENOUGH_TO_TELL for nod in nods):
        return False
    thanks = scene.heard.evidence.get(Signal.THANKS, "")
    if thanks and length_of(text.replace(thanks, "", 1)) < _ENOUGH_TO_TELL:
        return False
    return tells_besides(_beside_facts(scene, text))


def _enough(scene: Scene) -> int:
    """How much must be left to be part of the story: more where a name was asked, less where the story is thin."""
    if scene.memory.asked == ["confirm"] and adds_more(scene.heard.text):
        return THIN
    polite = scene.heard_signal(Signal.THANKS, Signal.GREETS)
    if scene.heard.facts.what_happened is not None and "what_happened" not in scene.memory.asked and not polite:
        return _ENOUGH_TO_TELL
    if polite or {"name", "contact"}.intersection(scene.memory.asked):
        return _LONG_STORY
    thin = length_of(scene.draft.facts.what_happened or "") < _ENOUGH_TO_TELL and scene.memory.phase == Phase.OPEN
    return 2 if thin and not scene.heard.signals and not scene.learned else _ENOUGH_TO_TELL
