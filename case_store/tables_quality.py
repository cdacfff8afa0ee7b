"""Tables of supervision: quality samples and their score sheets, surges of complaints, emergencies that a person has declared.

Not here: what is done with them (quality.py, surges.py, emergencies.py).
"""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from case_store.tables import Json, UtcTime, metadata, only_where

quality_samples = Table(  # a random choice among finished cases, with all that it takes to make it again
    "quality_samples",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("drawn_by", String(32), nullable=False),  # an agent's or a key's id
    Column("drawn_by_name", String(200), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("quarter", String(7), nullable=False),  # 2026-Q4, in the institution's zone: no case twice in one
    Column("chosen", Json, nullable=False),  # the period and the filters, and how many were asked for
    Column("seed", String(40), nullable=False),
    Column("pool", Text, nullable=False),  # ids of the cases that could be drawn, in order, with commas
    Column("pool_size", Integer, nullable=False),
    Column("left_out", Json, nullable=False),  # how many finished cases could not be drawn, by reason
    Index("ix_quality_samples_at", "at", "id"),
)

quality_sheets = Table(  # what was found of one drawn case
    "quality_sheets",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("sample_id", String(32), ForeignKey("quality_samples.id"), nullable=False),
    Column("place", Integer, nullable=False),  # in the order in which it was drawn
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False),
    Column("quarter", String(7), nullable=False),
    Column("handler", String(32), nullable=False),  # an agent's id
    Column("channel", String(16), nullable=False),
    Column("category", String(16), nullable=False),
    Column("measured", Json, nullable=False),  # from the record, when it was drawn
    Column("state", String(12), nullable=False),  # drawn, draft, handed_in
    Column("reviewer", String(32)),  # whoever has scored it
    Column("reviewer_name", String(200)),
    Column("grades", Json, nullable=False),  # by criterion: `grade`, `remark`
    Column("remark", Text, nullable=False, server_default=text("''")),
    Column("score", Float),  # of the edition that was handed in last, from 0 to 100
    Column("edition", Integer, nullable=False, server_default=text("0")),
    Column("handed_in_at", UtcTime),
    Column("seen_at", UtcTime),  # by its handler
    Column("statement", Text),  # of its handler, once
    Column("stated_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    UniqueConstraint("quarter", "case_id"),
    Index("ix_quality_sheets_sample", "sample_id", "place"),
    Index("ix_quality_sheets_handler", "handler", "handed_in_at"),
    Index("ix_quality_sheets_handed_in", "handed_in_at", "id"),
    Index("ix_quality_sheets_case", "case_id"),
)

quality_editions = Table(  # each sheet as it was handed in, with the criteria by which it was scored
    "quality_editions",
    metadata,
    Column("sheet_id", String(32), ForeignKey("quality_sheets.id"), primary_key=True),
    Column("edition", Integer, primary_key=True, autoincrement=False),
    Column("policy_version", String(60), nullable=False),
    Column("criteria", Json, nullable=False),
    Column("grades", Json, nullable=False),
    Column("remark", Text, nullable=False),
    Column("score", Float),
    Column("reason", Text),  # why it was handed in again
    Column("by", String(200), nullable=False),
    Column("at", UtcTime, nullable=False),
)

quality_measures = Table(  # what is to get better, by whom and by when
    "quality_measures",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("text", Text, nullable=False),
    Column("criterion", String(40)),  # which it is about, if one
    Column("who", String(200), nullable=False),
    Column("due_on", String(10), nullable=False),
    Column("added_by", String(200), nullable=False),
    Column("added_at", UtcTime, nullable=False),
    Column("done_by", String(200)),
    Column("done_at", UtcTime),
    Column("note", Text),
    Index("ix_quality_measures_added", "added_at", "id"),
)

surges = Table(  # more complaints than is usual, or many customers about one thing, from its beginning to its end
    "surges",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("key", String(200), nullable=False),  # kind, span, dimension and value: one that is open stands once
    Column("kind", String(12), nullable=False),  # surge, hot_spot
    Column("span", String(8), nullable=False),  # hour, day
    Column("dimension", String(12), nullable=False),  # all, channel, category, about, figure
    Column("value", String(160), nullable=False),
    Column("usual", Float),  # null: nothing is known of what is usual yet
    Column("threshold", Integer, nullable=False),
    Column("count", Integer, nullable=False),  # when it was last looked at
    Column("peak", Integer, nullable=False),
    Column("peak_at", UtcTime, nullable=False),
    Column("customers", Integer),  # of a hot spot: how many different ones, at the peak
    Column("examples", Json, nullable=False),  # ids of cases
    Column("policy_version", String(60), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("looked_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("acknowledged_by", String(200)),
    Column("acknowledged_at", UtcTime),
    Column("note", Text),
    Index("ix_surges_open", "key", unique=True, **only_where("ended_at IS NULL")),
    Index("ix_surges_started", "started_at", "id"),
)

emergencies = Table(  # declared and ended by a person
    "emergencies",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("scope", String(8), nullable=False),  # house, about, cases
    Column("about", String(160)),  # the branch or the product
    Column("cases", Json, nullable=False),  # reference numbers
    Column("reason", Text, nullable=False),
    Column("declared_by", String(200), nullable=False),
    Column("declared_at", UtcTime, nullable=False),
    Column("ended_by", String(200)),
    Column("ended_at", UtcTime),
    Column("end_note", Text),
    Index("ix_emergencies_declared", "declared_at", "id"),
    Index("ix_emergencies_lasting", "id", **only_where("ended_at IS NULL")),
)
