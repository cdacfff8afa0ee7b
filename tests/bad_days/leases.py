"""A minute goes by for what dead processes hold: no test waits it out.

Not here: that a lease does run out by itself while others work (tests/soak, test_processes.py).
"""

from __future__ import annotations

import sqlalchemy as sa

from case_store.store import Transaction
from case_store.tables_arrivals import arrivals
from case_store.tables_conversations import calls, conversations
from case_store.tables_house import duties


def leases_run_out(tx: Transaction) -> None:
    """Of those that are dead: call it while no process runs that works with them."""
    for table, column in ((arrivals, "due_at"), (calls, "due_at"), (duties, "until")):
        tx.execute(sa.update(table).where(table.c[column].is_not(None)).values({column: tx.now}))
    tx.execute(sa.update(conversations).where(conversations.c.lease.is_not(None)).values(speak_at=tx.now))
