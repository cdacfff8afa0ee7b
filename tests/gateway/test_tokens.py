"""Tokens: what we signed reads back; nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gateway.endpoints import LONGEST_LOCAL_PART, TOKEN_LENGTH
from gateway.tokens import AddressKind, LinkKind, Tokens

TOKENS = Tokens(b"0123456789abcdef0123456789abcdef")
STRANGER = Tokens(b"fedcba9876543210fedcba9876543210")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)

ids = st.binary(min_size=16, max_size=16).map(bytes.hex)
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"


@given(ids)
def test_an_address_token_reads_back_in_any_case(subject: str) -> None:
    for token, kind in (
        (TOKENS.sign_reply(subject), AddressKind.REPLY),
        (TOKENS.sign_bounce(subject), AddressKind.BOUNCE),
    ):
        assert TOKENS.read_token(token) == (kind, subject)
        assert TOKENS.read_token(token.upper()) == (kind, subject)
        assert set(token) <= set(ALPHABET)
        assert len(token) == TOKEN_LENGTH
        assert len(f"complaints+{token}") <= LONGEST_LOCAL_PART


@given(ids, st.integers(0, TOKEN_LENGTH - 1), st.sampled_from(ALPHABET))
def test_no_changed_character_verifies(subject: str, place: int, other: str) -> None:
    token = TOKENS.sign_reply(subject)
    assume(token[place] != other)
    assert TOKENS.read_token(token[:place] + other + token[place + 1 :]) is None


@given(ids, ids)
def test_tag_of_one_kind_or_id_does_not_fit_another(one: str, other: str) -> None:
    assume(one != other)
    assert TOKENS.sign_reply(one)[28:] != TOKENS.sign_bounce(one)[28:]
    assert TOKENS.read_token(TOKENS.sign_reply(one)[:28] + TOKENS.sign_reply(other)[28:]) is None


@given(st.text(max_size=80))
def test_nonsense_is_not_ours(text: str) -> None:
    assert TOKENS.read_token(text) is None
    assert TOKENS.read_session(text, NOW, DAY) is None
    assert TOKENS.read_link(LinkKind.STATUS, text, NOW, DAY) is None


@pytest.mark.parametrize("odd", ["{} ", " {}", "{}=", "{}a", "\u212a{}", "{}\n", "{}====", "{}{}"])
def test_an_address_token_has_one_spelling(odd: str) -> None:
    token = TOKENS.sign_reply("00" * 16)
    assert TOKENS.read_token(odd.replace("{}", token)) is None


def test_the_kelvin_sign_is_not_a_k() -> None:
    tokens = (TOKENS.sign_reply(f"{number:032x}") for number in range(100))
    token = next(token for token in tokens if "k" in token)
    assert TOKENS.read_token(token.replace("k", "\u212a", 1)) is None


@given(ids)
def test_another_house_is_a_stranger(subject: str) -> None:
    assert STRANGER.read_token(TOKENS.sign_reply(subject)) is None
    assert STRANGER.read_session(TOKENS.sign_session(subject, NOW), NOW, DAY) is None


def test_only_ids_can_be_signed_into_an_address() -> None:
    with pytest.raises(ValueError, match="32 hexadecimal digits"):
        TOKENS.sign_reply("abcd")


@pytest.mark.parametrize(
    ("issued", "read"),
    [
        (NOW, True),
        (NOW - DAY, True),
        (NOW - DAY - timedelta(seconds=1), False),
        (NOW + timedelta(minutes=4), True),  # a node whose clock is a little ahead
        (NOW + timedelta(hours=1), False),
    ],
)
def test_a_session_ends(issued: datetime, read: bool) -> None:
    token = TOKENS.sign_session("ab" * 16, issued)
    assert TOKENS.read_session(token, NOW, DAY) == (("ab" * 16, 0) if read else None)


@given(ids, st.data())
def test_no_bit_flip_of_a_session_verifies(subject: str, data: st.DataObject) -> None:
    token = bytearray(TOKENS.sign_session(subject, NOW).encode())
    place = data.draw(st.integers(0, len(token) - 1))
    token[place] ^= 1 << data.draw(st.integers(0, 7))
    assert TOKENS.read_session(token.decode("latin-1"), NOW, DAY) is None


@pytest.mark.parametrize("kind", list(LinkKind))
def test_link_kinds_do_not_mix(kind: LinkKind) -> None:
    token = TOKENS.sign_link(kind, "case", "a@b.example", issued_at=NOW)
    for reader in LinkKind:
        expected = ("case", "a@b.example") if reader is kind else None
        assert TOKENS.read_link(reader, token, NOW, DAY) == expected
    assert TOKENS.read_session(token, NOW, DAY) is None


def test_a_session_is_not_a_link() -> None:
    token = TOKENS.sign_session("ab" * 16, NOW)
    assert all(TOKENS.read_link(kind, token, NOW, DAY) is None for kind in LinkKind)


def test_purposes_have_keys_of_their_own() -> None:
    keys = {TOKENS.key(purpose) for purpose in ("a", "b", "session", "fingerprint")}
    assert len(keys) == 4
    assert TOKENS.fingerprint() == Tokens(b"0123456789abcdef0123456789abcdef").fingerprint()
    assert TOKENS.fingerprint() != STRANGER.fingerprint()


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32 bytes"):
        Tokens(b"short")
