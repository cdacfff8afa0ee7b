"""Signed checkpoints over the heads of all audit chains, and the check that nothing was rewritten.

A checkpoint is a header of one line, signed with Ed25519 by a key that stands outside the database, and the heads of the chains that
have grown since the checkpoint before, which the header covers by their hash. It also covers the header before: so the newest
header, a few hundred bytes that can be sent out of the house every day, vouches for every head up to its moment, and
the list beside it in the database says *which* chain was cut.

What `verify` finds: an edited event or detail, a gap, a removed chain, a tail cut off behind a head; with checkpoints also a tail
cut together with its head, and a chain written anew with hashes that fit. What it can't find it says in `notes`.

Not here: appending to chains (audit.py), when a checkpoint is due and where it is sent (gateway).
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from case_store import documents, erasures, readings
from case_store.audit import GENESIS, HOUSE, Head, digest_of, hash_of
from case_store.store import Store, Transaction
from case_store.tables_cases import cases
from case_store.tables_conversations import conversations
from case_store.tables_house import audit_checkpoints, audit_events, house
from case_store.tables_readings import reading_days

OVERLAP: Final = timedelta(days=1)  # an event's time is taken before its commit, on clocks that differ
_LOCK: Final = 0x71696E67636B7074  # the advisory lock under which one process writes a checkpoint


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is kept elsewhere: the signed header. `heads` is the list beside it, empty once it has left the house."""

    header: str
    signature: str
    key_id: str
    heads: str = ""

    @property
    def number(self) -> int:
        return int(json.loads(self.header)["number"])

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(json.loads(self.header)["at"])

    @property
    def hash(self) -> str:
        return hashlib.sha256(f"{self.header}\n{self.signature}".encode()).hexdigest()

    def to_json(self) -> dict[str, str]:
        return {"header": self.header, "signature": self.signature, "key_id": self.key_id}

    @classmethod
    def from_json(cls, kept: Mapping[str, str]) -> Checkpoint:
        return cls(kept["header"], kept["signature"], kept["key_id"])


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The key in this file, mode 0600; made at first use."""
    if not path.exists():
        made = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(made)
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError:
            pass  # another process was quicker: its key counts
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path} holds no Ed25519 key")
    return key


def public_text(key: Ed25519PrivateKey | Ed25519PublicKey) -> str:
    """The public key as one line, to be kept where the checkpoints are sent."""
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return base64.b64encode(public.public_bytes_raw()).decode()


def public_key(text: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))


def key_id_of(key: Ed25519PrivateKey | Ed25519PublicKey) -> str:
    return hashlib.sha256(base64.b64decode(public_text(key))).hexdigest()[:16]


def write_checkpoint(tx: Transaction, key: Ed25519PrivateKey) -> Checkpoint:
    """Signs the heads as they are now, continuing from the checkpoint before."""
    if tx.postgresql:
        tx.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    before = latest(tx)
    since = None if before is None else before.at - OVERLAP
    heads = "\n".join(f"{chain} {head.number} {head.hash}" for chain, head in sorted(_heads(tx, since)))
    header = {
        "number": 1 if before is None else before.number + 1,
        "at": tx.now.astimezone(UTC).isoformat(timespec="microseconds"),
        "previous": GENESIS if before is None else before.hash,
        "heads": hashlib.sha256(heads.encode()).hexdigest(),
        "count": heads.count("\n") + 1 if heads else 0,
    }
    text = json.dumps(header, separators=(",", ":"))
    signature = base64.b64encode(key.sign(text.encode())).decode()
    written = Checkpoint(text, signature, key_id_of(key), heads)
    row = {"number": written.number, "at": written.at, "body": f"{text}\n{heads}", "signature": signature}
    tx.execute(sa.insert(audit_checkpoints).values(**row, key_id=written.key_id))
    return written


def latest(tx: Transaction) -> Checkpoint | None:
    newest = sa.select(audit_checkpoints).order_by(audit_checkpoints.c.number.desc()).limit(1)
    row = tx.execute(newest).one_or_none()
    return None if row is None else _from_row(row)


def _from_row(row: Any) -> Checkpoint:
    header, _, heads = row.body.partition("\n")
    return Checkpoint(header, row.signature, row.key_id, heads)


def _heads(tx: Transaction, since: datetime | None) -> Iterator[tuple[str, Head]]:
    """Heads of the chains that may have grown since then, of all chains without."""
    grown = None if since is None else sa.select(audit_events.c.chain).where(audit_events.c.at >= since)
    for subject, kind in ((cases, "case"), (conversations, "conversation"), (reading_days, "readings")):
        found = sa.select(subject.c.id, subject.c.audit_number, subject.c.audit_hash).where(subject.c.audit_number > 0)
        if grown is not None:
            found = found.where((sa.literal(f"{kind}:") + subject.c.id).in_(grown))
        for row in tx.execute(found.execution_options(yield_per=1000)):
            yield f"{kind}:{row.id}", Head(row.audit_number, row.audit_hash or "-")
    told = tx.execute(sa.select(house.c.value).where(house.c.key == "audit_head")).scalar_one_or_none()
    if told is not None:
        number, _, hash = told.partition(" ")
        yield HOUSE, Head(int(number), hash)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written. `kind` edited, gap, cut, removed, unknown or checkpoint."""

    kind: str
    chain: str
    number: int | None
    message: str


