"""The script's files are real Rasa files: Rasa 3.6 itself validates them and trains on them, offline and without telemetry."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from dialogue.script import digest
from tests.rasa.environment import FILES, quiet_environment

pytestmark = [pytest.mark.rasa, pytest.mark.slow]


def run(rasa: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(rasa), *arguments],
        cwd=home,
        env=quiet_environment(home),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def test_rasa_finds_the_files_valid(rasa: Path, tmp_path: Path) -> None:
    done = run(rasa, tmp_path, "data", "validate", *FILES)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_rasa_trains_on_the_files(model: Path) -> None:
    assert model.name == f"qingting-{digest()}.tar.gz"
    assert model.stat().st_size > 0
