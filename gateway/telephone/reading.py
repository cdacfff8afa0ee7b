"""Facts and judgement from what the customer said on the telephone, and the filed case when the call has ended.

Only the customer's own words are read, all of them together, by the engine that answers letters. While a call goes on its draft
fills; when it has ended the case is filed, since its read-back can be given later: nobody speaks by itself, so what a letter
would be answered becomes what a person says when calling back. A call on a complaint line is filed whatever it turns out to be;
its kind stands in the judgement.

A process that dies in between leaves the call due: another one reads it. Not here: how words come in (taking.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog

from case_store import calls, cases, contacts, conversations, links, merging, ownership, tasks
from case_store.audit import Entry
from case_store.calls import ENDED, ClaimedCall
from case_store.case_record import CaseRecord
from case_store.contacts import Contact
from case_store.conversations import Row
from case_store.records import FACT_NAMES, ChannelName, Draft, Facts, Language, Owner, Sender, Status
from case_store.store import StoreError, Transaction
from dialogue.turn import REFERENCE, BotTurn, CallPerson, CustomerMessage, CustomerTurn, FileCase, Pace
from gateway import filing
from gateway.context import Gateway
from gateway.engines import Engines
from gateway.loop import Loop
from gateway.masking import NUMBERS, masked
from gateway.notifications import Notices
from gateway.telephone import callbacks, consent, speakers
from gateway.telephone.passages import Passage, heard_in, passages_of
from gateway.texts import Occasion, Text

AT_ONCE: Final = 16
TRIES: Final = 2  # of the engine; then the call is filed as it is, before an agent
RETRY: Final = timedelta(seconds=2)
LONGEST_DELAY: Final = timedelta(minutes=10)
LONGEST: Final = 50_000  # characters of one call that are read; all of them are kept
LONGEST_STORY: Final = 6_000
NEEDED: Final = ("name", "contact", "what_happened")
_FINISHED: Final = (Status.RESOLVED, Status.CLOSED, Status.WITHDRAWN)
_CALLS_A_PERSON: Final = ("danger_to_life", "data_request")  # who telephones has a person: nothing else needs another

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Understood:
    """What the engine made of a call. `turn` is None where it could not, or where nobody knows who the customer is."""

    passages: tuple[Passage, ...] = ()
    turn: BotTurn | None = None
    engine: str = ""
    failed: bool = False


class Calls:
    """Reads calls as their words come, and files them when they have ended. One for each process."""

    def __init__(self, gateway: Gateway, engines: Engines, notices: Notices) -> None:
        self._gateway = gateway
        self._engines = engines
        self._notices = notices
        self._loop = Loop("calls", self.read_due)
        gateway.wakeups.on("call", lambda wake: self._loop.hint())

    def start(self) -> None:
        self._loop.start()

    async def stop(self) -> None:
        """Finishes the calls that are being read; the others wait."""
        await self._loop.stop()

    async def read_due(self) -> int:
        """Reads what has been said and not been read. Answers how much there was to do."""
        store = self._gateway.store
        erased = await consent.erase_files(self._gateway)
        if await store.read(calls.is_idle):
            return erased
        ended = await store.write(calls.end_silent)
        claims = await store.write(calls.claim_due, AT_ONCE)
        await asyncio.gather(*(self._read(claim) for claim in claims))
        return erased + ended + len(claims)

    async def _read(self, claim: ClaimedCall) -> None:
        try:
            understood = await self._understood(claim)
            if understood is None:
                await self._gateway.store.write(calls.try_later, claim, RETRY)
                return
            done = await self._gateway.store.write(commit, self._notices, claim, understood)
        except StoreError:
            raise
        except Exception:  # one that can't be stored holds up no other, and is not tried without end at once
            log.exception("call_not_stored", conversation=claim.id)
            later = min(RETRY * 2 ** min(claim.call["attempts"], 10), LONGEST_DELAY)
            await self._gateway.store.write(calls.try_later, claim, later)
            return
        if not done:
            log.info("call_goes_on", conversation=claim.id)

    async def _understood(self, claim: ClaimedCall) -> Understood | None:
        """None: the engine failed, and is asked once more."""
        passages = passages_of(claim.of_customer)
        if not passages:
            return Understood()
        try:
            engine, turn = await self._engines.answer(claim.id, self._turn(claim, passages, Draft()))
            if turn.draft.facts.what_happened is None:
                # no complaint to the engine, but told on a complaint line: it is recorded, with the kind it is
                engine, turn = await self._engines.answer(claim.id, self._turn(claim, passages, _as_told(passages)))
        except Exception:
            log.exception("call_not_understood", conversation=claim.id)
            failed = claim.call["attempts"] >= TRIES
            return Understood(tuple(passages), failed=True) if failed else None
        return Understood(tuple(passages), turn, engine)

    def _turn(self, claim: ClaimedCall, passages: list[Passage], draft: Draft) -> CustomerTurn:
        """All the customer said as one letter, written when the call began: "yesterday" is the day before that."""
        promises, call, now = self._notices.promises, claim.call, datetime.now(UTC)
        began = call["started_at"] or claim.conversation["created_at"]
        return CustomerTurn(
            messages=tuple(CustomerMessage(said.numbers[0], said.text) for said in _bounded(passages)),
            channel=ChannelName.PHONE,
            pace=Pace.LETTER,
            now=began.astimezone(promises.zone),
            locale=Language(claim.conversation["locale"]),
            house=promises.house,
            feedback_due=promises.feedback_due(now, began),
            draft=draft,
            sender=call["customer_number"],
            person_at=promises.person_at(now),
        )


def _bounded(passages: list[Passage]) -> list[Passage]:
    kept, room = [], LONGEST
    for passage in passages:
        kept.append(replace(passage, text=passage.text[:room]))
        room -= len(passage.text)
        if room <= 0:
            break
    return kept


def _as_told(passages: list[Passage]) -> Draft:
    story = "\n".join(passage.text for passage in passages)[:LONGEST_STORY]
    return Draft(Facts(what_happened=story), evidence={"what_happened": "call"})


def commit(tx: Transaction, notices: Notices, claim: ClaimedCall, understood: Understood) -> bool:
    """What was understood goes into the case, which is filed if the call has ended. False if more was said meanwhile."""
    mine = calls.still_mine(tx, claim)
    if mine is None:
        return False
    row, call, more = mine
    first = cases.glance(tx, row["case_id"]).status is Status.DRAFT
    heard = _save(tx, row, call, claim, understood)
    values = _owner_values(tx, row, call, understood.turn, first)
    if understood.turn is not None:
        values |= {"language": understood.turn.language.value, "customer": _name(understood.turn) or row["customer"]}
    entries = [] if understood.turn is None else [Entry("bot", "call_read", {"engine": understood.engine})]
    conversations.add_messages(tx, row, [], values=values, entries=entries)
    next_words = call["due_at"] if more else None
    calls.settle(tx, row["id"], due_at=next_words, heard=heard, alarmed=call["alarmed"] or bool(values.get("urgent")))
    if call["state"] == ENDED:
        _file(tx, notices, conversations.locked(tx, row["id"]), call, claim, understood, heard)
    return True


def _name(turn: BotTurn) -> str | None:
    return (turn.draft.facts.name or "")[: filing.LONGEST_NAME] or None


def _save(
    tx: Transaction, row: Row, call: Row, claim: ClaimedCall, understood: Understood
) -> dict[str, dict[str, Any]]:
    """The draft, from the customer's words alone; answers which words each fact was read from."""
    case_id, turn = row["case_id"], understood.turn
    if call["customer_number"]:
        contacts.add_contact(tx, case_id, Contact(call["customer_number"], "phone"))
    if turn is None:
        draft = _as_told(list(understood.passages)) if understood.passages else Draft()
        number = call["customer_number"]
        told = replace(draft, facts=replace(draft.facts, contact=number)) if number else draft
        if _tells_its_case(tx, row):
            cases.save_draft(tx, case_id, told, None, row["language"])
        return {}
    heard = heard_in(turn.draft, claim.of_customer, callbacks.UNSURE)
    draft, known = turn.draft, cases.glance(tx, case_id)
    if not _tells_its_case(tx, row):  # an agent has joined the call to another case: it adds, and changes nothing
        draft = replace(known.draft(), facts=known.facts.filled_from(draft.facts))
    evidence = dict(draft.evidence)
    evidence |= {
        f"{fact}.confidence": f"{told['confidence']:.2f}" for fact, told in heard.items() if told.get("unsure")
    }
    if not cases.save_draft(tx, case_id, replace(draft, evidence=evidence), turn.judgement, turn.language.value):
        cases.heard_more(tx, case_id)
    return heard


