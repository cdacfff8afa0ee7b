"""What operators change from the command line: the same functions in the running gateway and, when none runs, beside the store.

Each takes the gateway's shared rooms and plain JSON, and answers plain JSON. Passwords come hashed and keys as digests: neither
travels in the clear. Not here: how they are called (operator.py, commands/), what only reads (commands/).
"""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from case_store import arrivals, checkpoints, people, postings, second_factors, subjects, webhooks
from case_store.people import LastAdmin, NameTaken, NewAgent, NoSuchPerson
from case_store.records import Role
from case_store.store import StoreUnavailable, Transaction
from case_store.webhooks import Inactive, NoSuchWebhook, NotKept, SeveralCalledSo
from gateway import going
from gateway.context import Gateway
from gateway.going import Giver
from gateway.hooks import OwnerChanged
from gateway.operator import Refused
from gateway.places import signing_key_path

Operation = Callable[..., Awaitable[Any]]


async def perform(gateway: Gateway, operation: str, arguments: Mapping[str, Any]) -> Any:
    """Raises Refused with a sentence for the operator."""
    known = OPERATIONS.get(operation)
    if known is None:
        raise Refused(f"the running gateway does not know {operation!r}: it is of another version; restart it")
    try:
        return await known(gateway, **arguments)
    except NoSuchPerson as error:
        raise Refused(f"there is no {str(error)!r}") from None
    except NameTaken as error:
        raise Refused(f"there is an agent {str(error)!r} already") from None
    except LastAdmin:
        raise Refused("this is the last active admin: nobody would be left who may manage accounts") from None
    except NoSuchWebhook as error:
        raise Refused(f"no webhook is called {str(error)!r}: `qingting webhook list` tells their ids") from None
    except SeveralCalledSo as error:
        raise Refused(f"several webhooks are called {str(error)!r}: name one by its id") from None
    except Inactive:
        raise Refused("nothing is posted to a webhook that is not active: activate it first") from None
    except NotKept as error:
        raise Refused(f"{error} is no time of the last {postings.KEPT.days} days: that long events are kept") from None
    except StoreUnavailable as error:
        raise Refused(f"the store can't take it now: {error}") from None


def actor() -> str:
    """Whoever sits at the machine, as audit events name them."""
    try:
        return f"operator:{getpass.getuser()}"[:80]
    except (KeyError, OSError):  # an account without a name, as in containers
        return "operator"


async def add_agent(gateway: Gateway, *, actor: str, role: str, **new: Any) -> Any:
    added = NewAgent(role=Role(role), **new)
    return await gateway.store.write(_add_agent, added, actor)


def _add_agent(tx: Transaction, new: NewAgent, actor: str) -> Any:
    # the gateway makes `admin` only while there is nobody: without one, nobody could ever manage accounts
    if new.role is not Role.ADMIN and not people.has_agents(tx):
        raise Refused("the first account must be an admin: give --role admin, or start the gateway first")
    return people.add_agent(tx, new, actor=actor).to_json()


async def change_agent(gateway: Gateway, *, actor: str, username: str, changes: Mapping[str, Any]) -> Any:
    if changes.get("active") is False:
        return await close_agent(gateway, actor=actor, username=username)
    return (await gateway.store.write(people.change_agent, username, changes, actor=actor)).to_json()


async def close_agent(gateway: Gateway, *, actor: str, username: str, to: str | None = None) -> Any:
    return await gateway.store.write(_close, username, to, going.operator(actor), going.teller(gateway))


def _close(tx: Transaction, username: str, to: str | None, by: Giver, told: OwnerChanged) -> Any:
    colleague = None if to is None else people.find_agent(tx, to)
    if colleague is not None and (not colleague.answers or to == username):
        raise Refused(f"{to} answers nobody: name a colleague whose account is open and who answers customers")
    closed, work = going.close_account(tx, username, by=by, told=told, to=colleague)
    return {**closed.to_json(), "handed_over": work.counted}


async def join_agent(gateway: Gateway, *, actor: str, username: str, subject: str) -> Any:
    issuer = gateway.settings.oidc_issuer
    if issuer is None:
        raise ValueError("no sign-in service is set here: QINGTING_OIDC_ISSUER is empty")
    joined = await gateway.store.write(_joined_to, username, str(issuer), subject, actor)
    return {"joined": joined}


def _joined_to(tx: Transaction, username: str, issuer: str, subject: str, actor: str) -> bool:
    agent = people.find_agent(tx, username)
    if subjects.is_joined(tx, agent.id) or subjects.agent_of(tx, issuer, subject) is not None:
        return False
    subjects.join(tx, agent, issuer, subject, actor=actor)
    return True


