"""Attacks on signing in by a service, and services that lie or break: what must be refused, and that nobody is signed in by it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from yarl import URL

from gateway.oidc.setting_up import PROVIDER
from tests.oidc import KEY, OTHER_KEY, encoded, signed


def says(**changes: Any) -> Callable[[Any], None]:
    """The ID token's claims are others; None takes one away."""

    def change(claims: dict[str, Any]) -> None:
        for name, value in changes.items():
            claims.pop(name) if value is None else claims.__setitem__(name, value)

    return lambda service: setattr(service, "changed", change)


def signs(how: Callable[[dict[str, Any]], str]) -> Callable[[Any], None]:
    return lambda service: setattr(service, "sign", how)


def answers(path: str, how: Callable[[web.Request], Any]) -> Callable[[Any], None]:
    return lambda service: service.answers.__setitem__(path, how)


def tells(**members: Any) -> Callable[[Any], None]:
    return lambda service: service.said.update(members)


def by_shared_secret(claims: dict[str, Any], key: bytes) -> str:
    """HS256 under something that everybody knows, such as the service's public key."""
    head = f"{encoded({'alg': 'HS256', 'kid': 'first'})}.{encoded(claims)}"
    return f"{head}.{encoded(hmac.new(key, head.encode(), hashlib.sha256).digest())}"


def unsigned(claims: dict[str, Any], alg: str) -> str:
    return f"{encoded({'alg': alg, 'kid': 'first'})}.{encoded(claims)}."


def with_key_in_it(claims: dict[str, Any]) -> str:
    return signed(claims, OTHER_KEY, kid="first", jwk=OTHER_KEY.as_dict(private=False))


def published(*keys: Any) -> Callable[[Any], None]:
    return lambda service: setattr(service, "keys", list(keys))


def redirected(request: web.Request) -> Any:
    return web.Response(status=307, headers={"Location": "http://127.0.0.1:9/token"})


def huge(request: web.Request) -> web.Response:
    return web.Response(body=b'{"x":"' + b"y" * 600_000 + b'"}', content_type="application/json")


