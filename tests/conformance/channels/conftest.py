"""Every channel before the same suite, on both databases. A new channel adds one line to RIGS."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from case_store.files import Files
from case_store.records import Language
from gateway.config import Settings
from gateway.context import Gateway
from gateway.policy import load_policy
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups
from tests.conformance.channels.counter import CounterRig
from tests.conformance.channels.imap import ImapRig
from tests.conformance.channels.phone import PhoneFolderRig, PhoneUploadRig
from tests.conformance.channels.rig import House, Rig, SendingRig, UnsteadyStore
from tests.conformance.channels.smtp import SmtpRig
from tests.conformance.channels.telegram import TelegramRig, TelegramWebhookRig
from tests.conformance.channels.webchat import WebChatRig
from tests.conformance.channels.webform import WebFormRig

RIGS: dict[str, Callable[[], Rig]] = {
    "smtp": SmtpRig,
    "imap": ImapRig,
    "webchat": WebChatRig,
    "telegram poll": TelegramRig,
    "telegram webhook": TelegramWebhookRig,
    "phone upload": PhoneUploadRig,
    "phone folder": PhoneFolderRig,
    "counter": CounterRig,
    "webform": WebFormRig,
}
FILE_RIGS = {
    name: RIGS[name] for name in ("smtp", "imap", "webchat", "webform", "telegram poll", "telegram webhook", "counter")
}
"""Those whose customers can send a file."""
SENDING_RIGS: dict[str, Callable[[], SendingRig]] = {
    "smtp": SmtpRig,
    "telegram poll": TelegramRig,
    "telegram webhook": TelegramWebhookRig,
}


@pytest.fixture
def house(store_url: str, tmp_path: Path) -> Iterator[House]:
    store = UnsteadyStore(store_url)
    settings = Settings(
        data_dir=tmp_path / "var", complaints_address="complaints@bank.example", quiet_seconds=0, locale=Language.EN
    )
    gateway = Gateway(settings, load_policy(None), store, Files(tmp_path / "files"), Tokens(b"k" * 32), Wakeups())
    yield House(gateway, store)
    store.close()


@pytest.fixture(params=RIGS)
async def rig(request: pytest.FixtureRequest, house: House) -> AsyncIterator[Rig]:
    """Each channel in turn, started."""
    made = RIGS[request.param]()
    await made.start(house)
    yield made
    house.store.down = False
    await made.stop()
    await made.close()


@pytest.fixture(params=FILE_RIGS)
async def file_rig(request: pytest.FixtureRequest, house: House) -> AsyncIterator[Rig]:
    """Each channel that takes files, in turn, started."""
    made = FILE_RIGS[request.param]()
    await made.start(house)
    yield made
    await made.stop()
    await made.close()


@pytest.fixture(params=SENDING_RIGS)
async def sending_rig(request: pytest.FixtureRequest, house: House) -> AsyncIterator[SendingRig]:
    """Each channel that sends, in turn, started."""
    made = SENDING_RIGS[request.param]()
    await made.start(house)
    yield made
    await made.peer_up()
    await made.stop()
    await made.close()