def _tells_its_case(tx: Transaction, row: Row) -> bool:
    """Whether the call is what its case was read from; not where its own case was merged into one that was told elsewhere."""
    is_a_call = cases.glance(tx, row["case_id"]).channel == ChannelName.PHONE
    return is_a_call and links.reason_of(tx, row["case_id"], row["id"]) != merging.REASON


def _owner_values(tx: Transaction, row: Row, call: Row, turn: BotTurn | None, first: bool) -> dict[str, Any]:
    """Danger to life calls everybody at once, whoever is on the line; the agent's part ends with the call, but for danger."""
    wanted = [
        act for act in (turn.acts if turn else ()) if isinstance(act, CallPerson) and act.reason in _CALLS_A_PERSON
    ]
    worst = max(wanted, key=lambda act: act.urgent, default=None)
    if worst is not None and not call["alarmed"] and (worst.urgent or call["state"] == ENDED):
        return ownership.queue_for_person(tx, row, worst.reason, urgent=worst.urgent)
    if call["state"] == ENDED and first and row["owner"] == Owner.AGENT and not row["urgent"]:
        tx.wake("owner", row["id"])
        return ownership.owner_values(row, Owner.BOT, tx.now)
    return {}


# filing ------------------------------------------------------------------------------------------------------------


def _file(
    tx: Transaction,
    notices: Notices,
    row: Row,
    call: Row,
    claim: ClaimedCall,
    understood: Understood,
    heard: Mapping[str, dict[str, Any]],
) -> None:
    """Registers the case, or keeps a registered one up with a call that was read anew."""
    case = cases.get(tx, row["case_id"])
    unasked = not understood.passages and any(said.sender is Sender.UNKNOWN for said in claim.said)
    missing = _missing(understood.turn, case)
    incomplete = understood.turn is None or bool(set(missing) & set(NEEDED)) or _files_incomplete(understood.turn)
    if case.status is Status.DRAFT:
        case = _register(tx, notices, case, incomplete)
    elif case.incomplete != incomplete and case.status not in _FINISHED and _tells_its_case(tx, row):
        case = cases.change(tx, case.id, {"incomplete": incomplete}, actor="system")
    if unasked:
        speakers.ask(tx, row)
    elif case.status not in _FINISHED:
        _tell(tx, notices, call, case, understood, missing, heard)
    if understood.failed:
        occasion = f"call_not_understood:{row['id']}"
        tasks.add(
            tx, occasion=occasion, kind="look", words="call_not_understood", case_id=case.id, conversation_id=row["id"]
        )


