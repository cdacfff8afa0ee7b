"""The name of a model says which script it was trained on, in the gateway's Python and in Rasa's."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dialogue.digest import digest_of
from dialogue.script import digest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def script(tmp_path: Path) -> Path:
    return shutil.copytree(
        ROOT / "dialogue/rasa_project", tmp_path / "script", ignore=shutil.ignore_patterns("__pycache__")
    )


def test_it_is_the_same_as_a_program(script: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", str(ROOT / "dialogue/digest.py"), str(script)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == digest_of(script) == digest()


@pytest.mark.parametrize("file", ["config.yml", "data/rules.yml", "domain/questions.yml"])
def test_another_word_in_a_file_is_another_script(file: str, script: Path) -> None:
    before = digest_of(script)
    (script / file).write_bytes((script / file).read_bytes() + b"\n")
    assert digest_of(script) != before


@pytest.mark.parametrize("file", ["endpoints.yml", "channel.py"])
def test_what_no_model_is_trained_on_changes_nothing(file: str, script: Path) -> None:
    before = digest_of(script)
    (script / file).write_bytes((script / file).read_bytes() + b"\n")
    assert digest_of(script) == before
