"""Which ID tokens and logout tokens of the sign-in service are believed.

The algorithm is one of a list that has neither `none` nor any that signs with a shared secret, whatever the token's header says; the key
is the service's own, by the header's `kid`; then issuer, audience, times, nonce and the access token's hash have to be right.

Not here: where the keys come from (provider.py), whose account it is (accounts.py).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jws, jwt
from joserfc.errors import JoseError

from case_store.tables_sign_in import LONGEST_SUBJECT
from gateway.oidc.provider import NotBelieved, Provider

ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
LEEWAY: Final = 60  # seconds between the two clocks
OLDEST_LOGOUT: Final = 600  # seconds
LONGEST: Final = 64 * 1024  # characters of a token
LOGOUT: Final = "http://schemas.openid.net/event/backchannel-logout"


async def read_id_token(provider: Provider, token: str, nonce: str, access_token: str | None) -> Mapping[str, Any]:
    """The claims of an ID token that answers `nonce`. Raises NotBelieved, ProviderAway."""
    signed = await _signed(provider, token)
    return _claims(provider, signed, {"nonce": nonce, "access_token": access_token})


def _claims(provider: Provider, signed: jwt.Token, params: Mapping[str, Any]) -> Mapping[str, Any]:
    client = provider.client
    options: Any = {
        "iss": {"essential": True, "value": client.issuer},
        "aud": {"essential": True, "value": client.id},
    }
    claims = CodeIDToken(signed.claims, signed.header, options, {"client_id": client.id, **params})
    try:
        claims.validate(now=int(time.time()), leeway=LEEWAY)
    except (JoseError, TypeError, ValueError, AttributeError) as error:
        raise NotBelieved(f"the ID token is not right: {_told(error)}") from None
    _check_subject(claims.get("sub"))
    return dict(claims)


async def read_logout_token(provider: Provider, token: str) -> dict[str, Any]:
    """The claims of a logout token (OpenID Connect Back-Channel Logout 1.0, 2.6). Raises NotBelieved, ProviderAway."""
    signed = await _signed(provider, token)
    claims, now = signed.claims, time.time()
    audience = claims.get("aud")
    issued, expires = claims.get("iat"), claims.get("exp", now)
    sid, subject = claims.get("sid"), claims.get("sub")
    right = (
        claims.get("iss") == provider.client.issuer
        and provider.client.id in (audience if isinstance(audience, list) else [audience])
        and isinstance(issued, int | float)
        and -LEEWAY <= now - issued <= OLDEST_LOGOUT
        and isinstance(expires, int | float)
        and expires > now - LEEWAY
        and isinstance(claims.get("events"), dict)
        and isinstance(claims["events"].get(LOGOUT), dict)
        and "nonce" not in claims  # an ID token is no logout token
        and isinstance(claims.get("jti"), str)
        and (isinstance(sid, str) or isinstance(subject, str))
        and signed.header.get("typ", "logout+jwt").lower() in ("logout+jwt", "jwt")
    )
    if not right:
        raise NotBelieved("the logout token is not right")
    return claims


async def _signed(provider: Provider, token: str) -> jwt.Token:
    if len(token) > LONGEST or not token.isascii():
        raise NotBelieved("the token is longer than any")
    try:
        header = jws.extract_compact(token.encode()).headers()
        alg, kid = header.get("alg"), header.get("kid")
        if alg not in ALGORITHMS:
            raise NotBelieved(f"the token is signed by {alg!r:.40}, which is none of {', '.join(ALGORITHMS)}")
        key = await provider.key(kid if isinstance(kid, str) else None, alg)
        return jwt.decode(token, key, algorithms=list(ALGORITHMS))
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise NotBelieved(f"the token is not signed by the service: {_told(error)}") from None


def _check_subject(subject: Any) -> None:
    if not isinstance(subject, str) or not 1 <= len(subject) <= LONGEST_SUBJECT or "\x00" in subject:
        raise NotBelieved("the token's subject is none")


def _told(error: Exception) -> str:
    """Which rule it broke, without a word of the token."""
    claim = getattr(error, "claim", None)
    return f"{type(error).__name__}{f' {claim}' if claim else ''}"
