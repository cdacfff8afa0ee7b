"""A mail is read whole: subject, text, history, attachments, sender, thread."""

import base64
import hashlib
import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.email.identity import external_id
from channels.email.read import Unreadable, read_mail
from channels.message import MessageIn

OURS = "complaints@bank.example"
TRANSPORT = {"mailbox": OURS, "mail_from": "ann@customer.example", "rcpt_tos": [OURS]}


def message(raw: bytes, **transport: object) -> MessageIn:
    (event,) = read_mail(raw, {**TRANSPORT, **transport})
    assert isinstance(event, MessageIn), event
    return event


def b64(text: str, codec: str = "utf-8") -> str:
    return base64.b64encode(text.encode(codec)).decode()


def multipart(kind: str, *parts: bytes, boundary: bytes = b"=_b") -> bytes:
    return b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"


def mixed(mail, *parts: bytes, kind: str = "mixed") -> bytes:
    return mail(multipart(kind, *parts), Content_Type=f'multipart/{kind}; boundary="=_b"')


PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n\r\nplain text"


def test_a_plain_mail(mail):
    raw = mail("I want my money back.\r\n")
    read = message(raw)
    assert read.text == "I want my money back."
    assert (read.quoted, read.html, read.attachments, read.thread, read.token) == ("", None, (), (), None)
    assert (read.sender, read.sender_name, read.subject) == ("ann@customer.example", "Ann Lee", "Complaint")
    assert read.sent_at == datetime(2026, 11, 23, 10, tzinfo=timezone(timedelta(hours=8)))
    assert read.external_id == external_id(raw)


CUT = "投诉：退款".encode()
RAW_GBK = "投诉退款三个月未到账".encode("gbk")


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (f"=?utf-8?B?{b64('投诉')}?=", "投诉"),
        (
            f"=?UTF-8?B?{base64.b64encode(CUT[:4]).decode()}?=\r\n =?UTF-8?B?{base64.b64encode(CUT[4:]).decode()}?=",
            "投诉：退款",
        ),
        ("=?gb2312?Q?=CD=B6=CB=DF?= =?gb2312?B?zfU=?=", "投诉王"),
        ("=?gb2312?B?" + b64("喆镕", "gbk") + "?=", "喆镕"),
        ("=?big5?B?" + b64("投訴", "big5") + "?= no. 5", "投訴 no. 5"),
        ("=?utf-8*zh-CN?Q?=E6=8A=95?=", "投"),
        ("=?iso-8859-1?Q?caf=E9_bill?=", "café bill"),
        ("Re: =?utf-8?B?!!!?=", "Re:"),
        ("=?no-such?B?" + b64("投诉") + "?=", "投诉"),
        (RAW_GBK, "投诉退款三个月未到账"),
        ("投訴退費".encode(), "投訴退費"),
        ("投訴費用帳單問題".encode("big5"), "投訴費用帳單問題"),
        (b"\x1b$BJV6b\x1b(B", "返金"),
        ("a\r\n folded\r\n\tone", "a folded one"),
        ("  ", None),
        ("", None),
    ],
)
def test_subject(mail, subject, text):
    assert message(mail(Subject=subject)).subject == text


@pytest.mark.parametrize(
    ("sender", "address", "name"),
    [
        ("Ann Lee <Ann@Customer.EXAMPLE>", "ann@customer.example", "Ann Lee"),
        ("ann@customer.example", "ann@customer.example", None),
        ('"Lee, Ann" <ann@customer.example>', "ann@customer.example", "Lee, Ann"),
        (f"=?utf-8?B?{b64('江敏')}?= <jm@c.example>", "jm@c.example", "江敏"),
        (f'"=?gb2312?B?{b64("江敏", "gbk")}?=" <jm@c.example>', "jm@c.example", "江敏"),
        ("許功蓋 <hsu@c.example>".encode("big5"), "hsu@c.example", "許功蓋"),  # second bytes are backslashes
        ("ann@customer.example (Ann Lee)", "ann@customer.example", "Ann Lee"),
        ("<用户@例子.example>".encode(), "用户@例子.example", None),
        ("nobody at all", None, None),
        ("Ann <ann@customer.example>\r\n , Bob <bob@c.example>", "ann@customer.example", "Ann"),
    ],
)
def test_sender(mail, sender, address, name):
    read = message(mail(From=sender))
    assert read.sender == address
    if name or address:
        assert read.sender_name == name


