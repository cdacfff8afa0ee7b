"""Which rules count, as whoever looks at a house from outside finds them: for the doctor and the command line. Nothing is written.

Not here: taking them up in a gateway that runs (in_force.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from case_store.store import Store
from gateway.config import Settings
from gateway.context import Gateway
from gateway.findings import Line, ok, warn
from gateway.in_force import InForce
from gateway.policy import Policy, load_policy
from gateway.wakeups import Wakeups


def rules_of(settings: Settings, store: Store) -> tuple[Policy, InForce]:
    """The policy that counts with this store, and what a gateway's start would say of it."""
    nothing = cast(Any, None)
    gateway = Gateway(settings, load_policy(settings.policy), store, nothing, nothing, Wakeups())
    force = InForce(gateway)
    force.look_only()
    return gateway.policy, force


def rules(settings: Settings, force: InForce, policy: Policy) -> Iterator[Line]:
    """Where the policy comes from, and what an administrator has to decide."""
    version = force.policy_version
    source = settings.policy or "built in"
    if version is not None:
        yield ok("rules", f"{policy.version} counts, written in the console by {version.author}; not {source}")
    elif policy.version != force.file.policy.version:
        yield ok("rules", f"{policy.version} counts")
    if force.file_differs:
        told = f"{source} says something else than when {version.label if version else ''} was written"
        yield warn("rules", told, "an administrator compares and decides in the console: settings, policy")
    if force.file.label != force.file.policy.version:
        told = f"{source} has changed and still calls itself {force.file.policy.version}"
        yield warn("rules", told, f"give it a version of its own; it is named {force.file.label} until then")
    for one in force.standing.unusable.values():
        yield warn("rules", f"{one} and is passed over", "an administrator writes it anew in the console")
