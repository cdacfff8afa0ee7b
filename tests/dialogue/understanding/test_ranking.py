"""Of several candidates one is chosen, or none: what weights, bars and repetition do, and that the shipped tables are what training gives."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogue.understanding.ranking import NONE, RULED, Candidate, Considered, Ranking, pieces_around, ranking
from tests.dialogue.understanding import train_ranking
from tests.dialogue.understanding.considered import READERS

WEIGHTS = {"lost": 200.0, "balance": -300.0, RULED: 100.0, "<fee": 120.0, "idle": 400.0}
_SIGNS = st.lists(st.sampled_from(["lost", "balance", "unknown", RULED]), max_size=3).map(frozenset)
_CANDIDATES = st.lists(st.builds(Candidate, st.sampled_from(["10", "20", "30"]), _SIGNS), max_size=5)


def considered(*candidates: Candidate, none: frozenset[str] = frozenset()) -> Considered:
    return Considered(candidates, Candidate(NONE, none))


@given(_CANDIDATES, _SIGNS)
def test_chances_are_shares_of_the_whole(candidates: list[Candidate], none: frozenset[str]) -> None:
    chances = Ranking(WEIGHTS).chances(considered(*candidates, none=none))
    assert math.isclose(sum(chances.values()), 1.0)
    assert all(0 < chance <= 1 for chance in chances.values())


@given(_CANDIDATES, _SIGNS)
def test_a_higher_bar_never_chooses_where_a_lower_one_does_not(
    candidates: list[Candidate], none: frozenset[str]
) -> None:
    offered = considered(*candidates, none=none)
    low, high = Ranking(WEIGHTS, 0.4).chosen(offered), Ranking(WEIGHTS, 0.8).chosen(offered)
    assert high is None or high == low


def test_what_speaks_for_a_value_told_several_times_counts_together() -> None:
    once, again = Candidate("10", ["lost"]), Candidate("20", ["lost"])
    assert Ranking(WEIGHTS, 0.5).chosen(considered(once, again, again)) == 1
    assert Ranking(WEIGHTS, 0.5).chosen(considered(once, again)) is None


def test_none_is_chosen_where_more_speaks_for_it() -> None:
    assert Ranking(WEIGHTS).chosen(considered(Candidate("10", ["lost"]))) == 0
    assert Ranking(WEIGHTS).chosen(considered(Candidate("10", ["lost"]), none=frozenset({"idle"}))) is None
    assert Ranking(WEIGHTS).chosen(considered()) is None


def test_what_the_rules_would_choose_too_has_a_lower_bar() -> None:
    unsure = considered(Candidate("10", [RULED]), Candidate("20", ["unknown"]))
    assert Ranking(WEIGHTS, 0.7).chosen(unsure) is None
    assert Ranking(WEIGHTS, 0.7, agreed=0.4).chosen(unsure) == 0


@pytest.mark.parametrize(
    ("text", "at", "stands", "does_not"),
    [
        ("a fee of £40 was taken", "£40", {"<fee", "<<fee of", ">>was", ">taken"}, {">fee", "<taken"}),
        ("手续费扣了40块", "40", {"<手续费", "<<扣了", ">>块"}, {"<块"}),
        ("I earn £900. A fee of £40 was taken.", "£900", {"<earn"}, {"<fee", ">fee"}),
    ],
)
def test_pieces_say_on_which_side_of_a_place_and_how_near_a_word_stands(
    text: str, at: str, stands: set[str], does_not: set[str]
) -> None:
    start = text.index(at)
    found = pieces_around(text, start, start + len(at))
    assert stands <= found
    assert not does_not & found


@pytest.mark.slow
@pytest.mark.parametrize("fact", READERS)
def test_the_shipped_table_is_what_training_gives(fact: str) -> None:
    made = train_ranking.trained(fact, train_ranking.open_to_learn(train_ranking.examples(fact)))
    assert (train_ranking.FOLDER / f"ranking_{fact}.json").read_text("utf-8") == train_ranking.as_file(made)
    assert ranking(fact).bar == made.bar
