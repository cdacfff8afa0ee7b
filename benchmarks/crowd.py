"""A crowd: a thousand people in conversation at once with a gateway on one core; how long beyond its quiet window an answer takes."""

from __future__ import annotations

import json
import subprocess
import sys

from benchmarks.harness import REPOSITORY, Gateway, Line, scratch

PEOPLE, SECONDS, QUIET = 1000, 100, 2.5


def measure(runs: int) -> list[Line]:
    found = [_once() for _ in range(runs)]
    pace = f"{found[0]['a_second']:.0f} answers a second, {found[0]['answers']:,.0f} counted"
    busy = [run["busy"] * 100 for run in found]
    return [
        Line(
            f"{PEOPLE:,} conversations at once: wait beyond the quiet window, median",
            "ms",
            _of(found, "median_ms"),
            note=pace,
        ),
        Line("… p99", "ms", _of(found, "p99_ms"), goal="≤ 200 ms"),
        Line("… worst", "ms", _of(found, "worst_ms"), goal="≤ 200 ms"),
        Line("… of the core", "%", busy),
    ]


def _of(found: list[dict[str, float]], name: str) -> list[float]:
    return [run[name] for run in found]


def _once() -> dict[str, float]:
    with scratch() as folder, Gateway(folder / "data", QINGTING_QUIET_SECONDS=str(QUIET)) as gateway:
        # the people sit elsewhere: they are not pinned to the gateway's core
        command = [sys.executable, "-m", "benchmarks.chat_load", str(gateway.http), "crowd", "--clients", str(PEOPLE)]
        before = gateway.processor_seconds()
        done = subprocess.run(
            [*command, "--seconds", str(SECONDS), "--quiet", str(QUIET)],
            cwd=REPOSITORY, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr[-1500:])
        found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
        found["busy"] = (gateway.processor_seconds() - before) / SECONDS
    if found["errors"]:
        raise RuntimeError(f"{found['errors']} messages were not accepted")
    return found
