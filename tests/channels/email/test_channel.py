"""Mail behind the four verbs: in by SMTP, read, answered, and the answer's reply finds its token."""

import asyncio
import smtplib
from datetime import UTC, datetime

import pytest

from channels.channel import Channel
from channels.email.channel import EmailChannel
from channels.email.compose import Composer
from channels.email.mailbox import Mailbox
from channels.email.mime import Unreadable
from channels.email.receive import SmtpReceiver
from channels.email.send import OutgoingFolder
from channels.message import Arrival, MessageIn, OutboundMessage

OURS = "complaints@bank.example"


@pytest.fixture
async def channel(tmp_path, ledger):
    made = EmailChannel(
        Composer(Mailbox.parse(OURS), "Bank"),
        OutgoingFolder(tmp_path),
        receiver=SmtpReceiver("127.0.0.1", 0, "mx.bank.example", 100_000, OURS),
        clock=lambda: datetime(2026, 11, 23, 12, tzinfo=UTC),
    )
    await made.start(ledger.accept)
    yield made
    await made.stop()


async def test_the_way_of_one_mail(channel, ledger, mail, tmp_path):
    as_channel: Channel = channel
    assert (as_channel.name, as_channel.account) == ("email", f"email:{OURS}")

    def deliver(raw: bytes, to: str) -> None:
        with smtplib.SMTP("127.0.0.1", channel.receiver.port, timeout=30) as client:
            client.sendmail("ann@customer.example", [to], raw)

    await asyncio.to_thread(deliver, mail("I want my money back.\r\n"), OURS)
    arrival = ledger.arrivals[0]
    fetched = await channel.fetch(arrival)
    (event,) = await channel.read(arrival, fetched)
    assert isinstance(event, MessageIn)

    await channel.send(
        OutboundMessage(
            message_id="<out-1@bank.example>",
            account=channel.account,
            address="ann@customer.example",
            text="Dear Ms Lee",
            language="en",
            subject="Re: Complaint",
            in_reply_to="<1@customer.example>",
            reply_token="reply234",
        )
    )
    (file,) = tmp_path.glob("*.eml")
    assert b"X-Qingting-Recipient: ann@customer.example" in file.read_bytes()
    reply = mail("Thanks.\r\n", Message_ID="<2@customer.example>", In_Reply_To="<out-1@bank.example>")
    await asyncio.to_thread(deliver, reply, "complaints+reply234@bank.example")
    (answer,) = await channel.read(ledger.arrivals[1], {})
    assert (answer.token, answer.thread) == ("reply234", ("<out-1@bank.example>",))


async def test_an_empty_mail_is_accepted_and_unreadable(channel):
    arrival = Arrival("email", channel.account, "#", datetime(2026, 11, 23, tzinfo=UTC), b"")
    with pytest.raises(Unreadable, match="empty"):
        await channel.read(arrival, {})
