"""Rasa's own environment: made once, kept in the user's cache folder, found again by the digest of its requirements.

Rasa 3.6 pins an old TensorFlow, SQLAlchemy 1.4 and Python 3.10, so it never shares the gateway's environment. Run as a
program this file makes the environment and prints where its `rasa` command is.

Not here: what is done with it (test_rasa_project.py).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
REQUIREMENTS: Final = ROOT / "requirements-rasa.txt"

OFFLINE: Final = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
    "HF_HUB_OFFLINE": "1",
}


class NoPython310(RuntimeError):
    """There is no Python 3.10 that runs, and no uv that could fetch one."""


def rasa_command() -> Path:
    """The `rasa` command of a complete environment, made now if it isn't there yet. Raises NoPython310."""
    place = _cache() / f"rasa-{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:16]}"
    place.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{place}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test runs at once would install into one folder
        if not (place / ".complete").exists():
            shutil.rmtree(place, ignore_errors=True)
            _make(place)
            (place / ".complete").touch()
    return place / "bin" / "rasa"


def quiet_environment(home: Path) -> dict[str, str]:
    """What Rasa runs with: no telemetry, nothing written outside `home`."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "LC_ALL", "TMPDIR")}
    return {**kept, **OFFLINE, "HOME": str(home), "MPLCONFIGDIR": str(home)}


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "qingting"


def _make(place: Path) -> None:
    python = next(_pythons(), None)
    uv = shutil.which("uv")
    if python is not None:
        _run([python, "-m", "venv", str(place)])
    elif uv is not None:
        _run([uv, "venv", "--seed", "--python", "3.10", str(place)])
    else:
        raise NoPython310("Rasa needs a Python 3.10 that runs (on the path, under ~/.pyenv, or fetched by uv)")
    _run(
        [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(REQUIREMENTS)]
    )


def _pythons() -> Iterator[str]:
    """Interpreters that really are 3.10: a pyenv shim may stand on the path and refuse to run."""
    candidates = [shutil.which("python3.10"), *sorted(Path.home().glob(".pyenv/versions/3.10*/bin/python3.10"))]
    for candidate in filter(None, candidates):
        asked = subprocess.run(
            [str(candidate), "-c", "import sys, venv, ensurepip; print(sys.version_info[:2] == (3, 10))"],
            capture_output=True,
            text=True,
            check=False,
        )
        if asked.stdout.strip() == "True":
            yield str(candidate)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")


if __name__ == "__main__":
    sys.stdout.write(f"{rasa_command()}\n")
