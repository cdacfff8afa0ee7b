"""What is held on one person, handed out whole: a ZIP with JSON for programs, the files as they came, and a page to read in the person's language.

Everything under the person's addresses (case_store/persons.py): cases with what was recorded beside them and who has read them, conversations with
what was said in it, what was sent, attachments, originals, recordings. `manifest.json` names each file with its SHA-256. What the
scanner found infected is named and not handed out. Of a conversation in which another person's case goes on, only what was said about theirs.

What colleagues told each other is not in it: notes never reach a customer by the software (case_store/notes.py).

That it was handed out stands in the house's chain before a byte of it leaves. Not here: who may ask (api/persons.py), what of each row goes out (handed_out.py), erasing (erasing.py).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import zipfile
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from html import escape
from importlib.resources import files as resources
from typing import IO, Any, Final

import sqlalchemy as sa
import yaml

from case_store import audit, cases, persons, readings, retention
from case_store.attachments import Scan
from case_store.audit import HOUSE, Entry, case_chain, conversation_chain
from case_store.case_record import CaseRecord
from case_store.files import FilesError
from case_store.persons import NothingHeld, Person, PersonsCase
from case_store.records import Language
from case_store.store import Transaction
from case_store.tables_arrivals import arrivals
from case_store.tables_cases import case_contacts
from case_store.tables_conversations import attachments, calls, conversations, messages
from case_store.tables_outbox import deliveries, tasks
from case_store.tables_papers import case_papers, case_parties, case_withdrawals, offer_answers, offers, settlements
from channels.email.workers import Readers
from gateway import handed_out
from gateway.attachments import NoContent, content_of
from gateway.context import Gateway
from gateway.file_names import safe_name
from gateway.paper.words import Words

MOST_READINGS: Final = 10_000
_OF_CASE: Final = {
    "contacts": case_contacts,
    "papers": case_papers,
    "parties": case_parties,
    "offers": offers,
    "settlements": settlements,
    "withdrawals": case_withdrawals,
    "tasks": tasks,
}


def digest_of(gateway: Gateway, addresses: Collection[str]) -> str:
    """By which a person is recognised who can't be read from it: keyed by the house's secret."""
    told = "\n".join(sorted(addresses)).encode()
    return hmac.digest(gateway.tokens.key("persons"), told, "sha256").hex()


def look(tx: Transaction, person: Person, periods: Mapping[str, int]) -> dict[str, Any]:
    """What is held on them, and why each case must be kept. Under locks, as an order looks at it; nothing is changed."""
    return {
        "addresses": list(person.addresses),
        "names": list(person.names),
        "cases": [_standing(tx, one, periods) for one in person.cases],
        "conversations": len(person.conversations),
        "spoke_for": list(person.spoke_for),
    }


def _standing(tx: Transaction, one: PersonsCase, periods: Mapping[str, int]) -> dict[str, Any]:
    kept = None if one.erased else retention.kept(tx, one.id, periods if one.reference is not None else None)
    plain = {"id": one.id, "reference": one.reference, "name": one.name, "status": one.status, "erased": one.erased}
    until = kept.until if kept else None
    return {**plain, "kept": kept and kept.code, "kept_until": until and until.isoformat()}


def order(
    tx: Transaction, gateway: Gateway, person: Person, *, reason: str, actor: str, even_within_retention: bool
) -> persons.Order:
    """Raises Refused, NothingHeld."""
    return persons.order(
        tx,
        person,
        digest=digest_of(gateway, person.addresses),
        reason=reason,
        actor=actor,
        periods=gateway.policy.retention.periods(),
        even_within_retention=even_within_retention,
    )


async def hand_out(gateway: Gateway, find: Callable[[Transaction], Person], *, actor: str, username: str) -> Held:
    """What goes into the file, read while others write, and then on record before any of it leaves. Raises NothingHeld."""
    held = await gateway.store.read(lambda tx: collect(tx, find(tx)))
    if not held.cases and not held.talks and not held.person.spoke_for:
        raise NothingHeld("nothing is held under this address")
    digest = digest_of(gateway, held.person.addresses)
    await gateway.store.write(note_handed_out, held, digest, actor, username)
    return held


@dataclass(slots=True)
class Held:
    """What goes into the file, as it was read from the store in one look."""

    person: Person
    language: Language
    cases: list[dict[str, Any]] = field(default_factory=list)
    talks: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)  # rows that content_of understands
    originals: list[dict[str, Any]] = field(default_factory=list)
    recordings: list[tuple[str, str]] = field(default_factory=list)  # conversation and digest

    def subjects(self) -> list[str]:
        """As readings name them."""
        talks = [conversation_chain(talk["id"]) for talk in self.talks]
        return [*(case_chain(one["case"]["id"]) for one in self.cases), *talks]


def collect(tx: Transaction, person: Person) -> Held:
    records = cases.of_ids(tx, [one.id for one in person.cases])
    held = Held(person, _language(tx, records, list(person.conversations)))
    keys = {key for one in person.cases for key in (one.id, one.reference) if key is not None}
    held.cases = [_case(tx, record, keys) for record in records]
    for id, only in person.conversations.items():
        _collect_talk(tx, held, id, only)
    return held


def _language(tx: Transaction, records: Sequence[CaseRecord], talks: Sequence[str]) -> Language:
    """That of the newest complaint, else of the newest conversation."""
    if records:
        return Language(max(records, key=lambda one: one.received_at).language)
    c = conversations.c
    found = sa.select(c.language).where(c.id.in_(talks)).order_by(c.updated_at.desc()).limit(1)
    return Language(tx.execute(found).scalar_one_or_none() or Language.EN)


def _rows(tx: Transaction, table: sa.Table, *where: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    found = tx.execute(sa.select(table).where(*where).order_by(*table.primary_key.columns))
    return [dict(row) for row in found.mappings()]


def _case(tx: Transaction, record: CaseRecord, keys: Collection[str]) -> dict[str, Any]:
    beside = {name: _rows(tx, table, table.c.case_id == record.id) for name, table in _OF_CASE.items()}
    theirs = sa.select(offers.c.id).where(offers.c.case_id == record.id)
    beside["answers"] = _rows(tx, offer_answers, offer_answers.c.offer_id.in_(theirs))
    return {
        **handed_out.case(record, beside, keys),
        "timeline": handed_out.timeline(audit.timeline(tx, case_chain(record.id))),
        "readings": [
            {"at": one.at, "by": one.actor, "what": one.what} for one in readings.of_case(tx, record.id, MOST_READINGS)
        ],
    }


def _collect_talk(tx: Transaction, held: Held, id: str, only: frozenset[str] | None) -> None:
    row = _rows(tx, conversations, conversations.c.id == id)[0]
    m, a, d = messages.c, attachments.c, deliveries.c
    mine = [m.conversation_id == id, *([] if only is None else [m.case_id.in_(only)])]
    said = _rows(tx, messages, *mine)
    numbers = {one["number"] for one in said}
    sent = [one for one in _rows(tx, deliveries, d.conversation_id == id) if only is None or one["case_id"] in only]
    talk = {
        **handed_out.talk(row),
        "messages": [handed_out.said(one) for one in said],
        "sent": [handed_out.sent(one, held.person.addresses) for one in sent],
    }
    if only is None:
        talk["timeline"] = handed_out.timeline(audit.timeline(tx, conversation_chain(id)))
        for call in _rows(tx, calls, calls.c.conversation_id == id):
            talk["call"] = handed_out.call(call)
            if call["recording"]:
                held.recordings.append((id, call["recording"]))
    found = (
        sa.select(
            attachments,
            arrivals.c.raw.label("arrival_raw"),
            arrivals.c.digest.label("arrival_digest"),
            arrivals.c.transport.label("arrival_transport"),
        )
        .outerjoin(arrivals, arrivals.c.id == a.arrival_id)
        .where(a.conversation_id == id)
        .order_by(a.message, a.id)
    )
    theirs = [dict(one) for one in tx.execute(found).mappings() if one["message"] in numbers]
    held.attachments += theirs
    talk["attachments"] = [
        {**handed_out.some(one, ("message", "name", "media_type", "size", "scan")), "sha256": one["digest"]}
        for one in theirs
    ]
    came = sorted({one["arrival_id"] for one in said if one["arrival_id"]})
    for original in _rows(tx, arrivals, arrivals.c.id.in_(came)):
        infected = any(one["arrival_id"] == original["id"] and one["scan"] == Scan.INFECTED for one in theirs)
        if not infected and (original["raw"] is not None or original["digest"] is not None):
            held.originals.append({**original, "conversation": id})
    held.talks.append(talk)


def note_handed_out(tx: Transaction, held: Held, digest: str, actor: str, username: str) -> None:
    """In the house's chain, and at each case and conversation as a reading: before anything leaves."""
    keys = [one.key for one in held.person.cases]
    detail = {"person": digest, "cases": keys, "conversations": len(held.talks)}
    audit.append(tx, HOUSE, Entry(actor, "person_exported", detail))
    if held.subjects():
        readings.keep(tx, [readings.Reading(actor, username, "export", tuple(held.subjects()))])


