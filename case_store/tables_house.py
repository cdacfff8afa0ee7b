"""What the house keeps of itself: the trail, duties, answers that are repeated. What every table is made of stands in tables.py."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text, text

from case_store.tables import Json, Serial, UtcTime, metadata, only_where

NAMING_CUSTOMERS = "action IN ('identities_joined', 'identity_parted') AND detail IS NOT NULL"
"""Entries of the house's chain that name customers' addresses. As literal SQL, so that the index is used; without the chain, by which SQLite
would look through all of it."""

audit_events = Table(
    "audit_events",
    metadata,
    Column("chain", String(50), primary_key=True),  # case:ID, conversation:ID, house
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("action", String(40), nullable=False),
    Column("detail", Json),  # may be erased; the chain holds only `digest`
    Column("salt", String(32)),
    Column("digest", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_audit_events_at", "at"),
    Index("ix_audit_events_customers", "number", **only_where(NAMING_CUSTOMERS)),
    sqlite_with_rowid=False,
)

audit_checkpoints = Table(
    "audit_checkpoints",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("body", Text, nullable=False),  # the signed text: heads of all chains
    Column("signature", Text, nullable=False),
    Column("key_id", String(64), nullable=False),
)

house = Table(
    "house",
    metadata,
    Column("key", String(40), primary_key=True),  # secret_check, audit head of the house, …
    Column("value", Text, nullable=False),
)

duties = Table(
    "duties",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("holder", String(120), nullable=False),
    Column("fence", Integer, nullable=False),  # raised with each new holder: what an earlier one still does is refused
    Column("until", UtcTime, nullable=False),
    Column(
        "memory", Json, nullable=False, server_default=text("'{}'")
    ),  # what is remembered of it, such as a mailbox's cursor
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("key", String(300), primary_key=True),  # caller, route and the caller's key
    Column("request", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_idempotency_at", "at"),
)
