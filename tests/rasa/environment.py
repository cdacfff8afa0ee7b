"""Rasa's own environment and the model: made once, kept in the user's cache folder, found again by their digests.

Rasa 3.6 pins an old TensorFlow, SQLAlchemy 1.4 and Python 3.10, so it never shares the gateway's environment. Run as a
program (`make rasa`) this file makes the environment, validates the script, trains the model, and prints where both are and how to
start them.

Not here: what is done with them (test_rasa_project.py, server.py).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dialogue.script import digest

ROOT: Final = Path(__file__).resolve().parents[2]
REQUIREMENTS: Final = ROOT / "requirements-rasa.txt"
PROJECT: Final = ROOT / "dialogue" / "rasa_project"
FILES: Final = [
    "--domain",
    str(PROJECT / "domain"),
    "--data",
    str(PROJECT / "data"),
    "--config",
    str(PROJECT / "config.yml"),
]

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


def trained_model(rasa: Path) -> Path:
    """The model of the script as it is, trained now if it isn't there yet. Its name says which script that is."""
    folder = _cache() / f"models-{rasa.parents[1].name}"
    model = folder / f"qingting-{digest()}.tar.gz"
    folder.mkdir(parents=True, exist_ok=True)
    with open(f"{model}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not model.exists():
            with tempfile.TemporaryDirectory(dir=folder) as home:
                named = model.name.removesuffix(".tar.gz")
                _run(
                    [str(rasa), "train", *FILES, "--out", home, "--fixed-model-name", named],
                    quiet_environment(Path(home)),
                )
                os.replace(Path(home) / model.name, model)
    return model


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


def _run(command: list[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")


_TOLD: Final = """Rasa: {rasa}
model: {model}
To run it beside a gateway on 127.0.0.1:8080 (both with the same QINGTING_RASA_SECRET, and the gateway with
QINGTING_DIALOGUE=rasa+http://127.0.0.1:5005):
  QINGTING_ACTION_ENDPOINT=http://127.0.0.1:8080/rasa/actions RASA_TELEMETRY_ENABLED=false PYTHONPATH={project} \\
  {rasa} run --interface 127.0.0.1 --port 5005 --model {model} --endpoints {project}/endpoints.yml --credentials {project}/credentials.yml
"""


def main() -> None:
    rasa = rasa_command()
    with tempfile.TemporaryDirectory() as home:
        _run([str(rasa), "data", "validate", *FILES], quiet_environment(Path(home)))
    sys.stdout.write(_TOLD.format(rasa=rasa, model=trained_model(rasa), project=PROJECT))


if __name__ == "__main__":
    main()
