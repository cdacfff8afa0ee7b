"""Signing in by the institution's own sign-in service: who gets in, as whom, and how they leave."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession
from yarl import URL

from case_store import audit, conversations, ownership, people, subjects
from case_store.audit import HOUSE
from case_store.conversations import NewConversation
from case_store.records import Role
from gateway.context import GATEWAY
from gateway.oidc.rules import RoleOf
from tests.gateway.sign_in.conftest import PASSWORD
from tests.oidc import CLIENT, OTHER_KEY, signed


async def test_an_agent_signs_in_and_lands_where_they_were(house: Any, browser: Any, service: Any) -> None:
    one = browser(house)
    came = await one.get("/sign-in/oidc?to=/console/cases/abc")
    assert (came.status, came.path) == (200, "/console/cases/abc")
    assert (await one.me())["username"] == "megan"
    asked = parse_qs(urlsplit(one.way[0]).query)
    assert asked["redirect_uri"] == [f"{house.url}/sign-in/oidc/callback"]
    assert asked["scope"] == ["openid profile email"]


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/console/../api/v1/session",
        "/console/%2e%2e/x",
        "/api/v1/agents",
        "/console?x=//evil.example",
        "/console/a\r\nSet-Cookie: x=y",
        "javascript:alert(1)",
        "",
    ],
)
async def test_no_address_from_outside_is_gone_to_afterwards(house: Any, browser: Any, to: str) -> None:
    from urllib.parse import quote

    one = browser(house)
    came = await one.get(f"/sign-in/oidc?to={quote(to, safe='')}")
    assert (came.status, came.path, one.way[-1]) == (200, "/console", f"{house.url}/console")


async def test_the_cookies_are_as_strict_as_can_be(house: Any, browser: Any) -> None:
    one = browser(house)
    async with one.session.get(f"{house.url}/sign-in/oidc", allow_redirects=False) as answer:
        begun = answer.headers["Set-Cookie"]
    assert "HttpOnly" in begun
    assert "SameSite=Lax" in begun
    assert "Max-Age=600" in begun
    back = await one.stops_before("/sign-in/oidc/callback", answer.headers["Location"])
    async with one.session.get(back, allow_redirects=False) as answer:
        given = answer.headers.getall("Set-Cookie")
    session = next(cookie for cookie in given if cookie.startswith("qingting="))
    assert "HttpOnly" in session
    assert "SameSite=Strict" in session
    assert any(cookie.startswith('qingting-flow="";') and "Max-Age=0" in cookie for cookie in given)
    assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")


async def comes_back(house: Any, one: Any, service_says: dict[str, str] | None = None) -> int:
    """By the service and back as browsers do: from another site no SameSite=Strict cookie is brought."""
    back = await one.stops_before("/sign-in/oidc/callback")
    lax = {name: cookie.value for name, cookie in one.session.cookie_jar.filter_cookies(URL(house.url)).items()}
    lax.pop("qingting")
    if service_says is not None:
        back = str(URL(back).update_query(service_says))
    async with ClientSession() as plain, plain.get(back, allow_redirects=False, cookies=lax) as answer:
        one.session.cookie_jar.update_cookies(answer.cookies, URL(house.url))
        return answer.status


def open_sessions(house: Any, *usernames: str) -> list[int]:
    def counted(tx: Any) -> list[int]:
        found = [people.find_agent(tx, username) for username in usernames]
        return [len(people.sessions_of(tx, agent.id, timedelta(hours=1))) for agent in found]

    return list(house.store.read_now(counted))


async def test_the_session_that_a_browser_had_ends_with_its_next_sign_in(house: Any, browser: Any) -> None:
    one, elsewhere = browser(house), browser(house)
    for each in (one, elsewhere):
        await each.sign_in()
    assert open_sessions(house, "megan") == [2]
    assert await comes_back(house, one) == 303
    assert open_sessions(house, "megan") == [2]  # the new one, and that of the browser elsewhere
    for each in (one, elsewhere):
        assert (await each.me())["username"] == "megan"


async def test_whose_session_it_was_does_not_matter(house: Any, browser: Any) -> None:
    one = browser(house)
    async with one.session.post(
        f"{house.url}/api/v1/session", json={"username": "admin", "password": PASSWORD}
    ) as answer:
        assert answer.status == 200
    assert open_sessions(house, "admin", "megan") == [1, 0]
    assert await comes_back(house, one) == 303
    assert open_sessions(house, "admin", "megan") == [0, 1]


async def test_a_sign_in_that_fails_ends_nothing(house: Any, browser: Any) -> None:
    one = browser(house)
    await one.sign_in()
    assert await comes_back(house, one, {"error": "access_denied"}) == 403
    assert open_sessions(house, "megan") == [1]
    assert (await one.me())["username"] == "megan"


ADMITTED = [
    # settings, claims of the service, accounts there are; the username and role it comes to, or why not
    ("an account by its username", {}, {}, ("megan", "agent")),
    ("a username in other letters", {}, {"preferred_username": " Megan "}, ("megan", "agent")),
    ("nobody's username", {}, {"preferred_username": "stranger"}, "unknown"),
    ("no username at all", {}, {"preferred_username": None}, "username"),
    ("a username that no account can have", {}, {"preferred_username": "me gan"}, "username"),
    ("a username longer than any", {}, {"preferred_username": "m" * 33}, "username"),
    ("another claim", {"oidc_username": "upn"}, {"upn": "megan"}, ("megan", "agent")),
    (
        "an address",
        {"oidc_username": "email"},
        {"email": "kim@b.example", "email_verified": True},
        ("kim@b.example", "agent"),
    ),
    ("an address nobody proved", {"oidc_username": "email"}, {"email": "kim@b.example"}, "username"),
    (
        "an address said to be unproved",
        {"oidc_username": "email"},
        {"email": "kim@b.example", "email_verified": False},
        "username",
    ),
    (
        "an address proved in letters",
        {"oidc_username": "email"},
        {"email": "kim@b.example", "email_verified": "true"},
        "username",
    ),
    ("a closed account", {}, {"preferred_username": "closed"}, "closed"),
    (
        "a new account",
        {"oidc_new_accounts": True},
        {"preferred_username": "new.one", "name": "新 同事"},
        ("new.one", "agent"),
    ),
    (
        "a mapped group",
        {"oidc_roles": "Leads, all=supervisor"},
        {"groups": ["x", "Leads, all"]},
        ("megan", "supervisor"),
    ),
    ("an administrator's username", {}, {"preferred_username": "admin"}, "not_joined"),
    ("a username kept for a password", {"passwords_for": ("megan",)}, {}, "not_joined"),
    ("the first that fits", {"oidc_roles": "a=admin;b=agent"}, {"groups": ["b", "a"]}, ("megan", "admin")),
    ("one group as text", {"oidc_roles": "b=supervisor"}, {"groups": "b"}, ("megan", "supervisor")),
    (
        "a dotted path",
        {"oidc_roles": "b=supervisor", "oidc_groups": "realm_access.roles"},
        {"realm_access": {"roles": ["b"]}},
        ("megan", "supervisor"),
    ),
    ("no mapped group", {"oidc_roles": "b=supervisor"}, {"groups": ["c"]}, "no_role"),
    ("groups that are none", {"oidc_roles": "b=supervisor"}, {"groups": {"b": True}}, "no_role"),
    (
        "no mapped group, let in",
        {"oidc_roles": "b=supervisor", "oidc_unmapped": "agent"},
        {"groups": ["c"]},
        ("megan", "agent"),
    ),
]


@pytest.mark.parametrize(("name", "settings", "claims", "becomes"), ADMITTED, ids=[row[0] for row in ADMITTED])
async def test_who_gets_in_as_whom(
    open_house: Any, browser: Any, service: Any, name: str, settings: Any, claims: Any, becomes: Any
) -> None:
    if "oidc_roles" in settings:
        pairs = [part.rpartition("=") for part in settings["oidc_roles"].split(";")]
        settings = {**settings, "oidc_roles": tuple(RoleOf(group, Role(role)) for group, _, role in pairs)}
    house = await open_house(**settings)
    for username in ("megan", "kim@b.example", "closed"):
        house.agent(username)
    house.agent("admin", Role.ADMIN)
    house.store.write_now(people.change_agent, "closed", {"active": False}, actor="system")
    service.claims |= claims
    one = browser(house)
    came, me = await one.sign_in(), await one.me()
    if isinstance(becomes, str):
        assert (came.status, came.code, me) == (403, becomes, None)
    else:
        assert came.status == 200, came.page
        assert (me["username"], me["role"]) == becomes


async def test_an_operator_joins_an_administrator_who_stays_the_last(
    open_house: Any, browser: Any, service: Any
) -> None:
    house = await open_house(oidc_roles=(RoleOf("leads", Role.ADMIN), RoleOf("staff", Role.AGENT)))
    house.agent("admin", Role.ADMIN)
    service.claims |= {"preferred_username": "whatever they call themselves", "groups": ["leads"]}
    admin = house.store.read_now(people.find_agent, "admin")
    issuer = house.app[GATEWAY].settings.oidc_issuer
    house.store.write_now(subjects.join, admin, str(issuer), service.claims["sub"])
    one = browser(house)
    await one.sign_in()
    assert (await one.me())["username"] == "admin"
    service.claims["groups"] = ["staff"]
    assert (await browser(house).sign_in()).code == "last_admin"


async def test_whoever_still_answers_customers_is_not_made_one_who_only_reads(
    open_house: Any, browser: Any, service: Any
) -> None:
    house = await open_house(oidc_roles=(RoleOf("audit", Role.COMPLIANCE),))
    house.agent("megan")
    agent = house.store.read_now(people.find_agent, "megan")
    new = NewConversation("c" * 32, "webchat", "webchat:test", "zh-Hans")
    house.store.write_now(conversations.open_conversation, new)
    house.store.write_now(ownership.take_over, new.id, agent_id=agent.id, agent_name=agent.name)
    service.claims["groups"] = ["audit"]
    assert (await browser(house).sign_in()).code == "has_work"
    assert house.store.read_now(people.find_agent, "megan").role is Role.AGENT


async def test_a_username_given_to_somebody_else_opens_nobodys_account(house: Any, browser: Any, service: Any) -> None:
    assert (await browser(house).sign_in()).status == 200
    service.claims["sub"] = "u-2"  # the service has given `megan` to another person
    assert (await browser(house).sign_in()).code == "other_person"
    service.claims |= {"sub": "u-1", "preferred_username": "megan.howe"}  # and the first of them another name
    one = browser(house)
    await one.sign_in()
    assert (await one.me())["username"] == "megan"
    assert house.store.write_now(subjects.part, "megan", actor="agent:Admin")
    assert await one.me() is None
    service.claims |= {"sub": "u-2", "preferred_username": "megan"}
    assert (await browser(house).sign_in()).status == 200
    told = [event.action for event in house.store.read_now(audit.timeline, HOUSE) if "agent_" in event.action]
    assert told[-3:] == ["agent_joined", "agent_parted", "agent_joined"]


async def test_what_the_id_token_lacks_is_asked_for(open_house: Any, browser: Any, service: Any) -> None:
    house = await open_house(oidc_roles=(RoleOf("leads", Role.SUPERVISOR),))
    house.agent("megan")
    service.claims = {"sub": "u-1"}
    service.userinfo = {"preferred_username": "megan", "groups": ["leads"]}
    one = browser(house)
    await one.sign_in()
    assert (await one.me())["role"] == "supervisor"


async def test_a_role_taken_away_there_is_gone_at_the_next_sign_in_with_every_session(
    open_house: Any, browser: Any, service: Any
) -> None:
    house = await open_house(oidc_roles=(RoleOf("leads", Role.SUPERVISOR), RoleOf("staff", Role.AGENT)))
    house.agent("megan")
    service.claims["groups"] = ["leads", "staff"]
    first, second = browser(house), browser(house)
    await first.sign_in()
    assert (await first.me())["role"] == "supervisor"
    service.claims["groups"] = ["staff"]
    await second.sign_in()
    assert ((await second.me())["role"], await first.me()) == ("agent", None)


@pytest.mark.parametrize(
    ("passwords_for", "username", "status"),
    [
        ("all", "megan", 200),
        (("admin",), "megan", 403),
        (("admin",), "nobody", 403),
        (("admin",), "admin", 200),
        ((), "admin", 403),
    ],
)
async def test_passwords_count_for_those_alone_whom_the_operator_names(
    open_house: Any, browser: Any, passwords_for: Any, username: str, status: int
) -> None:
    house = await open_house(passwords_for=passwords_for)
    house.agent("megan")
    house.agent("admin", Role.ADMIN)
    asked = {"username": username, "password": PASSWORD}
    async with browser(house).session.post(f"{house.url}/api/v1/session", json=asked) as answer:
        assert answer.status == status, await answer.text()
        if status == 403:
            assert (await answer.json())["code"] == "password_not_allowed"


async def test_signing_out_goes_on_to_the_service(house: Any, browser: Any, service: Any) -> None:
    one = browser(house)
    await one.sign_in()
    csrf = {"X-CSRF-Token": (await one.me())["csrf_token"]}
    async with one.session.post(f"{house.url}/api/v1/sign-out", headers=csrf) as answer:
        at = (await answer.json())["at"]
    assert at.startswith(f"{service.issuer}/out?")
    asked = parse_qs(urlsplit(at).query)
    assert (asked["client_id"], asked["post_logout_redirect_uri"]) == ([CLIENT], [f"{house.url}/console"])
    assert asked["id_token_hint"][0].count(".") == 2
    assert await one.me() is None


async def test_signing_out_of_a_session_of_a_password_ends_here(house: Any, browser: Any) -> None:
    one = browser(house)
    async with one.session.post(
        f"{house.url}/api/v1/session", json={"username": "megan", "password": PASSWORD}
    ) as answer:
        csrf = {"X-CSRF-Token": (await answer.json())["csrf_token"]}
    async with one.session.post(f"{house.url}/api/v1/sign-out", headers=csrf) as answer:
        assert (answer.status, await answer.json()) == (200, {"at": None})
    assert await one.me() is None


async def test_no_other_site_signs_an_agent_out(house: Any, browser: Any) -> None:
    one = browser(house)
    await one.sign_in()
    async with one.session.post(f"{house.url}/api/v1/sign-out") as answer:
        assert answer.status == 403
    assert await one.me() is not None


LOGOUTS = [
    ("the person", {}, 200, False),
    ("this session of theirs", {"sub": None, "sid": "s-1"}, 200, False),
    ("another session of theirs", {"sid": "s-2"}, 200, True),
    ("another person", {"sub": "u-9"}, 200, True),
    ("nobody", {"sub": None}, 400, True),
    ("another issuer", {"iss": "https://evil.example"}, 400, True),
    ("another audience", {"aud": "other"}, 400, True),
    ("an ID token", {"nonce": "n"}, 400, True),
    ("no event", {"events": {}}, 400, True),
    ("an event that is no object", {"events": {"http://schemas.openid.net/event/backchannel-logout": 1}}, 400, True),
    ("no id", {"jti": None}, 400, True),
    ("long ago", {"iat": 1_700_000_000}, 400, True),
    ("expired", {"exp": 1_700_000_000}, 400, True),
]


@pytest.mark.parametrize("database", ["sqlite"])
@pytest.mark.parametrize(("whom", "changed", "status", "stays"), LOGOUTS, ids=[row[0] for row in LOGOUTS])
async def test_the_service_signs_out_whom_its_token_names_and_nobody_else(
    house: Any, browser: Any, service: Any, whom: str, changed: Any, status: int, stays: bool
) -> None:
    service.claims["sid"] = "s-1"
    one, other = browser(house), browser(house)
    await one.sign_in()
    url = f"{house.url}/sign-in/oidc/back-channel-logout"
    async with other.session.post(url, data={"logout_token": service.logout_token(**changed)}) as answer:
        assert (answer.status, answer.headers["Cache-Control"]) == (status, "no-store")
    assert (await one.me() is not None) == stays


async def test_a_logout_token_counts_once_and_signed_by_the_service_alone(
    house: Any, browser: Any, service: Any
) -> None:
    one, url = browser(house), f"{house.url}/sign-in/oidc/back-channel-logout"
    await one.sign_in()
    token = service.logout_token()
    forged = signed({"iss": service.issuer}, OTHER_KEY, kid="first")
    for word, status in ((forged, 400), ("", 400), ("a.b.c", 400), (token, 200)):
        async with one.session.post(url, data={"logout_token": word}) as answer:
            assert answer.status == status, word
    assert await one.me() is None
    await one.sign_in()
    async with one.session.post(url, data={"logout_token": token}) as answer:
        assert answer.status == 200
    assert await one.me() is not None  # the token was used before


async def test_without_a_service_there_is_no_way_to_one(open_house: Any, browser: Any) -> None:
    house = await open_house(oidc_issuer=None)
    one = browser(house)
    for path in ("/sign-in/oidc", "/sign-in/oidc/callback"):
        assert (await one.get(path)).status == 404
    assert 'data-provider=""' in (await one.get("/console")).page
