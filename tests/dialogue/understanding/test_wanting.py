"""Clauses that ask the house for something in words that no rule knows, and what only sounds so."""

from functools import cache

import pytest

from dialogue.understanding import wanting
from dialogue.understanding.plain import plain
from dialogue.understanding.terms import fold
from dialogue.understanding.wishes import ASKS, ruled_in, wish_in
from tests.dialogue.understanding import train_gist, train_wanting
from tests.growth import grows_no_faster

ASKED = [
    ("Charged twice for one coffee. Void the second one", "Void the second one"),
    ("Note torn in half. Swap it please", "Swap it please"),
    ("密码键盘这声音关掉", "声音关掉"),
    ("那个弹窗广告给我屏蔽掉", "屏蔽掉"),
    ("那筆年費退一退", "退一退"),
    ("叫阿姨佢哋停手", "停手"),
]
TOLD = [
    "the branch kept my card",
    "your clerk told me to fetch another form",
    "Brewing some tea first",
    "柜员让我回去等电话",
    "那天下着雨，我在门口等了很久",
    "職員話我嘅表格唔啱",
    "保全要我去外面等",
]


@pytest.mark.parametrize(("text", "words"), ASKED)
def test_what_is_asked_for_is_the_wish(text: str, words: str) -> None:
    wish = wish_in(text)
    assert wish is not None
    assert wish.value is not None
    assert words in wish.value


@pytest.mark.parametrize("text", TOLD)
def test_what_is_told_asks_for_nothing(text: str) -> None:
    assert wanting.asks_for(text) < ASKS
    assert wish_in(text) is None


def test_the_rest_of_a_clause_that_was_cut_inside_a_number_belongs_to_the_wish() -> None:
    assert [wish.words for wish in ruled_in(plain("请将9,000元退回合唱团帐户。"))] == ["请将9"]
    wish = wish_in("请将9,000元退回合唱团帐户。")
    assert wish is not None
    assert wish.value == "请将9,000元退回合唱团帐户"


def test_a_clause_knows_its_sentence() -> None:
    text = "it broke, and I want it fixed. Swap it"
    found = [(text[one.start : one.end].strip(), one.sentence) for one in wanting.clauses_of(text)]
    assert found == [("it broke,", 0), ("and I want it fixed.", 0), ("Swap it", 1)]


@pytest.mark.parametrize("piece", [",a", "退", "，退", "please ", "、", "?!", "…", "a. ", "把我的"])
def test_a_hostile_repetition_costs_no_more_than_a_long_text(piece: str) -> None:
    wanting.asks_for("refund it")
    grows_no_faster(lambda size: wanting.asks_for(piece * (size // len(piece))), 20_000)


@cache
def examples() -> list[train_wanting.Example]:
    """Read once: that takes longer than all else in this file but the training."""
    return train_wanting.examples()


def test_no_line_here_was_learned_from() -> None:
    learned = {fold(one.text).folded for one in examples()}
    assert not learned & {fold(text).folded for text in [*TOLD, *(text for text, _ in ASKED)]}


def test_what_is_kept_unread_is_not_learned_from() -> None:
    every = examples()
    unread = {fold(one.text).folded for one in every if one.author == train_wanting.UNREAD}
    assert unread
    assert not unread & {fold(one.text).folded for one in train_wanting.open_to_learn(every)}


@pytest.mark.slow
def test_training_gives_the_tables_that_are_shipped() -> None:
    made = train_wanting.trained(train_wanting.open_to_learn(examples()))
    assert train_wanting.FILE.read_text("utf-8") == train_wanting.as_file(made)
    assert train_gist.FILE.read_text("utf-8") == train_gist.table_file()
