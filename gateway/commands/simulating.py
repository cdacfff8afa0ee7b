"""`qingting simulate`: invented customers against a running house.

Exit codes: 0 everybody was played (faults are what it is for); 1 the house was not fit, somebody could not be reached, or with
--strict anything was wrong; 2 wrong use, or customers that can't be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.commands import house
from gateway.commands.house import AsJson

if TYPE_CHECKING:
    from gateway.config import Settings
    from gateway.simulation.mail import Postbox
    from gateway.simulation.run import Played
    from gateway.simulation.sheet import Sheet

CUSTOMERS = Path("tests/simulation/customers")
SCOPES = ("cases:read", "conversations:read")


def simulate(
    url: Annotated[str, typer.Option(help="The house; without it the one of these settings on this machine.")] = "",
    smtp: Annotated[str, typer.Option(help="Where it takes mail, host:port.")] = "",
    complaints: Annotated[str, typer.Option(help="Its complaints address.")] = "",
    mail_sink: Annotated[
        str, typer.Option(help="Run a mail server here, host:port; the house has it as QINGTING_SMTP_RELAY.")
    ] = "",
    outgoing: Annotated[
        Path | None, typer.Option(help="Or the folder into which a house without a relay writes.")
    ] = None,
    telegram: Annotated[str, typer.Option(help="A stand-in of the Bot API that customers can write to.")] = "",
    key: Annotated[
        str,
        typer.Option(
            envvar="QINGTING_TEST_KEY", help=f"API key with {' and '.join(SCOPES)}; here it makes one itself."
        ),
    ] = "",
    customers: Annotated[Path, typer.Option(exists=True, help="YAML files of customers.")] = CUSTOMERS,
    only: Annotated[
        list[str] | None, typer.Option(help="Only ids, parts, languages or tempers that are so called.")
    ] = None,
    channel: Annotated[list[str] | None, typer.Option(help="Only customers of this channel.")] = None,
    at_once: Annotated[int, typer.Option(min=1, max=50, help="Customers at a time.")] = 6,
    minutes: Annotated[float, typer.Option(min=0.1, max=240, help="After that nobody begins any more.")] = 30.0,
    typing: Annotated[float, typer.Option(min=0.0, max=10, help="Seconds that a line takes to type.")] = 2.0,
    slow: Annotated[float, typer.Option(min=0.1, help="Seconds that an answer may take.")] = 8.0,
    transcripts: Annotated[
        bool, typer.Option("--transcripts", help="Print the conversations that had faults.")
    ] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the table as Markdown.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 if anything was wrong.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Even against a house that is not marked for practice.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only read the customers and say what is wrong with them.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Plays invented customers against a running house and counts what it does wrong by them. Files cases there."""
    chosen = _chosen(customers, only or [], channel or [])
    if check:
        typer.echo(f"{len(chosen)} customers can be played")
        return
    import asyncio

    from gateway.simulation import report
    from gateway.simulation.conversation import Limits
    from gateway.simulation.house import NotForPractice, Refused
    from gateway.simulation.line import Unreached
    from gateway.simulation.run import Pace, Places, run

    settings = None if url else house.settings()
    places = Places(
        url=_web_url(url) if url else _local_url(settings),
        smtp=_host_port(smtp) if smtp else _local_smtp(settings),
        complaints=complaints or (settings.complaints_address if settings else "complaints@localhost"),
        postbox=_postbox(mail_sink, outgoing, settings),
        telegram=telegram or None,
    )
    pace = Pace(typing=typing, at_once=at_once, minutes=minutes, slow=slow, limits=Limits())
    tell = (lambda one: None) if json or markdown else _tell
    try:
        with _key(key, settings) as own:
            played = asyncio.run(run(chosen, places, own, pace, _today(settings), forced=force, tell=tell))
    except (NotForPractice, Refused, Unreached) as error:
        house.stop(str(error))
    if json:
        house.print_json(report.as_json(played))
    elif markdown:
        typer.echo(report.markdown(played))
    else:
        _show(played, transcripts=transcripts)
    if report.unreached(played) or (strict and any(one.faults for one in played)):
        raise typer.Exit(house.FOUND_PROBLEMS)


