"""The schema: every table of the house, for SQLite and PostgreSQL alike.

Times are UTC. JSON columns hold plain data written by `records`. Rows are written with Core statements; there is no ORM.
Not here: how it came about (migrations/), search (search.py makes its own tables, since the two databases differ there).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
    types,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(types.TypeDecorator[datetime]):
    """A point in time. SQLite keeps no zone, so UTC is put back on reading; a time without zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time needs its zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json: types.TypeEngine[Any] = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Serial = BigInteger().with_variant(Integer, "sqlite")

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
    Index(
        "ix_arrivals_due",
        "due_at",
        postgresql_where=text("due_at IS NOT NULL"),
        sqlite_where=text("due_at IS NOT NULL"),
    ),
    Index(
        "ix_arrivals_lane",
        "lane",
        "id",
        postgresql_where=text("lane IS NOT NULL AND due_at IS NOT NULL"),
        sqlite_where=text("lane IS NOT NULL AND due_at IS NOT NULL"),
    ),
    Index(
        "ix_arrivals_parked",
        "received_at",
        postgresql_where=text("state = 'parked'"),
        sqlite_where=text("state = 'parked'"),
    ),
)

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
    Index(
        "ix_conversations_speak_at",
        "speak_at",
        postgresql_where=text("speak_at IS NOT NULL"),
        sqlite_where=text("speak_at IS NOT NULL"),
    ),
    Index(
        "ix_conversations_quiet_at",
        "quiet_at",
        postgresql_where=text("quiet_at IS NOT NULL"),
        sqlite_where=text("quiet_at IS NOT NULL"),
    ),
    Index(
        "ix_conversations_waiting",
        "waiting_since",
        postgresql_where=text("owner = 'queue'"),
        sqlite_where=text("owner = 'queue'"),
    ),
    Index(
        "ix_conversations_key",
        "account",
        "key",
        unique=True,
        postgresql_where=text("key IS NOT NULL"),
        sqlite_where=text("key IS NOT NULL"),
    ),
    Index("ix_conversations_owner_updated", "owner", "updated_at", "id"),
    Index("ix_conversations_updated", "updated_at", "id"),
    Index("ix_conversations_agent", "agent_id", "updated_at"),
    Index(
        "ix_conversations_address",
        "address",
        postgresql_where=text("address IS NOT NULL"),
        sqlite_where=text("address IS NOT NULL"),
    ),
    Index(
        "ix_conversations_team",
        "team",
        "updated_at",
        "id",
        postgresql_where=text("team IS NOT NULL"),
        sqlite_where=text("team IS NOT NULL"),
    ),
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
    Index(
        "ix_messages_arrival",
        "arrival_id",
        postgresql_where=text("arrival_id IS NOT NULL"),
        sqlite_where=text("arrival_id IS NOT NULL"),
    ),
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
    Index(
        "ix_calls_due", "due_at", postgresql_where=text("due_at IS NOT NULL"), sqlite_where=text("due_at IS NOT NULL")
    ),
    Index(
        "ix_calls_silent",
        "silent_at",
        postgresql_where=text("silent_at IS NOT NULL"),
        sqlite_where=text("silent_at IS NOT NULL"),
    ),
    Index(
        "ix_calls_erasing",
        "conversation_id",
        postgresql_where=text("erasing IS NOT NULL"),
        sqlite_where=text("erasing IS NOT NULL"),
    ),
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
    Index(
        "ix_attachments_arrival",
        "arrival_id",
        postgresql_where=text("arrival_id IS NOT NULL"),
        sqlite_where=text("arrival_id IS NOT NULL"),
    ),
    Index(
        "ix_attachments_examine",
        "examine_at",
        postgresql_where=text("examine_at IS NOT NULL"),
        sqlite_where=text("examine_at IS NOT NULL"),
    ),
    Index(
        "ix_attachments_infected",
        "id",
        postgresql_where=text("scan = 'infected'"),
        sqlite_where=text("scan = 'infected'"),
    ),
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

OPEN_CASES = "reference IS NOT NULL AND status IN ('filed', 'in_progress', 'waiting_for_customer')"
"""Filed and not answered yet. As literal SQL, for neither database uses a partial index where the values come as parameters."""

LISTED = ("status", "category", "risk", "channel", "language", "assignee", "team")
"""What lists of cases are chosen by."""

