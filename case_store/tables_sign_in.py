"""The tables of signing in by the institution's own sign-in service: whose account is whose there, and what may be used only once.

Not here: accounts and sessions themselves (tables_people.py).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from case_store.tables import UtcTime, metadata

LONGEST_SUBJECT: Final = 255  # OpenID Connect Core, 2: a `sub` is no longer

agent_subjects = Table(  # an agent's account at the sign-in service, known by what never changes there
    "agent_subjects",
    metadata,
    Column("agent_id", String(32), ForeignKey("agents.id"), primary_key=True),
    Column("issuer", String(500), nullable=False),
    Column("subject", String(LONGEST_SUBJECT), nullable=False),
    Column("linked_at", UtcTime, nullable=False),
    Index("ix_agent_subjects_subject", "issuer", "subject", unique=True),
)

provider_sessions = Table(  # of a session that was opened by the sign-in service: what ends it from there, and there
    "provider_sessions",
    metadata,
    Column("digest", String(64), ForeignKey("agent_sessions.digest", ondelete="CASCADE"), primary_key=True),
    Column("issuer", String(500), nullable=False),
    Column("subject", String(LONGEST_SUBJECT), nullable=False),
    Column("sid", String(255)),
    Column("hint", Text, nullable=False),  # its ID token, sealed
    Index("ix_provider_sessions_subject", "issuer", "subject"),
)

spent_words = Table(  # the state of a sign-in, the id of a logout token: once used, never again
    "spent_words",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("until", UtcTime, nullable=False),
    Index("ix_spent_words_until", "until"),
)
