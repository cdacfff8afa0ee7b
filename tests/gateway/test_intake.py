"""What is looked up for an arrival before it is read, and in which order arrivals are read."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from case_store import arrivals as ledger
from case_store.files import Files, files_among, named_digests
from case_store.store import Store
from case_store.tables_arrivals import arrivals
from case_store.tables_conversations import attachments, messages
from channels.channel import Accept, FetchFailed
from channels.message import Arrival, Attachment, Delivery, Event, MessageIn, OutboundMessage
from gateway import intake as intake_room
from gateway.config import Settings
from gateway.context import Gateway
from gateway.intake import Intake
from gateway.policy import load_policy
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups

LARGE = b"a voice note" * 1000


class Messenger:
    """A channel whose messages name a file that has to be looked up."""

    name = "telegram"
    account = "telegram:test"

    def __init__(self) -> None:
        self.files: dict[str, bytes | FetchFailed] = {}
        self.fetches: list[str] = []
        self.reading: list[str] = []

    async def start(self, accept: Accept) -> None: ...

    async def stop(self) -> None: ...

    def needs_fetch(self, arrival: Arrival) -> bool:
        return arrival.external_id in self.files

    async def fetch(self, arrival: Arrival) -> Mapping[str, bytes]:
        self.fetches.append(arrival.external_id)
        found = self.files[arrival.external_id]
        if isinstance(found, FetchFailed):
            raise found
        return {"file": found}

    async def read(self, arrival: Arrival, fetched: Mapping[str, bytes]) -> list[Event]:
        self.reading.append(arrival.external_id)
        files = tuple(Attachment(name, "audio/ogg", content, part=None) for name, content in fetched.items())
        return [MessageIn(arrival.external_id, arrival.raw.decode(), attachments=files, conversation_key="chat 7")]

    async def send(self, message: OutboundMessage) -> Delivery:
        return Delivery()


class House:
    def __init__(self, store: Store, folder: Path) -> None:
        settings = Settings(data_dir=folder / "var", quiet_seconds=0)
        self.store = store
        self.files = Files(folder / "files")
        self.gateway = Gateway(settings, load_policy(None), store, self.files, Tokens(b"k" * 32), Wakeups())
        self.messenger = Messenger()
        self.intake = Intake(self.gateway, {"telegram": self.messenger})

    async def arrive(self, id: str, text: str, *, lane: str | None = "chat 7") -> None:
        now = datetime.now(UTC)
        await self.intake.accept(Arrival("telegram", "telegram:test", id, now, text.encode(), lane=lane))

    def rows(self, statement: sa.Select[Any]) -> list[Any]:
        return self.store.read_now(lambda tx: list(tx.execute(statement)))

    def one(self, id: str) -> Any:
        return self.rows(sa.select(arrivals).where(arrivals.c.external_id == id))[0]

    def now_due(self) -> None:
        """Time passes: whatever waits is due."""
        due = sa.update(arrivals).where(arrivals.c.due_at.is_not(None)).values(due_at=datetime.now(UTC) - timedelta(1))
        self.store.write_now(lambda tx: tx.execute(due).rowcount)

    async def read_all(self) -> None:
        while await self.intake.read_due():
            pass


@pytest.fixture
def house(store: Store, tmp_path: Path) -> House:
    return House(store, tmp_path)


@pytest.mark.parametrize("content", [b"small", LARGE], ids=["in the row", "as a file"])
async def test_what_was_fetched_is_kept_with_the_arrival_and_the_message(house: House, content: bytes) -> None:
    house.messenger.files["u1"] = content
    await house.arrive("u1", "listen to this")
    await house.read_all()
    assert house.one("u1").state == "read"
    [row] = house.rows(sa.select(attachments))
    assert (row.part, row.size, house.files.get(row.digest)) == (None, len(content), content)
    assert house.store.read_now(lambda tx: row.digest in named_digests(tx))
    assert house.store.read_now(files_among, [row.digest]) == (row.digest,)


async def test_a_failed_look_up_is_tried_again_and_shown_as_fetching(house: House) -> None:
    house.messenger.files["u1"] = FetchFailed("the file server does not answer")
    await house.arrive("u1", "a photo")
    await house.read_all()
    assert (house.one("u1").state, house.one("u1").reason) == ("fetching", "the file server does not answer")
    assert house.rows(sa.select(messages.c.text)) == []
    house.messenger.files["u1"] = LARGE
    house.now_due()
    await house.read_all()
    assert house.one("u1").state == "read"
    assert len(house.rows(sa.select(attachments))) == 1


async def test_when_a_file_can_never_be_had_the_words_are_read_without_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_room, "FETCHING_TRIES", 3)
    house.messenger.files["u1"] = FetchFailed("gone")
    house.messenger.files["u2"] = FetchFailed("too big", retryable=False)
    await house.arrive("u1", "a photo", lane=None)
    await house.arrive("u2", "a film", lane=None)
    for _ in range(4):
        await house.read_all()
        house.now_due()
    assert sorted(row.text for row in house.rows(sa.select(messages.c.text))) == ["a film", "a photo"]
    assert (house.messenger.fetches.count("u1"), house.messenger.fetches.count("u2")) == (3, 1)


async def test_what_was_fetched_is_not_fetched_again_when_reading_is(house: House) -> None:
    house.messenger.files["u1"] = LARGE
    await house.arrive("u1", "a photo")
    [claimed] = await house.store.write(ledger.claim, 5)
    packed = {"file": {"digest": house.files.put(LARGE), "size": len(LARGE)}}
    assert await house.store.write(ledger.keep_fetched, claimed, packed)
    house.now_due()  # the process died here, its lease has run out
    await house.read_all()
    assert house.messenger.fetches == []
    assert len(house.rows(sa.select(attachments))) == 1


async def test_a_lane_is_read_in_order_though_its_first_takes_long(house: House) -> None:
    house.messenger.files["u1"] = FetchFailed("later")
    for number, lane in enumerate(["a", "a", "b", "a", None], start=1):
        await house.arrive(f"u{number}", f"words {number}", lane=lane)
    await house.read_all()
    assert house.messenger.reading == ["u3", "u5"], "others are not held up"
    house.messenger.files["u1"] = b"the photo"
    house.now_due()
    await house.read_all()
    assert house.messenger.reading[2:] == ["u1", "u2", "u4"]


async def test_a_file_that_can_not_be_had_holds_up_the_words_after_it_only_for_a_while(house: House) -> None:
    house.messenger.files["u1"] = FetchFailed("the file server does not answer")
    await house.arrive("u1", "a photo", lane="a")
    await house.arrive("u2", "can you see it?", lane="a")
    await house.read_all()
    assert house.messenger.reading == []
    house.now_due()
    await house.read_all()
    assert house.messenger.reading == ["u2"]
    house.messenger.files["u1"] = b"the photo"
    house.now_due()
    await house.read_all()
    assert house.messenger.reading == ["u2", "u1"], "it is not lost, only late"


async def test_a_parked_arrival_holds_up_nothing_in_its_lane(house: House) -> None:
    await house.arrive("u1", "words 1", lane="a")
    await house.arrive("u2", "words 2", lane="a")
    [claimed] = await house.store.write(ledger.claim, 5)
    await house.store.write(ledger.park, claimed, "broken")
    await house.read_all()
    assert house.messenger.reading == ["u2"]


async def test_what_a_channel_calls_one_conversation_is_one(house: House) -> None:
    await asyncio.gather(*(house.arrive(f"u{number}", f"words {number}", lane=None) for number in range(8)))
    await house.read_all()
    assert len({row.conversation_id for row in house.rows(sa.select(messages.c.conversation_id))}) == 1
    assert sorted(row.number for row in house.rows(sa.select(messages.c.number))) == list(range(1, 9))
