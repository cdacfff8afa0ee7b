"""What stands beside a case: papers, parties, offers and their answers, settlements, withdrawals. What every table is made of stands in tables.py."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from case_store.tables import Json, UtcTime, metadata

case_papers = Table(  # what is known of a case that was handed in: one row a case, if any
    "case_papers",
    metadata,
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("taken_by", String(200)),  # name and post of whoever took it, as they were then
    Column("taken_post", String(200)),
    Column("handed_in_by", String(200)),
    Column("postal_address", Text),  # the complainant's
    Column("members", Integer),  # of a group of complainants
)

case_parties = Table(
    "case_parties",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False),
    Column("role", String(16), nullable=False),  # proxy, representative
    Column("name", String(200), nullable=False),
    Column("relation", String(200)),  # of a proxy to the complainant
    Column("contact", String(320)),
    Column("postal_address", Text),
    Column("valid_until", String(10)),  # last day of a proxy's mandate, in the institution's zone
    Column("added_at", UtcTime, nullable=False),
    Column("added_by", String(80), nullable=False),
    Column("ended_at", UtcTime),
    Index("ix_case_parties_case", "case_id"),
)

offers = Table(
    "offers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False),
    Column("round", Integer, nullable=False),  # of the case's negotiation, from 1
    Column("state", String(12), nullable=False),  # open, agreed, declined, withdrawn, expired, replaced
    Column("options", Json, nullable=False),  # each with `title`, `meaning`, `days`: working days to perform it
    Column("solution", String(60)),  # of the policy, if the options come from there
    Column("by_bot", Boolean, nullable=False),  # the bot answers questions about it and takes the answer
    Column("offered_by", String(80), nullable=False),
    Column("offered_at", UtcTime, nullable=False),
    Column(
        "expires_on", String(10), nullable=False
    ),  # the last day on which it can be taken, in the institution's zone
    Column("chosen", Integer),  # number of the option that the customer wants and has not confirmed yet
    Column("closed_at", UtcTime),
    UniqueConstraint("case_id", "round"),
)

offer_answers = Table(
    "offer_answers",
    metadata,
    Column("offer_id", String(32), ForeignKey("offers.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("kind", String(12), nullable=False),  # choice, confirmation, change, counter, question, declined
    Column("option", Integer),
    Column("words", Text, nullable=False),  # the customer's own
    Column("conversation_id", String(32)),
    Column("message", Integer),
    Column("way", String(16)),  # by which it came
    Column("recorded_by", String(80), nullable=False),
    Column("at", UtcTime, nullable=False),
)

settlements = Table(
    "settlements",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False),
    Column("offer_id", String(32), ForeignKey("offers.id"), nullable=False, unique=True),
    Column("option", Json, nullable=False),  # as it stood when it was agreed
    Column("option_number", Integer, nullable=False),
    Column("parties", Json, nullable=False),  # `house` by language, `name`, `contact`, `proxy`
    Column("facts", Json, nullable=False),  # of the complaint, as they stood then
    Column("language", String(8), nullable=False),
    Column("due_on", String(10), nullable=False),  # the last day for performing it, in the institution's zone
    Column("due_at", UtcTime, nullable=False),
    Column("calendar_gap", Boolean, nullable=False),  # reckoned in a year whose working days are not published
    Column("policy_version", String(60), nullable=False),
    Column("confirmed_at", UtcTime, nullable=False),
    Column("words", Text, nullable=False),  # with which the customer confirmed it
    Column("conversation_id", String(32)),
    Column("message", Integer),
    Column("way", String(16), nullable=False),
    Column("recorded_by", String(80), nullable=False),
    Column("performed_on", String(10)),
    Column("performed_at", UtcTime),  # when that was recorded
    Column("performed_by", String(80)),
    Column("note", Text),
    Column("overdue_at", UtcTime),  # when it was first found overdue
    Index("ix_settlements_case", "case_id"),
)

case_withdrawals = Table(
    "case_withdrawals",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False),
    Column("received_on", String(10), nullable=False),  # the day the procedure ends, in the institution's zone
    Column("way", String(16), nullable=False),
    Column("who", String(200)),
    Column("note", Text),
    Column("recorded_by", String(80), nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Index("ix_case_withdrawals_case", "case_id"),
)
