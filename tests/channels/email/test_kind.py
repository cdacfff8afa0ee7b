"""Who wrote it, a person or a machine; and what reports say. Machines are never answered, persons always."""

import pytest

from channels.email.read import read_mail
from channels.message import ChannelEvent, DeliveryReport, MessageIn

OURS = "complaints@bank.example"
TRANSPORT = {"mailbox": OURS}

DSN = (
    "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
    "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
    "Final-Recipient: rfc822; ann@customer.example\r\nAction: {action}\r\nStatus: {status}\r\n"
    "Diagnostic-Code: smtp; 550 no such user\r\n\r\n"
    "--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <out-7@bank.example>\r\n"
    "Reply-To: complaints+reply234@bank.example\r\nFrom: complaints@bank.example\r\n\r\nDear Ann\r\n--b--\r\n"
)
REPORT = "multipart/report; report-type=delivery-status; boundary=b"


def read(raw: bytes, **transport: object):
    (event,) = read_mail(raw, {**TRANSPORT, **transport})
    return event


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        ("failed", "5.1.1", "bounced"),
        ("delayed", "4.4.7", "delayed"),
        ("delivered", "2.0.0", "delivered"),
        ("relayed", "2.0.0", "relayed"),
        ("expanded", "2.0.0", "relayed"),
        ("", "2.1.5", "relayed"),
        ("", "5.2.2", "bounced"),
        ("", "4.2.2", "delayed"),
    ],
)
def test_a_report_finds_its_way_back(mail, action, status, kind):
    raw = mail(DSN.format(action=action, status=status), From="MAILER-DAEMON@mx.example", Content_Type=REPORT)
    event = read(raw, mail_from="", rcpt_tos=["complaints+bounce234@bank.example"])
    assert event == DeliveryReport(
        kind=kind,
        address="ann@customer.example",
        token="bounce234",
        message_id="<out-7@bank.example>",
        status=status,
        detail="smtp; 550 no such user",
    )


def test_a_report_to_the_plain_address_takes_the_token_from_what_was_returned(mail):
    raw = mail(DSN.format(action="failed", status="5.1.1"), From="MAILER-DAEMON@mx.example", Content_Type=REPORT)
    assert read(raw).token == "reply234"


@pytest.mark.parametrize(
    ("headers", "transport", "kind"),
    [
        ({"Auto_Submitted": "auto-replied"}, {}, "auto_reply"),
        ({"Auto_Submitted": "auto-generated; x=y"}, {}, "auto_reply"),
        ({"X_Autoreply": "yes"}, {}, "auto_reply"),
        ({"Precedence": "auto_reply"}, {}, "auto_reply"),
        ({}, {"mail_from": ""}, "auto_reply"),
        ({"Return_Path": "<>"}, {}, "auto_reply"),
        ({"From": "no-reply@shop.example"}, {}, "auto_reply"),
        ({"Subject": "Automatic reply: your complaint"}, {}, "auto_reply"),
        ({"Subject": "Out of office: until Monday"}, {}, "auto_reply"),
        ({"Subject": "自动回复: 您的投诉", "In_Reply_To": "<out-7@bank.example>"}, {}, "auto_reply"),
        ({"Subject": "自動回覆：出差中"}, {}, "auto_reply"),
        ({"List_Id": "<all.example>"}, {}, "list"),
        ({"Precedence": "bulk"}, {}, "list"),
        ({"List_Unsubscribe": "<mailto:u@shop.example>"}, {}, "list"),
        ({"From": "Complaints@Bank.example"}, {}, "own_mail"),
        ({"From": "complaints+abc@bank.example"}, {}, "own_mail"),
        ({"X_Qingting_Mail": OURS}, {}, "own_mail"),
    ],
)
def test_what_no_person_wrote_is_kept_and_never_answered(mail, headers, transport, kind):
    event = read(mail("I am away.", **headers), **transport)
    assert isinstance(event, ChannelEvent)
    assert event.kind == kind


BOUNCE_QUOTED = (
    "I wrote to your branch and got this:\n\nMail delivery failed: returning message to sender\n"
    "550 5.1.1 <branch@bank.example>: User unknown, mailbox unavailable\nFinal-Recipient: rfc822; branch@bank.example\n"
    "Action: failed\n\nHow am I to reach you? I want my 500 pounds back within a week."
)


