"""Where webhooks never go: a table of addresses as they are written, and names that answer with them."""

from __future__ import annotations

import socket
from ipaddress import ip_network
from typing import Any

import pytest

from gateway.webhooks.addresses import AllowedOnly, NotAllowed, as_address, is_allowed, problem_of
from gateway.webhooks.sending import Sender

INSIDE = [
    "127.0.0.1",
    "127.1.2.3",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",  # where clouds keep their secrets
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "::ffff:10.0.0.1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2001:0:7f00:1::",
]


@pytest.mark.parametrize("address", INSIDE)
def test_no_webhook_goes_inside(address: str) -> None:
    read = as_address(address)
    assert read is not None
    assert not is_allowed(read, ())
    host = f"[{address.partition('%')[0]}]" if ":" in address else address
    assert problem_of(f"https://{host}/hook", ()) is not None


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_public_addresses_may_be_gone_to(address: str) -> None:
    read = as_address(address)
    assert read is not None
    assert is_allowed(read, ())


def test_what_the_operator_names_may_be_gone_to_and_nothing_beside_it() -> None:
    networks = (ip_network("10.1.2.0/24"), ip_network("fd00::/64"))
    allowed = {
        at: is_allowed(as_address(at), networks) for at in ("10.1.2.3", "10.1.3.3", "fd00::5", "::ffff:10.1.2.9")
    }  # type: ignore[arg-type]
    assert allowed == {"10.1.2.3": True, "10.1.3.3": False, "fd00::5": True, "::ffff:10.1.2.9": True}


HERE = (ip_network("127.0.0.0/8"),)
WRITTEN = [
    # address, networks that are allowed, whether it may be entered
    ("https://hooks.example/x?y=1", (), True),
    ("https://hooks.example:8443/", (), True),
    ("http://hooks.example/", (), False),
    ("http://127.0.0.1:8000/", (), False),
    ("http://127.0.0.1:8000/", HERE, True),
    ("http://localhost:8000/", HERE, True),
    ("http://localhost:8000/", (), False),
    ("https://localhost/", (), False),
    ("http://10.0.0.1/", (ip_network("10.0.0.0/8"),), False),
    ("https://10.0.0.1/", (ip_network("10.0.0.0/8"),), True),
    ("ftp://hooks.example/", (), False),
    ("file:///etc/passwd", (), False),
    ("https://", (), False),
    ("https://user:word@hooks.example/", (), False),
    ("https://hooks.example/#x", (), False),
    ("https://hooks.example:99999/", (), False),
    ("https://hooks.example/a b", (), False),
    ("https://hooks.example/\r\nX: y", (), False),
    ("https://回调.example/", (), False),
    ("https://hooks.example/" + "x" * 2000, (), False),
    ("javascript:alert(1)", (), False),
    ("//hooks.example/", (), False),
]


@pytest.mark.parametrize(("url", "networks", "fine"), WRITTEN)
def test_which_addresses_may_be_entered(url: str, networks: Any, fine: bool) -> None:
    assert (problem_of(url, networks) is None) == fine


class Names(AllowedOnly):
    """A name server that answers as a test says, each time the next."""

    def __init__(self, *answers: list[str], networks: Any = ()) -> None:
        super().__init__(networks)
        self.answers = iter(answers)

    async def look_up(self, host: str, port: int) -> list[Any]:
        return [
            (socket.AF_INET6 if ":" in at else socket.AF_INET, socket.SOCK_STREAM, 6, "", (at, port))
            for at in next(self.answers)
        ]


@pytest.mark.parametrize("address", [one for one in INSIDE if "%" not in one])
async def test_a_name_that_answers_with_an_address_inside_is_not_gone_to(address: str) -> None:
    with pytest.raises(NotAllowed):
        await Names([address]).resolve("hooks.example", 443)


async def test_of_several_answers_only_those_outside_are_gone_to() -> None:
    found = await Names(["10.0.0.1", "93.184.216.34", "::1"]).resolve("hooks.example", 443)
    assert [one["host"] for one in found] == ["93.184.216.34"]


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost"])
async def test_an_address_in_another_spelling_is_the_same_address(host: str) -> None:
    with pytest.raises((NotAllowed, socket.gaierror)):
        await AllowedOnly(()).resolve(host, 443)


async def test_a_name_that_answers_otherwise_the_second_time_gains_nothing(receiver: Any) -> None:
    """DNS rebinding: the address that was looked at is the one that is connected to, and each connection looks anew."""
    port = receiver.url.rsplit(":", 1)[1].partition("/")[0]
    sender = Sender(Names(["93.184.216.34"], ["127.0.0.1"]))
    try:
        for patience in (0.5, 20):  # at the first address nobody answers; the second must be told for what it is
            sender._patience = patience
            ended = await sender.post(f"https://hooks.example:{port}/hook", b"{}", {})
            assert not ended.taken
        assert ended.attempt.error == "hooks.example is at no address that a webhook may go to"
    finally:
        await sender.close()
    assert receiver.forged == 0  # nothing came at all


async def test_what_was_allowed_when_it_was_entered_is_looked_at_again(receiver: Any) -> None:
    sender = Sender(AllowedOnly(()))
    try:
        ended = await sender.post(receiver.url, b"{}", {})
    finally:
        await sender.close()
    assert not ended.taken
    assert "127.0.0.1" in (ended.attempt.error or "")
    assert receiver.forged == 0
