"""The form: what is still missing, the one or two questions to ask next, and the read-back.

Its order is the script's `required_slots`. A fact is asked for until it is known, refused, not known to the customer, or asked for
twice in vain; never more than twice in a row, unless something was told in between, and never more than three times in all. What happened, without which there
is nothing to register, is asked for three times and then by a person. `confirmed` comes last and is the read-back.

Not here: taking up the answers (taking.py), what interrupts (actions.py), what is said to the read-back (checking.py).
"""

from __future__ import annotations

import re
from typing import Any, Final

from case_store.records import FACT_NAMES, Language
from dialogue import answering, checking, readback
from dialogue.asking_back import ponders
from dialogue.memory import Phase
from dialogue.scene import Scene
from dialogue.story import is_an_answer, says_that_they_complain
from dialogue.subject import clauses_beside_facts
from dialogue.sympathy import FEELING, has_been_said, sympathise
from dialogue.themes import themes_in
from dialogue.turn import CallPerson
from dialogue.understanding.found import Signal
from dialogue.understanding.holding import holds_back
from dialogue.understanding.reaching import REACH
from dialogue.wishing import cries

MOST_TRIES: Final = 2  # once, and once more in other words
MOST_ASKED: Final = 3  # questions back and greetings between them included; the story itself is asked for as often
MOST_IN_A_ROW: Final = 2
MOST_LOST: Final = 2  # turns in a row without sense: then a person

_CLAUSE: Final = re.compile(r"[^,，。;；!！?？\n]+[,，。;；!！?？\n]*")
_NOTED: Final = ("about", "occurred_on", "amount", "desired_outcome")
_LONGEST_NOTE: Final = {Language.HANS: 40, Language.HANT: 40, Language.EN: 100}

_MONEY_GONE: Final = re.compile(
    r"\bbalance (?:\w+ )?(?:went down|dropped|is (?:down|short|less))|gave me nothing|\bdebited\b|[余餘][额額][^，,。]{0,6}[少扣减減]|[没沒冇不][吐出][钱錢]",
    re.IGNORECASE,
)

_TOGETHER: Final = frozenset(
    {("about", "occurred_on"), ("about", "amount"), ("occurred_on", "amount"), ("name", "contact")}
)


def ask(scene: Scene) -> None:
    """Asks for what is missing, or reads back."""
    if scene.memory.phase == Phase.CONFIRMING and not missing(scene):
        checking.ask_again(scene)
        return
    if scene.got_something:
        scene.memory.straight = {}
    facts = next_question(scene)
    if not facts:
        scene.memory.skipped += missing(scene)
        checking.lay_out(scene)
        return
    scene.memory.phase = Phase.OPEN
    scene.memory.straight = {fact: scene.memory.straight.get(fact, 0) + 1 for fact in facts}
    for fact in facts:
        scene.memory.times[fact] = scene.memory.times.get(fact, 0) + 1
    together: dict[str, Any] = {"ask_with": facts[1] if len(facts) == 2 else None}
    scene.say(f"utter_ask_{scene.script.form}_{facts[0]}", facts, conditions=together)


def ask_again(scene: Scene) -> None:
    """Goes on with the question that is open. Nothing came between that would count as a try."""
    times, straight = dict(scene.memory.times), dict(scene.memory.straight)
    ask(scene)
    scene.memory.times = {**scene.memory.times, **times}
    scene.memory.straight = {**scene.memory.straight, **straight}


def missing(scene: Scene) -> tuple[str, ...]:
    """The facts still to be asked for, in the script's order."""
    given_up = scene.draft.declined.union(scene.memory.skipped)
    wanted = [fact for fact in scene.script.required_slots if fact != "confirmed"]
    return tuple(
        fact
        for fact in wanted
        if not scene.knows(fact)
        and fact not in given_up
        and not _pointless(scene, fact)
        and (fact == "what_happened" or scene.memory.times.get(fact, 0) < MOST_ASKED)
    )


def asks_in_circles(scene: Scene) -> bool:
    """Whether what happened has been asked for often enough, greetings and questions back included."""
    times = scene.memory.times.get("what_happened", 0)
    return scene.draft.facts.what_happened is None and times >= MOST_ASKED


