"""What the house did wrong by one customer: pure, from a transcript, so that the judge can be tried with made-up ones.

Each fault has a kind (below), a detail, and where it can be shown, the words. What is asked of the house:

not_filed            the conversation ended without the reference number it should have ended with, or with one it should not have
fact_wrong           the record holds something else than the sheet, or nothing
never_asked          the sheet has it, the customer did not say it unasked, and nobody asked
asked_though_told    a question for a fact that had been told without being asked for
asked_twice          a question for a fact that had been asked for and answered, refused or not known
spoke_while_writing  a message came while the customer was still writing
wrong_script         a sentence in another language or script than the customer's
no_sympathy          a customer in distress heard none
sympathy_repeated    sympathy in more than one message
no_readback          filed without having been laid out to the customer
readback_incomplete  the read-back leaves out what was told
correction_lost      what the customer put right is not on record
person_not_reached   nobody was called; person_late: only after further messages; form_went_on: questions of the form after the wish
no_number            someone in danger was told no number to call
same_words           a whole sentence said again word for word
no_end               silence, or no end in sight
slow                 an answer that took longer than allowed
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.simulation.reading import CONFIRM, OTHER, is_readback, sentences
from gateway.simulation.sheet import FACTS, WORDS
from gateway.simulation.shown import bare, is_shown, laid_out
from gateway.simulation.tongue import sympathies, wrong_sentences
from gateway.simulation.transcript import Customer, House, Owner, Transcript

KINDS: Final = (
    "not_filed", "fact_wrong", "never_asked", "asked_though_told", "asked_twice", "spoke_while_writing", "wrong_script",
    "no_sympathy", "sympathy_repeated", "no_readback", "readback_incomplete", "correction_lost", "person_not_reached",
    "person_late", "form_went_on", "no_number", "same_words", "no_end", "slow",
)  # fmt: skip
TALKS: Final = frozenset({"webchat", "telegram"})
LONG_SENTENCE: Final = {"en": 24, "zh-Hans": 9, "zh-Hant": 9}  # characters, for `same_words`: "Noted." may come twice
_RECORDED: Final = frozenset({"filed", "in_progress", "waiting_for_customer", "resolved", "closed"})


@dataclass(frozen=True, slots=True)
class Fault:
    kind: str
    detail: str
    words: str = ""


def score(transcript: Transcript, *, slow: float = 8.0) -> list[Fault]:
    """Every fault in it, in the order of KINDS. `slow`: seconds that an answer may take, the quiet window included."""
    found = [fault for judge in _JUDGES for fault in judge(transcript)]
    found += _slow(transcript, slow)
    return sorted(found, key=lambda fault: KINDS.index(fault.kind))


# the end ---------------------------------------------------------------------------------------------------------


def _end(transcript: Transcript) -> Iterator[Fault]:
    status = str((transcript.record or {}).get("status", ""))
    if transcript.stopped:
        yield Fault("no_end", transcript.stopped)
    match transcript.sheet.ends:
        case "filed" if transcript.reference is None:
            why = "a person was called instead" if transcript.owner in ("queue", "agent") else "no reference number"
            yield Fault("not_filed", why)
        case "not_filed" if transcript.reference is not None or status in _RECORDED:
            yield Fault("not_filed", "filed, though it was no complaint")
        case "withdrawn" if status in _RECORDED or (status != "withdrawn" and transcript.reference):
            yield Fault("not_filed", f"still {status or 'filed'}, though withdrawn")


def _person(transcript: Transcript) -> Iterator[Fault]:
    if transcript.sheet.ends not in ("person", "danger"):
        return
    wished = next((at for at, one in enumerate(transcript.entries) if isinstance(one, Customer) and one.wish), None)
    if wished is None:
        yield Fault("person_not_reached", "the conversation ended before the customer could ask")
        return
    after = transcript.entries[wished + 1 :]
    called = next((at for at, one in enumerate(after) if isinstance(one, Owner) and one.owner != "bot"), None)
    said = [one for one in after if isinstance(one, House)]
    if called is None and transcript.owner not in ("queue", "agent"):
        yield Fault("person_not_reached", "the bot still answers")
    spoke = sum(isinstance(one, Customer) for one in after[:called])
    if called is not None and spoke:
        yield Fault("person_late", f"the customer had to speak {spoke} more times")
    for one in said:
        facts = one.asks & frozenset(FACTS)
        if facts:
            yield Fault("form_went_on", ", ".join(sorted(facts)), one.text)
    if transcript.sheet.ends == "danger" and said and not re.search(r"\d{3,}", said[0].text):
        yield Fault("no_number", "no number to call", said[0].text)


# questions -------------------------------------------------------------------------------------------------------


def _questions(transcript: Transcript) -> Iterator[Fault]:
    told: dict[str, str] = {}
    for entry in transcript.entries:
        if isinstance(entry, Customer):
            if entry.corrects:
                told.pop(CONFIRM, None)  # what was put right is read back again
            told |= {
                fact: "asked" if fact in entry.answering else "unasked" for fact in entry.tells if fact not in told
            }
        elif isinstance(entry, House) and not entry.greeting:
            for fact in sorted(entry.asks - {OTHER}):
                if fact in told:
                    kind = "asked_twice" if told[fact] == "asked" else "asked_though_told"
                    yield Fault(kind, fact, entry.text)


def _never_asked(transcript: Transcript) -> Iterator[Fault]:
    if transcript.sheet.channel not in TALKS or transcript.reference is None:
        return
    known = _told(transcript) | {fact for one in _house(transcript) for fact in one.asks}
    for fact in transcript.sheet.sheet:
        if fact not in known and (transcript.record or {}).get("facts", {}).get(fact) is None:
            yield Fault("never_asked", fact)


def _told(transcript: Transcript) -> set[str]:
    return {fact for one in transcript.entries if isinstance(one, Customer) for fact in one.tells}


def _interruptions(transcript: Transcript) -> Iterator[Fault]:
    for one in _house(transcript):
        if one.interrupts:
            yield Fault("spoke_while_writing", f"at {one.at:.1f} s", one.text)


# words -----------------------------------------------------------------------------------------------------------


def _house(transcript: Transcript) -> list[House]:
    return [one for one in transcript.entries if isinstance(one, House) and one.sender == "bot" and not one.greeting]


def _customers_words(transcript: Transcript) -> str:
    values = [value for values in transcript.sheet.sheet.values() for value in values]
    return "\n".join([*(one.text for one in transcript.entries if isinstance(one, Customer)), *values])


def _tongue(transcript: Transcript) -> Iterator[Fault]:
    language: str = transcript.sheet.language
    said = _customers_words(transcript)
    for entry in transcript.entries:
        if isinstance(entry, Customer) and entry.language:
            language = entry.language
        elif isinstance(entry, House) and entry.sender == "bot" and not entry.greeting:
            for sentence in wrong_sentences(entry.text, language, said):
                yield Fault("wrong_script", f"not {language}", sentence)


def _sympathy(transcript: Transcript) -> Iterator[Fault]:
    said = _customers_words(transcript)
    sorry = [found for one in _house(transcript) if (found := sympathies(one.text, said))]
    if len(sorry) > 1:
        yield Fault("sympathy_repeated", f"in {len(sorry)} messages", " / ".join(found[0] for found in sorry))
    speaks = transcript.sheet.channel != "webform" and transcript.sheet.ends != "danger"
    if not sorry and transcript.sheet.feels != "calm" and speaks and _house(transcript):
        yield Fault("no_sympathy", f"the customer is {transcript.sheet.feels}")


def _repeated(transcript: Transcript) -> Iterator[Fault]:
    said = _customers_words(transcript)
    counted: Counter[str] = Counter()
    for one in _house(transcript):
        if CONFIRM in one.asks or is_readback(one.text):
            continue  # a read-back after a correction is the same but for the correction
        counted.update({sentence for sentence in sentences(one.text) if sentence not in said})
    for sentence, times in counted.items():
        if times > 1 and len(sentence) >= LONG_SENTENCE[transcript.sheet.language]:
            yield Fault("same_words", f"{times} times", sentence)


# the record ------------------------------------------------------------------------------------------------------


def _expected(transcript: Transcript) -> tuple[dict[str, tuple[str, ...]], set[str]]:
    """What the record should hold after all corrections, and which of it was put right."""
    facts: dict[str, tuple[str, ...]] = dict(transcript.sheet.sheet)
    corrected: set[str] = set()
    for entry in transcript.entries:
        if isinstance(entry, Customer):
            facts |= entry.corrects
            corrected |= set(entry.corrects)
    return facts, corrected


def _record(transcript: Transcript) -> Iterator[Fault]:
    if transcript.record is None:
        return
    facts, corrected = _expected(transcript)
    recorded = transcript.record.get("facts") or {}
    asked = {fact for one in _house(transcript) for fact in one.asks} | _told(transcript)
    for fact, alternatives in facts.items():
        value = recorded.get(fact)
        if fact not in asked and (value is None or (fact == "about" and _is_said_by(transcript, value))):
            continue  # `never_asked` tells it; what it is about may be found in other words of the customer
        if not any(_fits(fact, one, value) for one in alternatives):
            kind = "correction_lost" if fact in corrected else "fact_wrong"
            yield Fault(kind, f"{fact}: {_shown(value)} instead of {' or '.join(alternatives)}")
    for fact in (*transcript.sheet.declines, *transcript.sheet.without):
        if fact not in facts and recorded.get(fact) is not None:
            yield Fault("fact_wrong", f"{fact}: {_shown(recorded[fact])} instead of nothing")


def _is_said_by(transcript: Transcript, value: str) -> bool:
    return all(bare(part) in bare(_customers_words(transcript)) for part in value.split(" · "))


def _fits(fact: str, expected: str, value: Any) -> bool:
    if value is None:
        return False
    if fact == "amount":
        return f"{value['value']} {value['currency']}" == expected
    if fact in WORDS:
        return expected.lower() in str(value).lower()
    return bare(str(value)) == bare(expected) if fact == "name" else str(value) == expected


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{value.get('value')} {value.get('currency')}"
    return "nothing" if value is None else repr(str(value)[:80])


# the read-back ---------------------------------------------------------------------------------------------------


def _readback(transcript: Transcript) -> Iterator[Fault]:
    if transcript.reference is None or transcript.sheet.channel == "webform":
        return
    read = next((one for one in _house(transcript) if is_readback(one.text)), None)
    if read is None:
        yield Fault("no_readback", "filed without being read back")
        return
    told: set[str] = set()
    expected: dict[str, tuple[str, ...]] = dict(transcript.sheet.sheet)
    for entry in transcript.entries[: transcript.entries.index(read)]:
        if isinstance(entry, Customer):
            told |= entry.tells
            expected |= entry.corrects
    taken = laid_out(read.text, [line for opening in transcript.sheet.opens for line in opening.splitlines()])
    for fact in FACTS:
        where = read.text if fact == "what_happened" else taken
        if fact in told and fact in expected and not is_shown(fact, expected[fact], where):
            yield Fault("readback_incomplete", fact, read.text)


def _slow(transcript: Transcript, allowed: float) -> Iterator[Fault]:
    for wait in transcript.waits():
        if wait > allowed:
            yield Fault("slow", f"{wait:.1f} s")


_JUDGES: Final = (
    _end, _person, _questions, _never_asked, _interruptions, _tongue, _sympathy, _repeated, _record, _readback,
)  # fmt: skip
