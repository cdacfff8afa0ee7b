"""Mail accepted by SMTP, durable before each 250, over 50 connections; beside bare aiosmtpd with a group commit.

The corpus's mails of up to 40 kB. Both sides do nothing but accept; a line of its own says how fast the whole gateway accepts a
burst while it reads, answers and files on the same core.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from benchmarks.harness import Absent, Gateway, Line, beside, corpus, in_turns, run_json, scratch, server, workplace

CONNECTIONS = 50
LARGEST = 40_000
WORK = f"mail accepted by SMTP, {CONNECTIONS} connections"


def measure(runs: int) -> list[Line]:
    try:
        mails = texts()
    except Absent as absent:
        return [Line(WORK, "", [], beside=str(absent))]

    def ours() -> float:
        with scratch() as folder, server(sys.executable, "-m", "benchmarks.accept_server", str(folder)) as (port, _):
            return load(port, mails)

    def busy() -> float:
        with scratch() as folder, Gateway(folder / "data") as gateway:
            return load(gateway.smtp, mails)

    def theirs() -> float:
        command = [sys.executable, str(beside() / "smtp_server.py"), "--impl", "aiosmtpd", "--store", "group"]
        with scratch() as folder, server(*command, "--db", str(folder / "peer.db")) as (port, _):
            return load(port, mails)

    own, bare, all_of_it = in_turns(runs, ours, theirs, busy)
    return [
        Line(WORK, "mails/s", own, bare, "aiosmtpd with group commit", "≥ 0.8"),
        Line("… while it reads and answers them too", "mails/s", all_of_it, bare, "aiosmtpd with group commit"),
    ]


@cache
def texts() -> Path:
    """The corpus's mails without large attachments, in a folder of their own. Raises Absent."""
    folder = workplace() / "texts"
    folder.mkdir(exist_ok=True)
    for mail in (corpus() / "mails").iterdir():
        there = folder / mail.name
        if mail.stat().st_size <= LARGEST and not there.exists():
            there.symlink_to(mail)
    return folder


def load(port: int, mails: Path) -> float:
    command = [str(beside() / "smtp_load.py"), str(port), str(mails), "--conns", str(CONNECTIONS)]
    found = run_json(sys.executable, *command)
    if found["bad"]:
        raise RuntimeError(f"{found['bad']} mails were refused")
    return float(found["rate"])
