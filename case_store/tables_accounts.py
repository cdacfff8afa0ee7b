"""The schema of what accounts need beside a password; read and written by second_factors.py alone.

Not here: accounts, sessions and keys themselves (tables_people.py).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, String, Table, Text

from case_store.tables import UtcTime, metadata

second_factors = Table(  # a row without a secret tells that somebody has reset it
    "second_factors",
    metadata,
    Column("agent_id", String(32), ForeignKey("agents.id"), primary_key=True),
    Column("secret", Text),  # sealed: who reads the database can make no codes
    Column("waiting", Text),  # a new one, sealed, until a code has confirmed it
    Column("confirmed_at", UtcTime),
    Column("last_step", BigInteger),  # of the last code that counted: neither it nor an older one counts again
    Column("reset_at", UtcTime),
    Column("reset_by", String(80)),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("agent_id", String(32), ForeignKey("agents.id"), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("used_at", UtcTime),
)
