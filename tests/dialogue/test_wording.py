"""The wording rules: what they find, and what they let pass."""

from __future__ import annotations

import pytest

from case_store.records import Language
from dialogue.wording import faults

HANS, HANT, EN = Language.HANS, Language.HANT, Language.EN


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        (HANS, "我们会尽快答复您。", ["vague time: 尽快"]),
        (HANT, "我們會儘快答覆您，稍後聯絡。", ["vague time: 儘快", "vague time: 稍後"]),
        (EN, "We will answer As Soon As Possible.", ["vague time: As Soon As Possible"]),
        (EN, "You will hear from us shortly.", ["vague time: shortly"]),
        (HANS, "您应该看清合同。", ["blame: 您应该"]),
        (HANT, "這是您的疏忽。", ["blame: 您的疏忽"]),
        (EN, "You should have read the terms.", ["blame: You should have"]),
        (HANS, "我们一定会处理，会退还本金。", ["promised outcome: 一定会", "promised outcome: 会退还"]),
        (HANT, "請放心。", ["promised outcome: 放心"]),
        (EN, "We will refund the fee.", ["promised outcome: We will refund"]),
        (HANS, "这是我们的错。", ["admitted fault: 是我们的错"]),
        (EN, "It was our mistake.", ["admitted fault: our mistake"]),
        (HANS, "给您带来不便，敬请谅解。", ["empty phrase: 带来不便", "empty phrase: 敬请谅解"]),
        (EN, "We are sorry for any inconvenience.", ["empty phrase: any inconvenience"]),
        (HANS, "登记好了！", ["raised voice: ！"]),
        (HANT, "請留下短信號碼。", ["word of another place: 短信"]),
        (HANS, "這件事", ["character of the other script: 這"]),
        (HANT, "这件事已经登記", ["character of the other script: 这经"]),
        (EN, "Your case 投诉 is open.", ["Chinese in English: 投诉"]),
        (HANS, "长" * 71 + "。", ["long sentence: " + "长" * 71]),
        (EN, " ".join(["word"] * 36) + ".", ["long sentence: " + " ".join(["word"] * 36)]),
    ],
)
def test_what_is_found(language: Language, text: str, found: list[str]) -> None:
    assert faults(text, language) == found


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (HANS, "最晚在 12 月 2 日（星期三）答复您，说明结果和依据。"),
        (HANS, "这是给妈妈养老的钱，一周里少了两万多，您着急是应该的。"),
        (HANT, "佣金、公里、皇后大道、批准、台灣、干涉：這些字兩邊都寫。"),
        (HANT, "打咗三次電話都冇人理，換轉係邊個都會嬲。"),
        (EN, "We will write to you by Wednesday 2 December. The fee was 1.5 per cent, taken on C20261123-000421-4."),
    ],
)
def test_what_passes(language: Language, text: str) -> None:

    assert faults(text, language) == []
