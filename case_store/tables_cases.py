"""Cases: their record, numbers, contacts and conversations, and which tell one matter. What every table is made of stands in tables.py."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from case_store.tables import Json, Serial, UtcTime, metadata, only_where

OPEN_CASES = "reference IS NOT NULL AND status NOT IN ('draft', 'resolved', 'closed', 'withdrawn')"
"""Filed and not answered yet. As literal SQL, for neither database uses a partial index where the values come as parameters; and by what it is not,
for SQLite would rather look up each status among all cases than go through the few that are open."""

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
    Index("ix_cases_held", "updated_at", "id", **only_where("held_since IS NOT NULL")),
    Index("ix_cases_unindexed", "id", **only_where("unindexed")),
    Index("ix_cases_untraced", "id", **only_where("untraced AND reference IS NOT NULL")),
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
    Index("ix_cases_merged", "merged_into", **only_where("merged_into IS NOT NULL")),
    # what is open is little beside what is closed: the lists that agents work from are counted again with every change
    *(
        Index(f"ix_cases_open_{name}", *columns, **only_where(OPEN_CASES))
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
    Index("ix_case_duplicates_suggested", "case_id", "other_id", **only_where("state = 'suggested'")),
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

reference_numbers = Table(
    "reference_numbers",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=True),
    Column("case_id", String(32), nullable=False),
    sqlite_autoincrement=True,  # a number is never given twice, even if its row is gone
)
