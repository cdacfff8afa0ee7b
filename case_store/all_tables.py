"""Every table there is, gathered from the rooms that hold them. Whoever looks at the whole schema takes `metadata` from here."""

from __future__ import annotations

from case_store import (
    tables_accounts,
    tables_arrivals,
    tables_cases,
    tables_conversations,
    tables_customers,
    tables_desk,
    tables_documents,
    tables_drafts,
    tables_figures,
    tables_house,
    tables_outbox,
    tables_papers,
    tables_people,
    tables_quality,
    tables_readings,
    tables_retention,
    tables_sign_in,
    tables_teams,
    tables_webhooks,
)
from case_store.tables import metadata

__all__ = [
    "metadata",
    "tables_accounts",
    "tables_arrivals",
    "tables_cases",
    "tables_conversations",
    "tables_customers",
    "tables_desk",
    "tables_documents",
    "tables_drafts",
    "tables_figures",
    "tables_house",
    "tables_outbox",
    "tables_papers",
    "tables_people",
    "tables_quality",
    "tables_readings",
    "tables_retention",
    "tables_sign_in",
    "tables_teams",
    "tables_webhooks",
]
