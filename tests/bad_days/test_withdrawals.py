"""A customer takes a complaint back in their own conversation: recorded with day and way, as a clerk's record is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from case_store import papers
from case_store.tables_cases import cases


async def test_a_withdrawal_by_mail_has_its_day_and_way(rooms: Any, write: Callable[..., str]) -> None:
    await rooms.mail(write())
    await rooms.settle()
    [answer] = rooms.post.mails
    for said in ("I withdraw my complaint.", "yes"):
        thread = {"to": answer["Reply-To"], "references": answer["Message-ID"]}
        await rooms.mail(write(text=said, **thread))
        await rooms.settle()
    [row] = rooms.rows(sa.select(cases.c.id, cases.c.status))
    assert row.status == "withdrawn"
    [withdrawal] = rooms.store.read_now(papers.papers_of, row.id).withdrawals
    today = rooms.store.read_now(lambda tx: tx.now.astimezone(rooms.notices.promises.zone).date())
    assert (withdrawal.received_on, withdrawal.way, withdrawal.recorded_by) == (today, "email", "customer")
