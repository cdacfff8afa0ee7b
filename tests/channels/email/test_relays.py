"""What a trusted relay says of a mail, and what forgers make it say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from channels.email import results
from channels.email.authenticity import Checking
from tests.channels.email.names import Names
from tests.channels.email.test_authenticity import OTHER_HOST, Judge, mail, names, server
from tests.growth import grows_no_faster

__all__ = ["names", "server"]

RELAY = Checking("relay", "mx.bank.example", ("10.1.2.3/32",))
PASSES = "mx.bank.example; spf=pass smtp.mailfrom=customer.example; dmarc=pass (p=REJECT) header.from=customer.example"
FAILS = "mx.bank.example; spf=fail smtp.mailfrom=x@elsewhere.example; dmarc=fail header.from=customer.example"


@pytest.mark.parametrize(
    ("headers", "peer", "result", "why"),
    [
        ([PASSES], "10.1.2.3", "pass", None),
        ([PASSES], None, "pass", None),  # fetched from the mailbox that the relay delivers to
        ([FAILS], "10.1.2.3", "fail", "not_aligned"),
        ([FAILS, PASSES], "10.1.2.3", "fail", "not_aligned"),  # the second was in the mail when the relay got it
        (
            ["mx.evil.example; dmarc=pass header.from=customer.example", PASSES],
            "10.1.2.3",
            "fail",
            "relay_said_nothing",
        ),
        (["mx.evil.example; dmarc=pass header.from=customer.example"], "10.1.2.3", "fail", "relay_said_nothing"),
        (["mx.bank.example.evil.example; dmarc=pass"], "10.1.2.3", "fail", "relay_said_nothing"),
        (["(mx.bank.example;) evil.example; dmarc=pass"], "10.1.2.3", "fail", "relay_said_nothing"),
        ([], "10.1.2.3", "fail", "relay_said_nothing"),
        ([], None, "fail", "relay_said_nothing"),
        (["mx.bank.example; none"], "10.1.2.3", "fail", "relay_said_nothing"),
        ([PASSES], OTHER_HOST, "fail", "not_from_relay"),  # handed in past the relay, with its word forged
        ([PASSES], "10.1.2.4", "fail", "not_from_relay"),
        ([PASSES], "127.0.0.1", "local", "handed_in_locally"),
        (["mx.bank.example; dmarc=pass header.from=elsewhere.example"], "10.1.2.3", "fail", "several_from"),
        (["mx.bank.example; dmarc=pass header.from="], "10.1.2.3", "fail", "several_from"),
        (["MX.Bank.Example 1; dmarc=pass header.from=customer.example"], "10.1.2.3", "pass", None),
        (["mx.bank.example; dkim=pass header.d=customer.example"], "10.1.2.3", "pass", None),
        (["mx.bank.example; dkim=pass header.i=@customer.example header.s=s1"], "10.1.2.3", "pass", None),
        (["mx.bank.example; dkim=pass header.d=elsewhere.example"], "10.1.2.3", "none", "nothing_published"),
        (["mx.bank.example; dmarc=none header.from=customer.example"], "10.1.2.3", "none", "nothing_published"),
        (["mx.bank.example; dmarc=temperror header.from=customer.example"], "10.1.2.3", "temperror", "not_found_now"),
        (
            ["mx.bank.example; dkim=pass header.d=\xff\xfe; spf=pass smtp.mailfrom=\xff"],
            "10.1.2.3",
            "fail",
            "relay_not_understood",
        ),
        (["mx.bank.example; ((((((((;;;==="], "10.1.2.3", "fail", "relay_not_understood"),
    ],
)
async def test_a_trusted_relays_word(
    names: Names, tmp_path: Any, headers: list[str], peer: str | None, result: str, why: str | None
) -> None:
    judge = Judge(names, tmp_path, RELAY)
    raw = "".join(f"Authentication-Results: {value}\r\n" for value in headers).encode("latin-1") + mail()
    verdict = await judge(raw, peer)
    json.dumps(verdict).encode("utf-8")
    assert (verdict["result"], verdict.get("why")) == (result, why)
    assert not names.asked


HELD_TO = "dmarc=fail (p=reject) header.from=customer.example"
VOUCHED = "dmarc=pass (p=REJECT sp=REJECT) header.from=customer.example"
LONG = ".".join("a" * 60 for _ in range(4))
THIRTY = [f"dkim=fail header.d={n}.{LONG}.evil.example header.s={'s' * 60} header.b=abc/+def=" for n in range(30)]


@pytest.mark.parametrize(
    "before",
    [
        "spf=pass smtp.mailfrom=\u00fcx@evil.example",  # SMTPUTF8: an envelope in any script
        'spf=pass smtp.mailfrom="a(b"@evil.example',
        'spf=pass (mx: domain of "a(b"@evil.example designates 1.2.3.4) smtp.mailfrom="a(b"@evil.example',
        'spf=pass (mx: domain of "a)b"@evil.example designates 1.2.3.4) smtp.mailfrom="a)b"@evil.example',
        'spf=pass smtp.mailfrom="a@evil.example',  # a quote that swallows what comes
        'spf=pass smtp.mailfrom="x; dmarc=pass header.from=customer.example; "@evil.example',
        "spf=pass smtp.mailfrom=x; dmarc=pass header.from=customer.example; @evil.example",  # a relay that takes quotes off
        "spf=pass smtp.mailfrom=x(; dmarc=pass header.from=customer.example",
        "iprev=pass policy.iprev=::1",
        "arc=none",
        "x-odd===",
        ";\r\n ".join(THIRTY),
        ";\r\n ".join(THIRTY * 20),  # more than is read
        "dkim=none (message not signed) header.d=none;compauth=fail reason=000",
        "",
    ],
)
@pytest.mark.parametrize("after", ["", "; spf=none (a closing ) too", '; spf=none smtp.mailfrom=b"b@evil.example'])
async def test_what_a_forger_writes_does_not_hide_that_the_relay_says_fail(
    names: Names, tmp_path: Any, before: str, after: str
) -> None:
    judge = Judge(names, tmp_path, RELAY)
    said = f"Authentication-Results: mx.bank.example; {before};\r\n {HELD_TO}{after}\r\n"
    for encoding in ("utf-8", "latin-1"):
        verdict = await judge(said.encode(encoding) + mail(), "10.1.2.3")
        json.dumps(verdict).encode("utf-8")
        assert verdict["result"] == "fail"
        assert len(verdict["dkim"]) <= 30


@pytest.mark.parametrize(
    "before",
    [
        "spf=pass smtp.mailfrom=\u00fcx@customer.example",
        "spf=pass (mx: domain of \u00fcx@customer.example designates 192.0.2.10) smtp.mailfrom=\u00fcx@customer.example",
        'spf=pass (mx: domain of "john (work)"@customer.example says so) smtp.mailfrom="john (work)"@customer.example',
        "iprev=pass policy.iprev=2001:db8::1 (mx.customer.example)",
        "arc=pass (i=1 spf=pass spfdomain=elsewhere.example dkim=pass dmarc=pass fromdomain=elsewhere.example)",
        "x-odd===; x-odder",
        ";\r\n\t".join(THIRTY),
        "spf=pass smtp.mailfrom= smtp.helo=mx.customer.example",
        'dkim=pass (2048-bit key; unprotected) header.d=customer.example\r\n\theader.i=@customer.example header.b="ab/c"',
        "spf=pass (sender IP is 192.0.2.10)\r\n smtp.mailfrom=customer.example; dkim=none header.d=none",
    ],
)
async def test_an_honest_mail_that_the_relay_vouches_for_passes_whatever_stands_beside(
    names: Names, tmp_path: Any, before: str
) -> None:
    judge = Judge(names, tmp_path, RELAY)
    said = f"Authentication-Results: mx.bank.example;\r\n\t{before};\r\n\t{VOUCHED};\r\n"
    assert (await judge(said.encode() + mail(), "10.1.2.3"))["result"] == "pass"


async def test_of_thirty_signatures_the_one_that_speaks_for_the_sender_is_found_and_shown(
    names: Names, tmp_path: Any
) -> None:
    judge = Judge(names, tmp_path, RELAY)
    results = [*THIRTY, "dkim=pass header.d=customer.example"]
    said = f"Authentication-Results: mx.bank.example; {';'.join(results)}\r\n"
    verdict = await judge(said.encode() + mail(), "10.1.2.3")
    assert verdict["result"] == "pass"
    assert verdict["dkim"][0] == {"result": "pass", "domain": "customer.example"}


@pytest.mark.parametrize(
    ("headers", "result"),
    [
        (["dkim=pass header.d=evil.example", HELD_TO], "fail"),  # a filter each, the last one's on top
        ([HELD_TO, "dkim=pass header.d=evil.example"], "fail"),
        (["spf=pass smtp.mailfrom=x@evil.example", 'spf=pass smtp.mailfrom="a'], "fail"),
        (["dkim=pass header.d=customer.example", VOUCHED], "pass"),
        ([VOUCHED, "spf=none"], "pass"),
        (["spf=pass smtp.mailfrom=x@evil.example", VOUCHED], "none"),  # the lower may be a forger's: it lets nobody in
        (["dkim=pass header.d=customer.example", *["spf=none"] * 30], "fail"),
    ],
)
async def test_all_that_carries_the_relays_name_can_fail_a_mail_and_only_the_topmost_passes_it(
    names: Names, tmp_path: Any, headers: list[str], result: str
) -> None:
    judge = Judge(names, tmp_path, RELAY)
    raw = "".join(f"Authentication-Results: mx.bank.example; {value}\r\n" for value in headers).encode() + mail()
    assert (await judge(raw, "10.1.2.3"))["result"] == result


@pytest.mark.parametrize("piece", ["(", '"', "\\", "dkim=pass ", "a=b ", '"" ', ";", "x.y= ", '"\\"', "=", "dmarc "])
def test_a_header_made_to_be_slow_takes_no_longer_than_its_length(piece: str) -> None:
    grows_no_faster(lambda size: results.read("mx.bank.example; " + piece * (size // len(piece) - 20)), results.LONGEST)
