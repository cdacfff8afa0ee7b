"""What is shipped: the image, its neighbours, the Makefile and the package, as far as they can be tried without an engine."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.yamls import from_yaml

ROOT = Path(__file__).resolve().parents[1]
REGISTRY_HOST = re.compile(r"(?:FROM|image:)\s+[\w-]+\.[\w.-]+/")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = from_yaml((ROOT / "docker-compose.yml").read_text("utf-8"))
    return read


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text("utf-8")


@pytest.fixture(scope="module")
def rasa_file() -> str:
    return (ROOT / "Dockerfile.rasa").read_text("utf-8")


def settings() -> set[str]:
    from gateway.config import Settings

    return {f"QINGTING_{name.upper()}" for name in Settings.model_fields}


def test_the_compose_file_fits_the_compose_schema(compose: dict[str, Any]) -> None:
    schema = json.loads((ROOT / "tests/compose/compose_spec.json").read_text("utf-8"))
    jsonschema.Draft7Validator(schema).validate(compose)


def test_the_compose_schema_refuses_what_is_wrong(compose: dict[str, Any]) -> None:
    schema = json.loads((ROOT / "tests/compose/compose_spec.json").read_text("utf-8"))
    wrong = {**compose, "services": {"gateway": {"imagine": "qingting"}}}
    assert list(jsonschema.Draft7Validator(schema).iter_errors(wrong))


def test_nothing_named_in_the_compose_file_is_missing(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert set(service.get("secrets", ())) <= set(compose["secrets"])
        assert set(service.get("networks", ())) <= set(compose["networks"])
        assert set(service.get("depends_on", ())) <= set(compose["services"])
        volumes = {volume.partition(":")[0] for volume in service.get("volumes", ())}
        assert volumes <= set(compose["volumes"])


def test_every_neighbour_is_watched_and_the_database_is_not_reachable(compose: dict[str, Any], dockerfile: str) -> None:
    assert "HEALTHCHECK" in dockerfile
    assert all("healthcheck" in service for name, service in compose["services"].items() if "build" not in service)
    assert "ports" not in compose["services"]["database"]
    assert compose["services"]["database"]["networks"] == ["inside"]
    assert compose["networks"]["inside"]["internal"] is True
    published = [port for service in compose["services"].values() for port in service.get("ports", ())]
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_rasa_is_shut_in(compose: dict[str, Any], rasa_file: str) -> None:
    """No published port, no way out, read-only, no telemetry, the model checked by its hash before it is loaded."""
    rasa = compose["services"]["rasa"]
    assert rasa["profiles"] == ["rasa"]
    assert "ports" not in rasa
    assert rasa["networks"] == ["dialogue"]
    assert compose["networks"]["dialogue"]["internal"] is True
    assert [name for name, service in compose["services"].items() if "dialogue" in service["networks"]] == [
        "gateway",
        "rasa",
    ]
    assert (rasa["read_only"], rasa["cap_drop"]) == (True, ["ALL"])
    last = rasa_file.rsplit("FROM ", 1)[1]
    assert "HEALTHCHECK" in last
    assert "RASA_TELEMETRY_ENABLED=false" in last
    assert "USER rasa" in last
    assert "--enable-api" not in last.partition("ENTRYPOINT")[2]
    assert last.index("sha256sum --check") < last.index("exec rasa run")
    assert "--require-hashes -r requirements-rasa.txt" in rasa_file


def test_secrets_come_from_files(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        told = [name for name in service["environment"] if re.search("PASSWORD|SECRET|DATABASE_URL", name)]
        assert all(name.endswith("_FILE") for name in told)


def test_only_settings_that_exist_are_set(compose: dict[str, Any], dockerfile: str) -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    told = set(re.findall(r"QINGTING_[A-Z_]+", dockerfile + example)) | set(
        compose["services"]["gateway"]["environment"]
    )
    named = {name for name in told if name.startswith("QINGTING_")}
    assert {name.removesuffix("_FILE") for name in named} <= settings()


def test_every_setting_is_in_the_operators_table() -> None:
    table = (ROOT / "docs/operating.md").read_text("utf-8")
    assert {name for name in settings() if f"`{name}`" not in table} == set()


@pytest.mark.parametrize("file", ["Dockerfile", "Dockerfile.rasa", "docker-compose.yml"])
def test_no_registry_is_named(file: str) -> None:
    assert not REGISTRY_HOST.search((ROOT / file).read_text("utf-8"))


def test_the_image_runs_as_nobody_in_particular_and_from_locked_packages(dockerfile: str) -> None:
    last = dockerfile.rsplit("FROM ", 1)[1]
    assert re.search(r"^USER qingting$", last, re.MULTILINE)
    assert "--require-hashes -r requirements.txt" in dockerfile
    assert 'ENTRYPOINT ["qingting"]' in last
    assert 'CMD ["serve"]' in last


def test_everything_that_the_images_copy_is_let_in_and_there(dockerfile: str, rasa_file: str) -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copied = [
        word
        for line in f"{dockerfile}\n{rasa_file}".splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    ]
    assert {name for name in copied if not name.startswith("dialogue/")} == let_in
    assert [name for name in copied if name != "README.md" and not (ROOT / name).exists()] == []


def _default(value: str) -> str:
    """What compose puts in place of `${NAME:-default}` where NAME is not set."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)


