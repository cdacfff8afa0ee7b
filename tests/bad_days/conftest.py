"""A gateway as operators run it: a process of its own that can be killed, paused and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class GatewayProcess:
    """`start` returns once it is ready; `kill` is SIGKILL, `stop` SIGTERM."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.data_dir = data_dir
        self.http = free_port()
        self.smtp = free_port()
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http}"

    @property
    def log(self) -> str:
        return (self.data_dir.parent / "gateway.log").read_text(errors="replace")

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("QINGTING_")}
        return {
            **kept,
            "QINGTING_DATA_DIR": str(self.data_dir),
            "QINGTING_HTTP": f"127.0.0.1:{self.http}",
            "QINGTING_SMTP": f"127.0.0.1:{self.smtp}",
            "QINGTING_ADMIN_PASSWORD": PASSWORD,
            "QINGTING_QUIET_SECONDS": "0.2",
            **self.settings,
        }

    def start(self) -> None:
        with (self.data_dir.parent / "gateway.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gateway", "serve"], cwd=ROOT, env=self.environment(), stdout=log, stderr=log
            )
        self.wait_until_ready()

    def wait_until_ready(self, seconds: float = 60) -> None:
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            assert self.process is not None
            assert self.process.poll() is None, f"the gateway ended by itself:\n{self.log[-3000:]}"
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise AssertionError(f"the gateway was not ready in {seconds} s:\n{self.log[-3000:]}")

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait(30)

    def stop(self) -> int:
        self.signal(signal.SIGTERM)
        assert self.process is not None
        return self.process.wait(60)


@pytest.fixture
def start_gateway(tmp_path: Path) -> Iterator[Callable[..., GatewayProcess]]:
    """`start_gateway(QINGTING_…="…")` starts one on a data directory of its own (`data_dir=` names another)."""
    started: list[GatewayProcess] = []

    def start(data_dir: Path | None = None, *, wait: bool = True, **settings: str) -> GatewayProcess:
        directory = data_dir or tmp_path / f"var{len(started)}"
        directory.mkdir(exist_ok=True)
        gateway = GatewayProcess(directory, **settings)
        started.append(gateway)
        gateway.start()
        return gateway

    yield start
    for gateway in started:
        if gateway.process is not None and gateway.process.poll() is None:
            gateway.process.kill()
            gateway.process.wait(30)
