"""What was shown masked, shown all the same: to whom, why and how many of which kind is on record before it is shown; the numbers never are.

Units over a transaction. What colleagues note is not looked at here: a correction of a fact asks too, and no note may come into a record.

Not here: what is masked (masking.py), who may (protection_policy.py), JSON (api/revealing.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from case_store import audit
from case_store.audit import Entry
from case_store.case_record import CaseRecord
from case_store.conversations import StoredMessage, as_stored
from case_store.store import Transaction
from case_store.tables_conversations import conversations, messages
from gateway.masking import NUMBERS, Kind, masked, pieces

REVEALED: Final = "personal_revealed"
MOST_MESSAGES: Final = 2_000  # the newest


@dataclass(frozen=True, slots=True)
class Shown:
    """One number: as it stands on the screen, and as it is."""

    kind: Kind
    masked: str
    value: str


def in_conversation(tx: Transaction, id: str, number: int | None) -> list[Shown]:
    """What is masked in a message, or in all of them."""
    return shown_in(text for said in _messages(tx, [id], number) for text in _texts(said))


def in_case(tx: Transaction, record: CaseRecord, fact: str | None) -> list[Shown]:
    """What is masked in a fact, or in everything that is shown of a case: its facts, the words they rest on, its trail."""
    facts = record.facts.to_json()
    if fact is not None:
        return shown_in(_strings(facts[fact]))
    words = [text for said in _messages(tx, record.conversations, None) for text in _texts(said)]
    trail = [event.detail for event in audit.timeline(tx, audit.case_chain(record.id))]
    return shown_in([*_strings(record.to_json()), *words, *_strings(trail)])


def is_own(tx: Transaction, ids: Sequence[str], agent_id: str) -> bool:
    """Whether somebody answers one of these conversations."""
    c = conversations.c
    return (
        bool(ids)
        and tx.execute(sa.select(c.id).where(c.id.in_(ids), c.agent_id == agent_id).limit(1)).first() is not None
    )


def keep(tx: Transaction, chain: str, actor: str, found: Sequence[Shown], reason: str, of: Mapping[str, Any]) -> None:
    """Puts on record that it is shown."""
    kinds = Counter(one.kind.value for one in found)
    audit.append(tx, chain, Entry(actor, REVEALED, {"kinds": dict(kinds), "n": len(found), "reason": reason, **of}))


def shown_in(texts: Iterable[str]) -> list[Shown]:
    """Each number once, in the order of the texts."""
    found = {
        (piece.shown, text[piece.start : piece.end]): piece.kind for text in texts for piece in pieces(text, NUMBERS)
    }
    return [Shown(kind, shown, value) for (shown, value), kind in found.items()]


_STARS: Final = re.compile(r"\*[\W_]*")


def standing_like(mask: str, found: Sequence[Shown]) -> list[Shown]:
    """Those that stand there like this.

    If none does, the longest that it ends with, behind nothing but stars: whoever reads can't tell those of a list or of emphasis from the mask's.
    """
    alike = [one for one in found if one.masked == mask]
    if alike:
        return alike
    ends = [one for one in found if mask.endswith(one.masked) and _STARS.fullmatch(mask[: -len(one.masked)])]
    longest = max((len(one.masked) for one in ends), default=0)
    return [one for one in ends if len(one.masked) == longest]


class CannotTell(Exception):
    """Which number a mask stands for can't be told; in the exception's words for a person."""


def unmasked(stored: str | None, text: str, *, quoting: bool = False) -> str:
    """A text that was changed where it stood masked, with the numbers of the text that is stored, and with none besides.

    The masks that are left stand in the order in which they were shown: the n-th of those shown is the n-th number. What would show a
    number once it is masked again is refused, so that nobody reads one by changing the words around it. A mask of something else is refused
    too, but where people write of what they have seen (`quoting`). Raises CannotTell.
    """
    before = stored or ""
    shown = masked(before, NUMBERS)
    if text == shown:
        return before
    known = _masks(before)
    standing = [*_forms({mask for mask, _ in known}).finditer(text)]
    if quoting:
        own = {mask for mask, _ in known}
        standing = [one for one in standing if one[0] in own]
    values = _in_order([mask for mask, _ in known], [value for _, value in known], [one[0] for one in standing])
    parts: list[str] = []
    at = 0
    for one, value in zip(standing, values, strict=True):
        parts += (text[at : one.start()], value)
        at = one.end()
    whole = "".join([*parts, text[at:]])
    if masked(whole, NUMBERS) != masked(text, NUMBERS):
        named = standing[0][0] if standing else text[:40]
        raise CannotTell(
            f"{named} stands so close to other characters that its number would be read: leave a blank around it"
        )
    return whole


_CARD_OR_ID: Final = re.compile(
    r"[0-9]{3}(?:\*[ .()、-]{0,2}){8,11}[0-9]{3}[0-9Xx]|(?:\*[ .()、-]{0,2}){9,15}[0-9]{4}|[A-Za-z]\*{4,6}[0-9]{2,3}"
)
"""How a masked number looks, whoever has masked it."""


def _forms(masks: Iterable[str]) -> re.Pattern[str]:
    own = [re.escape(mask) for mask in sorted(masks, key=lambda mask: (-len(mask), mask))]
    return re.compile("|".join([*(rf"(?<!\*){mask}" for mask in own), _CARD_OR_ID.pattern]))


def _masks(stored: str) -> list[tuple[str, str]]:
    """What looks masked in a text that is shown, in its order, and what it stands for: a number, or itself where it is stored like that."""
    found: list[tuple[str, str]] = []
    at = 0
    for piece in pieces(stored, NUMBERS):
        found += [(one[0], one[0]) for one in _CARD_OR_ID.finditer(stored[at : piece.start])]
        found.append((piece.shown, stored[piece.start : piece.end]))
        at = piece.end
    return [*found, *((one[0], one[0]) for one in _CARD_OR_ID.finditer(stored[at:]))]


def _in_order(masks: Sequence[str], values: Sequence[str], standing: Sequence[str]) -> list[str]:
    """What each mask that stands there is, where those that were shown can be left out and neither turned round nor doubled."""
    first, at = [], 0
    for mask in standing:
        while at < len(masks) and masks[at] != mask:
            at += 1
        if at == len(masks):
            raise CannotTell(
                f"{mask} is no masked number of the text that is stored, at its place: write the number itself, or leave it out"
            )
        first.append(at)
        at += 1
    last, at = [], len(masks) - 1
    for mask in reversed(standing):
        while masks[at] != mask:
            at -= 1
        last.append(at)
        at -= 1
    found: list[str] = []
    for mask, low, high in zip(standing, first, reversed(last), strict=True):
        could_be = {values[at] for at in range(low, high + 1) if masks[at] == mask}
        if len(could_be) > 1:
            raise CannotTell(
                f"{mask} could be one of {len(could_be)} numbers of the text that is stored: write the number itself"
            )
        found += could_be
    return found


def _messages(tx: Transaction, ids: Sequence[str], number: int | None) -> list[StoredMessage]:
    m = messages.c
    wanted = sa.select(messages).where(m.conversation_id.in_(ids))
    if number is not None:
        wanted = wanted.where(m.number == number)
    rows = tx.execute(wanted.order_by(m.at.desc(), m.number.desc()).limit(MOST_MESSAGES)).mappings()
    return [as_stored(row) for row in rows][::-1]


def _texts(said: StoredMessage) -> Iterator[str]:
    yield said.text
    yield from _strings(said.mail)
    yield from _strings(list(said.edits))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _strings(one)
