"""The wording rules: what they find, and what they let pass."""

from __future__ import annotations

import pytest

from case_store.records import Language
from dialogue.wording import faults, unequal

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
        (HANS, "最晚在 12月2日（星期三）答复您，说明结果和依据。"),
        (HANS, "这是给妈妈养老的钱，一周里少了两万多，您着急是应该的。"),
        (HANT, "佣金、公里、皇后大道、批准、台灣、干涉：這些字兩邊都寫。"),
        (HANT, "打咗三次電話都冇人理，換轉係邊個都會嬲。"),
        (EN, "We will write to you by Wednesday 2 December. The fee was 1.5 per cent, taken on C20261123-000421-4."),
    ],
)
def test_what_passes(language: Language, text: str) -> None:

    assert faults(text, language) == []


RULES = {
    "vague time": (
        [
            (HANS, ["我们会尽快答复。", "请稍等。", "我们即将回复您。", "一有消息就告诉您。", "过一阵再看。"]),
            (HANT, ["我們會儘快答覆。", "請稍候。", "短時間內會處理。", "我哋好快覆你。", "遲些再講。"]),
            (
                EN,
                [
                    "We will answer shortly.",
                    "It will be done right away.",
                    "Without undue delay.",
                    "We will call when we can.",
                ],
            ),
        ],
        [
            (HANS, ["最晚在 12月2日答复您。", "15 分钟内把验证码发到这里。", "您随时可以再来投诉。"]),
            (HANT, ["最晚在 12月2日答覆您。", "您隨時可以再來投訴。", "第一張單同第二張單都收到。"]),
            (
                EN,
                [
                    "You have our answer by 2 December.",
                    "Send it within 15 minutes.",
                    "You may complain again at any time.",
                ],
            ),
        ],
    ),
    "blame": (
        [
            (HANS, ["您没仔细看合同。", "是您自己签的字。", "由于您没有提供材料。", "您填错了卡号。"]),
            (HANT, ["您沒注意條款。", "是您自己簽的字。", "您填錯了卡號。", "係你自己簽嘅。"]),
            (
                EN,
                [
                    "You were supposed to call.",
                    "You are mistaken.",
                    "It is an oversight on your part.",
                    "You could have asked.",
                ],
            ),
        ],
        [
            (HANS, ["您着急是应该的。", "您没有留下联系方式也没关系。", "请检查后再发一次。"]),
            (HANT, ["您著急是應該的。", "請檢查後再傳一次。", "如果有錯，請告訴我。"]),
            (EN, ["If anything is wrong, just tell me.", "You can leave that out.", "Which part should I change?"]),
        ],
    ),
    "promised outcome": (
        [
            (HANS, ["一定给您一个满意的答复。", "我们会全额退还。", "百分之百没事。", "确保您拿回本金。"]),
            (HANT, ["保證退款。", "一定給您滿意。", "確保您拿回本金。", "實會賠俾你。"]),
            (
                EN,
                [
                    "You will get your money.",
                    "It will be refunded.",
                    "We are 100% on it.",
                    "This will never happen again.",
                    "You have our word.",
                ],
            ),
        ],
        [
            (HANS, ["您希望怎么解决：退款、更正、赔偿？", "我们会核对记录，书面答复结果。"]),
            (HANT, ["您希望怎麼解決：退款、更正、賠償？", "我們會核對記錄，書面答覆結果。"]),
            (
                EN,
                [
                    "Would you like a refund or an explanation?",
                    "You will have our answer by 2 December.",
                    "75% of the time has passed.",
                ],
            ),
        ],
    ),
    "admitted fault": (
        [
            (HANS, ["这是我们的失误。", "责任在我们。", "我行承担全部责任。", "员工违规了。"]),
            (HANT, ["這件事責任在我們。", "我行承擔全部責任。", "係我哋錯。", "因我行疏忽。"]),
            (
                EN,
                [
                    "The fault is ours.",
                    "We made a mistake.",
                    "We accept full responsibility.",
                    "It should never have happened.",
                    "Our staff were wrong.",
                ],
            ),
        ],
        [
            (HANS, ["责任由谁承担，核实以后书面告诉您。", "让您多跑一趟，我们很抱歉。"]),
            (HANT, ["責任誰屬，核實以後書面告訴您。", "讓您多跑一趟，我們很抱歉。"]),
            (EN, ["We are sorry that you had to come twice.", "Is anything wrong in the summary?", "What went wrong?"]),
        ],
    ),
    "jargon": (
        [
            (HANS, ["这笔已冲正。", "请配合核身。", "产品存续期内。"]),
            (HANT, ["已為您沖正。", "照會後入帳。", "標的資產為債券。"]),
            (EN, ["We commence a chargeback.", "Your KYC is incomplete.", "Pursuant to clause 4."]),
        ],
        [
            (HANS, ["这笔记错的账已经改回来。", "产品还没到期。"]),
            (HANT, ["記錯的這筆帳已經改回來。", "產品還沒到期。"]),
            (EN, ["We start by asking the shop's bank.", "Under clause 4 the fee is £30.", "She ticketed nobody."]),
        ],
    ),
    "raised voice": (
        [(HANS, ["收到了！", "收到了!", "收到‼"]), (HANT, ["收到了！", "收到❗"]), (EN, ["Done!", "Done！"])],
        [(HANS, ["收到了。"]), (HANT, ["收到了。"]), (EN, ["Done."])],
    ),
    "empty phrase": (
        [
            (HANS, ["敬请谅解。", "感谢您的耐心。"]),
            (HANT, ["敬請見諒。", "給您帶來不便。"]),
            (EN, ["We are sorry for any inconvenience.", "Thank you for your patience."]),
        ],
        [
            (HANS, ["等了一个月没有回音，换谁都会着急。"]),
            (HANT, ["等了一個月沒有回音，換誰都會著急。"]),
            (EN, ["Being left to wait for a month would try anyone's patience."]),
        ],
    ),
    "long sentence": (
        [(HANS, ["长" * 71 + "。"]), (HANT, ["長" * 71 + "。"]), (EN, [" ".join(["word"] * 36) + "."])],
        [
            (HANS, ["长" * 70 + "。" + "长" * 70, "请打开 " + "https://bank.example/" + "a" * 90]),
            (HANT, ["長" * 70 + "；" + "長" * 70]),
            (EN, [" ".join(["word"] * 35) + ". " + " ".join(["word"] * 35) + "."]),
        ],
    ),
}


