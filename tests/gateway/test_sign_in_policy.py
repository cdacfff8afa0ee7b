"""The policy's section `[sign_in]`: what is refused, and whom it asks for a second factor on which day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from case_store.records import Role
from gateway.policy import PolicyError, load_policy

DAY = date(2027, 3, 1)


def policy(folder: Path, section: str) -> Path:
    file = folder / "policy.toml"
    file.write_text(f'version = "house-1"\n[sign_in]\n{section}\n')
    return file


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ('second_factor = "some"', "sign_in.second_factor"),
        ("idle_minutes = 4", "sign_in.idle_minutes"),
        ("longest_hours = 169", "sign_in.longest_hours"),
        ("idle_minutes = 120\nlongest_hours = 1", "not 120 minutes"),
        ('second_factor_from = "soon"', "sign_in.second_factor_from"),
        ("minutes = 5", "sign_in.minutes: is not an entry that is known here"),
    ],
)
def test_what_can_not_be_meant_is_refused_by_name(tmp_path: Path, section: str, told: str) -> None:
    with pytest.raises(PolicyError) as refused:
        load_policy(policy(tmp_path, section))
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("section", "role", "today", "needs"),
    [
        ("", Role.ADMIN, DAY, False),
        ('second_factor = "admins"', Role.ADMIN, DAY, True),
        ('second_factor = "admins"', Role.SUPERVISOR, DAY, False),
        ('second_factor = "everybody"', Role.COMPLIANCE, DAY, True),
        ('second_factor = "everybody"\nsecond_factor_from = 2027-03-02', Role.AGENT, DAY, False),
        ('second_factor = "everybody"\nsecond_factor_from = 2027-03-01', Role.AGENT, DAY, True),
    ],
)
def test_who_needs_a_second_factor(tmp_path: Path, section: str, role: Role, today: date, needs: bool) -> None:
    assert load_policy(policy(tmp_path, section)).sign_in.needs_second(role, today) is needs


def test_the_built_in_policy_asks_nobody_and_lets_sessions_last_as_they_always_did() -> None:
    rules = load_policy(None).sign_in
    assert (rules.idle.total_seconds(), rules.longest.total_seconds()) == (2 * 3600, 12 * 3600)
    assert not any(rules.wants_second(role) for role in Role)
