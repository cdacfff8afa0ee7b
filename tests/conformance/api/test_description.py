"""The API keeps what it says of itself: requests made from its own description, right and wrong, to a whole gateway.

Not here: who may do what (tests/gateway/api).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bad_days.conftest import ROOT, GatewayProcess

pytestmark = pytest.mark.slow

CONFIG = Path(__file__).with_name("schemathesis.toml")
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
    assert routes_tested(gateway, made_key(gateway), CONFIG.read_text("utf-8")) > 100


def test_so_it_is_where_what_is_asked_for_is_there(gateway: GatewayProcess) -> None:
    """Most routes answer 404 to whoever makes an id up: here they are asked for what the house holds."""
    key = made_key(gateway)
    blocks = (
        f'[[operations]]\ninclude-path-regex = "^{path}"\nparameters = {{ "path.{name}" = "{id}" }}\n'
        for path, name, id in things(gateway, key)
    )
    config = "\n".join((CONFIG.read_text("utf-8"), *blocks))
    assert routes_tested(gateway, key, config, "--include-path-regex", f"^({'|'.join(THERE)})") > 50


THERE = (
    "/api/v1/cases/.key.",
    "/api/v1/conversations/.id.",
    "/api/v1/canned/.id.",
    "/api/v1/webhooks/.id.",
    "/api/v1/views/.id.",
)


def things(gateway: GatewayProcess, key: str) -> Iterator[tuple[str, str, str]]:
    """A thing of each kind."""

    def asked(path: str, body: Any = None) -> Any:
        sent = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(gateway.url + path, sent, headers)) as answer:
            return json.loads(answer.read())

    complaint = {"what_happened": "My card was charged twice.", "name": "Li", "contact": "li@example.com"}
    case = asked(f"/api/v1/cases/{asked('/api/v1/complaints', complaint)['reference']}")
    canned = {"name": "late", "shared": True, "texts": {"en": "We are late."}}
    webhook = {"url": "https://example.com/hook"}
    view = {"name": "fees", "chosen": {}}
    made = [
        asked(f"/api/v1/{kind}", body)["id"]
        for kind, body in (("canned", canned), ("webhooks", webhook), ("views", view))
    ]
    for path, id in zip(THERE, (case["id"], case["conversations"][0], *made), strict=True):
        yield path, "key" if "cases" in path else "id", id


def made_key(gateway: GatewayProcess) -> str:
    made = subprocess.run(
        [sys.executable, "-m", "gateway", "key", "add", "--name", "tester", "--scope", "admin", "--json"],
        cwd=ROOT,
        env=gateway.environment(),
        capture_output=True,
        check=True,
    )
    return str(json.loads(made.stdout)["key"])


def routes_tested(gateway: GatewayProcess, key: str, config: str, *more: str) -> int:
    """How many routes were, and nothing was found."""
    file = gateway.data_dir / "schemathesis.toml"
    file.write_text(config, "utf-8")
    found = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", file),
            *("run", f"{gateway.url}/api/openapi.json", "--header", f"Authorization: Bearer {key}", "--no-color"),
            *("--exclude-path-regex", LEFT_OUT, "--continue-on-failure", "--request-timeout", "30", *more),
        ],
        cwd=gateway.data_dir,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout[-20_000:] + found.stderr[-2_000:]
    [routes] = re.findall(r"Tested:\s*(\d+)", found.stdout)
    return int(routes)
