"""What kind of answer came to the question for one fact, and what follows from it: nothing is read from an answer that gives nothing.

"The letter is in the van" says that the sum is not known; it names no letter as what the complaint is about, and is no part of the
story. Who does not know, has none, will not say, has told it before or leaves it to us is not asked for it again, and hears that in
a fitting sentence. A question back is answered, and the same question put once more. What was plainly read stands above all this.

Not here: how the kinds are told apart (understanding/replies.py), what is answered to a question back (the script), an answer to the
read-back (checking.py).
"""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import Any, Final

from case_store.records import FACT_NAMES, Facts
from dialogue.as_said import LONGEST_WISH
from dialogue.asking_back import Asked, asked_back, leaves_it_open, ponders, what_is_asked
from dialogue.scene import Scene
from dialogue.themes import facts_named, names_need
from dialogue.understanding.abouts import names_staff, says_little
from dialogue.understanding.facts import tells_of_an_event
from dialogue.understanding.found import Signal, Understanding
from dialogue.understanding.replies import Reply, chances
from dialogue.understanding.signals import keyword_in
from dialogue.understanding.wishes import wish_in
from dialogue.wishing import UNLIKELY, cries, tells, wants, wish_said

LIKELY: Final = 0.5
"""The chance from which an answer counts as of a kind where nothing was read from it."""
LIKELIER: Final = 0.65
"""The same where two things were asked, a name was read, or much is said."""
LONG_HAN: Final = 30
LONG_LATIN: Final = 120
"""Characters of an answer in which more may be told than its kind says."""
SURE: Final = 0.8
"""The chance that goes before something that was read, or before what no list's word says."""

_FIRM: Final = ("occurred_on", "amount", "contact")  # read by their form, whatever stands around them
_FREE: Final = frozenset(
    {"name", "desired_outcome"}
)  # people are called and want anything: the kind itself must be likely
_BESIDE: Final = ("occurred_on", "amount", "contact", "about", "desired_outcome")
_IN_THE_WAY: Final = frozenset(
    {
        Signal.DANGER_TO_LIFE, Signal.COMMAND, Signal.WANTS_PERSON, Signal.ABUSE, Signal.WITHDRAWS, Signal.ASKS_DATA_HELD,
        Signal.ANOTHER_COMPLAINT, Signal.ASKS_STATUS, Signal.ASKS_HOW_LONG, Signal.CORRECTS, Signal.YES,
    }
)  # fmt: skip
"""What is said with these is no mere answer, or has one of its own."""
_ANSWERS: Final = frozenset({Signal.REFUSES, Signal.DOES_NOT_KNOW, Signal.NO, Signal.ASKS_WHY})
_TAKEN_FOR: Final = frozenset({Reply.UNKNOWN, Reply.NONE, Reply.TOLD, Reply.LEAVES, Reply.ASKS})
"""What a line that tells or wants something may be taken for where nothing can be read from it."""
_CLAUSE: Final = re.compile(r"(?:[^,，。.;；!！?？\n]|[.,](?=\d))+")
_BUT: Final = re.compile(
    r"\b(?:but|though|except|only that|all i know is)\b|不过|不過|但|只知道|只記得|只记得|净系|淨係|反正|總之|总之",
    re.IGNORECASE,
)
_WANTS_SOME: Final = re.compile(
    r"退|赔|賠|补偿|補償|道歉|帮我|幫我|同我|追回|取消|恢复|恢復|减免|減免|\b(?:refund\w*|compensat\w*|money back|apolog\w*|waive|cancel|(?:can|could|will|would) you (?:please |just )?(?:fix|give|pay|put|send|stop|take|remove|return))\b",
    re.IGNORECASE,
)
_NOT_KNOWING: Final = re.compile(
    r"\b(?:could|can|would|did|do)(?:n't| ?not) (?:really |even )?(?:tell|say|remember|recall|know|think|find|read|see|catch)\b|\bnever (?:looked|asked|noticed|knew|caught|kept)\b"
    r"|(?:没|沒|冇)(?:人)?(?:说|說|讲|講|告诉|告訴|注意|留意|看清|记|記)|(?:说|說|讲|講)(?:不|唔)(?:清|准|準|上|出)|记错|記錯",
    re.IGNORECASE,
)
_REPORTED: Final = re.compile(  # what others said is told, not answered
    r"\W*+(?:he|she|they|the (?:\w+ )?(?:clerk|cashier|teller|manager|adviser|advisor|man|woman|lady|girl|lad))(?: just| then)? (?:said|told|says|tells|claimed|claims|asked|replied)\b"
    r"|\W*+(?:[他她佢]们?|柜员|櫃員|行员|行員|经理|經理|客服|职员|職員|[他她佢]哋)(?:又|就|还|還|都|只)?(?:说|說|讲|講|话|話|问|問|叫|回)",
    re.IGNORECASE,
)
_SAID: Final = re.compile(
    r"说|說|讲|講|写|寫|话咗|話咗|告诉|告訴|往上|碌返|睇返|上面|前面|开头|開頭|一开始|一開始|第一[条句條]"
    r"|\b(?:told|said|say|mentioned|wrote|above|scroll|earlier|before|start|top of|times)\b",
    re.IGNORECASE,
)
_TO_OTHERS: Final = re.compile(
    r"系统|系統|记录|記錄|紀錄|电脑|電腦|账户|帳戶|户口|戶口|后台|後台|卡|同事|客服|经理|經理|柜|櫃|专员|專員|电话|電話|邮件|郵件|信|表"
    r"|\b(?:records?|files?|systems?|computers?|accounts?|forms?|colleagues?|manager|lady|man|girl|phone|card|letters?|staff|centre|branch)\b",
    re.IGNORECASE,
)


