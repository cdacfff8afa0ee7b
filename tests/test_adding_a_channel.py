"""docs/adding-a-channel.md is true: its code, written down as it says, passes the suite, and fails it where it says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/adding-a-channel.md"
COPIED = ("channels", "tests/conformance")
LINKED = ("case_store", "dialogue", "gateway", "tests/conftest.py", "tests/rasa")

pytestmark = pytest.mark.slow


def blocks() -> dict[str, str]:
    """The page's code by the file that it is for."""
    found = re.findall(r"```python\n# (\S+?)(, added)?\n(.*?)```", PAGE.read_text("utf-8"), flags=re.DOTALL)
    return {f"{path}{added}": code for path, added, code in found}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the house with the page's channel in it."""
    (tmp_path / "tests").mkdir()
    for name in COPIED:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in LINKED:
        (tmp_path / name).symlink_to(ROOT / name)
    for path in (ROOT / "tests").glob("*.py"):  # the peers that the suite's rigs are put before
        if path.name != "conftest.py" and not path.name.startswith("test_"):
            shutil.copy(path, tmp_path / "tests")
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    for path, code in blocks().items():
        target = tmp_path / path.removesuffix(", added")
        target.parent.mkdir(exist_ok=True)
        if path.endswith(", added"):  # below the tables, and above what makes fixtures of them
            tables, fixtures, rest = target.read_text("utf-8").partition("\n\n@pytest.fixture\n")
            code = tables + code + fixtures + rest
        target.write_text(code, "utf-8")
    return tmp_path


def run(tree: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/conformance/channels", *more]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=240, check=False)


def test_the_page_names_its_files() -> None:
    assert list(blocks()) == [
        "channels/pager/__init__.py",
        "channels/pager/channel.py",
        "tests/conformance/channels/pager.py",
        "tests/conformance/channels/conftest.py, added",
    ]


def test_the_channel_of_the_page_passes_the_suite(tree: Path) -> None:
    ran = run(tree, "-k", "pager")
    assert ran.returncode == 0, ran.stdout[-3000:]
    [passed] = re.findall(r"(\d+) passed", ran.stdout)
    told = re.search(r"^([A-Z][a-z]+-?[a-z]*) tests: ([a-z]+) promises on two databases", PAGE.read_text("utf-8"), re.M)
    assert told is not None
    assert int(passed) == {"Twenty-six": 26, "Twenty-eight": 28, "Thirty": 30}[told[1]]


def test_acknowledging_before_accepting_fails_it_as_the_page_says(tree: Path) -> None:
    channel = tree / "channels/pager/channel.py"
    code = channel.read_text("utf-8")
    broken = code.replace(
        "            return web.Response(status=503, headers={", "            return web.Response(status=200, headers={"
    )
    assert broken != code
    channel.write_text(broken, "utf-8")
    ran = run(tree, "-k", "pager and sqlite and could_not_take")
    assert ran.returncode == 1
    assert "test_nothing_is_acknowledged_that_the_store_could_not_take" in ran.stdout


def test_the_code_of_the_page_is_written_as_the_house_writes(tree: Path) -> None:
    ruff = shutil.which("ruff", path=f"{Path(sys.executable).parent}") or "ruff"
    files = [str(tree / "channels/pager"), str(tree / "tests/conformance/channels/pager.py")]
    for command in ([ruff, "check", *files], [ruff, "format", "--check", *files]):
        ran = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout
