"""The engine that ships, under the built-in policy, loaded once for a process: as ready as a service has it before the first customer.

A turn may take ten seconds and no more. Reading the word lists counts among them where nobody has read them before, which takes
that long on a busy machine.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from case_store.records import Language
from dialogue.embedded import EmbeddedEngine, embedded_engine, read_ahead
from dialogue.engine import Engine
from gateway.config import Settings
from gateway.policy import load_policy, triage_of
from gateway.promises import Promises


@cache
def shipped() -> Engine:
    policy = load_policy(None)
    promises = Promises(policy, Settings(locale=Language.EN))
    made = embedded_engine(triage_of(policy, promises.house))
    read_ahead(datetime.now(promises.zone))
    return made


def warm_engine() -> EmbeddedEngine:
    """One of its own under no policy, as ready."""
    read_ahead(datetime.now(UTC))
    return embedded_engine()
