import pytest

from case_store.records import MessageKind
from dialogue.understanding.kinds import asks_only, kind_of, praises

COMPLAINT, ENQUIRY, THANKS, UNSOLICITED, UNCLEAR = MessageKind


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        *((COMPLAINT, said) for said in (
            "我要投诉", "你们乱收年费", "理财亏了两万多", "柜员态度很差", "打了三次电话都没人理", "请问你们凭什么扣我的钱？", "为什么我的卡被冻结了", "钱到现在没到账", "不是我签的字", "你哋張卡年費喺度亂收錢", "我要退錢，理專騙我",
            "ATM少吐了800块", "把我的对账单给了我前夫", "柜员把收款账号输错了一位，三万五到现在没有退回来", "存单被换成了保险",
            "貸款利率跟當初說的不一樣", "The ATM gave me 80 less than I asked for", "I queued two hours and was then sent away",
            "扣咗我三千蚊", "客服唔理我", "我的個資被洩漏", "催收天天骚扰我家人", "谢谢你们把我的养老钱亏了", "ATM吞了我的卡", "请问怎么投诉", "钱没了我也不想活了", "还我钱", "APP一直登不上",
            "You took £1,460 which nobody mentioned. I want it refunded.", "I was charged twice", "The teller was rude to me", "My card was declined and nobody helps", "I never authorised this payment", "still waiting for my money",
            "Can you explain why you charged me a late fee?", "This is unacceptable", "There is an error on my credit report, please remove it", "I have been waiting and haven't received my refund", "your app failed and I lost $500",
            "退订短信还是天天发，我要投诉你们骚扰", "You keep sending me newsletters after I unsubscribed; I was never asked, this is harassment of my account",
        )),
        *((ENQUIRY, said) for said in (
            "请问怎么办理信用卡", "营业时间是几点", "请问开户需要带什么材料", "定期存款利率是多少", "你們星期六開門嗎？", "請問點樣申請提款卡", "邊度有分行，喺邊度", "可以异地销户吗？", "如果卡丢了怎么办理补卡", "How do I open an account?",
            "What are your opening hours?", "Do you offer student loans?", "Where is the nearest branch?", "I'd like to know the interest rate on savings", "Can I transfer money abroad from the app?", "想问一下手机银行怎么开通", "匯率現在是多少",
        )),
        *((THANKS, said) for said in ("谢谢你们的帮助", "多謝晒", "感谢李经理，服务很好", "Thank you, the branch was very helpful", "Thanks!", "Great service from Anna, well done")),
        *((UNSOLICITED, said) for said in (
            "代开发票，联系加微信13800000000", "恭喜您中奖，点击链接领取", "低息贷款秒批，加微信", "澳门真人荷官在线发牌", "我们提供SEO优化排名服务，寻求合作", "您好，我想应聘贵行柜员，附上简历", "限时优惠全场5折，回T退订",
            "We are a leading SEO company, get your site on the first page of Google", "Black Friday: 50% off everything. Unsubscribe here", "Please find attached my CV, applying for the position of analyst", "Your mailbox is almost full, kindly click here to verify your account",
            "You have won the lottery, claim your inheritance of $5,000,000", "Guest post on your blog? We sell backlinks", "Join our free webinar on lead generation; view in browser", "Never lose a customer: our company can help you increase your sales. Unsubscribe",
        )),
        *((UNCLEAR, said) for said in ("", "你好", "在", "……", "江敏 13900001111", "asdf", "hello", "FYI", "见附件", "Fwd: document")),
    ],
)  # fmt: skip
def test_what_a_message_is(kind: MessageKind, said: str) -> None:
    assert kind_of(said).value == kind


def test_the_subject_counts() -> None:
    assert kind_of("见附件", subject="投诉贵行乱收费").value == COMPLAINT
    assert kind_of("see attached", subject="Weekly newsletter").value == UNSOLICITED


def test_facts_of_own_dealings_are_a_complaint_rather_than_nothing() -> None:
    assert kind_of("10月28号我的信用卡 1460元").value == UNCLEAR
    assert kind_of("10月28号我的信用卡 1460元", has_facts=True).value == COMPLAINT


@pytest.mark.parametrize("said", ["你哋亂收錢", "I was overcharged"])
def test_evidence_is_the_customers_words(said: str) -> None:
    assert kind_of(said).evidence in said


@pytest.mark.parametrize(
    "said",
    [
        "No complaint from me, I only wanted to say that Dionne at the Harrogate counter was marvellous with my dad",
        "我不是来投诉的，就想表扬一下解放路支行的小孙，特别耐心",
        "我沒有要客訴喔，只是想說林小姐對我阿嬤超有耐心",
    ],
)
def test_praise_is_thanks(said: str) -> None:
    assert praises(said)
    assert kind_of(said).value == "thanks"


@pytest.mark.parametrize(
    "said",
    [
        "the service was excellent until you took £30",
        "oh brilliant, my card is gone again",
        "服务很好，但是把我的存折剪坏了",
        "态度很不耐心",
        "thank you so much for swallowing my card",
        "服务不够周到",
    ],
)
def test_praise_with_a_but_or_in_scorn_is_none(said: str) -> None:
    assert not praises(said)


@pytest.mark.parametrize(
    ("said", "only"),
    [
        ("could you tell me what the rate on a three year bond is at the moment", True),
        ("没出什么事，就是打听一下利率", True),
        ("想請問而家三年定期利率係幾多呀", True),
        ("请问我昨天存的钱怎么变成保险了", False),
        ("我想问一下，昨天我去柜台，柜员把我的折子剪了", False),
        ("請問有人嗎\n你們理專叫我媽把定存解掉去買南非幣的基金\n現在跌掉四十二萬", False),
        ("ARE YOU KIDDING ME\nmy student loan landed this morning and you lot swallowed nine hundred of it", False),
    ],
)
def test_a_question_beside_what_is_told_makes_no_enquiry_of_it(said: str, only: bool) -> None:
    assert asks_only(said) is only
