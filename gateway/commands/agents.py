"""`qingting agent`: the accounts of those who answer customers."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.commands import house
from gateway.commands.house import AsJson

app = typer.Typer(no_args_is_help=True, help="Accounts of those who answer customers.")
COLUMNS = ("username", "name", "post", "contact", "role", "languages", "skills", "most", "active")
Username = Annotated[str, typer.Argument(help="What the agent signs in with.")]
GivenPassword = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of standard input.")
]


@app.command("list")
def list_agents(json: AsJson = False) -> None:
    """Lists all accounts, closed ones too."""
    from case_store import people

    with house.store_to_read() as store:
        found = store.read_now(people.all_agents)
    house.show([agent.to_json() for agent in found], COLUMNS, as_json=json, first_to_go=("contact", "post"))


@app.command("add")
def add_agent(
    username: Username,
    name: Annotated[str, typer.Option(help="As customers are told it.")],
    role: Annotated[str, typer.Option(help="agent, supervisor, compliance (reads only) or admin.")] = "agent",
    post: Annotated[str, typer.Option(help="Shown to the customer at take-over.")] = "",
    contact: Annotated[str, typer.Option(help="Shown to the customer at take-over.")] = "",
    language: Annotated[str, typer.Option(help="zh-Hans, zh-Hant or en.")] = "",
    password_stdin: GivenPassword = False,
    json: AsJson = False,
) -> None:
    """Adds an account. The password is asked for twice, or read from standard input."""
    asked = _checked(username, name, role, post, contact, language, _password(password_stdin))
    from gateway.operations import actor

    password = asked.pop("password")
    added = house.do("add_agent", actor=actor(), password_hash=_hash(password), **asked)
    house.show([added], COLUMNS, as_json=json)


@app.command("password")
def set_password(username: Username, password_stdin: GivenPassword = False) -> None:
    """Sets a new password and ends the account's sessions."""
    password = _password(password_stdin)
    _check_password(password)
    from gateway.operations import actor

    house.do("change_agent", actor=actor(), username=username, changes={"password_hash": _hash(password)})
    typer.echo(f"{username} has a new password; whoever was signed in with the old one is signed out")


@app.command("work")
def set_work(
    username: Username,
    languages: Annotated[
        str | None, typer.Option(help='They answer in, such as "zh-Hans,en"; "" for all of them.')
    ] = None,
    skills: Annotated[str | None, typer.Option(help='Words as the policy names them, such as "funds,loans".')] = None,
    most: Annotated[
        int | None,
        typer.Option(help="Conversations at once, beyond which none is given by turn; 0: as the policy says."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Sets which conversations an agent may be given by turn. What is not named stays."""
    given: dict[str, object] = {} if most is None else {"most": most or None}
    for name, words in (("languages", languages), ("skills", skills)):
        if words is not None:
            given[name] = [word.strip() for word in words.split(",") if word.strip()]
    if not given:
        raise typer.BadParameter("give --languages, --skills or --most")
    from gateway.operations import actor

    changed = house.do("change_agent", actor=actor(), username=username, changes=_checked_work(given))
    house.show([changed], COLUMNS, as_json=json)


def _checked_work(given: dict[str, object]) -> dict[str, object]:
    """By the rules of the API."""
    from pydantic import ValidationError

    from gateway.api.models import AgentChange

    try:
        return AgentChange.model_validate(given).model_dump(mode="json", exclude_unset=True)
    except ValidationError as error:
        first = error.errors()[0]
        raise typer.BadParameter(f"{first['loc'][0]}: {first['msg']}, not {first['input']!r}") from None


@app.command("reset-second-factor")
def reset_second_factor(username: Username) -> None:
    """Takes the second factor of somebody who has lost theirs away, and ends their sessions."""
    from gateway.operations import actor

    done = house.do("reset_second_factor", actor=actor(), username=username)
    told = "signs in with the password alone, until they set up another" if done["reset"] else "has no second factor"
    typer.echo(f"{username} {told}")


@app.command("close")
def close_agent(
    username: Username,
    to: Annotated[
        str, typer.Option(help="Who goes on with what it answers and with its open cases; without, the queue.")
    ] = "",
    json: AsJson = False,
) -> None:
    """Closes an account: nobody signs in with it any more, what it did stays, nobody it answered is left unanswered."""
    from gateway.operations import actor

    closed = house.do("close_agent", actor=actor(), username=username, to=to or None)
    if json:
        house.print_json(closed)
        return
    moved, whom = closed["handed_over"], to or "the queue"
    typer.echo(f"{username} is closed")
    if any(moved.values()):
        cases = f"{moved['cases']} open cases " + (f"to {to}" if to else "are nobody's now")
        typer.echo(f"{moved['conversations']} conversations have gone to {whom}, {cases}")


@app.command("open")
def open_agent(username: Username) -> None:
    """Opens a closed account again."""
    from gateway.operations import actor

    house.do("change_agent", actor=actor(), username=username, changes={"active": True})
    typer.echo(f"{username} is open")


@app.command("join")
def join_agent(
    username: Username, subject: Annotated[str, typer.Argument(help="the person's `sub` at the sign-in service")]
) -> None:
    """Says who an agent is at the sign-in service. An administrator's account is joined in no other way."""
    from gateway.operations import actor

    joined = house.do("join_agent", actor=actor(), username=username, subject=subject)["joined"]
    typer.echo(f"{username} is {'that person there' if joined else 'joined already, or somebody else is that person'}")


@app.command("part")
def part_agent(username: Username) -> None:
    """Forgets who the agent is at the sign-in service: their username may be joined to another person there."""
    from gateway.operations import actor

    parted = house.do("part_agent", actor=actor(), username=username)["parted"]
    typer.echo(f"{username} is {'nobody there any more, and signed out' if parted else 'joined to nobody there'}")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return typer.get_text_stream("stdin").readline().rstrip("\r\n")
    return str(typer.prompt("password", hide_input=True, confirmation_prompt=True))


def _check_password(password: str) -> None:
    from gateway.auth.passwords import LONGEST, SHORTEST

    if not SHORTEST <= len(password) <= LONGEST:
        raise typer.BadParameter(f"a password has {SHORTEST} to {LONGEST} characters")


def _checked(
    username: str, name: str, role: str, post: str, contact: str, language: str, password: str
) -> dict[str, str | None]:
    """By the rules of the API, so that an account made here can do no more than one made there."""
    from pydantic import ValidationError

    from gateway.api.models import AgentAdded

    given = {"username": username, "name": name, "role": role, "post": post, "contact": contact, "password": password}
    try:
        read = AgentAdded.model_validate({**given, "language": language or None})
    except ValidationError as error:
        first = error.errors()[0]
        raise typer.BadParameter(f"{first['loc'][0]}: {first['msg']}") from None
    checked: dict[str, str | None] = read.model_dump(mode="json")
    return checked


def _hash(password: str | None) -> str:
    from argon2 import PasswordHasher

    return PasswordHasher().hash(password or "")
