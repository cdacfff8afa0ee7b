"""What goes to a team with a case, and what does not."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from case_store import teams
from case_store.files import Files
from case_store.store import Store
from case_store.tables_cases import case_conversations
from case_store.tables_conversations import conversations
from tests.case_store.over import complain


@pytest.mark.parametrize(("withheld", "goes_to"), [(False, "cards"), (True, None)])
def test_a_conversation_goes_with_its_case_unless_nobody_knows_whose_it_is(
    store: Store, tmp_path: Any, withheld: bool, goes_to: str | None
) -> None:
    over = complain(store, Files(tmp_path / "files"))
    store.write_now(teams.add, "cards", title="Cards", actor="agent:Chan")
    if withheld:
        store.write_now(lambda tx: tx.execute(sa.update(case_conversations).values(withheld_at=tx.now)) and None)
    store.write_now(lambda tx: teams.follow(tx, over.case, "cards", actor="agent:Chan"))
    assert store.read_now(lambda tx: tx.execute(sa.select(conversations.c.team)).scalar_one()) == goes_to
