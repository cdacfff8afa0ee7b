"""Personal numbers in any text: finds identity numbers, bank cards, telephones and mail addresses, and shows them masked.

What is masked has passed a check: an identity number its check digit and a day of birth, a card Luhn and the beginning of an issuer, a telephone
the plan of its country. Order and reference numbers, amounts, days and moments stay as they are. Digits count in any width, broken by blanks
or dashes too; what has a check digit also where a line breaks, behind letters, and with slashes. Of a telephone the four digits before the last four
are hidden, as is usual wherever Chinese is read. What has been masked is not found again, and but for mail addresses a text stays as long as it was:
places in it (evidence.py) still hold.

Anybody can write to us, and masking runs where everybody waits: the work grows as the text does, whatever the text, and the library of
telephone numbers is asked a bounded number of times.

Not here: how numbers are told (checked_numbers.py, telephones.py), which answers are masked for whom (api/masks.py), who may see what is (protection_policy.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from gateway.checked_numbers import checked, joined, lettered
from gateway.digit_runs import Found, Kind, is_behind_a_mask
from gateway.telephones import Plan, unchecked

__all__ = ["EVERYTHING", "NUMBERS", "Kind", "Piece", "masked", "pieces"]

EVERYTHING: Final = frozenset(Kind)
NUMBERS: Final = frozenset({Kind.ID, Kind.CARD})
"""What stays masked in an opened case too: who answers a customer needs their telephone, and not their card."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One number, where it stands in the text as it is, and how it is shown."""

    start: int
    end: int
    kind: Kind
    shown: str


def masked(text: str, kinds: frozenset[Kind] = EVERYTHING) -> str:
    """The text with what is personal in it masked, and everything else as it is."""
    return _masked_before(text, kinds) if len(text) <= _REMEMBERED else _masked(text, kinds)


@lru_cache(maxsize=8_192)
def _masked_before(text: str, kinds: frozenset[Kind]) -> str:
    """What was said is looked at again by everybody who opens it, and whenever something is said after it."""
    return _masked(text, kinds)


_REMEMBERED: Final = 1_000  # characters


def forget() -> None:
    """What was erased is not remembered here either."""
    _masked_before.cache_clear()


def _masked(text: str, kinds: frozenset[Kind]) -> str:
    parts: list[str] = []
    at = 0
    for piece in pieces(text, kinds):
        parts += (text[at : piece.start], piece.shown)
        at = piece.end
    return "".join([*parts, text[at:]]) if parts else text


_ROUNDS: Final = 6


