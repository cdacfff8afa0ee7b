"""What lies inside: forwarded mails, winmail.dat, sealed mails, invitations, cards; the outer part is kept as it came."""

from __future__ import annotations

import base64
import struct
from pathlib import Path
from typing import Any

import pytest

from channels.email.read import read_mail
from channels.email.workers import Readers, harmless
from channels.message import MessageIn

TRANSPORT = {"mailbox": "complaints@bank.example"}


def read(raw: bytes) -> Any:
    (event,) = read_mail(raw, TRANSPORT)
    return event


def multipart(*parts: str, kind: str = "mixed") -> dict[str, str]:
    body = "".join(f"--b\r\n{part}\r\n" for part in parts) + "--b--\r\n"
    return {"body": body, "Content_Type": f"multipart/{kind}; boundary=b"}


TEXT = "Content-Type: text/plain; charset=utf-8\r\n\r\n{}"
FORWARDED = (
    "Content-Type: message/rfc822\r\n\r\nFrom: Branch <branch@bank.example>\r\nDate: Mon, 2 Nov 2026 09:00:00 +0800\r\n"
    "To: ann@customer.example\r\nSubject: =?utf-8?b?5oKo55qE6LSm5Y2V?=\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=inner\r\n\r\n--inner\r\nContent-Type: text/plain; charset=gb2312\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--inner\r\nContent-Type: application/pdf; name=bill.pdf\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--inner--\r\n"
).format(base64.b64encode("您的账单：300元".encode("gbk")).decode())


def test_a_forwarded_mail_is_readable_below_what_was_written_and_its_files_are_kept(mail):
    event = read(mail(**multipart(TEXT.format("See what your branch wrote me."), FORWARDED)))
    assert event.text == "See what your branch wrote me."
    assert "From: Branch <branch@bank.example>" in event.quoted
    assert "Subject: 您的账单" in event.quoted
    assert "您的账单：300元" in event.quoted
    assert [(one.name, one.part) for one in event.attachments] == [("您的账单.eml", "2"), ("bill.pdf", "2/2")]
    assert event.attachments[1].content == b"%PDF"


def test_a_mail_forwarded_without_a_word_is_what_there_is_to_read(mail):
    event = read(mail(**multipart(FORWARDED)))
    assert "您的账单：300元" in event.text
    assert event.quoted == ""


def test_a_forward_of_a_forward_is_opened_too_and_there_is_an_end_to_it(mail):
    within = FORWARDED
    for level in range(6):
        head = f"Content-Type: message/rfc822\r\n\r\nSubject: level {level}\r\nContent-Type: multipart/mixed; boundary=l{level}"
        within = f"{head}\r\n\r\n--l{level}\r\n\r\nlevel {level}\r\n--l{level}\r\n{within}\r\n--l{level}--\r\n"
    event = read(mail(**multipart(TEXT.format("See below."), within)))
    assert "level 5" in event.quoted
    assert "level 3" in event.quoted
    assert "level 2" not in event.quoted, "what lies deeper is in the file that was kept"
    assert [one.part for one in event.attachments] == ["2"]


def test_a_hundred_forwarded_mails_are_kept_and_some_of_them_opened(mail):
    event = read(mail(**multipart(TEXT.format("All of them."), *[FORWARDED] * 100)))
    files = [one for one in event.attachments if one.media_type == "message/rfc822"]
    assert len(files) == 100
    assert event.quoted.count("您的账单：300元") == 20


# winmail.dat --------------------------------------------------------------------------------------------------------


