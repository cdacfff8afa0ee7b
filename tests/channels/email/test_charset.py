"""From bytes to text, whatever the label says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.charset import clean, decode

HANS = "我要投诉你们的理财产品，请退还本金三万五千元。"
HANT = "我要投訴貴公司的理財產品，請退還本金三萬五千元。"


@pytest.mark.parametrize(
    ("text", "codec", "declared"),
    [
        (HANS, "gbk", "gb2312"),
        ("经办人喆镕堃" + HANS, "gb18030", "GB2312"),
        (HANS, "gb18030", None),
        (HANS, "gb18030", "iso-8859-1"),
        (HANS, "gb18030", "utf-8"),
        (HANS, "gb18030", "us-ascii"),
        (HANS, "gb18030", "no-such-charset"),
        (HANS, "utf-8", "gb2312-not-really"),
        (HANS, "utf-8", "iso-8859-1"),
        (HANS, "utf-8", None),
        (HANS, "hz", "hz-gb-2312"),
        (HANT, "big5", "big5"),
        (HANT + "喺度嘅", "big5hkscs", "big5"),
        (HANT, "big5", None),
        (HANT, "big5", "windows-1252"),
        ("返金をお願いします", "iso2022_jp", "iso-2022-jp"),
        ("返金をお願いします", "iso2022_jp", None),
        ("返金をお願いします。", "shift_jis", "shift_jis"),
        ("환불해 주세요", "cp949", "ks_c_5601-1987"),
        ("I’m “angry” – €5", "cp1252", "iso-8859-1"),
        ("naïve café", "latin-1", "iso-8859-1"),
        ("plain", "ascii", "utf-16le-but-not"),
        ("plain", "ascii", "idna"),
    ],
)
def test_text_by_its_bytes(text, codec, declared):
    assert decode(text.encode(codec), declared) == text


def test_a_broken_character_spoils_only_itself():
    raw = HANS.encode("gb18030") * 20 + b"\xff" + HANS.encode("gb18030")
    assert decode(raw, "gb2312").count("投诉") == 21


def test_control_characters_go():
    assert clean("a\x00b\r\nc\rd\x1b[31m\x85") == "ab\nc\nd[31m\x85"
    assert clean("\ufeffa\ud800") == "a?"


@given(
    st.binary(max_size=300),
    st.sampled_from(
        [None, "utf-8", "gb2312", "big5", "iso-2022-jp", "utf-7", "utf-16", "x", "punycode", "rot13", "base64", "\x00"]
    ),
)
def test_law_any_bytes_give_text_that_a_database_takes(raw, declared):
    text = clean(decode(raw, declared))
    assert "\x00" not in text
    assert text.encode("utf-8").decode() == text
