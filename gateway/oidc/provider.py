"""The sign-in service: what it says of itself, its keys, and a code's tokens.

Only the issuer's own host and those that the operator has named are ever asked; no redirect is followed; every answer has an end and
a limit. What the service says of itself and its keys are kept for an hour, and used for a day where it can't be asked again. A key
that nobody knows is asked for at most once a minute, so that forged tokens make no traffic.

Not here: which tokens are believed (words.py).

ProviderError
├── ProviderAway      it can't be reached, does not answer in time, or is in trouble: come back later
├── CodeRefused       it does not take the code: used already, too old, or not ours
└── NotBelieved       it answers with what can't be right
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, RSAKey

from gateway.oidc.rules import is_safe

PATIENCE: Final = 5.0  # seconds for one answer
LARGEST: Final = 256 * 1024  # bytes
FRESH: Final = 3600.0  # seconds
STALE: Final = 86_400.0
KEYS_PAUSE: Final = 60.0
MOST_KEYS: Final = 50
_KEY_TYPES: Final = ("RSA", "EC", "OKP")
SMALLEST_RSA: Final = 2048


class ProviderError(Exception):
    """What can't be done with the sign-in service; the message holds no word of a token."""


class ProviderAway(ProviderError):
    """It can't be reached, does not answer in time, or is in trouble."""


class CodeRefused(ProviderError):
    """It does not take the code."""


class NotBelieved(ProviderError):
    """It answers with what can't be right."""


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are at the service. `hosts` are those it has beside its issuer's."""

    issuer: str
    id: str
    secret: str | None = None
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the service says of itself (OpenID Connect Discovery 1.0)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    by_post: bool = False  # takes our secret in the body alone
    names_itself: bool = False  # says in every answer who it is (RFC 9207)


@dataclass(frozen=True, slots=True)
class Tokens:
    id_token: str
    access_token: str | None


