"""`qingting transcript import`: beside the store, and through the running gateway."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from case_store import case_lists
from case_store.case_lists import CaseFilter
from case_store.store import Store
from gateway.cli import app
from tests.gateway.commanding import Run, data_dir
from tests.gateway.telephone.conftest import COMPLAINT

Wav = Callable[..., bytes]
__all__ = ["data_dir"]


@pytest.fixture(autouse=True)
def _english(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGTING_LOCALE", "en")


@pytest.fixture
def run(data_dir: Path) -> Run:
    return lambda *words: CliRunner().invoke(app, ["transcript", "import", *map(str, words)])


@pytest.fixture
def files(tmp_path: Path, wav: Wav) -> Path:
    folder = tmp_path / "calls"
    folder.mkdir()
    (folder / "one.txt").write_text(COMPLAINT)
    (folder / "one.wav").write_bytes(wav(0.1))
    (folder / "two.txt").write_text(COMPLAINT + "Customer: And another thing.\n")
    (folder / "bad.vtt").write_text("WEBVTT\n\n00:0x.000 --> 00:01.000\nwords\n")
    return folder


def filed(data_dir: Path) -> Iterator[Any]:
    store = Store(f"sqlite:///{data_dir}/qingting.db")
    try:
        yield from store.read_now(case_lists.listing, CaseFilter())
    finally:
        store.close()


def test_a_folder_of_calls_is_filed_and_what_is_refused_is_told(run: Run, files: Path, data_dir: Path) -> None:
    done = run(files, "--consent", "yes")
    assert done.exit_code == 1
    lines = dict(line.split(": ", 1) for line in done.output.splitlines())
    assert lines[str(files / "bad.vtt")].startswith("refused, line 3: ")
    assert "with its recording" in lines[str(files / "one.txt")]
    assert {record.reference for record in filed(data_dir)} == {
        line.split(" ")[0] for name, line in lines.items() if not name.endswith("bad.vtt")
    }


def test_the_same_files_again_are_the_same_cases(run: Run, files: Path, data_dir: Path) -> None:
    first = json.loads(run(files / "one.txt", files / "two.txt", "--consent", "yes", "--json").output)
    again = json.loads(run(files / "one.txt", files / "two.txt", "--consent", "yes", "--json").output)
    assert [one["reference"] for one in first] == [one["reference"] for one in again]
    assert len(list(filed(data_dir))) == 2


def test_a_recording_without_consent_is_refused_with_its_call(run: Run, files: Path, data_dir: Path) -> None:
    done = run(files / "one.txt", "--recording", files / "one.wav")
    assert done.exit_code == 1
    assert "consent" in done.output
    assert list((data_dir / "files").rglob("*")) == [] or all(path.is_dir() for path in (data_dir / "files").rglob("*"))
    assert list(filed(data_dir)) == []


def test_what_is_said_of_one_call_is_said_of_one(run: Run, files: Path) -> None:
    assert run(files, "--call", "c-17").exit_code == 2
    named = run(
        files / "one.txt", "--call", "c-17", "--started-at", "2026-11-20T10:00:00+08:00", "--language", "en", "--json"
    )
    [told] = json.loads(named.output)
    assert (told["call"], told["received_at"]) == ("c-17", "2026-11-20T02:00:00+00:00")


def test_mail_that_waits_is_left_to_a_gateway_that_reads_mail(run: Run, files: Path, data_dir: Path) -> None:
    from sqlalchemy import select

    from case_store.arrivals import NewArrival, accept
    from case_store.tables_arrivals import arrivals

    assert run(files / "one.txt").exit_code == 0
    store = Store(f"sqlite:///{data_dir}/qingting.db")
    store.write_now(lambda tx: accept(tx, NewArrival("email", "email:a@b.example", "<1@x>", tx.now, 3, b"raw")))
    assert run(files / "two.txt").exit_code == 0
    states = store.read_now(lambda tx: tx.execute(select(arrivals.c.channel, arrivals.c.state)).all())
    store.close()
    assert sorted((row.channel, row.state) for row in states) == [
        ("email", "waiting"),
        ("phone", "read"),
        ("phone", "read"),
    ]


async def test_through_the_running_gateway(data_dir: Path, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    from gateway.config_loading import load_settings
    from gateway.service import Service

    monkeypatch.setenv("QINGTING_HTTP", "127.0.0.1:0")
    monkeypatch.setenv("QINGTING_SMTP", "")
    service = Service(load_settings())
    await service.start()
    try:
        command = CliRunner().invoke
        with capture_logs():  # the gateway is in this process: what it logs meanwhile would stand in the output
            done = await asyncio.to_thread(command, app, ["transcript", "import", str(files / "one.txt"), "--json"])
        assert done.exit_code == 0, done.output
        [told] = json.loads(done.output)
        assert told["reference"]
    finally:
        await service.stop()
