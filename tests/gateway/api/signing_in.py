"""What a house asks of whoever signs in, put into force in a gateway that is running: for the tests that need other rules than the usual."""

from __future__ import annotations

from typing import Any

from gateway.context import Gateway
from gateway.sign_in_policy import SignIn


def policy(gateway: Gateway, **sign_in: Any) -> None:
    gateway.rules.put_policy(gateway.policy.model_copy(update={"sign_in": SignIn(**sign_in)}))
