"""Messages that tell another matter become a case of their own: read, judged, dated and told to the customer like any other.

What the messages say is read by the engine beforehand, as a letter is; who has written them is known from the case they came from. What
the agent has filled in stands. Nothing that the engine would answer is said: the customer is told by the notice that the case is filed.

Not here: which messages may be split off (case_store/splitting.py), the request (api/merging.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import structlog

from case_store import cases, conversations, merged, ownership, splitting
from case_store.case_record import CaseRecord
from case_store.conversations import Row, StoredMessage
from case_store.records import ChannelName, Draft, Facts, Language, Owner
from case_store.splitting import Chosen, SplitError
from case_store.store import Transaction
from dialogue.turn import BotTurn, CallPerson, CustomerMessage, CustomerTurn, Pace
from gateway import filing, overhearing
from gateway.hooks import Understand
from gateway.messenger import MESSENGERS
from gateway.notifications import Notices
from gateway.promises import Promises

NEEDED: Final = ("name", "contact", "what_happened")

log = structlog.get_logger(__name__)


class Changed(SplitError):
    """The messages are not what was read: the customer has edited one meanwhile."""


@dataclass(frozen=True, slots=True)
class Told:
    """Messages as they were read, whose they are as far as it was known, and what the agent has filled in."""

    row: Row
    said: tuple[StoredMessage, ...]
    known: Draft
    facts: Facts


def look(tx: Transaction, conversation_id: str, numbers: Sequence[int], facts: Facts) -> Told | None:
    """What is there to be read. None if there is nothing, which is for `split` to say."""
    row = conversations.find(tx, conversation_id)
    said = tuple(splitting.words_of(tx, conversation_id, numbers))
    if row is None or not said:
        return None
    named = said[0].case_id or row["case_id"]
    known = Draft() if named is None else _who(cases.get(tx, merged.leads_to(tx, named)))
    return Told(row, said, known, facts)


def _who(case: CaseRecord) -> Draft:
    """Who complains is the same; what they complain of is not."""
    whose = ("name", "contact")
    facts = Facts(name=case.facts.name, contact=case.facts.contact)
    kept = {name: words for name, words in case.evidence.items() if name.partition(".")[0] in whose}
    return Draft(facts, {name: words for name, words in case.words.items() if name in (*whose, "reach")}, evidence=kept)


async def understand(read: Understand, promises: Promises, told: Told, now: datetime) -> BotTurn:
    """What these messages say, as a letter. Without an engine they are the complaint as they stand, for a person."""
    turn = _turn(promises, told, now)
    try:
        said = await read(turn)
    except Exception:  # the agent has read them: they need no engine to be a complaint
        log.exception("split_not_read", conversation=told.row["id"])
        said = BotTurn((), {}, turn.draft, turn.locale)
    filled = {name: getattr(told.facts, name) for name in told.facts.known()}
    facts = replace(said.draft.facts, **filled)
    if facts.what_happened is None:
        facts = replace(facts, what_happened=_words(told))
    evidence = {name: words for name, words in said.draft.evidence.items() if name not in filled}
    words = {name: words for name, words in said.draft.words.items() if name not in filled}
    return replace(said, draft=replace(said.draft, facts=facts, evidence=evidence, words=words))


def _turn(promises: Promises, told: Told, now: datetime) -> CustomerTurn:
    row = told.row
    filled = told.facts.filled_from(told.known.facts)
    return CustomerTurn(
        messages=tuple(CustomerMessage(one.number, one.spoken) for one in told.said),
        channel=ChannelName(row["channel"]),
        pace=Pace.LETTER,
        now=now.astimezone(promises.zone),
        locale=Language(row["language"]),
        house=promises.house,
        feedback_due=promises.feedback_due(now, min(splitting.came_at(one) for one in told.said)),
        draft=replace(told.known, facts=filled),
        sender=None if row["channel"] in MESSENGERS else row["address"],
        sender_name=row["customer"],
        person_at=promises.person_at(now),
    )


def _words(told: Told) -> str:
    return "\n\n".join(one.spoken for one in told.said if one.spoken) or told.said[0].text


@dataclass(frozen=True, slots=True)
class Split:
    """What an agent wants: these messages, as they were read."""

    conversation_id: str
    numbers: tuple[int, ...]
    by: str
    reason: str
    told: Told | None
    said: BotTurn | None


def split(tx: Transaction, notices: Notices, asked: Split) -> tuple[CaseRecord, Chosen]:
    """The case of their own, filed. Raises SplitError, conversations.NoSuchConversation."""
    chosen = splitting.chosen(tx, asked.conversation_id, asked.numbers)
    read = {} if asked.told is None else {one.number: one.text for one in asked.told.said}
    if asked.said is None or read != {one.number: one.text for one in chosen.said}:
        raise Changed("changed_meanwhile", "the customer has changed one of these messages meanwhile: read it again")
    language = asked.said.language.value
    case_id = splitting.open_apart(tx, chosen, language=language, by=asked.by)
    cases.save_draft(tx, case_id, asked.said.draft, asked.said.judgement, language)
    incomplete = any(name in NEEDED for name in _unknown(asked.said.draft))
    filing.file_case(tx, notices, case_id, incomplete=incomplete, actor=asked.by, notify=True)
    splitting.note(tx, chosen, cases.get(tx, case_id), by=asked.by, reason=asked.reason)
    _call_for_life(tx, asked)
    return cases.get(tx, case_id), chosen


def _unknown(draft: Draft) -> list[str]:
    known = {*draft.facts.known(), *draft.words, *draft.declined}
    return [name for name in NEEDED if name not in known]


def _call_for_life(tx: Transaction, asked: Split) -> None:
    """Danger to life is nobody's to file away: whoever split the messages off may not have seen it in them."""
    calls: list[Any] = [act for act in (asked.said.acts if asked.said else ()) if isinstance(act, CallPerson)]
    row = conversations.locked(tx, asked.conversation_id)
    if not any(call.urgent for call in calls) or row["urgent"]:
        return
    if row["owner"] == Owner.AGENT:
        overhearing.mark(tx, row, max(asked.numbers))
    else:
        worst = max(calls, key=lambda call: call.urgent)
        values = ownership.queue_for_person(tx, row, worst.reason, urgent=True)
        conversations.add_messages(tx, row, [], values=values)