def tnef_object(level: int, name: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def mapi(*properties: tuple[int, int, bytes]) -> bytes:
    out = struct.pack("<I", len(properties))
    for kind, name, value in properties:
        padded = value + b"\0" * (-len(value) % 4)
        out += struct.pack("<HHII", kind, name, 1, len(value)) + padded
    return out


def winmail(body: str | None, *files: tuple[str, bytes]) -> bytes:
    """As Outlook makes it: codepage, body, and for each file where it begins, its title and its bytes."""
    out = struct.pack("<IH", 0x223E9F78, 1)
    out += tnef_object(1, 0x9006, 8, struct.pack("<I", 0x10000))
    out += tnef_object(1, 0x9007, 6, struct.pack("<II", 936, 0))
    if body is not None:
        out += tnef_object(1, 0x800C, 2, body.encode("utf-8") + b"\0")
    for name, content in files:
        out += tnef_object(2, 0x9002, 6, b"\0" * 14)
        out += tnef_object(2, 0x8010, 1, name.encode("gbk") + b"\0")
        out += tnef_object(2, 0x800F, 6, content)
        out += tnef_object(2, 0x9005, 6, mapi((0x1E, 0x3707, name.encode("gbk") + b"\0")))
    return out + b"\0" * 12


def with_winmail(mail: Any, raw: bytes, text: str | None = "Please see the files.") -> bytes:
    part = (
        "Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment; filename=winmail.dat\r\n\r\n{base64.encodebytes(raw).decode()}"
    )
    return bytes(mail(**multipart(*([TEXT.format(text)] if text else []), part)))


SCAN = b"%PDF-1.4 \0\1\2" * 50


def test_the_files_in_winmail_dat_are_shown_as_files(mail):
    event = read(with_winmail(mail, winmail(None, ("合同扫描.pdf", SCAN), ("..\\..\\run.exe", b"MZ"))))
    assert [(one.name, one.part) for one in event.attachments] == [
        ("winmail.dat", "2"),
        ("合同扫描.pdf", "2#1"),
        ("run.exe", "2#2"),
    ]
    assert event.attachments[1].content == SCAN
    assert event.attachments[1].media_type == "application/pdf"
    assert event.text == "Please see the files."


def test_the_text_in_winmail_dat_is_read_where_there_is_no_other(mail):
    event = read(with_winmail(mail, winmail("你们扣了我300元，请退还。"), text=None))
    assert event.text == "你们扣了我300元，请退还。"
    event = read(with_winmail(mail, winmail("Only Outlook would show this")))
    assert (event.text, event.quoted) == ("Please see the files.", "")


BAG = winmail("words", ("a.pdf", SCAN))
BROKEN_BAGS = {
    "cut": BAG[: len(BAG) // 2],
    "no bag": b"PK\3\4" + b"x" * 200,
    "empty": b"",
    "an object that claims 4 GB": BAG[:6] + struct.pack("<BHHI", 1, 0x9003, 6, 0xFFFFFFFF),
    "a million objects": struct.pack("<IH", 0x223E9F78, 1) + tnef_object(1, 0x8009, 6, b"") * 1_000_000,
    "properties without end": struct.pack("<IH", 0x223E9F78, 1)
    + tnef_object(1, 0x9003, 6, b"\xff\xff\xff\x7f")
    + b"\0" * 20,
    "values without end": struct.pack("<IH", 0x223E9F78, 1)
    + tnef_object(1, 0x9003, 6, struct.pack("<IHHI", 1, 0x1002, 0x0E00, 0x7FFFFFFF))
    + b"\0" * 20,
    "recipients without end": struct.pack("<IH", 0x223E9F78, 1)
    + tnef_object(1, 0x9004, 6, b"\xff\xff\xff\x7f")
    + b"\0" * 20,
    "a file before its beginning": struct.pack("<IH", 0x223E9F78, 1)
    + tnef_object(2, 0x800F, 6, b"x" * 40)
    + b"\0" * 20,
}


@pytest.mark.parametrize("fault", BROKEN_BAGS)
async def test_a_broken_or_hostile_winmail_dat_is_kept_and_holds_nobody_up(mail, fault):
    raw = with_winmail(mail, BROKEN_BAGS[fault])
    assert not harmless(raw), "its library believes every number in it: never in a thread"
    readers = Readers(processes=1, seconds=15)
    try:
        (event,) = await readers.read(raw, TRANSPORT)
    finally:
        await readers.stop()
    assert event.text == "Please see the files."
    assert event.attachments[0].content == BROKEN_BAGS[fault]


# sealed -------------------------------------------------------------------------------------------------------------

CIPHER = base64.encodebytes(bytes(range(256))).decode()
SEALED = {
    "smime": ({"body": CIPHER, "Content_Type": 'application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"',
               "Content_Transfer_Encoding": "base64"}, "smime", ["smime.p7m"]),
    "smime without a type": ({"body": CIPHER, "Content_Type": 'application/x-pkcs7-mime; name="smime.p7m"',
                              "Content_Transfer_Encoding": "base64"}, "smime", ["smime.p7m"]),
    "smime, the text inside its signature": ({"body": CIPHER, "Content_Type": "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m",
                     "Content_Transfer_Encoding": "base64"}, "smime_signed", ["smime.p7m"]),
    "pgp": (multipart("Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1",
                      "Content-Type: application/octet-stream; name=encrypted.asc\r\n\r\n-----BEGIN PGP MESSAGE-----\r\nhQ\r\n-----END PGP MESSAGE-----",
                      kind='encrypted; protocol="application/pgp-encrypted"'), "pgp", ["part-1.pgp", "encrypted.asc"]),
}  # fmt: skip


@pytest.mark.parametrize("how", SEALED)
def test_a_sealed_mail_is_kept_named_and_not_read(mail, how):
    given, kind, names = SEALED[how]
    event = read(mail(**given))
    assert isinstance(event, MessageIn)
    assert event.notes == {"sealed": kind}
    assert event.text == ""
    assert [one.name for one in event.attachments] == names
    assert all(one.content for one in event.attachments)


def test_pgp_in_the_text_is_folded_and_what_stands_around_it_is_read(mail):
    armour = "-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n=abcd\r\n-----END PGP MESSAGE-----"
    event = read(mail(f"Here it is:\r\n\r\n{armour}\r\n\r\nThanks, Ann"))
    assert event.notes == {"sealed": "pgp"}
    assert event.text == "Here it is:\n\n\n\nThanks, Ann"
    assert "hQEMA" in event.quoted


def test_a_signature_beside_the_text_seals_nothing(mail):
    signed = multipart(
        TEXT.format("I want my 300 back."),
        "Content-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\nMIIB",
        kind='signed; protocol="application/pkcs7-signature"',
    )
    event = read(mail(**signed))
    assert (event.text, event.notes) == ("I want my 300 back.", {})
    assert [one.name for one in event.attachments] == ["smime.p7s"]


# calendars and cards ------------------------------------------------------------------------------------------------

ICS = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Complaint about the loss\r\nEND:VEVENT\r\nEND:VCALENDAR"


@pytest.mark.parametrize("method", ["REQUEST", "REPLY", "CANCEL"])
def test_an_invitation_is_noted_as_one(mail, method):
    calendar = f"Content-Type: text/calendar; method={method}; charset=utf-8\r\n\r\n{ICS}"
    event = read(mail(**multipart(TEXT.format("Let us meet about my complaint"), calendar, kind="alternative")))
    assert event.notes == {"invitation": method}
    assert [one.name for one in event.attachments] == ["part-2.ics"]


def test_a_complaint_with_a_calendar_or_a_card_attached_is_a_complaint(mail):
    event = read(
        mail(
            **multipart(
                TEXT.format("You took 300 from me after this meeting."),
                f"Content-Type: text/calendar; method=PUBLISH; name=meeting.ics\r\nContent-Disposition: attachment\r\n\r\n{ICS}",
                "Content-Type: text/vcard; charset=utf-8\r\n\r\nBEGIN:VCARD\r\nFN:Ann\r\nEND:VCARD",
                "Content-Type: text/x-vcard; name=ann.vcf\r\n\r\nBEGIN:VCARD\r\nFN:Ann\r\nEND:VCARD",
            )
        )
    )
    assert event.notes == {}
    assert event.text == "You took 300 from me after this meeting."
    assert [one.name for one in event.attachments] == ["meeting.ics", "part-3.vcf", "ann.vcf"]


def test_nothing_of_the_samples_is_sealed_or_an_invitation(shared: Path):
    for sample in sorted((shared / "data" / "mail").rglob("*.eml")):
        for event in read_mail(sample.read_bytes(), TRANSPORT):
            if isinstance(event, MessageIn):
                assert not event.notes, sample.name
