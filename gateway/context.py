"""What the rooms of the gateway share: settings, policy, the store and the hints. Handed to them at start; holds no logic.

`settings` is config.Settings, `policy` policy.Policy, `tokens` tokens.Tokens, `files` the folder of originals and attachments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from case_store.store import Store
from gateway.wakeups import Wakeups

if TYPE_CHECKING:
    from case_store.files import Files

    from gateway.config import Settings
    from gateway.policy import Policy
    from gateway.tokens import Tokens


@dataclass(slots=True)
class Gateway:
    settings: Settings
    policy: Policy
    store: Store
    files: Files
    tokens: Tokens
    wakeups: Wakeups


GATEWAY: web.AppKey[Gateway] = web.AppKey("gateway", Gateway)