def kind_of_answer(heard: Understanding, asked: list[str]) -> Reply | None:
    """What kind of answer that gives nothing it is; None where something is told, or where other words of it weigh more."""
    facts = [fact for fact in asked if fact in FACT_NAMES]
    if not facts or len(facts) < len(asked) or "what_happened" in facts or ponders(heard.text):
        return None
    kind, chance = _likeliest(heard, facts)
    if kind is not Reply.TOLD and _REPORTED.match(heard.text):
        return None
    if kind is Reply.VALUE or chance < _least(heard, facts) or names_need(heard.text):
        return None
    if heard.signals & _IN_THE_WAY - ({Signal.WANTS_PERSON} if _is_overheard(heard, kind, chance) else set()):
        return None
    if len(facts) > 1 and "name" in facts and heard.facts.name is not None:
        return None
    if any(_is_read(heard, fact) for fact in facts) and (kind is not Reply.ASKS or chance < SURE):
        return None
    asks = kind is Reply.TOLD and not _SAID.search(heard.text)
    needs = asks and asked_back(heard) is Asked.NEED  # "don't you have that?" wants to be answered
    return None if needs or _wishes(heard, kind, facts) or _only_tells(heard, kind, chance, facts) else kind


def _only_tells(heard: Understanding, kind: Reply, chance: float, facts: list[str]) -> bool:
    """Whether it tells something and answers nothing: "I can't keep doing this" is no "I can't say"."""
    if kind not in _TAKEN_FOR or Signal.DOES_NOT_KNOW in heard.signals:
        return False
    if cries(heard.text) and tells(heard.text, UNLIKELY):
        return True
    if kind in (Reply.NONE, Reply.LEAVES) and "desired_outcome" in facts:
        return False  # "I only wanted somebody to know"
    return chance < SURE and tells(heard.text, LIKELIER)


def _wishes(heard: Understanding, kind: Reply, facts: list[str]) -> bool:
    """Whether something is wanted, which is an answer to what is wanted and no mere answer to anything else."""
    wishes = wish_said(heard.text) is not None
    if "desired_outcome" in facts:
        return wishes or (kind is Reply.ASKS and _WANTS_SOME.search(heard.text) is not None)  # "can you waive it?"
    says_so = heard.signals & {Signal.DOES_NOT_KNOW, Signal.REFUSES}
    if wants(heard.text) and not says_so and kind in _TAKEN_FOR:
        return True
    return wishes and not says_so and kind in (Reply.UNKNOWN, Reply.NONE)


def _likeliest(heard: Understanding, facts: list[str]) -> tuple[Reply, float]:
    """The kind that it is if it gives nothing, and the chance of that."""
    likely = chances(heard.text)
    kind = max((kind for kind in likely if kind is not Reply.VALUE), key=lambda kind: likely[kind], default=Reply.VALUE)
    if Signal.REFUSES in heard.signals and kind is not Reply.ASKS:
        return Reply.REFUSES, 1.0  # in so many words, whatever is said beside
    if _FREE.isdisjoint(facts):
        return kind, 1 - likely[Reply.VALUE]
    return (kind, likely.get(kind, 0)) if likely.get(kind, 0) > likely[Reply.VALUE] else (Reply.VALUE, 1.0)


