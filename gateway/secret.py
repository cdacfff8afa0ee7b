"""One secret for all nodes on one database, compared at start by a fingerprint that tells nothing of it."""

from __future__ import annotations

import sqlalchemy as sa

from case_store.store import Transaction
from case_store.tables_house import house


class OtherSecret(Exception):
    """This node signs with another secret than the database was begun with."""


def check_secret(tx: Transaction, fingerprint: str) -> None:
    """All nodes on one database sign with the same secret. Raises OtherSecret."""
    known = tx.execute(sa.select(house.c.value).where(house.c.key == "secret")).scalar_one_or_none()
    if known is None:
        tx.execute(sa.insert(house).values(key="secret", value=fingerprint))
    elif known != fingerprint:
        raise OtherSecret(
            "QINGTING_SECRET is not the one that this database was begun with: set the same on every node, or sessions,"
            " links and reply addresses that customers hold will not be known"
        )
