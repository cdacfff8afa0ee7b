"""Chat: from a message sent to `accepted`, 100 clients as fast as they go; beside a bare echo with a group commit."""

from __future__ import annotations

import sys

from benchmarks.harness import Gateway, Line, in_turns, run_json, scratch, server

CLIENTS, SECONDS = 100, 5
LOAD = ("-m", "benchmarks.chat_load")


def measure(runs: int) -> list[Line]:
    waits: list[float] = []

    def ours() -> float:
        with scratch() as folder, Gateway(folder / "data") as gateway:
            found = _talk(gateway.http, "accepted")
        if found["errors"]:
            raise RuntimeError(f"{found['errors']} messages were not accepted")
        waits.append(found["median_ms"])
        return found["rate"]

    def theirs() -> float:
        with scratch() as folder, server(sys.executable, "-m", "benchmarks.echo", str(folder / "echo.db")) as (port, _):
            return _talk(port, "message")["rate"]

    own, echo = in_turns(runs, ours, theirs)
    return [
        Line("chat: sent to `accepted`, 100 clients", "messages/s", own, echo, "echo with group commit", "≥ 0.5"),
        Line("… wait of one client", "ms", waits),
    ]


def _talk(port: int, until: str) -> dict[str, float]:
    sizes = ["--clients", str(CLIENTS), "--seconds", str(SECONDS), "--until", until]
    return run_json(sys.executable, *LOAD, str(port), "talk", *sizes)