def _chosen(place: Path, only: list[str], channels: list[str]) -> list[tuple[str, Sheet]]:
    from gateway.simulation.sheet import CustomersUnreadable, read_customers

    try:
        found = read_customers(place)
    except CustomersUnreadable as error:
        raise typer.BadParameter(str(error)) from None
    chosen = [
        (part, one)
        for part, one in found
        if (not only or {one.id, part, one.language, *one.tempers} & set(only))
        and (not channels or one.channel in channels)
    ]
    if not chosen:
        raise typer.BadParameter(f"none of the {len(found)} customers is so called")
    return chosen


def _local_url(settings: Settings | None) -> str:
    assert settings is not None
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.http.host, settings.http.host)
    return f"http://[{host}]:{settings.http.port}" if ":" in host else f"http://{host}:{settings.http.port}"


def _local_smtp(settings: Settings | None) -> tuple[str, int] | None:
    return None if settings is None or settings.smtp is None else (settings.smtp.host, settings.smtp.port)


def _web_url(written: str) -> str:
    from gateway.endpoints import parse_web_url

    try:
        return parse_web_url(written)
    except ValueError:
        raise typer.BadParameter(f"{written!r} is not http://… or https://…") from None


def _host_port(written: str) -> tuple[str, int]:
    from gateway.endpoints import parse_host_port

    try:
        read = parse_host_port(written)
    except ValueError:
        raise typer.BadParameter(f"{written!r} is not host:port") from None
    return read.host, read.port


def _postbox(sink: str, outgoing: Path | None, settings: Settings | None) -> Postbox | None:
    from gateway.simulation.mail import Outgoing, Sink

    if sink:
        return Sink(*_host_port(sink))
    if outgoing is None and settings is not None and settings.smtp_relay is None:
        outgoing = settings.data_dir / "outgoing"
    return Outgoing(outgoing) if outgoing is not None else None


def _today(settings: Settings | None) -> date:
    return datetime.now(settings.timezone).date() if settings else date.today()


@contextmanager
def _key(given: str, settings: Settings | None) -> Iterator[str]:
    """The key that was given, or one of our own for as long as this takes: made and revoked through the house on this machine."""
    if given:
        yield given
        return
    if settings is None:
        raise typer.BadParameter("a house elsewhere needs --key: qingting key add --name simulator --scope …")
    from gateway.auth.sessions import digest_of, new_key
    from gateway.operations import actor

    key = new_key()
    made = house.do("add_key", actor=actor(), name="simulator", scopes=sorted(SCOPES), digest=digest_of(key))
    try:
        yield key
    finally:
        house.do("revoke_key", actor=actor(), key=made["id"])


def _tell(one: Played) -> None:
    told = one.transcript.unreached and "not reached"
    kinds = sorted({fault.kind for fault in one.faults})
    typer.echo(f"{one.sheet.id:<12} {told or (', '.join(kinds) if kinds else 'well')}", err=True)


def _show(played: list[Played], *, transcripts: bool) -> None:
    from gateway.simulation import report

    if transcripts:
        for one in played:
            if one.faults:
                typer.echo(report.story(one))
    typer.echo(report.table(played))
    found = [{"fault": kind, "times": times, "customers": whom} for kind, times, whom in report.by_kind(played)]
    typer.echo("")
    house.show(found, ("fault", "times", "customers"), as_json=False)
    _say_the_rest(played)


def _say_the_rest(played: list[Played]) -> Any:
    from gateway.simulation import report

    times = report.answer_times(played)
    if times:
        typer.echo(
            f"\nanswers came after {times[0]:.1f} s (median), {times[1]:.1f} s (95 of 100), {times[2]:.1f} s (longest)"
        )
    if unread := report.unread_questions(played):
        typer.echo(
            f"{unread} questions ask for something else than their frame says, or in words that our reader does not know"
        )
    for why, number in report.unreached(played):
        typer.echo(f"not reached: {number} customers, {why}")
