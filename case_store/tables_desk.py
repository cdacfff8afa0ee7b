"""What agents work with: turns, notes, lists, canned replies, what may be undone. What every table is made of stands in tables.py."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from case_store.tables import Json, UtcTime, metadata, only_where

givings = Table(  # conversations that were given to an agent by turn, and what an agent has given back to the queue
    "givings",
    metadata,
    Column("conversation_id", String(32), ForeignKey("conversations.id"), primary_key=True),
    Column("epoch", Integer, primary_key=True, autoincrement=False),  # of the conversation, as long as they have it
    Column("agent_id", String(32), ForeignKey("agents.id"), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("waited_since", UtcTime),  # and for which reason: what it goes back with
    Column("reason", String(32)),
    Column("due_at", UtcTime),  # until when they have to look at it; null: they have, or it is theirs no more
    Column("opened_at", UtcTime),
    Column("returned_at", UtcTime),
    Column("by_hand", Boolean, nullable=False, server_default=text("false")),  # its agent has given it back themselves
    Index("ix_givings_due", "due_at", **only_where("due_at IS NOT NULL")),
    Index("ix_givings_returned", "returned_at", **only_where("returned_at IS NOT NULL")),
)

notes = (
    Table(  # what colleagues tell each other; read by case_store/notes.py alone, so that none ever reaches a customer
        "notes",
        metadata,
        Column("id", String(32), primary_key=True),
        Column("conversation_id", String(32), ForeignKey("conversations.id"), nullable=False),
        Column("after", Integer, nullable=False),  # the last message when it was written: where it stands
        Column("author", String(32), nullable=False),  # an agent's or a key's id
        Column("author_name", String(200), nullable=False),
        Column("text", Text, nullable=False),
        Column("at", UtcTime, nullable=False),
        Index("ix_notes_conversation", "conversation_id", "at"),
    )
)

note_mentions = Table(
    "note_mentions",
    metadata,
    Column("note_id", String(32), ForeignKey("notes.id"), primary_key=True),
    Column("agent_id", String(32), ForeignKey("agents.id"), primary_key=True),
    Column("seen_at", UtcTime),
    Index("ix_note_mentions_agent", "agent_id", "note_id"),
)

case_followers = Table(  # agents who want to hear how a case goes on
    "case_followers",
    metadata,
    Column("agent_id", String(32), primary_key=True),
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("since", UtcTime, nullable=False),
    Column("seen_event", Integer, nullable=False),  # number of the last entry of the case's chain that they have seen
    Column("seen_messages", Json, nullable=False),  # number of the last message that they have seen, by conversation
    Index("ix_case_followers_case", "case_id"),
)

saved_views = Table(  # lists of cases that agents have made for themselves, or for everybody
    "saved_views",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(32), nullable=False),  # an agent's or a key's id
    Column("name", String(60), nullable=False),
    Column("chosen", Json, nullable=False),  # status, category, risk, assignee (a username or `me`), q
    Column("shared", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("owner", "name"),
    Index("ix_saved_views_shared", "id", **only_where("shared")),
)

canned_replies = Table(  # wording that agents keep for themselves, or the house for all of them
    "canned_replies",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("shelf", String(32), nullable=False),  # `house`, or an agent's or a key's id
    Column("name", String(60), nullable=False),
    Column("shortcut", String(32)),
    Column("texts", Json, nullable=False),  # by language, with fields in braces
    Column("category", String(20)),
    Column("channel", String(20)),
    Column("then", Json),  # what is done besides when it is sent
    Column("starter", String(40)),  # the one of the starter set that it was copied from
    Column("version", Integer, nullable=False),
    Column("changed_by", String(60), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    UniqueConstraint("shelf", "name"),
    UniqueConstraint("shelf", "shortcut"),
)

bulk_actions = Table(  # what somebody did with many at once, while it may be undone
    "bulk_actions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("by", String(32), nullable=False),  # an agent's or a key's id
    Column("kind", String(16), nullable=False),
    Column("before", Json, nullable=False),  # of each that it changed: what it was, and how it was left
    Column("at", UtcTime, nullable=False),
    Column("undo_until", UtcTime, nullable=False),
    Column("undone_at", UtcTime),
    Index("ix_bulk_actions_at", "at"),
)
