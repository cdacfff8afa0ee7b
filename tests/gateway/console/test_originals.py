"""What customers sent leaves as a file or into a frame without powers, and only to those who may read conversations."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

import pytest

from case_store import arrivals, conversations
from case_store.arrivals import NewArrival
from case_store.ids import new_id
from case_store.store import Transaction
from channels.email.read import read_mail
from channels.message import Attachment, MessageIn
from gateway.attachments import saved


def mail(name: str = "账单.html", content: bytes = b"<script>1</script>") -> bytes:
    made = EmailMessage()
    made["From"], made["Subject"] = "Eve <eve@example.com>", "Complaint"
    made["Message-ID"], made["Date"] = "<1@example.com>", "Mon, 16 Nov 2026 10:00:00 +0800"
    made.set_content("I complain about a fee.")
    made.add_attachment(content, maintype="text", subtype="html", filename=name)
    made.set_boundary("frontier")
    return bytes(made)


def received(house: Any, raw: bytes, *, in_file: bool) -> tuple[str, str]:
    """(conversation, attachment) of a mail that has been read."""
    [message] = read_mail(raw, {})
    assert isinstance(message, MessageIn)
    [attachment] = message.attachments
    digest = house.files.put(raw) if in_file else None
    id: tuple[str, str] = house.store.write_now(_received, house, raw, digest, attachment)
    return id


def _received(tx: Transaction, house: Any, raw: bytes, digest: str | None, attachment: Attachment) -> tuple[str, str]:
    new = NewArrival("email", "email:test", new_id(), tx.now, len(raw), None if digest else raw, digest, {})
    arrival_id, _ = arrivals.accept(tx, new)
    id, attachment_id = new_id(), new_id()
    conversations.open_conversation(tx, conversations.NewConversation(id, "email", "email:test", "en"))
    message = conversations.NewMessage(
        conversations.Sender.CUSTOMER, "I complain", arrival_id=arrival_id, mail={"html": "<p>I <b>complain</b></p>"}
    )
    conversations.add_messages(tx, conversations.locked(tx, id), [message])
    row = {
        "id": attachment_id,
        "conversation_id": id,
        "message": 1,
        "arrival_id": arrival_id,
        "part": attachment.part,
        "digest": "0" * 64,
        "name": attachment.name,
        "media_type": attachment.media_type,
        "size": len(attachment.content),
    }
    conversations.add_attachments(tx, [row])
    return id, attachment_id


@pytest.mark.parametrize("in_file", [False, True])
async def test_an_attachment_is_cut_from_its_mail_and_only_saved(house: Any, in_file: bool) -> None:
    conversation, attachment = received(house, mail(), in_file=in_file)
    answer, body = await house.get(f"/api/v1/conversations/{conversation}/attachments/{attachment}")
    assert body == b"<script>1</script>"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


async def test_the_original_is_what_came_to_the_byte(house: Any) -> None:
    conversation, _ = received(house, mail(), in_file=False)
    answer, body = await house.get(f"/api/v1/conversations/{conversation}/messages/1/original")
    assert body == mail()
    assert answer.headers["Content-Disposition"].startswith("attachment;")


async def test_the_layout_of_a_mail_is_shown_without_powers(house: Any) -> None:
    conversation, _ = received(house, mail(), in_file=False)
    answer, body = await house.get(f"/api/v1/conversations/{conversation}/messages/1/html")
    assert "<p>I <b>complain</b></p>" in body.decode()
    policy = set(answer.headers["Content-Security-Policy"].split("; "))
    assert {"default-src 'none'", "sandbox", "frame-ancestors 'self'"} <= policy
    assert not [rule for rule in policy if "script" in rule]


@pytest.mark.parametrize(
    "path", ["attachments/{other}", "messages/2/html", "messages/x/original", "messages/99/original"]
)
async def test_what_is_not_there_is_not_found(house: Any, path: str) -> None:
    conversation, _ = received(house, mail(), in_file=False)
    _, other = received(house, mail(), in_file=False)
    answer, _ = await house.get(f"/api/v1/conversations/{conversation}/{path.format(other=other)}")
    assert answer.status == 404


@pytest.mark.parametrize("path", ["attachments/{a}", "messages/1/html", "messages/1/original"])
async def test_a_stranger_gets_nothing(house: Any, path: str) -> None:
    conversation, attachment = received(house, mail(), in_file=False)
    path = f"/api/v1/conversations/{conversation}/{path.format(a=attachment)}"
    assert (await house.get(path, Authorization=""))[0].status == 401


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("账单.pdf", "attachment; filename=\"__.pdf\"; filename*=UTF-8''%E8%B4%A6%E5%8D%95.pdf"),
        (
            'a"; x="b\r\nSet-Cookie: y',
            "attachment; filename=\"a_; x=_b Set-Cookie_ y\"; filename*=UTF-8''a_%3B%20x%3D_b%20Set-Cookie_%20y",
        ),
        ("../../etc/passwd", "attachment; filename=\"passwd\"; filename*=UTF-8''passwd"),
        ("\u202egpj.exe", "attachment; filename=\"gpj.exe\"; filename*=UTF-8''gpj.exe"),
        ("", "attachment; filename=\"file\"; filename*=UTF-8''file"),
    ],
)
def test_no_name_of_a_file_gets_out_of_its_header(name: str, told: str) -> None:
    assert saved(b"", name, "text/plain").headers["Content-Disposition"] == told


@pytest.mark.parametrize("media_type", ["", "html", "text/html\r\nX: y", "text/💣"])
def test_a_media_type_that_is_none_becomes_bytes(media_type: str) -> None:
    assert saved(b"", "x", media_type).headers["Content-Type"] == "application/octet-stream"


FORWARD = (
    b"From: eve@example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee below.\r\n"
    b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: bill\r\nContent-Type: application/pdf; name=bill.pdf\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--b--\r\n"
)


async def test_a_file_in_a_forwarded_mail_is_cut_out_as_well(house: Any) -> None:
    [message] = read_mail(FORWARD, {})
    assert isinstance(message, MessageIn)
    inner = message.attachments[1]
    assert (inner.name, inner.part) == ("bill.pdf", "2/1")
    conversation, attachment = house.store.write_now(_received, house, FORWARD, None, inner)
    _, body = await house.get(f"/api/v1/conversations/{conversation}/attachments/{attachment}")
    assert body == b"%PDF-"
