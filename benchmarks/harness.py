"""What the rows share: a pinned process of the gateway, the programs measured beside, and how figures are brought together."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

REPOSITORY: Final = Path(__file__).resolve().parents[1]
CORE: Final = os.environ.get("BENCH_CPU", "0")
PINNED: Final = ("taskset", "-c", CORE) if shutil.which("taskset") else ()
MAILBOX: Final = "complaints@gateway.example"
PASSWORD: Final = "only-for-benchmarks"
PATIENCE: Final = 300.0  # seconds that anything may take


class Absent(Exception):
    """Something that is measured beside, or needed for it, is not on this machine."""


@dataclass(slots=True)
class Line:
    """One line of the table: figures of the runs, ours and theirs in the same order."""

    work: str
    unit: str
    ours: list[float]
    theirs: list[float] = field(default_factory=list)
    beside: str = ""
    goal: str = ""
    note: str = ""

    def ratios(self) -> list[float]:
        """Each run beside the one that followed it: what slows the machine down slows both."""
        return [ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=False) if theirs]

    def cells(self) -> tuple[str, ...]:
        theirs = f"{self.beside} {spread(self.theirs)}".strip() if self.theirs else self.beside
        return (self.work, f"{spread(self.ours)} {self.unit}", theirs, spread(self.ratios()), self.goal, self.note)


def spread(figures: Sequence[float]) -> str:
    """Median (least–most)."""
    if not figures:
        return ""
    middle, least, most = statistics.median(figures), min(figures), max(figures)
    return _short(middle) if least == most else f"{_short(middle)} ({_short(least)}–{_short(most)})"


def _short(figure: float) -> str:
    return f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure:.3g}"


def in_turns(runs: int, *sides: Callable[[], float]) -> list[list[float]]:
    """Runs the sides in turns, since the machine's speed drifts; each side's figures."""
    figures: list[list[float]] = [[] for _ in sides]
    for _ in range(runs):
        for side, found in zip(sides, figures, strict=True):
            found.append(side())
    return figures


def percentile(figures: Sequence[float], part: float) -> float:
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="qingting-bench-") as folder:
        yield Path(folder)


class Gateway:
    """`python -m gateway serve` in a process of its own, on one core, ready to accept."""

    def __init__(self, data: Path, *, pinned: bool = True, **settings: str) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("QINGTING_")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installation keeps its compiled files
        environment |= {
            "QINGTING_DATA_DIR": str(data),
            "QINGTING_HTTP": "127.0.0.1:0",
            "QINGTING_SMTP": "127.0.0.1:0",
            "QINGTING_COMPLAINTS_ADDRESS": MAILBOX,
            "QINGTING_ADMIN_PASSWORD": PASSWORD,
            "QINGTING_CHATS_PER_ADDRESS": "1000000",  # all customers sit at this machine
            **dict.fromkeys(("QINGTING_REQUESTS_PER_ADDRESS", "QINGTING_REQUESTS_PER_KEY"), "off"),
            "QINGTING_REQUESTS_PER_SESSION": "off",
            **settings,
        }
        self.data = data
        begun = time.perf_counter()
        self.log = (data.parent / f"{data.name}.log").open("w+")
        self._process = subprocess.Popen(
            [*(PINNED if pinned else ()), sys.executable, "-m", "gateway", "serve"],
            cwd=REPOSITORY,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        said = self._until_ready()
        self.started_in = time.perf_counter() - begun
        self.pid = self._process.pid
        self.http = int(_port(r"http://127\.0\.0\.1:(\d+)/", said))
        self.smtp = int(_port(r"SMTP on 127\.0\.0\.1:(\d+)", said)) if "SMTP on" in said else 0

    def _until_ready(self) -> str:
        assert self._process.stdout is not None
        said = ""
        for line in self._process.stdout:
            said += line
            if "SMTP on" in line:
                return said
        raise RuntimeError(f"the gateway did not start: {said}{Path(self.log.name).read_text()[-2000:]}")

    def processor_seconds(self) -> float:
        return processor_seconds(self.pid)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(30)
        self.log.close()

    def __enter__(self) -> Gateway:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _port(pattern: str, said: str) -> str:
    found = re.search(pattern, said)
    if found is None:
        raise RuntimeError(f"the gateway did not say where it listens: {said}")
    return found[1]


def processor_seconds(pid: int) -> float:
    """What a process has used of the processor so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def server(*command: str) -> Iterator[tuple[int, int]]:
    """A comparator that prints `PORT n` first and stops when its input closes. Yields its port and process."""
    process = subprocess.Popen(
        [*PINNED, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=REPOSITORY,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline().split()[1]), process.pid
    finally:
        process.stdin.close()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        process.stdout.close()


def run_json(*command: str, cwd: Path = REPOSITORY, **environment: str) -> dict[str, Any]:
    """Runs a pinned command to its end and reads its last line as JSON."""
    done = subprocess.run(
        [*PINNED, *command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:3])} failed: {done.stderr[-1500:]}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def beside() -> Path:
    """The folder of comparators. Raises Absent."""
    shared = Path(os.environ.get("QINGTING_SHARED") or REPOSITORY.parent / "shared")
    if not (shared / "bench" / "smtp_server.py").is_file():
        raise Absent("the programs to measure beside are not here: set QINGTING_SHARED to the folder that holds bench/")
    return shared / "bench"


def workplace() -> Path:
    """Where environments and the corpus are kept from one sitting to the next."""
    kept = os.environ.get("BENCH_WORK")
    base = (
        Path(kept) if kept else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "qingting" / "bench"
    )
    base.mkdir(parents=True, exist_ok=True)
    return base


@cache
def corpus() -> Path:
    """The thousand mails of seed 7, made once. Raises Absent."""
    place = workplace() / "corpus"
    if not (place / "corpus.json").is_file():
        command = [sys.executable, str(beside() / "make_mails.py"), "--out", str(place), "--n", "1000", "--seed", "7"]
        subprocess.run(command, check=True, timeout=PATIENCE, stdout=subprocess.DEVNULL)
    return place


@cache
def peers() -> Path:
    """The Python that has django-helpdesk, made by the comparators' own script. Raises Absent."""
    script = 'set -e; . "$0"; peers_venv; echo "$PEERS_VENV"'
    done = subprocess.run(
        ["bash", "-c", script, str(beside() / "env.sh")],
        env={**os.environ, "BENCH_WORK": str(workplace())},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if done.returncode:
        raise Absent(f"django-helpdesk could not be installed: {done.stderr[-300:]}")
    return Path(done.stdout.strip().splitlines()[-1]) / "bin" / "python"


def chromium() -> str:
    """The path of a Chromium. Raises Absent."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise Absent("no Chromium on this machine")
    return found


CHROMIUM: Final = ("--no-sandbox", "--disable-dev-shm-usage")
"""It runs as whoever measures, also where that is root in a container."""
