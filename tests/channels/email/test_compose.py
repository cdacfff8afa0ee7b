"""Outgoing mail as another program would read it."""

import email
import email.policy
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.compose import Composer
from channels.email.mailbox import Mailbox
from channels.email.read import read_mail
from channels.message import Attachment, ChannelEvent, OutboundMessage, UnknownAddress

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
COMPOSER = Composer(Mailbox.parse("complaints@bank.example"), "滨江银行")


def out(**more: object) -> OutboundMessage:
    given = {
        "message_id": "<out-7@bank.example>",
        "account": "email:complaints@bank.example",
        "address": "jm@customer.example",
        "text": "江女士，您好：\n\n编号 C20261123-000421-4。\n详见 https://bank.example/status 。",
        "language": "zh-Hans",
        "subject": "回复：投诉：理财产品亏损，请尽快退还本金三万五千元整并书面说明理由",
        "in_reply_to": "<in-3@customer.example>",
        "references": ("<in-1@customer.example>", "<out-2@bank.example>"),
        "reply_token": "reply234",
        "bounce_token": "bounce234",
    }
    return OutboundMessage(**(given | more))  # type: ignore[arg-type]


def composed(**more: object) -> email.message.EmailMessage:
    raw = COMPOSER.compose(out(**more), NOW)
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    return email.message_from_bytes(raw, policy=email.policy.default)  # type: ignore[return-value]


def test_an_answer():
    mail = composed()
    assert mail["From"] == "滨江银行 <complaints@bank.example>"
    assert mail["To"] == "jm@customer.example"
    assert mail["Subject"] == out().subject
    assert mail["Message-ID"] == "<out-7@bank.example>"
    assert mail["Reply-To"] == "complaints+reply234@bank.example"
    assert mail["In-Reply-To"] == "<in-3@customer.example>"
    assert mail["References"].split() == ["<in-1@customer.example>", "<out-2@bank.example>", "<in-3@customer.example>"]
    assert mail["Date"].datetime == NOW
    assert mail["Content-Language"] == "zh-Hans"
    assert mail["X-Qingting-Recipient"] is None
    assert mail.get_content_type() == "multipart/alternative"
    plain, rich = mail.iter_parts()
    assert plain.get_content().replace("\r\n", "\n").rstrip("\n") == out().text
    assert '<html lang="zh-Hans">' in rich.get_content()
    assert 'href="https://bank.example/status"' in rich.get_content()


@pytest.mark.parametrize(
    ("more", "submitted"),
    [({}, "auto-replied"), ({"in_reply_to": None}, "auto-generated"), ({"sender_name": "罗经理"}, None)],
    ids=["answer", "notice", "agent"],
)
def test_who_wrote_it_is_told_to_other_machines(more, submitted):
    mail = composed(**more)
    assert mail["Auto-Submitted"] == submitted
    assert mail["X-Auto-Response-Suppress"] == "All"


def test_an_agent_is_named():
    assert composed(sender_name="罗经理")["From"] == "罗经理 · 滨江银行 <complaints@bank.example>"


@pytest.mark.parametrize(
    ("language", "house"),
    [("zh-Hans", "示例银行"), ("zh-Hant", "示例銀行"), ("en", "Example Bank"), ("pt", "示例银行")],
)
def test_the_house_bears_its_name_in_the_language_of_the_mail(language, house):
    names = {"zh-Hans": "示例银行", "zh-Hant": "示例銀行", "en": "Example Bank"}
    raw = Composer(COMPOSER.mailbox, names).compose(out(language=language, subject=None), NOW)
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert mail["From"].addresses[0].display_name == mail["Subject"] == house
    _, rich = mail.iter_parts()
    assert f">{house}</p>" in rich.get_content()


def test_bounces_come_back_to_the_signed_address():
    assert COMPOSER.envelope_sender(out()) == "complaints+bounce234@bank.example"
    assert COMPOSER.envelope_sender(out(bounce_token=None)) == "complaints@bank.example"


def test_the_recipient_is_named_only_for_mail_that_goes_to_a_folder():
    raw = COMPOSER.compose(out(), NOW, name_recipient=True)
    assert b"\r\nX-Qingting-Recipient: jm@customer.example\r\n" in raw