def next_question(scene: Scene) -> tuple[str, ...]:
    """One fact, or two that belong together and have not been asked for in vain. What was just asked twice makes room for another."""
    straight = scene.memory.straight
    if scene.asks_back and (same := _asked_about(scene)):
        return same
    open_facts = [fact for fact in missing(scene) if fact == "what_happened" or straight.get(fact, 0) < MOST_IN_A_ROW]
    if not open_facts:
        return ()
    first = open_facts[0]
    for second in open_facts[1:2]:
        fresh = not scene.memory.tries.get(first) and not scene.memory.tries.get(second)
        if (first, second) in _TOGETHER and fresh:
            return (first, second)
    return (first,)


def _asked_about(scene: Scene) -> tuple[str, ...]:
    """What was asked back about: it is put again, not another question, as often as any may be."""
    given_up = scene.draft.declined.union(scene.memory.skipped)
    return tuple(
        fact
        for fact in scene.memory.asked
        if fact in FACT_NAMES
        and not scene.knows(fact)
        and fact not in given_up
        and scene.memory.times.get(fact, 0) < MOST_ASKED
        and scene.memory.straight.get(fact, 0) < MOST_IN_A_ROW
    )


def check_answer(scene: Scene) -> None:
    """What the last question brought; Rasa calls this the form's validation."""
    if scene.memory.pending == "withdraw":  # asked back, and answered with something else
        read_back = scene.memory.phase == Phase.CONFIRMING
        scene.memory.pending, scene.memory.asked = (
            None,
            ["confirm"] if read_back and holds_back(scene.heard.text) else [],
        )
    if "confirm" in scene.memory.asked:
        checking.check(scene)
        return
    sympathise(scene)
    _say_how_to_be_reached(scene)
    if scene.odd_number:
        _ask_for_the_number_again(scene)
        return  # it was given, and is no try in vain
    if not scene.heard.text.strip() and REACH in (*scene.learned, *scene.changed):
        return  # no answer and no try
    if scene.asks_back:
        answering.explain(scene)
        return  # no try: the question is put again, and not for ever
    given_up = scene.draft.declined.union(scene.memory.skipped)
    scene.in_vain = [fact for fact in scene.memory.asked if not scene.knows(fact) and fact not in given_up]
    if "about" in scene.in_vain and _answers_in_other_words(scene):
        scene.in_vain.remove("about")
        _give_up(scene, "about")
    for fact in scene.in_vain:
        most = MOST_ASKED if fact == "what_happened" else MOST_TRIES
        scene.memory.tries[fact] = scene.memory.tries.get(fact, 0) + 1
        if scene.memory.tries[fact] >= most:
            _give_up(scene, fact)
    _count_lost(scene)
    _acknowledge(scene)


def _say_how_to_be_reached(scene: Scene) -> None:
    if REACH in (*scene.learned, *scene.changed):
        scene.say("utter_reach_noted", attached=True, words=scene.heard.words[REACH])


def _ask_for_the_number_again(scene: Scene) -> None:
    number = scene.memory.odd or ""
    scene.memory.times["contact"] = scene.memory.times.get("contact", 0) + 1
    scene.say("utter_contact_odd", ("contact",), number=number, count=str(sum(char.isdigit() for char in number)))


def _answers_in_other_words(scene: Scene) -> bool:
    """Whether who was asked what it is about has said what they can: told more of it, or all of it again."""
    if scene.draft.facts.what_happened is None:
        return False
    return scene.repeats or (scene.told_more and bool(clauses_beside_facts(scene)))


def _count_lost(scene: Scene) -> None:
    if scene.heard_signal(Signal.COMMAND) or scene.turn.resumes:
        return
    scene.memory.lost = 0 if _understood(scene) else scene.memory.lost + 1
    if scene.memory.lost >= MOST_LOST:
        scene.acts.append(CallPerson("wits_end"))


