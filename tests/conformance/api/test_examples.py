"""docs/api.md is true: its examples, run one after another against a whole gateway, print what stands under them."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.bad_days.conftest import ROOT, GatewayProcess

PAGE = ROOT / "docs/api.md"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[GatewayProcess]:
    (tmp_path / "var").mkdir()
    made = GatewayProcess(tmp_path / "var", QINGTING_REQUESTS_PER_KEY="600")
    made.start()
    yield made
    made.stop()


def test_the_examples_print_what_stands_under_them(gateway: GatewayProcess) -> None:
    blocks = _BLOCK.findall(PAGE.read_text("utf-8"))
    (kind, made), *examples = blocks
    assert kind == "bash"
    house: dict[str, Any] = {"HOUSE": gateway.url, "KEY": key(gateway, made), **posted()}
    shown = 0
    for (language, code), (below, printed) in zip(examples, [*examples[1:], ("", "")], strict=True):
        if language:
            said = run(gateway, code) if language == "bash" else exec_(code, house)
            assert below == "", f"nothing stands under\n{code}"
            assert matches(printed, said), f"{code}\nprinted\n{said}\nand not\n{printed}"
            shown += 1
    assert shown > 8


def key(gateway: GatewayProcess, command: str) -> str:
    program, *asked = shlex.split(command)
    assert program == "qingting"
    made = subprocess.run(
        [sys.executable, "-m", "gateway", *asked, "--json"],
        cwd=ROOT,
        env=gateway.environment(),
        capture_output=True,
        check=True,
    )
    return str(json.loads(made.stdout)["key"])


def run(gateway: GatewayProcess, code: str) -> str:
    environment = {**os.environ, "HOUSE": gateway.url, "NO_PROXY": "127.0.0.1"}
    return subprocess.run(["bash", "-euc", code], env=environment, capture_output=True, text=True, check=True).stdout


def exec_(code: str, house: dict[str, Any]) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(compile(code, PAGE.name, "exec"), house)
    return said.getvalue()


def posted() -> dict[str, Any]:
    """What a webhook is posted with."""
    secret, now = "whsec_" + "c2VjcmV0" * 4, datetime.now(UTC)
    body = json.dumps({"type": "org.qingting.case.filed.v1", "subject": "C20261123-000421-4"})
    signature = Webhook(secret).sign("one", now, body)
    headers = {"webhook-id": "one", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
    return {"SECRET": secret, "BODY": body.encode(), "HEADERS": headers}


def matches(shown: str, said: str) -> bool:
    """`…` stands for anything."""
    pattern = ".*".join(re.escape(part) for part in shown.strip().split("…"))
    return re.fullmatch(pattern, said.strip()) is not None
