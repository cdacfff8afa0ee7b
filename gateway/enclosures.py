"""Files that an agent encloses with an answer: which they are, whether they may leave yet, and their bytes for whoever sends them.

The files stand beside the agent's message like any other (case_store/attachments.py); a chat's customer gets them there. What leaves by
mail or messenger names the message, and the files are fetched when an attempt begins. Nothing leaves that a scanner has found something
in, or that it has not seen yet where there is one.

Not here: how they came up (uploads.py), how a channel sends files (channels/).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from case_store import attachments, conversations, uploads
from case_store.attachments import Row, Scan
from case_store.audit import Entry
from case_store.records import ChannelName, Language
from case_store.store import Transaction
from case_store.uploads import StoredUpload
from channels.message import Attachment
from gateway import texts
from gateway.context import Gateway
from gateway.file_names import safe_name
from gateway.texts import Occasion
from gateway.tidings import Tiding

ENCLOSED: Final = "enclosed"
"""In a payload: the message whose files go with it, as [conversation, number]."""
MOST_BY_MAIL: Final = 15_000_000
"""Bytes of all files of one mail: a third more as they are encoded, and many mail systems take no more than 20 to 25 million."""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """The files of one delivery. `waits`: the scanner has not seen all of them; `barred`: the name of one that may not leave, and why."""

    rows: tuple[Row, ...]
    waits: bool = False
    barred: tuple[str, str] | None = None


def enclose(tx: Transaction, found: Sequence[StoredUpload], conversation_id: str, number: int, actor: str) -> None:
    """Makes uploads part of an agent's message, on record. Raises NoSuchUpload if one is another message's."""
    uploads.attach(tx, found, conversation_id=conversation_id, message=number)
    row = conversations.locked(tx, conversation_id)
    told = uploads.files_entry(found, number)
    conversations.add_messages(tx, row, [], values={}, entries=[Entry(actor, "enclosed", told.detail)])


def payload_of(tx: Transaction, conversation_id: str, number: int) -> dict[str, Any]:
    """What a delivery's payload says of the files that go with a message; nothing where it has none."""
    has = attachments.of_messages(tx, conversation_id, number - 1).get(number)
    return {ENCLOSED: [conversation_id, number]} if has else {}


def names_of(tx: Transaction, payload: Mapping[str, Any]) -> list[str]:
    return [safe_name(row["name"]) for row in _rows(tx, payload)]


def of_payload(tx: Transaction, payload: Mapping[str, Any], *, scanning: bool) -> Enclosed:
    """The files that go with a delivery, and whether they may."""
    rows = tuple(_rows(tx, payload))
    for row in rows:
        given_up = scanning and row["scan"] == Scan.FAILED and row["examine_at"] is None
        if row["scan"] == Scan.INFECTED or given_up:
            return Enclosed(rows, barred=(safe_name(row["name"]), row["scan"]))
    unseen = scanning and any(row["scan"] != Scan.CLEAN for row in rows)
    return Enclosed(rows, waits=unseen)


def fit_in_mail(tx: Transaction, payload: Mapping[str, Any]) -> bool:
    return sum(int(row["size"]) for row in _rows(tx, payload)) <= MOST_BY_MAIL


def _rows(tx: Transaction, payload: Mapping[str, Any]) -> list[Row]:
    if ENCLOSED not in payload:
        return []
    conversation_id, number = payload[ENCLOSED]
    return attachments.of_messages(tx, conversation_id, number - 1).get(number, [])


async def fetch(gateway: Gateway, enclosed: Enclosed) -> tuple[Attachment, ...]:
    """The files with their bytes, as they leave. Raises FilesError."""
    return tuple([await _fetched(gateway, row) for row in enclosed.rows])


async def _fetched(gateway: Gateway, row: Row) -> Attachment:
    content = await asyncio.to_thread(gateway.files.get, row["digest"])
    return Attachment(safe_name(row["name"]), row["sniffed_type"] or row["media_type"], content, None)


def too_much_for(channel: str, found: Sequence[StoredUpload]) -> int | None:
    """How many bytes may go with one message of this channel, if these are more."""
    if channel == ChannelName.WEBCHAT or sum(upload.size for upload in found) <= MOST_BY_MAIL:
        return None
    return MOST_BY_MAIL


def naming_files(tx: Transaction, tiding: Tiding, beside: Mapping[str, Any], language: Language) -> Tiding:
    """The same, naming the files that belong to it: they don't go with it by themselves."""
    names = texts.render(Occasion.FILES_BESIDE, language, files=names_of(tx, beside)).body
    text = replace(tiding.text, body=f"{tiding.text.body}\n\n{names}")
    return replace(tiding, text=text, by_person=f"{tiding.by_person}\n\n{names}")
