"""No wing's source holds a secret: nothing in it opens anything."""

from __future__ import annotations

import ast
import math
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
WINGS = ("case_store", "channels", "dialogue", "gateway")
SOURCES = sorted(path for wing in WINGS for path in (ROOT / wing).rglob("*.py"))
NAMED = re.compile(r"(^|_)(password|passwd|secret|token|api_key|private_key|credentials?)$", re.IGNORECASE)
KNOWN = re.compile(  # as keys of services and of mathematics are written
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{36}|\bxox[abpr]-\w{10}|\bwhsec_[\w+/=]{20}"
    r"|\b\d{8,10}:[\w-]{35}\b|://(?!user:password@)[^/\s:@{]+:[^/\s:@{]{3,}@"
)


def randomness(text: str) -> float:
    """Bits of each character: words have three and a half, what is drawn by lot more."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())


def is_secret(text: str) -> bool:
    drawn = re.fullmatch(r"[\w+=-]{24,}", text) and all(re.search(kind, text) for kind in ("[0-9]", "[A-Z]", "[a-z]"))
    hexadecimal = re.fullmatch(r"[0-9a-f]{32,}", text) and randomness(text) > 3
    return bool(KNOWN.search(text) or hexadecimal or (drawn and randomness(text) > 3.7 and "ABC" not in text))


def secrets_in(source: str) -> list[str]:
    """Literals that look like one, and any literal given to something that is called one."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            text = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
            found += [text] if is_secret(text) else []
        for name, value in _given(node):
            literal = isinstance(value, ast.Constant) and isinstance(value.value, str | bytes) and value.value
            if literal and NAMED.search(name) and re.search(rb"[0-9!?#$%]", _bytes(literal)):
                found.append(f"{name} = {literal!r}")
    return found


def _bytes(literal: str | bytes) -> bytes:
    return literal if isinstance(literal, bytes) else literal.encode()


def _given(node: ast.AST) -> list[tuple[str, ast.expr | None]]:
    if isinstance(node, ast.Assign):
        return [(target.id, node.value) for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [(node.target.id, node.value)]
    return [(node.arg, node.value)] if isinstance(node, ast.keyword) and node.arg else []


@pytest.mark.parametrize("wing", WINGS)
def test_no_wings_source_holds_a_secret(wing: str) -> None:
    mine = [path for path in SOURCES if path.is_relative_to(ROOT / wing)]
    assert len(mine) > 10
    found = {str(path.relative_to(ROOT)): told for path in mine if (told := secrets_in(path.read_text("utf-8")))}
    assert found == {}


PLANTED = (
    'PASSWORD = "hunter2"',
    'connect(password="s3cret")',
    'TOKEN: Final = b"0123abc"',
    'url = "postgresql://qingting:opensesame@db/qingting"',
    'x = "-----BEGIN PRIVATE KEY-----"',
    'x = "AKIA" "IOSFODNN7EXAMPLE"',
    'x = "123456789:AAF0a-Qd3v9xKz7LmNoPqRsTuVwXyZ01234"',
    'x = "q8Zr2LxV5nT0cYb7Kd3Wf9Hj4Pm6Sg1A"',
    'x = "9f86d081884c7d659a2feaa0c55ad015"',
)


@pytest.mark.parametrize("source", PLANTED)
def test_one_that_is_planted_is_found(source: str) -> None:
    assert secrets_in(source)
