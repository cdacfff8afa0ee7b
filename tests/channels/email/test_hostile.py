"""Mails made to break the reader: each is read or refused within the limits, in a process that could be killed."""

import base64
import pickle
import time

import pytest

from channels.email import workers
from channels.email.mime import MAX_PARTS, Unreadable, parse
from channels.email.read import read_mail
from channels.email.workers import SECONDS, Readers, _read, harmless

HEAD = b"From: a@customer.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n"


def nested(depth: int) -> bytes:
    levels = [
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level) for level in range(depth)
    ]
    return HEAD + b"".join(levels) + b"Content-Type: text/plain\r\n\r\ndeep\r\n"


def body(content: bytes, kind: bytes = b"text/plain; charset=utf-8") -> bytes:
    return HEAD + b"Content-Type: " + kind + b"\r\n\r\n" + content


ATTACKS = {
    "10,000 parts": HEAD
    + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"--b\r\n\r\nhello\r\n" * 10_000
    + b"--b--",
    "100 deep": nested(100),
    "5,000 deep": nested(5_000),
    "a header of 1 MB": HEAD + b"X-Big: " + b"a" * (1 << 20) + b"\r\n\r\nhi",
    "a header of 10 MB": HEAD + b"X-Big: " + b"a" * (10 << 20) + b"\r\n\r\nhi",
    "a header folded 300,000 times": HEAD + b"X-Big: " + b"a\r\n " * 300_000 + b"\r\n\r\nhi",
    "100,000 headers": HEAD + b"X: a\r\n" * 100_000 + b"\r\nhi",
    "500,000 parameters": HEAD + b"Content-Type: text/plain; " + b"a;" * 500_000 + b"\r\n\r\nhi",
    "opened comments in From": b"From: " + b"(" * 200_000 + b"\r\n\r\nhi",
    "odd quotes in From": b"From: " + b'"' * 100_001 + b"\r\n\r\nhi",
    "encoded words": b"Subject: " + b"=?utf-8?B?5oqV?= " * 60_000 + b"\r\nFrom: a@b.example\r\n\r\nhi",
    "endless HTML": body(b"<div>" * 1_000_000, b"text/html"),
    "formatting reopened": body(
        b"".join(b"<font color=%d>" % n for n in range(20_000)) + b"<p>x" * 100_000, b"text/html"
    ),
    "attributes": body(b"<a " + b" ".join(b"a%d=1" % n for n in range(100_000)), b"text/html"),
    "comments": body(b"<!--" * 500_000, b"text/html"),
    "angles": body(b"<" * 1_000_000, b"text/html"),
    "base64 garbage": HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"!@#$%^" * 500_000,
    "NUL bytes": body(b"\0" * 5_000_000),
    "no boundary": HEAD + b"Content-Type: multipart/mixed\r\n\r\nhello",
    "attributions": body(b"On 5 Jan 10:30 a@b wrote wrote wrote said wrote 5 x\n" * 20_000),
    "quoted lines": body(b"> a\n" * 300_000 + b"x"),
    "rules": body((b"-" * 390 + b"\n") * 10_000),
    "flowed": body(b"> a \n" * 300_000, b"text/plain; format=flowed; delsp=yes"),
    "punycode": body(b"a" * 100_000 + b"\xff", b"text/plain; charset=punycode"),
    "100,000 recipients in a report": HEAD
    + b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    + b"Action: failed\r\nFinal-Recipient: rfc822; a@b.example\r\n\r\n" * 100_000,
}


def forwards(depth: int) -> bytes:
    raw = b"Subject: deepest\r\n\r\nhi\r\n"
    for _ in range(depth):
        raw = b"Subject: s\r\nContent-Type: message/rfc822\r\n\r\n" + raw
    return raw