def _register(tx: Transaction, notices: Notices, case: CaseRecord, incomplete: bool) -> CaseRecord:
    registration = notices.promises.registration(tx.now, case, incomplete=incomplete)
    cases.file_case(tx, case.id, registration, actor="system")
    filed = cases.get(tx, case.id)
    notices.promises.set_clocks(tx, filed)
    notices.ask_to_confirm(tx, filed)
    return filed


def _files_incomplete(turn: BotTurn) -> bool:
    filed = [act for act in turn.acts if isinstance(act, FileCase)]
    return not filed or filed[-1].incomplete


def _missing(turn: BotTurn | None, case: CaseRecord) -> list[str]:
    """The facts that a letter's answer asks for; all that is unknown where there was no such answer."""
    asked = {fact for said in (turn.says if turn else ()) for fact in said.asks} & set(FACT_NAMES)
    known = {*case.facts.known(), *case.words, *case.declined}
    return [fact for fact in FACT_NAMES if fact not in known and (fact in asked or turn is None)]


def _tell(
    tx: Transaction,
    notices: Notices,
    call: Row,
    case: CaseRecord,
    understood: Understood,
    missing: list[str],
    heard: Mapping[str, dict[str, Any]],
) -> None:
    """By mail where an address is proved; else, and where something is to be asked, by an agent who calls back."""
    text, by_person = _read_back(notices, case, understood.turn)
    by_mail = any(
        kind == "email" and proof is not None and bounced is None
        for _, kind, proof, bounced in contacts.contacts_of(tx, case.id)
    )
    if by_mail:
        notices.tell(tx, case, Occasion.CASE_FILED, text, by_person)
    if missing or not by_mail or any(told.get("unsure") for told in heard.values()):
        callbacks.ask(tx, notices.promises, call, case, by_person, missing, heard)


def _read_back(notices: Notices, case: CaseRecord, turn: BotTurn | None) -> tuple[Text, str]:
    """What the engine would answer a letter; where it had nothing to read back, the notice that the case is filed. To mail, and to say."""
    standing = notices.filed(case)
    if turn is None or not any(isinstance(act, FileCase) for act in turn.acts):
        return standing.text, standing.by_person
    spoken = masked("\n\n".join(said.text for said in turn.says), NUMBERS).replace(REFERENCE, case.reference or "")
    return Text(standing.text.subject, spoken), spoken