async def part_agent(gateway: Gateway, *, actor: str, username: str) -> Any:
    return {"parted": await gateway.store.write(subjects.part, username, actor=actor)}


async def reset_second_factor(gateway: Gateway, *, actor: str, username: str) -> Any:
    return {"reset": await gateway.store.write(second_factors.reset, username, actor=actor, by=actor)}


async def add_key(
    gateway: Gateway, *, actor: str, name: str, scopes: list[str], digest: str, expires_at: str | None = None
) -> Any:
    until = None if expires_at is None else datetime.fromisoformat(expires_at)
    key = await gateway.store.write(
        people.add_key, name=name, scopes=scopes, digest=digest, actor=actor, expires_at=until
    )
    return key.to_json()


async def revoke_key(gateway: Gateway, *, actor: str, key: str) -> Any:
    return await gateway.store.write(_revoke, key, going.operator(actor), going.teller(gateway))


def _revoke(tx: Transaction, key: str, by: Giver, told: OwnerChanged) -> Any:
    """By id, or by the name of the one key in use that has it."""
    named = [each for each in people.all_keys(tx) if each.id == key or (each.name == key and not each.revoked_at)]
    if len(named) > 1:
        raise Refused(f"{len(named)} keys are called {key!r}: name one by its id")
    going.revoke_key(tx, named[0].id if named else key, by=by, told=told)
    return next(each.to_json() for each in people.all_keys(tx) if each.id == named[0].id)


async def replay(gateway: Gateway, *, arrival: str | None) -> Any:
    read_again = await gateway.store.write(arrivals.replay, arrival)
    if arrival is not None and not read_again:
        raise Refused(f"no parked arrival has the id {arrival!r}")
    return {"replayed": read_again}


async def test_webhook(gateway: Gateway, *, actor: str, webhook: str) -> Any:
    return await gateway.store.write(_test_webhook, webhook, actor)


def _test_webhook(tx: Transaction, webhook: str, actor: str) -> Any:
    hook = webhooks.called(tx, webhook)
    return {"id": postings.send_test(tx, hook, actor=actor), "webhook": hook.id, "url": hook.url}


async def replay_webhook(gateway: Gateway, *, actor: str, webhook: str, since: str) -> Any:
    return await gateway.store.write(_replay_webhook, webhook, datetime.fromisoformat(since), actor)


def _replay_webhook(tx: Transaction, webhook: str, since: datetime, actor: str) -> Any:
    hook = webhooks.called(tx, webhook)
    queued, more = postings.send_since(tx, hook, since, actor=actor)
    return {"queued": queued, "more_since": more and more.isoformat(), "webhook": hook.id, "url": hook.url}


async def checkpoint(gateway: Gateway) -> Any:
    """Signs the heads of all chains; what is answered belongs out of the house."""
    key = await asyncio.to_thread(checkpoints.signing_key, signing_key_path(gateway.settings.data_dir))
    written = await gateway.store.write(checkpoints.write_checkpoint, key)
    return {**written.to_json(), "public_key": checkpoints.public_text(key)}


async def import_transcripts(gateway: Gateway, *, files: list[Mapping[str, Any]]) -> Any:
    from gateway.telephone.importing import take_files

    return await take_files(gateway, files)


async def find_person(gateway: Gateway, **which: Any) -> Any:
    from gateway import person_orders

    return await person_orders.find(gateway, **which)


async def export_person(gateway: Gateway, *, actor: str, to: str, **which: Any) -> Any:
    from gateway import person_orders

    return await person_orders.export(gateway, actor=actor, to=to, **which)


async def erase_person(gateway: Gateway, *, actor: str, **wanted: Any) -> Any:
    from gateway import person_orders

    return await person_orders.erase(gateway, actor=actor, **wanted)


async def demo(gateway: Gateway) -> Any:
    from gateway.demo.fill import fill

    return await fill(gateway)


OPERATIONS: Final[Mapping[str, Operation]] = MappingProxyType(
    {
        "add_agent": add_agent,
        "change_agent": change_agent,
        "close_agent": close_agent,
        "join_agent": join_agent,
        "part_agent": part_agent,
        "reset_second_factor": reset_second_factor,
        "add_key": add_key,
        "revoke_key": revoke_key,
        "replay": replay,
        "test_webhook": test_webhook,
        "replay_webhook": replay_webhook,
        "checkpoint": checkpoint,
        "import_transcripts": import_transcripts,
        "find_person": find_person,
        "export_person": export_person,
        "erase_person": erase_person,
        "demo": demo,
    }
)
