"""What the customer wants done, in their own words; not what others wanted of them."""

import pytest

from dialogue.understanding.wishes import wish_in


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("要求退款", "要求退款"),
        ("我要他們書面道歉", "要他們書面道歉"),
        ("即刻退返畀我，唔係我去投訴", "即刻退返畀我"),
        ("你哋要賠返畀我", "賠返畀我"),
        ("而家退保要蝕三成。我要攞返全數。", "要攞返全數"),
        ("退刷", "退刷"),
        ("還我兩千", "還我兩千"),
        ("你們去查清楚", "你們去查清楚"),
        ("我上禮拜五領錢機器多扣我一千塊打電話都沒人接我希望你們把錢退給我然後我叫吳建志", "希望你們把錢退給我"),
        ("我要求银行赔偿损失", "要求银行赔偿损失"),
        ("亏了两万，我要求全额退还本金。", "要求全额退还本金"),
        ("希望你们尽快退还手续费，并道歉", "希望你们尽快退还手续费，并道歉"),
        ("请退还我的年费", "请退还我的年费"),
        ("请尽快解冻我的账户", "请尽快解冻我的账户"),
        ("麻烦你们解冻账户", "麻烦你们解冻账户"),
        ("我想要一个解释", "想要一个解释"),
        ("我想退货", "想退货"),
        ("必须给我一个说法", "必须给我一个说法"),
        ("把钱退给我", "把钱退给我"),
        ("还我血汗钱", "还我血汗钱"),
        ("本金一分不能少", "本金一分不能少"),
        ("退货", "退货"),
        ("我的诉求：退一赔三", "诉求：退一赔三"),
        (
            "On 3 November you charged me an annual fee of £40 at your Leeds branch. Refund it please.",
            "Refund it please",
        ),
        ("解鎖", "解鎖"),
        ("修好它", "修好它"),
        ("你们能不能帮我追回来？", "你们能不能帮我追回来？"),
        ("补给我", "补给我"),
        ("還給她", "還給她"),
        ("存回去", "存回去"),
        ("帮我查清楚", "帮我查清楚"),
        ("请更正我的征信记录", "请更正我的征信记录"),
        ("退錢就得", "退錢就得"),
        ("港紙呀，退錢就得。", "退錢就得"),
        ("我希望取消年費", "希望取消年費"),
        ("請解鎖", "請解鎖"),
        ("求求你们快点解冻", "求求你们快点解冻"),
        ("我要他当面道歉", "要他当面道歉"),
        ("开除就不用了，让他道歉就行", "让他道歉就行"),
        ("我要求退保，把12000元全额退还。", "要求退保，把12000元全额退还"),
        ("我就想知道钱去哪了", "想知道钱去哪了"),
        ("Refund it please.", "Refund it please"),
        ("Give it back. Sam Poe, sam@example.org", "Give it back"),
        ("我要求道歉同埋退返手續費", "要求道歉同埋退返手續費"),
        ("請儘快退還款項", "請儘快退還款項"),
        ("I want it refunded.", "I want it refunded"),
        ("You took a fee. I want it refunded.", "I want it refunded"),
        ("please refund the fee", "please refund the fee"),
        ("I'd like an apology and a refund", "I'd like an apology and a refund"),
        ("I demand compensation", "I demand compensation"),
        ("We expect a full refund within 7 days", "We expect a full refund within 7 days"),
        ("could you please close my account", "please close my account"),
        ("Give me my money back!", "Give me my money back"),
        ("I would like the charge removed", "I would like the charge removed"),
    ],
)
def test_the_wish_in_the_customers_words(text: str, wish: str) -> None:
    found = wish_in(text)
    assert found is not None
    assert found.value == wish


@pytest.mark.parametrize(
    "text",
    [
        "他们要求我补材料",
        "经理要求我们签字",
        "銀行要求我還款",
        "我要投诉",
        "我想问一下",
        "请问怎么退款？",
        "说好退钱就行结果没退",
        "钱退不回来",
        "我要等多久",
        "要我道歉",
        "你们能不能告诉我利率？",
        "没还给我",
        "柜员帮我查了",
        "帮我取消年费的柜员骗我",
        "帮我取消了",
        "一直没修好",
        "他让我道歉",
        "我想知道利率",
        "you refused to refund it",
        "打了三次电话没人接",
        "I want to complain",
        "I want to speak to a person",
        "They want me to pay",
        "I asked for a refund last week",
    ],
)
def test_what_is_no_wish(text: str) -> None:
    assert wish_in(text) is None


@pytest.mark.parametrize("answer", ["……", "。。。", "?", "～"])
def test_what_has_no_words_wishes_nothing(answer: str) -> None:
    assert wish_in(answer, asked=True) is None


@pytest.mark.parametrize("answer", ["本金一分不能少", "退钱", "一句道歉", "an apology"])
def test_asked_for_it_a_short_answer_is_the_wish(answer: str) -> None:
    found = wish_in(answer, asked=True)
    assert found is not None
    assert found.value == answer
