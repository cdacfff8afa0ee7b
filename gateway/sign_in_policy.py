"""The policy's section `[sign_in]`: who needs a second factor, and how long a session lasts.

Not here: the policy as a whole (policy.py), what follows from it for somebody who asks (auth/principals.py).
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from pydantic import Field, model_validator

from case_store.records import Role
from gateway.policy_table import Table


class Needs(StrEnum):
    OFF = "off"
    ADMINS = "admins"
    EVERYBODY = "everybody"


class SignIn(Table):
    """Off where nothing is said: whoever wants a second factor sets one up."""

    second_factor: Needs = Needs.OFF
    second_factor_from: date | None = None  # until then whoever needs one is reminded, and may work without
    idle_minutes: int = Field(default=120, ge=5, le=24 * 60)
    longest_hours: int = Field(default=12, ge=1, le=7 * 24)

    @model_validator(mode="after")
    def _idle_within(self) -> SignIn:
        if self.idle_minutes > self.longest_hours * 60:
            raise ValueError(
                f"idle_minutes: expected no more than the {self.longest_hours} hours of longest_hours,"
                f" not {self.idle_minutes} minutes"
            )
        return self

    @property
    def idle(self) -> timedelta:
        return timedelta(minutes=self.idle_minutes)

    @property
    def longest(self) -> timedelta:
        return timedelta(hours=self.longest_hours)

    def wants_second(self, role: Role) -> bool:
        return self.second_factor is Needs.EVERYBODY or (self.second_factor is Needs.ADMINS and role is Role.ADMIN)

    def needs_second(self, role: Role, today: date) -> bool:
        """Whether nothing goes on without it, today."""
        return self.wants_second(role) and (self.second_factor_from is None or self.second_factor_from <= today)
