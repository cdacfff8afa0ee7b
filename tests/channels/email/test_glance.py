"""Who a mail that can't be read seems to be from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.glance import LONGEST, glance

LONG = b"X-Filler: " + b"x" * 70_000


@pytest.mark.parametrize(
    ("head", "sender", "subject"),
    [
        (b"From: Eve <Eve@Example.org>\r\nSubject: A fee\r\n\r\nhello", "Eve <eve@example.org>", "A fee"),
        (b"subject: =?utf-8?B?5oqV6K+J?=\nfrom: eve@example.org\n", "eve@example.org", "投诉"),
        (b"Subject: two\r\n lines\r\nFROM:\r\n eve@example.org\r\n", "eve@example.org", "two lines"),
        ("From: 江敏 <jm@example.cn>\r\nSubject: 投诉\r\n".encode(), "江敏 <jm@example.cn>", "投诉"),
        (b"From: no address at all\r\n", "no address at all", None),
        (b"X-From: a@b.example\r\n", None, None),
        (b"From: eve@example.org\r\n" + LONG, "eve@example.org", None),
        (LONG + b"\r\nFrom: eve@example.org\r\n", None, None),
        (b"", None, None),
    ],
)
def test_a_glance(head: bytes, sender: str | None, subject: str | None) -> None:
    assert (glance(head).sender, glance(head).subject) == (sender, subject)


@given(st.binary(max_size=400))
def test_whatever_the_bytes_are_a_glance_is_had(noise: bytes) -> None:
    seen = glance(b"From: " + noise + b"\nSubject: " + noise)
    assert all(len(text or "") <= LONGEST and "\n" not in (text or "") for text in (seen.sender, seen.subject))
