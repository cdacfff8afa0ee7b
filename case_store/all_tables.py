"""Every table there is: those of tables.py and of the modules beside it. Whoever looks at the whole schema takes `metadata` from here."""

from __future__ import annotations

from case_store import (
    tables_accounts,
    tables_documents,
    tables_drafts,
    tables_figures,
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
    "tables_documents",
    "tables_drafts",
    "tables_figures",
    "tables_quality",
    "tables_readings",
    "tables_retention",
    "tables_sign_in",
    "tables_teams",
    "tables_webhooks",
]