@pytest.mark.parametrize(
    ("date", "sent"),
    [
        ("Mon, 23 Nov 2026 10:00:00 -0000", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("23 Nov 2026 10:00 GMT", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("yesterday", None),
        ("Mon, 23 Nov 1850 10:00:00 +0000", None),
        ("Mon, 23 Nov 99999 10:00:00 +0000", None),
        ("Mon, 45 Nov 2026 10:00:00 +9999", None),
        ("", None),
    ],
)
def test_date(mail, date, sent):
    assert message(mail(Date=date)).sent_at == sent


def test_thread_is_nearest_first(mail):
    read = message(mail(In_Reply_To="<3@x>", References="<1@x> <2@x>\r\n\t<3@x>"))
    assert read.thread == ("<3@x>", "<2@x>", "<1@x>")


@pytest.mark.parametrize(
    ("recipients", "to", "token"),
    [
        (["complaints+abc@bank.example"], OURS, "abc"),
        ([OURS], "Bank <complaints+def@bank.example>", "def"),
        (["complaints+abc@bank.example"], "complaints+def@bank.example", "abc"),
        ([OURS], "complaints+def@evil.example", None),
        ([], "", None),
    ],
)
def test_token_of_the_address_it_was_sent_to(mail, recipients, to, token):
    assert message(mail(To=to), rcpt_tos=recipients).token == token


def test_alternatives_plain_is_read_and_html_is_shown(mail):
    rich = b"Content-Type: text/html; charset=gb2312\r\n\r\n" + "<p>同样的话<script>x</script></p>".encode("gbk")
    read = message(mixed(mail, PLAIN, rich, kind="alternative"))
    assert (read.text, read.html) == ("plain text", "<p>同样的话</p>")


@pytest.mark.parametrize("pointer", ["", "\r\n", "Your mail program can't show HTML."])
def test_alternatives_a_plain_one_that_only_points_is_not_read(mail, pointer):
    plain = b"Content-Type: text/plain\r\n\r\n" + pointer.encode()
    rich = b"Content-Type: text/html\r\n\r\n<p>" + b"I paid and nothing came. " * 20 + b"</p>"
    assert message(mixed(mail, plain, rich, kind="alternative")).text.startswith("I paid and nothing came.")


def test_html_alone_is_read_as_text_with_its_history_folded(mail):
    html = "<div>请退款</div><div>-----原始邮件-----</div><blockquote>您好</blockquote>"
    read = message(mail(html, Content_Type="text/html; charset=utf-8"))
    assert (read.text, read.quoted) == ("请退款", "-----原始邮件-----\n> 您好")


def test_a_charset_that_only_the_page_names(mail):
    html = b"<meta charset=big5><p>" + "投訴退費".encode("big5") + b"</p>"
    assert message(mail(html, Content_Type="text/html")).text == "投訴退費"


def test_format_flowed(mail):
    read = message(mail("one \r\ntwo \r\nthree\r\n\r\nfour\r\n", Content_Type="text/plain; format=flowed"))
    assert read.text == "one two three\n\nfour"


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ('Content-Disposition: attachment; filename="slip.pdf"', "slip.pdf"),
        ("Content-Disposition: attachment; filename*=utf-8''%E5%87%AD%E8%AF%81.pdf", "凭证.pdf"),
        ("Content-Disposition: attachment; filename*0*=utf-8''%E5%87; filename*1*=%AD.pdf", "凭.pdf"),
        ("Content-Disposition: attachment; filename*=gb2312''%C6%BE.pdf", "凭.pdf"),
        (f'Content-Disposition: attachment; filename="=?utf-8?B?{b64("凭证.pdf")}?="', "凭证.pdf"),
        ('Content-Type: application/pdf; name="slip.pdf"\r\nContent-Disposition: attachment', "slip.pdf"),
        ('Content-Disposition: attachment; filename="../../etc/passwd"', "passwd"),
        ('Content-Disposition: attachment; filename="C:\\\\x\\\\slip.pdf"', "slip.pdf"),
        ('Content-Disposition: attachment; filename="slip\u202efdp.exe"', "slipfdp.exe"),
        ('Content-Disposition: attachment; filename=""', "part-2.bin"),
        ("Content-Type: image/png\r\nContent-Disposition: attachment", "part-2.png"),
    ],
)
def test_attachment_names(mail, headers, name):
    content = bytes(range(256))
    part = headers.encode() + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(content)
    if b"Content-Type" not in part:
        part = b"Content-Type: application/octet-stream\r\n" + part
    (attachment,) = message(mixed(mail, PLAIN, part)).attachments
    assert attachment.name == name
    assert attachment.content == content
    assert (attachment.part, attachment.inline) == ("2", False)


