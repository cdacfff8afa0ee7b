"""Every way in which a row names a file: what no erasure and no sweep may take away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from case_store.ids import new_id
from case_store.store import Transaction
from case_store.tables_arrivals import arrivals, uploads
from case_store.tables_conversations import attachments, calls, conversations, messages

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def attach(tx: Transaction, digest: str, **more: Any) -> None:
    row = {
        "id": new_id(),
        "conversation_id": "x",
        "message": 1,
        "name": "evidence.wav",
        "media_type": "audio/wav",
        "size": 9,
    }
    tx.execute(sa.insert(attachments).values(**{**row, "digest": digest, **more}))


def upload(tx: Transaction, digest: str) -> None:
    row = {"id": new_id(), "owner": "form", "network": "n", "name": "evidence.wav", "size": 9, "pieces": []}
    times = {"created_at": AT, "expires_at": AT}
    tx.execute(sa.insert(uploads).values(**row, **times, state="whole", digest=digest))


def accept(tx: Transaction, **more: Any) -> None:
    row = {"id": new_id(), "channel": "email", "account": "email:a", "external_id": new_id(), "received_at": AT}
    tx.execute(sa.insert(arrivals).values(**{**row, "state": "read", "size": 9, "transport": {}, **more}))


def converse(tx: Transaction) -> str:
    id, times = new_id(), {"created_at": AT, "updated_at": AT}
    plain = {"channel": "email", "account": "a", "owner": "bot", "locale": "en", "language": "en", "state": {}}
    tx.execute(sa.insert(conversations).values(id=id, **plain, **times))
    return id


def html_of_a_mail(tx: Transaction, digest: str) -> None:
    said = {"number": 1, "sender": "customer", "text": "", "at": AT, "mail": {"html": digest}}
    tx.execute(sa.insert(messages).values(conversation_id=converse(tx), **said))


def record(tx: Transaction, digest: str) -> None:
    row = {"source": "line:main", "call": new_id(), "line": "main", "state": "ended", "recording": digest}
    tx.execute(sa.insert(calls).values(conversation_id=converse(tx), **row))


NAMED: Final[Mapping[str, Callable[[Transaction, str], object]]] = {
    "an attachment": attach,
    "a preview": lambda tx, digest: attach(tx, "0" * 64, preview=digest),
    "an upload": upload,
    "an original": lambda tx, digest: accept(tx, digest=digest),
    "a fetched part": lambda tx, digest: accept(tx, fetched={"file": {"digest": digest, "size": 9}}),
    "a recording not read yet": lambda tx, digest: accept(tx, transport={"recording": {"digest": digest}}),
    "the recording of a call": record,
    "a mail": html_of_a_mail,
}