def test_our_own_mail_coming_back_is_known():
    (event,) = read_mail(COMPOSER.compose(out(), NOW), {"mailbox": "another@bank.example"})
    assert isinstance(event, ChannelEvent)
    assert event.kind == "own_mail"


def test_long_message_ids_are_never_encoded_or_cut():
    long = tuple(f"<{letter * 150}@customer.example>" for letter in "abc")
    raw = COMPOSER.compose(out(references=long, in_reply_to=long[2]), NOW)
    for one in long:
        assert one.encode() in raw


def test_attachments_arrive_byte_for_byte():
    content = bytes(range(256)) * 10
    mail = composed(attachments=(Attachment("答复函.pdf", "application/pdf", content, ""),))
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("答复函.pdf", content)


def test_choices_are_listed():
    mail = composed(choices=(("都对", "yes"), ("要改", "no")))
    assert "• 都对\n• 要改" in mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert "<li>要改</li>" in mail.get_body(("html",)).get_content()


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}"])
def test_attack_markup_in_a_text_is_only_text(text):
    html = composed(text=text).get_body(("html",)).get_content()
    assert "<script" not in html
    assert "<img" not in html
    assert "49" not in html


INJECTIONS = [
    "x\r\nBcc: all@bank.example",
    "x\nBcc: all@bank.example",
    "x\rBcc: all@bank.example",
    "x\u2028Bcc: all@bank.example",
    "x\x00\r\n\r\n<script>",
    "x\x85Bcc: a@b",
]


@pytest.mark.parametrize("injected", INJECTIONS)
@pytest.mark.parametrize("place", ["subject", "sender_name", "in_reply_to", "message_id", "language"])
def test_header_injection_makes_no_header(injected, place):
    mail = composed(**{place: injected})
    assert mail["Bcc"] is None
    assert set(mail.keys()) <= {
        "From", "To", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References", "Auto-Submitted",
        "X-Auto-Response-Suppress", "Content-Language", "X-Qingting-Mail", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
    }  # fmt: skip


@pytest.mark.parametrize("address", ["", "nobody", "a@b\r\nBcc: c@d", "a@b,c@d", "<a@b>", "a b@c", "a@b@c"])
def test_what_is_no_address_gets_no_mail(address):
    with pytest.raises(UnknownAddress):
        COMPOSER.compose(out(address=address), NOW)


def test_an_address_beyond_ascii():
    raw = COMPOSER.compose(out(address="用户@例子.example"), NOW)
    assert "用户@例子.example".encode() in raw


@given(st.text(max_size=200), st.text(max_size=80))
def test_law_any_text_and_subject_can_be_sent_and_read_back(text, subject):
    raw = COMPOSER.compose(out(text=text, subject=subject), NOW)
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert mail["Bcc"] is None
    body = mail.get_body(("plain",))
    assert body is not None
    want = text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    assert body.get_content().replace("\r\n", "\n").rstrip("\n") == want


@pytest.mark.parametrize(
    ("asks", "sender_name", "where"),
    [
        (False, "Lin Yue", None),
        (True, "Lin Yue", "complaints+bounce234@bank.example"),
        (True, None, None),  # what no person wrote asks nobody
    ],
)
def test_a_receipt_is_asked_for_only_where_the_house_wants_it(asks, sender_name, where):
    composer = Composer(Mailbox.parse("complaints@bank.example"), "滨江银行", asks_whether_read=asks)
    raw = composer.compose(out(sender_name=sender_name), NOW)
    assert email.message_from_bytes(raw)["Disposition-Notification-To"] == where


def test_a_copy_names_whom_it_was_written_to_and_everybody_who_gets_one():
    copies = ("ben@customer.example", *(f"{'x' * 60}{number}@customer.example" for number in range(20)))
    mail = composed(address=copies[0], to="jm@customer.example", cc=copies)
    assert (mail["To"], mail["Cc"].split(", "), mail["Bcc"]) == ("jm@customer.example", list(copies), None)
    injected = composed(to="jm@customer.example", cc=("ben@customer.example\r\nBcc: eve@else.example",))
    assert injected["Bcc"] is None
