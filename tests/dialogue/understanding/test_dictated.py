"""Names as they are dictated, with what explains them, or twice."""

from __future__ import annotations

import pytest

from dialogue.understanding.dictated import dictated_names
from dialogue.understanding.plain import plain


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("我姓詹詹前柏的詹詹文雄，零九二二一二三四五六", "詹文雄"),
        ("我姓章立早章章文雄", "章文雄"),
        ("免贵姓张弓长张，张伟", "张伟"),
        ("我姓陳耳東陳", "陳"),
        ("我叫詹文雄文化的文英雄的雄", "詹文雄"),
        ("it's Bronwen double u Pugh bronwen pugh", "Bronwen Pugh"),
        ("um okay so my name is John Paul Jones, john paul jones", None),  # said plainly, and read as written names are
        ("no more forms mate no more", None),
        ("那个姓李木子李的经理骂我", None),
    ],
)
def test_a_dictated_name(said: str, name: str | None) -> None:
    found = dictated_names(plain(said), asked="经理" not in said)
    assert (found[0].value if found else None) == name
