"""Taking up what was heard: which facts are new, which were corrected, which the customer won't or can't give.

The asked fact decides how an answer is read. A known fact is replaced only when it was asked for, when the customer
corrects, or while the read-back waits for an answer; a second sum in the story is not a correction of the first.

Not here: finding facts in a text (understanding/), asking for them (form.py).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from case_store.records import FACT_NAMES, Draft, Facts, Money
from dialogue.as_said import LONGEST_WISH, day_as_said, wish_as_said
from dialogue.asking_back import ponders
from dialogue.memory import Phase
from dialogue.refusals import take_refusals
from dialogue.scene import Scene
from dialogue.story import NO_ANSWER, THIN, length_of, story_in, tells_more
from dialogue.subject import subject_as_said
from dialogue.themes import (
    facts_named,
    names_need,
)
from dialogue.turn import Pace
from dialogue.understanding.abouts import about_in, names_staff
from dialogue.understanding.afterwards import after_in
from dialogue.understanding.contacts import nearly_a_number
from dialogue.understanding.facts import tells_of_an_event
from dialogue.understanding.found import Signal, Understanding
from dialogue.understanding.meant import without_denied
from dialogue.understanding.orders import only_tells
from dialogue.understanding.people import names_nobody
from dialogue.understanding.reaching import REACH
from dialogue.understanding.signals import asks_to_block
from dialogue.understanding.wishes import wish_in
from dialogue.weighing import (
    LONGEST_ANSWER,
    adds_to_about,
    is_a_better_wish,
    is_one_more_wish,
    is_vaguer,
    says_less,
    with_part_put_right,
)
from dialogue.wishing import hear_wish, is_no_wish, only_names_a_wish

LONGEST_REACH: Final = 400
"""Characters of how to be reached."""
LONGEST_STORY: Final = 6_000
"""Characters of the story that the record keeps; the messages themselves are all kept by the house."""


_FIGURE_OR_QUESTION: Final = re.compile(r"[\d?？]")
_FIGURE: Final = re.compile(r"\d")
_LONGEST_NAME: Final = 4


# 元 and 块 are what each place calls its own money
_CURRENCY_SAID: Final = re.compile(
    r"[£$€¥￥]|[A-Za-z]{3}|人民|[港台臺美英欧歐日澳加新紐][幣币元圓紙镑鎊]|蚊|镑|鎊|欧|歐|quid|bucks?", re.IGNORECASE
)


_DENIES: Final = re.compile(
    r"不是|唔係|唔系|並非|并非|改成|改为|改為|应该是|應該是|\b(?:not|wasn't|isn't|rather than|should be)\b",
    re.IGNORECASE,
)
_INSTEAD: Final = re.compile(
    r"不用|不要|唔使|唔要|改成|改为|改為|换成|換成|改做|只要|就行|就好|就得|就可以|\b(?:instead|rather|change (?:it|that) to|forget|just want|only want|don't want|never mind)\b",
    re.IGNORECASE,
)
_OUTCOME: Final = re.compile(
    r"道.{0,2}歉|[退赔賠补補]|说明|說明|解释|解釋|处分|處分|\b(?:apolog\w+|refund\w*|compensat\w+|money|explanation|sorry|disciplin\w+)\b",
    re.IGNORECASE,
)
_PUTS_RIGHT: Final = re.compile(r"[退赔賠还還补補]|取消|refund|back|compensat|reimburs", re.IGNORECASE)


def take_facts(scene: Scene) -> None:
    answers_withdrawal = scene.memory.pending == "withdraw" and scene.heard_signal(
        Signal.YES, Signal.NO, Signal.WITHDRAWS
    )
    if scene.heard_signal(Signal.COMMAND) or answers_withdrawal:
        return
    hear_wish(scene)
    changed = _take_changed_wish(scene)
    for fact in FACT_NAMES:
        if fact != "what_happened" and not (changed and fact == "desired_outcome"):
            _take(scene, fact)
    if scene.heard.reply is None:
        _take_name_as_said(scene)
        _take_about_as_said(scene)
        _take_in_their_words(scene)
        _take_story(scene)
    _fill_from_transport(scene)
    take_refusals(scene)


def take_reach(scene: Scene) -> None:
    """How the customer wants to be reached, beside what was said of it before; kept in their words, for whoever contacts them."""
    said, known = scene.heard.words.get(REACH), scene.draft.words.get(REACH)
    if said is None or (known is not None and said in known):
        return
    _keep_reach(scene, said)


def take_odd_number(scene: Scene) -> None:
    """A number with a digit too many or too few: asked for once more, and kept as it was said if nothing better comes.

    Where another number is on record already, it goes beside how to be reached, so that it is lost in no case.
    """
    memory = scene.memory
    taken_away = "contact" in scene.changed and not scene.knows("contact")
    if "contact" in (*scene.learned, *scene.changed) and not taken_away:
        memory.odd = None
        return
    asked = "contact" in memory.asked
    text = scene.heard.text
    # of "not 07700 900555, it's 07700 90055" the second is meant
    near = nearly_a_number(without_denied(text) or text) if asked or "contact" in facts_named(text) else None
    if near is not None and taken_away:
        _put(scene, "contact", None, near)
        scene.odd_number = True
    elif near is not None and scene.knows("contact"):
        _add_reach(scene, near)
        scene.odd_number = memory.phase == Phase.FILED
    elif memory.odd is not None and asked:
        _put(scene, "contact", None, near or memory.odd)
        scene.learned.append("contact")
        memory.odd = None
    elif near is not None and memory.phase != Phase.OPEN:  # nobody asks for it any more: kept as it was written
        _put(scene, "contact", None, near)
        scene.learned.append("contact")
    elif near is not None and scene.memory.loop is not None:
        memory.odd = near
        scene.odd_number = True


def _add_reach(scene: Scene, number: str) -> None:
    known = scene.draft.words.get(REACH)
    if known is None or number not in known:
        scene.heard = replace(scene.heard, words={**scene.heard.words, REACH: number})
        _keep_reach(scene, number)


def _keep_reach(scene: Scene, said: str) -> None:
    """Beside what was said before. Where there is no room the newest is left out, which stands in the conversation: who must not know is mostly said first."""
    known = scene.draft.words.get(REACH)
    joint = "; " if said.isascii() else "；"
    words = said if known is None or known in said else f"{known}{joint}{said}"
    if known is not None and len(words) > LONGEST_REACH:
        return
    (scene.learned if known is None else scene.changed).append(REACH)
    scene.draft = replace(scene.draft, words={**scene.draft.words, REACH: words[:LONGEST_REACH]})


def take_correction(scene: Scene, was: Understanding) -> None:
    """Takes up what an answered message says now (`scene.heard`) and did not say when it was answered (`was`)."""
    for fact in FACT_NAMES:
        if fact == "what_happened":
            continue
        then = getattr(was.facts, fact), was.words.get(fact)
        if then != (getattr(scene.heard.facts, fact), scene.heard.words.get(fact)):
            _take(scene, fact)
    _correct_story(scene, was)


def _correct_story(scene: Scene, was: Understanding) -> None:
    known, now = scene.draft.facts.what_happened or "", scene.heard.text.strip()
    for then, instead in ((was.text.strip(), now), (was.facts.what_happened, scene.heard.facts.what_happened or now)):
        if then and instead and then != instead and then in known:
            _put(scene, "what_happened", known.replace(then, instead, 1)[:LONGEST_STORY], None)
            scene.told_more = True
            return


def _take(scene: Scene, fact: str) -> None:
    value = getattr(scene.heard.facts, fact)
    words = scene.heard.words.get(fact)  # beside an approximate value, or instead of an ambiguous one
    if fact in scene.heard.named and value is None and words is None and scene.knows(fact):
        _put_as_named(scene, fact, None, None)
        scene.memory.skipped.append(fact)  # there is none, and it need not be asked for
        return
    if (value is None and words is None) or _only_read_because_asked(scene, fact):
        return
    if fact == "about" and value and value in scene.heard.evidence.get(Signal.WANTS_PERSON, ""):
        return  # whom they want to speak with is not whom they complain about
    if fact == "desired_outcome" and value and scene.heard_signal(Signal.STOLEN_CARD) and _only_blocks(value):
        return  # that is the hotline's to do; what shall become of the money is still to be asked
    if fact == "desired_outcome" and value and scene.heard_signal(Signal.SCAM_NOW) and wish_in(value) is None:
        return  # "what shall I do" is about the money that is leaving
    if _is_asked_afterwards(scene, fact):
        return
    if fact == "amount" and fact not in scene.heard.named:
        value = _in_known_currency(scene, value)
    if fact in scene.heard.named:
        _put_as_named(scene, fact, value, words)
        return
    if fact == "about" and value is not None and scene.knows(fact):
        value = with_part_put_right(scene, value)
    if fact == "desired_outcome" and _wishes_more_afterwards(scene, value):
        joint = "; " if value.isascii() else "；"
        value = f"{scene.draft.facts.desired_outcome}{joint}{value}"
        scene.changed.append(fact)
        _put(scene, fact, value, None)
        return
    if fact == "desired_outcome" and is_one_more_wish(scene, value):
        value = f"{scene.draft.facts.desired_outcome}；{value}"
    if is_a_better_wish(scene, fact):
        scene.learned.append(fact)
    elif adds_to_about(scene, fact, value):
        value = f"{scene.draft.facts.about} · {value}"
        scene.learned.append(fact)
    elif fact == "about" and value and value in (scene.draft.facts.about or ""):
        return  # "the fee", when branch and fee are known, corrects nothing
    elif (fact == "about" and value and says_less(scene, value)) or (
        fact == "occurred_on" and value is not None and is_vaguer(scene, value)
    ):
        return
    elif scene.knows(fact):
        same = value == getattr(scene.draft.facts, fact) and (value is not None or words == scene.draft.words.get(fact))
        if same or not _may_change(scene, fact):
            return
        scene.changed.append(fact)
    else:
        scene.learned.append(fact)
    _put(scene, fact, value, words)


def _take_changed_wish(scene: Scene) -> bool:
    """ "Forget the money, I just want an apology", once the complaint is registered: both stand, in the order in which they were said."""
    text, known = scene.heard.text.strip(), scene.draft.facts.desired_outcome
    if scene.memory.phase != Phase.FILED or scene.turn.pace is not Pace.LIVE or not known or len(text) > LONGEST_WISH:
        return False
    other = scene.heard.signals - {
        Signal.YES,
        Signal.NO,
        Signal.CORRECTS,
        Signal.GREETS,
        Signal.THANKS,
        Signal.WITHDRAWS,
        Signal.DOES_NOT_KNOW,
    }
    if other or after_in(text) or text in known or not (_INSTEAD.search(text) and _OUTCOME.search(text)):
        return False
    joint = "; " if text.isascii() else "；"
    scene.changed.append("desired_outcome")
    _put(scene, "desired_outcome", f"{known}{joint}{text}", None)
    scene.heard = replace(scene.heard, signals=scene.heard.signals - {Signal.WITHDRAWS})
    return True


def _is_asked_afterwards(scene: Scene, fact: str) -> bool:
    """Whether a thing or a wish is only named in a question, once the complaint is registered."""
    if scene.memory.phase != Phase.FILED or scene.turn.pace is not Pace.LIVE or fact in scene.heard.named:
        return False
    numbered = _FIGURE.search(scene.heard.facts.about or "") is not None
    if fact == "about" and numbered and not _DENIES.search(scene.heard.text):
        return True  # "his number is 2046" is told of the same clerk
    if fact == "amount" and not scene.knows(fact) and not _CURRENCY_SAID.search(scene.heard.evidence.get(fact, "")):
        return True  # "2.35, not 2.31" is a rate
    return fact in ("about", "desired_outcome") and after_in(scene.heard.text) is not None


def _wishes_more_afterwards(scene: Scene, value: str | None) -> bool:
    """ "I also want an apology", once the complaint is registered: it comes on top of what was wished."""
    known = scene.draft.facts.desired_outcome
    if (
        scene.memory.phase != Phase.FILED
        or scene.turn.pace is not Pace.LIVE
        or not known
        or not value
        or value in known
    ):
        return False
    plain = not scene.heard.signals - {Signal.GREETS, Signal.THANKS}
    return plain and "desired_outcome" not in scene.heard.named and wish_in(value) is not None


def _put_as_named(scene: Scene, fact: str, value: Any, words: str | None) -> None:
    """Whatever stood there gives way to what the customer says should."""
    if (value, words) == (getattr(scene.draft.facts, fact), scene.draft.words.get(fact)):
        return
    (scene.changed if scene.knows(fact) else scene.learned).append(fact)
    _put(scene, fact, value, words)


def _only_blocks(wish: str) -> bool:
    return asks_to_block(wish) and _PUTS_RIGHT.search(wish) is None


def _in_known_currency(scene: Scene, value: Money | None) -> Money | None:
    """A sum that is put right without its currency stays in the one that was said: "不對，是八十五萬"."""
    known = scene.draft.facts.amount
    if value is None or known is None or _CURRENCY_SAID.search(scene.heard.evidence.get("amount", "")):
        return value
    return replace(value, currency=known.currency)


def _take_name_as_said(scene: Scene) -> None:
    """Asked for it, a short word beside the contact, or alone the second time, is the name, however unusual."""
    beside = "contact" in scene.learned
    again = scene.memory.asked == ["name"] and scene.memory.tries.get("name", 0) > 0 and not scene.learned
    if "name" not in scene.memory.asked or scene.knows("name") or scene.heard.signals or not (beside or again):
        return
    text = scene.heard.text.replace(scene.heard.evidence.get("contact", ""), "").strip(" \n,，.。:：;；!！")
    if wish_in(text) or tells_of_an_event(text) or ponders(text) or names_nobody(text):
        return
    if (
        text
        and len(text) <= LONGEST_ANSWER
        and length_of(text) <= _LONGEST_NAME
        and not _FIGURE_OR_QUESTION.search(text)
    ):
        _put(scene, "name", text, None)
        scene.learned.append("name")


def _take_about_as_said(scene: Scene) -> None:
    said = subject_as_said(scene)
    if said is None:
        return
    if not scene.knows("about"):
        scene.learned.append("about")
    _put(scene, "about", said, None)


def _take_in_their_words(scene: Scene) -> None:
    wish = None if scene.heard_signal(Signal.SCAM_NOW) else wish_as_said(scene)  # "what shall I do" is about the money
    day = day_as_said(scene)
    if wish is not None and not scene.knows("desired_outcome"):
        _put(scene, "desired_outcome", wish, None)
        scene.learned.append("desired_outcome")
    if day is not None and not scene.knows("occurred_on"):
        _put(scene, "occurred_on", None, day)
        scene.learned.append("occurred_on")


def _only_read_because_asked(scene: Scene, fact: str) -> bool:
    """Whatever follows a question is read as its answer, but an insult, a question back, "I forgot" or "yes" is none."""
    said = getattr(scene.heard.facts, fact)
    if fact in scene.heard.named:
        return False
    if fact not in ("desired_outcome", "about", "name") or said is None:
        return False
    nod = scene.heard_signal(Signal.YES) and length_of(scene.heard.text) <= THIN and wish_in(said) is None
    if fact in ("desired_outcome", "about") and scene.heard_signal(Signal.CORRECTS) and not _is_itself(fact, said):
        return True
    if fact == "desired_outcome" and (only_names_a_wish(said) or _is_told_instead(scene, said)):
        return True
    if fact != "name" and not _is_itself(fact, said) and _answers_otherwise(scene, fact, said):
        return True
    if fact == "desired_outcome" and names_staff(said) and _is_only(scene, "about") and wish_in(said) is None:
        return True  # "the adviser's name is Chen" asks for nothing
    if fact == "about" and not _is_itself(fact, said) and wish_in(said) is not None:
        return True  # "refund" is what is wanted, whatever was asked
    if fact == "desired_outcome" and only_tells(said) and wish_in(said) is None:
        return True
    whole = len(said) >= len(scene.heard.text.strip()) - 2
    if whole and scene.captions and wish_in(said) is None:
        return True  # the words beside a picture say what it shows
    # who asks for stolen money back names the theft and still says what is wanted; of another matter only the rest is told here
    besides = {Signal.STOLEN_CARD, *([Signal.ANOTHER_COMPLAINT] if scene.memory.others else ())}
    return whole and (nod or scene.heard_signal(*(signal for signal in NO_ANSWER if signal not in besides)))


def _is_told_instead(scene: Scene, said: str) -> bool:
    """Whether something else is told instead of what is wanted: asked once more, their words stand unless they are another fact."""
    if "desired_outcome" not in scene.memory.asked or not is_no_wish(said):
        return False
    return not scene.memory.tries.get("desired_outcome") or bool(scene.learned or scene.changed)


def _answers_otherwise(scene: Scene, fact: str, said: str) -> bool:
    """A threat, a wish and a household in need are heard, but say neither whom it is about nor what is wanted."""
    return scene.heard_signal(Signal.THREATENS) or names_need(said) or (fact == "about" and wish_in(said) is not None)


def _is_itself(fact: str, said: str) -> bool:
    """Whether the words are a wish, or name a branch, a product or somebody, whatever was asked."""
    return (wish_in(said) if fact == "desired_outcome" else about_in(said)) is not None


def _is_only(scene: Scene, fact: str) -> bool:
    """Whether the customer said this and nothing else."""
    return len(scene.heard.evidence.get(fact, "")) >= len(scene.heard.text.strip(" \n。.")) - 3


def _may_change(scene: Scene, fact: str) -> bool:
    corrects = scene.heard_signal(Signal.CORRECTS)
    agreed = scene.heard.evidence.get(Signal.YES, "")
    text = scene.heard.text.strip(" \n。.!！")
    if scene.memory.phase == Phase.CONFIRMING and agreed and text.endswith(agreed) and not corrects:
        return False  # "I was busy yesterday, it is all correct"
    if fact == "contact" and scene.memory.phase == Phase.FILED:
        return True  # another number of their own is where they are to be reached from now on
    return fact in scene.memory.asked or corrects or scene.memory.phase == Phase.CONFIRMING


def _put(scene: Scene, fact: str, value: Any, words: str | None) -> None:
    draft = scene.draft
    kept = {name: said for name, said in draft.words.items() if name != fact}
    if words is not None:
        kept[fact] = words
    evidence = dict(draft.evidence)
    if fact in scene.heard.evidence:
        evidence[fact] = scene.heard.evidence[fact]
    scene.draft = Draft(replace(draft.facts, **{fact: value}), kept, draft.declined - {fact}, evidence)
    if fact in scene.memory.skipped:
        scene.memory.skipped.remove(fact)


def _take_story(scene: Scene) -> None:
    text = scene.heard.text.strip()
    known = scene.draft.facts.what_happened
    if known is None:
        story = story_in(scene, text)
        if story is not None:
            _put(scene, "what_happened", story[:LONGEST_STORY], None)
            scene.learned.append("what_happened")
    elif tells_more(scene, text) and text not in known and len(known) < LONGEST_STORY:
        _put(scene, "what_happened", f"{known}\n{text}"[:LONGEST_STORY], None)
        scene.told_more = True


def _fill_from_transport(scene: Scene) -> None:
    turn = scene.turn
    name = turn.sender_name if turn.pace is Pace.LETTER else None  # a chat's profile name is a nickname
    known = Facts(name=name or None, contact=turn.sender or None)
    scene.draft = replace(scene.draft, facts=scene.draft.facts.filled_from(known))