WRONG_TOKENS = [
    ("another issuer", says(iss="https://evil.example"), "not_believed"),
    ("no issuer", says(iss=None), "not_believed"),
    ("another audience", says(aud="other-client"), "not_believed"),
    ("no audience", says(aud=None), "not_believed"),
    ("several audiences without a party", says(aud=["qingting", "other"]), "not_believed"),
    ("another party", says(azp="other"), "not_believed"),
    ("expired", says(exp=1_700_000_000), "not_believed"),
    ("for ever", says(exp=None), "not_believed"),
    ("an expiry that is no number", says(exp="tomorrow"), "not_believed"),
    ("issued in the future", says(iat=9_999_999_999), "not_believed"),
    ("another nonce", says(nonce="another"), "not_believed"),
    ("no nonce", says(nonce=None), "not_believed"),
    ("another access token", says(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), "not_believed"),
    ("no subject", says(sub=None), "not_believed"),
    ("a subject that is no text", says(sub=1), "not_believed"),
    ("a subject longer than any", says(sub="s" * 256), "not_believed"),
    ("not signed", signs(lambda claims: unsigned(claims, "none")), "not_believed"),
    ("not signed, in other letters", signs(lambda claims: unsigned(claims, "nOnE")), "not_believed"),
    ("HS256 with the public key", signs(lambda claims: by_shared_secret(claims, KEY.as_pem(private=False))), "not_believed"),
    ("HS256 with the client's secret", signs(lambda claims: by_shared_secret(claims, b"s e:cret/+")), "not_believed"),
    ("an unknown key", signs(lambda claims: signed(claims, OTHER_KEY)), "not_believed"),
    ("another key under a known name", signs(lambda claims: signed(claims, OTHER_KEY, kid="first")), "not_believed"),
    ("its key in its own header", signs(with_key_in_it), "not_believed"),
    ("a header that nobody understands", signs(lambda claims: signed(claims, crit=["x"], x=1)), "not_believed"),
    ("words after it were changed", signs(lambda claims: signed(claims)[:-4] + "AAAA"), "not_believed"),
    ("no token", signs(lambda claims: "no token at all"), "not_believed"),
    ("a token of a megabyte", signs(lambda claims: "a." * 100_000), "not_believed"),
    ("a secret among the public keys", answers("/keys", lambda request: web.json_response({"keys": [{"kty": "oct", "kid": "first", "k": "AAAA"}]})), "not_believed"),
    ("no keys", answers("/keys", lambda request: web.json_response({})), "not_believed"),
    ("keys that are no JSON", answers("/keys", lambda request: web.Response(text="<html>")), "not_believed"),
    ("keys without end", answers("/keys", huge), "away"),
    ("the tokens are no JSON", answers("/token", lambda request: web.Response(text="<html>")), "not_believed"),
    ("no ID token", answers("/token", lambda request: web.json_response({"access_token": "x"})), "not_believed"),
    ("tokens without end", answers("/token", huge), "away"),
    ("sent elsewhere with the code", answers("/token", redirected), "not_believed"),
    ("our secret is wrong there", answers("/token", lambda request: web.json_response({"error": "invalid_client"}, status=401)), "not_believed"),
    ("in trouble", answers("/token", lambda request: web.Response(status=503)), "away"),
    ("the information is of somebody else", lambda service: (says(preferred_username=None)(service), service.userinfo.update(sub="u-2", preferred_username="admin")), "not_believed"),
    ("it calls itself another", tells(issuer="https://evil.example"), "away"),
    ("tokens at another host", tells(token_endpoint="https://evil.example/token"), "away"),
    ("keys at an address inside", tells(jwks_uri="http://169.254.169.254/latest"), "away"),
    ("keys in a file", tells(jwks_uri="file:///etc/passwd"), "away"),
    ("keys at another port of its host", tells(jwks_uri="http://127.0.0.1:9/keys"), "away"),
    ("a host that only begins alike", tells(token_endpoint="http://127.0.0.1.evil.example/token"), "away"),
    ("a name before the host", tells(token_endpoint="http://127.0.0.1@evil.example/token"), "away"),
    ("it says nothing", answers("/.well-known/openid-configuration", lambda request: web.Response(status=404)), "away"),
    ("it says too much", answers("/.well-known/openid-configuration", huge), "away"),
]  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"])  # nothing of it comes to the store
@pytest.mark.parametrize(("attack", "by", "code"), WRONG_TOKENS, ids=[row[0] for row in WRONG_TOKENS])
async def test_nobody_is_signed_in_by_a_service_that_lies(
    house: Any, browser: Any, service: Any, attack: str, by: Any, code: str
) -> None:
    by(service)
    one = browser(house)
    came = await one.sign_in()
    assert (came.code, came.status) == (code, {"away": 503, "not_believed": 502}[code]), attack
    assert await one.me() is None


async def test_a_service_that_is_slow_is_waited_for_no_longer_than_said(house: Any, browser: Any, service: Any) -> None:
    house.app[PROVIDER]._patience = 0.2
    service.delay = 30
    assert (await browser(house).sign_in()).code == "away"


async def test_a_service_that_is_down_is_told_so_and_tried_again(house: Any, browser: Any, service: Any) -> None:
    service.answers["/.well-known/openid-configuration"] = lambda request: web.Response(status=500)
    one = browser(house)
    came = await one.sign_in()
    assert (came.status, came.code) == (503, "away")
    service.answers.clear()
    assert (await one.sign_in()).status == 200


async def back_of(one: Any) -> URL:
    return URL(await one.stops_before("/sign-in/oidc/callback"), encoded=True)


async def test_an_answer_counts_only_in_the_browser_that_asked(house: Any, browser: Any) -> None:
    """Login CSRF: an attacker's answer, finished in the browser of an agent, would sign them in as the attacker."""
    attacker, victim = browser(house), browser(house)
    forged = await back_of(attacker)
    assert (await victim.get(str(forged))).code == "late"  # nothing was begun there
    await back_of(victim)
    assert (await victim.get(str(forged))).code == "late"  # or something else
    assert await victim.me() is None