def _least(heard: Understanding, facts: list[str]) -> float:
    """The chance that is enough: more where something may be told as well."""
    long = len(heard.text) > (LONG_LATIN if heard.text.isascii() else LONG_HAN)
    doubtful = long or len(facts) > 1 or (facts == ["name"] and heard.facts.name is not None)
    if doubtful and tells_of_an_event(_without_not_knowing(heard.text)):
        return SURE
    return LIKELIER if doubtful else LIKELY


def _without_not_knowing(text: str) -> str:
    """ "Couldn't tell you" is no event, though "couldn't log in" is one."""
    return _NOT_KNOWING.sub(" ", text)


def _is_overheard(heard: Understanding, kind: Reply, chance: float) -> bool:
    """Whether a person is spoken of without any of the words by which one is asked for: "I'll tell the ombudsman that"."""
    says_so = kind in (Reply.REFUSES, Reply.TOLD, Reply.ASKS) and chance >= SURE
    return says_so and keyword_in(heard.text, Signal.WANTS_PERSON) is None


def _is_read(heard: Understanding, fact: str) -> bool:
    return fact in _FIRM and (getattr(heard.facts, fact) is not None or fact in heard.words)


def as_heard(heard: Understanding, kind: Reply, asked: list[str]) -> tuple[Understanding, bool]:
    """What was heard once it is known what kind of answer it is, and whether it is a question back."""
    if asked == ["desired_outcome"] and kind in (Reply.NONE, Reply.LEAVES) and _says_in_words(heard.text):
        wish = Facts(
            desired_outcome=heard.text.strip()
        )  # "I only wanted somebody to know" tells the colleague what is wanted
        said = frozenset({"desired_outcome"})
        return replace(heard, facts=wish, words={}, signals=heard.signals - _ANSWERS, named=said), False
    kept = _beside(heard, asked) if kind in (Reply.UNKNOWN, Reply.NONE) else {}
    if heard.facts.contact is not None:
        kept = {*kept, "contact"}  # an address is given, whatever is refused beside it
    words = {fact: said for fact, said in heard.words.items() if fact in kept}
    signals, evidence = heard.signals - _ANSWERS - {Signal.WANTS_PERSON}, dict(heard.evidence)
    meant = _SIGNALS.get(kind)
    if kind is Reply.ASKS:
        meant = _ASKS.get(_asked(heard))
    if meant is not None:
        signals, evidence[meant.value] = signals | {meant}, heard.text.strip()
    facts: dict[str, Any] = {fact: getattr(heard.facts, fact) for fact in kept}
    found = replace(heard, facts=Facts(**facts), words=words, signals=signals, evidence=evidence, reply=kind)
    return found, kind is Reply.ASKS


def _asked(heard: Understanding) -> Asked:
    return Asked.NEED if Signal.ASKS_WHY in heard.signals else what_is_asked(heard.text)


_ASKS: Final = {Asked.NEED: Signal.ASKS_WHY, Asked.NEXT: Signal.ASKS_HOW_LONG}
_SIGNALS: Final = {Reply.UNKNOWN: Signal.DOES_NOT_KNOW, Reply.REFUSES: Signal.REFUSES, Reply.STOPS: Signal.WITHDRAWS}
_HAN_OR_WORD: Final = re.compile(r"[\u3400-\u9fff]|[A-Za-z']+")
_FEWEST: Final = 3  # Chinese characters or words of an answer that stands for a wish


def _says_in_words(text: str) -> bool:
    return len(_HAN_OR_WORD.findall(text)) >= _FEWEST and len(text) <= LONGEST_WISH


def _beside(heard: Understanding, asked: list[str]) -> set[str]:
    """The facts that a clause of their own tells beside: "no idea how much, but it was last Tuesday"."""
    kept = set()
    clauses = _CLAUSE.findall(heard.text)
    for fact in {field.name for field in fields(Facts)}.intersection(_BESIDE):
        said = heard.evidence.get(fact, "").strip()
        known = getattr(heard.facts, fact) is not None or fact in heard.words
        clause = next((one for one in clauses if said and said in one), None)
        if known and clause is not None and _tells(clause, said, own=fact in asked):
            kept.add(fact)
    return kept


def _tells(clause: str, said: str, *, own: bool) -> bool:
    """Whether the clause tells it for its own sake: after a "but", or with nothing else in it."""
    if _BUT.search(clause):
        return True
    alone = len(clause.strip()) <= 2 * len(said)
    return (alone or own) and max(likely := chances(clause), key=lambda kind: likely[kind]) is Reply.VALUE


