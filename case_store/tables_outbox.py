"""What leaves, what happens by itself, what a person has to do. What every table is made of stands in tables.py."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text, text

from case_store.tables import Json, UtcTime, metadata, only_where

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("occasion", String(120), nullable=False, unique=True),  # one row an occasion
    Column("channel", String(16), nullable=False),
    Column("account", String(320), nullable=False),
    Column("address", String(320), nullable=False),
    Column("conversation_id", String(32)),
    Column("message", Integer),
    Column("case_id", String(32)),
    Column("sender", String(8), nullable=False),  # bot, agent, system: who speaks
    Column("epoch", Integer),  # the bot's, when it spoke; a take-over stops what has an older one
    Column("payload", Json, nullable=False),
    Column("state", String(8), nullable=False),  # queued, sending, sent, unsure, failed, stopped, bounced
    Column("due_at", UtcTime),
    Column("lease", String(32)),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("first_attempt_at", UtcTime),
    Column("sent_at", UtcTime),
    Column("delivered_at", UtcTime),  # as the system says that put it into the mailbox
    Column("read_at", UtcTime),  # as the program says that showed it
    Column("external_id", String(1100)),
    Column("error", Text),
    Column("created_at", UtcTime, nullable=False),
    Index("ix_deliveries_due", "due_at", **only_where("due_at IS NOT NULL")),
    Index("ix_deliveries_conversation", "conversation_id", "message"),
    Index("ix_deliveries_case", "case_id"),
    Index("ix_deliveries_address", "address", "created_at"),
    Index("ix_deliveries_external_id", "external_id"),
)

timers = Table(
    "timers",
    metadata,
    Column("key", String(120), primary_key=True),  # feedback_75:CASE and the like: set once, fires once
    Column("kind", String(40), nullable=False),
    Column("subject", String(40), nullable=False),
    Column("due_at", UtcTime),  # null once fired
    Column("lease", String(32)),
    Column("payload", Json),
    Index("ix_timers_due", "due_at", **only_where("due_at IS NOT NULL")),
    Index("ix_timers_subject", "subject"),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("occasion", String(120), nullable=False, unique=True),
    Column("kind", String(24), nullable=False),  # call_back, letter, look
    Column("case_id", String(32)),
    Column("conversation_id", String(32)),
    Column("words", Text, nullable=False),  # what to say, or what to look at
    Column("created_at", UtcTime, nullable=False),
    Column("done_at", UtcTime),
    Column("done_by", String(32)),
    Column("note", Text),
    Column("detail", Json),  # of a call-back: whom to call and when, what to ask, what to have confirmed
    Column("due_at", UtcTime),  # by when; later than this it is overdue
    Column("next_at", UtcTime),  # the next try to reach somebody
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("tried_at", UtcTime),
    Column("how", String(16)),  # called, posted, handed_over, not_reached …
    Column("happened_at", UtcTime),  # when it was done, by the word of whoever did it
    Index("ix_tasks_open", "created_at", **only_where("done_at IS NULL")),
    Index("ix_tasks_case", "case_id"),
    Index("ix_tasks_conversation", "conversation_id", **only_where("conversation_id IS NOT NULL")),
)