async def test_an_answer_counts_once(house: Any, browser: Any) -> None:
    one = browser(house)
    back = await back_of(one)
    kept = one.session.cookie_jar.filter_cookies(URL(house.url))
    assert (await one.get(str(back))).status == 200
    assert (await one.get(str(back))).code == "late"
    thief = browser(house)
    thief.session.cookie_jar.update_cookies({"qingting-flow": kept["qingting-flow"].value}, URL(house.url))
    assert (await thief.get(str(back))).code == "late"  # cookie and code both stolen
    assert await thief.me() is None


async def test_of_two_answers_at_once_one_counts(house: Any, browser: Any) -> None:
    one = browser(house)
    back = await back_of(one)
    came = await asyncio.gather(*(one.get(str(back)) for _ in range(4)))
    assert sorted(each.status for each in came) == [200, 400, 400, 400]


async def test_a_code_of_another_browser_is_worth_nothing(house: Any, browser: Any) -> None:
    attacker, victim = browser(house), browser(house)
    stolen = (await back_of(victim)).query["code"]
    own = await back_of(attacker)
    injected = own.update_query(code=stolen)  # the attacker's own state, the victim's code
    assert (await attacker.get(str(injected))).code == "late"
    assert await attacker.me() is None


ANSWERS = [
    ("another state", {"state": "another"}, "late"),
    ("no state", {"state": None}, "late"),
    ("the answer of another service", {"iss": "https://evil.example"}, "not_believed"),
    ("an answer that does not say whose it is", {"iss": None}, "not_believed"),
    ("no code", {"code": None}, "not_believed"),
    ("a code longer than any", {"code": "c" * 5000}, "not_believed"),
    ("another code", {"code": "another"}, "late"),
    ("refused there", {"code": None, "error": "access_denied"}, "denied"),
    ("an error of another kind", {"code": None, "error": "<script>alert(1)</script>"}, "not_believed"),
]


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize(("name", "changed", "code"), ANSWERS, ids=[row[0] for row in ANSWERS])
async def test_what_an_answer_may_not_be(house: Any, browser: Any, name: str, changed: Any, code: str) -> None:
    one = browser(house)
    query = {**(await back_of(one)).query, **changed}
    came = await one.get(
        str(URL(f"{house.url}/sign-in/oidc/callback").with_query({k: v for k, v in query.items() if v}))
    )
    assert came.code == code
    assert "<script>" not in came.page
    assert await one.me() is None


@pytest.mark.parametrize("cookie", ["", "x", "gAAAA" + "A" * 95, secrets.token_urlsafe(200)])
async def test_a_cookie_that_is_not_ours_is_none(house: Any, browser: Any, cookie: str) -> None:
    one = browser(house)
    one.session.cookie_jar.update_cookies({"qingting-flow": cookie}, URL(house.url))
    assert (await one.get("/sign-in/oidc/callback?state=x&code=y")).code == "late"


async def test_what_a_browser_holds_tells_it_nothing(house: Any, browser: Any) -> None:
    one = browser(house)
    back = await back_of(one)
    held = one.session.cookie_jar.filter_cookies(URL(house.url))["qingting-flow"].value
    assert back.query["state"] not in held
    with pytest.raises(ValueError, match=r"."):
        json.loads(held)


async def test_keys_that_the_service_renews_are_taken_and_forged_ones_make_no_traffic(
    house: Any, browser: Any, service: Any
) -> None:
    assert (await browser(house).sign_in()).status == 200
    service.keys, service.sign = [OTHER_KEY], lambda claims: signed(claims, OTHER_KEY)
    for _ in range(3):  # asked for at most once a minute
        assert (await browser(house).sign_in()).code == "not_believed"
    assert service.asked.count("/keys") == 1
    house.app[PROVIDER]._keys_asked -= 61
    assert (await browser(house).sign_in()).status == 200
    assert (service.asked.count("/keys"), service.asked.count("/.well-known/openid-configuration")) == (2, 1)


async def test_of_several_keys_that_could_fit_none_is_guessed(house: Any, browser: Any, service: Any) -> None:
    service.keys, service.sign = [KEY, OTHER_KEY], lambda claims: signed(claims, KEY, kid=None)
    assert (await browser(house).sign_in()).code == "not_believed"