def test_an_inline_image_keeps_the_id_the_page_names(mail):
    page = b'Content-Type: text/html\r\n\r\n<img src="cid:slip@x">see'
    image = b"Content-Type: image/png\r\nContent-ID: <slip@x>\r\nContent-Disposition: inline\r\n\r\nPNG"
    read = message(mixed(mail, page, image, kind="related"))
    assert read.html is not None
    assert 'src="cid:slip@x"' in read.html
    (attachment,) = read.attachments
    assert (attachment.content_id, attachment.inline, attachment.content) == ("slip@x", True, b"PNG")


def test_a_nested_message_is_an_attachment_byte_for_byte(mail):
    inner = (
        b"From: x@y.example\nSubject: =?utf-8?B?" + b64("旧信").encode() + b"?=\r\n\r\nmixed\nline ends \r\n\x00\xff"
    )
    read = message(mixed(mail, PLAIN, b"Content-Type: message/rfc822\r\n\r\n" + inner))
    (attachment,) = read.attachments
    assert (attachment.name, attachment.media_type, attachment.content) == ("旧信.eml", "message/rfc822", inner)
    assert read.text == "plain text"


def test_text_files_are_attachments_and_a_second_text_is_body(mail):
    file = (
        b'Content-Type: text/plain; name="notes.txt"\r\nContent-Disposition: inline; filename="notes.txt"\r\n\r\nnotes'
    )
    read = message(mixed(mail, PLAIN, file, b"Content-Type: text/plain\r\n\r\nand more"))
    assert read.text == "plain text\n\nand more"
    assert [attachment.name for attachment in read.attachments] == ["notes.txt"]


@pytest.mark.parametrize(
    ("encoded", "content"),
    [
        (b"AAEC\r\nAwQF", bytes(range(6))),
        (b"AAEC!!AwQF", bytes(range(6))),
        (b"AAECAwQ", bytes(range(5))),
        (b"AAECA", bytes(range(3))),
        (b"", b""),
    ],
)
def test_broken_base64_gives_what_can_be_had(mail, encoded, content):
    part = b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded
    assert message(mixed(mail, PLAIN, part)).attachments[0].content == content


def test_a_mail_without_a_boundary_is_still_read(mail):
    assert "hello" in message(mail("hello", Content_Type="multipart/mixed")).text
    guessed = mail(multipart("mixed", PLAIN), Content_Type="multipart/mixed;")
    assert message(guessed).text == "plain text"


def test_a_line_that_is_no_header_loses_none(mail):
    raw = mail().replace(b"Subject:", b"this is not a header\r\nSubject:")
    assert message(raw).subject == "Complaint"


def test_header_injection_through_encoded_words(mail):
    injected = b64("Complaint\r\nBcc: everybody@bank.example\r\n\r\n<script>")
    read = message(mail(Subject=f"=?utf-8?B?{injected}?="))
    assert read.subject == "Complaint Bcc: everybody@bank.example <script>"


def test_a_very_long_text_is_folded_and_kept(mail):
    text = "line of a very long complaint\n" * 10_000
    read = message(mail(text))
    assert len(read.text) == 200_000
    assert read.text + read.quoted == text.strip("\n")