@pytest.mark.parametrize(
    "headers",
    [
        {"Subject": "Undelivered mail to your branch"},
        {"Subject": "Re: Mail delivery failed"},
        {"Subject": "Fwd: Undelivered Mail Returned to Sender"},
        {"Subject": "Mail delivery failed: your branch has no working address"},
        {"Subject": "投诉：退信"},
        {"Subject": "Automatic reply is all I get"},
        {"Subject": "自动回复：你们只会自动回复，问题没有解决"},
        {"Subject": "Re: Automatic reply: my complaint"},
        {"Subject": "out of office hours nobody answers"},
        {"Auto_Submitted": "no"},
        {"From": "Postmaster Pat <pat@customer.example>"},
        {"From": "Daemon Lee <mailer@customer.example>"},
        {"X_Auto_Response_Suppress": "All"},
        {"Precedence": "first-class"},
    ],
)
def test_a_complaint_that_quotes_a_bounce_remains_a_complaint(mail, headers):
    event = read(mail(BOUNCE_QUOTED, **headers), mail_from="ann@customer.example")
    assert isinstance(event, MessageIn)


def test_a_forwarded_bounce_as_an_attachment_remains_a_complaint(mail):
    bounce = mail(DSN.format(action="failed", status="5.1.1"), From="MAILER-DAEMON@mx.example", Content_Type=REPORT)
    body = (
        b"--o\r\n\r\nSee what I got from you\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n" + bounce + b"\r\n--o--\r\n"
    )
    event = read(mail(body, Content_Type="multipart/mixed; boundary=o"), mail_from="ann@customer.example")
    assert isinstance(event, MessageIn)
    assert len(event.attachments) == 1


def test_feedback_loop(mail):
    body = (
        "--b\r\n\r\nabuse report\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n"
        "Original-Rcpt-To: ann@customer.example\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        "Message-ID: <out-7@bank.example>\r\nReply-To: {address}\r\n\r\nx\r\n--b--\r\n"
    )
    kind = "multipart/report; report-type=feedback-report; boundary=b"
    ours = read(mail(body.format(address="complaints+abc@bank.example"), Content_Type=kind))
    assert ours == DeliveryReport("complained", "ann@customer.example", "abc", "<out-7@bank.example>", None, "abuse")
    other = read(mail(body.format(address="x@other.example"), Content_Type=kind))
    assert isinstance(other, ChannelEvent)
    assert other.kind == "abuse_report"


@pytest.mark.parametrize(
    ("disposition", "seen"),
    [("manual-action/MDN-sent-manually; displayed", True), ("automatic-action/MDN-sent-automatically; deleted", False)],
)
def test_read_receipt(mail, disposition, seen):
    body = (
        "--b\r\n\r\nread\r\n--b\r\nContent-Type: message/disposition-notification\r\n\r\n"
        f"Final-Recipient: rfc822;ann@customer.example\r\nOriginal-Message-ID: <out-7@bank.example>\r\nDisposition: {disposition}\r\n--b--\r\n"
    )
    event = read(mail(body, Content_Type="multipart/report; report-type=disposition-notification; boundary=b"))
    if seen:
        assert event == DeliveryReport("seen", "ann@customer.example", None, "<out-7@bank.example>")
    else:
        assert isinstance(event, ChannelEvent)


def test_no_shared_bounce_vacation_reply_or_feedback_loop_is_taken_for_a_message(shared):
    folder = shared / "data" / "mail" / "bounces"
    taken = [
        path.name
        for path in sorted(folder.glob("*.eml"))
        if any(isinstance(event, MessageIn) for event in read_mail(path.read_bytes(), TRANSPORT))
    ]
    assert taken == []


def test_shared_bounces_name_the_recipient(shared):
    folder = shared / "data" / "mail" / "bounces"
    reports = [
        event
        for path in sorted(folder.glob("*.eml"))
        for event in read_mail(path.read_bytes(), TRANSPORT)
        if isinstance(event, DeliveryReport)
    ]
    named = [report for report in reports if report.address]
    assert len(reports) >= 128
    assert len(named) >= len(reports) - 1  # one names nobody
    assert sum(1 for report in reports if report.message_id) >= 100
