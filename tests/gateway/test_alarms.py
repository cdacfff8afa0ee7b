"""Who waits for a person is announced to the duty address: danger to life and money that is leaving at once, others when they waited too long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from case_store.store import Store, Transaction
from case_store.tables_conversations import conversations
from case_store.tables_outbox import deliveries
from gateway import alarms
from gateway.config import Settings
from gateway.notifications import Notices
from gateway.policy import load_policy
from gateway.promises import Promises
from gateway.tokens import Tokens

DUTY = "duty@house.example.org"


@dataclass(slots=True)
class Desk:
    store: Store
    notices: Notices

    def wait(self, name: str, reason: str | None, *, hours: int = 0, urgent: bool = False) -> None:
        """Puts a conversation into the queue, since so many hours."""

        def unit(tx: Transaction) -> None:
            since = tx.now - timedelta(hours=hours)
            tx.execute(
                sa.insert(conversations).values(
                    id=name, channel="webchat", account="webchat", owner="queue", locale="en", language="en", state={},
                    created_at=since, updated_at=since, waiting_since=since, waiting_reason=reason, urgent=urgent,
                )
            )  # fmt: skip

        self.store.write_now(unit)

    def announced(self) -> list[tuple[str, str]]:
        """What was mailed to the duty address: the occasion with its conversation, and the subject."""
        self.store.write_now(alarms.announce_waiting, self.notices)
        rows = self.store.read_now(
            lambda tx: tx.execute(
                sa.select(deliveries.c.occasion, deliveries.c.payload).where(deliveries.c.address == DUTY)
            ).all()
        )
        return sorted((row.occasion.rpartition(":")[0], row.payload["subject"]) for row in rows)


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    file = tmp_path / "policy.toml"
    file.write_text(f'version = "t"\n[people]\nduty_address = "{DUTY}"\n')
    settings = Settings(data_dir=tmp_path / "var")
    return Desk(store, Notices(Promises(load_policy(file), settings), settings, Tokens(b"k" * 32)))


def test_a_fraud_that_is_going_on_is_told_at_once_and_in_words_of_its_own(desk: Desk) -> None:
    desk.wait("c1", "scam_now")
    [(occasion, subject)] = desk.announced()
    assert occasion == "scam_alarm:c1"
    assert any(word in subject for word in ("诈骗", "詐騙", "Fraud"))
    assert len(desk.announced()) == 1  # and once


def test_neither_danger_nor_a_fraud_is_hidden_by_a_queue_that_is_not_late(desk: Desk) -> None:
    for number in range(60):
        desk.wait(f"q{number}", None if number % 2 else "asked")
    desk.wait("fraud", "scam_now")
    desk.wait("danger", "danger_to_life", urgent=True)
    assert {"scam_alarm:fraud", "danger_alarm:danger"} <= {occasion for occasion, _ in desk.announced()}