LEAVES = b"Content-Type: multipart/mixed; boundary=q\r\n\r\n" + b"--q\r\n\r\nx\r\n" * 900 + b"--q--\r\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
DKIM = b"DKIM-Signature: v=1; a=rsa-sha256; d=customer.example; s=b; h=from; bh=x; b=x\r\n"
SUBJECT = b"From: a@b.example\r\nSubject: "
ATTACKS |= {
    "a flood of longer boundaries": MIXED + b"--bb\r\n" * 400_000,
    "a boundary of one dash": HEAD + b"Content-Type: multipart/mixed; boundary=-\r\n\r\n" + b"-" * 32 * 60_000,
    "one boundary for all levels": HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * 3_000,
    "forwarded 20,000 times": MIXED + b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + forwards(20_000),
    "200 forwards of 900 parts": MIXED + (b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + LEAVES) * 200 + b"--b--",
    "RFC 2231 continuations": HEAD
    + b"Content-Type: text/plain;"
    + b"".join(b" name*%d=a;" % n for n in range(50_000))
    + b"\r\n\r\nhi",
    "RFC 2231 in each of 300 parts": MIXED
    + (
        b"--b\r\nContent-Disposition: attachment;"
        + b"".join(b" filename*%d*=%%41;" % n for n in range(200))
        + b"\r\n\r\nx\r\n"
    )
    * 300,
    "RFC 2231 with a huge number": HEAD + b"Content-Type: text/plain; name*99999999999999999999=a; name*0=b\r\n\r\nhi",
    "encoded words never closed": SUBJECT + b"=?utf-8?q?" * 80_000 + b"\r\n\r\nhi",
    "encoded words of 2,000 charsets": SUBJECT + b"".join(b"=?x%d?q?a?= " % n for n in range(2_000)) + b"\r\n\r\nhi",
    "100,000 addresses": b"From: a@b.example\r\nTo: "
    + b", ".join(b"x%d@y.example" % n for n in range(100_000))
    + b"\r\n\r\nhi",
    "100,000 senders": b"From: " + b", ".join(b"x%d@y.example" % n for n in range(100_000)) + b"\r\n\r\nhi",
    "groups in From": b"From: " + b"a:" * 50_000 + b"\r\n\r\nhi",
    "routes in From": b"From: <" + b"@a," * 50_000 + b":x@y.example>\r\n\r\nhi",
    "a From folded 200,000 times": b"From: a@b.example\r\n" + b" y\r\n" * 200_000 + b"\r\nhi",
    "References never closed": HEAD + b"References: " + b"<" * 500_000 + b"\r\n\r\nhi",
    "a date of comments": HEAD + b"Date: " + b"(" * 500_000 + b"\r\n\r\nhi",
    "5,000 signatures": DKIM * 5_000 + HEAD + b"\r\nhi",
    "armour never closed": body(b"-----BEGIN PGP MESSAGE-----\n" * 50_000),
    "SVG and MathML": body(b"<svg><math><mi><svg>" * 50_000, b"text/html"),
    "one entity": body(b"&" + b"a" * 1_000_000, b"text/html"),
    "quotations in quotations": body(b"<blockquote>" * 1_500 + b"x<br>" * 20_000, b"text/html"),
    "UTF-7": body(b"+AAA" * 500_000, b"text/plain; charset=utf-7"),
    "characters that turn and hide": body("\u202e\u200b\u2066".encode() * 300_000),
    "quoted-printable of soft breaks": HEAD
    + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    + b"=\r\n" * 1_000_000,
    "200,000 groups in a report": HEAD
    + b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    + b"x: y\r\n\r\n" * 200_000,
    "a type of 2 MB": HEAD + b"Content-Type: " + b"a" * 1_000_000 + b"/" + b"b" * 1_000_000 + b"\r\n\r\nhi",
    "a Content-ID of 2 MB": MIXED
    + b"--b\r\nContent-Type: image/png\r\nContent-ID: <"
    + b"a" * 2_000_000
    + b">\r\n\r\nx\r\n",
}


def _read_in_time(raw, transport, checked):
    """In the reading process: a machine that is busy with others makes no mail slower than it is."""
    begun = time.process_time()
    events = _read(raw, transport, checked)
    if time.process_time() - begun > SECONDS:
        raise Unreadable(f"took more than {SECONDS:g} seconds of the processor")
    return events


async def test_every_attack_is_read_or_unreadable_within_five_seconds_and_256_megabytes(monkeypatch):
    monkeypatch.setattr(workers, "_read", _read_in_time)
    readers = Readers(processes=1, seconds=60, in_thread_if_harmless=False)
    outcomes = {}
    try:
        for name, raw in ATTACKS.items():
            try:
                outcomes[name] = await readers.read(raw, {"mailbox": "complaints@bank.example"})
            except Unreadable as refused:
                outcomes[name] = refused.reason
    finally:
        await readers.stop()
    refused = {name: outcome for name, outcome in outcomes.items() if isinstance(outcome, str)}
    assert refused == {"a header of 10 MB": "headers too long"}


def test_parts_beyond_the_limit_are_counted():
    (event,) = read_mail(ATTACKS["10,000 parts"], {})
    assert event.text.count("hello") == MAX_PARTS - 1
    assert event.notes == {"parts_not_read": 10_000 - MAX_PARTS + 1}


def test_what_lies_too_deep_is_kept_as_an_attachment():
    (event,) = read_mail(nested(100), {})
    assert b"deep" in event.attachments[0].content


def test_a_mail_of_35_megabytes_fits():
    raw = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/pdf\r\n"
    raw += b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(bytes(25 << 20)) + b"\r\n--b--\r\n"
    assert [len(part.content()) for part in parse(raw).leaves()] == [25 << 20]


SMALL = {
    *("no boundary", "punycode", "RFC 2231 with a huge number"),
    "encoded words of 2,000 charsets",  # 0.05 s
}


@pytest.mark.parametrize("name", sorted(set(ATTACKS) - SMALL))
def test_no_attack_looks_harmless(name):
    assert not harmless(ATTACKS[name])


def test_events_cross_from_process_to_process():
    events = read_mail(nested(3), {})
    assert pickle.loads(pickle.dumps(events)) == events
    refused = pickle.loads(pickle.dumps(Unreadable("why")))
    assert (refused.reason, str(refused)) == ("why", "why")


def test_a_name_neither_turns_nor_hides_what_stands_beside_it_and_an_address_is_not_made_anothers():
    raw = 'From: "\u202e\u200b\u2066ku.knab@tnega \u2069Ann" <ann\u200b@customer.example>\r\nSubject: \u202efdp.exe\r\n\r\nhi'.encode()
    (event,) = read_mail(raw, {})
    assert (event.sender_name, event.subject) == ("ku.knab@tnega Ann", "fdp.exe")
    assert event.sender == "ann\u200b@customer.example"


def test_what_is_folded_has_an_end_and_says_so():
    (event,) = read_mail(body(b"See below.\r\n" + b"> quoted\r\n" * 300_000), {})
    assert event.text == "See below."
    assert len(event.quoted) == 1_000_000
    assert event.notes == {"longer": True}


def test_a_swelling_archive_is_kept_and_never_opened():
    import zlib

    packed = zlib.compress(bytes(50 << 20))
    raw = HEAD + b"Content-Type: application/zip; name=bomb.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    (event,) = read_mail(raw + base64.encodebytes(packed), {})
    assert [(one.name, one.content) for one in event.attachments] == [("bomb.zip", packed)]
