"""Whose name it is: the writer's, not one that is said to be somebody else's or of the house."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from case_store.records import Language
from dialogue.understanding.facts import facts_in

NOW = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


def named(text: str, *asked: str) -> str | None:
    return facts_in(text, now=NOW, language=Language.EN if text.isascii() else Language.HANS, asked=asked).facts.name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("You sent my statement to my ex, Paul Grant", None),
        ("You sent my statement to my ex, Paul Grant\nI want to know how\nLucy Grant lucy@example.com", "Lucy Grant"),
        ("I paid the builder, Sam Poe", None),
        ("You told my parents nothing was at risk. Their son, Paul Grant", "Paul Grant"),
        ("This is his wife, Lucy Grant", "Lucy Grant"),
        ("姓魏，城东支行信贷部", None),
        ("姓罗的经理，说跟存款一样", None),
        ("姓胡 不想写全名", "胡"),
    ],
)
def test_only_the_writer_is_named(text: str, name: str | None) -> None:
    assert named(text) == name


@pytest.mark.parametrize(
    ("answer", "name"),
    [("李木木", "李木木"), ("黃伯", "黃伯"), ("鲜于洁", "鲜于洁"), ("Lucy Grant", "Lucy Grant")]
    + [(word, None) for word in ("都正确", "没问题", "安排吧", "对", "金额错", "明白了", "Thank You", "Yes Please")],
)
def test_while_all_is_read_back_a_full_name_alone_is_one(answer: str, name: str | None) -> None:
    assert named(answer, "confirm") == name