class Provider:
    """One service. Its clock is that of this process."""

    def __init__(self, client: Client, *, patience: float = PATIENCE, pause: float = KEYS_PAUSE) -> None:
        self.client = client
        self._patience = patience
        self._pause = pause
        self._session: aiohttp.ClientSession | None = None
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, list[Key]] | None = None
        self._keys_asked = 0.0
        self._asking = asyncio.Lock()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def metadata(self) -> Metadata:
        """Raises ProviderAway, NotBelieved."""
        async with self._asking:
            now = time.monotonic()
            if self._metadata is not None and now - self._metadata[0] < FRESH:
                return self._metadata[1]
            try:
                url = self.client.issuer.rstrip("/") + "/.well-known/openid-configuration"
                self._metadata = (now, self._read_metadata(await self._document(url)))
            except ProviderAway:
                if self._metadata is None or now - self._metadata[0] > STALE:
                    raise
            return self._metadata[1]

    async def key(self, kid: str | None, alg: str) -> Key:
        """The one key that a token of this header can be signed with. Raises ProviderAway, NotBelieved."""
        metadata = await self.metadata()
        async with self._asking:
            now = time.monotonic()
            old = self._keys is None or now - self._keys[0] > FRESH
            if old or (not _fitting(self._known, kid, alg) and now - self._keys_asked >= self._pause):
                await self._ask_for_keys(metadata, now)
            fitting = _fitting(self._known, kid, alg)
        if len(fitting) != 1:
            raise NotBelieved(f"{len(fitting)} of its keys fit the token")
        return fitting[0]

    async def keys(self) -> int:
        """How many keys it has that a token can be checked with. Raises ProviderAway, NotBelieved."""
        metadata = await self.metadata()
        async with self._asking:
            await self._ask_for_keys(metadata, time.monotonic())
        return len(self._known)

    @property
    def _known(self) -> list[Key]:
        return [] if self._keys is None else self._keys[1]

    async def _ask_for_keys(self, metadata: Metadata, now: float) -> None:
        self._keys_asked = now
        try:
            self._keys = (now, _read_keys(await self._document(metadata.jwks_uri)))
        except ProviderAway:
            if self._keys is None or now - self._keys[0] > STALE:
                raise

    async def redeem(self, code: str, verifier: str, redirect_uri: str) -> Tokens:
        """The tokens of a code. Raises ProviderError."""
        metadata = await self.metadata()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if self.client.secret is None:
            form["client_id"] = self.client.id
        elif metadata.by_post:
            form |= {"client_id": self.client.id, "client_secret": self.client.secret}
        else:
            headers["Authorization"] = _basic(self.client.id, self.client.secret)
        status, raw = await self._ask("POST", metadata.token_endpoint, headers, urlencode(form).encode())
        if status in (400, 401):
            error = _member(raw, "error")
            if error == "invalid_grant":
                raise CodeRefused("the code is not taken")
            raise NotBelieved(f"no tokens: status {status}, {error!r:.60}")
        if status != 200:
            raise NotBelieved(f"no tokens: status {status}")
        id_token, access_token = _member(raw, "id_token"), _member(raw, "access_token")
        if not isinstance(id_token, str):
            raise NotBelieved("no ID token among the tokens")
        return Tokens(id_token, access_token if isinstance(access_token, str) else None)

    async def userinfo(self, access_token: str, subject: str) -> Mapping[str, Any]:
        """What it tells of a person beside the ID token; nothing where it has no such way. Raises ProviderError."""
        url = (await self.metadata()).userinfo_endpoint
        if url is None:
            return {}
        status, raw = await self._ask("GET", url, {"Authorization": f"Bearer {access_token}"})
        if status != 200:
            raise NotBelieved(f"no user information: status {status}")
        found = _object(raw)
        if found.get("sub") != subject:  # OpenID Connect Core, 5.3.2
            raise NotBelieved("the user information is of somebody else")
        return found

    async def _document(self, url: str) -> dict[str, Any]:
        status, raw = await self._ask("GET", url, {"Accept": "application/json"})
        if status != 200:
            raise ProviderAway(f"{urlsplit(url).path} is answered with status {status}")
        return _object(raw)

    def _read_metadata(self, found: Mapping[str, Any]) -> Metadata:
        if found.get("issuer") != self.client.issuer:
            raise NotBelieved(f"it calls itself {found.get('issuer')!r:.200}, not {self.client.issuer!r}")
        ways = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return Metadata(
            authorization_endpoint=self._ours(found, "authorization_endpoint"),
            token_endpoint=self._ours(found, "token_endpoint"),
            jwks_uri=self._ours(found, "jwks_uri"),
            userinfo_endpoint=self._ours(found, "userinfo_endpoint") if "userinfo_endpoint" in found else None,
            end_session_endpoint=self._ours(found, "end_session_endpoint") if "end_session_endpoint" in found else None,
            by_post="client_secret_basic" not in ways and "client_secret_post" in ways,
            names_itself=found.get("authorization_response_iss_parameter_supported") is True,
        )

    def _ours(self, found: Mapping[str, Any], name: str) -> str:
        """An address that the service names, if it is on a host that it may name."""
        url = found.get(name)
        if not isinstance(url, str) or not self._may_ask(url):
            raise NotBelieved(f"its {name} is {url!r:.200}: no https address on a host that QINGTING_OIDC_HOSTS names")
        return url

    def _may_ask(self, url: str) -> bool:
        try:
            hosts = {urlsplit(self.client.issuer).netloc.lower(), *self.client.hosts}
            return is_safe(url) and urlsplit(url).netloc.lower() in hosts
        except ValueError:
            return False

    async def _ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> tuple[int, bytes]:
        try:
            async with asyncio.timeout(self._patience):
                if self._session is None:
                    self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False)
                asked = {**headers, "Accept-Encoding": "identity"}  # what is packed could be unpacked to any size
                # a redirect would take the code and our secret to wherever it points
                async with self._session.request(
                    method, url, data=body, headers=asked, allow_redirects=False
                ) as answer:
                    if answer.status >= 500 or answer.status == 429:
                        raise ProviderAway(f"it is in trouble (status {answer.status})")
                    return answer.status, await _whole(answer.content)
        except TimeoutError:
            raise ProviderAway(f"it has not answered within {self._patience:g} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise ProviderAway(f"it can't be reached ({type(error).__name__})") from None


async def _whole(content: aiohttp.StreamReader) -> bytes:
    whole = bytearray()
    async for piece in content.iter_chunked(2**16):
        whole += piece
        if len(whole) > LARGEST:
            raise ProviderAway(f"it answers with more than {LARGEST:,} bytes")
    return bytes(whole)


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise NotBelieved("what it answers is no JSON object")
    return found


def _member(raw: bytes, name: str) -> Any:
    return _object(raw).get(name)


def _basic(id: str, secret: str) -> str:
    both = f"{quote(id, safe='')}:{quote(secret, safe='')}"  # encoded first: RFC 6749, 2.3.1
    return "Basic " + base64.b64encode(both.encode()).decode()


def _read_keys(document: Mapping[str, Any]) -> list[Key]:
    listed = document.get("keys")
    keys = []
    for one in listed[:MOST_KEYS] if isinstance(listed, list) else []:
        # a secret among public keys is nobody's key
        if not isinstance(one, dict) or one.get("kty") not in _KEY_TYPES or one.get("use", "sig") != "sig":
            continue
        try:
            key = JWKRegistry.import_key({name: value for name, value in one.items() if name not in _PRIVATE})
            strong = not isinstance(key, RSAKey) or key.public_key.key_size >= SMALLEST_RSA
        except (JoseError, ValueError, TypeError, KeyError):
            continue  # a key of tomorrow's kind makes the others no worse
        if strong:
            keys.append(key)
    return keys


_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_KIND_OF_ALG: Final = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


def _fitting(keys: list[Key], kid: str | None, alg: str) -> list[Key]:
    kind = _KIND_OF_ALG.get(alg[:2])
    alike = [key for key in keys if key.key_type == kind and key.get("alg", alg) == alg]
    return alike if kid is None else [key for key in alike if key.get("kid") == kid]
