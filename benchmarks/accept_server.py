"""The gateway's SMTP receiver and its door, and nothing behind it: what is accepted is durable, and not read.

`python -m benchmarks.accept_server FOLDER` prints `PORT n` and stops when its input closes.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path

from benchmarks.harness import MAILBOX
from case_store import schema
from case_store.files import Files
from case_store.store import Store
from channels.email.receive import SmtpReceiver
from gateway.config import Settings
from gateway.context import Gateway
from gateway.intake import Intake
from gateway.policy import load_policy
from gateway.tokens import Tokens
from gateway.wakeups import Wakeups


async def serve(folder: Path) -> None:
    settings = Settings(data_dir=folder, complaints_address=MAILBOX)
    wakeups = Wakeups()
    store = Store(f"sqlite:///{folder / 'qingting.db'}", on_wake=wakeups.publish)
    schema.upgrade(store)
    gateway = Gateway(settings, load_policy(), store, Files(folder / "files"), Tokens(b"0" * 64), wakeups)
    receiver = SmtpReceiver(
        "127.0.0.1", 0, hostname="gateway.example", max_size=int(settings.max_message), complaints_address=MAILBOX
    )
    await receiver.start(Intake(gateway, {}).accept)
    print("PORT", receiver.port, flush=True)
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    loop.add_reader(0, over.set)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(over.wait(), 300)
    await receiver.stop()
    store.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