cases = Table(
    "cases",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("reference", String(40), unique=True),
    Column("status", String(24), nullable=False),
    Column("outcome", String(16)),
    Column("incomplete", Boolean, nullable=False, server_default=text("false")),
    Column("category", String(16), nullable=False),
    Column("risk", String(16), nullable=False),
    Column("disposition", String(16), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("account", String(320), nullable=False),
    Column("language", String(8), nullable=False),
    Column("facts", Json, nullable=False),
    Column("words", Json, nullable=False),
    Column("evidence", Json, nullable=False),
    Column("declined", Json, nullable=False),
    Column("judgement", Json),
    Column("corrected", Json, nullable=False),  # fields an agent has set: the dialogue leaves them alone
    Column("customer", String(200)),
    Column("received_at", UtcTime, nullable=False),
    Column("entered_at", UtcTime),  # when a letter or a counter complaint was typed in
    Column("registered_at", UtcTime),
    Column("feedback_due", String(10)),  # a day in the institution's zone
    Column("feedback_due_at", UtcTime),  # the end of that day
    Column("due_policy", String(40)),
    Column("calendar_gap", Boolean, nullable=False, server_default=text("false")),
    Column("basis", Text),  # law, policy or house rule the result rests on
    Column("next_steps", Text),
    Column("assignee", String(32)),
    Column("team", String(32)),  # whose complaint it is, beside or before it is a person's
    Column("possible_duplicate_of", String(40)),
    Column("merged_into", String(40)),  # the reference number under which it is dealt with now
    Column(
        "merged_from", Json, nullable=False, server_default=text("'[]'")
    ),  # what was merged into it: numbers, or ids
    Column("mandate", String(8)),  # of the proxy who speaks for the complainant: missing, here, ended; null: no proxy
    Column("unindexed", Boolean, nullable=False, server_default=text("true")),  # search.index_waiting has work here
    Column("untraced", Boolean, nullable=False, server_default=text("true")),  # duplicates.trace_waiting, once filed
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("audit_number", Integer, nullable=False, server_default=text("0")),
    Column("audit_hash", String(64)),
    Column("held_since", UtcTime),  # a legal hold stands (holds.py): nothing of it may be erased
    Column("erased_at", UtcTime),  # since then only what proves it is kept
    Index(
        "ix_cases_held",
        "updated_at",
        "id",
        postgresql_where=text("held_since IS NOT NULL"),
        sqlite_where=text("held_since IS NOT NULL"),
    ),
    Index("ix_cases_unindexed", "id", postgresql_where=text("unindexed"), sqlite_where=text("unindexed")),
    Index(
        "ix_cases_untraced",
        "id",
        postgresql_where=text("untraced AND reference IS NOT NULL"),
        sqlite_where=text("untraced AND reference IS NOT NULL"),
    ),
    # each order of a list with all that may be asked for beside it: what has no match is told by the index, row by row not looked at
    Index("ix_cases_updated", "updated_at", "id", *LISTED),
    Index("ix_cases_status", "status", "updated_at", "id"),
    Index("ix_cases_risk", "risk", "updated_at", "id"),
    Index("ix_cases_category", "category", "updated_at", "id"),
    Index("ix_cases_assignee", "assignee", "updated_at", "id"),
    Index("ix_cases_channel", "channel", "updated_at", "id"),
    Index("ix_cases_language", "language", "updated_at", "id"),
    Index("ix_cases_due", "feedback_due_at"),
    Index("ix_cases_created", "created_at", "id", *LISTED),
    Index(
        "ix_cases_merged",
        "merged_into",
        postgresql_where=text("merged_into IS NOT NULL"),
        sqlite_where=text("merged_into IS NOT NULL"),
    ),
    # what is open is little beside what is closed: the lists that agents work from are counted again with every change
    *(
        Index(f"ix_cases_open_{name}", *columns, postgresql_where=text(OPEN_CASES), sqlite_where=text(OPEN_CASES))
        for name, columns in (
            ("due", ("feedback_due_at", "id")),
            ("assignee", ("assignee", "feedback_due_at", "id")),
            ("risk", ("risk", "feedback_due_at", "id")),
            ("team", ("team", "feedback_due_at", "id")),
        )
    ),
    Index("ix_cases_team", "team", "updated_at", "id"),
)

case_traits = Table(  # what a filed case is found by when another may tell the same matter
    "case_traits",
    metadata,
    Column("trait", String(80), primary_key=True),
    Column("at", UtcTime, primary_key=True),
    Column("case_id", String(32), primary_key=True),
    Index("ix_case_traits_case", "case_id"),
)

case_duplicates = Table(  # a pair of cases, its ids in order: suggested, or decided about by a person
    "case_duplicates",
    metadata,
    Column("case_id", String(32), primary_key=True),
    Column("other_id", String(32), primary_key=True),
    Column("state", String(12), nullable=False),  # suggested, same, different
    Column("suggested_at", UtcTime),  # null: a person has named it
    Column("decided_by", String(200)),
    Column("decided_at", UtcTime),
    Column("reason", Text),
    Index("ix_case_duplicates_other", "other_id"),
    Index(
        "ix_case_duplicates_suggested",
        "case_id",
        "other_id",
        postgresql_where=text("state = 'suggested'"),
        sqlite_where=text("state = 'suggested'"),
    ),
)

case_merges = Table(  # an agent's word that one case is dealt with under another, and what undoes it
    "case_merges",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False),
    Column("into_id", String(32), ForeignKey("cases.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("merged_by", String(80), nullable=False),
    Column("merged_at", UtcTime, nullable=False),
    Column("before", Json, nullable=False),  # what stood then and what was moved
    Column("undone_by", String(80)),
    Column("undone_at", UtcTime),
    Column("undone_reason", Text),
    Index("ix_case_merges_case", "case_id", "merged_at"),
    Index("ix_case_merges_into", "into_id", "merged_at"),
)

case_conversations = Table(
    "case_conversations",
    metadata,
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("conversation_id", String(32), ForeignKey("conversations.id"), primary_key=True),
    Column("linked_by", String(80), nullable=False),
    Column("reason", String(80), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("withheld_at", UtcTime),  # since then nothing of the case is told here, until an agent says whose it is
    Index("ix_case_conversations_conversation", "conversation_id"),
)

case_contacts = Table(
    "case_contacts",
    metadata,
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("address", String(320), primary_key=True),
    Column("kind", String(8), nullable=False),  # email, phone, telegram
    Column("proof", String(24)),  # wrote_from, confirmed, agent, mandate; null: only typed
    Column("bounced_at", UtcTime),
    Column("at", UtcTime, nullable=False),
    Index("ix_case_contacts_address", "address"),
)

case_papers = Table(  # what is known of a case that was handed in: one row a case, if any
    "case_papers",
    metadata,
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("taken_by", String(200)),  # name and post of whoever took it, as they were then
    Column("taken_post", String(200)),
    Column("handed_in_by", String(200)),
    Column("postal_address", Text),  # the complainant's
    Column("members", Integer),  # of a group of complainants
)

case_parties = Table(
    "case_parties",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False),
    Column("role", String(16), nullable=False),  # proxy, representative
    Column("name", String(200), nullable=False),
    Column("relation", String(200)),  # of a proxy to the complainant
    Column("contact", String(320)),
    Column("postal_address", Text),
    Column("valid_until", String(10)),  # last day of a proxy's mandate, in the institution's zone
    Column("added_at", UtcTime, nullable=False),
    Column("added_by", String(80), nullable=False),
    Column("ended_at", UtcTime),
    Index("ix_case_parties_case", "case_id"),
)

offers = Table(
    "offers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False),
    Column("round", Integer, nullable=False),  # of the case's negotiation, from 1
    Column("state", String(12), nullable=False),  # open, agreed, declined, withdrawn, expired, replaced
    Column("options", Json, nullable=False),  # each with `title`, `meaning`, `days`: working days to perform it
    Column("solution", String(60)),  # of the policy, if the options come from there
    Column("by_bot", Boolean, nullable=False),  # the bot answers questions about it and takes the answer
    Column("offered_by", String(80), nullable=False),
    Column("offered_at", UtcTime, nullable=False),
    Column(
        "expires_on", String(10), nullable=False
    ),  # the last day on which it can be taken, in the institution's zone
    Column("chosen", Integer),  # number of the option that the customer wants and has not confirmed yet
    Column("closed_at", UtcTime),
    UniqueConstraint("case_id", "round"),
)

offer_answers = Table(
    "offer_answers",
    metadata,
    Column("offer_id", String(32), ForeignKey("offers.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("kind", String(12), nullable=False),  # choice, confirmation, change, counter, question, declined
    Column("option", Integer),
    Column("words", Text, nullable=False),  # the customer's own
    Column("conversation_id", String(32)),
    Column("message", Integer),
    Column("way", String(16)),  # by which it came
    Column("recorded_by", String(80), nullable=False),
    Column("at", UtcTime, nullable=False),
)

settlements = Table(
    "settlements",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False),
    Column("offer_id", String(32), ForeignKey("offers.id"), nullable=False, unique=True),
    Column("option", Json, nullable=False),  # as it stood when it was agreed
    Column("option_number", Integer, nullable=False),
    Column("parties", Json, nullable=False),  # `house` by language, `name`, `contact`, `proxy`
    Column("facts", Json, nullable=False),  # of the complaint, as they stood then
    Column("language", String(8), nullable=False),
    Column("due_on", String(10), nullable=False),  # the last day for performing it, in the institution's zone
    Column("due_at", UtcTime, nullable=False),
    Column("calendar_gap", Boolean, nullable=False),  # reckoned in a year whose working days are not published
    Column("policy_version", String(60), nullable=False),
    Column("confirmed_at", UtcTime, nullable=False),
    Column("words", Text, nullable=False),  # with which the customer confirmed it
    Column("conversation_id", String(32)),
    Column("message", Integer),
    Column("way", String(16), nullable=False),
    Column("recorded_by", String(80), nullable=False),
    Column("performed_on", String(10)),
    Column("performed_at", UtcTime),  # when that was recorded
    Column("performed_by", String(80)),
    Column("note", Text),
    Column("overdue_at", UtcTime),  # when it was first found overdue
    Index("ix_settlements_case", "case_id"),
)

case_withdrawals = Table(
    "case_withdrawals",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False),
    Column("received_on", String(10), nullable=False),  # the day the procedure ends, in the institution's zone
    Column("way", String(16), nullable=False),
    Column("who", String(200)),
    Column("note", Text),
    Column("recorded_by", String(80), nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Index("ix_case_withdrawals_case", "case_id"),
)

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
    Index(
        "ix_deliveries_due",
        "due_at",
        postgresql_where=text("due_at IS NOT NULL"),
        sqlite_where=text("due_at IS NOT NULL"),
    ),
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
    Index(
        "ix_timers_due", "due_at", postgresql_where=text("due_at IS NOT NULL"), sqlite_where=text("due_at IS NOT NULL")
    ),
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
    Index(
        "ix_tasks_open", "created_at", postgresql_where=text("done_at IS NULL"), sqlite_where=text("done_at IS NULL")
    ),
    Index("ix_tasks_case", "case_id"),
    Index(
        "ix_tasks_conversation",
        "conversation_id",
        postgresql_where=text("conversation_id IS NOT NULL"),
        sqlite_where=text("conversation_id IS NOT NULL"),
    ),
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
    Index(
        "ix_channel_events_conversation",
        "conversation_id",
        postgresql_where=text("conversation_id IS NOT NULL"),
        sqlite_where=text("conversation_id IS NOT NULL"),
    ),
    Index(
        "ix_channel_events_arrival",
        "arrival_id",
        postgresql_where=text("arrival_id IS NOT NULL"),
        sqlite_where=text("arrival_id IS NOT NULL"),
    ),
)

reference_numbers = Table(
    "reference_numbers",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=True),
    Column("case_id", String(32), nullable=False),
    sqlite_autoincrement=True,  # a number is never given twice, even if its row is gone
)

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

agents = Table(
    "agents",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("username", String(80), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("post", String(200), nullable=False, server_default=text("''")),
    Column("contact", String(320), nullable=False, server_default=text("''")),
    Column("role", String(16), nullable=False),
    Column("language", String(8)),
    Column("password_hash", Text, nullable=False),
    Column(
        "own_since", UtcTime
    ),  # nobody but its agent has had a hand in its password, role or second factor; null: long ago
    Column("must_change", Boolean, nullable=False, server_default=text("false")),  # somebody else knows the password
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("languages", Json),  # they answer in; none: in all
    Column("skills", Json),  # words by which the policy names what a conversation needs
    Column("most", Integer),  # conversations at once; null: as the policy says
    Column("given_at", UtcTime),  # when a conversation was last given to them by turn
    Column("created_at", UtcTime, nullable=False),
)

agent_sessions = Table(
    "agent_sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("agent_id", String(32), ForeignKey("agents.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("client", Text),
    Column("network", String(64)),  # from where it was opened: an address, or the /64 of one
    Column("how", String(16), nullable=False, server_default=text("'password'")),  # what let its agent in
    Column(
        "takes_at", UtcTime
    ),  # when this browser was last seen while its agent takes conversations; null: they don't
    Index("ix_agent_sessions_agent", "agent_id"),
    Index(
        "ix_agent_sessions_taking",
        "takes_at",
        postgresql_where=text("takes_at IS NOT NULL"),
        sqlite_where=text("takes_at IS NOT NULL"),
    ),
)

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
    Index(
        "ix_givings_due", "due_at", postgresql_where=text("due_at IS NOT NULL"), sqlite_where=text("due_at IS NOT NULL")
    ),
    Index(
        "ix_givings_returned",
        "returned_at",
        postgresql_where=text("returned_at IS NOT NULL"),
        sqlite_where=text("returned_at IS NOT NULL"),
    ),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("scopes", Json, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("used_at", UtcTime),  # to the minute
    Column("revoked_at", UtcTime),
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
    Index("ix_saved_views_shared", "id", postgresql_where=text("shared"), sqlite_where=text("shared")),
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

files = Table(
    "files",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("at", UtcTime, nullable=False),
)
