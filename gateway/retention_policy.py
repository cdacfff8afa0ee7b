"""The policy's section `[retention]`: how long what is over is kept, counted from its end. Nought keeps it for ever.

The built-in periods erase nothing sooner than a law that docs/retention.md names asks for it to be kept: cases five years after their end
(Singapore's regulation 8: five after resolution; the mainland's order 2020 No. 5: three after closing), what became no case three years.

Not here: the policy as a whole (policy.py), what is due by it (case_store/retention.py), what is taken away (case_store/erasing.py).
"""

from __future__ import annotations

from pydantic import Field

from gateway.policy_table import Table


class Retention(Table):
    resolved_years: int = Field(default=5, ge=0, le=100)  # after a case was resolved,
    closed_years: int = Field(default=5, ge=0, le=100)  # closed without,
    withdrawn_years: int = Field(default=5, ge=0, le=100)  # or withdrawn
    drafts_days: int = Field(default=1095, ge=0, le=36_500)  # since a case that never got its number last changed
    conversations_days: int = Field(
        default=1095, ge=0, le=36_500
    )  # since something last happened in one without a case
    parked_days: int = Field(default=1095, ge=0, le=36_500)  # since what could not be read, or became no message, came

    def periods(self) -> dict[str, int]:
        """Days by rule, without those that keep for ever."""
        years = {"resolved_years": self.resolved_years, "closed_years": self.closed_years}
        years["withdrawn_years"] = self.withdrawn_years
        days = {name: number * 366 for name, number in years.items()}  # never a day too early
        days |= {"drafts_days": self.drafts_days, "conversations_days": self.conversations_days}
        return {name: number for name, number in {**days, "parked_days": self.parked_days}.items() if number}
