"""The table of what the house decides and words for itself, version by version."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text, UniqueConstraint

from case_store.tables import UtcTime, metadata

house_documents = Table(  # content is never changed: what is decided about a version is set once, beside it
    "house_documents",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),  # policy, calendar, template
    Column("name", String(40), nullable=False),  # of a template its occasion, else the kind
    Column("number", Integer, nullable=False),
    Column("label", String(80), nullable=False),  # by which judgements and dates name it
    Column("origin", String(12), nullable=False),  # console; file: seen there; follow: the file decides again
    Column("content", Text, nullable=False),
    Column("digest", String(64), nullable=False),  # of the content
    Column("based_on", Integer),  # the number that it was written over
    Column("file_digest", String(64)),  # of the file that stood beside it then
    Column("why", Text, nullable=False),
    Column("author", String(80), nullable=False),
    Column("author_id", String(32), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("effective_from", UtcTime, nullable=False),
    Column("verdict", String(12)),  # approved, withdrawn; null while somebody else has to look at it
    Column("decided_by", String(80)),
    Column("decided_at", UtcTime),
    UniqueConstraint("kind", "name", "number"),
    UniqueConstraint("label"),
    Index("ix_house_documents_effective", "verdict", "effective_from"),
)
