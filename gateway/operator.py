"""The operator's own way into a running gateway: a socket in the data directory that only its owner can open.

The command line writes through it, so that one process alone writes on SQLite and everybody signed in sees the change at
once. No port, no token: whoever may read the data directory may use it, and nobody over a network can. One line of JSON goes
in, `{"operation", "arguments"}`, one comes out, `{"result"}` or `{"refused"}`.

Not here: what can be done (operations.py), the commands (commands/).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from gateway.context import Gateway

LONGEST_PATH: Final = 100  # bytes: the system takes 107 at most (104 on BSD)
LONGEST_LINE: Final = 4 << 20
PATIENCE: Final = 600.0  # seconds: a demo is filled in one call


class Refused(Exception):
    """What was asked can't be done; the sentence says why."""


class OperatorSocket:
    """The gateway's end. `start` answers the path that the command line finds in the lock file."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._server: asyncio.Server | None = None
        self._path: Path | None = None

    async def start(self) -> str:
        path = self._path = _place(self._gateway.settings.data_dir)
        path.unlink(missing_ok=True)  # left by a gateway that was killed: the lock says that none runs
        self._server = await asyncio.start_unix_server(self._serve, path, limit=LONGEST_LINE)
        path.chmod(0o600)
        return str(path)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            if self._path.parent != self._gateway.settings.data_dir.resolve() / "operator":
                with contextlib.suppress(OSError):
                    self._path.parent.rmdir()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from gateway.operations import perform

        try:
            asked = json.loads(await reader.readline())
            try:
                answer = {"result": await perform(self._gateway, asked["operation"], asked["arguments"])}
            except Refused as error:
                answer = {"refused": str(error)}
            writer.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
            await writer.drain()
        except (ValueError, KeyError, TypeError, ConnectionError):
            pass  # not our command line: it gets no answer
        finally:
            writer.close()


def _place(data_dir: Path) -> Path:
    """In a folder of mode 0700, so that nobody else can open it even before its own mode is set."""
    folder = data_dir.resolve() / "operator"
    path = folder / "socket"
    if len(os.fsencode(path)) > LONGEST_PATH:
        return Path(tempfile.mkdtemp(prefix="qingting-")) / "socket"
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    return path


def ask(path: str, operation: str, arguments: Mapping[str, Any]) -> Any:
    """The command line's end. Raises Refused, OSError if the gateway doesn't answer."""
    line = json.dumps({"operation": operation, "arguments": dict(arguments)}, ensure_ascii=False).encode() + b"\n"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(PATIENCE)
        connection.connect(path)
        connection.sendall(line)
        with connection.makefile("rb") as file:
            answer = json.loads(file.readline() or b"{}")
    if "refused" in answer:
        raise Refused(answer["refused"])
    if "result" not in answer:
        raise ConnectionError("the running gateway has broken off: look into its log")
    return answer["result"]
