"""The table of drafts: what agents are writing and have not sent. Migrations know it by its metadata."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from case_store.tables import Json, UtcTime, metadata

drafts = Table(
    "drafts",
    metadata,
    Column("agent_id", String(32), ForeignKey("agents.id"), primary_key=True),
    # whoever removes a conversation one day has to remove what is being written in it
    Column("conversation_id", String(32), ForeignKey("conversations.id"), primary_key=True),
    Column("kind", String(8), primary_key=True),  # reply, note
    Column("version", String(32), nullable=False),  # never the same again, also after the draft was gone
    Column("writer", String(40), nullable=False),  # the page that wrote it: its own next version follows in any case
    Column("text", Text, nullable=False),
    Column("beside", Json, nullable=False),  # what goes with it: files that have come up, status, copies
    Column("updated_at", UtcTime, nullable=False),
    Index("ix_drafts_conversation", "conversation_id"),
    Index("ix_drafts_updated", "updated_at"),
)
