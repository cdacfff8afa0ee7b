"""The API keeps what it says of itself: requests made from its own description, right and wrong, to a whole gateway.

Not here: who may do what (tests/gateway/api).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bad_days.conftest import ROOT, GatewayProcess

pytestmark = pytest.mark.slow

LEFT_OUT = r"/api/v1/(live|session|keys/.id.|agents/me/password|agents/.username.|uploads.*)$"
"""Sockets, resumable uploads (a protocol of their own), and what would take the tester's own key and account away."""


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[GatewayProcess]:
    (tmp_path / "var").mkdir()
    made = GatewayProcess(tmp_path / "var")
    made.start()
    yield made
    made.stop()


def test_what_it_answers_is_what_its_description_says(gateway: GatewayProcess) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "gateway", "key", "add", "--name", "tester", "--scope", "admin", "--json"],
        cwd=ROOT,
        env=gateway.environment(),
        capture_output=True,
        check=True,
    )
    key = json.loads(made.stdout)["key"]
    found = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", Path(__file__).with_name("schemathesis.toml")),
            *("run", f"{gateway.url}/api/openapi.json", "--header", f"Authorization: Bearer {key}", "--no-color"),
            *("--exclude-path-regex", LEFT_OUT, "--continue-on-failure", "--request-timeout", "30"),
        ],
        cwd=gateway.data_dir,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout[-20_000:] + found.stderr[-2_000:]
    [tested] = re.findall(r"Tested:\s*(\d+)", found.stdout)
    assert int(tested) > 100
