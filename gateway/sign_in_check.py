"""What the doctor says of the sign-in service: is it there, is it the one that was set, and has it keys that we can use?

Not here: signing in (oidc/, console/sign_in.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from gateway.config import Settings
from gateway.findings import Line, fail, ok, warn
from gateway.oidc.setting_up import CALLBACK, provider_of


def sign_in_answers(settings: Settings) -> Iterator[Line]:
    """Without it agents sign in by passwords, as far as settings let them."""
    provider = provider_of(settings)
    if provider is None:
        return
    from gateway.oidc.provider import ProviderError

    issuer = provider.client.issuer
    try:
        keys = asyncio.run(_asked(settings))
    except ProviderError as error:
        found = f"{issuer} can't be used: {error}"
        yield fail("sign-in", found, "see that it runs and QINGTING_OIDC_ISSUER and QINGTING_OIDC_HOSTS are right")
        return
    if not keys:
        yield fail("sign-in", f"{issuer} has no key that a token can be checked with", "have it sign by RSA or EC keys")
        return
    yield ok("sign-in", f"{issuer} answers, {keys} keys; let it send agents back to {settings.public_url}{CALLBACK}")
    if settings.passwords_for == ():
        yield warn(
            "sign-in",
            "no password counts: when the service is down nobody gets in",
            "keep one account for that, such as QINGTING_PASSWORDS_FOR=admin",
        )


async def _asked(settings: Settings) -> int:
    provider = provider_of(settings)
    assert provider is not None
    try:
        return await provider.keys()
    finally:
        await provider.close()
