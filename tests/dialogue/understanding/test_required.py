"""What a text must hold for a pattern to stand in it, and that nothing is missed where only such texts are searched."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogue.understanding import required
from dialogue.understanding.required import Index, required_in
from dialogue.understanding.terms import Folded, Terms, fold, lists
from tests.dialogue.understanding.measure import labelled

FILES = (
    ("triage_terms", "dialogue"), ("triage_firms", "dialogue"),
    *((name, "dialogue.understanding") for name in (
        "signals", "kinds", "emotion", "verdicts", "reaching", "holding", "scams", "afterwards", "machines", "dialects",
    )),
)  # fmt: skip
_EVERY, _BEGINNING = 6, 240


@pytest.mark.parametrize(
    ("pattern", "runs"),
    [
        ("跳楼|跳河|想死", {"跳楼", "跳河", "想死"}),
        ("(?:唔|不)[想要]活", {"唔想", "唔要", "不想", "不要"}),
        ("我(?:真|好)?怕", {"怕"}),
        ("想(?:死|自杀)", {"想死", "想自"}),
        (r"(?:kill|hurt)ing\s+myself", {"mys"}),
        (r"\bthe\s+ombudsman\b", {"omb"}),
        ("退[^,]{0,4}款", {"退"}),
        ("(?:很|非常)+慢", {"慢"}),
        ("(?=人)工", {"工"}),
        ("怕?", None),
        (r"\d+", None),
        ("(?:退|)", None),
        ("(?i:atm)", None),
        ("[^a]", None),
    ],
)
def test_of_a_pattern_the_runs_are_known_of_which_one_must_stand(pattern: str, runs: set[str] | None) -> None:
    found = required_in(pattern)
    assert found == (None if runs is None else frozenset(runs))


_PIECE = st.sampled_from(["ab", "c", "[ab]", "[^b]", ".", "(?:a|bc)", "(?:ab|)", "c?", "(?:ab)+", "b{0,2}", r"\b", "(?=a)", "(?!b)", "(?<=a)", "a{2}"])  # fmt: skip


@given(st.lists(_PIECE, min_size=1, max_size=5).map("".join), st.text("abc ", max_size=12))
def test_wherever_a_pattern_stands_one_of_its_runs_does(pattern: str, text: str) -> None:
    runs = required_in(pattern)
    for match in re.finditer(pattern, text) if runs is not None else ():
        assert any(run in text for run in runs or ()), match


@given(st.lists(st.lists(_PIECE, min_size=1, max_size=4).map("".join), max_size=6), st.text("abc ", max_size=12))
def test_an_index_names_every_pattern_that_stands_in_a_text(patterns: list[str], text: str) -> None:
    index = Index()
    first = index.add_all(patterns)
    may_stand, _ = index.within(text)
    for number, pattern in enumerate(patterns, first):
        assert may_stand >> number & 1 or not re.search(pattern, text)


def test_without_the_parser_every_pattern_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(required, "_parser", None)
    index = Index()
    index.add_all(["跳楼", "kill"])
    assert index.within("") == (0b11, 2)


def test_a_list_that_is_made_after_a_text_was_read_is_searched_in_it() -> None:
    text = fold("我要跳楼")
    assert Terms({"zh": "银行"}).first(text) is None
    assert Terms({"zh": "跳楼"}).first(text) is not None


@pytest.mark.parametrize(("name", "module"), FILES)
def test_no_shipped_list_misses_a_word(name: str, module: str) -> None:
    """Whatever the patterns of a list find together in a text, they are tried on it."""
    parts = [part for section in lists(name, module).values() for part in (section.chinese, section.english)]
    found = 0
    for text in _texts():
        for part in parts:
            if part.whole.search(text.folded) is not None:
                assert part.spans(text, 0), text.text
                found += 1
    assert found


@lru_cache(maxsize=1)
def _texts() -> tuple[Folded, ...]:
    return tuple(fold(text.text[:_BEGINNING]) for text in labelled("build")[::_EVERY])


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads take turns at nearly every step."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_lists_that_are_made_by_several_threads_at_once_lose_nothing(restless: None) -> None:
    """A turn that took too long is left behind while the next one begins: both come upon lists that nobody has asked for yet."""
    for _ in range(20):
        index = Index()
        begin = threading.Barrier(8)

        def add(start: int, index: Index = index, begin: threading.Barrier = begin) -> list[tuple[int, str]]:
            begin.wait()
            return [(index.add_all([f"ab{start}", f"ab{number}c"]), f"ab{start}") for number in range(start, start + 8)]

        with ThreadPoolExecutor(8) as threads:
            made = [one for some in threads.map(add, range(8)) for one in some]
        assert sorted(first for first, _ in made) == list(range(0, 128, 2)), "each has numbers of its own"
        for first, pattern in made:
            may_stand, known = index.within(pattern)
            assert known == 128
            assert may_stand >> first & 1, f"{pattern} is never found again"


def test_what_is_taken_up_while_a_text_is_gone_through_is_not_told_of_it(restless: None) -> None:
    index, stop = Index(), threading.Event()
    index.add_all(["x1"])

    def adds() -> None:
        for number in range(2_000):
            index.add_all([f"x{number}"])
        stop.set()

    with ThreadPoolExecutor(1) as threads:
        threads.submit(adds)
        while not stop.is_set():
            may_stand, known = index.within("".join(f"x{number}" for number in range(0, 2_000, 7)))
            for number in range(1, known):
                assert may_stand >> number & 1 or (number - 1) % 7, f"{number} of {known}"
