"""What belongs to a case that was handed in: who took it, who speaks for the complainant, who stands for a group, withdrawals, files.

A proxy without a mandate is no contact of the case: they are told no facts, whatever they write or type (NFRA order 2020 No. 3,
articles 13 and 14). With one their address is a contact proved by `mandate`, until its last day is over. A group is heard
through at most five representatives (article 12). A withdrawal ends the procedure on the day it came (article 15).

Not here: keeping the files themselves (files.py), whom the customer's own addresses are (contacts.py), what is told (gateway).

PapersError
├── TooMany              more representatives than may speak for a group
└── NoProxy              nobody speaks for this complainant
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from case_store import cases, contacts, conversations, identities, links, merged, outbox, parting
from case_store.audit import Entry
from case_store.contacts import Contact, kind_of_address
from case_store.ids import new_id
from case_store.records import ChannelName, Sender
from case_store.store import Transaction
from case_store.tables_cases import case_conversations
from case_store.tables_conversations import attachments, messages
from case_store.tables_papers import case_papers, case_parties, case_withdrawals

Row = Mapping[Any, Any]

MOST_REPRESENTATIVES: Final = 5
MISSING, HERE, ENDED = "missing", "here", "ended"  # of a mandate
MANDATE: Final = contacts.MANDATE  # purpose of a file too
BARRED: Final = "no_mandate"  # why something was taken back


class PapersError(Exception):
    """Anything the papers of a case can't be."""


class TooMany(PapersError, ValueError):
    """A group is represented by at most five."""


class NoProxy(PapersError, LookupError):
    """Nobody speaks for this complainant."""