@dataclass(slots=True)
class Findings:
    """What a check came to. `notes` say what could not be checked."""

    events: int = 0
    chains: int = 0
    erased: int = 0
    erased_by: dict[str, int] = field(default_factory=dict)  # rule of retention, `person`, or '' for none on record
    checkpoints: int = 0
    problems: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems

    def add(self, kind: str, chain: str, number: int | None, message: str) -> None:
        self.problems.append(Finding(kind, chain, number, message))


def verify(
    store: Store, keys: Sequence[Ed25519PublicKey] = (), kept: Checkpoint | None = None, limit: int = 1000
) -> Findings:
    """Checks every chain from its first event to its head, and against the checkpoints: stored ones, and one kept elsewhere.

    Events are streamed; only heads are held in memory. Stops after `limit` problems.
    """
    return store.read_now(verify_in, keys, kept, limit)


def verify_in(
    tx: Transaction, keys: Sequence[Ed25519PublicKey] = (), kept: Checkpoint | None = None, limit: int = 1000
) -> Findings:
    """As `verify`, in a transaction that has not read anything yet."""
    if tx.postgresql:
        tx.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    findings = Findings()
    known = _check_checkpoints(tx, {key_id_of(key): key for key in keys}, kept, findings)
    _check_chains(tx, dict(_heads(tx, None)), known, findings, limit)
    _check_readings(tx, findings)
    _check_documents(tx, findings)
    _add_notes(findings, bool(keys), kept)
    return findings


def check_chains(tx: Transaction, findings: Findings) -> None:
    """Every chain against its head alone, without checkpoints."""
    _check_chains(tx, dict(_heads(tx, None)), {}, findings, 1000)


def _check_checkpoints(
    tx: Transaction, keys: Mapping[str, Ed25519PublicKey], kept: Checkpoint | None, findings: Findings
) -> dict[str, Head]:
    """The newest head of each chain that a stored checkpoint vouches for."""
    known: dict[str, Head] = {}
    previous, number = GENESIS, 0
    rows = sa.select(audit_checkpoints).order_by(audit_checkpoints.c.number).execution_options(yield_per=10)
    for row in tx.execute(rows):
        each, number = _from_row(row), number + 1
        problem = _problem_of(each, row.number, number, previous, keys)
        if problem is None and kept is not None and kept.number == row.number and kept.hash != each.hash:
            problem = "is not the one that was kept elsewhere"
        if problem is not None:
            findings.add("checkpoint", "", row.number, f"checkpoint {row.number} {problem}")
            number = row.number
        else:
            _learn(known, each, findings)
        previous = each.hash
    findings.checkpoints = number
    if kept is not None:
        if not _is_signed(kept, keys):
            findings.add("checkpoint", "", kept.number, "the checkpoint kept elsewhere is not signed by a known key")
        if kept.number > number:
            findings.add(
                "checkpoint", "", kept.number, f"checkpoint {kept.number} was kept elsewhere and is gone from the store"
            )
    return known


def _problem_of(
    each: Checkpoint, stored_as: int, expected: int, previous: str, keys: Mapping[str, Ed25519PublicKey]
) -> str | None:
    try:
        header = json.loads(each.header)
        told = (header["number"], header["previous"], header["heads"])
    except (ValueError, KeyError, TypeError):
        return "can't be read"
    if keys and not _is_signed(each, keys):
        return "is not signed by a known key"
    if told[2] != hashlib.sha256(each.heads.encode()).hexdigest():
        return "does not have the heads that were signed"
    if told[0] != stored_as or stored_as != expected or told[1] != previous:
        return "does not follow the one before it"
    return None


