"""How many of the labelled pairs are found, and how many that merely look alike are left in peace: every side filed in one store.

The figures are those of the half to judge by, which nothing was tuned on; docs/case_store.md tells them.
"""

from __future__ import annotations

import pytest

from case_store.store import Store
from tests.gateway.duplicates.telling import pairs, suggested_among


@pytest.mark.parametrize("judge", [True, False], ids=["the half to judge by", "the half to build on"])
def test_most_pairs_are_found_and_few_are_suggested_wrongly(store: Store, judge: bool) -> None:
    found = suggested_among(store, pairs(judge=judge))
    assert found.precision >= 0.9, (found.wrong, found.others)
    assert found.recall >= 0.85, found.missed


def test_the_set_holds_enough_of_both_in_each_half() -> None:
    for judge in (True, False):
        told = pairs(judge=judge)
        assert sum(pair.same for pair in told) >= 20
        assert sum(not pair.same for pair in told) >= 30
        assert all(pair.a[0] != pair.b[0] for pair in told if pair.same)  # told again by another channel
