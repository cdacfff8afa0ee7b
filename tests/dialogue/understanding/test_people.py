"""Names: the customer's own, from introductions, labels, signatures and answers; never a clerk's or a relative's."""

import pytest

from dialogue.understanding.contacts import number_spans
from dialogue.understanding.people import names_in, names_nobody

LETTER = "我的存款到期以后一直取不出来，柜台每次都让我等通知，已经三个月了。"


def said(text: str, *, asked: bool = False) -> list[str | None]:
    return [name.value for name in names_in(text, asked=asked, contacts=number_spans(text))]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我叫江敏", "江敏"),
        ("我叫江敏我的卡被盗刷了", "江敏"),
        ("你好，我是王小明，你们的老客户", "王小明"),
        ("我的名字是李华。", "李华"),
        ("本人刘强，身份证尾号1234", "刘强"),
        ("联系人：欧阳娜娜", "欧阳娜娜"),
        ("投诉人姓名：赵一鸣", "赵一鸣"),
        ("姓名: 周杰，电话13900001111", "周杰"),
        ("敝姓陈", "陈"),
        ("我叫小赵，你们打老太太电话", "小赵"),
        ("我叫易安，要求退还", "易安"),
        ("名字叫陈晨，电话13912345678", "陈晨"),
        ("我叫那个刘建国电话是13800138000", "刘建国"),
        ("我姓宋宋朝的宋叫宋佳，电话13812345678", "宋佳"),
        ("名字不对，是张晓帆", "张晓帆"),
        ("退钱，陈强 chenq@example.org", "陈强"),
        ("我要退錢，王芳，13812345678", "王芳"),
        ("Give it back. Sam Poe, sam@example.org", "Sam Poe"),
        ("我姓陈", "陈"),
        ("我是张小姐", "张小姐"),
        ("我叫阿卜杜拉·买买提，", "阿卜杜拉·买买提"),
        ("我系陳大文", "陳大文"),
        ("小周 13012345678", "小周"),
        ("我叫鲜于洁", "鲜于洁"),
        ("鲜于洁 13012345678", "鲜于洁"),
        ("我叫陳大文，電話91234567", "陳大文"),
        ("我姓陳嘅", "陳"),
        ("江敏 13900001111", "江敏"),
        ("扣多咗我$600，我要攞返。陳大文 91234567", "陳大文"),
        ("我要退費，王小明 wang@example.tw", "王小明"),
        ("年費請退回。林嘉欣，9333 4444", "林嘉欣"),
        ("要佢道歉。阿強 陳志強 95556666", "陳志強"),
        ("請恢復積分。本人吳嘉明。", "吳嘉明"),
        (f"{LETTER}\n江敏", "江敏"),
        (f"{LETTER}\n此致\n敬礼\n王建国\n2026年11月20日", "王建国"),
        (f"{LETTER}\n联系人：江敏，139 0000 1111", "江敏"),
        ("My name is daniel reyes", "Daniel Reyes"),
        ("My name is Daniel Reyes and I bank with you", "Daniel Reyes"),
        ("I'm John O'Neill, a customer since 2001", "John O'Neill"),
        ("This is Mary-Jane Watson.", "Mary-Jane Watson"),
        ("please refund me\nRegards,\nSarah Connor", "Sarah Connor"),
        (
            "You took £1,460 which nobody at your Leeds branch mentioned. I want it refunded.\nDaniel Reyes, 07700 900123",
            "Daniel Reyes",
        ),
        ("Name: Chan Tai Man", "Chan Tai Man"),
        ("My name Piotr Zielinski, telephone 07700 900555", "Piotr Zielinski"),
        ("I am called Élodie Marchand", "Élodie Marchand"),
        ("Mrs J. Patel 07700900999", "Mrs J. Patel"),
        ("Refund it. Sam Poe, sam@example.org", "Sam Poe"),
    ],
)
def test_the_writers_own_name(text: str, name: str) -> None:
    assert said(text)[:1] == [name]


@pytest.mark.parametrize(
    "text",
    [
        "罗经理说跟存款一样",
        "姓罗的经理，说跟存款一样",
        "我妈叫李梅",
        "我是李梅的儿子",
        "我是老客户",
        "我是客户经理",
        "我是罗经理介绍的",
        "我叫他们退钱",
        "于是我去了支行",
        "客户经理王芳让我签字",
        "我的钱没了",
        f"{LETTER}\n谢谢",
        f"{LETTER}\n尽快退款",
        "退钱",
        "江敏",
        "I am very angry",
        "I am British",
        "The manager Mr Luo told me it was safe",
        "I want a refund.\nKind Regards",
        "my daughter Anna lost her card",
        "This is unacceptable",
        "骗我的人留了电话，李四，13812345678",
        "联系我爸，陈大明，13812345678",
        "全额退款，13812345678",
        "他当众说我是老赖",
        "别叫我小李子",
        "这件事不容易，13812345678",
        "The manager, Mr Brown, 0113 496 0000, told me to close the account",
        "email only: js99@example.com",
        "业务 小简 02-2558-7713",
    ],
)
def test_nobody_is_named_who_did_not_name_themselves(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ("江敏", "江敏"),
        ("江敏 13900001111", "江敏"),
        ("我叫江敏", "江敏"),
        ("张伟吧", "张伟"),
        ("李 明", "李明"),
        ("司徒美玲", "司徒美玲"),
        ("张小姐", "张小姐"),
        ("王先生，电话13900001111", "王先生"),
        ("陳生", "陳生"),
        ("我姓陳", "陳"),
        ("Chan Tai Man", "Chan Tai Man"),
        ("daniel reyes", "Daniel Reyes"),
        ("Mr Reyes", "Mr Reyes"),
        ("It's Daniel Reyes", "Daniel Reyes"),
        ("姓李", "李"),
        ("我姓欧阳", "欧阳"),
        ("小周", "小周"),
        ("鲜于洁", "鲜于洁"),
        ("mark bell", "Mark Bell"),
        ("hope", "Hope"),
    ],
)
def test_asked_for_the_name_a_bare_name_is_one(answer: str, name: str) -> None:
    assert said(answer, asked=True) == [name]


@pytest.mark.parametrize(
    "answer",
    [
        "不想说",
        "匿名",
        "算了",
        "退钱",
        "两万三",
        "罗经理",
        "谢谢",
        "为什么",
        "no thanks",
        "why?",
        "not sure",
        "anonymous",
        "later",
        "past caring",
        "佐敦",
        "黃大仙",
        "小费",
        "John Smith no wait don't use my name",
    ],
)
def test_asked_for_the_name_other_answers_are_none(answer: str) -> None:
    assert said(answer, asked=True) == []


@pytest.mark.parametrize("said", ["email only", "Email only:", "later", "past caring", "佐敦", "黃大仙", "no thanks"])
def test_places_and_everyday_words_name_nobody(said: str) -> None:
    assert names_nobody(said)


@pytest.mark.parametrize("said", ["June", "hope", "mark bell", "Wulandari", "阿不力克木·吐尔逊", "佐敦明", "㐱建国"])
def test_an_unusual_name_is_one(said: str) -> None:
    assert not names_nobody(said)


@pytest.mark.parametrize(
    "text", ["要我的電話幹嘛 91234567", "昨天說的那件事，0912345678", "請找羅經理，91234567", "行員要我打 0912345678"]
)
def test_what_stands_beside_a_number_is_not_always_a_name(text: str) -> None:
    assert said(text, asked=True) == []
