"""What a complaint is about, told by how its name is written."""

import pytest

from dialogue.understanding.particulars import names_nothing, particulars_in
from dialogue.understanding.plain import plain


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我要檢舉「福滿六六」利變型壽險", "福滿六六"),
        ("你们的“月月盈”到期没到账", "月月盈"),
        ('cancel that "Credit Shield" thing', "Credit Shield"),
        ("ELN呀,我阿爸小學都未畢業", "ELN"),
        ("有一筆NETFLX扣款", "NETFLX"),
        ("理專詹凱文叫我簽", "詹凱文"),
        ("贷款经理小孔说批了", "小孔"),
        ("保險經紀Fanny Yuen代簽", "Fanny Yuen"),
        ("客服工号0738，说完就挂", "工号0738"),
        ("太子站上面嗰間,五號窗", "太子"),
        ("投诉丰泽，修不好还收钱", "丰泽"),
        ("Denise at the drive-thru window accused me", "Denise"),
        ("It was Priya who promised it", "Priya"),
        ("Northmoor Building Society wont let me close", "Northmoor Building Society"),
        ("charged by IronLab Fitness in Kennedy Town", "IronLab Fitness"),
    ],
)
def test_a_name_is_told_by_its_writing(text: str, name: str) -> None:
    assert name in [found.value for found in particulars_in(plain(text))]


@pytest.mark.parametrize(
    "text",
    [
        "她说“不关我的事”",
        "页面写着「处理中」",
        "你们的APP打不开",
        "没人告诉我",
        'he said "Not my problem"',
        "the Fair Credit Reporting Act",
    ],
)
def test_speech_and_general_words_are_none(text: str) -> None:
    assert particulars_in(plain(text)) == ()


@pytest.mark.parametrize(
    "text", ["全部都有份", "听不懂你问的啥", "same like last time", "all of it", "我很生氣", "your bank"]
)
def test_an_answer_may_name_nothing(text: str) -> None:
    assert names_nothing(plain(text).plain)


@pytest.mark.parametrize("text", ["存折", "the passbook", "我的存折", "自动续期"])
def test_an_answer_may_be_the_thing(text: str) -> None:
    assert not names_nothing(plain(text).plain)
