"""The policy's section `[protection]`: who may see what is shown masked.

Not here: the policy as a whole (policy.py), what is masked (masking.py, api/masks.py).
"""

from __future__ import annotations

from case_store.records import Role
from gateway.policy_table import Table


class Protection(Table):
    """`reveal`: in any case or conversation. `reveal_own`: in one that is theirs, by assignment or because they answer it."""

    reveal: frozenset[Role] = frozenset({Role.SUPERVISOR, Role.COMPLIANCE, Role.ADMIN})
    reveal_own: frozenset[Role] = frozenset({Role.AGENT})

    def may_reveal(self, role: Role, own: bool) -> bool:
        return role in self.reveal or (own and role in self.reveal_own)
