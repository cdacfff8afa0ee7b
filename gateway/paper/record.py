"""The written record of a whole case (handbook 7.1.2): what was told, how it was judged and why, what happened, what was said.

It is for the house's files and for whoever checks them, in the language of whoever prints it; customers' words stay as they are.
What happened is told from the trails of the case and of its conversations; beside the house's own words stands how they went out.
At its end stand the digests of all files and the heads of the trails, so that the paper can be held against the store.

Not here: collecting it from the store (api/papers.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

from case_store.case_record import CaseRecord
from case_store.duplicates import DIFFERENT
from case_store.offers import StoredOffer
from case_store.papers import Papers
from case_store.readings import Read
from case_store.records import Judgement, Opinion, Status
from case_store.same_matter import Pairing
from case_store.settlements import Settlement
from case_store.ways import NOT_SENT, TO_BE_TOLD, Aside, Way
from gateway.evidence import Correction, Place, Proof
from gateway.paper import breaking
from gateway.paper.receipt import Printing, facts_rows, group_line, proxy_line
from gateway.paper.sheet import Sheet
from gateway.paper.steps import Steps
from gateway.paper.words import Words
from gateway.trail import Step

LONGEST_MESSAGE: Final = 20_000  # characters of one message that are printed
MOST_READINGS: Final = 300  # the newest; the others stand in the trail
MOST_WORDS: Final = 200_000  # plain characters' worth of work of all messages together
LONGEST_WORDS: Final = 160  # of a customer's words beside a fact: the whole stands in its message
_DOT: Final = " · "


@dataclass(frozen=True, slots=True)
class Message:
    """Words of a conversation. `at` is None where nobody knows when they were spoken; `second` is counted from a call's beginning.

    `ways` tell how words of the house went out, `edits` what they said before, as (text, when); `replaced`: by another transcript.
    """

    sender: str
    name: str | None
    at: datetime | None
    text: str
    second: float | None = None
    ways: Sequence[Way] = ()
    edits: Sequence[tuple[str, datetime | None]] = ()
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation of the case. Of what was said in it only what belongs to no other case.

    `call` is the row of a telephone call; `audit_number` and `audit_hash` are the head of the conversation's trail.
    """

    channel: str
    began_at: datetime | None
    messages: Sequence[Message]
    audit_number: int
    audit_hash: str
    call: Mapping[Any, Any] | None = None


@dataclass(frozen=True, slots=True)
class WholeCase:
    """`audit_number` and `audit_hash` are the head of the case's trail when it was read, `assignee` a person's name.

    `asides` are the words that stand in no conversation: notices by mail, calls and letters. `proofs` say what facts and judgement
    rest on, `said_at` by which channel and when each message came; `pairings` are the cases that may be, or are, the same matter.
    """

    record: CaseRecord
    papers: Papers
    steps: Sequence[Step]
    talks: Sequence[Talk]
    asides: Sequence[Aside]
    audit_number: int
    audit_hash: str
    assignee: str | None = None
    proofs: Sequence[Proof] = ()
    said_at: Mapping[tuple[str, int], tuple[str, datetime]] = field(default_factory=dict)
    pairings: Sequence[Pairing] = ()
    offers: Sequence[StoredOffer] = ()
    settlements: Sequence[Settlement] = ()
    readings: Sequence[
        Read
    ] = ()  # who has looked at it, the newest first, and one more than are shown if there are more


def record(case: WholeCase, printing: Printing) -> bytes:
    """The record, as PDF."""
    return _Record(case, printing).printed()