@dataclass(frozen=True, slots=True)
class Party:
    """A proxy or a representative. `valid_until` is the last day of a proxy's mandate."""

    name: str
    relation: str | None = None
    contact: str | None = None
    postal_address: str | None = None
    valid_until: date | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """`received_on` is the day the customer's word came and the procedure ended."""

    received_on: date
    way: str
    who: str | None = None
    note: str | None = None
    recorded_by: str = ""
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A file that came with a case; of a mail's own attachments `purpose` is None."""

    id: str
    conversation_id: str
    name: str
    media_type: str
    size: int
    digest: str
    purpose: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Papers:
    taken_by: str | None = None
    taken_post: str | None = None
    handed_in_by: str | None = None
    postal_address: str | None = None
    members: int | None = None
    proxy: Party | None = None
    representatives: tuple[Party, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()
    files: tuple[HandedIn, ...] = ()

    def named(self, address: str) -> str | None:
        """The name of the proxy whom this address reaches, if it is theirs."""
        return self.proxy.name if self.proxy is not None and self.proxy.contact == address else None


def papers_of(tx: Transaction, case_id: str) -> Papers:
    row = tx.execute(sa.select(case_papers).where(case_papers.c.case_id == case_id)).mappings().one_or_none()
    kept = {name: row[name] for name in _KEPT} if row is not None else {}
    people = parties_of(tx, [case_id]).get(case_id, ())
    return Papers(
        **kept,
        proxy=next((party for role, party in people if role == "proxy"), None),
        representatives=tuple(party for role, party in people if role == "representative"),
        withdrawals=_withdrawals_of(tx, case_id),
        files=files_of(tx, case_id),
    )


_KEPT: Final = ("taken_by", "taken_post", "handed_in_by", "postal_address", "members")


def parties_of(tx: Transaction, case_ids: Sequence[str]) -> dict[str, tuple[tuple[str, Party], ...]]:
    """(role, party) of everybody who speaks for the complainants of these cases now, by case."""
    p = case_parties.c
    rows = tx.execute(
        sa.select(case_parties).where(p.case_id.in_(case_ids), p.ended_at.is_(None)).order_by(p.added_at, p.id)
    ).mappings()
    grouped: dict[str, tuple[tuple[str, Party], ...]] = {}
    for row in rows:
        grouped[row["case_id"]] = (*grouped.get(row["case_id"], ()), (row["role"], _party(row)))
    return grouped


def _party(row: Row) -> Party:
    until = row["valid_until"]
    plain = {name: row[name] for name in ("id", "name", "relation", "contact", "postal_address")}
    return Party(**plain, valid_until=None if until is None else date.fromisoformat(until))


def postal_addresses(tx: Transaction, case_ids: Sequence[str]) -> dict[str, str]:
    c = case_papers.c
    rows = tx.execute(
        sa.select(c.case_id, c.postal_address).where(c.case_id.in_(case_ids), c.postal_address.is_not(None))
    )
    return {row.case_id: row.postal_address for row in rows}


def keep(tx: Transaction, case_id: str, **values: Any) -> None:
    """Sets these fields of a case's papers; whoever calls writes what happened into the chain."""
    done = tx.execute(sa.update(case_papers).where(case_papers.c.case_id == case_id).values(**values))
    if done.rowcount == 0:
        tx.execute(sa.insert(case_papers).values(case_id=case_id, **values))


def change(tx: Transaction, case_id: str, values: Mapping[str, Any], *, actor: str, version: int | None) -> None:
    """Sets `postal_address`, `handed_in_by`, `members` and, as a whole, `representatives`. Raises TooMany, cases.LostUpdate."""
    plain = {name: value for name, value in values.items() if name in _KEPT}
    group: Sequence[Party] | None = values.get("representatives")
    cases.lock(tx, case_id)
    before = papers_of(tx, case_id)
    told = {name: {"from": getattr(before, name), "to": value} for name, value in plain.items()}
    if group is not None:
        names = [[party.name for party in those] for those in (before.representatives, group)]
        told["representatives"] = {"from": names[0], "to": names[1]}
    told = {name: change for name, change in told.items() if change["from"] != change["to"]}
    cases.note_change(tx, case_id, Entry(actor, "papers_changed", told), version=version)
    if plain:
        keep(tx, case_id, **plain)
    if group is not None:
        set_representatives(tx, case_id, group, actor=actor)


def set_representatives(tx: Transaction, case_id: str, group: Sequence[Party], *, actor: str) -> None:
    """These and nobody else stand for the group. Raises TooMany."""
    if len(group) > MOST_REPRESENTATIVES:
        raise TooMany(f"a group of complainants is represented by at most {MOST_REPRESENTATIVES} people")
    _end(tx, case_id, "representative")
    for party in group:
        _add(tx, case_id, "representative", party, actor)


def _add(tx: Transaction, case_id: str, role: str, party: Party, actor: str) -> str:
    id = new_id()
    row = {name: getattr(party, name) for name in ("name", "relation", "contact", "postal_address")}
    until = party.valid_until and party.valid_until.isoformat()
    known = {"id": id, "case_id": case_id, "role": role, "added_at": tx.now, "added_by": actor[:80]}
    tx.execute(sa.insert(case_parties).values(**row, **known, valid_until=until))
    return id


def _end(tx: Transaction, case_id: str, role: str) -> None:
    p = case_parties.c
    these = (p.case_id == case_id, p.role == role, p.ended_at.is_(None))
    tx.execute(sa.update(case_parties).where(*these).values(ended_at=tx.now))


# proxies --------------------------------------------------------------------------------------------------------


def set_proxy(tx: Transaction, case_id: str, party: Party, *, mandate: bool, actor: str) -> str:
    """This person speaks for the complainant from now on, in place of any other. Answers the party's id."""
    former = _proxy(tx, case_id)
    if former is not None:
        _end(tx, case_id, "proxy")
        bar(tx, case_id, former.contact, actor=actor)
    id = _add(tx, case_id, "proxy", party, actor)
    until = party.valid_until and party.valid_until.isoformat()
    detail = {"name": party.name, "relation": party.relation, "mandate": mandate, "valid_until": until}
    cases.note_change(tx, case_id, Entry(actor, "proxy_named", detail), mandate=HERE if mandate else MISSING)
    if mandate:
        _admit(tx, case_id, party.contact, actor=actor)
    else:
        bar(tx, case_id, party.contact, actor=actor)
        _bar_whoever_told_it(tx, case_id, party, actor=actor)
    return id


def mandate_came(tx: Transaction, case_id: str, valid_until: date | None, *, actor: str) -> Party:
    """The proxy's mandate is there: from now on they may be told. Raises NoProxy."""
    party = _proxy(tx, case_id)
    if party is None:
        raise NoProxy(case_id)
    until = valid_until and valid_until.isoformat()
    tx.execute(sa.update(case_parties).where(case_parties.c.id == party.id).values(valid_until=until))
    detail = {"name": party.name, "valid_until": until}
    cases.note_change(tx, case_id, Entry(actor, "mandate_came", detail), mandate=HERE)
    _admit(tx, case_id, party.contact, actor=actor)
    return party


def mandate_over(tx: Transaction, case_id: str, party_id: str, last_day: str) -> Party | None:
    """The mandate's last day is over. None if it is another's by now, was prolonged, or had ended before."""
    party = _proxy(tx, case_id)
    if party is None or party.id != party_id or party.valid_until is None:
        return None
    if party.valid_until.isoformat() != last_day or cases.glance(tx, case_id).mandate != HERE:
        return None
    detail = {"name": party.name, "valid_until": last_day}
    cases.note_change(tx, case_id, Entry("system", "mandate_over", detail), mandate=ENDED)
    bar(tx, case_id, party.contact, actor="system")
    return party


def end_proxy(tx: Transaction, case_id: str, *, actor: str) -> Party:
    """The complainant speaks for themself again. Raises NoProxy."""
    party = _proxy(tx, case_id)
    if party is None:
        raise NoProxy(case_id)
    _end(tx, case_id, "proxy")
    cases.note_change(tx, case_id, Entry(actor, "proxy_ended", {"name": party.name}), mandate=None)
    bar(tx, case_id, party.contact, actor=actor)
    return party


def _proxy(tx: Transaction, case_id: str) -> Party | None:
    return next((party for role, party in parties_of(tx, [case_id]).get(case_id, ()) if role == "proxy"), None)


def _admit(tx: Transaction, case_id: str, address: str | None, *, actor: str) -> None:
    """A proxy's address is the proxy's: whatever it had as the customer's own, and whoever came through it, has that no more."""
    if not address:
        return
    if contacts.proof_of(tx, case_id, address) != MANDATE:
        parting.take_back_from_others(tx, case_id, address, by=actor, reason=BARRED)
        contacts.remove(tx, case_id, address)
    contacts.add_contact(tx, case_id, Contact(address, kind_of_address(address), MANDATE))
    for row, _ in links.held_with(tx, case_id, {address}):
        parting.give_back(tx, case_id, row, by=actor, reason=MANDATE)


def bar(tx: Transaction, case_id: str, address: str | None, *, actor: str) -> None:
    """Nothing of the case is told to this address, or to whoever came through it, any more; what they write waits for a person."""
    if address:
        parting.bar(tx, case_id, address, by=actor, reason=BARRED)


def _bar_whoever_told_it(tx: Transaction, case_id: str, party: Party, *, actor: str) -> None:
    """Nobody can tell who of the two has told the case in a chat or a messenger: nothing is told there until an agent says whose it is.

    By mail that shows, where the proxy has named a mail address of their own.
    """
    by_mail = bool(party.contact) and kind_of_address(party.contact or "") == "email"
    doubtful = _LIVE if by_mail else (*_LIVE, ChannelName.EMAIL)
    told_in = links.told_in(tx, case_id)
    for id in cases.get(tx, case_id).conversations:
        row = conversations.locked(tx, id)
        if row["channel"] not in doubtful or id not in told_in:
            continue
        address = identities.identity_of(row)
        contacts.remove(tx, case_id, address)
        outbox.stop(tx, case_id, address)
        links.withhold(tx, case_id, id, by=actor, reason=BARRED)
        parting.queue(tx, row, case_id, by=actor)


_LIVE: Final = (ChannelName.WEBCHAT, ChannelName.TELEGRAM)


# withdrawals and files ------------------------------------------------------------------------------------------


def withdraw(tx: Transaction, case_id: str, withdrawal: Withdrawal, *, actor: str) -> bool:
    """The customer takes the complaint back: recorded with day, way and who. False if it was withdrawn before."""
    day = withdrawal.received_on.isoformat()
    told = {"received_on": day, "way": withdrawal.way, "who": withdrawal.who, "note": withdrawal.note}
    if not cases.withdraw(tx, case_id, actor=actor, detail=told):
        return False
    by = {"id": new_id(), "case_id": case_id, "recorded_by": actor[:80], "recorded_at": tx.now}
    tx.execute(sa.insert(case_withdrawals).values(**by, **told))
    return True


def _withdrawals_of(tx: Transaction, case_id: str) -> tuple[Withdrawal, ...]:
    w = case_withdrawals.c
    rows = tx.execute(sa.select(case_withdrawals).where(w.case_id == case_id).order_by(w.recorded_at)).mappings()
    return tuple(
        Withdrawal(
            date.fromisoformat(row["received_on"]),
            row["way"],
            row["who"],
            row["note"],
            row["recorded_by"],
            row["recorded_at"],
        )
        for row in rows
    )


def files_of(tx: Transaction, case_id: str) -> tuple[HandedIn, ...]:
    """The files of all conversations of a case, except with messages that belong to another case that was not merged into it.

    What an agent enclosed with an answer was handed in by nobody.
    """
    a, m, link = attachments.c, messages.c, case_conversations.c
    found = (
        sa.select(a.id, a.conversation_id, a.name, a.media_type, a.size, a.digest, a.purpose, m.at)
        .join(case_conversations, link.conversation_id == a.conversation_id)
        .join(messages, sa.and_(m.conversation_id == a.conversation_id, m.number == a.message))
        .where(link.case_id == case_id, m.sender != Sender.AGENT.value)
        .where(sa.or_(m.case_id.is_(None), m.case_id.in_(merged.all_of(tx, case_id))))
        .order_by(m.at, a.id)
    )
    return tuple(HandedIn(**row._mapping) for row in tx.execute(found))