def test_the_image_starts_as_the_package_does(compose: dict[str, Any], tmp_path: Path) -> None:
    """The entry point's first steps, with secrets by file: settings are read, and a database that is not there is told."""
    secrets = {
        "QINGTING_DATABASE_URL_FILE": "postgresql://qingting:x%2F@127.0.0.1:1/qingting",
        "QINGTING_SECRET_FILE": "s" * 48,
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("QINGTING_")}
    for name, value in secrets.items():
        (tmp_path / name).write_text(value + "\n")
        environment[name] = str(tmp_path / name)
    given = compose["services"]["gateway"]["environment"]
    environment |= {name: _default(value) for name, value in given.items() if not name.endswith("_FILE")}
    environment |= {"QINGTING_DATA_DIR": str(tmp_path / "var"), "QINGTING_SMTP": "", "QINGTING_HTTP": "127.0.0.1:0"}
    entry = [sys.executable, "-m", "gateway", "serve"]
    done = subprocess.run(entry, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    assert "connection" in done.stderr


def test_the_package_ships_every_file_that_the_code_reads() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    shipped = {pattern.removeprefix("*") for pattern in told["tool"]["setuptools"]["package-data"]["*"]} | {
        ".py",
        "py.typed",
    }
    listed = subprocess.run(
        ["git", "ls-files", "gateway", "channels", "dialogue", "case_store"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    left_out = [name for name in listed if Path(name).suffix not in shipped and Path(name).name not in shipped]
    assert [name for name in left_out if "/.rasa/" not in name] == []


def test_every_dependency_is_locked_and_used() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    names = {re.split(r"[\[<>=]", each)[0].lower().replace("_", "-") for each in told}
    locked = set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE))
    assert names <= locked
    modules = {
        "charset-normalizer": "charset_normalizer",
        "pyyaml": "yaml",
        "argon2-cffi": "argon2",
        "webvtt-py": "webvtt",
    }
    modules |= {
        "prometheus-client": "prometheus_client",
        "pydantic-settings": "pydantic_settings",
        "python-telegram-bot": "telegram",
        "uuid-utils": "uuid_utils",
        "psycopg": "psycopg",
        "python-stdnum": "stdnum",
    }
    modules |= {"dkimpy": "dkim", "dnspython": "dns", "pyspf": "spf", "fpdf2": "fpdf", "pillow": "PIL"}
    never_imported = {"setuptools", "tzdata"}  # builds the package; zones where the system has none
    code = "\n".join(
        path.read_text("utf-8")
        for wing in ("gateway", "channels", "dialogue", "case_store")
        for path in (ROOT / wing).rglob("*.py")
    )
    unused = [
        name
        for name in names - never_imported
        if not re.search(
            rf"^\s*(?:from|import) {re.escape(modules.get(name, name.replace('-', '_')))}\b",
            code,
            re.MULTILINE | re.IGNORECASE,
        )
    ]
    assert unused == []


@pytest.mark.parametrize("python", ["", "/bin/false"])
def test_make_says_that_python_is_missing_or_too_old(tmp_path: Path, python: str) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copy(ROOT / "requirements.txt", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    done = subprocess.run(
        ["make", "serve", f"PYTHON={python}"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "Python 3.11 or newer" in done.stderr
    assert not (tmp_path / ".venv").exists()