class _Record:
    def __init__(self, case: WholeCase, printing: Printing) -> None:
        self.case = case
        self.printing = printing
        self.words: Words = printing.words
        self.steps = Steps(self.words)
        known = case.record.reference or self.words("record.draft")
        self.sheet: Sheet = printing.sheet(f"{self.words('record.title')} {known}", known)
        self.room = MOST_WORDS

    def printed(self) -> bytes:
        words, sheet = self.words, self.sheet
        sheet.title(words("record.title"))
        sheet.lead(words("record.reference"), self.case.record.reference or words("record.draft"))
        sheet.note(words("record.made", at=words.moment(self.printing.at), name=self.printing.by))
        self._registration()
        sheet.heading(words("record.content"))
        facts_rows(sheet, words, self.case.record, self.printing.house.region)
        self._read_from()
        self._parties()
        self._judgement()
        self._handling()
        self._offers()
        self._withdrawals()
        self._steps()
        self._readings()
        self._files()
        self._talks()
        self._integrity()
        sheet.signatures([words("record.sign"), words("record.checked")])
        return self.printing.finished(sheet)

    def _rows(self, rows: Sequence[tuple[str, str | None]]) -> None:
        for name, value in rows:
            if value:
                self.sheet.row(self.words(f"record.{name}"), value)

    def _registration(self) -> None:
        words, record, papers = self.words, self.case.record, self.case.papers
        self.sheet.heading(words("record.registration"))
        self._rows(
            [
                ("status", self.steps.term("status", record.status.value)),
                ("channel", words.term("channel", record.channel)),
                ("received", words.moment(record.received_at)),
                ("entered", words.moment_if(record.entered_at)),
                ("registered", words.moment_if(record.registered_at)),
                ("lag", words.lag(record.received_at, record.registered_at)),
                ("due", words.day_if(None if record.status is Status.WITHDRAWN else record.feedback_due)),
                ("taken_by", " ".join(part for part in (papers.taken_by, papers.taken_post) if part)),
                ("handed_in_by", papers.handed_in_by),
                ("assignee", self.case.assignee),
                ("language", self.steps.term("languages", record.language)),
                ("contacts", words("comma").join(record.contacts)),
                ("postal_address", papers.postal_address),
                ("duplicate", None if self.case.pairings else record.possible_duplicate_of),
                ("duplicates", "\n".join(self._pairing(one) for one in self.case.pairings)),
            ]
        )

    def _pairing(self, one: Pairing) -> str:
        case = one.record.reference or one.record.id
        if one.decided_at is None:
            return self.words("record.may_be", case=case)
        name = (one.decided_by or "").partition(":")[2] or one.decided_by or ""
        given = {"case": case, "name": name, "at": self.words.short(one.decided_at)}
        if one.state == DIFFERENT:
            return self.words("record.not_same_as", **given)
        return self.words("record.same_as", **given, reason=one.reason or self.words("none"))

    def _read_from(self) -> None:
        """The customer's words behind each fact, and who has corrected it."""
        facts = [proof for proof in self.case.proofs if proof.about.startswith("facts.")]
        rows = [(proof.about.partition(".")[2], self._proof(proof)) for proof in facts]
        if not any(told for _, told in rows):
            return
        self.sheet.heading(self.words("record.read_from"))
        for name, told in rows:
            if told:
                self.sheet.row(self.words(f"facts.{name}"), told)

    def _proof(self, proof: Proof) -> str:
        lines = []
        if proof.words:
            shown = proof.words if len(proof.words) <= LONGEST_WORDS else f"{proof.words[:LONGEST_WORDS]}…"
            lines.append(self._said(shown, proof.places))
        elif proof.source in ("form", "sender"):
            lines.append(self.words(f"record.{proof.source}"))
        if proof.corrected is not None:
            lines.append(self._corrected(proof.about.partition(".")[2], proof.corrected))
        return "\n".join(lines)

    def _said(self, shown: str, places: Sequence[Place]) -> str:
        known = next((self.case.said_at.get((place.conversation, place.message)) for place in places), None)
        if known is None:
            return self.words("record.from_words_alone", words=shown)
        channel, at = known
        return self.words(
            "record.from_words", words=shown, channel=self.words.term("channel", channel), at=self.words.short(at)
        )

    def _corrected(self, name: str, found: Correction) -> str:
        given = {"name": found.by, "at": self.words.short(found.at)}
        if found.kind == "confirmed":
            return self.words("record.confirmed_by", **given)
        return self.words("record.set_by", **given, before=self.steps.value(name, found.before))

    def _parties(self) -> None:
        papers = self.case.papers
        group = group_line(self.words, papers)
        if papers.proxy is None and not group:
            return
        self.sheet.heading(self.words("record.parties"))
        if papers.proxy is not None:
            proxy = papers.proxy
            where = [part for part in (proxy.contact, proxy.postal_address) if part]
            line = proxy_line(self.words, proxy, self.case.record.mandate)
            self.sheet.row(self.words("receipt.proxy"), "\n".join([line, *where]))
        if group:
            contacts = [f"{one.name}: {one.contact}" for one in papers.representatives if one.contact]
            self.sheet.row(self.words("receipt.group"), "\n".join([group, *contacts]))

    # judgement and result -------------------------------------------------------------------------------------

    def _judgement(self) -> None:
        words, record = self.words, self.case.record
        self.sheet.heading(words("record.judgement"))
        judged = record.judgement
        if judged is None:
            self.sheet.paragraph(words("record.not_judged"))
            return
        self._opinion("kind", judged.kind, words.term("kind", judged.kind.value))
        for name in ("category", "risk", "disposition"):
            opinion: Opinion = getattr(judged, name)
            self._opinion(name, opinion, self._now(name, opinion.value, getattr(record, name).value))
        self._opinion("scope", judged.scope, words.term("record", judged.scope.value))
        if judged.emotion is not None:
            self._opinion("emotion", judged.emotion, self.steps.term("heard_emotion", judged.emotion.value))
        for intent in judged.intents:
            self._opinion("intent", intent, self.steps.term("heard_intents", intent.value))
        if judged.referral:
            self.sheet.row(words("record.referral"), judged.referral)
        self._doubts(judged)
        self.sheet.note(words("record.policy", version=judged.policy_version))

    def _now(self, name: str, first: str, value: str) -> str:
        shown = self.steps.term(name, value)
        if name not in self.case.record.corrected:
            return shown
        corrected = next((one.corrected for one in self.case.proofs if one.about == f"judgement.{name}"), None)
        if corrected is not None:
            given = {"name": corrected.by, "at": self.words.short(corrected.at)}
            return self.words("record.judged_by", value=shown, first=self.steps.term(name, first), **given)
        return self.words("record.corrected", value=shown, first=self.steps.term(name, first))

    def _opinion(self, name: str, opinion: Opinion, value: str) -> None:
        lines = [value, self.words("record.because", reason=self.steps.term("reasons", opinion.reason))]
        if opinion.evidence:
            lines.append(self.words("record.evidence", words=opinion.evidence))
        self.sheet.row(self.words(f"record.{name}"), "\n".join(lines))

    def _doubts(self, judged: Judgement) -> None:
        for name, opinions in (("doubt", judged.doubts), ("alarm", judged.alarms)):
            for opinion in opinions:
                self._opinion(name, opinion, self.steps.term("reasons", opinion.value))

    def _handling(self) -> None:
        record = self.case.record
        if record.outcome is None and not record.basis and not record.next_steps:
            return
        self.sheet.heading(self.words("record.handling"))
        outcome = record.outcome and self.steps.term("outcome", record.outcome.value)
        self._rows([("outcome", outcome), ("basis", record.basis), ("next_steps", record.next_steps)])

    def _offers(self) -> None:
        """Round by round what was offered and what was said to it, and what was agreed (handbook 5.2, 5.3)."""
        words = self.words
        if not self.case.offers:
            return
        self.sheet.heading(words("record.offers"))
        for one in self.case.offers:
            told = {"round": one.round, "by": self.steps.who(one.offered_by), "at": words.moment(one.offered_at)}
            state = words.term("offer_state", one.state.value)
            self.sheet.point(words("record.round", **told, until=words.day(one.expires_on), state=state))
            for number, option in enumerate(one.options, 1):
                line = words("record.option", number=number, title=option.title, days=option.days)
                self.sheet.paragraph(f"{line}\n{option.meaning}", left=5, size=10)
            for answer in one.answers:
                kind = words.term("answer_kind", answer.kind.value)
                self.sheet.note(words("record.answer", kind=kind, words=answer.words), left=5)
        for agreed in self.case.settlements:
            told = {"at": words.moment(agreed.confirmed_at), "way": words.term("channel", agreed.way)}
            day = words.day(agreed.due_on)
            self.sheet.point(words("record.agreed", **told, title=agreed.option.title, day=day))
            if agreed.performed_on is not None:
                done = words("settlement.performed", day=words.day(agreed.performed_on))
                self.sheet.paragraph(done, left=5, size=10)

    def _withdrawals(self) -> None:
        words = self.words
        if not self.case.papers.withdrawals:
            return
        self.sheet.heading(words("record.withdrawals"))
        for one in self.case.papers.withdrawals:
            way, who = words.term("channel", one.way), one.who or words("none")
            self.sheet.point(words("record.withdrawn", day=words.day(one.received_on), way=way, who=who))
            if one.note:
                self.sheet.paragraph(one.note, left=5)

    # what happened and what was said --------------------------------------------------------------------------

    def _steps(self) -> None:
        self.sheet.heading(self.words("record.steps"))
        for step in self.case.steps:
            event = step.event
            by = [self.steps.who(event.actor), self.words.term("channel", step.channel) if step.channel else ""]
            told = f"{self.steps.sentence(event)}    {_DOT.join(part for part in by if part)}"
            self.sheet.row(self.words.short(event.at), told)

    def _readings(self) -> None:
        """Who has seen what of it, up to this printing."""
        if not self.case.readings:
            return
        self.sheet.heading(self.words("record.readings"))
        for one in self.case.readings[:MOST_READINGS]:
            what = "listed_talk" if one.what == "listed" and one.conversation else one.what
            of = self.steps.term("printed", one.of) if one.what == "print" else one.of or ""
            told = self.steps.console("beside", f"read_{what}", name=of)
            self.sheet.row(self.words.short(one.at), f"{told}    {self.steps.who(one.actor)}")
        if len(self.case.readings) > MOST_READINGS:
            self.sheet.paragraph(self.words("record.more_readings", n=str(MOST_READINGS)))

    def _files(self) -> None:
        words, recordings = self.words, [talk for talk in self.case.talks if talk.call and talk.call["recording"]]
        self.sheet.heading(words("record.files"))
        if not self.case.papers.files and not recordings:
            self.sheet.paragraph(words("record.no_files"))
        for file in self.case.papers.files:
            told: dict[str, Any] = {"media_type": file.media_type, "size": words.size(file.size)}
            self._file(words("record.file", name=file.name, at=words.moment(file.at), **told), file.digest)
        for talk in recordings:
            call = talk.call or {}
            told = {"media_type": call["recording_type"], "size": words.size(call["recording_size"] or 0)}
            self._file(words("record.recording", call=call["call"], **told), call["recording"])

    def _file(self, line: str, digest: str) -> None:
        self.sheet.point(line)
        self.sheet.paragraph(self.words("record.sha256", digest=digest), size=8, left=5)

    def _talks(self) -> None:
        words = self.words
        self.sheet.heading(words("record.messages"))
        if not any(talk.messages for talk in self.case.talks):
            self.sheet.paragraph(words("record.nobody_said"))
        for talk in self.case.talks:
            channel = words.term("channel", talk.channel)
            self.sheet.gap(1.5)
            self.sheet.paragraph(
                words("record.conversation", channel=channel, **{"from": words.moment(talk.began_at)})
                if talk.began_at is not None
                else words("record.undated", channel=channel),
                size=11,
            )
            if talk.call is not None:
                self._call(talk.call)
            for message in talk.messages:
                self._message(message)
        self._asides()

    def _call(self, call: Mapping[Any, Any]) -> None:
        """What is known of a telephone call beside its words, in the console's sentences."""
        said = partial(self.steps.console, "call")
        basis = call["consent_basis"] if call["consent"] == "yes" else None
        facts = [
            said("lasted", time=_clock(call["duration"])) if call["duration"] else "",
            said("from", number=call["customer_number"]) if call["customer_number"] else "",
            said("agent", name=call["agent"]) if call["agent"] else "",
            said("line", line=call["line"]),
        ]
        consent = said(f"consent_{basis or call['consent']}")
        kept = self.words("record.recorded") if call["recording"] else said("no_recording")
        self.sheet.note(_DOT.join(fact for fact in facts if fact))
        self.sheet.note(f"{consent}{_DOT}{kept}")

    def _message(self, message: Message) -> None:
        who = message.name or (
            self.steps.term("sender", message.sender)
            if message.sender == "unknown"
            else self.words.term("actor", message.sender)
        )
        second = None if message.second is None else _clock(message.second)
        exactly = self.words.short if second is None else self.words.to_the_second
        head = ["" if message.at is None else exactly(message.at), second, who]
        self.sheet.gap(1.2)
        self.sheet.note("    ".join(part for part in head if part))
        self._text(message.text)
        if message.replaced:
            self.sheet.note(self.words("record.replaced"), left=5)
        self._ways(message.ways)
        for text, at in message.edits:
            self.sheet.note(self.words("record.before", at="" if at is None else self.words.short(at)), left=5)
            self._text(text)

    def _text(self, text: str) -> None:
        shown, work = breaking.fitting(text[:LONGEST_MESSAGE], self.room)
        left = len(text) - len(shown)
        self.room -= work
        self.sheet.paragraph(shown or ("" if left > 0 else self.words("record.no_words")), left=5, size=10)
        if left > 0:
            self.sheet.paragraph(self.words("record.shortened", left=left), left=5, size=10)

    def _ways(self, ways: Sequence[Way]) -> None:
        for way in ways:
            self.sheet.note(f"→ {self._way(way)}", left=5)

    def _way(self, way: Way) -> str:
        """How far words have come by one way: state, by what, to whom, when, and why not."""
        if way.task is not None:
            state = f"to_be_told_{way.by}" if way.state == TO_BE_TOLD else way.state
            told = [self.steps.term("delivery", state), self.steps.term("how", way.how) if way.how else ""]
            rest = [self.words.short(way.at) if way.at else "", way.person, way.note]
        else:
            told = [self.steps.term("delivery", way.state), self.words.term("channel", way.by)]
            if way.state == NOT_SENT:
                del told[1:]
            rest = [
                way.address,
                self.words.short(way.since) if way.since else "",
                way.error if way.state != "sent" else "",
            ]
        return _DOT.join(part for part in (*told, *rest) if part)

    def _asides(self) -> None:
        if not self.case.asides:
            return
        self.sheet.gap(1.5)
        self.sheet.paragraph(self.words("record.asides"), size=11)
        for one in self.case.asides:
            occasion = self.steps.term("occasion", one.occasion.partition(":")[0])
            self.sheet.gap(1.2)
            self.sheet.note(f"{self.words.short(one.at)}    {occasion}")
            self._ways([one.way])
            self._text(one.text)

    def _integrity(self) -> None:
        words = self.words
        self.sheet.heading(words("record.integrity"))
        self.sheet.paragraph(words("record.chain", number=self.case.audit_number))
        self.sheet.paragraph(self.case.audit_hash, size=9)
        for talk in self.case.talks:
            channel = words.term("channel", talk.channel)
            self.sheet.paragraph(words("record.talk_chain", channel=channel, number=talk.audit_number))
            self.sheet.paragraph(talk.audit_hash, size=9)
        self.sheet.note(words("record.verify"))


def _clock(seconds: float) -> str:
    """`1:05`, `1:02:03`: a second of a call, as the console writes it."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