@pytest.mark.parametrize("raw", [b"", b"\r\n\r\n", b"\n"])
def test_nothing_at_all_is_unreadable(raw):
    with pytest.raises(Unreadable, match="empty"):
        read_mail(raw, TRANSPORT)


SNIPPETS = [
    b"\r\n",
    b"\n",
    b"--b",
    b"--b--",
    b"Content-Type: multipart/mixed; boundary=b\r\n",
    b"Content-Type: message/rfc822\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"\r\n\r\n",
    b"=?utf-8?B?",
    b"?=",
    b"From: ",
    b"\x00",
    b"\xff\xfe",
    b"<p>",
    b"a@b",
    b"> x\r\n",
    b"Subject: ",
    b"Content-Disposition: attachment; filename*=",
    b"''%",
    b'"',
    b"(",
    b"Date: ",
    b"wrote:",
]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(SNIPPETS), st.binary(max_size=6)), max_size=40))
def test_law_any_bytes_are_read_or_unreadable(pieces):
    try:
        events = read_mail(b"".join(pieces), TRANSPORT)
    except Unreadable:
        return
    assert len(events) >= 1
    assert "\\u0000" not in json.dumps([repr(event) for event in events])


def test_shared_inbox_is_read(shared):
    expected = {
        "attachments_without_text.eml": ("", 2),
        "forwarder_email.eml": ("Let's talk about these images:", 2),
        "mail_with_invalid_to.eml": ("hey v, can i get some help over here?", 0),
        "mail_with_quote.eml": ("Yes, I am providing you step how to reproduce this issue", 0),
        "only_attachments.eml": ("", 1),
        "references.eml": ("References Email", 0),
    }
    for name, (text, attachments) in expected.items():
        (event,) = read_mail((shared / "data" / "mail" / "inbox" / name).read_bytes(), {"mailbox": OURS})
        assert isinstance(event, MessageIn)
        assert (event.text, len(event.attachments)) == (text, attachments), name


@pytest.fixture(scope="module")
def corpus(shared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    maker = shared / "bench" / "make_mails.py"
    subprocess.run(
        [sys.executable, maker, "--out", folder, "--n", "200", "--seed", "11"], check=True, capture_output=True
    )
    return folder


def squash(text: str | None) -> str:
    return re.sub(r"\s+", "", (text or "").replace("\u00a0", ""))


def test_every_mail_of_the_generated_corpus_is_read_as_it_was_meant(corpus):
    wrong = []
    for line in (corpus / "manifest.jsonl").read_text("utf-8").splitlines():
        meant = json.loads(line)
        (event,) = read_mail((corpus / "mails" / meant["file"]).read_bytes(), {"mailbox": "complaints@gateway.example"})
        if "auto-submitted" in meant["features"]:
            assert event.kind == "auto_reply"
            continue
        assert isinstance(event, MessageIn)
        have = {(hashlib.sha256(a.content).hexdigest(), a.name) for a in event.attachments}
        if (
            squash(event.subject) != squash(meant["subject"])
            or squash(meant["probe"]) not in squash(event.text)
            or event.sender != meant["from"]
            or not {(a["sha256"], a["name"]) for a in meant["attachments"]} <= have
            or set(event.thread) != set(meant["refs"])
        ):
            wrong.append(meant["file"])
    assert wrong == []


def test_a_body_without_a_blank_line_before_it_loses_no_line(mail):
    part = b"Content-Type: text/plain\r\nHi people!\r\n\r\nWe want our money back.\r\n"
    raw = mail(b"--b\r\n" + part + b"--b--\r\n", Content_Type="multipart/mixed; boundary=b")
    (event,) = read_mail(raw, {"mailbox": OURS})
    assert event.text == "Hi people!\n\nWe want our money back."


def test_a_line_that_is_no_header_among_headers_hides_none_of_them(mail):
    raw = b"From: ann@customer.example\r\nthis is no header\r\nSubject: Card fee\r\n\r\nhello\r\n"
    (event,) = read_mail(raw, {"mailbox": OURS})
    assert (event.subject, event.sender, event.text) == ("Card fee", "ann@customer.example", "hello")