def _is_signed(each: Checkpoint, keys: Mapping[str, Ed25519PublicKey]) -> bool:
    key = keys.get(each.key_id)
    if key is None:
        return not keys
    try:
        key.verify(base64.b64decode(each.signature), each.header.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def _learn(known: dict[str, Head], each: Checkpoint, findings: Findings) -> None:
    for line in each.heads.splitlines():
        chain, number, hash = line.split(" ")
        head, before = Head(int(number), hash), known.get(chain)
        if before is not None and head.number < before.number:
            message = f"was at {before.number} and at checkpoint {each.number} only at {head.number}"
            findings.add("cut", chain, head.number, f"{chain} {message}")
            continue
        known[chain] = head


def _check_chains(
    tx: Transaction, heads: dict[str, Head], known: dict[str, Head], findings: Findings, limit: int
) -> None:
    e = audit_events.c
    rows = sa.select(audit_events).order_by(e.chain, e.number).execution_options(yield_per=2000)
    walk, rules = _Walk("", None, None), erasures.rules_by_chain(tx)
    for row in tx.execute(rows):
        if len(findings.problems) >= limit:
            findings.notes.append(f"stopped after {limit} problems; there may be more")
            return
        if row.chain != walk.chain:
            walk.end(findings)
            rule = rules.get(row.chain, (0, ""))
            walk = _Walk(row.chain, heads.pop(row.chain, None), known.pop(row.chain, None), rule)
            findings.chains += 1
        walk.step(row, findings)
        findings.events += 1
    walk.end(findings)
    for chain, head in sorted((heads | known).items()):
        findings.add("removed", chain, head.number, f"{chain} should have {head.number} events and has none")


def _check_documents(tx: Transaction, findings: Findings) -> None:
    """Policy, working days and notices are what the house's chain says was written: a case is judged by what stands there."""
    for number, message in documents.untrue(tx):
        findings.add("edited", HOUSE, number, message)


def _check_readings(tx: Transaction, findings: Findings) -> None:
    """Each reading is found at every case and conversation that it tells of: what was taken out of that index is missed."""
    for chain, number, lost in readings.lost(tx):
        findings.add("removed", chain, number, f"{chain} event {number} is not found at {', '.join(lost[:3])}")


@dataclass(slots=True)
class _Walk:
    """One chain, event by event, from its beginning."""

    chain: str
    head: Head | None  # as its subject's row tells it
    known: Head | None  # as the checkpoints vouch for it
    rule: tuple[int, str] = (0, "")  # by which details up to this event may be gone
    at: Head = field(default_factory=lambda: Head(0, GENESIS))

    def step(self, row: Any, findings: Findings) -> None:
        if row.number != self.at.number + 1:
            missing = (
                f"{self.at.number + 1}"
                if row.number == self.at.number + 2
                else f"{self.at.number + 1} to {row.number - 1}"
            )
            findings.add("gap", self.chain, row.number, f"{self.chain} lacks {missing}")
        elif _hash(row, self.at.hash) != row.hash:
            findings.add("edited", self.chain, row.number, f"{self.chain} event {row.number} is not what was written")
        self._check_detail(row, findings)
        if self.known is not None and row.number == self.known.number and row.hash != self.known.hash:
            message = f"{self.chain} event {row.number} is not the one that a checkpoint vouches for"
            findings.add("edited", self.chain, row.number, message)
        self.at = Head(row.number, row.hash)

    def _check_detail(self, row: Any, findings: Findings) -> None:
        if row.salt is not None and digest_of(row.salt, row.detail) == row.digest:
            return
        if row.detail is None:
            findings.erased += 1
            upto, rule = self.rule
            by = rule if row.number <= upto else ""
            findings.erased_by[by] = findings.erased_by.get(by, 0) + 1
        else:
            findings.add("edited", self.chain, row.number, f"{self.chain} event {row.number} has another detail")

    def end(self, findings: Findings) -> None:
        if not self.chain:
            return
        last = self.at
        expected = (
            max(each.number for each in (self.head, self.known) if each is not None) if self.head or self.known else 0
        )
        if self.head is None:
            findings.add("unknown", self.chain, None, f"{self.chain} has events and no subject that knows of them")
        if last.number < expected:
            findings.add("cut", self.chain, last.number, f"{self.chain} ends at {last.number}, not at {expected}")
        elif self.head is not None and self.head != last:
            message = f"{self.chain} ends at {last.number}, its subject tells another end ({self.head.number})"
            findings.add("edited", self.chain, last.number, message)


def _hash(row: Any, previous: str) -> str:
    return hash_of(previous, row.chain, row.number, row.at, row.actor, row.action, row.digest)


def _add_notes(findings: Findings, signed: bool, kept: Checkpoint | None) -> None:
    if not findings.checkpoints:
        findings.notes.append(
            "there is no checkpoint: a tail cut together with its head, and a chain written anew, can't be found"
        )
    elif not signed:
        findings.notes.append("no public key was given: the checkpoints' signatures were not checked")
    if kept is None:
        findings.notes.append(
            "no checkpoint kept elsewhere was given: whoever could change the database and sign, or remove the newest "
            "checkpoints with what they vouch for, can't be found out"
        )
    else:
        findings.notes.append(
            f"what happened after checkpoint {kept.number} of {kept.at.isoformat(timespec='seconds')} is vouched for by "
            "the database alone"
        )
    if findings.erased:
        findings.notes.append(f"{findings.erased} details have been erased; that they existed still verifies")
    for rule, number in sorted(findings.erased_by.items()):
        told = (
            f"{number} of them by {rule}" if rule else f"{number} of them without an erasure on record: ask who did it"
        )
        findings.notes.append(told)
