"""A Rasa as a process of its own, on loopback, as an operator would start it; it can be killed, paused and started again."""

from __future__ import annotations

import contextlib
import json
import secrets
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.ports import free_port
from tests.rasa.environment import PROJECT, quiet_environment

PATIENCE = 300.0  # seconds: TensorFlow is imported first, on a slow machine in minutes


class RasaProcess:
    """`port` is Rasa's; `actions_port` where it finds the house's action endpoint, kept free for whoever serves it."""

    def __init__(self, rasa: Path, model: Path, home: Path) -> None:
        self.rasa, self.model, self.home = rasa, model, home
        self.secret = secrets.token_urlsafe(32)
        self.port, self.actions_port = free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        environment = quiet_environment(self.home) | {
            "QINGTING_RASA_SECRET": self.secret,
            "QINGTING_ACTION_ENDPOINT": f"http://127.0.0.1:{self.actions_port}/rasa/actions",
            "PYTHONPATH": str(PROJECT),
        }
        command = [
            str(self.rasa), "run", "--interface", "127.0.0.1", "--port", str(self.port), "--model", str(self.model),
            "--endpoints", str(PROJECT / "endpoints.yml"), "--credentials", str(PROJECT / "credentials.yml"),
        ]  # fmt: skip
        with open(self.home / "rasa.log", "ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self.home, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._await_ready()

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        self.kill()

    def log(self) -> str:
        return (self.home / "rasa.log").read_text("utf-8", "replace")

    def _asked(self) -> Any:
        return urllib.request.urlopen(f"{self.url}/webhooks/qingting/", timeout=2)

    def _await_ready(self) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            assert self._process is not None
            if self._process.poll() is not None:
                raise AssertionError(f"Rasa has ended with {self._process.returncode}:\n{self.log()[-4000:]}")
            with contextlib.suppress(urllib.error.URLError, OSError), self._asked() as answer:
                if json.load(answer)["script"]:
                    return
            time.sleep(0.1)
        raise AssertionError(f"Rasa was not ready within {PATIENCE:g} s:\n{self.log()[-4000:]}")