def table(which: int) -> list[tuple[str, Language, str]]:
    return [(rule, language, text) for rule, both in RULES.items() for language, texts in both[which] for text in texts]


@pytest.mark.parametrize(("rule", "language", "text"), table(0))
def test_a_rule_finds_what_it_is_for(rule: str, language: Language, text: str) -> None:
    assert [found for found in faults(text, language) if found.startswith(f"{rule}: ")]


@pytest.mark.parametrize(("rule", "language", "text"), table(1))
def test_a_rule_lets_a_plain_sentence_pass(rule: str, language: Language, text: str) -> None:
    assert faults(text, language) == []


@pytest.mark.parametrize(
    ("hans", "hant", "en", "differs"),
    [
        ("编号{reference}，{due}前答复。", "編號{reference}，{due}前答覆。", "{reference}: by {due}.", []),
        ("编号{reference}。", "編號{reference}。", "Your complaint is registered.", ["values"]),
        ("怎么称呼您？", "怎麼稱呼您？", "Your name, please.", ["questions"]),
        ("哪一天？多少钱？", "哪一天？多少錢？", "Which day, and how much?", ["questions"]),
        ("15 分钟内输入。", "15 分鐘內輸入。", "Enter it within 30 minutes.", ["figures"]),
        ("例如 10月28日", "例如 10月28日", "Such as 28 October", []),
        ("例如 10月28日", "例如 10月28日", "Such as 28 November", ["figures"]),
        ("35,000 元", "35000 元", "35,000 yuan", []),
        ("可以留下姓名吗？", "可以留下姓名嗎？", "May I have your name?", []),
        ("{{ due | day }}前，拨打{{ hotline }}。", "{{ due | day }}前。", "By {{ due | day }}.", ["values"]),
    ],
)
def test_translations_that_do_not_say_the_same(hans: str, hant: str, en: str, differs: list[str]) -> None:
    assert [found.partition(":")[0] for found in unequal({HANS: hans, HANT: hant, EN: en})] == differs
