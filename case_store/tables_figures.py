"""What figures are counted from: the steps of each case, and indexes by time.

Not here: what is counted (figures.py, floor.py), how a step is written (steps.py).
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from case_store.tables import UtcTime, metadata, only_where
from case_store.tables_cases import cases
from case_store.tables_conversations import conversations, messages
from case_store.tables_house import audit_events

case_steps = (
    Table(  # when each filed case was registered, ended, withdrawn, opened again: what the status alone forgets
        "case_steps",
        metadata,
        Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),  # of the entry in the case's chain
        Column("at", UtcTime, nullable=False),
        Column("step", String(12), nullable=False),  # steps.Step
        Column("status", String(24), nullable=False),  # from then on
        Column("assignee", String(32)),  # who was responsible then
        Index("ix_case_steps_at", "at", "step"),
        sqlite_with_rowid=False,
    )
)

TAKEN = "action IN ('took_over', 'assigned', 'given_by_turn')"
"""As literal SQL, for neither database uses a partial index where the values come as parameters."""
BY_AGENTS = "sender = 'agent'"
FILED = "reference IS NOT NULL"

Index("ix_audit_events_taken", audit_events.c.at, **only_where(TAKEN))
Index("ix_messages_by_agents", messages.c.at, **only_where(BY_AGENTS))
Index("ix_cases_received", cases.c.received_at)
Index("ix_cases_registered", cases.c.registered_at, **only_where(FILED))
Index("ix_conversations_urgent", conversations.c.id, **only_where("urgent"))
