"""Conversations: messages, telephone calls, attachments. What every table is made of stands in tables.py."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from case_store.tables import Json, UtcTime, metadata, only_where

IN_QUEUE = "conversations.owner = 'queue'"
"""Waits for a person. As literal SQL: SQLite uses no partial index where the value comes as a parameter."""

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("channel", String(16), nullable=False),
    Column("account", String(320), nullable=False),
    Column("key", String(120)),  # what tells it apart within its account where the channel has such a thing: chat, call
    Column("owner", String(8), nullable=False),
    Column("agent_id", String(32)),
    Column("epoch", Integer, nullable=False, server_default=text("0")),  # raised whenever the owner changes
    Column("session_epoch", Integer, nullable=False, server_default=text("0")),  # of a chat: older sessions have ended
    Column("locale", String(8), nullable=False),
    Column("language", String(8), nullable=False),
    Column("customer", String(200)),
    Column("address", String(320)),  # where answers go: the sender's address; null for chat
    Column("subject", Text),
    Column("state", Json, nullable=False),  # what the dialogue remembers
    Column("case_id", String(32)),  # the case it is about now, a draft or filed
    Column("last_message", Integer, nullable=False, server_default=text("0")),
    Column(
        "answered_message", Integer, nullable=False, server_default=text("0")
    ),  # newest customer message a turn has answered
    Column("seen_message", Integer, nullable=False, server_default=text("0")),  # the customer's screen has had it
    Column("read_message", Integer, nullable=False, server_default=text("0")),  # … in view, on a page in the foreground
    Column("speak_at", UtcTime),
    Column("speak_at_latest", UtcTime),
    Column("edited", Json),  # answered messages edited since, by number: the text that was answered
    Column("lease", String(32)),
    Column("stumbles", Integer, nullable=False, server_default=text("0")),  # failed turns in a row
    Column("waiting_since", UtcTime),
    Column("waiting_reason", String(32)),
    Column("urgent", Boolean, nullable=False, server_default=text("false")),
    Column("announced_at", UtcTime),  # when those on duty were told that it waits too long
    Column("quiet_at", UtcTime),  # when silence files an unfinished complaint
    Column("snoozed_until", UtcTime),  # its agent looks at it again then, or once the customer has written
    Column("team", String(32)),  # in whose queue it waits; it stays theirs whoever takes it
    Column("unassigned", String(24)),  # why nobody was given it by turn, while it waits: nobody_speaks, nobody_free …
    Column("notice_version", String(40)),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("audit_number", Integer, nullable=False, server_default=text("0")),
    Column("audit_hash", String(64)),
    Column("erased_at", UtcTime),  # since then it holds no words of anybody
    Index("ix_conversations_speak_at", "speak_at", **only_where("speak_at IS NOT NULL")),
    Index("ix_conversations_quiet_at", "quiet_at", **only_where("quiet_at IS NOT NULL")),
    Index("ix_conversations_waiting", "waiting_since", **only_where("owner = 'queue'")),
    Index("ix_conversations_key", "account", "key", unique=True, **only_where("key IS NOT NULL")),
    Index("ix_conversations_owner_updated", "owner", "updated_at", "id"),
    Index("ix_conversations_updated", "updated_at", "id"),
    Index("ix_conversations_agent", "agent_id", "updated_at"),
    Index("ix_conversations_address", "address", **only_where("address IS NOT NULL")),
    Index("ix_conversations_team", "team", "updated_at", "id", **only_where("team IS NOT NULL")),
    Index("ix_conversations_channel", "channel", "updated_at", "id"),
)

messages = Table(
    "messages",
    metadata,
    Column("conversation_id", String(32), ForeignKey("conversations.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sender", String(8), nullable=False),
    Column("name", String(200)),
    Column("agent_id", String(32)),
    Column("text", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("case_id", String(32)),
    Column("arrival_id", String(32)),
    Column("external_id", String(1100)),  # Message-ID, client_id: the peer's or our own name for it
    Column("response", Text),
    Column("asks", Json),
    Column("choices", Json),
    Column("choice", String(200)),
    Column(
        "mail", Json
    ),  # what not every message has: subject, quoted, html digest, verdict, sent_at; unspoken, brought
    Column("edits", Json),  # earlier texts of an edited message
    Column("utterance", Json),  # what only speech has: start, end, confidence, label, sequence; superseded
    Column("delivered_at", UtcTime),  # of our words in a chat: when the customer's screen had them,
    Column("read_at", UtcTime),  # and when they were in view on a page in the foreground
    Column("wordless", Boolean),  # its text is ours: it stands in for the files that came without a word
    Index("ix_messages_external_id", "external_id"),
    Index("ix_messages_case_id", "case_id"),
    Index("ix_messages_arrival", "arrival_id", **only_where("arrival_id IS NOT NULL")),
    sqlite_with_rowid=False,
)

message_parts = Table(
    "message_parts",
    metadata,
    Column("conversation_id", String(32), ForeignKey("conversations.id"), primary_key=True),
    Column("external_id", String(320), primary_key=True),
    Column("message", Integer, nullable=False),
    Column("group_key", String(120), nullable=False),  # what the peer calls the whole: an album
    Column("text", Text, nullable=False),
    Column("unspoken", Text, nullable=False),
    Column("number", Integer, nullable=False),  # in order of commit
    Index("ix_message_parts_group", "conversation_id", "group_key", "number"),
)

calls = Table(
    "calls",
    metadata,
    Column("conversation_id", String(32), ForeignKey("conversations.id"), primary_key=True),
    Column("call", String(100), nullable=False),  # the telephone system's own name for it
    # who names it so: key:ID of an API key, or line:LINE for what comes by files
    Column("source", String(96), nullable=False, server_default=text("'line:main'")),
    Column("line", String(80), nullable=False),
    Column("state", String(8), nullable=False),  # live, ended
    Column("started_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("duration", Float),  # seconds
    Column("format", String(40)),
    Column("customer_number", String(20)),  # E.164; only as sure as caller id is
    Column("agent", String(200)),
    Column("why_speakers", Text, nullable=False, server_default=text("''")),
    Column("speakers", Json, nullable=False, server_default=text("'{}'")),  # whose a label is, as an agent has said
    Column("consent", String(8), nullable=False, server_default=text("'unknown'")),  # yes, no, unknown
    Column("consent_basis", String(12)),  # said, announced, agent
    Column("recording", String(64)),
    Column("recording_type", String(40)),
    Column("recording_size", BigInteger),
    Column(
        "erasing", Json
    ),  # digests of recordings that are no longer kept, and when each came: deleted after the commit
    Column("heard", Json),  # which words each fact was read from, when they were said, how sure the recogniser was
    Column("alarmed", Boolean, nullable=False, server_default=text("false")),
    Column("due_at", UtcTime),  # when its words are to be read; null: nothing new
    Column("silent_at", UtcTime),  # when a live call that says nothing more counts as ended
    Column("lease", String(32)),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    UniqueConstraint("source", "call"),
    Index("ix_calls_call", "call"),
    Index("ix_calls_due", "due_at", **only_where("due_at IS NOT NULL")),
    Index("ix_calls_silent", "silent_at", **only_where("silent_at IS NOT NULL")),
    Index("ix_calls_erasing", "conversation_id", **only_where("erasing IS NOT NULL")),
)

attachments = Table(
    "attachments",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", String(32), nullable=False),
    Column("message", Integer, nullable=False),
    Column("arrival_id", String(32)),  # cut from this original, at `part`
    Column("part", Text),  # null: a file of its own, kept under `digest`
    Column("digest", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", String(255), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("content_id", Text),
    Column("inline", Boolean, nullable=False, server_default=text("false")),
    Column("purpose", String(16)),  # of what was handed in: scan, mandate
    Column("sniffed_type", String(255)),  # what its content says it is; null until somebody has looked
    Column("notes", Json),  # what is odd about it: mismatch, double_extension, macros
    Column("scan", String(12)),  # clean, infected, unscanned (the scanner is away), failed; null: nobody scans here
    Column("signature", String(200)),  # what the scanner found, or why it failed
    Column("scanned_at", UtcTime),
    Column("preview", String(64)),  # digest of a small picture of our own making
    Column("excerpt", Text),  # the first lines of what can be read without opening it: a text, a mail, a PDF
    Column("examine_at", UtcTime),  # when it is to be looked at; set forward while leased; null once that is done
    Column("examine_lease", String(32)),
    Column("examine_tries", Integer, nullable=False, server_default=text("0")),
    Index("ix_attachments_message", "conversation_id", "message"),
    Index("ix_attachments_arrival", "arrival_id", **only_where("arrival_id IS NOT NULL")),
    Index("ix_attachments_examine", "examine_at", **only_where("examine_at IS NOT NULL")),
    Index("ix_attachments_infected", "id", **only_where("scan = 'infected'")),
)
