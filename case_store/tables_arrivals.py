"""What came in and what it came with: originals, what happened on a channel, files on their way in, files by their hash. What every table is made of stands in tables.py."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint, text

from case_store.tables import Json, UtcTime, metadata, only_where

OF_CALLS = "channel = 'phone'"
"""As literal SQL, so that the index is used."""

arrivals = Table(
    "arrivals",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("account", String(320), nullable=False),
    Column("external_id", String(1100), nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("state", String(8), nullable=False),  # waiting, fetching, read, parked
    Column("raw", LargeBinary),  # small bodies stand here, larger ones in files under `digest`
    Column("digest", String(64)),
    Column("size", Integer, nullable=False),
    Column("transport", Json, nullable=False),
    Column("fetched", Json),
    Column("mark", String(40)),  # what is odd about it: same_message_id_other_content
    Column("lane", String(120)),  # arrivals of one lane are read one after another, in order of acceptance
    Column("became", Json),  # what it was read as: ids of messages, reports, events
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("lease", String(32)),
    Column("due_at", UtcTime),  # when it may be read; set forward while leased; null once read or parked
    Column("reason", Text),
    UniqueConstraint("account", "external_id"),
    Index(  # begins with the call's name: byte by byte, whatever the collation
        "ix_arrivals_of_calls",
        "external_id",
        postgresql_ops={"external_id": "varchar_pattern_ops"},
        **only_where(OF_CALLS),
    ),
    Index("ix_arrivals_due", "due_at", **only_where("due_at IS NOT NULL")),
    Index("ix_arrivals_lane", "lane", "id", **only_where("lane IS NOT NULL AND due_at IS NOT NULL")),
    Index("ix_arrivals_parked", "received_at", **only_where("state = 'parked'")),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(80), nullable=False),  # chat:CONVERSATION, form, agent:ID, key:ID
    Column("network", String(64), nullable=False),  # a keyed digest of where it comes from, for limits
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column(
        "taken", BigInteger, nullable=False, server_default=text("0")
    ),  # bytes that are durable: tus calls it offset
    Column("pieces", Json, nullable=False),  # [name, size] of each file that the bytes stand in, in order
    Column("lease", String(32)),  # of the request that adds to it; a newer request takes it away
    Column("state", String(8), nullable=False),  # open, whole, refused, used
    Column("digest", String(64)),
    Column("sniffed_type", String(255)),
    Column("notes", Json),
    Column("refusal", String(24)),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Index("ix_uploads_owner", "owner", "created_at"),
    Index("ix_uploads_network", "network", "created_at"),
    Index("ix_uploads_expires", "expires_at"),
)

events = Table(
    "channel_events",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("arrival_id", String(32)),
    Column("kind", String(24), nullable=False),  # auto_reply, list, own_mail, abuse_report, bounced, stranger
    Column("conversation_id", String(32)),
    Column("case_id", String(32)),
    Column("detail", Json, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_channel_events_at", "at"),
    Index("ix_channel_events_case", "case_id"),
    Index("ix_channel_events_conversation", "conversation_id", **only_where("conversation_id IS NOT NULL")),
    Index("ix_channel_events_arrival", "arrival_id", **only_where("arrival_id IS NOT NULL")),
)

files = Table(
    "files",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("at", UtcTime, nullable=False),
)
