"""What the rooms of the gateway share: settings, policy, the store and the hints. Handed to them at start.

`settings` is config.Settings, `policy` policy.Policy, `tokens` tokens.Tokens, `files` the folder of originals and attachments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from case_store.store import Store, Wake
from gateway.wakeups import Wakeups

if TYPE_CHECKING:
    from case_store.files import Files
    from gateway.config import Settings
    from gateway.policy import Policy
    from gateway.telephone.handing_in import HandingIn
    from gateway.tokens import Tokens


@dataclass(slots=True)
class Gateway:
    settings: Settings
    policy: Policy
    store: Store
    files: Files
    tokens: Tokens
    wakeups: Wakeups
    hand_in: HandingIn | None = None  # where a running gateway takes transcripts, for its operator

    def hint(self, *wakes: Wake) -> None:
        """Passes on what is not kept, such as typing, to this process and the others."""
        self.store.on_wake(list(wakes))


GATEWAY: web.AppKey[Gateway] = web.AppKey("gateway", Gateway)
