"""Logs tell what happened and never to whom."""

from __future__ import annotations

import asyncio
import json
import logging
import smtplib
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
import structlog

from gateway.config import HostPort, Settings
from gateway.logs import on_loop_error, set_up_logs, without_numbers
from gateway.service import Service

SECRETS = ("王小明", "13812345678", "wang@customer.example", "三万五", "lost my savings", "Ada Lovelace", "城南支行")


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def fail_with(words: str) -> None:
    raise ValueError(words)


@pytest.mark.parametrize("form", ["console", "json"])
def test_an_exception_is_logged_without_its_words(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(form)  # type: ignore[arg-type]
    for log in (structlog.get_logger("a"), logging.getLogger("b")):
        try:
            fail_with("王小明 said something")
        except ValueError:
            log.exception("reading_failed")
    told = capsys.readouterr().err
    assert "王小明" not in told
    assert told.count("builtins.ValueError at fail_with:") == 2


@pytest.mark.parametrize("form", ["console", "json"])
@pytest.mark.parametrize(
    "written",
    [
        "13812345678",
        "11010519491231002X",
        "6222 0212 3456 7894",
        "wang@customer.example",
        "+852 9123 4567",
        13812345678,
    ],
)
def test_personal_numbers_are_masked_wherever_in_a_line_they_stand(
    form: str, written: str | int, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs(form)  # type: ignore[arg-type]
    structlog.get_logger("a").warning(
        f"refused {written}", to=written, all=[written], deep={"of": (written,)}, error=ValueError(written)
    )
    logging.getLogger("b").warning("a library quotes %s", written)
    told = capsys.readouterr().err
    assert str(written) not in told
    assert told.count("*") >= 6 * 3


def test_what_is_not_personal_stands_in_a_log_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("json")
    beside = {
        "case": "C20261128-000421-4",
        "from": "139.16.255.103:54321",
        "took": 0.25,
        "size": 13812345,
        "done": True,
        "none": None,
    }
    structlog.get_logger("a").warning("written", **beside)
    line = json.loads(capsys.readouterr().err)
    assert {name: line[name] for name in beside} == beside


def test_a_task_that_nobody_waited_for_is_logged_without_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("json")
    on_loop_error(None, {"message": "王小明", "exception": ValueError("13812345678")})
    told = json.loads(capsys.readouterr().err)
    assert told["exception_type"] == ["builtins.ValueError at nowhere"]
    assert "13812345678" not in json.dumps(told, ensure_ascii=False)


def test_every_line_is_json_with_time_and_level(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("json", "warning")
    logging.getLogger("x").info("quiet")
    structlog.get_logger("y").warning("loud", arrival="1")
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["arrival"], line["logger"]) == ("loud", "warning", "1", "y")
    assert line["timestamp"].endswith("Z")


def write_mail(port: int) -> None:
    mail = (
        "From: Ada Lovelace <wang@customer.example>\r\nTo: complaints@localhost\r\nMessage-ID: <1@customer.example>\r\n"
        "Subject: complaint\r\n\r\nYour branch lost my savings. I want a refund.\r\n"
    )
    with smtplib.SMTP("127.0.0.1", port, timeout=20) as smtp:
        smtp.sendmail("wang@customer.example", ["complaints@localhost"], mail)
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            smtp.sendmail("wang@customer.example", ["nobody@elsewhere.example"], mail)


async def test_a_whole_run_leaves_nothing_of_its_customers_in_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs("json", "debug")
    settings = Settings(
        data_dir=tmp_path / "var", http=HostPort("127.0.0.1", 0), smtp=HostPort("127.0.0.1", 0), quiet_seconds=0
    )
    service = Service(settings)
    await service.start()
    try:
        url = "http://{}:{}".format(*service.http)
        assert service.smtp is not None
        async with aiohttp.ClientSession() as http, http.ws_connect(f"{url}/chat/ws") as chat:
            await chat.send_json({"type": "start", "session": None, "locale": "zh-Hans"})
            text = "我叫王小明，电话13812345678，在城南支行转账三万五没到账，我要投诉"
            await chat.send_json({"type": "message", "client_id": "1", "text": text})
            await chat.send_str("not json 王小明")
            form = {
                "what_happened": "城南支行 lost my savings",
                "name": "Ada Lovelace",
                "contact": "wang@customer.example",
            }
            async with http.post(f"{url}/api/v1/complaints", json=form) as taken:
                assert taken.status == 201
            async with http.post(f"{url}/api/v1/status", json={"reference": "王小明", "contact": "13812345678"}):
                pass
            async with http.get(f"{url}/api/v1/cases?q=王小明"):
                pass
            await asyncio.to_thread(write_mail, service.smtp[1])
            await asyncio.sleep(1.5)
            assert service.first_password
    finally:
        await service.stop()
    told = capsys.readouterr()
    for secret in (*SECRETS, service.first_password):
        assert secret not in told.err + told.out
    print(told.err[:2000], file=sys.stderr)


class Untold:
    def __str__(self) -> str:
        raise RuntimeError("13812345678")


def test_what_can_not_be_told_in_words_stops_no_line() -> None:
    shown = without_numbers(None, "info", {"event": "read", "what": Untold()})
    assert shown == {"event": "read", "what": "(Untold that can't be shown: RuntimeError)"}
