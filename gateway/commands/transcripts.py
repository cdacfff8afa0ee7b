"""`qingting transcript`: telephone transcripts from files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.commands import house
from gateway.commands.house import AsJson

app = typer.Typer(no_args_is_help=True, help="Telephone transcripts from files.")
AT_ONCE = 20


@app.callback()
def transcripts() -> None:
    """Telephone transcripts from files."""


@app.command("import")
def import_transcripts(
    files: Annotated[
        list[Path],
        typer.Argument(exists=True, help="Transcripts, or folders of them; a recording beside one has its stem."),
    ],
    format: Annotated[str, typer.Option(help="Of the transcripts, where it should not be found out.")] = "",
    call: Annotated[str, typer.Option(help="The telephone system's name for the call; of one file only.")] = "",
    language: Annotated[str, typer.Option(help="What is spoken: zh-CN, yue-HK, en-US.")] = "",
    started_at: Annotated[str, typer.Option(help="When the call began, with offset; of one file only.")] = "",
    recording: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Of one file only.")] = None,
    consent: Annotated[str, typer.Option(help="Whether the customers agreed to be recorded: yes, no or unknown.")] = "",
    json: AsJson = False,
) -> None:
    """Files the calls of these transcripts: through the running gateway, or beside the store. Exit code 1 if any is refused."""
    found = list(_found(files))
    if not found:
        house.stop("no transcript is there: recordings alone say nothing")
    if len(found) > 1 and (call or started_at or recording):
        raise typer.BadParameter("--call, --started-at and --recording belong to one transcript: name only one")
    said = {"format": format, "call": call, "language": language, "started_at": started_at, "consent": consent}
    details = {name: value for name, value in said.items() if value}
    asked = [
        {"path": str(path), "recording": str(sound) if sound else None, "details": details}
        for path, sound in ([(found[0][0], recording.resolve())] if recording else found)
    ]
    results = []
    for some in _batches(asked):
        done = house.do("import_transcripts", files=some)
        results += done
        if not json:
            typer.echo("\n".join(_line(one) for one in done))
    if json:
        house.print_json(results)
    if any(one["refused"] for one in results):
        raise typer.Exit(house.FOUND_PROBLEMS)


def _line(result: dict[str, Any]) -> str:
    if result["refused"]:
        return f"{result['file']}: refused, {result['refused']}"
    if result["reference"] is None:
        return f"{result['file']}: taken as call {result['call']}, not filed yet"
    incomplete = ", incomplete" if result["incomplete"] else ""
    sound = ", with its recording" if result["recording"] else ""
    return f"{result['file']}: {result['reference']} ({result['kind'] or 'who is the customer is asked'}{incomplete}{sound})"


def _found(files: Sequence[Path]) -> Iterator[tuple[Path, Path | None]]:
    """(transcript, its recording) of each call, absolute: the running gateway stands in another folder."""
    from channels.phone.folder import AUDIO

    named = [path for file in files for path in (sorted(file.iterdir()) if file.is_dir() else [file])]
    plain = [path.resolve() for path in named if path.is_file() and not path.name.startswith(".")]
    sounds = {(path.parent, path.stem): path for path in plain if path.suffix.lower() in AUDIO}
    for path in dict.fromkeys(plain):
        if path.suffix.lower() not in AUDIO:
            yield path, sounds.get((path.parent, path.stem))


def _batches(asked: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """So many that one of them never takes longer than the gateway is waited for."""
    waiting = iter(asked)
    while batch := list(islice(waiting, AT_ONCE)):
        yield batch
