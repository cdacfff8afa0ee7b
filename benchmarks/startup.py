"""Ready to accept: the second start on a data directory, from the command to the line that says so. Not pinned."""

from __future__ import annotations

from benchmarks.harness import Gateway, Line, scratch


def measure(runs: int) -> list[Line]:
    with scratch() as folder:
        Gateway(folder / "data").stop()
        taken = []
        for _ in range(runs):
            with Gateway(folder / "data", pinned=False) as gateway:
                taken.append(gateway.started_in)
    return [Line("ready to accept, second start", "s", taken, goal="< 2 s")]
