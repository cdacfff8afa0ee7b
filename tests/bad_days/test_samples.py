"""All real mails beside the repository, handed in like any other: read, of the right kind, nothing lost, no machine answered.

`pytest tests/bad_days/test_samples.py -s` prints the figures.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store.tables_arrivals import arrivals, events
from case_store.tables_conversations import attachments, messages

MACHINES = {
    "inbox/auto_reply_with_auto_submitted.eml",
    "inbox/non_utf_encoded_mail.eml",
}  # both say so in their headers
# Machines' mails that report no delivery: a notification in Amazon's own form, a list's alert, a report passed on by a machine.
NO_REPORTS = {"bounces/lhost-amazonses-11.eml", "bounces/lhost-fml-03.eml", "bounces/lhost-sendmail-14.eml"}
REPORTS = ("bounced", "delayed", "delivered")


@dataclass
class Figures:
    mails: int = 0
    read: int = 0
    right: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    files: int = 0
    files_kept: int = 0
    lines: int = 0
    lines_kept: int = 0
    wrong: list[str] = field(default_factory=list)


def expected(name: str) -> set[str]:
    """What a sample may become. The prefix of a bounce names the system that wrote it."""
    folder, _, file = name.partition("/")
    if folder != "bounces":
        return {"auto_reply"} if name in MACHINES else {"message"}
    if file.startswith("rfc3834") or name in NO_REPORTS:
        return {"auto_reply"}
    if file.startswith("arf"):
        return {"complained", "abuse_report"}
    return set(REPORTS)


def samples(shared_data: Path) -> dict[str, bytes]:
    folder = shared_data / "mail"
    found = {f"{path.parent.name}/{path.name}": path.read_bytes() for path in sorted(folder.glob("*/*.eml"))}
    for path in sorted((folder / "replies" / "emails").iterdir()):
        found[f"replies/{path.name}"] = as_mail(path)
    return found


def as_mail(path: Path) -> bytes:
    """A sample that is only a body, in a mail that answers something."""
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["In-Reply-To"] = (
        "ann@customer.example",
        f"Re: {path.stem}",
        "<1@elsewhere.example>",
    )
    mail["Message-ID"] = f"<{path.stem}@customer.example>"
    mail.set_content(path.read_text("utf-8"), cte="base64")
    return mail.as_bytes()


def squash(text: str | None) -> str:
    return re.sub(r"[\s\u00a0\u200b\ufeff>|]+", "", text or "")


def by_another_reader(raw: bytes) -> tuple[list[str], list[str]]:
    """(lines of the text, digests of the files) as Python's own parser finds them."""
    lines, files = [], []
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    body = mail.get_body(("plain", "html"))
    if body is not None and body.get_content_type() == "text/plain":
        lines = [line for line in map(squash, str(body.get_content()).splitlines()) if line and "\ufffd" not in line]
    for part in mail.walk():
        if part.is_multipart() or part is body or part.get_content_type() in ("text/plain", "text/html"):
            continue
        files.append(hashlib.sha256(part.get_payload(decode=True) or b"").hexdigest())
    return lines, files


@pytest.mark.parametrize("database", ["sqlite"])
async def test_every_real_mail_is_read_rightly_and_nothing_of_it_is_lost(
    rooms: Any, shared_data: Path, capsys: pytest.CaptureFixture[str], database: str
) -> None:
    arrived: dict[str, list[str]] = {}
    mails = samples(shared_data)
    for name, raw in mails.items():
        machine = name.startswith("bounces/")
        receipt = await rooms.mail(raw, mail_from="" if machine else "ann@customer.example")
        arrived.setdefault(receipt.arrival_id, []).append(name)
    await rooms.intake.read_due()
    while await rooms.intake.read_due():
        pass
    table: dict[str, Figures] = {}
    for row in rooms.rows(sa.select(arrivals.c.id, arrivals.c.state)):
        for name in arrived[row.id]:
            count(rooms, table.setdefault(name.partition("/")[0], Figures()), name, mails[name], row)
    await rooms.settle()
    machines = {row.arrival_id for row in rooms.rows(sa.select(events.c.arrival_id))}
    said_to = {row.arrival_id for row in rooms.rows(sa.select(messages.c.arrival_id))}
    with capsys.disabled():
        print(printed(table))
    assert not [name for figures in table.values() for name in figures.wrong]
    assert not machines & said_to
    for figures in table.values():
        assert figures.mails == figures.read == figures.right
        assert figures.files == figures.files_kept
        assert figures.lines == figures.lines_kept


def count(rooms: Any, figures: Figures, name: str, raw: bytes, row: Any) -> None:
    figures.mails += 1
    figures.read += row.state == "read"
    happened = {one.kind for one in rooms.rows(sa.select(events.c.kind).where(events.c.arrival_id == row.id))}
    said = rooms.rows(
        sa.select(messages.c.text, messages.c.mail, messages.c.number, messages.c.conversation_id).where(
            messages.c.arrival_id == row.id
        )
    )
    kinds = happened | ({"message"} if said else set())
    figures.kinds.update(kinds)
    right = bool(kinds) and kinds <= expected(name)
    figures.right += right
    if not right:
        figures.wrong.append(f"{name}: {sorted(kinds)}")
    for message in said:
        kept = squash(f"{message.text}{message.mail.get('quoted', '')}")
        lines, files = by_another_reader(raw)
        digests = {
            one.digest for one in rooms.rows(sa.select(attachments.c.digest).where(attachments.c.arrival_id == row.id))
        }
        figures.lines += len(lines)
        figures.lines_kept += sum(line in kept for line in lines)
        figures.files += len(files)
        figures.files_kept += sum(digest in digests for digest in files)
        figures.wrong += [f"{name}: lost {line!r}" for line in lines if line not in kept]
        figures.wrong += [f"{name}: a file is lost" for digest in files if digest not in digests]


def printed(table: dict[str, Figures]) -> str:
    rows = [
        "",
        "| samples | mails | read | kind right | lines of messages kept | files kept | became |",
        "|---|---|---|---|---|---|---|",
    ]
    for folder, found in sorted(table.items()):
        kinds = ", ".join(f"{count} {kind}" for kind, count in found.kinds.most_common())
        rows.append(
            f"| {folder} | {found.mails} | {found.read} | {found.right} | {found.lines_kept} of {found.lines} "
            f"| {found.files_kept} of {found.files} | {kinds} |"
        )
    return "\n".join(rows)
