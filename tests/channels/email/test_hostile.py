"""Mails made to break the reader: each is read or refused within the limits, in a process that could be killed."""

import base64
import pickle

import pytest

from channels.email.mime import MAX_PARTS, Unreadable, parse
from channels.email.read import read_mail
from channels.email.workers import Readers, harmless

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


async def test_every_attack_is_read_or_unreadable_within_five_seconds_and_256_megabytes():
    readers = Readers(processes=1, in_thread_if_harmless=False)
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


SMALL = {"no boundary", "punycode"}


@pytest.mark.parametrize("name", sorted(set(ATTACKS) - SMALL))
def test_no_attack_looks_harmless(name):
    assert not harmless(ATTACKS[name])


def test_events_cross_from_process_to_process():
    events = read_mail(nested(3), {})
    assert pickle.loads(pickle.dumps(events)) == events
    refused = pickle.loads(pickle.dumps(Unreadable("why")))
    assert (refused.reason, str(refused)) == ("why", "why")
