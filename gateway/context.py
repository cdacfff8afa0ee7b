"""What the rooms of the gateway share: settings, policy, the store and the hints. Handed to them at start.

`settings` is config.Settings, `policy` the policy.Policy that counts now (`rules` puts another in its place), `tokens` tokens.Tokens, `files` the
folder of originals and attachments.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import web

from case_store.outbox import StoredDelivery
from case_store.store import Store, Transaction, Wake
from gateway.rules import Rules
from gateway.wakeups import Wakeups

if TYPE_CHECKING:
    from case_store.files import Files
    from gateway.config import Settings
    from gateway.hooks import OwnerChanged
    from gateway.in_force import InForce
    from gateway.policy import Policy
    from gateway.telephone.handing_in import HandingIn
    from gateway.tidings import Failure
    from gateway.tokens import Tokens

AnotherWay = Callable[[Transaction, StoredDelivery, "Failure"], bool]
"""What was sent or was to be sent does not arrive: its words go another way, or a person tells them. False if a person has to look."""


class Gateway:
    def __init__(
        self, settings: Settings, policy: Policy, store: Store, files: Files, tokens: Tokens, wakeups: Wakeups
    ) -> None:
        self.settings = settings
        self.rules = Rules(policy, settings.timezone)
        self.store = store
        self.files = files
        self.tokens = tokens
        self.wakeups = wakeups
        self.another_way: AnotherWay | None = None
        self.owner_changed: OwnerChanged | None = None  # what tells a customer who answers them
        self.hand_in: HandingIn | None = None  # where a running gateway takes transcripts, for its operator
        self.in_force: InForce | None = None  # what brings the house's documents into `rules`, where that runs

    @property
    def policy(self) -> Policy:
        return self.rules.now.policy

    def hint(self, *wakes: Wake) -> None:
        """Passes on what is not kept, such as typing, to this process and the others."""
        self.store.on_wake(list(wakes))


GATEWAY: web.AppKey[Gateway] = web.AppKey("gateway", Gateway)
