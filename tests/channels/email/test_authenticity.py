"""Is a mail from whom it says? Signed by dkimpy, asked of a name server of our own on a port.

The peers are addresses of the networks kept for documentation (RFC 5737): no machine of ours, and none of anybody's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels.email.authenticity import LOOKED_UP, SECONDS, Checking
from channels.email.channel import EmailChannel
from channels.email.compose import Composer
from channels.email.identity import external_id
from channels.email.lookups import Lookups
from channels.email.mailbox import Mailbox
from channels.email.send import OutgoingFolder
from channels.message import Arrival
from tests.channels.email.names import SERVFAIL, SILENT, Names
from tests.channels.email.signing import Key

OURS = "complaints@bank.example"
NOW = datetime.now(UTC)
ANNS_HOST, OTHER_HOST = "192.0.2.10", "198.51.100.66"
RSA, SHORT, ED = Key("rsa"), Key("rsa", 1024), Key("ed25519")
OTHERS = Key("rsa", 1024)

MAIL = (
    "From: Ann <ann@{domain}>\r\nTo: complaints@bank.example\r\nSubject: Card fee\r\nMessage-ID: <1@{domain}>\r\n"
    "Date: Mon, 23 Nov 2026 10:00:00 +0800\r\n\r\nYou took 300 yuan.  I want it back.\r\n\r\n\r\n"
)


def mail(domain: str = "customer.example") -> bytes:
    return MAIL.format(domain=domain).encode()


@pytest.fixture(scope="module")
def server() -> Iterator[Names]:
    names = Names()
    yield names
    names.close()


@pytest.fixture
def names(server: Names) -> Names:
    """What customer.example publishes: where its mail comes from, its keys, and that other mail is to be refused."""
    server.asked.clear()
    server.zone = {
        "TXT customer.example": ["v=spf1 ip4:192.0.2.0/28 -all"],
        "TXT _dmarc.customer.example": ["v=DMARC1; p=reject"],
        "TXT s1._domainkey.customer.example": [RSA.record],
        "TXT ed._domainkey.customer.example": [ED.record],
        "TXT short._domainkey.customer.example": [SHORT.record],
        "TXT elsewhere.example": ["v=spf1 ip4:198.51.100.0/24 -all"],
        "TXT s1._domainkey.elsewhere.example": [OTHERS.record],
    }
    return server


class Judge:
    """The channel as it runs, asked for the verdict on one mail."""

    def __init__(self, names: Names, tmp_path: Any, checking: Checking, each: float = 4.0) -> None:
        self.channel = EmailChannel(
            Composer(Mailbox.parse(OURS)),
            OutgoingFolder(tmp_path),
            checking=checking,
            lookups=Lookups(names.address, each=each),
        )

    async def events(self, raw: bytes, peer: str | None = ANNS_HOST, **more: Any) -> Any:
        arrival = self.arrival(raw, peer, **more)
        fetched = await self.channel.fetch(arrival) if self.channel.needs_fetch(arrival) else {}
        return await self.channel.read(arrival, fetched)

    def arrival(self, raw: bytes, peer: str | None, at: datetime = NOW, **transport: Any) -> Arrival:
        known = {"mail_from": "ann@customer.example", "helo": "mx.customer.example", "rcpt_tos": [OURS], **transport}
        if peer is not None:
            known["peer"] = peer
        return Arrival("email", "email:" + OURS, external_id(raw), at, raw, known)

    async def __call__(self, raw: bytes, peer: str | None = ANNS_HOST, **more: Any) -> dict[str, Any]:
        (event,) = await self.events(raw, peer, **more)
        return dict(event.verdict)


@pytest.fixture
async def judge(names: Names, tmp_path: Any) -> AsyncIterator[Judge]:
    made = Judge(names, tmp_path, Checking("verify"))
    yield made
    await made.channel.stop()


# SPF -------------------------------------------------------------------------------------------------------------

CHAIN = {f"TXT n{n}.example": [f"v=spf1 include:n{n + 1}.example -all"] for n in range(14)}


@pytest.mark.parametrize(
    ("record", "peer", "result"),
    [
        ("v=spf1 ip4:192.0.2.10 -all", ANNS_HOST, "pass"),
        ("v=spf1 ip6:2001:db8::/32 -all", "2001:db8::7", "pass"),
        ("v=spf1 ip4:192.0.2.10 -all", "::ffff:192.0.2.10", "pass"),
        ("v=spf1 a:mx.customer.example -all", ANNS_HOST, "pass"),
        ("v=spf1 mx -all", ANNS_HOST, "pass"),
        ("v=spf1 include:elsewhere.example -all", OTHER_HOST, "pass"),
        ("v=spf1 redirect=elsewhere.example", OTHER_HOST, "pass"),
        ("v=spf1 exists:%{ir}.%{l}.allowed.example -all", ANNS_HOST, "pass"),
        ("v=spf1 ip4:203.0.113.1 -all", ANNS_HOST, "fail"),
        ("v=spf1 ip4:203.0.113.1 ~all", ANNS_HOST, "softfail"),
        ("v=spf1 ip4:203.0.113.1 ?all", ANNS_HOST, "neutral"),
        ("v=spf1 ip4:203.0.113.1 -all exp=slow.example", ANNS_HOST, "fail"),
        ("v=spf1 ip4:203.0.113.999 -all", ANNS_HOST, "permerror"),
        ("v=spf1 nonsense -all", ANNS_HOST, "permerror"),
        ("v=spf1 include:nowhere.example -all", ANNS_HOST, "permerror"),
        ("v=spf1 include:n1.example -all", ANNS_HOST, "permerror"),  # more than ten names
        ("v=spf1 include:customer.example -all", ANNS_HOST, "permerror"),
        ("v=spf1 a:v1.example a:v2.example a:v3.example -all", ANNS_HOST, "permerror"),  # three that are not there
        ("v=spf1 include:broken.example -all", ANNS_HOST, "temperror"),
        ("v=spf1 %{x} -all", ANNS_HOST, "permerror"),
        ("v=spf1 a:\xe4.example -all", ANNS_HOST, "permerror"),
        ("no record of that kind", ANNS_HOST, "none"),
    ],
)
async def test_spf(names: Names, judge: Judge, record: str, peer: str, result: str) -> None:
    names.zone |= CHAIN | {
        "TXT customer.example": [record, "some other text"],
        "A mx.customer.example": [ANNS_HOST],
        "MX customer.example": ["10 mx.customer.example"],
        "A 10.2.0.192.ann.allowed.example": ["127.0.0.2"],
        "TXT broken.example": SERVFAIL,
        "TXT slow.example": SILENT,
    }
    verdict = await judge(mail(), peer)
    assert verdict["spf"] == {"result": result, "domain": "customer.example"}
    expected = {"pass": "pass", "temperror": "temperror"}.get(result, "fail")
    assert verdict["result"] == expected


async def test_two_spf_records_are_an_error(names: Names, judge: Judge) -> None:
    names.zone["TXT customer.example"] = ["v=spf1 +all", "v=spf1 -all"]
    assert (await judge(mail()))["spf"]["result"] == "permerror"


async def test_a_null_sender_is_judged_by_its_greeting(names: Names, judge: Judge) -> None:
    names.zone["TXT mx.customer.example"] = ["v=spf1 ip4:192.0.2.10 -all"]
    verdict = await judge(mail(), mail_from="")
    assert verdict["spf"] == {"result": "pass", "domain": "mx.customer.example"}
    assert verdict["result"] == "pass"


# DKIM ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("canonicalize", [(b"simple", b"simple"), (b"relaxed", b"simple"), (b"relaxed", b"relaxed")])
@pytest.mark.parametrize(
    ("key", "selector"), [(RSA, "s1"), (SHORT, "short"), (ED, "ed")], ids=["rsa", "1024", "ed25519"]
)
async def test_a_signature_is_verified(judge: Judge, key: Key, selector: str, canonicalize: Any) -> None:
    signed = key.sign(mail(), "customer.example", selector, canonicalize=canonicalize)
    verdict = await judge(signed, OTHER_HOST, mail_from="list@elsewhere.example")
    assert verdict["dkim"] == [{"result": "pass", "domain": "customer.example", "selector": selector}]
    assert verdict["result"] == "pass"


async def test_blanks_and_empty_lines_that_were_added_on_the_way_do_no_harm_to_a_relaxed_signature(
    judge: Judge,
) -> None:
    signed = RSA.sign(mail(), "customer.example", canonicalize=(b"relaxed", b"relaxed"))
    changed = signed.replace(b"yuan.  I", b"yuan. \t I").replace(b"back.", b"back. \t ") + b" \r\n\t\r\n\r\n"
    assert (await judge(changed, OTHER_HOST))["result"] == "pass"


def tags(**extra: str) -> dict[str, Any]:
    return {"extra": extra}


WEEK = 7 * 24 * 3600
LONG_AGO, SOON = str(int(NOW.timestamp()) - WEEK), str(int(NOW.timestamp()) + WEEK)
UNFAITHFUL = {
    "body changed": (RSA, {}, lambda raw: raw.replace(b"300 yuan", b"900 yuan"), "fail", "body_changed"),
    "body added": (RSA, {"length": True}, lambda raw: raw + b"And pay Bob.\r\n", "policy", "body_not_wholly_signed"),
    "subject changed": (RSA, {}, lambda raw: raw.replace(b"Card fee", b"Pay Bob"), "fail", "wrong_signature"),
    "another From on top": (RSA, {}, lambda raw: raw, "fail", "wrong_signature"),
    "expired": (RSA, tags(t=LONG_AGO, x=str(int(LONG_AGO) + 3600)), None, "fail", "expired"),
    "from the future": (RSA, tags(t=SOON), None, "fail", "signed_in_the_future"),
    "From not signed": (RSA, tags(h="subject : date"), None, "permerror", "from_not_signed"),
    "SHA-1": (RSA, {"algorithm": "rsa-sha1"}, None, "permerror", "algorithm"),
    "another key": (OTHERS, {}, None, "fail", "wrong_signature"),
    "no key": (RSA, {"selector": "gone"}, None, "permerror", "no_key"),
    "key withdrawn": (RSA, {"selector": "withdrawn"}, None, "permerror", "key_revoked"),
    "only testing": (RSA, {"selector": "testing"}, None, "policy", "testing"),
    "no key but words": (RSA, {"selector": "words"}, None, "permerror", "bad_key"),
    "key not to be had now": (RSA, {"selector": "broken"}, None, "temperror", "key_not_found_now"),
    "key of 12,000 bits": (RSA, {"selector": "huge"}, None, "policy", "key_too_long"),
    "key of 512 bits": (RSA, {"selector": "tiny"}, None, "policy", "key_too_short"),
    "an RSA signature under an Ed25519 key": (RSA, {"selector": "ed"}, None, "fail", "wrong_signature"),
    "broken": (RSA, {}, lambda raw: raw.replace(b" b=", b" b=!", 1), "permerror", "malformed"),
}


def der(value: bytes, tag: int) -> bytes:
    size = len(value)
    length = bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2, "big")
    return bytes([tag]) + length + value


def rsa_record(bits: int) -> str:
    import base64

    modulus, exponent = (1 << (bits - 1)) | 1, 65537
    numbers = [der(b"\0" + number.to_bytes((number.bit_length() + 7) // 8, "big"), 2) for number in (modulus, exponent)]
    return "v=DKIM1; p=" + base64.b64encode(der(b"".join(numbers), 0x30)).decode()


@pytest.mark.parametrize("fault", UNFAITHFUL)
async def test_a_signature_that_does_not_hold(names: Names, judge: Judge, fault: str) -> None:
    names.zone |= {
        "TXT withdrawn._domainkey.customer.example": ["v=DKIM1; p="],
        "TXT testing._domainkey.customer.example": [RSA.record + "; t=y"],
        "TXT words._domainkey.customer.example": ["v=DKIM1; p=!!!"],
        "TXT broken._domainkey.customer.example": SERVFAIL,
        "TXT huge._domainkey.customer.example": [rsa_record(12_000)],
        "TXT tiny._domainkey.customer.example": [rsa_record(512)],
    }
    key, how, change, result, why = UNFAITHFUL[fault]
    raw = mail()
    if fault == "another From on top":
        signed = b"From: Ann <ann@customer.example>\r\n" + key.sign(raw.replace(b"Ann", b"Bob"), "customer.example")
        assert (await judge(signed, OTHER_HOST))["why"] == "several_from"
        return
    signed = key.sign(raw, "customer.example", **how)
    verdict = await judge(change(signed) if change else signed, OTHER_HOST, mail_from="bob@elsewhere.example")
    [found] = verdict["dkim"]
    assert (found["result"], found["why"]) == (result, why)
    assert verdict["result"] == ("temperror" if result == "temperror" else "fail")


async def test_a_mail_read_again_next_year_is_judged_by_when_it_came(names: Names, judge: Judge) -> None:
    signed = RSA.sign(mail(), "customer.example", extra={"t": LONG_AGO, "x": str(int(LONG_AGO) + 2 * 3600)})
    came = datetime.fromtimestamp(int(LONG_AGO), UTC) + timedelta(hours=1)
    arrival = judge.arrival(signed, OTHER_HOST, at=came)
    fetched = await judge.channel.fetch(arrival)
    names.zone.clear()  # keys are changed, domains are sold
    (event,) = await judge.channel.read(arrival, fetched)
    assert event.verdict["result"] == "pass"


async def test_one_good_signature_among_others_is_enough(judge: Judge) -> None:
    signed = OTHERS.sign(RSA.sign(mail(), "customer.example"), "elsewhere.example")
    verdict = await judge(b"DKIM-Signature: v=1; nonsense\r\n" + signed, OTHER_HOST, mail_from="")
    assert [one["domain"] for one in verdict["dkim"]] == ["elsewhere.example", "customer.example"]
    assert verdict["result"] == "pass"


# DMARC -----------------------------------------------------------------------------------------------------------

POLICIES = [
    # published for the domain, for its organisation, From, signed as, envelope, verdict, policy
    ("p=reject", None, "customer.example", "customer.example", "elsewhere.example", "pass", "reject"),
    ("p=reject", None, "customer.example", None, "customer.example", "pass", "reject"),
    ("p=reject", None, "customer.example", "elsewhere.example", "elsewhere.example", "fail", "reject"),
    ("p=quarantine", None, "customer.example", "elsewhere.example", "elsewhere.example", "fail", "quarantine"),
    ("p=none", None, "customer.example", "elsewhere.example", "elsewhere.example", "fail", "none"),
    (None, None, "customer.example", "elsewhere.example", "elsewhere.example", "none", None),
    (None, None, "customer.example", "customer.example", "elsewhere.example", "pass", None),
    (None, "p=reject; sp=quarantine", "mail.customer.example", None, "elsewhere.example", "fail", "quarantine"),
    (None, "p=reject", "mail.customer.example", "customer.example", "elsewhere.example", "pass", "reject"),
    (None, "p=reject; adkim=s", "mail.customer.example", "customer.example", "elsewhere.example", "fail", "reject"),
    (None, "p=reject; aspf=s", "mail.customer.example", None, "customer.example", "fail", "reject"),
    (None, "p=reject; aspf=r", "mail.customer.example", None, "customer.example", "pass", "reject"),
    ("p=none", "p=reject", "mail.customer.example", None, "elsewhere.example", "fail", "none"),
    ("p=nonsense; rua=mailto:x@y.example", None, "customer.example", None, "elsewhere.example", "fail", "none"),
    ("p=nonsense", None, "customer.example", None, "elsewhere.example", "none", None),
    ("p", None, "customer.example", None, "elsewhere.example", "none", None),
]


@pytest.mark.parametrize(("own", "above", "domain", "signed_as", "envelope", "result", "policy"), POLICIES)
async def test_dmarc(
    names: Names,
    judge: Judge,
    own: str,
    above: str,
    domain: str,
    signed_as: str,
    envelope: str,
    result: str,
    policy: str,
) -> None:
    del names.zone["TXT _dmarc.customer.example"]
    names.zone["TXT mail.customer.example"] = ["v=spf1 -all"]
    if above:
        names.zone["TXT _dmarc.customer.example"] = [f"v=DMARC1; {above}"]
    if own:
        names.zone[f"TXT _dmarc.{domain}"] = [f"v=DMARC1; {own}"]
    raw = mail(domain)
    if signed_as:
        raw = (OTHERS if signed_as == "elsewhere.example" else RSA).sign(raw, signed_as)
    peer = OTHER_HOST if envelope == "elsewhere.example" else ANNS_HOST
    verdict = await judge(raw, peer, mail_from=f"x@{envelope}")
    assert (verdict["result"], verdict["dmarc"]["policy"]) == (result, policy)


@pytest.mark.parametrize(
    ("shown", "claimed", "together"),
    [
        ("a.bank.example", "b.bank.example", True),
        ("bank.example", "mybank.example", False),
        ("my-bank.example", "my-shop.example", False),
        ("bank.co.uk", "shop.co.uk", False),
        ("a.bank.com.hk", "bank.com.hk", True),
        ("bank.com.cn", "com.cn", False),
        ("ann.github.io", "bob.github.io", False),
        ("xn--estv75g.xn--fiqs8s", "xn--55qx5d.xn--fiqs8s", False),
        ("example", "example", True),
    ],
)
async def test_who_belongs_together(names: Names, judge: Judge, shown: str, claimed: str, together: bool) -> None:
    names.zone |= {f"TXT _dmarc.{shown}": ["v=DMARC1; p=reject"], f"TXT {claimed}": ["v=spf1 ip4:192.0.2.10 -all"]}
    verdict = await judge(mail(shown), mail_from=f"x@{claimed}")
    assert verdict["result"] == ("pass" if together else "fail")


async def test_two_policies_are_none(names: Names, judge: Judge) -> None:
    names.zone["TXT _dmarc.customer.example"] = ["v=DMARC1; p=reject", "v=DMARC1; p=none"]
    verdict = await judge(mail(), OTHER_HOST)
    assert (verdict["result"], verdict["why"]) == ("none", "nothing_published")


# what attackers try -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        b"From: Ann <ann@customer.example>\r\nFrom: Bob <bob@elsewhere.example>\r\n",
        b"From: Ann <ann@customer.example>, Bob <bob@elsewhere.example>\r\n",
        b"Sender: ann@customer.example\r\nReply-To: ann@customer.example\r\n",
        b"From: ann\r\nReply-To: ann@customer.example\r\n",
        b"From:\r\nSender: ann@customer.example\r\n",
    ],
)
async def test_a_mail_that_does_not_say_clearly_from_whom_it_is_proves_nobody(judge: Judge, head: bytes) -> None:
    signed = OTHERS.sign(b"From: b@elsewhere.example\r\nSubject: Card fee\r\n\r\nPay me.\r\n", "elsewhere.example")
    forged = signed.replace(b"From: b@elsewhere.example\r\n", head)
    verdict = await judge(forged, OTHER_HOST, mail_from="bob@elsewhere.example")
    assert (verdict["result"], verdict["why"] in ("several_from", "no_from")) == ("fail", True)


async def test_a_strangers_slow_names_neither_hold_up_nor_blind_the_verdict(names: Names, judge: Judge) -> None:
    """Somebody forges Ann and brings signatures and an envelope of domains that never answer, to have it called unknown."""
    names.zone |= {f"TXT s{n}._domainkey.tarpit.example": SILENT for n in range(5)}
    names.zone["TXT tarpit.example"] = SILENT
    forged = mail()
    for n in range(5):
        forged = OTHERS.sign(forged, "tarpit.example", f"s{n}")
    begun = time.monotonic()
    verdict = await judge(forged, OTHER_HOST, mail_from="x@tarpit.example")
    assert time.monotonic() - begun < 25  # the name server would say nothing for longer
    assert (verdict["result"], verdict["why"]) == ("fail", "not_aligned")


async def test_a_domain_that_does_not_answer_is_no_failure_and_delays_by_seconds_only(
    names: Names, judge: Judge
) -> None:
    for key in list(names.zone):
        names.zone[key] = SILENT
    judge.channel.lookups = Lookups(names.address, each=1.0)
    begun = time.monotonic()
    verdict = await judge(RSA.sign(mail(), "customer.example"))
    assert time.monotonic() - begun < 3 * SECONDS  # the name server would say nothing for longer
    assert (verdict["result"], verdict["why"]) == ("temperror", "not_found_now")


async def test_a_head_too_long_to_be_looked_through_proves_nobody(judge: Judge) -> None:
    padded = b"".join(b"X-%d: %s\r\n" % (n, b"y" * 900) for n in range(120)) + mail()
    verdict = await judge(padded, OTHER_HOST)
    assert (verdict["result"], verdict["why"]) == ("fail", "head_too_long")


async def test_what_was_looked_up_for_another_sender_proves_nothing(judge: Judge) -> None:
    arrival = judge.arrival(mail("elsewhere.example"), ANNS_HOST)
    fetched = await judge.channel.fetch(arrival)
    (event,) = await judge.channel.read(judge.arrival(mail(), ANNS_HOST), fetched)
    assert event.verdict["result"] == "fail"


HEAVY = {
    "a body of blanks": (b"x" + b" \t" * 200_000 + b"y\r\n", {}),
    "a body of empty lines": (b"x\r\n" + b"\r\n" * 200_000, {}),
    "a signature of blanks": (b"x\r\n", {"h": "from" + " " * 4000 + ": subject"}),
    "a signature that names From 1,500 times": (b"x\r\n", {"h": ":".join(["from"] * 600)}),
    "a signature of 100 kB": (b"x\r\n", {"z": "z" * 90_000}),
}


@pytest.mark.parametrize("attack", HEAVY)
async def test_a_signature_made_to_take_long_takes_no_longer(judge: Judge, attack: str) -> None:
    body, extra = HEAVY[attack]
    head = mail().partition(b"\r\n\r\n")[0]
    if attack.startswith("a body"):
        raw = RSA.sign(head + b"\r\n\r\nx\r\n", "customer.example", canonicalize=(b"relaxed", b"relaxed"))
        raw = raw.replace(b"\r\n\r\nx\r\n", b"\r\n\r\n" + body)
    else:
        raw = RSA.sign(head + b"\r\n\r\n" + body, "customer.example")
        value = b"; ".join(f"{name}={said}".encode() for name, said in extra.items())
        raw = raw.replace(b"DKIM-Signature: v=1;", b"DKIM-Signature: v=1; " + value + b";")
    begun = time.monotonic()
    # empty lines at the end are none to a signature
    assert (await judge(raw, OTHER_HOST, mail_from=""))["result"] == ("pass" if "empty" in attack else "fail")
    assert time.monotonic() - begun < 30  # what grows as the square takes minutes


async def test_a_signed_mail_of_35_megabytes_is_verified_within_the_readers_memory(judge: Judge) -> None:
    import base64

    body = base64.encodebytes(bytes(25 << 20)).replace(b"\n", b"\r\n")
    head = (
        b"From: Ann <ann@customer.example>\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\n\r\nSee the file.\r\n--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    signed = RSA.sign(head + body + b"\r\n--b--\r\n", "customer.example", canonicalize=(b"relaxed", b"relaxed"))
    judge.channel.readers.seconds = 30  # no measure of speed: a machine under load
    verdict = await judge(signed, OTHER_HOST, mail_from="")
    assert verdict["result"] == "pass"


# where nothing is looked up -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
async def test_what_is_handed_in_on_this_machine_waits_for_no_name_server(
    names: Names, judge: Judge, peer: str
) -> None:
    arrival = judge.arrival(mail(), peer)
    assert not judge.channel.needs_fetch(arrival)
    assert (await judge(mail(), peer))["result"] == "local"
    assert not names.asked


@pytest.mark.parametrize("peer", ["10.0.0.7", "192.168.1.1", "fd00::1", None])
async def test_behind_a_machine_of_ours_a_signature_still_counts_and_its_absence_does_not(
    judge: Judge, peer: Any
) -> None:
    assert (await judge(RSA.sign(mail(), "customer.example"), peer))["result"] == "pass"
    verdict = await judge(mail(), peer)
    assert (verdict["result"], verdict["why"]) == ("none", "way_unknown")


async def test_behind_a_machine_of_ours_what_is_not_signed_waits_for_no_name_server(names: Names, judge: Judge) -> None:
    assert (await judge(mail(), "10.0.0.7"))["result"] == "none"
    assert not names.asked


async def test_nothing_is_looked_at_where_that_is_off(names: Names, tmp_path: Any) -> None:
    judge = Judge(names, tmp_path, Checking("off"))
    assert await judge(mail()) == {"result": "off"}
    assert not names.asked


async def test_a_machines_mail_carries_its_verdict_too(judge: Judge) -> None:
    raw = b"Auto-Submitted: auto-replied\r\n" + mail()
    assert (await judge(raw, OTHER_HOST))["result"] == "fail"


async def test_many_at_once_do_not_wait_for_each_other(names: Names, tmp_path: Any) -> None:
    judge = Judge(names, tmp_path, Checking("verify"), each=8.0)
    names.zone["TXT slow.example"] = SILENT
    names.zone["TXT _dmarc.slow.example"] = SILENT
    slow = [judge(mail("slow.example"), mail_from="x@slow.example") for _ in range(20)]
    waiting = asyncio.gather(*slow)
    assert (await judge(mail()))["result"] == "pass"
    assert not waiting.done()
    assert {verdict["result"] for verdict in await waiting} == {"temperror"}
    await judge.channel.stop()


async def test_the_answers_are_kept_small_and_as_json(judge: Judge) -> None:
    fetched = await judge.channel.fetch(judge.arrival(RSA.sign(mail(), "customer.example"), ANNS_HOST))
    assert set(fetched) == {LOOKED_UP}
    assert len(fetched[LOOKED_UP]) < 4_096
