"""The tables of what is kept on purpose and what is erased: legal holds, every erasure, and orders to erase what is held on a person.

Not here: what an erasure takes away (erasing.py), what is due (retention.py), whose data it is (persons.py).
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from case_store.tables import Json, UtcTime, metadata, only_where

case_holds = Table(  # a case that must be kept as it is: neither its time nor anybody's wish erases it
    "case_holds",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("placed_by", String(200), nullable=False),
    Column("placed_at", UtcTime, nullable=False),
    Column("lifted_by", String(200)),
    Column("lifted_at", UtcTime),
    Column("lifted_reason", Text),
    Index("ix_case_holds_standing", "case_id", unique=True, **only_where("lifted_at IS NULL")),
    Index("ix_case_holds_case", "case_id", "placed_at"),
)

erasures = (
    Table(  # what was erased, by which rule: ids and counts, no word of anybody; carried out again on a restored backup
        "erasures",
        metadata,
        Column("id", String(32), primary_key=True),
        Column("kind", String(16), nullable=False),  # case, conversation, arrival, house
        Column("subject", String(32), nullable=False),
        Column("whole", Boolean, nullable=False),  # of a conversation: all of it, not only what was said about one case
        Column("rule", String(40), nullable=False),
        Column("upto", Integer, nullable=False),  # number of the last entry of its chain whose detail may be gone
        Column(
            "files", Json
        ),  # digests that nobody may name any more: looked at after the commit; null once that is done
        Column("at", UtcTime, nullable=False),
        Index("ix_erasures_files", "id", **only_where("files IS NOT NULL")),
    )
)

erasure_orders = Table(  # to erase what is held on one person, carried out piece by piece
    "erasure_orders",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("contacts", Json),  # the person's addresses; null once it is done
    Column("contact_digest", String(64), nullable=False),  # keyed by the house's secret: who asks again is recognised
    Column("reason", Text, nullable=False),
    Column("ordered_by", String(80), nullable=False),  # as audit events name them
    Column("even_within_retention", Boolean, nullable=False),
    Column("subjects", Json, nullable=False),  # [kind, id] of what is still to be erased
    Column("counts", Json, nullable=False),
    Column("cases", Json, nullable=False),  # reference numbers, or ids of what never had one
    Column("at", UtcTime, nullable=False),
    Column("done_at", UtcTime),
    Index("ix_erasure_orders_open", "at", **only_where("done_at IS NULL")),
)
