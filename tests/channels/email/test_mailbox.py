"""The complaints address and its signed forms."""

import pytest

from channels.email.mailbox import Mailbox

BOX = Mailbox.parse("Complaints@Bank.Example")


@pytest.mark.parametrize(
    ("address", "token"),
    [
        ("complaints+abc234@bank.example", "abc234"),
        ("Complaints+ABC234@BANK.example.", "abc234"),
        ("complaints@bank.example", None),
        ("complaints+abc189@bank.example", None),
        ("complaints+abc234@elsewhere.example", None),
        ("other+abc234@bank.example", None),
        ("complaints+a+b@bank.example", None),
        ("complaints+" + "a" * 53 + "@bank.example", None),
        ("", None),
    ],
)
def test_token_of_an_address(address, token):
    assert BOX.token_of(address) == token


def test_what_is_signed_is_found_again():
    assert BOX.token_of(BOX.signed("mfrgg2ltoq")) == "mfrgg2ltoq"


@pytest.mark.parametrize("token", ["", "UPPER", "a b", "a\r\nBcc: x@y", "a" * 53])
def test_no_address_is_made_of_what_is_no_token(token):
    with pytest.raises(ValueError, match="token"):
        BOX.signed(token)


def test_an_internationalised_domain_in_either_spelling():
    box = Mailbox.parse("投诉@银行.example")
    assert box.accepts("投诉@xn--tiq49xoyf.example") is Mailbox.parse("投诉@xn--tiq49xoyf.example").accepts(
        "投诉@银行.example"
    )
    assert Mailbox.parse("complaints@bücher.example").accepts("complaints@xn--bcher-kva.example")


@pytest.mark.parametrize("address", ["", "complaints", "@bank.example", "a b@c.example", "a@b c", "a@b\r\nBcc: c"])
def test_what_is_no_address_is_refused_at_start(address):
    with pytest.raises(ValueError, match="address"):
        Mailbox.parse(address)