def pieces(text: str, kinds: frozenset[Kind] = EVERYTHING) -> list[Piece]:
    """What is personal in it, in the order of the text; none lies in another.

    What stands beside a mask is looked at once more, as it would be by whoever masks what is masked already.
    """
    now, plain, spans = text, _plain(text), dict[tuple[int, int], Kind]()
    plan = Plan(64 + len(text) // 256)
    for _ in range(_ROUNDS):
        new = [one for one in _found(plain, kinds, plan) if (one.start, one.end) not in spans]
        if not new:
            break
        spans.update({(one.start, one.end): one.kind for one in new})
        now, plain = _hidden(now, plain, new), _hidden(plain, plain, new)
        if all(one.kind is Kind.MAIL for one in new) and not _DIGITS.search(plain):
            break
    return _pieces(now, spans)


def _found(plain: str, kinds: frozenset[Kind], plan: Plan) -> list[Found]:
    where: list[int] = []
    if _NO_WIDTH in plain:
        where = [at for at, char in enumerate(plain) if char != _NO_WIDTH]
        plain = plain.replace(_NO_WIDTH, "")
    found: list[Found] = []
    if _DIGITS.search(plain):
        sure = joined(checked(plain))
        found += [*sure, *lettered(plain), *unchecked(_without(plain, sure), kinds, plan)]
    if Kind.MAIL in kinds and "@" in plain:
        found += _mails(plain)
    kept = _apart([one for one in found if one.kind in kinds])
    if where:
        return [Found(where[one.start], where[one.end - 1] + 1, one.kind, one.first, one.last) for one in kept]
    return kept


def _apart(found: Sequence[Found]) -> list[Found]:
    """Of two that lie across each other the longer."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        while kept and one.start < kept[-1].end and one.end - one.start > kept[-1].end - kept[-1].start:
            kept.pop()
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _without(plain: str, found: Sequence[Found]) -> str:
    parts: list[str] = []
    at = 0
    for one in found:
        parts += (plain[at : one.start], "\n" * (one.end - one.start))
        at = one.end
    return "".join([*parts, plain[at:]])


def _hidden(own: str, plain: str, found: Sequence[Found]) -> str:
    """As it was written, blanks, dashes and width too: what stands behind it keeps its place."""
    chars = list(own)
    for one in found:
        if one.kind is Kind.MAIL:
            places = list(range(one.start, one.end))
        else:
            places = [at for at in range(one.start, one.end) if plain[at].isalnum()]
        for at in places[one.first : len(places) - one.last]:
            chars[at] = "*"
    return "".join(chars)


def _pieces(now: str, spans: dict[tuple[int, int], Kind]) -> list[Piece]:
    mails = {start: end for (start, end), kind in spans.items() if kind is Kind.MAIL}
    joined: list[tuple[int, int, Kind]] = []
    for (start, end), kind in sorted(spans.items(), key=lambda span: span[0]):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]), joined[-1][2])
        else:
            joined.append((start, end, kind))
    return [Piece(start, end, kind, _shown(now, start, end, mails)) for start, end, kind in joined]


def _shown(now: str, start: int, end: int, mails: dict[int, int]) -> str:
    """A mail address doesn't tell how long it is."""
    parts: list[str] = []
    while start < end:
        stop = next((at for at in range(start, end) if at in mails), end)
        parts.append(now[start:stop])
        start = stop
        if stop < end:
            parts.append(f"{now[stop]}***")
            start = mails[stop]
    return "".join(parts)


# the text as it is looked at --------------------------------------------------------------------------------------

_NO_WIDTH: Final = "\u200b"
_WIDTHS: Final[dict[int, int | str]] = {
    **{0xFF01 + at: 0x21 + at for at in range(94)},  # one character for one: places stay the same
    **dict.fromkeys([0x3000, 0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F], " "),
    **dict.fromkeys([0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF], _NO_WIDTH),
    **dict.fromkeys(map(ord, "‐‑‒–—―−－"), "-"),
    **dict.fromkeys(map(ord, "·・•、，"), "、"),
}
_ENTITY: Final = re.compile(
    r"&(?:(?P<blank>nbsp|ensp|emsp|thinsp|#160|#xa0)|zwj|zwnj|shy|#820[345]|#8288|#65279|#x200[bcd]|#x2060|#xfeff);",
    re.IGNORECASE,
)


def _plain(text: str) -> str:
    plain = text if text.isascii() else text.translate(_WIDTHS)
    return _ENTITY.sub(_as_blank, plain) if "&" in plain else plain


def _as_blank(entity: re.Match[str]) -> str:
    blank = " " if entity["blank"] else _NO_WIDTH
    return blank + _NO_WIDTH * (len(entity[0]) - 1)


_DIGITS: Final = re.compile(r"(?:[0-9][^0-9]*+){6}")
"""As many as the shortest number has, an identity card of Hong Kong whose check digit is a letter. Most of what is said has fewer."""

# mail addresses -----------------------------------------------------------------------------------------------------

_MAIL: Final = re.compile(
    r"(?<![A-Za-z0-9.!#$%&'+/=?^_{|}~-])(?P<local>[A-Za-z0-9.!#$%&'+/=?^_{|}~-]{1,64})@(?=[^\s@.]{1,63}(?:\.[^\s@.]{1,63})?)"
)
_CHINESE_MAIL: Final = re.compile(r"@(?=[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,3}\.[A-Za-z]{2})")
_CHINESE: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]{1,4}$")
"""As many as a name has: where the sentence before it ends can't be seen."""
_LEFT_OF_A_MASK: Final = re.compile(r"[0-9]{1,4}|[0-9]{1,3}[Xx]")


def _mails(plain: str) -> Iterator[Found]:
    for match in _MAIL.finditer(plain):
        start, end = match.span("local")
        if not (_LEFT_OF_A_MASK.fullmatch(plain, start, end) and is_behind_a_mask(plain, start)):
            yield Found(start, end, Kind.MAIL, 1, 0)
    for match in _CHINESE_MAIL.finditer(plain):
        at = match.start()
        local = _CHINESE.search(plain[max(0, at - 4) : at])
        if local:
            yield Found(at - len(local[0]), at, Kind.MAIL, 1, 0)
