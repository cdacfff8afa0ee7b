"""What an operator sets about the sign-in service: what is read, what is refused, what the doctor says."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from case_store.records import Role
from gateway.config import Settings, SettingsError
from gateway.config_loading import load_settings
from gateway.findings import State
from gateway.oidc.rules import RoleOf
from gateway.sign_in_check import sign_in_answers
from tests.oidc import CLIENT, SECRET

ISSUER = {
    "OIDC_ISSUER": "https://sso.bank.example/realms/staff",
    "OIDC_CLIENT_ID": "q",
    "PUBLIC_URL": "https://c.example",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in list(os.environ):
        if name.startswith("QINGTING_"):
            monkeypatch.delenv(name)

    def put(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"QINGTING_{name}", value)

    return put


READ = [
    ("OIDC_ISSUER", "https://sso.bank.example/", "oidc_issuer", "https://sso.bank.example/"),  # the slash is part of it
    ("OIDC_ISSUER", "http://127.0.0.1:9400", "oidc_issuer", "http://127.0.0.1:9400"),
    ("OIDC_NAME", "单一登录", "oidc_name", "单一登录"),
    ("OIDC_SCOPES", "profile openid  groups", "oidc_scopes", "profile openid groups"),
    ("OIDC_ROLES", "CN=leads,OU=bank=supervisor; a b=agent", "oidc_roles", (RoleOf("CN=leads,OU=bank", Role.SUPERVISOR), RoleOf("a b", Role.AGENT))),
    ("OIDC_ROLES", "", "oidc_roles", ()),
    ("OIDC_HOSTS", "keys.bank.example, a.example:8443", "oidc_hosts", ("keys.bank.example", "a.example:8443")),
    ("OIDC_NEW_ACCOUNTS", "yes", "oidc_new_accounts", True),
    ("OIDC_UNMAPPED", "agent", "oidc_unmapped", "agent"),
    ("PASSWORDS_FOR", "Admin, ops", "passwords_for", ("admin", "ops")),
    ("PASSWORDS_FOR", "none", "passwords_for", ()),
    ("PASSWORDS_FOR", "all", "passwords_for", "all"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "field", "read"), READ)
def test_what_is_read(environment: Any, name: str, value: str, field: str, read: Any) -> None:
    environment(**{**ISSUER, name: value})
    assert getattr(load_settings(), field) == read


REFUSED = [
    ({"OIDC_ISSUER": "http://sso.bank.example"}, "QINGTING_OIDC_ISSUER is 'http://sso.bank.example': expected the issuer's https:// address"),
    ({"OIDC_ISSUER": "https://u:p@sso.example"}, "QINGTING_OIDC_ISSUER"),
    ({"OIDC_ISSUER": "https://sso.example?x=1"}, "QINGTING_OIDC_ISSUER"),
    ({"OIDC_SCOPES": "profile"}, "QINGTING_OIDC_SCOPES is 'profile': expected scopes separated by blanks, openid among them"),
    ({"OIDC_ROLES": "leads=boss"}, "QINGTING_OIDC_ROLES is 'leads=boss': expected group=role"),
    ({"OIDC_ROLES": "leads"}, "QINGTING_OIDC_ROLES"),
    ({"OIDC_HOSTS": "https://x.example"}, "QINGTING_OIDC_HOSTS"),
    ({"OIDC_UNMAPPED": "admin"}, "QINGTING_OIDC_UNMAPPED is 'admin': expected refuse or agent"),
    ({"OIDC_NAME": "n" * 61}, "QINGTING_OIDC_NAME"),
    ({"PASSWORDS_FOR": ""}, "QINGTING_PASSWORDS_FOR is '': expected all, none, or usernames"),
    ({"PASSWORDS_FOR": "a b;c"}, "QINGTING_PASSWORDS_FOR"),
    ({"PUBLIC_URL": ""}, "QINGTING_OIDC_ISSUER: expected QINGTING_OIDC_CLIENT_ID as well, and QINGTING_PUBLIC_URL"),
    ({"OIDC_CLIENT_ID": ""}, "QINGTING_OIDC_ISSUER: expected QINGTING_OIDC_CLIENT_ID as well"),
    ({"OIDC_ISSUER": "", "PASSWORDS_FOR": "none"}, "QINGTING_PASSWORDS_FOR would leave agents no way to sign in"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "told"), REFUSED)
def test_what_is_refused_at_start(environment: Any, given: dict[str, str], told: str) -> None:
    environment(**{**ISSUER, **given})
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert told in str(refused.value)


FOUND = [
    ({}, {}, State.OK, "answers, 1 keys; let it send agents back to https://c.example/sign-in/oidc/callback"),
    ({"issuer": "https://evil.example"}, {}, State.FAIL, "calls itself 'https://evil.example'"),
    ({"token_endpoint": "https://evil.example/t"}, {}, State.FAIL, "QINGTING_OIDC_HOSTS names"),
    ({}, {"keys": []}, State.FAIL, "no key"),
]


@pytest.mark.parametrize(("said", "more", "state", "found"), FOUND)
async def test_what_the_doctor_finds(
    service: Any, tmp_path: Path, said: Any, more: Any, state: State, found: str
) -> None:
    service.said = said
    service.keys = more.get("keys", service.keys)
    settings = Settings(
        data_dir=tmp_path,
        public_url="https://c.example",
        oidc_issuer=service.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
    )
    [line] = await asyncio.to_thread(lambda: list(sign_in_answers(settings)))
    assert line.state is state
    assert found in line.found


async def test_the_doctor_warns_of_a_house_that_nobody_could_enter(service: Any, tmp_path: Path) -> None:
    known = {"oidc_issuer": service.issuer, "oidc_client_id": CLIENT, "public_url": "https://c.example"}
    settings = Settings(data_dir=tmp_path, passwords_for=(), **known)
    lines = await asyncio.to_thread(lambda: list(sign_in_answers(settings)))
    assert [line.state for line in lines] == [State.OK, State.WARN]
    assert "QINGTING_PASSWORDS_FOR=admin" in lines[-1].do
