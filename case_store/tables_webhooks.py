"""The tables of webhooks: who wants to hear what, what happened, and what is to be posted to whom.

Not here: what customers and colleagues are sent (`deliveries` in tables_outbox.py).
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from case_store.tables import Json, UtcTime, metadata, only_where

webhooks = Table(  # who wants to hear what
    "webhooks",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("url", String(2000), nullable=False),
    Column("description", String(200), nullable=False),
    Column("types", Json, nullable=False),  # names as in happenings; none: all
    Column("secret", Text, nullable=False),  # sealed
    Column("old_secret", Text),  # sealed; signs beside the new one until `old_until`
    Column("old_until", UtcTime),
    Column("active", Boolean, nullable=False),
    Column("stopped", String(16)),  # why it is not active, where nobody wanted that: gone, failing; or REMOVED
    Column("failing_since", UtcTime),  # no success since
    Column("version", Integer, nullable=False),
    Column("changed_by", String(80), nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

REMOVED = "removed"
STANDING = webhooks.c.stopped.is_distinct_from(REMOVED)
"""One that was removed is nobody's any more, and only stands until what was posted to it is gone, some at a time."""

happenings = Table(  # what happened, in the transaction in which it did; never a word of a customer
    "happenings",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("type", String(40), nullable=False),
    Column("chain", String(50), nullable=False),  # what it happened to: case:ID, conversation:ID
    Column("entry", Integer, nullable=False),  # its number there
    Column("action", String(40), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("case_id", String(32)),
    Column("reference", String(40)),
    Column("status", String(24)),
    Column("version", Integer),
    Column("conversation_id", String(32)),
    Column("channel", String(16)),
    Column("message", Integer),
    Column("spread", Boolean, nullable=False, server_default=text("false")),  # whoever wants it has a posting of it
    Index("ix_happenings_new", "id", **only_where("NOT spread")),
    Index("ix_happenings_at", "at"),
)

postings = Table(  # one happening to one webhook
    "postings",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("webhook_id", String(32), ForeignKey("webhooks.id"), nullable=False),
    Column("happening_id", String(32), ForeignKey("happenings.id"), nullable=False),
    Column("chain", String(50), nullable=False),
    Column("entry", Integer, nullable=False),
    Column("again", Boolean, nullable=False, server_default=text("false")),  # somebody had it sent again
    Column("state", String(8), nullable=False),  # waiting, sent, given_up
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("due_at", UtcTime),  # set forward while leased; null once it is over
    Column("lease", String(32)),
    Column("error", String(200)),
    Column("created_at", UtcTime, nullable=False),
    Column("first_attempt_at", UtcTime),
    Column("ended_at", UtcTime),
    Index("ix_postings_due", "due_at", **only_where("due_at IS NOT NULL")),
    Index("ix_postings_order", "webhook_id", "chain", "entry", **only_where("due_at IS NOT NULL")),
    Index("ix_postings_webhook", "webhook_id", "created_at", "id"),
    Index("ix_postings_happening", "happening_id"),
    Index("ix_postings_chain", "chain"),
)

posting_attempts = Table(
    "posting_attempts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("posting_id", String(32), ForeignKey("postings.id", ondelete="CASCADE"), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("status", Integer),  # null: no answer
    Column("took_ms", Integer, nullable=False),
    Column("error", String(200)),
    Column("answer", String(500)),  # its beginning
    Index("ix_posting_attempts_posting", "posting_id", "at"),
)
