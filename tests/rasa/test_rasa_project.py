"""The script's files are real Rasa files: Rasa 3.6 itself validates them and trains on them, offline and without telemetry."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.rasa.environment import ROOT, NoPython310, quiet_environment, rasa_command

pytestmark = [pytest.mark.rasa, pytest.mark.slow]

PROJECT = ROOT / "dialogue" / "rasa_project"
FILES = ["--domain", str(PROJECT / "domain"), "--data", str(PROJECT / "data"), "--config", str(PROJECT / "config.yml")]


@pytest.fixture(scope="module")
def rasa() -> Path:
    try:
        return rasa_command()
    except NoPython310 as error:
        if os.environ.get("QINGTING_REQUIRE_ALL") == "1":
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))


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


def test_rasa_trains_on_the_files(rasa: Path, tmp_path: Path) -> None:
    done = run(rasa, tmp_path, "train", *FILES, "--out", str(tmp_path / "models"), "--fixed-model-name", "script")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert (tmp_path / "models" / "script.tar.gz").stat().st_size > 0
