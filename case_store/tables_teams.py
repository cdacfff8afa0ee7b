"""The tables of teams and who belongs to them. Migrations know them by its metadata."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from case_store.tables import UtcTime, metadata

teams = Table(
    "teams",
    metadata,
    Column("name", String(32), primary_key=True),  # by which cases and conversations name it: never changed
    Column("title", String(60), nullable=False),
    Column("note", Text, nullable=False, server_default=text("''")),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

team_members = Table(
    "team_members",
    metadata,
    Column("team", String(32), ForeignKey("teams.name"), primary_key=True),
    Column("agent_id", String(32), ForeignKey("agents.id"), primary_key=True),
    Index("ix_team_members_agent", "agent_id"),
)