@dataclass(slots=True)
class _Archive:
    """The ZIP as it grows, and what its manifest will say."""

    zip: zipfile.ZipFile
    digests: dict[str, str] = field(default_factory=dict)
    told: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # lines about files, by conversation

    def put(self, name: str, content: bytes) -> None:
        self.zip.writestr(name, content)
        self.digests[name] = hashlib.sha256(content).hexdigest()

    def put_json(self, name: str, document: Any) -> None:
        self.put(name, json.dumps(document, ensure_ascii=False, indent=1, default=_written).encode())


def _written(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else None if isinstance(value, bytes) else str(value)


async def write(gateway: Gateway, readers: Readers, held: Held, to: IO[bytes], made_at: datetime) -> None:
    """Writes the ZIP. What can't be had is told in the page, and keeps nothing else back."""
    text = _words(held.language)
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as zip:
        archive = _Archive(zip)
        for one in held.cases:
            await asyncio.to_thread(archive.put_json, f"cases/{_folder(one['case'])}/case.json", one)
        for row in held.attachments:
            await _put_attachment(gateway, readers, archive, row, text)
        for row in held.originals:
            await _put_original(gateway, archive, row, text)
        for id, digest in held.recordings:
            await _put_file(gateway, archive, id, digest, f"conversations/{id}/recording", text)
        for talk in held.talks:
            await asyncio.to_thread(archive.put_json, f"conversations/{talk['id']}/conversation.json", talk)
        words = Words(held.language, gateway.settings.timezone)
        house = gateway.policy.institution.name[held.language]
        await asyncio.to_thread(
            lambda: archive.put("index.html", page(held, words, text, house, made_at, archive.told).encode())
        )
        manifest = {"made_at": made_at.isoformat(timespec="seconds"), "sha256": archive.digests}
        await asyncio.to_thread(zip.writestr, "manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1))


def _folder(case: Mapping[str, Any]) -> str:
    return str(case["reference"] or case["id"])


async def _put_attachment(
    gateway: Gateway, readers: Readers, archive: _Archive, row: Mapping[str, Any], text: Mapping[str, Any]
) -> None:
    id, name = row["conversation_id"], safe_name(row["name"])
    if row["scan"] == Scan.INFECTED:
        archive.told[id].append(text["kept_back"].format(name=name))
        return
    try:
        content = await content_of(gateway, readers, row)
    except NoContent:
        archive.told[id].append(text["unreadable"].format(name=name))
    except FilesError:
        archive.told[id].append(text["missing"].format(name=name))
    else:
        place = f"conversations/{id}/files/{row['message']}-{row['id'][-6:]}-{name}"
        await asyncio.to_thread(archive.put, place, content)
        archive.told[id].append(place)


async def _put_original(gateway: Gateway, archive: _Archive, row: Mapping[str, Any], text: Mapping[str, Any]) -> None:
    place = f"conversations/{row['conversation']}/originals/{row['id']}{'.eml' if row['channel'] == 'email' else ''}"
    if row["raw"] is not None:
        await asyncio.to_thread(archive.put, place, bytes(row["raw"]))
        archive.told[row["conversation"]].append(place)
    else:
        await _put_file(gateway, archive, row["conversation"], row["digest"], place, text)


async def _put_file(
    gateway: Gateway, archive: _Archive, id: str, digest: str, place: str, text: Mapping[str, Any]
) -> None:
    try:
        content = await asyncio.to_thread(gateway.files.get, digest)
    except FilesError:
        archive.told[id].append(text["missing"].format(name=place.rsplit("/", 1)[-1]))
        return
    await asyncio.to_thread(archive.put, place, content)
    archive.told[id].append(place)


def page(
    held: Held, words: Words, text: Mapping[str, Any], house: str, made_at: datetime, files: Mapping[str, Sequence[str]]
) -> str:
    """The readable page: what each complaint holds, and what was said. All that anybody wrote is escaped."""
    parts = [f"<h1>{escape(text['title'])}</h1>"]
    parts.append(f"<p>{escape(text['made'].format(day=words.day(made_at.date()), house=house))}</p>")
    parts.append(f"<p>{escape(text['about'].format(addresses=', '.join(held.person.addresses)))}</p>")
    parts.append(f"<h2>{escape(text['cases'])}</h2>")
    parts += [_case_part(one, words, text) for one in held.cases] or [f"<p>{escape(text['nothing'])}</p>"]
    parts.append(f"<h2>{escape(text['conversations'])}</h2>")
    parts += [_talk_part(one, words, text, files.get(one["id"], ())) for one in held.talks] or [
        f"<p>{escape(text['nothing'])}</p>"
    ]
    if held.person.spoke_for:
        told = ", ".join(held.person.spoke_for)
        parts.append(f"<h2>{escape(text['spoke_for'])}</h2><p>{escape(told)}</p>")
    style = "body{font:16px/1.5 sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}dt{font-weight:600}.said{white-space:pre-wrap;overflow-wrap:anywhere}"
    head = f'<!doctype html><html lang="{held.language.value}"><meta charset="utf-8"><title>{escape(text["title"])}</title><style>{style}</style>'
    return head + "".join(parts)


def _case_part(one: Mapping[str, Any], words: Words, text: Mapping[str, Any]) -> str:
    case, facts = one["case"], one["case"]["facts"]
    told = [(text["received"], words.moment(datetime.fromisoformat(case["received_at"])))]
    if case["erased_at"]:
        day = words.day(datetime.fromisoformat(case["erased_at"]).date())
        told.append(("", text["erased"].format(day=day)))
    told.append((text["status"], text["statuses"][case["status"]]))
    told += [(text[name], str(facts[name])) for name in ("name", "what_happened", "desired_outcome") if facts.get(name)]
    told.append((text["contacts"], ", ".join(case["contacts"]) or text["nothing"]))
    told.append(("", text["read_by"].format(n=len(one["readings"]))))
    shown = "".join(f'<dt>{escape(label)}</dt><dd class="said">{escape(value)}</dd>' for label, value in told)
    return f"<h3>{escape(_folder(case))}</h3><dl>{shown}</dl>"


def _talk_part(talk: Mapping[str, Any], words: Words, text: Mapping[str, Any], files: Sequence[str]) -> str:
    who = {"customer": text["you"]}
    said = []
    for one in talk["messages"]:
        sender = who.get(one["sender"]) or one["name"] or text.get(one["sender"], text["unknown"])
        said.append(
            f'<p class="said"><b>{escape(sender)}</b>, {escape(words.moment(one["at"]))}<br>{escape(one["text"])}</p>'
        )
    named = "".join(f"<li>{escape(one)}</li>" for one in files)
    listed = f"<p>{escape(text['files'])}</p><ul>{named}</ul>" if files else ""
    title = talk["subject"] or words.moment(talk["created_at"])
    return f"<h3>{escape(title)}</h3>{''.join(said)}{listed}"


@cache
def _words(language: Language) -> dict[str, Any]:
    text = resources("gateway.catalogue").joinpath(f"person.{language.value}.yaml").read_text("utf-8")
    words: dict[str, Any] = yaml.safe_load(text)
    return words
