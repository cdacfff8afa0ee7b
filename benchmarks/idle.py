"""What an idle chat connection costs: one that has said something once; beside a bare aiohttp socket that has echoed once."""

from __future__ import annotations

import sys

from benchmarks.harness import Absent, Gateway, Line, beside, in_turns, run_json, scratch, server

CONNECTIONS = 1000


def measure(runs: int) -> list[Line]:
    def ours() -> float:
        with scratch() as folder, Gateway(folder / "data") as gateway:
            sizes = ["--clients", str(CONNECTIONS), "--pid", str(gateway.pid)]
            return float(
                run_json(sys.executable, "-m", "benchmarks.chat_load", str(gateway.http), "idle", *sizes)["kb"]
            )

    def theirs() -> float:
        with server(sys.executable, str(beside() / "ws_server.py"), "--no-compress") as (port, pid):
            sizes = ["--clients", str(CONNECTIONS), "--pid", str(pid), "--until", "message", "--path", "/ws"]
            return float(run_json(sys.executable, "-m", "benchmarks.chat_load", str(port), "idle", *sizes)["kb"])

    goal = "≤ 24 kB"
    try:
        beside()
    except Absent as absent:
        return [Line("idle chat connection", "kB", in_turns(runs, ours)[0], beside=str(absent), goal=goal)]
    own, bare = in_turns(runs, ours, theirs)
    return [Line("idle chat connection", "kB", own, bare, "bare aiohttp", goal)]
