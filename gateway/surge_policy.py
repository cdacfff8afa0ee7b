"""The policy's section `[surges]`: when more complaints than usual, or many customers about one thing, are an alarm.

Not here: the policy as a whole (policy.py), how these figures are used (surge_rules.py).
"""

from __future__ import annotations

from pydantic import Field, model_validator

from gateway.policy_table import Table
from gateway.surge_rules import Rule


class Surges(Table):
    on: bool = True
    weeks: int = Field(default=6, ge=3, le=26)  # of which the same hours of the same weekday tell what is usual
    least_weeks: int = Field(default=3, ge=2, le=26)  # until so many are known, only the `absolute` figures count
    sureness: float = Field(default=4.0, ge=2, le=10)  # standard deviations above what is usual
    factor: float = Field(default=2.0, ge=1, le=100)  # and so many times as much, at least
    least_an_hour: int = Field(default=8, ge=1)  # cases; of fewer there is no surge
    least_a_day: int = Field(default=20, ge=1)
    absolute_an_hour: int = Field(default=30, ge=1)  # while nothing is known of what is usual
    absolute_a_day: int = Field(default=150, ge=1)
    customers: int = Field(default=6, ge=2)  # different ones, within a day about one thing: a hot spot
    absolute_customers: int = Field(default=15, ge=2)

    @model_validator(mode="after")
    def _in_order(self) -> Surges:
        if self.least_weeks > self.weeks:
            raise ValueError(f"least_weeks: expected at most weeks, {self.weeks}, not {self.least_weeks}")
        for least, absolute in (
            ("least_an_hour", "absolute_an_hour"),
            ("least_a_day", "absolute_a_day"),
            ("customers", "absolute_customers"),
        ):
            if getattr(self, absolute) < getattr(self, least):
                raise ValueError(f"{absolute}: expected at least {least}, {getattr(self, least)}")
        return self

    def rule(self, least: int, absolute: int) -> Rule:
        return Rule(least, absolute, self.sureness, self.factor, self.least_weeks)

    @property
    def of_an_hour(self) -> Rule:
        return self.rule(self.least_an_hour, self.absolute_an_hour)

    @property
    def of_a_day(self) -> Rule:
        return self.rule(self.least_a_day, self.absolute_a_day)

    @property
    def of_customers(self) -> Rule:
        return self.rule(self.customers, self.absolute_customers)
