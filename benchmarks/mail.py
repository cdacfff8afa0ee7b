"""Mail end to end: 1,000 mixed mails by SMTP until each is read, answered, its case committed and its reply written.

Beside django-helpdesk's own mail path on the same mails, SQLite with WAL and full sync on both sides; it takes them from a folder,
so what our side spends on SMTP is on top. What was stored is checked against the corpus: subject, words, attachments byte
for byte, replies in their parents' conversation.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.harness import (
    PATIENCE,
    Absent,
    Gateway,
    Line,
    beside,
    corpus,
    in_turns,
    peers,
    run_json,
    scratch,
)
from case_store.files import Files
from channels.email.body import body_of
from channels.email.identity import message_id_of
from channels.email.mime import parse

GOAL = "≥ 2, then 4, then 10"
CONNECTIONS = 10


def measure(runs: int) -> list[Line]:
    mails = corpus()
    right: list[Mapping[str, int]] = []
    spent: list[float] = []

    def ours() -> float:
        with scratch() as folder:
            rate, seconds, counts = end_to_end(mails, folder)
        right.append(counts)
        spent.append(seconds)
        return rate

    try:
        python = peers()
    except Absent as absent:
        [own] = in_turns(runs, ours)
        return [Line("mail end to end", "mails/s", own, beside=str(absent), goal=GOAL, note=_verdict(right))]

    theirs_spent: list[float] = []

    def theirs() -> float:
        with scratch() as folder:
            script = [str(beside() / "peer_helpdesk.py"), str(mails), str(folder / "peer"), "--db", "sqlite-wal"]
            found = run_json(str(python), *script, PYTHONPATH=str(beside()))
        theirs_spent.append(1000 * found["cpu_s"] / found["mails"])
        return float(found["rate"])

    own, peer = in_turns(runs, ours, theirs)
    line = Line("mail end to end", "mails/s", own, peer, "django-helpdesk", GOAL, _verdict(right))
    busy = Line("… processor time", "ms/mail", spent, theirs_spent, "django-helpdesk", "≤ 0.5, 0.25, 0.1")
    return [line, busy]


def end_to_end(mails: Path, folder: Path) -> tuple[float, float, Mapping[str, int]]:
    """Mails a second, the gateway's processor time for each in ms, and what the check counted."""
    total = len(list((mails / "mails").iterdir()))
    with Gateway(folder / "data") as gateway:
        used, begun = gateway.processor_seconds(), time.perf_counter()
        load = [str(beside() / "smtp_load.py"), str(gateway.smtp), str(mails / "mails"), "--conns", str(CONNECTIONS)]
        sent = run_json(sys.executable, *load)
        with database(gateway.data) as store:
            wait_until_done(store, total - 13)
            rate = total / (time.perf_counter() - begun)
            seconds = 1000 * (gateway.processor_seconds() - used) / total
            counts = {**check(store, gateway.data, folder / "stored.jsonl", mails), **_fate(store, gateway.data)}
    return rate, seconds, {**counts, "refused": sent["bad"], "repeats": total - counts["arrivals"]}


@contextlib.contextmanager
def database(data: Path) -> Iterator[sqlite3.Connection]:
    store = sqlite3.connect(data / "qingting.db", timeout=30)
    try:
        yield store
    finally:
        store.close()


UNDONE = (
    "SELECT (SELECT count(*) FROM arrivals WHERE due_at IS NOT NULL)"
    " + (SELECT count(*) FROM conversations WHERE speak_at IS NOT NULL)"
    " + (SELECT count(*) FROM deliveries WHERE due_at IS NOT NULL), (SELECT count(*) FROM arrivals)"
)


def wait_until_done(store: sqlite3.Connection, arrivals: int) -> None:
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        undone, there = store.execute(UNDONE).fetchone()
        if undone == 0 and there >= arrivals:
            return
        time.sleep(0.1)
    raise RuntimeError("the gateway was not done in time")


def check(store: sqlite3.Connection, data: Path, stored: Path, mails: Path) -> dict[str, int]:
    """What the comparators' own check says of our store."""
    with stored.open("w", encoding="utf-8") as file:
        for told in _stored(store, Files(data / "files")):
            file.write(json.dumps(told, ensure_ascii=False) + "\n")
    counts: dict[str, int] = run_json(sys.executable, str(beside() / "check.py"), str(mails), str(stored))["check"]
    return counts


def _stored(store: sqlite3.Connection, files: Files) -> Iterator[dict[str, Any]]:
    """Each stored mail as the check reads it; attachments as they are cut from the original that was kept.

    The corpus's replies come from other addresses than the mails they answer: to us those are strangers, who never get into
    another's case. Such a reply stands apart and is shown beside the case it names; it counts as threaded if it is shown there.
    """
    shown_beside = dict(store.execute(_STRANGERS))

    def thread(conversation: str | None) -> str | None:
        while conversation in shown_beside:
            conversation = shown_beside[conversation]
        return conversation

    noted = {
        arrival: json.loads(detail)
        for arrival, detail in store.execute("SELECT arrival_id, detail FROM channel_events")
    }
    for id, name, raw, digest, conversation, number, text, mail, subject in store.execute(_ARRIVALS):
        kept, event = json.loads(mail or "{}"), noted.get(id, {})
        body = body_of(parse(raw if raw is not None else files.get(digest)))
        yield {
            "msgid": message_id_of(name),
            "ticket": thread(conversation),
            "first": number == 1,
            "subject": subject,
            "texts": [text or event.get("text", ""), kept.get("quoted", "")],
            "atts": [[file.name, hashlib.sha256(file.content).hexdigest()] for file in body.attachments()],
        }


_ARRIVALS = (
    "SELECT a.id, a.external_id, a.raw, a.digest, m.conversation_id, m.number, m.text, m.mail, c.subject"
    " FROM arrivals a LEFT JOIN messages m ON m.arrival_id = a.id"
    " LEFT JOIN conversations c ON c.id = m.conversation_id ORDER BY a.received_at, a.id"
)
_STRANGERS = (
    "SELECT m.conversation_id, coalesce(l.conversation_id, e.conversation_id)"
    " FROM channel_events e JOIN messages m ON m.arrival_id = e.arrival_id"
    " LEFT JOIN case_conversations l ON l.case_id = e.case_id WHERE e.kind = 'stranger'"
)


def _fate(store: sqlite3.Connection, data: Path) -> dict[str, int]:
    def count(question: str) -> int:
        return int(store.execute(question).fetchone()[0])

    return {
        "arrivals": count("SELECT count(*) FROM arrivals"),
        "parked": count("SELECT count(*) FROM arrivals WHERE state = 'parked'"),
        "filed": count("SELECT count(*) FROM cases WHERE reference IS NOT NULL"),
        "replies": len(list((data / "outgoing").glob("*.eml"))),
    }


def _verdict(right: list[Mapping[str, int]]) -> str:
    worst = min(right, key=lambda counts: counts.get("clean", 0))
    return (
        f"{worst.get('clean', 0)} of {worst.get('mails', 0)} right, {worst.get('missing', 0)} lost, "
        f"{worst['repeats']} repeats, {worst['parked']} parked, {worst['filed']} filed, {worst['replies']} replies"
    )