def without_chatter(heard: Understanding, asked: list[str]) -> Understanding:
    """An answer that gives what was asked, without what its words name beside: whose phone it is, what a wish is about.

    Somebody who says his number adds that the phone is silent; nobody names so, in passing, what the complaint is about.
    """
    fact = asked[0] if len(asked) == 1 else ""
    if (
        fact not in FACT_NAMES
        or fact == "what_happened"
        or (getattr(heard.facts, fact) is None and fact not in heard.words)
    ):
        return heard
    dropped = {
        name for name, idle in _IDLE.items() if name != fact and getattr(heard.facts, name) and idle(heard, fact)
    }
    return replace(heard, facts=replace(heard.facts, **dict.fromkeys(dropped))) if dropped else heard


def _is_idle_about(heard: Understanding, asked: str) -> bool:
    said = heard.facts.about or ""
    if asked == "desired_outcome":
        return wish_in(heard.facts.desired_outcome or "") is not None or not names_staff(said)
    return not _PLACE.search(said) if asked in ("name", "contact") else says_little(said) or said in _ANY_STAFF


def _is_idle_wish(heard: Understanding, asked: str) -> bool:
    return asked != "about" and wish_in(heard.facts.desired_outcome or "") is None


def _is_idle_name(heard: Understanding, asked: str) -> bool:
    own_line = (heard.facts.name or "") in heard.text.splitlines()
    return (
        asked not in ("contact", "about")
        and not heard.facts.contact
        and not own_line
        and not _CALLED.search(heard.text)
    )


_IDLE: Final = {"about": _is_idle_about, "desired_outcome": _is_idle_wish, "name": _is_idle_name}
_ANY_STAFF: Final = frozenset(
    [
        "行员",
        "行員",
        "柜员",
        "櫃員",
        "职员",
        "職員",
        "经理",
        "經理",
        "店员",
        "店員",
        "保安",
        "警卫",
        "警衛",
        "staff",
        "cashier",
        "clerk",
        "teller",
    ]
)
_PLACE: Final = re.compile(r"[支分]行|网点|網點|柜|櫃|\b(?:branch|counter)\b", re.IGNORECASE)
_CALLED: Final = re.compile(r"叫|姓|名|本人|我[是系係]|\b(?:name|call|i'm|i am|this is|signed)\b", re.IGNORECASE)


def settle(scene: Scene) -> None:
    """Notes for what was asked that it is not to be had, as the kind of answer says."""
    kind = scene.heard.reply
    facts = _meant(scene)
    if kind is Reply.REFUSES:
        scene.refused = [fact for fact in facts if fact not in scene.draft.declined]
        scene.draft = replace(scene.draft, declined=scene.draft.declined | set(facts))
    elif kind is Reply.LEAVES:
        whatever = leaves_it_open(scene.heard.text)  # "by phone or mail, as you like" still needs a number
        _skip(scene, [fact for fact in facts if whatever or fact != "contact"])
    elif kind in (Reply.UNKNOWN, Reply.NONE, Reply.TOLD):
        _skip(scene, facts)
        scene.settled += facts if kind is Reply.NONE else []


def _open(scene: Scene) -> list[str]:
    return [fact for fact in scene.memory.asked if not scene.knows(fact)]


def _skip(scene: Scene, facts: list[str]) -> None:
    scene.memory.skipped += [fact for fact in facts if fact not in scene.memory.skipped]


def _meant(scene: Scene) -> list[str]:
    """What the answer is about: of two that were asked the one that it names, else both."""
    asked = _open(scene)
    named = [fact for fact in asked if fact in facts_named(scene.heard.text)]
    return named if len(asked) > 1 and named else asked


def acknowledge(scene: Scene) -> bool:
    """A word on an answer that gives nothing, before the next question; False where there is none of its own."""
    kind = scene.heard.reply
    if kind is None or scene.learned or scene.changed:
        return False
    if kind is Reply.TOLD:
        here = _SAID.search(scene.heard.text) and not _TO_OTHERS.search(scene.heard.text)
        scene.say("utter_said_before" if here else "utter_in_our_records")
    elif kind in (Reply.NONE, Reply.LEAVES):
        scene.say("utter_noted")
    else:
        return False
    return True


def explain(scene: Scene) -> None:
    """Says what is meant by the question that was not understood, or how exact an answer has to be."""
    asked = next((fact for fact in scene.memory.asked if fact in FACT_NAMES), None)
    if asked is not None and scene.heard.reply is Reply.ASKS and _asked(scene.heard) is Asked.OTHER:
        scene.say_once("utter_what_is_meant", conditions={"asked_for": asked})
