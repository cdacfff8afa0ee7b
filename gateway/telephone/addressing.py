"""Which call is meant: telephone systems name their calls, and two of them may use the same name.

A name belongs to its source. An API key is one, so each telephone system takes a key of its own; what comes by files, in the
watched folder or from the command line, is its line's. A program that hands in calls addresses its own by their names and is never
led to another's. Agents, and programs that only read, address any call: by its conversation's id, or by its name while
only one call has it.

Not here: what is done with the call.
"""

from __future__ import annotations

from dataclasses import dataclass

from case_store import calls
from case_store.calls import NoSuchCall
from case_store.conversations import Row
from case_store.store import Transaction
from channels.phone.channel import source_of_line


class SeveralCalls(LookupError):
    """Several calls have this name; `lines` are theirs."""

    final = True

    def __init__(self, name: str, lines: list[str]) -> None:
        super().__init__(
            f"{len(lines)} calls are called {name[:100]!r}, on {'the lines ' if len(set(lines)) > 1 else 'the line '}"
            f"{', '.join(sorted(set(lines)))}: name the one that is meant by the id of its conversation"
        )
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Caller:
    """Who names a call. `source` is set for a program whose names are its own.

    Others' calls may be meant by a name with `by_name`, by their conversation with `by_id`.
    """

    source: str | None = None
    by_name: bool = True
    by_id: bool = True


def source_of_key(id: str) -> str:
    return f"key:{id}"


def find(tx: Transaction, caller: Caller, name: str, line: str | None = None) -> Row:
    """The call that is meant; with `line` only one on that. Raises NoSuchCall, SeveralCalls."""
    if caller.source is not None:
        own = calls.look(tx, caller.source, name)
        if own is not None:
            return own
    by_id = calls.of_conversations(tx, [name]).get(name)  # first: a call may be named like another's id
    if by_id is not None and (caller.by_id or by_id["source"] == caller.source):
        return by_id
    if not caller.by_name:
        raise NoSuchCall(name)
    named = [row for row in calls.named(tx, name) if line is None or row["line"] == line]
    if not named:
        raise NoSuchCall(name)
    if len(named) > 1:
        raise SeveralCalls(name, [row["line"] for row in named])
    return named[0]


def place_of(tx: Transaction, caller: Caller, name: str, line: str, *, line_said: bool) -> tuple[str, str]:
    """(source, name) under which words of this call are taken, whether or not it is known. Raises SeveralCalls."""
    if caller.source is not None:
        return caller.source, name
    try:
        known = find(tx, caller, name, line if line_said else None)
    except NoSuchCall:
        return source_of_line(line), name
    return known["source"], known["call"]
