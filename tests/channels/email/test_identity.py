"""What makes a repeat: the same mail, whichever way it came, and no other under its Message-ID."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.identity import external_id, message_id_of, message_ids

HEAD = (
    b"From: Ann <ann@customer.example>\r\nDate: Mon, 23 Nov 2026 10:00:00 +0800\r\nMessage-ID: <1@x>\r\nSubject: s\r\n"
)
MAIL = HEAD + b"\r\nbody\r\nline two\r\n"


@pytest.mark.parametrize(
    "same",
    [
        MAIL.replace(b"\r\n", b"\n"),
        b"Received: from a\r\n\tby b\r\n" + MAIL,
        b"Return-Path: <x@y>\r\nDelivered-To: z@y\r\nX-Spam: no\r\nDKIM-Signature: v=1;\r\n b=abc\r\n" + MAIL,
        b"From ann@customer.example Mon Nov 23 10:00:00 2026\n" + MAIL.replace(b"\r\n", b"\n"),
        b"\r\n" + MAIL,
        MAIL + b"\r\n\r\n",
        MAIL.replace(b"From: Ann <", b"from:\r\n Ann\r\n\t<"),
    ],
    ids=["LF", "received", "trace", "mbox", "blank first", "blank last", "folded"],
)
def test_the_same_mail_by_another_way_is_a_repeat(same):
    assert external_id(same) == external_id(MAIL)


@pytest.mark.parametrize(
    "other",
    [
        MAIL.replace(b"body", b"b0dy"),
        MAIL.replace(b"ann@", b"eve@"),
        MAIL.replace(b"10:00", b"10:01"),
        MAIL.replace(b"Subject: s", b"Subject: another complaint"),
        MAIL.replace(b"<1@x>", b"<2@x>"),
    ],
)
def test_another_mail_under_a_used_message_id_is_no_repeat(other):
    assert external_id(other) != external_id(MAIL)


def test_the_message_id_can_be_had_back():
    assert message_id_of(external_id(MAIL)) == "<1@x>"
    assert message_id_of(external_id(MAIL.replace(b"<1@x>", b"<a#b@x>"))) == "<a#b@x>"
    assert message_id_of(external_id(MAIL.replace(b"Message-ID: <1@x>\r\n", b""))) is None
    assert message_id_of(external_id(MAIL.replace(b"<1@x>", b"<\x00\xff" + b"a" * 5_000 + b"@x>"))) is None


def test_a_message_id_in_the_body_does_not_count():
    assert message_id_of(external_id(b"From: a@b\r\n\r\nMessage-ID: <theirs@x>\r\n")) is None


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("<a@b> <c@d>", ["<a@b>", "<c@d>"]),
        ("<a@b>,<a@b>", ["<a@b>"]),
        ("< a@b >\r\n\t<c@d>", ["<a@b>", "<c@d>"]),
        ("a@b", ["<a@b>"]),
        ("your mail of Monday", []),
        ("", []),
    ],
)
def test_ids_in_references(value, ids):
    assert message_ids(value) == ids


@given(st.binary(max_size=400))
def test_any_bytes_have_an_identity(raw):
    assert external_id(raw) == external_id(raw)
    assert external_id(raw).isprintable()
