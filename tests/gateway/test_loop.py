"""What falls due later is worked off when it falls due, not when the loop happens to look."""

import asyncio

import pytest

from gateway import loop
from gateway.loop import Loop


@pytest.mark.parametrize("delay", [0.0, 0.3, 1.4])
async def test_what_falls_due_is_worked_off_without_polling(monkeypatch: pytest.MonkeyPatch, delay: float) -> None:
    monkeypatch.setattr(loop, "POLL", 3600.0)
    clock = asyncio.get_running_loop()
    worked: asyncio.Queue[float] = asyncio.Queue()

    async def work() -> int:
        worked.put_nowait(clock.time())
        return 0

    looked = Loop("test", work)
    looked.start()
    async with asyncio.timeout(20):
        await worked.get()
        due = clock.time() + delay
        for _ in range(3):
            looked.hint(delay)
        assert await worked.get() >= due
    await looked.stop()
    assert worked.empty()
