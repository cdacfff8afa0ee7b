"""One word for one thing in Traditional Chinese: Taiwan's first, where Hong Kong understands it."""

from __future__ import annotations

from importlib.resources import files

import pytest

GLOSSARY = {
    "電郵": "電子郵件",
    "郵箱": "電子郵件地址",
    "信箱": "電子郵件地址",
    "機械人": "機器人",
    "網上": "線上",
    "網絡": "網路",
    "紀錄": "記錄",
    "軟件": "軟體",
    "聯繫": "聯絡",
    "説": "說",
    "商户": "商家",
    "甚麼": "什麼",
    "窗口": "視窗",
    "用戶": "使用者",
    "回復": "回覆",
    "櫃位": "櫃檯",
    "隊列": "佇列",
    "泄露": "外洩",
    "列表": "清單",
    "刷新": "更新",
    "消息": "訊息",
    "發送": "傳送",
    "信貸": "信用",
    "審計": "稽核",
    "宗": "件",
    "信息": "資訊",
    "默認": "預設",
    "短信": "簡訊",
    "鏈接": "連結",
    "屏幕": "螢幕",
    "質量": "品質",
}
TEXTS = [
    ("gateway.portal", "texts/zh-Hant.yml"),
    ("gateway.console", "texts/zh-Hant.yml"),
    ("gateway", "catalogue/zh-Hant.yaml"),
    ("gateway", "catalogue/paper.zh-Hant.yaml"),
]


@pytest.mark.parametrize(("package", "path"), TEXTS)
def test_one_word_for_one_thing(package: str, path: str) -> None:
    text = files(package).joinpath(path).read_text("utf-8")
    found = {wrong: right for wrong, right in GLOSSARY.items() if wrong in text}
    assert found == {}, "write the word on the right instead"
