"""`qingting webhook`: who hears what happens here, a test of it, and sending again what a receiver has lost."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.commands import house
from gateway.commands.house import AsJson

app = typer.Typer(no_args_is_help=True, help="Programs outside that are told what happens here.")
COLUMNS = ("id", "url", "description", "active", "stopped", "failing_since", "waiting", "sent", "given_up", "types")
Name = Annotated[str, typer.Argument(help="Its id, or its description or address if no other webhook has it.")]


@app.command("list")
def list_webhooks(json: AsJson = False) -> None:
    """Lists all webhooks, with what is waiting, was sent and was given up in the last 30 days. Secrets are not shown."""
    from gateway.webhooks.shown import all_shown

    with house.store_to_read() as store:
        found = store.read_now(all_shown)
    house.show(found, COLUMNS, as_json=json, first_to_go=("types", "description", "failing_since"))


@app.command("test")
def send_test(webhook: Name, json: AsJson = False) -> None:
    """Posts an event of something that did not happen."""
    from gateway.operations import actor

    done = house.do("test_webhook", actor=actor(), webhook=webhook)
    if json:
        house.print_json(done)
    else:
        typer.echo(f"a test event is on its way to {done['url']}, as delivery {done['id']}")


@app.command("replay")
def replay(
    webhook: Name,
    since: Annotated[
        str, typer.Option(help="When what is to be sent again began, with offset, such as 2026-11-23T09:00:00+08:00.")
    ],
    json: AsJson = False,
) -> None:
    """Posts everything again that it wants and that has happened since: at most 1,000 events, and it says from when there is more."""
    from gateway.operations import actor

    moment = _moment(since)
    done = house.do("replay_webhook", actor=actor(), webhook=webhook, since=moment)
    if json:
        house.print_json(done)
        return
    typer.echo(f"{done['queued']} events are on their way to {done['url']} again")
    if done["more_since"]:
        typer.echo(f"there is more: go on with --since {done['more_since']}")


def _moment(written: str) -> str:
    """By the rules of the API."""
    from pydantic import ValidationError

    from gateway.api.webhook_models import SendSince

    try:
        return SendSince.model_validate({"since": written}).moment.isoformat()
    except ValidationError:
        raise typer.BadParameter(
            f"--since is a time with offset, such as 2026-11-23T09:00:00+08:00, not {written!r}"
        ) from None
