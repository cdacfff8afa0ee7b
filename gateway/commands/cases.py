"""`qingting case`: the cases, for a look and for other programs."""

from __future__ import annotations

import csv
import json as json_
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.commands import house
from gateway.commands.house import AsJson

if TYPE_CHECKING:
    from case_store.case_lists import CaseFilter
    from case_store.store import Store

app = typer.Typer(no_args_is_help=True, help="The cases: list, show, export.")
COLUMNS = (
    "reference",
    "status",
    "risk",
    "category",
    "channel",
    "language",
    "registered_at",
    "feedback_due",
    "assignee",
)
PAGE = 200
FORMATS = ("jsonl", "json", "csv")
Status = Annotated[str, typer.Option(help="Only cases of this status.")]
Assignee = Annotated[str, typer.Option(help="Only cases of this agent.")]


@app.command("list")
def list_cases(
    status: Status = "",
    risk: Annotated[str, typer.Option(help="minor, general or major.")] = "",
    category: Annotated[str, typer.Option(help="service, product, violation or other.")] = "",
    assignee: Assignee = "",
    q: Annotated[str, typer.Option(help="Words to find, in any of the languages.")] = "",
    limit: Annotated[int, typer.Option(help="How many, last changed first.", min=1)] = 50,
    json: AsJson = False,
) -> None:
    """Lists cases, last changed first. Drafts have no reference number yet."""
    chosen = _filter(status=status, risk=risk, category=category, assignee=assignee)
    found = []
    with house.store_to_read() as store:
        for record in _records(store, chosen, q):
            found.append(record)
            if len(found) == limit:
                break
    house.show(found, COLUMNS, as_json=json, first_to_go=("language", "channel", "category"))


@app.command("show")
def show_case(
    key: Annotated[str, typer.Argument(help="Reference number, as the customer writes it, or id.")],
    json: AsJson = False,
) -> None:
    """Shows one case: its record, its messages and what happened to it."""
    from case_store import audit, calls, cases, conversations
    from case_store.reference import MistypedReference, parse_reference

    def read(tx: Any) -> dict[str, Any]:
        record = cases.get(tx, parse_reference(key) or key)
        said = [message for id in record.conversations for message in calls.in_order(conversations.messages_of(tx, id))]
        return {
            "case": record.to_json(),
            "messages": [
                {"at": one.at.isoformat(), "sender": one.sender.value, "name": one.name, "text": one.text}
                for one in said
            ],
            "timeline": [
                {"at": one.at.isoformat(), "actor": one.actor, "action": one.action, "detail": one.detail}
                for one in audit.timeline(tx, audit.case_chain(record.id))
            ],
        }

    with house.store_to_read() as store:
        try:
            found = store.read_now(read)
        except MistypedReference:
            house.stop(f"{key!r} has a typing error: its check digit does not fit")
        except cases.NoSuchCase:
            house.stop(f"there is no case {key!r}")
    if json:
        house.print_json(found)
        return
    for name, value in found["case"].items():
        if value not in (None, [], {}, False):
            typer.echo(f"{name}: {value if isinstance(value, str) else json_.dumps(value, ensure_ascii=False)}")
    typer.echo("")
    for message in found["messages"]:
        typer.echo(f"{message['at'][:16]} {message['name'] or message['sender']}: {message['text']}")
    typer.echo("")
    for event in found["timeline"]:
        typer.echo(f"{event['at'][:16]} {event['actor']} {event['action']}")


@app.command("export")
def export(
    format: Annotated[str, typer.Option(help="jsonl (a record a line), json or csv.")] = "jsonl",
    status: Status = "",
    assignee: Assignee = "",
    drafts: Annotated[bool, typer.Option(help="With cases that have no reference number yet.")] = False,
) -> None:
    """Writes all records to standard output, last changed first. They hold personal data: keep them as the store is kept."""
    if format not in FORMATS:
        raise typer.BadParameter(f"a format is one of {', '.join(FORMATS)}, not {format!r}")
    chosen = _filter(status=status, assignee=assignee, drafts=drafts)
    with house.store_to_read() as store:
        records = _records(store, chosen, "")
        if format == "json":
            house.print_json(list(records))
        elif format == "csv":
            _write_csv(records)
        else:
            for record in records:
                print(json_.dumps(record, ensure_ascii=False))


def _filter(*, drafts: bool = True, **wanted: str) -> CaseFilter:
    from case_store.case_lists import CaseFilter as Filter
    from case_store.records import Category, Risk, Status

    for name, values in (("status", Status), ("risk", Risk), ("category", Category)):
        value = wanted.get(name)
        if value and value not in [each.value for each in values]:
            raise typer.BadParameter(f"{name} is one of {', '.join(each.value for each in values)}, not {value!r}")
    status, category, risk = ((one,) if (one := wanted.get(name)) else () for name in ("status", "category", "risk"))
    return Filter(status, category, risk, assignee=wanted.get("assignee") or None, drafts=drafts)


def _records(store: Store, chosen: CaseFilter, q: str) -> Iterator[dict[str, Any]]:
    from dataclasses import replace

    from case_store import case_lists, search

    if q:
        chosen = replace(chosen, ids=store.read_now(lambda tx: list(search.matching(tx, q, 500))))
    while True:
        page = store.read_now(case_lists.listing, chosen, PAGE)
        for record in page:
            yield record.to_json()
        if len(page) < PAGE:
            return
        chosen = replace(chosen, before=(page[-1].updated_at, page[-1].id))


FACTS = ("name", "contact", "occurred_on", "about", "what_happened", "amount", "desired_outcome")
PLAIN = (
    *("reference", "id", "version", "status", "outcome", "incomplete", "category", "risk", "disposition", "channel"),
    *("account", "language", "received_at", "entered_at", "registered_at", "feedback_due", "assignee"),
    *("possible_duplicate_of", "basis", "next_steps", "updated_at"),
)


def _write_csv(records: Iterator[Mapping[str, Any]]) -> None:
    """With a byte order mark, without which spreadsheets take Chinese for something else."""
    sys.stdout.write("\ufeff")
    writer = csv.writer(sys.stdout)
    writer.writerow([*PLAIN, *FACTS, "currency", "contacts"])
    for record in records:
        facts = record["facts"]
        amount = facts["amount"] or {}
        told = [amount.get("value") if name == "amount" else facts[name] for name in FACTS]
        cells = [*(record[name] for name in PLAIN), *told, amount.get("currency"), " ".join(record["contacts"])]
        writer.writerow([_harmless(cell) for cell in cells])


def _harmless(cell: Any) -> Any:
    """What a customer wrote must not become a formula in a spreadsheet."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
