"""The first schema.

Revision ID: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None

UtcTime = sa.DateTime(timezone=True)
Json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "agents",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("username", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("post", sa.String(length=200), server_default=sa.text("''"), nullable=False),
        sa.Column("contact", sa.String(length=320), server_default=sa.text("''"), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_agents"),
        sa.UniqueConstraint("username", name="uq_agents_username"),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("scopes", Json, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("revoked_at", UtcTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
    )
    op.create_table(
        "arrivals",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("account", sa.String(length=320), nullable=False),
        sa.Column("external_id", sa.String(length=1100), nullable=False),
        sa.Column("received_at", UtcTime, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("transport", Json, nullable=False),
        sa.Column("fetched", Json, nullable=True),
        sa.Column("mark", sa.String(length=40), nullable=True),
        sa.Column("became", Json, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("due_at", UtcTime, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_arrivals"),
        sa.UniqueConstraint("account", "external_id", name="uq_arrivals_account_external_id"),
    )
    op.create_index(
        "ix_arrivals_due",
        "arrivals",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
        sqlite_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_arrivals_parked",
        "arrivals",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("state = 'parked'"),
        sqlite_where=sa.text("state = 'parked'"),
    )
    op.create_table(
        "attachments",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("message", sa.Integer(), nullable=False),
        sa.Column("arrival_id", sa.String(length=32), nullable=True),
        sa.Column("part", sa.String(length=80), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content_id", sa.Text(), nullable=True),
        sa.Column("inline", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
    )
    op.create_index("ix_attachments_message", "attachments", ["conversation_id", "message"], unique=False)
    op.create_table(
        "audit_checkpoints",
        sa.Column("number", Serial, autoincrement=True, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_checkpoints"),
    )
    op.create_table(
        "audit_events",
        sa.Column("chain", sa.String(length=50), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("detail", Json, nullable=True),
        sa.Column("salt", sa.String(length=32), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("chain", "number", name="pk_audit_events"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_audit_events_at", "audit_events", ["at"], unique=False)
    op.create_table(
        "cases",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("incomplete", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("risk", sa.String(length=16), nullable=False),
        sa.Column("disposition", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("account", sa.String(length=320), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("words", Json, nullable=False),
        sa.Column("evidence", Json, nullable=False),
        sa.Column("declined", Json, nullable=False),
        sa.Column("judgement", Json, nullable=True),
        sa.Column("corrected", Json, nullable=False),
        sa.Column("customer", sa.String(length=200), nullable=True),
        sa.Column("received_at", UtcTime, nullable=False),
        sa.Column("entered_at", UtcTime, nullable=True),
        sa.Column("registered_at", UtcTime, nullable=True),
        sa.Column("feedback_due", sa.String(length=10), nullable=True),
        sa.Column("feedback_due_at", UtcTime, nullable=True),
        sa.Column("due_policy", sa.String(length=40), nullable=True),
        sa.Column("calendar_gap", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("next_steps", sa.Text(), nullable=True),
        sa.Column("assignee", sa.String(length=32), nullable=True),
        sa.Column("possible_duplicate_of", sa.String(length=40), nullable=True),
        sa.Column("unindexed", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("updated_at", UtcTime, nullable=False),
        sa.Column("audit_number", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("audit_hash", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("reference", name="uq_cases_reference"),
    )
    op.create_index("ix_cases_assignee", "cases", ["assignee", "updated_at", "id"], unique=False)
    op.create_index("ix_cases_category", "cases", ["category", "updated_at", "id"], unique=False)
    op.create_index("ix_cases_due", "cases", ["feedback_due_at"], unique=False)
    op.create_index("ix_cases_risk", "cases", ["risk", "updated_at", "id"], unique=False)
    op.create_index("ix_cases_status", "cases", ["status", "updated_at", "id"], unique=False)
    op.create_index(
        "ix_cases_unindexed",
        "cases",
        ["id"],
        unique=False,
        postgresql_where=sa.text("unindexed"),
        sqlite_where=sa.text("unindexed"),
    )
    op.create_index("ix_cases_updated", "cases", ["updated_at", "id"], unique=False)
    op.create_table(
        "channel_events",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("arrival_id", sa.String(length=32), nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.Column("case_id", sa.String(length=32), nullable=True),
        sa.Column("detail", Json, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_channel_events"),
    )
    op.create_index("ix_channel_events_at", "channel_events", ["at"], unique=False)
    op.create_index("ix_channel_events_case", "channel_events", ["case_id"], unique=False)
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("account", sa.String(length=320), nullable=False),
        sa.Column("owner", sa.String(length=8), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=True),
        sa.Column("epoch", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("customer", sa.String(length=200), nullable=True),
        sa.Column("address", sa.String(length=320), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("state", Json, nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=True),
        sa.Column("last_message", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("answered_message", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("seen_message", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("speak_at", UtcTime, nullable=True),
        sa.Column("speak_at_latest", UtcTime, nullable=True),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("stumbles", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("waiting_since", UtcTime, nullable=True),
        sa.Column("waiting_reason", sa.String(length=32), nullable=True),
        sa.Column("urgent", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("announced_at", UtcTime, nullable=True),
        sa.Column("quiet_at", UtcTime, nullable=True),
        sa.Column("notice_version", sa.String(length=40), nullable=True),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("updated_at", UtcTime, nullable=False),
        sa.Column("audit_number", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("audit_hash", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
    )
    op.create_index("ix_conversations_agent", "conversations", ["agent_id", "updated_at"], unique=False)
    op.create_index("ix_conversations_owner_updated", "conversations", ["owner", "updated_at", "id"], unique=False)
    op.create_index(
        "ix_conversations_quiet_at",
        "conversations",
        ["quiet_at"],
        unique=False,
        postgresql_where=sa.text("quiet_at IS NOT NULL"),
        sqlite_where=sa.text("quiet_at IS NOT NULL"),
    )
    op.create_index(
        "ix_conversations_speak_at",
        "conversations",
        ["speak_at"],
        unique=False,
        postgresql_where=sa.text("speak_at IS NOT NULL"),
        sqlite_where=sa.text("speak_at IS NOT NULL"),
    )
    op.create_index("ix_conversations_updated", "conversations", ["updated_at", "id"], unique=False)
    op.create_index(
        "ix_conversations_waiting",
        "conversations",
        ["waiting_since"],
        unique=False,
        postgresql_where=sa.text("owner = 'queue'"),
        sqlite_where=sa.text("owner = 'queue'"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("occasion", sa.String(length=120), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("account", sa.String(length=320), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.Column("message", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.String(length=32), nullable=True),
        sa.Column("sender", sa.String(length=8), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=True),
        sa.Column("payload", Json, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("due_at", UtcTime, nullable=True),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("first_attempt_at", UtcTime, nullable=True),
        sa.Column("sent_at", UtcTime, nullable=True),
        sa.Column("external_id", sa.String(length=1100), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("occasion", name="uq_deliveries_occasion"),
    )
    op.create_index("ix_deliveries_address", "deliveries", ["address", "created_at"], unique=False)
    op.create_index("ix_deliveries_case", "deliveries", ["case_id"], unique=False)
    op.create_index("ix_deliveries_conversation", "deliveries", ["conversation_id", "message"], unique=False)
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
        sqlite_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_deliveries_external_id", "deliveries", ["external_id"], unique=False)
    op.create_table(
        "duties",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("until", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_duties"),
    )
    op.create_table(
        "files",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_files"),
    )
    op.create_table(
        "house",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_house"),
    )
    op.create_table(
        "idempotency",
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_at", "idempotency", ["at"], unique=False)
    op.create_table(
        "reference_numbers",
        sa.Column("number", Serial, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_reference_numbers"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tasks",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("occasion", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=True),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("done_at", UtcTime, nullable=True),
        sa.Column("done_by", sa.String(length=32), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
        sa.UniqueConstraint("occasion", name="uq_tasks_occasion"),
    )
    op.create_index("ix_tasks_case", "tasks", ["case_id"], unique=False)
    op.create_index(
        "ix_tasks_open",
        "tasks",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
        sqlite_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "timers",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("due_at", UtcTime, nullable=True),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("payload", Json, nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_timers"),
    )
    op.create_index(
        "ix_timers_due",
        "timers",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
        sqlite_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_timers_subject", "timers", ["subject"], unique=False)
    op.create_table(
        "agent_sessions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=32), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("seen_at", UtcTime, nullable=False),
        sa.Column("expires_at", UtcTime, nullable=False),
        sa.Column("client", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_agent_sessions_agent_id_agents"),
        sa.PrimaryKeyConstraint("digest", name="pk_agent_sessions"),
    )
    op.create_index("ix_agent_sessions_agent", "agent_sessions", ["agent_id"], unique=False)
    op.create_table(
        "case_contacts",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("proof", sa.String(length=24), nullable=True),
        sa.Column("bounced_at", UtcTime, nullable=True),
        sa.Column("at", UtcTime, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_contacts_case_id_cases"),
        sa.PrimaryKeyConstraint("case_id", "address", name="pk_case_contacts"),
    )
    op.create_index("ix_case_contacts_address", "case_contacts", ["address"], unique=False)
    op.create_table(
        "case_conversations",
        sa.Column("case_id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("linked_by", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_conversations_case_id_cases"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_case_conversations_conversation_id_conversations"
        ),
        sa.PrimaryKeyConstraint("case_id", "conversation_id", name="pk_case_conversations"),
    )
    op.create_index("ix_case_conversations_conversation", "case_conversations", ["conversation_id"], unique=False)
    op.create_table(
        "messages",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sender", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("agent_id", sa.String(length=32), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("case_id", sa.String(length=32), nullable=True),
        sa.Column("arrival_id", sa.String(length=32), nullable=True),
        sa.Column("external_id", sa.String(length=1100), nullable=True),
        sa.Column("response", sa.String(length=80), nullable=True),
        sa.Column("asks", Json, nullable=True),
        sa.Column("choices", Json, nullable=True),
        sa.Column("choice", sa.String(length=200), nullable=True),
        sa.Column("mail", Json, nullable=True),
        sa.Column("edits", Json, nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_messages_conversation_id_conversations"
        ),
        sa.PrimaryKeyConstraint("conversation_id", "number", name="pk_messages"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_messages_case_id", "messages", ["case_id"], unique=False)
    op.create_index("ix_messages_external_id", "messages", ["external_id"], unique=False)
    _create_search()


def _create_search() -> None:
    """What search.py finds cases by; the two databases differ here."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE case_search_position")
        op.execute(
            "CREATE TABLE case_search ("
            "case_id varchar(32) PRIMARY KEY REFERENCES cases (id), "
            "position bigint NOT NULL UNIQUE, "
            "words tsvector NOT NULL)"
        )
        op.execute("CREATE INDEX ix_case_search_words ON case_search USING gin (words)")
        return
    op.execute(
        "CREATE TABLE case_search ("
        "case_id varchar(32) PRIMARY KEY REFERENCES cases (id), "
        "position integer NOT NULL UNIQUE) WITHOUT ROWID"
    )
    op.execute("CREATE VIRTUAL TABLE case_search_words USING fts5(words, tokenize = 'ascii', detail = none)")
