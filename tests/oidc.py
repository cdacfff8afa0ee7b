"""A sign-in service on a port that keeps to the protocol (OpenID Connect, code flow with PKCE), or breaks it where a test says so.

It approves whoever comes as `claims`. What a test sets: `claims`, `changed` (of the ID token's claims), `sign` (how the ID token is signed),
`said` (members of what it says of itself), `answers` (whole answers, by path), `delay`.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode

from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import RSAKey

CLIENT, SECRET = "qingting", "s e:cret/+"
KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig", "alg": "RS256"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "other", "use": "sig", "alg": "RS256"})


def half_hash(token: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()[:16]).decode().rstrip("=")


def encoded(part: Any) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class Asked:
    nonce: str
    challenge: str
    redirect_uri: str


@dataclass
class Service:
    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1", "preferred_username": "megan"})
    changed: Callable[[dict[str, Any]], Any] | None = None
    sign: Callable[[dict[str, Any]], str] | None = None
    said: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Callable[[web.Request], Any]] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    keys: list[Any] = field(default_factory=lambda: [KEY])
    delay: float = 0.0
    names_itself: bool = True
    asked: list[str] = field(default_factory=list)
    codes: dict[str, Asked] = field(default_factory=dict)

    async def start(self) -> TestServer:
        app = web.Application(middlewares=[self._first])
        app.router.add_get("/.well-known/openid-configuration", self._says)
        app.router.add_get("/keys", self._keys)
        app.router.add_get("/authorize", self._authorize)
        app.router.add_post("/token", self._token)
        app.router.add_get("/userinfo", self._userinfo)
        server = TestServer(app)
        await server.start_server()
        self.issuer = f"http://127.0.0.1:{server.port}"
        return server

    @web.middleware
    async def _first(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.asked.append(request.path)
        if self.delay and request.path in ("/token", "/.well-known/openid-configuration"):
            await asyncio.sleep(self.delay)
        other = self.answers.get(request.path)
        response: web.StreamResponse = other(request) if other else await handler(request)
        return response

    async def _says(self, request: web.Request) -> web.Response:
        own = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "end_session_endpoint": f"{self.issuer}/out",
            "authorization_response_iss_parameter_supported": self.names_itself,
        }
        return web.json_response({**own, **self.said})

    async def _keys(self, request: web.Request) -> web.Response:
        return web.json_response({"keys": [key.as_dict(private=False) for key in self.keys]})

    async def _authorize(self, request: web.Request) -> web.Response:
        query = request.query
        assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
        assert "openid" in query["scope"].split()
        code = secrets.token_urlsafe(8)
        self.codes[code] = Asked(query["nonce"], query["code_challenge"], query["redirect_uri"])
        back = {"code": code, "state": query["state"], **({"iss": self.issuer} if self.names_itself else {})}
        raise web.HTTPSeeOther(f"{query['redirect_uri']}?{urlencode(back)}")

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        scheme, _, both = request.headers.get("Authorization", "").partition(" ")
        id, _, secret = base64.b64decode(both).decode().partition(":")
        if (scheme, unquote(id), unquote(secret)) != ("Basic", CLIENT, SECRET):
            return web.json_response({"error": "invalid_client"}, status=401)
        asked = self.codes.pop(str(form["code"]), None)
        verified = base64.urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest())
        if (
            asked is None
            or verified.decode().rstrip("=") != asked.challenge
            or form["redirect_uri"] != asked.redirect_uri
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        token = secrets.token_urlsafe(8)
        return web.json_response(
            {"access_token": token, "token_type": "Bearer", "id_token": self.id_token(asked.nonce, token)}
        )

    def id_token(self, nonce: str, access_token: str) -> str:
        now = int(time.time())
        standing = {"iss": self.issuer, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": nonce}
        claims = {**standing, "at_hash": half_hash(access_token), **self.claims}
        if self.changed is not None:
            self.changed(claims)
        return self.sign(claims) if self.sign else signed(claims)

    def logout_token(self, **changed: Any) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_hex(8),
            "sub": self.claims["sub"],
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            **changed,
        }
        return signed({name: value for name, value in claims.items() if value is not None}, typ="logout+jwt")

    async def _userinfo(self, request: web.Request) -> web.Response:
        return web.json_response({"sub": self.claims["sub"], **self.userinfo})


def signed(claims: dict[str, Any], key: Any = KEY, **header: Any) -> str:
    """By hand: a library would not sign what no token may say."""
    shown = {"alg": "RS256", "kid": key.get("kid"), **header}
    head = f"{encoded({name: value for name, value in shown.items() if value is not None})}.{encoded(claims)}"
    return f"{head}.{encoded(key.private_key.sign(head.encode(), PKCS1v15(), SHA256()))}"
