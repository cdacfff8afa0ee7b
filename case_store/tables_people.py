"""Agents, their sessions, and the keys of machines. What every table is made of stands in tables.py."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from case_store.tables import Json, UtcTime, metadata, only_where

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
    Index("ix_agent_sessions_taking", "takes_at", **only_where("takes_at IS NOT NULL")),
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
