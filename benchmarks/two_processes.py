"""A second process on one PostgreSQL, two cores and the load on them too: mail until it is answered, nothing twice."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg

from benchmarks.harness import PATIENCE, Absent, Gateway, Line, beside, in_turns, run_json, scratch, workplace
from benchmarks.mail import UNDONE
from benchmarks.smtp import texts

PORT = 54329  # where the comparators' script starts its private cluster
MAILS = 400


def measure(runs: int) -> list[Line]:
    with postgresql():
        two, one = in_turns(runs, lambda: answered(2), lambda: answered(1))
    return [Line("mail end to end, two processes on one PostgreSQL", "mails/s", two, one, "one process", "≥ 1.3")]


@contextlib.contextmanager
def postgresql() -> Iterator[None]:
    """A private cluster of the comparators' own, on loopback, not pinned. Raises Absent."""
    script = str(beside() / "env.sh")
    environment = {**os.environ, "BENCH_WORK": str(workplace()), "PEERS_VENV": "", "BENCH_VENV": ""}

    def run(command: str) -> int:
        line = ["bash", "-c", f'. "$0"; PIN=; {command}', script]
        return subprocess.run(line, env=environment, capture_output=True, timeout=120, check=False).returncode

    if run("pg_start"):
        raise Absent("PostgreSQL could not be started")
    try:
        yield
    finally:
        run("pg_stop")


def answered(processes: int) -> float:
    """Mails a second from the first sent to the last answered, by so many processes."""
    name = f"bench_{secrets.token_hex(4)}"
    address = f"postgresql://postgres:none@127.0.0.1:{PORT}"
    with psycopg.connect(f"{address}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0".encode())
    secret = secrets.token_hex(32)
    with scratch() as folder, contextlib.ExitStack() as running:
        shared = {
            "QINGTING_DATABASE_URL": f"{address}/{name}",
            "QINGTING_SECRET": secret,
            "QINGTING_FILES": str(folder / "files"),
        }
        gateways = [
            running.enter_context(Gateway(folder / f"node{at}", pinned=False, QINGTING_NODE=f"node{at}", **shared))
            for at in range(processes)
        ]
        shares = [_share(folder, at, processes) for at in range(processes)]
        begun = time.perf_counter()
        with ThreadPoolExecutor(processes) as pool:
            list(pool.map(_send, gateways, shares))
        _wait(f"{address}/{name}")
        return MAILS / (time.perf_counter() - begun)


def _share(folder: Path, at: int, of: int) -> Path:
    share = folder / f"mails{at}"
    share.mkdir()
    for mail in sorted(texts().iterdir())[:MAILS][at::of]:
        (share / mail.name).symlink_to(mail.resolve())
    return share


def _send(gateway: Gateway, mails: Path) -> None:
    command = [str(beside() / "smtp_load.py"), str(gateway.smtp), str(mails), "--conns", "5"]
    done = run_json(sys.executable, *command)
    if done["bad"]:
        raise RuntimeError(f"{done['bad']} mails were refused")


TWICE = (
    "SELECT (SELECT count(*) FROM (SELECT arrival_id FROM messages WHERE arrival_id IS NOT NULL"
    " GROUP BY arrival_id HAVING count(*) > 1) AS t) + (SELECT count(*) FROM (SELECT conversation_id, message"
    " FROM deliveries WHERE message IS NOT NULL GROUP BY conversation_id, message HAVING count(*) > 1) AS d)"
)


def _wait(address: str) -> None:
    give_up = time.monotonic() + PATIENCE
    with psycopg.connect(address, autocommit=True) as store:
        while time.monotonic() < give_up:
            found = store.execute(UNDONE.encode()).fetchone()
            if found is not None and found[0] == 0:
                break
            time.sleep(0.1)
        else:
            raise RuntimeError("the gateways were not done in time")
        twice = store.execute(TWICE.encode()).fetchone()
        if twice is None or twice[0]:
            raise RuntimeError(f"something was done twice: {twice}")
