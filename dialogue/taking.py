"""Taking up what was heard: which facts are new, which were corrected, which the customer won't or can't give.

The asked fact decides how an answer is read. A known fact is replaced only when it was asked for, when the customer
corrects, or while the read-back waits for an answer; a second sum in the story is not a correction of the first.

Not here: finding facts in a text (understanding/), asking for them (form.py).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from case_store.records import FACT_NAMES, Draft, Facts, MessageKind, Money
from dialogue.as_said import LONGEST_WISH, day_as_said, wish_as_said
from dialogue.asking_back import ponders
from dialogue.memory import Phase
from dialogue.purpose import comes_for_another_reason
from dialogue.refusals import take_refusals
from dialogue.scene import Scene
from dialogue.subject import subject_as_said
from dialogue.themes import (
    facts_named,
    names_need,
    only_announces,
    without_small_talk,
)
from dialogue.turn import Pace
from dialogue.understanding.abouts import about_in, names_staff
from dialogue.understanding.afterwards import After, after_in, tells_besides
from dialogue.understanding.contacts import nearly_a_number
from dialogue.understanding.facts import tells_of_an_event
from dialogue.understanding.found import Signal, Understanding
from dialogue.understanding.orders import only_tells
from dialogue.understanding.people import names_nobody
from dialogue.understanding.reaching import REACH
from dialogue.understanding.signals import asks_to_block
from dialogue.understanding.verdicts import adds_more
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
from dialogue.wishing import LIKELY, SURE, cries, hear_wish, is_no_wish, only_names_a_wish, tells

_LIVE_ENOUGH: Final = 4  # Chinese characters or words of a line in a chat that tells something

LONGEST_REACH: Final = 400
"""Characters of how to be reached; what was said last goes first where there is no room."""
LONGEST_STORY: Final = 6_000
"""Characters of the story that the record keeps; the messages themselves are all kept by the house."""


_HAN_OR_WORD: Final = re.compile(r"[\u3400-\u9fff]|[A-Za-z0-9']+")
_LETTER: Final = re.compile(r"[^\W\d_]")
_FIGURE_OR_QUESTION: Final = re.compile(r"[\d?？]")
_FIGURE: Final = re.compile(r"\d")
_LONGEST_NAME: Final = 4
_ENOUGH_TO_TELL: Final = 7  # Chinese characters or English words


# 元 and 块 are what each place calls its own money
_CURRENCY_SAID: Final = re.compile(
    r"[£$€¥￥]|[A-Za-z]{3}|人民|[港台臺美英欧歐日澳加新紐][幣币元圓紙镑鎊]|蚊|镑|鎊|欧|歐|quid|bucks?", re.IGNORECASE
)

_COMES_TO_COMPLAIN: Final = re.compile(
    r"(?:我|本人)?(?:今天|现在|現在)?(?:要|想|来|來|需要)+(?:投诉|投訴|申诉|申訴|客诉|客訴|反映)(?:一下|下)?(?:你们|你們|你哋|贵行|貴行|这家|這家)?(?:的|嘅)?(?:银行|銀行|行)?"
    r"|(?:i(?:'d| would)? (?:want|like|need|wish) to |i am writing to |i'm here to )(?:make |file |raise |lodge )?(?:a )?(?:formal )?complain\w*"
    r"(?: (?:about|against) (?:your|the|this) (?:bank|service)| to (?:you|your bank))?(?: please)?",
    re.IGNORECASE,
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
_ON_RECORD: Final = (After.QUESTION, After.CONFIDENTIAL, After.FASTER)
"""What is asked after filing and only a colleague can weigh or answer."""
_LEAST: Final = 2
_PUTS_RIGHT: Final = re.compile(r"[退赔賠还還补補]|取消|refund|back|compensat|reimburs", re.IGNORECASE)
_THIN: Final = 3
_LONG_STORY: Final = 15

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
_NO_STORY: Final = (Signal.REFUSES, Signal.ABUSE)
_NO_ANSWER: Final = (
    *_WORDLESS,
    *_ABOUT_THE_CASE,
    *_NO_STORY,
    Signal.DOES_NOT_KNOW,
    Signal.ANOTHER_COMPLAINT,
    Signal.STOLEN_CARD,
    Signal.SCAM_NOW,
)


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
    joint = "; " if said.isascii() else "；"
    words = said if known is None or known in said else f"{known}{joint}{said}"[-LONGEST_REACH:]
    (scene.learned if known is None else scene.changed).append(REACH)
    scene.draft = replace(scene.draft, words={**scene.draft.words, REACH: words})


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
    near = nearly_a_number(scene.heard.text) if asked or "contact" in facts_named(scene.heard.text) else None
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
    elif near is not None and scene.memory.loop is not None:
        memory.odd = near
        scene.odd_number = True


def _add_reach(scene: Scene, number: str) -> None:
    known = scene.draft.words.get(REACH)
    if known is None or number not in known:
        (scene.learned if known is None else scene.changed).append(REACH)
        scene.heard = replace(scene.heard, words={**scene.heard.words, REACH: number})
        words = number if known is None else f"{known}；{number}"[-LONGEST_REACH:]
        scene.draft = replace(scene.draft, words={**scene.draft.words, REACH: words})


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


def is_telling(text: str) -> bool:
    """Long enough to be a story and not an answer in a word."""
    return _length(text) >= _ENOUGH_TO_TELL


def is_an_answer(text: str) -> bool:
    """Long enough to make sense, whether we see it or not."""
    return _length(text) > _THIN


def says_that_they_complain(scene: Scene) -> bool:
    """ "投诉" alone is no story, but it says why they came."""
    kind = scene.judge(scene.heard.text, scene.draft, subject=scene.turn.subject, language=scene.heard.language).kind
    return kind.value == MessageKind.COMPLAINT


def _length(text: str) -> int:
    return len(_HAN_OR_WORD.findall(text))


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
    if text and len(text) <= LONGEST_ANSWER and _length(text) <= _LONGEST_NAME and not _FIGURE_OR_QUESTION.search(text):
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
    nod = scene.heard_signal(Signal.YES) and _length(scene.heard.text) <= _THIN and wish_in(said) is None
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
    return whole and (nod or scene.heard_signal(*(signal for signal in _NO_ANSWER if signal not in besides)))


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
        story = _story_in(scene, text)
        if story is not None:
            _put(scene, "what_happened", story[:LONGEST_STORY], None)
            scene.learned.append("what_happened")
    elif _tells_more(scene, text) and text not in known and len(known) < LONGEST_STORY:
        _put(scene, "what_happened", f"{known}\n{text}"[:LONGEST_STORY], None)
        scene.told_more = True


def _story_in(scene: Scene, text: str) -> str | None:
    """What is told is the complaint, in whatever words, unless it is plainly a greeting, a question, thanks or a wish."""
    if only_announces(text) or comes_for_another_reason(scene, text):
        return None
    found = scene.heard.facts.what_happened
    tried = scene.memory.tries.get("what_happened", 0)
    if found is not None and not _LETTER.search(found):
        return None  # figures alone are facts of some kind, and no story
    if found is not None:
        # "理财": a product, "11月5日，信義分行，五千元": what has places of its own; not yet what happened
        bare = _is_no_event(found) or not _length(without_small_talk(_beside_facts(scene, found)))
        thin = bare if not tried else _length(found) < _LEAST and not tells_of_an_event(found)  # "mm"
        return None if thin or _means_something_else(scene, found) else found
    if scene.memory.loop is None and not scene.heard.signals and _LEAST <= _length(text) < _ENOUGH_TO_TELL:
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
    told = _length(without_small_talk(text))
    least = _LONG_STORY if polite or names_need(text) else _ENOUGH_TO_TELL
    return _kind(scene) != MessageKind.UNSOLICITED and (facts or told >= least)


def _is_bare_event(text: str) -> bool:
    """ "扣钱", "card blocked": what happened, in a word or two; a product beside it must leave the event standing."""
    about = about_in(text)
    rest = text if about is None else text.replace(about.words, "")
    return tells_of_an_event(rest) and (about is None or text.isascii())


def _is_no_event(found: str) -> bool:
    """ "理财" names a product, "扣钱" says in two characters what happened."""
    return _length(found) < _THIN and not tells_of_an_event(found)


def _means_something_else(scene: Scene, found: str) -> bool:
    """A short text that asks, refuses or curses tells nothing; one that announces another matter may tell it at once."""
    announced = scene.heard.evidence.get(Signal.ANOTHER_COMPLAINT)
    if announced is not None and (not announced or is_telling(found.replace(announced, ""))):
        return False
    return scene.heard_signal(*_no_answer(scene)) and _length(found) < _LONG_STORY


def _beside_facts(scene: Scene, text: str) -> str:
    """What is told beside facts that have a place of their own."""
    for fact in scene.learned:
        text = text.replace(scene.heard.evidence.get(fact, ""), "")
    return text


def _no_answer(scene: Scene) -> tuple[Signal, ...]:
    """A curse between facts takes nothing from what is told with them."""
    facts = {"amount", "occurred_on"}.intersection(scene.heard.evidence)
    # the hotline has been named, or money is gone: then the theft is the complaint
    told = facts or "what_happened" in scene.memory.asked or _SPENT.search(scene.heard.text)
    besides = {Signal.ABUSE} if facts else set()
    besides |= {Signal.STOLEN_CARD} if told else set()
    besides |= {Signal.SCAM_NOW} if told or scene.draft.facts.what_happened is None else set()
    return tuple(signal for signal in _NO_ANSWER if signal not in besides)


def _only_vents(scene: Scene, text: str) -> bool:
    """A curse or a refusal that tells nothing."""
    if scene.heard_signal(Signal.REFUSES):
        return True
    return scene.heard_signal(Signal.ABUSE) and Signal.ABUSE in _no_answer(scene) and _length(text) < _LONG_STORY


def _kind(scene: Scene) -> str:
    return scene.judge(scene.heard.text, scene.draft, subject=scene.turn.subject).kind.value


def _tells_more(scene: Scene, text: str) -> bool:
    """Not a mere answer: what is asked for by name or number is not part of the story."""
    if scene.asks_back:
        return False
    if scene.changed or scene.heard_signal(*_WORDLESS, *_ABOUT_THE_CASE) or _only_vents(scene, text):
        return False
    if scene.memory.phase == Phase.FILED and scene.turn.pace is Pace.LIVE:
        return _tells_afterwards(scene, text)
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
        return _length(told) > _THIN  # "it's actually 4.5% he promised": put right, though no fact of its own
    return _length(told) >= _enough(scene)


def _tells_in_a_line(scene: Scene, text: str) -> bool:
    """Whether a short line of a chat tells something beside the facts in it: 油没给, "he's still on the line"."""
    if scene.turn.pace is not Pace.LIVE or scene.memory.phase != Phase.OPEN or scene.heard_signal(*_NO_ANSWER):
        return False
    named = not {"name", "contact"}.isdisjoint(scene.learned)
    if scene.captions or named:
        return False
    told = _beside_facts(scene, text)
    thin = _length(scene.draft.facts.what_happened or "") < _LONG_STORY
    if thin and scene.learned and _length(told) >= _LEAST and tells_of_an_event(told):
        return True
    least = SURE if {"name", "contact"}.intersection(scene.memory.asked) else LIKELY
    return (tells(told, least) or cries(told)) and _length(told) >= (_THIN if thin else _LIVE_ENOUGH)


def _tells_afterwards(scene: Scene, text: str) -> bool:
    """Whether it belongs to the record though nothing was asked: whatever is told, and a question that only a person can answer."""
    kind = after_in(text)
    if kind in _ON_RECORD:
        return True
    if kind in (After.GOODBYE, After.PRESENT, After.SORRY, After.DOUBTS):
        return False
    nods = [scene.heard.evidence.get(signal, "") for signal in (Signal.YES, Signal.NO) if scene.heard_signal(signal)]
    if any(_length(text) - _length(nod) < _ENOUGH_TO_TELL for nod in nods):
        return False
    thanks = scene.heard.evidence.get(Signal.THANKS, "")
    if thanks and _length(text.replace(thanks, "", 1)) < _ENOUGH_TO_TELL:
        return False
    return tells_besides(_beside_facts(scene, text))


def _enough(scene: Scene) -> int:
    """How much must be left to be part of the story: more where a name was asked, less where the story is thin."""
    if scene.memory.asked == ["confirm"] and adds_more(scene.heard.text):
        return _THIN
    polite = scene.heard_signal(Signal.THANKS, Signal.GREETS)
    if scene.heard.facts.what_happened is not None and "what_happened" not in scene.memory.asked and not polite:
        return _ENOUGH_TO_TELL
    if polite or {"name", "contact"}.intersection(scene.memory.asked):
        return _LONG_STORY
    thin = _length(scene.draft.facts.what_happened or "") < _ENOUGH_TO_TELL and scene.memory.phase == Phase.OPEN
    return 2 if thin and not scene.heard.signals and not scene.learned else _ENOUGH_TO_TELL


def _fill_from_transport(scene: Scene) -> None:
    turn = scene.turn
    name = turn.sender_name if turn.pace is Pace.LETTER else None  # a chat's profile name is a nickname
    known = Facts(name=name or None, contact=turn.sender or None)
    scene.draft = replace(scene.draft, facts=scene.draft.facts.filled_from(known))
