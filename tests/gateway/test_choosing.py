"""Whose turn it is: the table of who is given what, and what holds whatever the state of the house."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.choosing import Because, Chosen, Colleague, Dealt, Lack, Need, Nobody, choose, deal, lacks

NOW = datetime(2026, 11, 27, 10, tzinfo=UTC)
HANS, HANT, EN = "zh-Hans", "zh-Hant", "en"


def ago(minutes: int) -> datetime:
    return NOW - timedelta(minutes=minutes)


def one(
    id: str, load: int = 0, most: int = 4, *, speaks: str = "", can: str = "", of: str = "", **more: object
) -> Colleague:
    sets = {"languages": speaks, "skills": can, "teams": of}
    return Colleague(id, most, load, **{name: frozenset(words.split()) for name, words in sets.items()}, **more)  # type: ignore[arg-type]


def need(
    language: str = HANS,
    skills: str = "",
    *,
    known: dict[str, Because] | None = None,
    let_lie: str = "",
    team: str | None = None,
) -> Need:
    return Need("c", language, frozenset(skills.split()), known or {}, frozenset(let_lie.split()), team)


TABLE = [
    # who is there                                             what waits               who gets it, and why
    ([one("a", 2), one("b", 1), one("c", 3)], need(), ("b", Because.LEAST_LOAD)),
    ([one("a", 1, given_at=ago(1)), one("b", 1, given_at=ago(9))], need(), ("b", Because.LONGEST_AGO)),
    ([one("a", 1, given_at=ago(9)), one("b", 1)], need(), ("b", Because.LONGEST_AGO)),  # never yet is the longest ago
    ([one("b"), one("a")], need(), ("a", Because.LONGEST_AGO)),  # equals: by id, whatever their order
    ([one("a", 0, speaks=EN), one("b", 3, speaks=HANS)], need(HANS), ("b", Because.LEAST_LOAD)),
    ([one("a", 0, speaks=HANS), one("b", 3)], need(HANT), ("b", Because.LEAST_LOAD)),  # Simplified is not Traditional
    ([one("a", 0), one("b", 3, can="funds loans")], need(skills="funds"), ("b", Because.LEAST_LOAD)),
    ([one("a", 0, can="funds"), one("b", 3, can="funds loans")], need(skills="funds loans"), ("b", Because.LEAST_LOAD)),
    ([one("a", 0), one("b", 3, of="cards funds")], need(team="cards"), ("b", Because.LEAST_LOAD)),
    ([one("a", 0), one("b", 3, of="cards")], need(), ("a", Because.LEAST_LOAD)),  # what is no team's is for everybody
    (
        [one("a"), one("b", 3, of="cards")],
        need(team="cards", known={"a": Because.HAS_THE_CASE}),
        ("b", Because.LEAST_LOAD),
    ),
    ([one("a", 4), one("b", 7, most=8)], need(), ("b", Because.LEAST_LOAD)),  # full is full by one's own measure
    ([one("a", available=False), one("b", 3)], need(), ("b", Because.LEAST_LOAD)),
    ([one("a"), one("b", 3)], need(known={"b": Because.ANSWERED_BEFORE}), ("b", Because.ANSWERED_BEFORE)),
    ([one("a"), one("b", 3)], need(known={"b": Because.HAS_THE_CASE}), ("b", Because.HAS_THE_CASE)),
    (
        [one("a"), one("b", 3), one("c", 2)],
        need(known={"b": Because.ANSWERED_BEFORE, "c": Because.HAS_THE_CASE}),
        ("b", Because.ANSWERED_BEFORE),
    ),
    ([one("a"), one("b", 4)], need(known={"b": Because.HAS_THE_CASE}), ("a", Because.LEAST_LOAD)),
    ([one("a"), one("b", 1, speaks=EN)], need(known={"b": Because.ANSWERED_BEFORE}), ("a", Because.LEAST_LOAD)),
    ([one("a"), one("b", 3)], need(known={"gone": Because.HAS_THE_CASE}), ("a", Because.LEAST_LOAD)),
    ([one("a"), one("b", 3)], need(let_lie="a"), ("b", Because.LEAST_LOAD)),
    ([one("a"), one("b", 3)], need(known={"a": Because.ANSWERED_BEFORE}, let_lie="a"), ("b", Because.LEAST_LOAD)),
]


@pytest.mark.parametrize(("here", "waits", "expected"), TABLE)
def test_who_is_given_it_and_why(here: list[Colleague], waits: Need, expected: tuple[str, Because]) -> None:
    found = choose(waits, here)
    assert isinstance(found, Chosen), found
    assert (found.colleague.id, found.because) == expected


@pytest.mark.parametrize(
    ("here", "waits", "expected"),
    [
        ([], need(), Nobody.AVAILABLE),
        ([one("a", available=False)], need(), Nobody.AVAILABLE),
        ([one("a", speaks=EN), one("b", available=False)], need(HANS), Nobody.SPEAKS),
        ([one("a", can="loans"), one("b", can="funds", speaks=EN)], need(HANS, "funds"), Nobody.SKILLED),
        ([one("a", 4), one("b", 9)], need(), Nobody.FREE),
        ([one("a", 4, can="funds"), one("b")], need(skills="funds"), Nobody.FREE),
        ([one("a"), one("b", speaks=EN)], need(let_lie="a"), Nobody.ELSE),
        ([one("a"), one("b", 4)], need(let_lie="a"), Nobody.FREE),  # somebody else will have room
    ],
)
def test_why_nobody_is_given_it(here: list[Colleague], waits: Need, expected: Nobody) -> None:
    assert choose(waits, here) is expected


def test_all_that_keeps_somebody_from_it_is_told() -> None:
    hindered = one("a", 4, speaks=EN, can="loans", available=False)
    assert lacks(hindered, need(HANS, "funds", let_lie="a")) == (
        Lack.AWAY,
        Lack.LANGUAGE,
        Lack.SKILL,
        Lack.FULL,
        Lack.LET_LIE,
    )
    assert lacks(one("a", 3), need()) == ()


def test_no_more_are_dealt_at_once_than_was_said_and_the_rest_has_no_reason() -> None:
    dealt = deal([Need(str(n), HANS) for n in range(9)], [one("a", most=9)], NOW, 4)
    assert [chosen.need.id for chosen in dealt.chosen] == ["0", "1", "2", "3"]
    assert dealt.left == {}


# what holds whatever the state of the house ------------------------------------------------------------------------

LANGUAGES = st.sampled_from([HANS, HANT, EN])
SKILLS = st.frozensets(st.sampled_from(["funds", "loans", "cards"]), max_size=2)
IDS = st.sampled_from([f"agent-{n}" for n in range(7)])
PEOPLE = st.lists(
    st.builds(
        Colleague,
        id=IDS,
        most=st.integers(1, 5),
        load=st.integers(0, 6),
        available=st.booleans(),
        languages=st.frozensets(LANGUAGES),
        skills=SKILLS,
        given_at=st.none() | st.integers(0, 99).map(ago),
    ),
    unique_by=lambda colleague: colleague.id,
)
NEEDS = st.lists(
    st.tuples(
        LANGUAGES, SKILLS, st.dictionaries(IDS, st.sampled_from(Because), max_size=2), st.frozensets(IDS, max_size=2)
    ),
    max_size=40,
).map(lambda told: [Need(str(place), *each) for place, each in enumerate(told)])


def after(people: list[Colleague], dealt: Dealt) -> dict[str, int]:
    return dict(Counter({each.id: each.load for each in people}) + Counter(c.colleague.id for c in dealt.chosen))


@given(NEEDS, PEOPLE, st.integers(1, 50))
def test_nobody_is_given_what_they_can_not_take(needs: list[Need], people: list[Colleague], at_most: int) -> None:
    dealt = deal(needs, people, NOW, at_most)
    whole = {each.id: each for each in people}
    for chosen in dealt.chosen:
        colleague = whole[chosen.colleague.id]
        assert colleague.available
        assert not colleague.languages or chosen.need.language in colleague.languages
        assert chosen.need.skills <= colleague.skills
        assert colleague.id not in chosen.need.let_lie
    given_to = Counter(chosen.colleague.id for chosen in dealt.chosen)
    assert all(whole[id].load + n <= whole[id].most for id, n in given_to.items())


@given(NEEDS, PEOPLE)
def test_each_is_given_once_or_left_with_a_reason_that_is_true(needs: list[Need], people: list[Colleague]) -> None:
    dealt = deal(needs, people, NOW, len(needs) + 1)
    told = [*(chosen.need.id for chosen in dealt.chosen), *dealt.left]
    assert sorted(told) == sorted(each.id for each in needs)
    full = after(people, dealt)
    for each in needs:
        if each.id in dealt.left:  # nobody who has still room at the end could have had it
            assert all(lacks(c, each) for c in people if full.get(c.id, 0) < c.most)


@given(NEEDS, PEOPLE, st.randoms(use_true_random=False))
def test_the_same_house_decides_the_same_in_whatever_order_its_people_are_named(
    needs: list[Need], people: list[Colleague], random: object
) -> None:
    shuffled = [*people]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert deal(needs, people, NOW, 50) == deal(needs, shuffled, NOW, 50)


@given(NEEDS, PEOPLE)
def test_the_first_is_dealt_as_if_it_were_alone(needs: list[Need], people: list[Colleague]) -> None:
    for each in needs:
        alone = choose(each, people)
        dealt = deal([each], people, NOW, 1)
        assert alone == (dealt.chosen[0] if dealt.chosen else dealt.left[each.id])


@given(st.integers(1, 9), st.integers(1, 7))
def test_of_equals_each_gets_as_many(agents: int, each: int) -> None:
    people = [one(f"agent-{n}", most=each) for n in range(agents)]
    dealt = deal([Need(str(n), EN) for n in range(agents * each)], people, NOW, 100)
    assert after(people, dealt) == {person.id: each for person in people}
    assert dealt.left == {}


@given(st.integers(1, 9), st.integers(1, 7))
def test_of_equals_each_gets_as_many_also_one_by_one(agents: int, each: int) -> None:
    """In rounds of one, each with what the round before it has left behind, as a running house deals."""
    people = {f"agent-{n}": one(f"agent-{n}", most=99) for n in range(agents)}
    for n in range(agents * each):
        (chosen,) = deal([Need(str(n), EN)], people.values(), NOW, 1).chosen
        before = people[chosen.colleague.id]
        people[before.id] = one(before.id, before.load + 1, most=99, given_at=NOW + timedelta(seconds=n))
    assert {person.load for person in people.values()} == {each}
