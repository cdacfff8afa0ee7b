"""Who is the same customer, by proof, and the codes that prove. What every table is made of stands in tables.py."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, text

from case_store.tables import Json, UtcTime, metadata

identities = Table(
    "identities",
    metadata,
    Column(
        "address", String(320), primary_key=True
    ),  # a mail address, a number in E.164, telegram:ID, chat:CONVERSATION
    Column("customer", String(32), nullable=False),  # who it belongs to, with all others of the same
    Column(
        "proof", String(24), nullable=False
    ),  # what joined it: signed_link, code, confirmed, agent; first: the first
    Column("joined_by", String(80), nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_identities_customer", "customer"),
)

identity_joins = Table(  # which identity came through which: taking one back takes back what came through it
    "identity_joins",
    metadata,
    Column("through", String(320), primary_key=True),
    Column("address", String(320), primary_key=True),
    Column("proof", String(24), nullable=False),
    Column("joined_by", String(80), nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_identity_joins_address", "address"),
)

codes = Table(
    "codes",
    metadata,
    Column("conversation_id", String(32), primary_key=True),
    Column("asked_in", Integer, primary_key=True, autoincrement=False),  # the customer's message that asked for it
    Column("case_id", String(32)),  # null: no such case, and nothing was sent; the customer is told the same
    Column("address", String(320)),  # where the code went: whoever types it has read what is sent there
    Column("digest", String(64), nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("tries", Json, nullable=False),  # result by number of the message that held the try
    Column("settled", Boolean, nullable=False, server_default=text("false")),  # right, or tried too often
    Column("at", UtcTime, nullable=False),
    Index("ix_codes_case", "case_id", "at"),
)