def _understood(scene: Scene) -> bool:
    """Whether it made sense at all, even if it brought nothing new."""
    heard = scene.heard
    if (
        scene.got_something
        or scene.repeats
        or scene.settled
        or heard.signals
        or heard.language is not None
        or is_an_answer(heard.text)
    ):
        return True
    if ponders(heard.text):
        return True
    return scene.draft.facts.what_happened is None and says_that_they_complain(scene)


def _give_up(scene: Scene, fact: str) -> None:
    if fact == "what_happened":
        scene.acts.append(CallPerson("wits_end"))
    else:
        scene.memory.skipped.append(fact)


def _acknowledge(scene: Scene) -> None:
    """A word on what was just given, before the next question."""
    for fact in scene.refused[:2]:
        scene.say_once(f"utter_refused_{fact}", conditions={"reachable": scene.turn.reachable or None}, attached=True)
    if scene.refused or answering.acknowledge(scene):
        return
    if _hears_them(scene):
        return
    if scene.heard_signal(Signal.DOES_NOT_KNOW) and set(scene.memory.asked) & set(scene.memory.skipped):
        scene.say("utter_not_known", conditions={"asked_for": scene.memory.asked[0]})
    elif (scene.learned or scene.changed) and not scene.pieces:
        _note(scene)
    elif scene.told_more and scene.in_vain and not scene.pieces:
        _note(scene)  # asking again without a word on what was said instead would sound deaf
    elif scene.repeats and not scene.pieces:
        scene.say("utter_said_before")
    elif scene.memory.lost and not scene.heard_signal(Signal.COMMAND):
        scene.say("utter_not_understood")


def _hears_them(scene: Scene) -> bool:
    """A sentence on how they are, where they say that and nothing else, if none was said yet."""
    if not scene.told_more or scene.learned or scene.changed or scene.pieces:
        return False
    return cries(scene.heard.text) and not has_been_said(scene) and scene.say_once(FEELING)


def _note(scene: Scene) -> None:
    """Says what was taken, in the customer's words, unless the read-back follows at once and says all of it."""
    taken = _taken(scene) if missing(scene) else ""
    if taken and scene.learned == ["desired_outcome"] and not scene.changed:
        scene.say("utter_noted_wish", taken=taken)
    elif taken and _only_told(scene):
        scene.say("utter_noted_story", taken=taken)
    elif taken:
        scene.say("utter_noted_as", taken=taken)
    else:
        scene.say("utter_noted")


def _only_told(scene: Scene) -> bool:
    """Whether there is more of the story and no fact: quoted, for "very well: my mother didn't sleep" would sound heartless."""
    return bool(scene.told_more and scene.in_vain and not scene.learned and not scene.changed)


def _taken(scene: Scene) -> str:
    if _only_told(scene):
        unknown = scene.heard.evidence.get(Signal.DOES_NOT_KNOW)
        clauses = [clause for clause in _CLAUSE.findall(scene.heard.text) if not unknown or unknown not in clause]
        words = ["".join(clauses).strip().rstrip("。.!！,，")]
    else:
        facts = [fact for fact in (*scene.changed, *scene.learned) if fact in _NOTED]
        if len(facts) > 1 and "desired_outcome" in facts:
            facts.remove("desired_outcome")  # a sentence between words; the read-back has it
        words = [_short(scene, fact) for fact in facts]
    joined = scene.word("utter_noted_joint").join(word for word in words if word)
    return joined if len(joined) <= _LONGEST_NOTE[scene.language] and "\n" not in joined else ""


def _short(scene: Scene, fact: str) -> str:
    spelled = fact == "occurred_on" and (scene.language is Language.EN or fact in scene.changed)
    if fact == "amount" or spelled:
        return readback.new_value(scene, fact)
    return scene.draft.words.get(fact) or scene.draft.evidence.get(fact, "").strip()


def _pointless(scene: Scene, fact: str) -> bool:
    """Money is not asked for where it plays no part: rudeness, a leak, an outage; a contact only where it is needed or wanted."""
    if fact == "contact":
        return scene.turn.reachable and not scene.turn.house.asks_contact_in_messenger
    if fact != "amount":
        return False
    story = scene.draft.facts.what_happened or ""
    themes = themes_in(story)
    return not _MONEY_GONE.search(story) and bool(themes) and not any(theme.money for theme in themes)
