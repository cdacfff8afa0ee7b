"""The schema of who has read what: a chain of readings for each day, and where each reading is found by the case or conversation that was read."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, text

from case_store.tables import metadata

reading_days = Table(  # a day in UTC and the head of its chain
    "reading_days",
    metadata,
    Column("id", String(8), primary_key=True),  # 20261128
    Column("audit_number", Integer, nullable=False, server_default=text("0")),
    Column("audit_hash", String(64)),
)

readings = Table(  # which events of those chains tell of a subject
    "readings",
    metadata,
    Column("subject", String(48), primary_key=True),  # case:ID, conversation:ID
    Column("day", String(8), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Index("ix_readings_day", "day", "number"),  # whoever verifies asks by the chain
    sqlite_with_rowid=False,
)
