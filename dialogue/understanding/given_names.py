"""Given names and surnames by which a name typed or dictated without capitals is told from other words.

`given_names.txt` holds the names, `english_words.txt` the words of the lines that were written for training and of public narratives: what stands there is no name
unless it has a capital.

The commonest of those who bank in English: Britain, Ireland, North America, South Asia, Africa, Eastern Europe, and the syllables by which
Chinese names are written there. Names that are everyday words (mark, will, may, hope, joy) are left out: they need a capital.
"""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import Final

ROMANISED: Final = frozenset(  # surnames and syllables of Chinese and Vietnamese names
    "au chan chang chau cheng cheuk cheung chiu choi chow chu chua chui chung fok fong fung goh heng ho hong hsu huang hui hung ip kam kong koo kwan kwok kwong lai lam lau law lee leong leung li liang lim lin liu lo loh lok lui luk ma mak mok mui nguyen ngai ngan poon pang phua seah seto shek shum sin siu so soh szeto tai tam tan tang tay teo ting toh tong tran tsang tse tsang tsoi tsui wan wang wong woo wu xie xu yan yang yau yeo yeung yik yim yip yiu yu yuen yung zhang zhao zheng zhou zhu".split()  # noqa: SIM905
)


_ENDINGS: Final = re.compile(
    r".{3,}(?:ing|ed|ly|tion|sion|ness|able|ible|ful|less|ment|ous|ive|ism|ists?|ies|'s|n't|'ll|'re|'ve)"
)


@functools.cache
def _listed(name: str) -> frozenset[str]:
    """The words of a file beside this one."""
    return frozenset(resources.files("dialogue.understanding").joinpath(name).read_text("utf-8").split())


def is_given(word: str) -> bool:
    """Whether it is one of these, capitals or not: "dave", "Tsang"."""
    bare = word.lower().strip(".'-")
    return bare in _listed("given_names.txt") or bare in ROMANISED


def is_ordinary(word: str) -> bool:
    """Whether customers use it for anything but a name, so that it needs a capital to be one."""
    bare = word.lower().strip(".'-")
    return bare in _listed("english_words.txt") or _ENDINGS.fullmatch(bare) is not None


def may_be_given(word: str) -> bool:
    """Whether it can be a name though it has no capital: one of these, or no word that is known."""
    return is_given(word) or (len(word) > 2 and not is_ordinary(word))
