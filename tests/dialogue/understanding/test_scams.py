"""A fraud that is going on, and what only sounds like one: told of another day, ours, or a transfer that is late."""

import pytest

from dialogue.understanding.scams import MOST_WARNINGS, calls_for_warning, scam_in

GOES_ON = [
    ("someone is on the phone to me now saying he's from your fraud team", ""),
    ("he wants me to move £9,000 to a safe account", ""),
    ("should i do it", "someone from your fraud team called"),
    ("骗子正在让我转账，说我涉嫌洗钱", ""),
    ("我要不要转", "骗子说我涉嫌洗钱"),
    ("已经转了五万了", "骗子说我涉嫌洗钱"),
    ("有人打嚟話係你哋銀行保安部，叫我而家轉錢", ""),
    ("轉唔轉好", "保安部"),
    ("對方說是你們銀行的人，叫我把錢轉到安全帳戶", ""),
    ("剛剛轉的 30萬", "我被詐騙了"),
    ("怎麼辦怎麼辦", "我被詐騙了"),
    ("拜託幫我攔下來", "我被詐騙了"),
    ("骗子让我把验证码告诉他，我告诉了", ""),
    ("现在卡里钱在往外走", "骗子"),
    ("I've just given someone my online banking password on the phone", ""),
    ("I can see money leaving", "I've just given someone my password"),
    ("he's still on the line", "fraud team"),
    ("佢仲喺電話度", "保安部"),
    ("自称公安的人现在让我马上把存款转到他给的账户", ""),
    ("对方正在远程控制我的手机", ""),
    ("佢而家控住我部電話", ""),
    ("刚才把验证码发给骗子了", ""),
    ("I just transferred £3,000 to a scammer", ""),
    ("He's controlling my laptop right now", ""),
    ("a man is on the line right now and says I must move my money", ""),
    ("I'm being scammed right now", ""),
]
DOES_NOT = [
    ("I was scammed last year and you did nothing", ""),
    ("去年骗子让我转账二十万，你们没拦", ""),
    ("should I transfer to the other branch?", ""),
    ("我要不要转到别的支行办", ""),
    ("我刚转了五千，还没到账", ""),
    ("I just transferred £500 and it is late", ""),
    ("转人工", ""),
    ("he told me to move to a savings account in 2023", ""),
    ("上个月骗子叫我把钱转到安全账户，我报警了", ""),
    ("The cashier is telling me to transfer the money now to open a bond", ""),
    ("your branch staff wants me to transfer it now", ""),
    ("如果有人现在叫我转账，你们会拦吗", ""),
    ("I already sent you the documents", "refund of fee"),
    ("我已经转账还款了，还显示逾期", "信用卡"),
    ("你们柜员现在让我转存大额存单", ""),
    ("不要转人工", "骗子"),
    ("last month a scammer told me to move £9,000 to a safe account", ""),
    ("三个月前对方冒充客服，叫我把钱转到安全账户", ""),
    ("What should I do to get the fee back", "monthly fee"),
    ("She wants me to send the form now", ""),
    ("我已经打了三次电话", "骗子"),
    ("怎么办理退款", "去年被骗了"),
]


@pytest.mark.parametrize(("said", "told_before"), GOES_ON)
def test_a_fraud_that_goes_on_is_heard(said: str, told_before: str) -> None:
    assert scam_in(said, told_before) is not None


@pytest.mark.parametrize(("said", "told_before"), DOES_NOT)
def test_what_only_sounds_so_is_not(said: str, told_before: str) -> None:
    assert scam_in(said, told_before) is None


@pytest.mark.parametrize(
    ("said", "warned", "again"),
    [
        ("he told me he was from your bank", 1, False),
        ("should i send it", 1, True),
        ("我已经转了五万", 2, True),
        ("should i send it", MOST_WARNINGS, False),
    ],
)
def test_nobody_is_warned_again_without_need(said: str, warned: int, again: bool) -> None:
    assert calls_for_warning(said, "", warned) is again
